"""How long each kind of data is kept, and what is due to go. No input or output.

Periods are counted in days of UTC, as days are sealed: what happened on a day goes once that day
has been over for so many days, and is sealed where seals tell of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from monitor.core.clock import DAY, Ms
from monitor.evidence.chain import begin_of, day_of


class Kind(StrEnum):
    """A kind of data that has a period of its own."""

    NUMBERS = "numbers"
    DIGITS = "digits"
    PERSONS = "persons"
    AGENTS = "agents"
    TIMELINES = "timelines"
    CALLS = "calls"
    DECISIONS = "decisions"
    CONTACTS = "contacts"
    AUDIT = "audit"
    ALERTS = "alerts"
    MESSAGES = "messages"
    REPORT_MAILS = "report_mails"


@dataclass(frozen=True, slots=True)
class Period:
    """The days for which a kind of data is kept, and between which limits they may be set.

    ``maximum`` None: an admin may keep it for as long as the installation exists.
    """

    days: int
    minimum: int
    maximum: int | None


AUDITED: Final = 200
"""An audit looks at six months (184 days at most); the rest is time to seal and to hand over."""
PERIODS: Final[Mapping[Kind, Period]] = MappingProxyType(
    {
        Kind.NUMBERS: Period(365, 30, 1825),
        Kind.DIGITS: Period(90, 1, 1825),
        Kind.PERSONS: Period(365, 30, 1825),
        Kind.AGENTS: Period(365, 30, 1825),
        Kind.TIMELINES: Period(730, AUDITED, None),
        Kind.CALLS: Period(1095, AUDITED, None),
        Kind.DECISIONS: Period(1095, AUDITED, None),
        Kind.CONTACTS: Period(1095, AUDITED, None),
        Kind.AUDIT: Period(1095, AUDITED, None),
        Kind.ALERTS: Period(365, 1, 1825),
        Kind.MESSAGES: Period(30, 1, 90),
        Kind.REPORT_MAILS: Period(365, 31, 1825),
    }
)
LONGEST: Final = 36_500
"""Days: a hundred years, the most that may be written where there is no other limit."""
SEALED: Final = frozenset(
    {
        Kind.NUMBERS,
        Kind.DIGITS,
        Kind.AGENTS,
        Kind.TIMELINES,
        Kind.CALLS,
        Kind.DECISIONS,
    }
)
"""Seals tell of these, so only sealed days are touched."""
_NEVER_LONGER: Final = (
    (Kind.TIMELINES, Kind.CALLS),
    # A message holds numbers as they were.
    (Kind.MESSAGES, Kind.NUMBERS),
)
"""The first of two is kept no longer than the second."""

Days = Mapping[Kind, int | None]
"""For how many days each kind is kept; None: for as long as the installation exists."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to go: all of a kind before ``before`` (ms).

    ``waiting``: days (UTC) before that whose time is over, and that are not sealed yet.
    """

    kind: Kind
    before: Ms
    waiting: int = 0


def default_days() -> dict[Kind, int | None]:
    """The periods where nobody set any."""
    return {kind: period.days for kind, period in PERIODS.items()}


def effective(days: Days) -> dict[Kind, int | None]:
    """The periods as they count: nothing outlives what it is a part of."""
    found = dict(days)
    for one, other in _NEVER_LONGER:
        limit, own = found.get(other), found.get(one)
        if limit is not None and (own is None or own > limit):
            found[one] = limit
    return found


def dues(days: Days, now: Ms, first: date | None, sealed: date | None) -> list[Due]:
    """What is to go now.

    Args:
        days: for how long each kind is kept.
        now: the present moment (ms).
        first: the day with which the record begins; None: it is empty.
        sealed: the last sealed day; None: none is.
    """
    found = []
    for kind, kept in effective(days).items():
        if kept is None:
            continue
        over = begin_of(day_of(now - kept * DAY))
        if kind not in SEALED:
            found.append(Due(kind, over))
            continue
        until = 0 if sealed is None else begin_of(sealed) + DAY
        begin = over if first is None else max(until, begin_of(first))
        waiting = max(0, over - begin) // DAY
        found.append(Due(kind, min(over, until), waiting))
    return found
