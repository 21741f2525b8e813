"""The figures of a period, in parts: as a whole, by queue, PBX, month, week and day.

``PeriodCount`` makes them from records alone, one at a time. It is the reference: what the database
adds up (:mod:`monitor.history.period`) must be equal to it, and whoever has the calls of a period
can make its figures with it anew.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from typing import Final, TypeVar

from monitor.core.buckets import Bucket, Step, bucket_of, buckets
from monitor.core.clock import Ms
from monitor.core.records import BlindInterval, Call, Exit, Reason
from monitor.core.tallies import (
    CallTally,
    Histogram,
    VisitTally,
    VoiceTally,
    commitment_wait,
    has_number,
)

Queue = tuple[str, str]
"""(PBX, queue); the queue is empty for calls that tried none."""


_Key = TypeVar("_Key")


class Dimension(StrEnum):
    """By what figures are split; within each, calls add up to the whole."""

    PBX = "pbx"
    QUEUE = "queue"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    QUEUE_MONTH = "queue_month"


ALL: Final = tuple(Dimension)
STEPS: Final = {Dimension.MONTH: Step.MONTH, Dimension.WEEK: Step.WEEK, Dimension.DAY: Step.DAY}


@dataclass(slots=True)
class Part:
    """All counts of one part of a period.

    A call belongs to the moment in which it arrived and to one queue: the one that judges it
    (``Call.judging_queue``). A visit belongs to the moment in which it joined, and to its own
    queue. A voice server stay belongs to the moment in which its call arrived, and to no queue.
    """

    calls: CallTally = field(default_factory=CallTally)
    visits: VisitTally = field(default_factory=VisitTally)
    voice: dict[str, VoiceTally] = field(default_factory=dict)
    """By voice server; empty in the parts of a queue."""
    commitment_waits: Histogram = field(default_factory=Histogram)
    """Of the calls met, or breached and handled late: from the clock's start to handled."""
    answered_waits: Histogram = field(default_factory=Histogram)
    """Of the answered visits: from joining to the answer."""
    policy_versions: Counter[int] = field(default_factory=Counter)
    """Calls by the version of the policy that judged them."""
    thresholds: Counter[Ms] = field(default_factory=Counter)
    """Calls by the commitment's threshold under which they were judged."""

    def add(self, other: "Part") -> None:
        """Add the counts of another part."""
        self.calls.add(other.calls)
        self.visits.add(other.visits)
        for name, tally in other.voice.items():
            self.voice.setdefault(name, VoiceTally()).add(tally)
        self.commitment_waits.add(other.commitment_waits)
        self.answered_waits.add(other.answered_waits)
        self.policy_versions.update(other.policy_versions)
        self.thresholds.update(other.thresholds)


@dataclass(slots=True)
class AccessTally:
    """Who did not get in; how much of the opening time was observed is said by the report."""

    refused: int = 0
    """Unhandled calls that the PBX ended, not the caller: refused, in time and late."""


@dataclass(slots=True)
class PeriodFigures:
    """The figures of ``since`` ≤ t < ``until`` (ms); a dimension that was not asked for is empty.

    Months, weeks and days are those of ``zone``, the first and last cut to the period, the empty
    ones there too. Queues without calls and visits are not.
    """

    since: Ms
    until: Ms
    zone: tzinfo
    total: Part = field(default_factory=Part)
    by_pbx: dict[str, Part] = field(default_factory=dict)
    by_queue: dict[Queue, Part] = field(default_factory=dict)
    by_month: list[tuple[Bucket, Part]] = field(default_factory=list)
    by_week: list[tuple[Bucket, Part]] = field(default_factory=list)
    by_day: list[tuple[Bucket, Part]] = field(default_factory=list)
    by_queue_month: dict[Queue, list[tuple[Bucket, Part]]] = field(default_factory=dict)
    blind: list[BlindInterval] = field(default_factory=list)
    """The blind intervals that touch the period, uncut, by (begin, PBX)."""
    overflow: dict[tuple[str, str], int] = field(default_factory=dict)
    """Overflow commands that were issued in the period, by (kind of order, outcome)."""
    access: AccessTally = field(default_factory=AccessTally)

    @property
    def exclusions(self) -> dict[Reason, int]:
        """Excluded calls by why."""
        return self.total.calls.exclusions

    @property
    def policy_versions(self) -> dict[int, int]:
        """Calls by the version of the policy that judged them."""
        return dict(sorted(self.total.policy_versions.items()))

    @property
    def thresholds(self) -> dict[Ms, int]:
        """Calls by the threshold under which they were judged."""
        return dict(sorted(self.total.thresholds.items()))


class Places:
    """The parts of a period's figures that something of a moment and a queue belongs to.

    Raises:
        TooManyBucketsError: the period has too many days for one answer.
    """

    def __init__(self, figures: PeriodFigures, by: Collection[Dimension] = ALL) -> None:
        self.figures = figures
        self._by = frozenset(by)
        since, until, zone = figures.since, figures.until, figures.zone
        self._starts: dict[Dimension, list[Ms]] = {}
        self._spans: dict[Dimension, list[Bucket]] = {}
        for dimension, step in STEPS.items():
            if dimension in self._by or (step is Step.MONTH and Dimension.QUEUE_MONTH in self._by):
                self._spans[dimension] = spans = buckets(since, until, step, zone)
                self._starts[dimension] = [span.begin for span in spans]
        self._lists = {
            Dimension.MONTH: figures.by_month,
            Dimension.WEEK: figures.by_week,
            Dimension.DAY: figures.by_day,
        }
        for dimension, list_ in self._lists.items():
            if dimension in self._by:
                list_ += [(span, Part()) for span in self._spans[dimension]]

    @property
    def begins(self) -> set[Ms]:
        """When the months, weeks and days begin that are told apart."""
        return {begin for starts in self._starts.values() for begin in starts}

    def of(self, at: Ms, pbx: str, queue: str) -> list[Part]:
        """The parts that a call or visit belongs to."""
        parts = self.without_queue(at, pbx)
        figures, key = self.figures, (pbx, queue)
        if Dimension.QUEUE in self._by:
            parts.append(_part_of(figures.by_queue, key))
        if Dimension.QUEUE_MONTH in self._by:
            months = figures.by_queue_month.get(key)
            if months is None:
                months = [(span, Part()) for span in self._spans[Dimension.MONTH]]
                figures.by_queue_month[key] = months
            parts.append(months[bucket_of(self._starts[Dimension.MONTH], at)][1])
        return parts

    def without_queue(self, at: Ms, pbx: str) -> list[Part]:
        """The parts that a voice server stay belongs to."""
        figures = self.figures
        parts = [figures.total]
        if Dimension.PBX in self._by:
            parts.append(_part_of(figures.by_pbx, pbx))
        for dimension, list_ in self._lists.items():
            if dimension in self._by:
                parts.append(list_[bucket_of(self._starts[dimension], at)][1])
        return parts

    def sort(self) -> None:
        """Put PBXs and queues into the order of their names."""
        figures = self.figures
        figures.by_pbx = dict(sorted(figures.by_pbx.items()))
        figures.by_queue = dict(sorted(figures.by_queue.items()))
        figures.by_queue_month = dict(sorted(figures.by_queue_month.items()))


def _part_of(parts: dict[_Key, Part], key: _Key) -> Part:
    # Not by `setdefault`, which makes a part each time.
    found = parts.get(key)
    if found is None:
        found = parts[key] = Part()
    return found


class PeriodCount:
    """Makes the figures of a period from records, in whatever order they come.

    Give it every call that arrived in the period, and every call with a visit that joined in it
    (such a call may have arrived before). Blind intervals, overflow and access are not made of
    calls: set them on ``figures``.

    Args:
        since: first moment (ms).
        until: first moment after the period.
        zone: whose months, weeks and days they are.
        by: which parts are wanted.
    """

    def __init__(self, since: Ms, until: Ms, zone: tzinfo, by: Collection[Dimension] = ALL) -> None:
        self.figures = PeriodFigures(since, until, zone)
        self._places = Places(self.figures, by)

    def count(self, call: Call, previous_at: Ms | None = None) -> None:
        """Add what of a call belongs to the period.

        Args:
            call: the record as it stands.
            previous_at: when the same caller's call before this one arrived; see ``Callers``.
        """
        if self._has(call.arrived_at):
            self._count_call(call, previous_at)
        for visit in call.visits:
            if visit.exit is not None and self._has(visit.joined_at):
                for part in self._places.of(visit.joined_at, call.pbx, visit.queue):
                    part.visits.count_visit(visit)
                    if visit.exit is Exit.ANSWERED and visit.wait is not None:
                        part.answered_waits.count(visit.wait)

    def _has(self, at: Ms) -> bool:
        return self.figures.since <= at < self.figures.until

    def _count_call(self, call: Call, previous_at: Ms | None) -> None:
        wait = commitment_wait(call)
        for part in self._places.of(call.arrived_at, call.pbx, call.judging_queue):
            part.calls.count_record(call, previous_at)
            part.policy_versions[call.policy_version] += 1
            part.thresholds[call.within] += 1
            if wait is not None:
                part.commitment_waits.count(wait)
        for stay in call.stays:
            for part in self._places.without_queue(call.arrived_at, call.pbx):
                part.voice.setdefault(stay.name, VoiceTally()).count_stay(call, stay)

    def result(self) -> PeriodFigures:
        """The figures of all that was counted."""
        self._places.sort()
        return self.figures


class Callers:
    """Who called when: tells, of calls in order of arrival, the same caller's call before.

    Callers are the same by their number as the PBX tells it, or by its pseudonym, which stays when
    the number is purged. Of two calls that arrived in one millisecond, neither is before the other.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[Ms, Ms | None]] = {}

    def previous(self, call: Call) -> Ms | None:
        """When the caller's call before this one arrived; note this one."""
        found = [self._previous(name, call.arrived_at) for name in _names(call)]
        return max((at for at in found if at is not None), default=None)

    def _previous(self, name: tuple[str, str], at: Ms) -> Ms | None:
        last, before = self._last.get(name, (None, None))
        if last == at:
            return before
        self._last[name] = (at, last)
        return last


def _names(call: Call) -> list[tuple[str, str]]:
    names = [("number", call.caller)] if has_number(call.caller) else []
    return [*names, ("key", call.caller_key)] if call.caller_key else names


def count_all(
    calls: Iterable[Call], since: Ms, until: Ms, zone: tzinfo, by: Collection[Dimension] = ALL
) -> PeriodFigures:
    """The figures of a period from calls in order of arrival, from 30 days before it on."""
    counting, callers = PeriodCount(since, until, zone, by), Callers()
    for call in calls:
        counting.count(call, callers.previous(call))
    return counting.result()
