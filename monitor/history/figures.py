"""Indicators of a range, counted by the database as :mod:`monitor.core.indicators` counts.

Only additive counts are computed here; the ratios and the five service levels are made from them
by the core, so that a formula stands in one place.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, false, select

from monitor.core.buckets import Bucket, Step, bucket_of, buckets, spans
from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.period import Dimension, PeriodFigures
from monitor.core.records import Exit, Verdict
from monitor.history.database import History
from monitor.history.figure_queries import (
    BIN,
    BINS,
    Every,
    Grouping,
    HourOfWeek,
    LocalTime,
    Wanted,
    Whole,
    call_waits,
    calls_by,
    visit_waits,
    visits_by,
)
from monitor.history.period import PeriodReader, Sees
from monitor.history.queries import Queues, plain_columns
from monitor.history.rolled_figures import rolled_calls, rolled_source, rolled_visits
from monitor.history.rollup_source import Source
from monitor.history.tables import call, visit

BUCKET: Final[Ms] = 15 * MINUTE


@dataclass(slots=True)
class Figures:
    """Counts of a period: calls by when they arrived, visits by when they joined.

    ``queues`` is by (pbx, queue); visits count once their exit is known.
    """

    commitment: CommitmentTally = field(default_factory=CommitmentTally)
    queues: dict[tuple[str, str], QueueTally] = field(default_factory=dict)

    @property
    def all_queues(self) -> QueueTally:
        """All visits of the period together."""
        total = QueueTally()
        for tally in self.queues.values():
            total.add(tally)
        return total

    def add(self, other: "Figures") -> None:
        """Add the counts of another period, or of other calls."""
        self.commitment.add(other.commitment)
        for key, tally in other.queues.items():
            self.queues.setdefault(key, QueueTally()).add(tally)


@dataclass(frozen=True, slots=True)
class RangeFigures:
    """Figures of a range: as a whole, and by the start of each bucket that is not empty."""

    total: Figures
    buckets: dict[Ms, Figures]


@dataclass(frozen=True, slots=True)
class SeriesFigures:
    """Figures of a range: as a whole, and of each of its buckets, empty ones too."""

    total: Figures
    buckets: list[tuple[Bucket, Figures]]


@dataclass(slots=True)
class WaitBin:
    """How many waits of ``begin`` ≤ wait < ``end`` (ms) ended how; no end: all that is longer."""

    begin: Ms
    end: Ms | None
    answered: int = 0
    abandoned: int = 0
    other: int = 0


@dataclass(slots=True)
class Waits:
    """A distribution of waits, and how many were judged under each threshold (ms)."""

    bins: list[WaitBin]
    thresholds: dict[Ms, int] = field(default_factory=dict)
    unseen: int = 0
    """Waits of which it is not known how long they were."""


class FiguresReader:
    """Counts what is stored. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._plain = plain_columns(history.engine.dialect.name)

    def indicators(
        self,
        since: Ms,
        until: Ms,
        *,
        pbx: str | None = None,
        queue: str | None = None,
        queues: Queues | None = None,
        bucket: Ms | None = BUCKET,
    ) -> RangeFigures:
        """Figures of ``since`` ≤ t < ``until`` (ms).

        Args:
            since: first moment.
            until: first moment after the range.
            pbx: only this PBX.
            queue: only visits to this queue, and calls that visited it.
            queues: only visits to these queues, and calls that visited one of them.
            bucket: length of the buckets in ms, which begin at multiples of it since the epoch;
                None leaves them out.
        """
        wanted = Wanted(since, until, pbx, queue, queues)
        found = self._counted(wanted, Whole() if bucket is None else Every(bucket))
        if bucket is None:
            return RangeFigures(_sum(found.values()), {})
        return RangeFigures(
            _sum(found.values()), {key * bucket: found[key] for key in sorted(found)}
        )

    def series(self, wanted: Wanted, step: Step, zone: tzinfo) -> SeriesFigures:
        """Figures of each hour, day, week or month of a range, as the centre's zone has them.

        Raises:
            TooManyBucketsError: the range holds too many.
        """
        parts = buckets(wanted.since, wanted.until, step, zone)
        # Weeks and months are added up from days.
        length = HOUR if step is Step.HOUR else DAY
        grouping = LocalTime(spans(wanted.since, wanted.until, zone), length)
        starts = [part.begin for part in parts]
        shown = [Figures() for _ in parts]
        found = self._counted(wanted, grouping)
        for key, figures in found.items():
            shown[bucket_of(starts, grouping.begin(key))].add(figures)
        return SeriesFigures(_sum(shown), list(zip(parts, shown, strict=True)))

    def period(
        self,
        wanted: Wanted,
        zone: tzinfo,
        by: Collection[Dimension],
        sees: Sees | None = None,
    ) -> PeriodFigures:
        """All counts of a range, as :class:`monitor.history.period.PeriodReader` gives them.

        Calls are of the queue that judges them. ``wanted.queue``: only what is of this queue.

        Raises:
            TooManyBucketsError: the range holds too many.
        """

        def is_meant(pbx: str, queue: str) -> bool:
            named = wanted.queue is None or queue == wanted.queue
            return named and (sees is None or sees(pbx, queue))

        narrowed = sees is not None or wanted.queue is not None
        reader = PeriodReader(self._history)
        return reader.read(
            wanted.since, wanted.until, zone, by=by, pbx=wanted.pbx,
            sees=is_meant if narrowed else None,
        )  # fmt: skip

    def week(self, wanted: Wanted, zone: tzinfo) -> dict[int, Figures]:
        """Figures by the hour of the week: 0 to 167, from Monday's first; empty ones left out."""
        grouping = HourOfWeek(spans(wanted.since, wanted.until, zone))
        return dict(sorted(self._counted(wanted, grouping).items()))

    def waits(self, wanted: Wanted, of: Literal["call", "visit"]) -> Waits:
        """How long callers waited.

        Args:
            wanted: which range.
            of: the commitment's wait of calls that were judged (clock's start to handled, else to
                the end), or the wait of visits to queues.
        """
        query = call_waits if of == "call" else visit_waits
        waits = Waits([WaitBin(n * BIN, (n + 1) * BIN) for n in range(BINS)])
        waits.bins.append(WaitBin(BINS * BIN, None))
        with self._history.reading() as connection:
            for row in connection.execute(query(wanted, self._plain)):
                if row.bin is None:
                    waits.unseen += row.many
                    continue
                found = waits.bins[max(0, row.bin)]
                setattr(found, row.became, getattr(found, row.became) + row.many)
                waits.thresholds[row.within] = waits.thresholds.get(row.within, 0) + row.many
        return waits

    def today(self, since: Ms) -> tuple[CommitmentTally, dict[tuple[str, str], QueueTally]]:
        """Figures of *ended* calls since ``since`` (ms), for ``engine.seed_today``.

        Live calls are left out: the engine counts those that it takes back itself.
        """
        live = select(call.c.id).where(call.c.closed == false())
        calls = [call.c.arrived_at >= since, call.c.id.not_in(live)]
        visits = [visit.c.joined_at >= since, visit.c.call_id.not_in(live)]
        with self._history.reading() as connection:
            figures = self._count(connection, calls, visits, Whole()).get(0, Figures())
        return figures.commitment, figures.queues

    def _counted(self, wanted: Wanted, grouping: Grouping) -> dict[int, Figures]:
        with self._history.reading() as connection:
            source = rolled_source(connection, wanted, grouping)
            if source is None:
                calls, visits = wanted.calls(self._plain), wanted.visits(self._plain)
                return self._count(connection, calls, visits, grouping)
            return self._add_up(connection, source, wanted, grouping)

    def _add_up(
        self, connection: Connection, source: Source, wanted: Wanted, grouping: Grouping
    ) -> dict[int, Figures]:
        """Figures by the number of their group, from rollups and for the rest from calls."""
        found: defaultdict[int, Figures] = defaultdict(Figures)
        for group, calls in rolled_calls(connection, source, wanted, grouping):
            found[group].commitment.add(calls)
        for group, key, visits in rolled_visits(connection, source, wanted, grouping):
            found[group].queues.setdefault(key, QueueTally()).add(visits)
        for since, until in source.raw:
            part = Wanted(since, until, wanted.pbx)
            where = part.calls(self._plain), part.visits(self._plain)
            for group, figures in self._count(connection, *where, grouping).items():
                found[group].add(figures)
        return dict(found)

    def _count(
        self,
        connection: Connection,
        calls: Sequence[ColumnElement[bool]],
        visits: Sequence[ColumnElement[bool]],
        grouping: Grouping,
    ) -> dict[int, Figures]:
        """Figures by the number of their group."""
        found: defaultdict[int, Figures] = defaultdict(Figures)
        for row in connection.execute(calls_by(calls, self._plain, grouping)):
            tally = found[row.group].commitment
            tally.count(Verdict(row.verdict), row.calls)
            tally.short_abandons += row.calls if row.short_abandon else 0
        for row in connection.execute(visits_by(visits, self._plain, grouping)):
            queues = found[row.group].queues
            _add_visits(queues.setdefault((row.pbx, row.queue), QueueTally()), row)
        return dict(found)


def _sum(parts: Iterable[Figures]) -> Figures:
    total = Figures()
    for figures in parts:
        total.add(figures)
    return total


def _add_visits(tally: QueueTally, row: Any) -> None:  # noqa: ANN401 - a row of visits_by
    """Add visits of one exit to a queue's counts, as ``QueueTally.count`` adds one of them."""
    visits = row.visits
    tally.offered += visits
    tally.longest_wait = max(tally.longest_wait, int(row.longest))
    tally.talked += row.talked
    tally.talk += int(row.talk)
    match Exit(row.exit):
        case Exit.ANSWERED if row.unseen:
            tally.unknown += visits
        case Exit.ANSWERED:
            tally.answered += visits
            tally.answered_wait += int(row.wait)
            tally.answered_within += row.within
        case Exit.ABANDONED:
            tally.abandoned += visits
            tally.abandoned_within += row.within
            tally.abandoned_short += row.short
        case Exit.UNKNOWN:
            tally.unknown += visits
        case _:
            tally.left_otherwise += visits
