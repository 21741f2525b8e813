"""Indicators of a range, counted by the database as :mod:`monitor.core.indicators` counts.

Only additive counts are computed here; the ratios and the five service levels are made from them
by the core, so that a formula stands in one place.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, literal, select

from monitor.core.clock import MINUTE, Ms
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.records import Exit, Verdict
from monitor.history.database import History
from monitor.history.queries import Plain, Queues, in_queues, plain_columns
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
        calls = [call.c.arrived_at >= since, call.c.arrived_at < until]
        visits = [visit.c.joined_at >= since, visit.c.joined_at < until]
        if pbx is not None:
            calls.append(call.c.pbx == pbx)
            visits.append(self._plain(visit.c.pbx) == pbx)
        if queue is not None:
            visited = select(visit.c.call_id).where(
                visit.c.queue == queue, visit.c.arrived_at >= since, visit.c.arrived_at < until
            )
            calls.append(call.c.id.in_(visited))
            visits.append(self._plain(visit.c.queue) == queue)
        if queues is not None:
            seen = in_queues(queues, visit, self._plain)
            visited = select(visit.c.call_id).where(
                seen, visit.c.arrived_at >= since, visit.c.arrived_at < until
            )
            calls.append(call.c.id.in_(visited))
            visits.append(seen)
        with self._history.reading() as connection:
            buckets = self._count(connection, calls, visits, bucket)
        total = Figures()
        for figures in buckets.values():
            total.add(figures)
        return RangeFigures(total, {} if bucket is None else dict(sorted(buckets.items())))

    def today(self, since: Ms) -> tuple[CommitmentTally, dict[tuple[str, str], QueueTally]]:
        """Figures of *ended* calls since ``since`` (ms), for ``engine.seed_today``.

        Live calls are left out: the engine counts those that it takes back itself.
        """
        live = select(call.c.id).where(call.c.closed == false())
        calls = [call.c.arrived_at >= since, call.c.id.not_in(live)]
        visits = [visit.c.joined_at >= since, visit.c.call_id.not_in(live)]
        with self._history.reading() as connection:
            figures = self._count(connection, calls, visits, None).get(0, Figures())
        return figures.commitment, figures.queues

    def _count(
        self,
        connection: Connection,
        calls: Iterable[ColumnElement[bool]],
        visits: Iterable[ColumnElement[bool]],
        bucket: Ms | None,
    ) -> dict[Ms, Figures]:
        """Figures by the start of their bucket; all under 0 when ``bucket`` is None."""
        found: defaultdict[Ms, Figures] = defaultdict(Figures)
        for row in connection.execute(_calls_query(calls, self._plain, bucket)):
            tally = found[row.bucket * (bucket or 0)].commitment
            tally.count(Verdict(row.verdict), row.calls)
            tally.short_abandons += row.calls if row.short_abandon else 0
        for row in connection.execute(_visits_query(visits, self._plain, bucket)):
            queues = found[row.bucket * (bucket or 0)].queues
            _add_visits(queues.setdefault((row.pbx, row.queue), QueueTally()), row)
        return dict(found)


def _calls_query(
    where: Iterable[ColumnElement[bool]], plain: Plain, bucket: Ms | None
) -> Select[Any]:
    # Plain: grouping must not tempt SQLite to read a whole other index in the groups' order.
    verdict, short = plain(call.c.verdict), call.c.short_abandon
    starts = _bucket(call.c.arrived_at, bucket)
    columns = starts.label("bucket"), verdict.label("verdict"), short, func.count().label("calls")
    by = [*([starts] if bucket else []), verdict, short]
    return select(*columns).where(and_(*where)).group_by(*by)


def _visits_query(
    where: Iterable[ColumnElement[bool]], plain: Plain, bucket: Ms | None
) -> Select[Any]:
    wait, unseen = func.coalesce(visit.c.wait, 0), visit.c.wait.is_(None)
    starts = _bucket(visit.c.joined_at, bucket)
    pbx, queue = plain(visit.c.pbx), plain(visit.c.queue)
    return (
        select(
            starts.label("bucket"),
            pbx.label("pbx"),
            queue.label("queue"),
            visit.c.exit,
            unseen.label("unseen"),
            func.count().label("visits"),
            func.count().filter(wait <= visit.c.within).label("within"),
            func.count().filter(visit.c.short).label("short"),
            func.sum(wait).label("wait"),
            func.max(wait).label("longest"),
            func.count(visit.c.talk).label("talked"),
            func.coalesce(func.sum(visit.c.talk), 0).label("talk"),
        )
        .where(visit.c.exit.is_not(None), and_(*where))
        .group_by(*([starts] if bucket else []), pbx, queue, visit.c.exit, unseen)
    )


def _bucket(moment: ColumnElement[int], bucket: Ms | None) -> ColumnElement[int]:
    return moment // bucket if bucket else literal(0)


def _add_visits(tally: QueueTally, row: Any) -> None:  # noqa: ANN401 - a row of _visits_query
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
