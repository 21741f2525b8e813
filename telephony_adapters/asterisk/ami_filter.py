"""Asking Asterisk to send only what we use: by class everywhere, by name where it can."""

import asyncio
import logging
from typing import Final

from telephony_adapters.asterisk.ami_framing import WANTED
from telephony_adapters.asterisk.ami_login import AmiSettings
from telephony_adapters.asterisk.ami_protocol import AmiProtocol, Answer
from telephony_adapters.asterisk.ami_user_events import USER_EVENTS

log = logging.getLogger(__name__)

CLASSES: Final = "system,call,agent,user,dialplan,dtmf"
"""The classes with events that we use; ``dtmf`` brings what callers press, if the account may."""

EXACT: Final = {
    b"VarSet": ("Variable", ("QUEUESTATUS", "STASISSTATUS")),
    b"UserEvent": ("UserEvent", USER_EVENTS),
    b"DTMFEnd": ("Direction", ("Received",)),
}
"""Of these events only those whose header is exactly one of those."""


class FilterBroken(Exception):  # noqa: N818
    """Some filters were taken and some were not: this connection misses events."""


def filters() -> list[dict[str, str]]:
    """Return the headers of one ``Filter`` action for each event (and value) that we use.

    Asterisk's built-in help writes the match method bare (``exact``); what it really takes is
    ``method(exact)``. Versions before 22.1 know no criteria. There the first action, which only
    names an event, becomes an empty regular expression: all events match it, and so all come.
    """
    made = []
    for name in sorted(WANTED, key=lambda wanted: wanted in EXACT):
        criteria = f"action(include),name({name.decode()})"
        if name not in EXACT:
            made.append({"Operation": "Add", "MatchCriteria": criteria})
            continue
        header, values = EXACT[name]
        criteria += f",header({header}),method(exact)"
        made += [
            {"Operation": "Add", "MatchCriteria": criteria, "Filter": value} for value in values
        ]
    return made


async def ask_for_wanted_events(
    protocol: AmiProtocol, settings: AmiSettings, *, filtering: bool
) -> None:
    """Set the filters if the PBX takes them, then let the events come.

    Without filters all still works: we drop what we do not want.

    Raises:
        FilterBroken: if the PBX took some of the filters only.
        ConnectionError: if the connection ended.
        TimeoutError: if the PBX does not answer.
    """
    async with asyncio.timeout(settings.action_timeout):
        if filtering:
            first, *others = filters()
            answer = (await protocol.request("Filter", first))[0]
            if _accepted(answer):
                answers = await asyncio.gather(*(protocol.request("Filter", o) for o in others))
                if not all(_accepted(answer[0]) for answer in answers):
                    raise FilterBroken
            else:
                log.debug("No event filter on %s: %s", settings.name, answer.get("Message"))
        answer = (await protocol.request("Events", {"EventMask": CLASSES}))[0]
        if not _accepted(answer):
            log.warning(
                "The PBX %s does not let us choose events: %s", settings.name, answer.get("Message")
            )


def _accepted(answer: Answer) -> bool:
    return answer.get("Response") == "Success"
