"""Announced deadlines: a moment, a span, or a span counted in opening hours.

"By Friday noon", "within two days", "within eight opening hours". The deadline is worked out once,
when a contact is registered, and stored: no later change of a calendar moves it.
"""

from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Final

from monitor.core.calendars import Days, is_open, next_change
from monitor.core.clock import DAY, Ms

LONGEST: Final[Ms] = 366 * DAY
"""The longest span that may be announced."""
FARTHEST: Final[Ms] = 3 * 366 * DAY
"""So long after the reception a span of opening hours has to be used up."""
AT_RISK_QUARTERS: Final = 3
"""A contact is at risk from this many quarters of its time on."""


class PromiseKind(StrEnum):
    """What was announced."""

    MOMENT = "moment"
    SPAN = "span"
    OPENING_HOURS = "opening_hours"


class PromiseError(ValueError):
    """A promise that has no deadline; ``code`` is stable, the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Promise:
    """What was announced: answered before a moment, or in less than a span.

    ``at`` is the moment, ``span`` the span (ms), the other one is None. ``calendar`` names whose
    opening hours a span of the kind ``OPENING_HOURS`` is counted in; empty: the centre's.
    """

    kind: PromiseKind
    at: Ms | None = None
    span: Ms | None = None
    calendar: str = ""

    @classmethod
    def before(cls, at: Ms) -> "Promise":
        """Answered before a moment."""
        return cls(PromiseKind.MOMENT, at=at)

    @classmethod
    def within(cls, span: Ms) -> "Promise":
        """Answered in less than a span, whether it is open or closed meanwhile."""
        return cls(PromiseKind.SPAN, span=span)

    @classmethod
    def within_opening(cls, span: Ms, calendar: str = "") -> "Promise":
        """Answered in less than a span of opening hours."""
        return cls(PromiseKind.OPENING_HOURS, span=span, calendar=calendar)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a promise is breached, and when it is at risk (ms)."""

    at: Ms
    at_risk_at: Ms


def deadline_of(promise: Promise, received_at: Ms, days: Days, zone: tzinfo) -> Deadline:
    """Work out the deadline of a promise.

    Args:
        promise: what was announced.
        received_at: when its time began (ms).
        days: the opening hours in which a span is counted, if so.
        zone: on whose walls these hours are read.

    Raises:
        PromiseError: the moment is not after the reception, the span is none or too long, or the
            calendar does not open for so long.
    """
    if promise.kind is PromiseKind.MOMENT:
        return _moment(promise.at, received_at)
    span = promise.span
    if span is None or not 0 < span <= LONGEST:
        raise PromiseError("bad_span", "A span is more than nothing and a year at most.")
    risk = span * AT_RISK_QUARTERS // 4
    if promise.kind is PromiseKind.SPAN:
        return Deadline(received_at + span, received_at + risk)
    at_risk_at = after_opening_time(days, zone, received_at, risk)
    return Deadline(after_opening_time(days, zone, at_risk_at, span - risk), at_risk_at)


def _moment(at: Ms | None, received_at: Ms) -> Deadline:
    if at is None or at <= received_at:
        raise PromiseError("bad_deadline", "The deadline is not after the reception.")
    return Deadline(at, received_at + (at - received_at) * AT_RISK_QUARTERS // 4)


def after_opening_time(days: Days, zone: tzinfo, since: Ms, span: Ms) -> Ms:
    """The moment at which ``span`` ms of opening time have passed since ``since``.

    A span that is used up at a closing ends at that closing, not at the next opening: what is
    answered in between is late.

    Raises:
        PromiseError: it does not open for so long, within a calendar's reach or in three years.
    """
    at, left = since, span
    open_now = is_open(days, at, zone)
    while True:
        change = next_change(days, at, zone)
        if open_now:
            if change is None or left <= change - at:
                return at + left
            left -= change - at
        elif change is None or change > since + FARTHEST:
            raise PromiseError("never_open", "This calendar does not open for so long.")
        at, open_now = change, not open_now
