"""Which days and hours of a range are read from rollups, and which spans are counted from calls."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, select

from monitor.core.clock import DAY, HOUR, Ms
from monitor.history.rollup_days import HOURS
from monitor.history.rollup_queries import Ranges, within
from monitor.history.rollup_tables import BY_DAY, rollup_due
from monitor.history.rollups import kept_hour

_RANGES: Final = 50
"""Ranges that one query reads or counts; each is one search of an index."""


@dataclass(frozen=True, slots=True)
class Rolled:
    """Rows that are believed: those of ``table`` that are ``where``, each of a ``moment`` (ms)."""

    table: Table
    moment: ColumnElement[int]
    where: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the figures of a period come from: ranges of days, of hours, and spans of time (ms).

    ``days`` and ``hours`` (numbers since the epoch) are read from rows, ``raw`` is counted from
    calls. None overlap; together they are the period.
    """

    days: Ranges
    hours: Ranges
    raw: Ranges

    def rolled(self, table: Table) -> Iterator[Rolled]:
        """The rows of a table of hours that are believed, and of that of days."""
        for source, length, ranges in ((BY_DAY[table], DAY, self.days), (table, HOUR, self.hours)):
            number = source.c[0]
            for part in _parts(ranges):
                yield Rolled(source, number * length, within(number, part))

    def counted(self) -> Iterator[Ranges]:
        """The spans to be counted, so many at a time."""
        return _parts(self.raw)


def source_of(
    connection: Connection, since: Ms, until: Ms, borders: Collection[Ms] | None
) -> Source:
    """What is read from rows and what is counted.

    Args:
        connection: a transaction that reads.
        since: first moment of the period (ms).
        until: first moment after it.
        borders: moments that may be in no row's midst; None: no days are read, all hours may be.
    """
    first, last = -(-since // HOUR), until // HOUR
    if first >= last:
        return Source([], [], [(since, until)])
    hours = range(first, last)
    due = rollup_due.c.hour
    query = select(due).where(due >= max(first, kept_hour(connection)), due < last)
    counted = set(connection.execute(query).scalars())
    counted |= {at // HOUR for at in borders or () if at % HOUR and at // HOUR in hours}
    days: list[int] = []
    if borders is not None:
        cut = {hour // HOURS for hour in counted} | {at // DAY for at in borders if at % DAY}
        days = [day for day in range(-(-first // HOURS), last // HOURS) if day not in cut]
    whole = set(days)
    rolled = [hour for hour in hours if hour not in counted and hour // HOURS not in whole]
    spans = [(hour * HOUR, (hour + 1) * HOUR) for hour in sorted(counted)]
    return Source(
        _merged((day, day + 1) for day in days),
        _merged((hour, hour + 1) for hour in rolled),
        _merged([(since, first * HOUR), *spans, (last * HOUR, until)]),
    )


def _parts(ranges: Ranges) -> Iterator[Ranges]:
    for start in range(0, len(ranges), _RANGES):
        yield ranges[start : start + _RANGES]


def _merged(ranges: Iterable[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The same ranges, with those joined that follow each other; empty ones left out."""
    found: list[tuple[int, int]] = []
    for begin, end in ranges:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        elif begin < end:
            found.append((begin, end))
    return found
