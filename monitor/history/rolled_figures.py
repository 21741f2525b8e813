"""Counts of a range from rollups, where nobody asks for a queue's calls: in tenths of a second.

Calls are rolled up by the queue that judges them, so "calls that visited a queue" are counted from
the calls themselves; so are hours that are marked, and those that the range cuts.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, Table, func, literal, select

from monitor.core.clock import DAY, HOUR
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.history.figure_queries import Every, Grouping, HourOfWeek, LocalTime, Wanted, Whole
from monitor.history.queries import plain_columns
from monitor.history.rollup_source import Source, source_of
from monitor.history.rollup_tables import LONGEST, rollup_call, rollup_visit

WORTH: Final = 2 * DAY
"""From so long a range on (ms); shorter ones are counted as fast."""
MOST_RAW: Final = 50
"""Where so many spans are not rolled up yet, all is counted from calls at once."""
_CALLS: Final = tuple(f.name for f in fields(CommitmentTally))
_VISITS: Final = tuple(f.name for f in fields(QueueTally))


def rolled_source(connection: Connection, wanted: Wanted, grouping: Grouping) -> Source | None:
    """Where to read the counts of a range; None: from its calls alone."""
    whole_range = wanted.queue is None and wanted.queues is None
    if not whole_range or wanted.until - wanted.since < WORTH or not _by_whole_hours(grouping):
        return None
    borders = () if isinstance(grouping, Whole) else None
    source = source_of(connection, wanted.since, wanted.until, borders)
    return source if len(source.raw) <= MOST_RAW else None


def _by_whole_hours(grouping: Grouping) -> bool:
    """Whether each whole hour of UTC is in one group."""
    if isinstance(grouping, Every):
        return grouping.length % HOUR == 0
    if isinstance(grouping, LocalTime | HourOfWeek):
        inner = grouping.spans[1:]
        return all(s.offset % HOUR == 0 for s in grouping.spans) and all(
            s.begin % HOUR == 0 for s in inner
        )
    return isinstance(grouping, Whole)


def rolled_calls(
    connection: Connection, source: Source, wanted: Wanted, grouping: Grouping
) -> Iterator[tuple[int, CommitmentTally]]:
    """Counts of calls by group."""
    for group, *counts in _rows(connection, rollup_call, _CALLS, source, wanted, grouping):
        yield group, CommitmentTally(*map(int, counts))


def rolled_visits(
    connection: Connection, source: Source, wanted: Wanted, grouping: Grouping
) -> Iterator[tuple[int, tuple[str, str], QueueTally]]:
    """Counts of visits by group and queue."""
    keys = ("pbx", "queue")
    rows = _rows(connection, rollup_visit, _VISITS, source, wanted, grouping, *keys)
    for group, pbx, queue, *counts in rows:
        yield group, (pbx, queue), QueueTally(*map(int, counts))


def _rows(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    source: Source,
    wanted: Wanted,
    grouping: Grouping,
    *keys: str,
) -> Iterator[Any]:
    for rolled in source.rolled(table):
        columns = rolled.table.c
        key = grouping.key(rolled.moment)
        group = literal(0).label("number") if key is None else key.label("number")
        by = [columns[name] for name in keys]
        counts = [func.max(columns[n]) if n == LONGEST else func.sum(columns[n]) for n in names]
        query = select(group, *by, *counts).where(rolled.where)
        if wanted.pbx is not None:
            plain = plain_columns(connection.dialect.name)
            query = query.where(plain(columns.pbx) == wanted.pbx)
        groups = by if key is None else [key, *by]
        query = query.group_by(*groups) if groups else query.having(func.count() > 0)
        yield from connection.execute(query)
