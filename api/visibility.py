"""Who may see what: the one place through which every answer and every message passes."""

from dataclasses import dataclass

from api.views import Json
from monitor.accounts import Account
from monitor.core.live import LiveView
from monitor.core.records import Call


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account may see. Everybody who is signed in sees everything, as yet."""

    def sees(self, change: Json) -> bool:  # noqa: ARG002
        """Whether a change of the live stream is sent."""
        return True

    def sees_call(self, call: Call) -> bool:  # noqa: ARG002
        """Whether a call is listed, and may be opened."""
        return True

    def sees_queue(self, pbx: str, queue: str) -> bool:  # noqa: ARG002
        """Whether decisions and commands of a queue are listed."""
        return True

    def overflow(self, state: Json) -> Json:
        """The part of what overflow does now that is shown."""
        return state

    def live(self, view: LiveView) -> LiveView:
        """The part of the live state that is shown."""
        return view


def scope_of(account: Account) -> Scope:  # noqa: ARG001
    """What this account may see."""
    return Scope()
