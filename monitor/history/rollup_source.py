"""Which hours of a range are read from rollups, and which spans are counted from calls."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, select

from monitor.core.clock import HOUR, Ms
from monitor.history.rollup_tables import rollup_due
from monitor.history.rollups import kept_hour

_RANGES: Final = 50
"""Spans of time that are counted by one query; each is one search of an index."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the figures of a period come from.

    ``rolled`` are whole hours (from, to) that rows are read of, but for ``cut`` ones and those that
    are marked; ``raw`` are the spans of time that are counted from calls.
    """

    rolled: tuple[int, int]
    cut: frozenset[int]
    kept: int
    raw: list[tuple[Ms, Ms]]

    def hours(self, table: Table) -> ColumnElement[bool]:
        """The rows of a rollup table that are believed."""
        hour = table.c.hour
        marked = select(rollup_due.c.hour).where(rollup_due.c.hour >= self.kept)
        where = [hour >= self.rolled[0], hour < self.rolled[1], hour.not_in(marked)]
        return and_(*where, hour.not_in(sorted(self.cut))) if self.cut else and_(*where)

    def parts(self) -> Iterator[list[tuple[Ms, Ms]]]:
        """The spans to be counted, so many at a time."""
        for start in range(0, len(self.raw), _RANGES):
            yield self.raw[start : start + _RANGES]


def source_of(connection: Connection, since: Ms, until: Ms, borders: Iterable[Ms]) -> Source:
    """What is read from rows and what is counted."""
    first, last = -(-since // HOUR), until // HOUR
    if first >= last:
        return Source((0, 0), frozenset(), 0, [(since, until)])
    kept = kept_hour(connection)
    due = rollup_due.c.hour
    query = select(due).where(due >= max(first, kept), due < last)
    marked = set(connection.execute(query).scalars())
    cut = frozenset(at // HOUR for at in borders if at % HOUR and first <= at // HOUR < last)
    raw = [(hour * HOUR, (hour + 1) * HOUR) for hour in sorted(marked | cut)]
    raw = [(since, first * HOUR), *raw, (last * HOUR, until)]
    return Source((first, last), cut, kept, list(_merged(raw)))


def _merged(ranges: Iterable[tuple[Ms, Ms]]) -> Iterator[tuple[Ms, Ms]]:
    """The same spans, with those joined that follow each other; empty ones left out."""
    begin: Ms | None = None
    end: Ms = 0
    for since, until in ranges:
        if since == until:
            continue
        if begin is not None and since == end:
            end = until
            continue
        if begin is not None:
            yield begin, end
        begin, end = since, until
    if begin is not None:
        yield begin, end
