"""Who may see what: the one place through which every answer and every message passes.

An account sees all queues, or some. Of some: these queues, their members, the calls that visited
one of them (each with its whole journey), the decisions, commands and alerts about them, and
figures of them alone. The rest answers as if it did not exist. Whoever does not see numbers gets
callers' numbers hidden (:mod:`api.masking`), wherever they stand.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from api import masking
from api.errors import ApiError
from api.views import Json
from monitor.accounts import Account, QueueRef
from monitor.core.alerts import AlertKind
from monitor.core.live import LiveView
from monitor.core.overflow.rules import OverflowRule, Redirect, destination_of
from monitor.core.policy import matches
from monitor.core.records import Call

WILDCARDS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Scope:
    """What an account may see; ``queues`` None: all of them.

    Equal scopes see the same, so what is made for one is made for all that are equal.
    """

    queues: frozenset[QueueRef] | None = None
    sees_numbers: bool = True

    @property
    def restricted(self) -> bool:
        """Whether there are queues that it does not see."""
        return self.queues is not None

    @property
    def everything(self) -> bool:
        """Whether it sees all there is."""
        return self.queues is None and self.sees_numbers

    # --- which ----------------------------------------------------------------------------------

    def sees_pbx(self, pbx: str) -> bool:
        """Whether the state of a PBX's link is shown."""
        return self.queues is None or any(ref.pbx in ("", pbx) for ref in self.queues)

    def sees_queue(self, pbx: str, queue: str) -> bool:
        """Whether a queue is shown, with its members, decisions, commands and figures."""
        if self.queues is None:
            return True
        return QueueRef("", queue) in self.queues or QueueRef(pbx, queue) in self.queues

    def sees_name(self, pbx: str | None, queue: str) -> bool:
        """Whether a queue of this name is shown, on a PBX or (None) on any."""
        if pbx or self.queues is None:
            return self.sees_queue(pbx or "", queue)
        return any(ref.queue == queue for ref in self.queues)

    def sees_call(self, call: Call) -> bool:
        """Whether a call is listed, and may be opened."""
        if self.queues is None:
            return True
        return any(self.sees_queue(call.pbx, visit.queue) for visit in call.visits)

    def sees_alert(self, kind: str, pbx: str, queue: str) -> bool:
        """Whether an alert is shown: about a seen queue or PBX, or the monitor itself."""
        if self.queues is None or (queue and self.sees_name(pbx or None, queue)):
            return True
        if kind in (AlertKind.CALLER_BREACHED, AlertKind.CONTACTS_OVERDUE):
            return False  # of no queue
        return not queue and (not pbx or self.sees_pbx(pbx))

    def owns_alert(self, pbx: str, queue: str) -> bool:
        """Whether an alert may be acknowledged: it is about nothing but seen queues."""
        return self.queues is None or (bool(queue) and self.sees_name(pbx or None, queue))

    def sees_rule(self, rule: OverflowRule) -> bool:
        """Whether a rule is listed: it watches one of the queues, or leads into one."""
        if self.queues is None:
            return True
        here = [ref for ref in self.queues if not ref.pbx or rule.pbx in ("", ref.pbx)]
        return any(matches(ref.queue, _touched(rule)) for ref in here)

    def owns_rule(self, rule: OverflowRule) -> bool:
        """Whether it may be forced and paused: all that it touches is seen, and it names it."""
        if self.queues is None:
            return True
        touched = _touched(rule)
        return (
            not isinstance(rule.action, Redirect)
            and not any(WILDCARDS & set(pattern) for pattern in touched)
            and all(self.sees_queue(rule.pbx, queue) for queue in touched)
        )

    def live(self, view: LiveView) -> LiveView:
        """The part of the live state that is shown; its figures of today are still all's."""
        if self.queues is None:
            return view
        return replace(
            view,
            calls={id_: call for id_, call in view.calls.items() if self.sees_call(call)},
            queues={key: state for key, state in view.queues.items() if self.sees_queue(*key)},
            members={key: m for key, m in view.members.items() if self.sees_queue(*key[:2])},
            pbxs={name: state for name, state in view.pbxs.items() if self.sees_pbx(name)},
        )

    def overflow(self, state: Json, rules: Iterable[OverflowRule]) -> Json:
        """The part of a ``LiveOverflow`` that is shown; ``rules`` are those in force."""
        if self.queues is None:
            return state
        seen = {rule.id for rule in rules if self.sees_rule(rule)}
        return {
            **state,
            "forced": [found for found in state["forced"] if found["rule"] in seen],
            "standing": [
                found
                for found in state["standing"]
                if self.sees_queue(found["pbx"], found["queue"])
            ],
        }

    # --- how ------------------------------------------------------------------------------------

    def call(self, call: Json) -> Json:
        """A ``CallOut`` or ``CallDetailOut`` as it is shown."""
        return call if self.sees_numbers else masking.masked_call(call)

    def number(self, number: str) -> str:
        """A caller's number as it is shown."""
        return number if self.sees_numbers else masking.masked(number)

    def name(self, name: str) -> str:
        """A caller's name as it is shown: some PBXs send the number as the name."""
        return name if self.sees_numbers else masking.masked_name(name)

    def shown(self, answer: Json) -> Json:
        """Any other answer (a decision, a command, an alert…) as it is shown."""
        if self.sees_numbers:
            return answer
        shown: Json = masking.masked_json(answer)
        return shown

    # --- what may be asked ----------------------------------------------------------------------

    def check_number(self, asked: str | None) -> None:
        """Refuse a search by a caller's number to whoever may not see numbers.

        Raises:
            ApiError: 403, else trying numbers would tell them.
        """
        if asked is not None and not self.sees_numbers:
            message = "You may not see callers' numbers, so you cannot search for them."
            raise ApiError(403, "numbers_hidden", message)

    def check_rule(self, rule: OverflowRule) -> None:
        """Refuse to act on a rule that touches queues which are not seen.

        Raises:
            ApiError: 404 for a rule that is not shown either, 403 for others.
        """
        if not self.sees_rule(rule):
            raise ApiError(404, "not_found", f"No overflow rule has the id {rule.id[:100]}.")
        if not self.owns_rule(rule):
            message = "This rule touches queues that you do not see, or may come to."
            raise ApiError(403, "restricted", message)

    def check_all_queues(self, what: str) -> None:
        """Refuse what is about all queues together to whoever sees some only.

        Raises:
            ApiError: 403; ``what`` begins the sentence.
        """
        if self.restricted:
            message = f"{what} all queues, and you may see some of them only."
            raise ApiError(403, "restricted", message)


def scope_of(account: Account) -> Scope:
    """What this account may see."""
    return Scope(account.queues, account.sees_numbers)


def _touched(rule: OverflowRule) -> list[str]:
    """The queues that a rule watches (patterns), and the one that it leads into."""
    to = destination_of(rule)
    watched = () if isinstance(rule.action, Redirect) else rule.queues
    return [*watched, *([to.queue] if to is not None and to.queue else [])]
