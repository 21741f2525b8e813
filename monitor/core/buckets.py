"""Hours, days, weeks and months of a range, as the clocks on the centre's walls tell them.

A day of a change between summer and winter time has 23 or 25 hours, and the repeated hour of
autumn is two hours. Where a zone shifts by less than an hour, one hour is so much longer or
shorter.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from monitor.core.clock import DAY, HOUR, SECOND, Ms

MOST: Final = 800
"""Buckets in one answer: a month of hours, two years of days."""


class Step(StrEnum):
    """How long the buckets are."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    """From Monday on (ISO 8601)."""
    MONTH = "month"


class TooManyBucketsError(ValueError):
    """The range holds more buckets than one answer may have."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span under one offset from UTC: ``begin`` ≤ t < ``end``; local time is t + ``offset``."""

    begin: Ms
    end: Ms
    offset: Ms


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket, cut to the range: ``begin`` ≤ t < ``end`` (ms)."""

    begin: Ms
    end: Ms


def buckets(since: Ms, until: Ms, step: Step, zone: tzinfo) -> list[Bucket]:
    """All buckets of ``since`` ≤ t < ``until``, without a gap; the first and last may be cut.

    Raises:
        TooManyBucketsError: there are more than ``MOST``.
    """
    starts = [since]
    while (following := _next_start(starts[-1], step, zone)) < until:
        starts.append(following)
        if len(starts) > MOST:
            raise TooManyBucketsError
    ends = [*starts[1:], until]
    return [Bucket(begin, end) for begin, end in zip(starts, ends, strict=True)]


def bucket_of(starts: list[Ms], at: Ms) -> int:
    """The number of the bucket that ``at`` falls into, by the buckets' begins."""
    return max(0, bisect_right(starts, at) - 1)


def spans(since: Ms, until: Ms, zone: tzinfo) -> list[Span]:
    """The spans of ``since`` ≤ t < ``until`` under one offset each, without a gap."""
    found: list[Span] = []
    begin, offset = since, offset_at(since, zone)
    at = since
    while at < until:
        following = min(at + DAY, until)
        if offset_at(following, zone) != offset:
            change = _change(at, following, zone)
            if change < until:
                found.append(Span(begin, change, offset))
                begin, offset = change, offset_at(change, zone)
            following = change
        at = following
    found.append(Span(begin, until, offset))
    return found


def offset_at(at: Ms, zone: tzinfo) -> Ms:
    """How far local time is ahead of UTC at a moment (ms)."""
    local = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)
    return round((local.utcoffset() or timedelta()).total_seconds()) * SECOND


def _change(before: Ms, after: Ms, zone: tzinfo) -> Ms:
    """The first moment under another offset than ``before``'s, to the second."""
    offset = offset_at(before, zone)
    low, high = before // SECOND, after // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(middle * SECOND, zone) == offset:
            low = middle
        else:
            high = middle
    return high * SECOND


def _next_start(at: Ms, step: Step, zone: tzinfo) -> Ms:
    """When the bucket after that of ``at`` begins."""
    if step is Step.HOUR:
        return _next_hour(at, zone)
    local = datetime.fromtimestamp(at // SECOND, UTC).astimezone(zone)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if step is Step.DAY:
        day += timedelta(days=1)
    elif step is Step.WEEK:
        day += timedelta(days=7 - day.weekday())
    else:
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    # A midnight that summer time skips is the moment of the change.
    return round(day.replace(tzinfo=zone, fold=0).astimezone(UTC).timestamp()) * SECOND


def _next_hour(at: Ms, zone: tzinfo) -> Ms:
    """The next moment at which the clocks on the wall show a full hour."""
    candidate = at
    for _ in range(3):
        offset = offset_at(candidate, zone)
        following = (candidate + offset) // HOUR * HOUR + HOUR - offset
        if offset_at(following, zone) == offset:
            return following
        # The offset changes before: the next full hour by the clocks as they are set then.
        candidate = _change(candidate, following, zone)
        if (candidate + offset_at(candidate, zone)) % HOUR == 0 and candidate > at:
            return candidate
    return following
