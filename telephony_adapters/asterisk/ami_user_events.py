"""What the dialplan says to Minuteur itself: ``UserEvent(Minuteur…,Header: value,…)``.

Functions of the kind that :mod:`telephony_adapters.asterisk.ami_translate` describes. What they
read is described for admins in ``docs/contacts.md`` and ``docs/settings.md``.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms
from monitor.core.contact_tallies import SCALES
from monitor.core.contacts import Channel
from monitor.core.events import (
    ContactReported,
    ContactStep,
    Event,
    SatisfactionReported,
    VoiceServerReported,
    VoiceServerStep,
)
from monitor.core.promises import Promise
from telephony_adapters.asterisk.ami_values import said, said_name

Fields: TypeAlias = Mapping[str, str]

VOICE_SERVER_EVENT: Final = "MinuteurVoiceServer"
HEADERS: Final = frozenset(
    {
        *("UserEvent", "Uniqueid", "Name", "Step", "Value", "Queue", "CallerIDNum", "CallerIDName"),
        *("Kind", "Reference", "Deadline", "Within", "Calendar", "Team", "Number", "Subject", "By"),
        *("Call", "Score", "Scale"),
    }
)
"""The headers that the functions below read."""

_SPAN: Final = re.compile(r"(\d{1,7})\s*([smhd]?)")
_UNITS: Final = {"": SECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
LONGEST_TEXT: Final = 200
"""Characters of what a dialplan says of a contact; the rest is cut."""
DEFAULT_SCALE: Final = 5
CENTRE: Final = "centre"


def voice_server(pbx: str, at: Ms, f: Fields) -> Event:
    """A caller entered or left a voice server, or gave an input.

    ``UserEvent(MinuteurVoiceServer,Name: welcome,Step: entered)``; ``Step: input`` brings
    ``Value:``, what the caller entered.
    """
    step = VoiceServerStep(f["Step"].lower())
    return VoiceServerReported(pbx, at, f["Uniqueid"], f["Name"], step, f.get("Value", ""))


def contact(pbx: str, at: Ms, f: Fields) -> Event:
    """A caller wants to be called back, complains…; or that was seen to.

    ``UserEvent(MinuteurContact,Kind: callback,Within: 4h,Calendar: office,Queue: support)``.
    ``Call:`` names the caller's channel where another one (an agent's) runs the dialplan.
    """
    number = f["Number"] if "Number" in f else said(f.get("CallerIDNum", ""))
    name = f["Name"] if "Name" in f else said_name(f.get("CallerIDName", ""))
    return ContactReported(
        pbx,
        at,
        f.get("Call") or f.get("Uniqueid", ""),
        ContactStep(f.get("Step", "asked").lower()),
        Channel(f.get("Kind", "callback").lower()),
        f.get("Reference", "")[:LONGEST_TEXT],
        _promise(f),
        f.get("Queue", "")[:LONGEST_TEXT],
        f.get("Team", "")[:LONGEST_TEXT],
        number[:LONGEST_TEXT],
        name[:LONGEST_TEXT],
        f.get("Subject", "")[:LONGEST_TEXT],
        f.get("By", "")[:LONGEST_TEXT],
    )


def _promise(f: Fields) -> Promise | None:
    """``Deadline:`` is a moment; ``Within:`` a span, of opening hours where ``Calendar:`` stands.

    ``Calendar: centre`` means the centre's opening hours.
    """
    if f.get("Deadline"):
        moment = datetime.fromisoformat(f["Deadline"])
        if moment.tzinfo is None:
            raise ValueError("the deadline has no zone")
        return Promise.before(round(moment.timestamp() * SECOND))
    if not f.get("Within"):
        return None
    found = _SPAN.fullmatch(f["Within"].strip().lower())
    if found is None:
        raise ValueError("the span is none")
    many, unit = found.groups()
    span = int(many) * _UNITS[unit]
    if "Calendar" in f:
        calendar = f["Calendar"].strip()
        return Promise.within_opening(span, "" if calendar == CENTRE else calendar)
    return Promise.within(span)


def satisfaction(pbx: str, at: Ms, f: Fields) -> Event:
    """The caller was asked how satisfied they are, and answered if ``Score:`` says something.

    ``UserEvent(MinuteurSatisfaction,Score: 4,Scale: 5)``: 4 of 1 to 5.
    """
    best = int(f.get("Scale") or DEFAULT_SCALE)
    score = int(f.get("Score") or 0)
    if best not in SCALES or not 0 <= score <= best:
        raise ValueError("the score is not on the scale")
    return SatisfactionReported(pbx, at, f["Uniqueid"], score, best)


_RULES: Final[Mapping[str, Callable[[str, Ms, Fields], Event]]] = {
    VOICE_SERVER_EVENT: voice_server,
    "MinuteurContact": contact,
    "MinuteurSatisfaction": satisfaction,
}
USER_EVENTS: Final = tuple(_RULES)


def user_event(pbx: str, at: Ms, f: Fields) -> Event | None:
    """The dialplan says something to Minuteur itself; what it says to others is None."""
    rule = _RULES.get(f.get("UserEvent", ""))
    return None if rule is None else rule(pbx, at, f)
