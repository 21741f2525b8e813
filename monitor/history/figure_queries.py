"""Which rows a figure counts, and the group that each falls into: queries, nothing is run here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from monitor.core.buckets import Span
from monitor.core.clock import HOUR, SECOND, Ms
from monitor.core.records import Exit, Reason, Verdict
from monitor.history.queries import Plain, Queues, in_queues
from monitor.history.tables import call, visit

BIN: Final[Ms] = 5 * SECOND
"""How wide the bins of a distribution of waits are."""
BINS: Final = 36
"""How many there are, up to 180 s; one more holds all that is longer."""
_PER_SPAN: Final = 10**9
"""More buckets than a span under one offset holds."""
_HOURS_OF_WEEK: Final = 168
_THURSDAY: Final = 72
"""Hours from Monday to the weekday with which the epoch begins."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls and visits are counted: ``since`` ≤ t < ``until`` (ms); None does not matter.

    ``queue``: visits to it, and calls that visited it; ``queues``: the same of one of these, which
    are all that somebody may see.
    """

    since: Ms
    until: Ms
    pbx: str | None = None
    queue: str | None = None
    queues: Queues | None = None

    def calls(self, plain: Plain) -> list[ColumnElement[bool]]:
        """The conditions for calls, by when they arrived."""
        where = [call.c.arrived_at >= self.since, call.c.arrived_at < self.until]
        if self.pbx is not None:
            where.append(call.c.pbx == self.pbx)
        if self.queue is not None:
            where.append(call.c.id.in_(self._visited(visit.c.queue == self.queue)))
        if self.queues is not None:
            # The names alone choose the index; which PBX they are on is checked on the way.
            named = visit.c.queue.in_(sorted({name for _, name in self.queues}))
            seen = and_(named, in_queues(self.queues, visit, plain))
            where.append(call.c.id.in_(self._visited(seen)))
        return where

    def visits(self, plain: Plain) -> list[ColumnElement[bool]]:
        """The conditions for visits, by when they joined."""
        where = [visit.c.joined_at >= self.since, visit.c.joined_at < self.until]
        if self.pbx is not None:
            where.append(plain(visit.c.pbx) == self.pbx)
        if self.queue is not None:
            where.append(plain(visit.c.queue) == self.queue)
        if self.queues is not None:
            where.append(in_queues(self.queues, visit, plain))
        return where

    def _visited(self, queue: ColumnElement[bool]) -> Select[Any]:
        arrived_at = visit.c.arrived_at
        query = select(visit.c.call_id).where(queue)
        return query.where(arrived_at >= self.since, arrived_at < self.until)


class Grouping(Protocol):
    """Into which group a moment falls."""

    def key(self, moment: ColumnElement[int]) -> ColumnElement[int] | None:
        """The group's number in SQL; None: there is only one, number 0."""


class Whole:
    """All in one group."""

    def key(self, moment: ColumnElement[int]) -> ColumnElement[int] | None:  # noqa: ARG002
        """No number is needed."""
        return None


@dataclass(frozen=True, slots=True)
class Every:
    """Groups of ``length`` ms, which begin at multiples of it since the epoch."""

    length: Ms

    def key(self, moment: ColumnElement[int]) -> ColumnElement[int] | None:
        """The multiple."""
        return moment // self.length


@dataclass(frozen=True, slots=True)
class LocalTime:
    """Groups of ``length`` ms by local time, each under one offset from UTC (see ``spans``).

    A day on which the offset changes is two groups: they are added together by whoever knows
    where days begin.
    """

    spans: Sequence[Span]
    length: Ms

    def key(self, moment: ColumnElement[int]) -> ColumnElement[int] | None:
        """The number of the span, and of the group in local time."""
        return _by_span(
            moment,
            self.spans,
            [
                (moment + span.offset) // self.length + number * _PER_SPAN
                for number, span in enumerate(self.spans)
            ],
        )

    def begin(self, key: int) -> Ms:
        """When a group began, or the span that it is in."""
        number, local = divmod(key, _PER_SPAN)
        span = self.spans[number]
        return max(local * self.length - span.offset, span.begin)


@dataclass(frozen=True, slots=True)
class HourOfWeek:
    """168 groups: hour 0 is the one after midnight, from Sunday to Monday, by local time."""

    spans: Sequence[Span]

    def key(self, moment: ColumnElement[int]) -> ColumnElement[int] | None:
        """The hour of the week."""
        hours = [(moment + span.offset) // HOUR for span in self.spans]
        return (_by_span(moment, self.spans, hours) + _THURSDAY) % _HOURS_OF_WEEK


def _by_span(
    moment: ColumnElement[int], spans: Sequence[Span], values: Sequence[ColumnElement[int]]
) -> ColumnElement[int]:
    """One value for each span."""
    if len(spans) == 1:
        return values[0]
    earlier = zip(spans[:-1], values[:-1], strict=True)
    return case(*((moment < span.end, value) for span, value in earlier), else_=values[-1])


def calls_by(where: Iterable[ColumnElement[bool]], plain: Plain, grouping: Grouping) -> Select[Any]:
    """Calls by group, verdict and whether they were short abandons."""
    # Plain: grouping must not tempt SQLite to read a whole other index in the groups' order.
    verdict, short = plain(call.c.verdict), call.c.short_abandon
    group, by = _grouped(grouping.key(call.c.arrived_at))
    columns = group, verdict.label("verdict"), short, func.count().label("calls")
    return select(*columns).where(and_(*where)).group_by(*by, verdict, short)


def visits_by(
    where: Iterable[ColumnElement[bool]], plain: Plain, grouping: Grouping
) -> Select[Any]:
    """Ended visits by group, queue and exit, with the sums of which figures are made."""
    wait, unseen = func.coalesce(visit.c.wait, 0), visit.c.wait.is_(None)
    pbx, queue = plain(visit.c.pbx), plain(visit.c.queue)
    group, by = _grouped(grouping.key(visit.c.joined_at))
    return (
        select(
            group,
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
        .group_by(*by, pbx, queue, visit.c.exit, unseen)
    )


def _grouped(
    key: ColumnElement[int] | None,
) -> tuple[ColumnElement[int], list[ColumnElement[int]]]:
    """A group's number as a column, and what to group by."""
    if key is None:
        return literal(0).label("group"), []
    return key.label("group"), [key]


# --- waits --------------------------------------------------------------------------------------


def call_waits(wanted: Wanted, plain: Plain) -> Select[Any]:
    """Judged calls by how long they waited, their threshold, and what became of them.

    The commitment's own wait: from the clock's start to handled, else to the end.
    """
    handled = call.c.handled_by.is_not(None)
    wait = case((handled, call.c.handled_at), else_=call.c.ended_at) - call.c.clock_started_at
    left = or_(
        call.c.verdict == Verdict.ABANDONED.value,
        and_(
            call.c.verdict == Verdict.BREACHED.value, call.c.reason == Reason.ABANDONED_LATE.value
        ),
    )
    judged = plain(call.c.verdict).in_(
        [Verdict.MET.value, Verdict.BREACHED.value, Verdict.ABANDONED.value]
    )
    became = case((handled, "answered"), (left, "abandoned"), else_="other")
    return _waits(wait, call.c.within, became).where(judged, *wanted.calls(plain))


def visit_waits(wanted: Wanted, plain: Plain) -> Select[Any]:
    """Ended visits by how long they waited in the queue, its threshold, and their exit."""
    became = case(
        (visit.c.exit == Exit.ANSWERED.value, "answered"),
        (visit.c.exit == Exit.ABANDONED.value, "abandoned"),
        else_="other",
    )
    waits = _waits(visit.c.wait, visit.c.within, became)
    return waits.where(visit.c.exit.is_not(None), *wanted.visits(plain))


def _waits(
    wait: ColumnElement[int], within: ColumnElement[int], became: ColumnElement[str]
) -> Select[Any]:
    """Counted by bin; no bin where the wait is not known."""
    number = case((wait >= BIN * BINS, BINS), else_=wait // BIN)
    columns = number.label("bin"), within.label("within"), became.label("became")
    return select(*columns, func.count().label("many")).group_by(number, within, became)
