"""Calendars: when a centre, or a queue of it, is open; by the clock on the wall of its zone.

A day is open in the spans that belong to its date: those of an exceptional opening, else none where
it is closed, else those of public holidays, else those of its weekday. So a span never reaches over
midnight, and what holds for a date holds from its first moment to its last. An hour that comes
twice counts twice, and one that does not exist is never open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, Protocol

from monitor.core.clock import DAY, SECOND, Ms

Span = tuple[time, time]
"""From, to; the end is outside it. ``time.max`` as the end is the end of the day."""

WHOLE_DAY: Final[Span] = (time.min, time.max)
LOOK_AHEAD: Final = 400
"""Days in which an opening or a closing must come, if any does: a year's closure and some more."""


LOOK_AGAIN: Final[Ms] = 30 * DAY
"""So soon it is looked again whether something lies ahead, where nothing did."""


class Days(Protocol):
    """What says when a day is open."""

    @property
    def never_changes(self) -> bool:
        """Whether it is always open."""

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """When it is open on that date."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Weekly opening hours in the centre's zone; ``spans`` holds (weekday 0 = Monday, from, to).

    No spans at all means: always open.
    """

    spans: tuple[tuple[int, time, time], ...] = ()

    @property
    def never_changes(self) -> bool:
        """Whether it is always open."""
        return not self.spans

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """When it is open on that date."""
        if not self.spans:
            return (WHOLE_DAY,)
        weekday = day.weekday()
        return tuple((start, end) for on, start, end in self.spans if on == weekday)

    def is_open(self, at: Ms, zone: tzinfo) -> bool:
        """Whether the centre is open at ``at``; the end of a span is outside it."""
        return is_open(self, at, zone)


ALWAYS: Final = OpeningHours()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours with the dates that differ from the week.

    The dates are explicit, also those of public holidays, so that what was open on a day can be
    told for ever from the policy version alone.
    """

    name: str
    hours: OpeningHours = ALWAYS
    holidays: tuple[date, ...] = ()
    holiday_hours: tuple[Span, ...] = ()
    """When it is open on ``holidays``; nothing: closed."""
    closed: tuple[tuple[date, date], ...] = ()
    """Closed days: (first, last)."""
    openings: tuple[tuple[date, time, time], ...] = ()
    """Exceptional openings: such a date is open in these spans only, whatever else is said."""

    @property
    def never_changes(self) -> bool:
        """Whether it is always open."""
        return self.hours.never_changes and not (self.holidays or self.closed or self.openings)

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """When it is open on that date."""
        special = tuple((start, end) for on, start, end in self.openings if on == day)
        if special:
            return special
        if any(first <= day <= last for first, last in self.closed):
            return ()
        return self.holiday_hours if day in self.holidays else self.hours.spans_on(day)


def is_open(days: Days, at: Ms, zone: tzinfo) -> bool:
    """Whether it is open at ``at`` (ms since 1970), by the clock on the wall of ``zone``."""
    if days.never_changes:
        return True
    local = datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone)
    now = local.time()
    return any(
        start <= now and (now < end or end == time.max)
        for start, end in days.spans_on(local.date())
    )


def next_change(days: Days, now: Ms, zone: tzinfo) -> Ms | None:
    """When it opens or closes next after ``now``; None when it does not within 400 days."""
    if days.never_changes:
        return None
    before = is_open(days, now, zone)
    today = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone).date()
    for ahead in range(LOOK_AHEAD):
        day = today + timedelta(days=ahead)
        for moment in sorted(_edges(days, day, zone)):
            if moment > now and is_open(days, moment, zone) is not before:
                return moment
    return None


def _edges(days: Days, day: date, zone: tzinfo) -> Iterator[Ms]:
    """The moments of a date at which it may open or close."""
    midnight, tomorrow = (_moment(on, time.min, zone) for on in (day, day + timedelta(days=1)))
    yield midnight
    for span in days.spans_on(day):
        for edge in span:
            yield _moment(day, edge, zone)
            yield _moment(day, edge, zone, fold=1)
    if _offset(midnight, zone) != _offset(tomorrow, zone):
        yield _shift(midnight, tomorrow, zone)


def _moment(day: date, at: time, zone: tzinfo, *, fold: int = 0) -> Ms:
    """The moment at which a clock shows this, the first or (``fold``) the second time."""
    local = datetime.combine(day, at.replace(fold=fold), zone)
    # Up: the last microsecond of a day stands for its end.
    return -int(-local.timestamp() * SECOND // 1)


def _shift(before: Ms, after: Ms, zone: tzinfo) -> Ms:
    """When the clocks of the zone are changed between two moments of different offsets."""
    offset = _offset(before, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(at: Ms, zone: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone).utcoffset()


class Opening:
    """Whether it is open now, with the last answer kept for as long as it is true."""

    def __init__(self, days: Days, zone: tzinfo) -> None:
        self._days = days
        self._zone = zone
        self._open = True
        self._since: Ms | None = None
        self._until: Ms | None = None

    def at(self, now: Ms) -> tuple[bool, Ms | None]:
        """Whether it is open at ``now``, and when that changes; None: not within 400 days."""
        if self._since is None or now < self._since or self._is_over(now):
            self._since = now
            self._open = is_open(self._days, now, self._zone)
            self._until = next_change(self._days, now, self._zone)
        return self._open, self._until

    def _is_over(self, now: Ms) -> bool:
        until = self._until
        if until is None and self._since is not None:
            until = self._since + LOOK_AGAIN
        return until is not None and now >= until
