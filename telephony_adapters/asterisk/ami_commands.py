"""Carries out orders on one PBX: looks before, sends once, says what came of it."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from monitor.core.overflow.decisions import (
    Answer,
    ChangePriority,
    Order,
    RedirectChannel,
)
from monitor.core.overflow.rules import Action as RuleAction
from monitor.core.overflow.rules import (
    AddMembers,
    Prioritise,
    Redirect,
    SetDatabase,
    SetLamp,
    SetPenalty,
    SetVariable,
    Withdraw,
)
from telephony_adapters.asterisk.ami_login import AmiSettings, LinkError
from telephony_adapters.asterisk.ami_orders import (
    AmiAction,
    OrderError,
    action_of,
    answer_of,
    place_of,
)
from telephony_adapters.asterisk.ami_protocol import Answer as Fields

LOOK_WITHIN: Final = 3.0
"""Seconds for a question; after that the connection is taken for dead, and made anew once."""

CLASS_OF: Final[Mapping[str, str]] = {
    "Redirect": "call",
    "Setvar": "call",
    "QueueAdd": "agent",
    "QueueRemove": "agent",
    "QueuePenalty": "agent",
    "DBPut": "system",
    "DBDel": "system",
}
"""What an account must have in its ``write`` line; all other actions need nothing."""

NEEDED: Final[Mapping[type, tuple[str, ...]]] = {
    Withdraw: ("QueueWithdrawCaller",),
    Redirect: ("Redirect",),
    Prioritise: ("QueueChangePriorityCaller",),
    AddMembers: ("QueueAdd", "QueueRemove"),
    SetPenalty: ("QueuePenalty",),
    SetVariable: ("Setvar",),
    SetDatabase: ("DBPut", "DBDel"),
    SetLamp: ("Setvar",),
}
"""The AMI actions that carry out and undo what a rule does."""

SINCE: Final[Mapping[str, str]] = {
    "QueueWithdrawCaller": "16.25, 18.11 or 19.3",
    "QueueChangePriorityCaller": "15",
}

MODULE_OF: Final[Mapping[str, str]] = {
    "DEVICE_STATE": "func_devstate",
}

ELSEWHERE: Final = frozenset({"Queue", "Dial"})
"""Applications in which nobody is in a voice server any more."""

MOVES_AT_ONCE: Final = {18: 20, 20: 5}
"""From which minor version on a new priority moves a caller who waits already; all from 21 on."""


class Link(Protocol):
    """What is needed of :class:`~telephony_adapters.asterisk.ami_link.AmiLink`."""

    settings: AmiSettings

    @property
    def connected(self) -> bool:
        """Whether the PBX is observed."""

    async def ask(
        self, name: str, headers: Mapping[str, str], within: float | None = None
    ) -> list[Fields]:
        """Send an action once; see ``ControlConnection.request``."""

    def renew(self) -> None:
        """Log in again for the next action, if nobody waits for an answer."""


class AmiCommands:
    """Carries out orders through a link. :meth:`look`, then at once :meth:`send`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    @property
    def connected(self) -> bool:
        """Whether the PBX is observed; else nothing is sent."""
        return self._link.connected

    async def look(self, order: Order) -> str:
        """Find out whether the order can be carried out; "" or why not, in a plain sentence.

        Only questions are asked, so an old connection that is dead shows here, and not when the
        order is on its way.
        """
        try:
            action_of(order)
            if not self.connected:
                return self._not_connected()
            return await self._look_around(order)
        except OrderError as error:
            return str(error)
        except (LinkError, ConnectionError, TimeoutError) as error:
            return f"{self._not_connected()} {error}".strip()

    async def send(self, command_id: str, order: Order) -> Answer:
        """Send the order, once. Raises nothing.

        Between the call and the sending nobody else gets a turn, if :meth:`look` was right before.
        """
        try:
            action, headers = action_of(order)
        except OrderError as error:
            return Answer(accepted=False, text=str(error), sent=False)
        if not self.connected:
            return Answer(accepted=False, text=self._not_connected(), sent=False)
        try:
            fields = (await self._link.ask(action, {**headers, "ActionID": command_id}))[0]
        except (LinkError, ValueError) as error:
            return Answer(accepted=False, text=str(error), sent=False)
        except ConnectionError:
            return Answer(accepted=None, text="The connection ended before the PBX answered.")
        except TimeoutError:
            within = self._link.settings.action_timeout
            return Answer(accepted=None, text=f"The PBX did not answer within {within:g} s.")
        return self._understood((action, headers), fields)

    async def lacking(self, actions: Iterable[RuleAction]) -> str:
        """Say what the account, or the PBX, lacks for what rules do; "" if it lacks nothing.

        Raises:
            LinkError: there is no connection.
            ConnectionError: it ended.
            TimeoutError: the PBX does not answer.
        """
        allowed = (await self._ask("ListCommands", {}))[0]
        needed = {name for action in actions for name in NEEDED[type(action)]}
        missing = sorted(needed.difference(allowed))
        if missing:
            # What an account may do is fixed when it logs in.
            self._link.renew()
        classes = sorted({CLASS_OF[name] for name in missing if name in CLASS_OF})
        texts = [self._class_missing(one, missing) for one in classes]
        texts += [self._unknown(name) for name in missing if name not in CLASS_OF]
        return " ".join(texts)

    # -- looking ---------------------------------------------------------------------------------

    async def _look_around(self, order: Order) -> str:
        """Ask what concerns this order; at least something, so that the connection is there."""
        if isinstance(order, ChangePriority):
            return await self._too_old()
        if place := place_of(order):
            is_redirect = isinstance(order, RedirectChannel)
            missing = await self._place_missing(place, sure=is_redirect)
            if missing or not isinstance(order, RedirectChannel):
                return missing
            # Last, so that as little time as possible passes between this and the redirect.
            return await self._left_voice_server(order.channel)
        await self._ask("Ping", {})
        return ""

    async def _left_voice_server(self, channel: str) -> str:
        """Why a caller must not be pulled out of where they are; "" if they may."""
        found = [one for one in await self._ask("Status", {"Channel": channel}) if "Event" in one]
        status = next((one for one in found if one.get("Channel") == channel), None)
        if status is None:
            return "The caller is not there any more."
        if status.get("BridgeID"):
            return "The caller is talking to somebody."
        if status.get("Application") in ELSEWHERE:
            return f"The caller is in {status['Application']}() by now."
        return ""

    async def _place_missing(self, place: str, *, sure: bool) -> str:
        """Whether a place in the dialplan is missing; who must be ``sure`` does not go unseen."""
        question = {"Variable": f"DIALPLAN_EXISTS({place})"}
        value = (await self._ask("Getvar", question))[0].get("Value", "")
        if value == "0":
            return f"There is no {place} in the dialplan."
        if sure and value != "1":
            return (
                f"Whether there is a {place} in the dialplan cannot be found out: load "
                "func_dialplan in modules.conf."
            )
        return ""

    async def _too_old(self) -> str:
        """Why a new priority would move nobody; "" if it does."""
        version = (await self._ask("CoreSettings", {}))[0].get("AsteriskVersion", "")
        found = re.match(r"(\d+)\.(\d+)", version)
        if found is None:
            return ""
        major, minor = int(found[1]), int(found[2])
        new = major >= 21 or (major in MOVES_AT_ONCE and minor >= MOVES_AT_ONCE[major])  # noqa: PLR2004
        return (
            ""
            if new
            else (
                f"Asterisk {found[0]} does not move a caller who waits already: that needs 18.20, "
                "20.5, 21 or later."
            )
        )

    async def _ask(self, name: str, headers: Mapping[str, str]) -> list[Fields]:
        """Ask a question, a second time if the connection was not there any more."""
        try:
            return await self._link.ask(name, headers, LOOK_WITHIN)
        except (ConnectionError, TimeoutError):
            return await self._link.ask(name, headers, LOOK_WITHIN)

    # -- saying so -------------------------------------------------------------------------------

    def _understood(self, sent: AmiAction, fields: Fields) -> Answer:
        action, headers = sent
        answer = answer_of(action, fields)
        if answer.accepted:
            return answer
        advice = ""
        if "Permission denied" in answer.text:
            self._link.renew()
            advice = self._class_missing(CLASS_OF.get(action, ""), [action])
        elif answer.text.startswith("Invalid/unknown command"):
            return Answer(accepted=False, text=self._unknown(action))
        elif action == "Setvar":
            function = headers["Variable"].partition("(")[0]
            if module := MODULE_OF.get(function):
                advice = f"Check that {module} is loaded."
        return Answer(
            accepted=False, text=f"{answer.text}. {advice}".strip() if advice else answer.text
        )

    def _not_connected(self) -> str:
        return f"The PBX {self._link.settings.name} is not connected."

    def _class_missing(self, name: str, actions: Iterable[str]) -> str:
        settings = self._link.settings
        concerned = ", ".join(one for one in actions if CLASS_OF.get(one) == name)
        return (
            f"The AMI account {settings.username} of the PBX {settings.name} may not do this "
            f"({concerned}): add {name} to its write line in manager.conf and run "
            '"manager reload".'
        )

    def _unknown(self, action: str) -> str:
        since = SINCE.get(action)
        need = f" (there since Asterisk {since})" if since else ""
        return f"The PBX {self._link.settings.name} does not know {action}{need}."
