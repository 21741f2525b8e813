"""The figures of a period, exact at every moment: from rollups, and from calls for the rest.

A day or an hour that nobody marked is read from its rows; marked ones, and hours that the period or
one of its days cuts, are counted from their calls by the queries that roll them. All in one reading
transaction, so it is the figures of one state of the record:
:class:`monitor.core.period.PeriodCount` over all its calls gives the same.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from monitor.core.buckets import Span, spans
from monitor.core.clock import DAY, Ms
from monitor.core.period import ALL, Dimension, Part, PeriodFigures, Places
from monitor.core.records import BlindInterval
from monitor.core.tallies import CallTally, Histogram, VisitTally, VoiceTally
from monitor.history.database import History
from monitor.history.figure_queries import LocalTime
from monitor.history.overflow_tables import command
from monitor.history.queries import plain_columns
from monitor.history.rollup_days import added, summed
from monitor.history.rollup_queries import (
    EXIT_COLUMNS,
    REASON_COLUMNS,
    answered_seconds,
    call_counts,
    calls_in,
    commitment_seconds,
    visit_counts,
    voice_counts,
)
from monitor.history.rollup_source import Rolled, Source, source_of
from monitor.history.rollup_tables import (
    ANSWERED_WAITS,
    LONGEST,
    rollup_call,
    rollup_visit,
    rollup_voice,
    rollup_waits,
)
from monitor.history.tables import blind_interval, call, visit

Sees = Callable[[str, str], bool]
_EVER: Final[Ms] = 10**15
"""Longer than any period: all in one group."""


class PeriodReader:
    """Reads the figures of periods. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._dialect = history.engine.dialect.name

    def read(
        self,
        since: Ms,
        until: Ms,
        zone: tzinfo,
        *,
        by: Collection[Dimension] = ALL,
        pbx: str | None = None,
        sees: Sees | None = None,
    ) -> PeriodFigures:
        """The figures of ``since`` ≤ t < ``until`` (ms).

        Args:
            since: first moment.
            until: first moment after the period.
            zone: whose months, weeks and days they are.
            by: which parts are wanted.
            pbx: only this PBX.
            sees: says by (PBX, queue) what is counted, where not all is; then no voice servers.

        Raises:
            TooManyBucketsError: the period has too many days for one answer.
            SQLAlchemyError: the database cannot be used.
        """
        with self._history.reading() as connection:
            return self.read_in(connection, since, until, zone, by=by, pbx=pbx, sees=sees)

    def read_in(
        self,
        connection: Connection,
        since: Ms,
        until: Ms,
        zone: tzinfo,
        *,
        by: Collection[Dimension] = ALL,
        pbx: str | None = None,
        sees: Sees | None = None,
    ) -> PeriodFigures:
        """The same in a transaction that reads other things too."""
        figures = PeriodFigures(since, until, zone)
        places = Places(figures, by)
        sums = _Sums(places, sees)
        if since < until:
            begins = places.begins
            cells = _cells(since, until, zone, begins, by)
            source = source_of(connection, since, until, begins)
            reading = _Reading(connection, source, cells, sums, self._dialect, pbx)
            reading.read_all()
        sums.finish()
        figures.blind = _blind(connection, since, until, pbx)
        figures.overflow = _overflow(connection, since, until, pbx)
        figures.access.refused = figures.total.calls.refused_or_cut
        return figures


@dataclass
class _Reading:
    """Adds up what is rolled and what is not."""

    connection: Connection
    source: Source
    cells: LocalTime
    sums: "_Sums"
    dialect: str
    pbx: str | None

    def read_all(self) -> None:
        """Read everything."""
        for table, add in (
            (rollup_call, self._add_calls),
            (rollup_visit, self._add_visits),
            (rollup_voice, self._add_voice),
        ):
            for rolled in self.source.rolled(table):
                add(self._added_up(rolled))
        for rolled in self.source.rolled(rollup_waits):
            self._add_packed(rolled)
        for ranges in self.source.counted():
            rows = calls_in(ranges, self.dialect)
            arrived, joined = self._cell(rows.c.arrived_at), self._cell(visit.c.joined_at)
            self._add_calls(self._of_pbx(call_counts(rows, arrived), rows.c.pbx))
            self._add_visits(self._of_pbx(visit_counts(ranges, joined), visit.c.pbx))
            stays = voice_counts(ranges, self._cell(call.c.arrived_at))
            self._add_voice(self._of_pbx(stays, call.c.pbx))
            self._add_seconds(self._of_pbx(commitment_seconds(rows, arrived), rows.c.pbx))
            self._add_seconds(self._of_pbx(answered_seconds(ranges, joined), visit.c.pbx))

    def _cell(self, moment: ColumnElement[int]) -> ColumnElement[int]:
        key = self.cells.key(moment)
        assert key is not None  # noqa: S101 - cells are always groups
        return key.label("cell")

    def _of_pbx(self, query: Select[Any], column: ColumnElement[str]) -> Select[Any]:
        if self.pbx is None:
            return query
        return query.where(plain_columns(self.dialect)(column) == self.pbx)

    def _added_up(self, rolled: Rolled) -> Select[Any]:
        """The rows of a table, added up by cell."""
        table = rolled.table
        cell, keys = self._cell(rolled.moment), list(table.primary_key)[1:]
        query = select(cell, *keys, *summed(table)).where(rolled.where).group_by(cell, *keys)
        return self._of_pbx(query, table.c.pbx)

    def _add_calls(self, query: Select[Any]) -> None:
        for cell, pbx, queue, version, within, *counts in self.connection.execute(query).all():
            self.sums.add_calls(self.cells.begin(cell), pbx, queue, version, within, _whole(counts))

    def _add_visits(self, query: Select[Any]) -> None:
        for cell, pbx, queue, *counts in self.connection.execute(query).all():
            self.sums.add_visits(self.cells.begin(cell), pbx, queue, _whole(counts))

    def _add_voice(self, query: Select[Any]) -> None:
        for cell, pbx, name, *counts in self.connection.execute(query).all():
            self.sums.add_voice(self.cells.begin(cell), pbx, name, VoiceTally(*_whole(counts)))

    def _add_packed(self, rolled: Rolled) -> None:
        """Add the histograms of what is rolled: a long number each."""
        columns = rolled.table.c["pbx", "queue", "kind", "seconds", "longer"]
        query = select(self._cell(rolled.moment), *columns).where(rolled.where)
        cursor = self.connection.execute(self._of_pbx(query, columns.pbx)).cursor
        assert cursor is not None  # noqa: S101 - a query gives rows
        # The driver's own rows: there are many, and nothing of them has to be converted.
        for (cell, pbx, queue, kind), waits in added(cursor.fetchall()).items():
            self.sums.add_waits(self.cells.begin(cell), pbx, queue, kind, waits)

    def _add_seconds(self, query: Select[Any]) -> None:
        found: defaultdict[tuple[int, str, str, str], Histogram] = defaultdict(Histogram)
        for cell, pbx, queue, kind, second, many in self.connection.execute(query).all():
            found[cell, pbx, queue, kind].add_seconds(second, many)
        for (cell, pbx, queue, kind), histogram in found.items():
            self.sums.add_waits(self.cells.begin(cell), pbx, queue, kind, histogram)


_CALL_NAMES: Final = [column.name for column in rollup_call.c][5:]
_VISIT_NAMES: Final = [column.name for column in rollup_visit.c][3:]
_CALL_LONGEST: Final = _CALL_NAMES.index(LONGEST)
_VISIT_LONGEST: Final = _VISIT_NAMES.index(LONGEST)
_VERDICTS: Final = 7
"""So many columns come first: each call is in one of them."""


@dataclass
class _Sums:
    """Counts of the parts as lists of numbers, which are added faster than tallies."""

    places: Places
    sees: Sees | None = None
    _known: dict[tuple[Ms, str, str], list[Part]] = field(default_factory=dict)
    _parts: dict[int, Part] = field(default_factory=dict)
    _calls: dict[int, list[int]] = field(default_factory=dict)
    _visits: dict[int, list[int]] = field(default_factory=dict)

    def add_calls(
        self, at: Ms, pbx: str, queue: str, version: int, within: Ms, counts: list[int]
    ) -> None:
        """Add a row of call counts."""
        calls = sum(counts[:_VERDICTS])
        for part in self._places_of(at, pbx, queue):
            _add(self._calls, id(part), counts, _CALL_LONGEST)
            part.policy_versions[version] += calls
            part.thresholds[within] += calls

    def add_visits(self, at: Ms, pbx: str, queue: str, counts: list[int]) -> None:
        """Add a row of visit counts."""
        for part in self._places_of(at, pbx, queue):
            _add(self._visits, id(part), counts, _VISIT_LONGEST)

    def add_voice(self, at: Ms, pbx: str, name: str, tally: VoiceTally) -> None:
        """Add a row of voice server counts."""
        if self.sees is not None:
            return
        for part in self.places.without_queue(at, pbx):
            part.voice.setdefault(name, VoiceTally()).add(tally)

    def add_waits(self, at: Ms, pbx: str, queue: str, kind: str, waits: Histogram) -> None:
        """Add a histogram."""
        for part in self._places_of(at, pbx, queue):
            (part.answered_waits if kind == ANSWERED_WAITS else part.commitment_waits).add(waits)

    def _places_of(self, at: Ms, pbx: str, queue: str) -> list[Part]:
        parts = self._known.get((at, pbx, queue))
        if parts is None:
            seen = self.sees is None or self.sees(pbx, queue)
            parts = self.places.of(at, pbx, queue) if seen else []
            self._known[at, pbx, queue] = parts
            for part in parts:
                self._parts[id(part)] = part
        return parts

    def finish(self) -> None:
        """Put the sums into the parts."""
        for key, part in self._parts.items():
            if key in self._calls:
                part.calls = _tally(CallTally, _CALL_NAMES, self._calls[key])
            if key in self._visits:
                part.visits = _tally(VisitTally, _VISIT_NAMES, self._visits[key])
        self.places.sort()


def _add(sums: dict[int, list[int]], key: int, counts: list[int], longest: int) -> None:
    known = sums.get(key)
    if known is None:
        sums[key] = list(counts)
        return
    most = max(known[longest], counts[longest])
    added = list(map(operator.add, known, counts))
    added[longest] = most
    sums[key] = added


def _whole(counts: Iterable[Any]) -> list[int]:
    """Counts as whole numbers: PostgreSQL's sums are decimals."""
    return list(map(int, counts))


_Tally = Callable[..., Any]


def _tally(make: _Tally, names: Sequence[str], counts: Iterable[int]) -> Any:  # noqa: ANN401
    """A tally of columns: plain counts, and those by reason or exit."""
    made = make()
    for name, count in zip(names, counts, strict=True):
        if name in REASON_COLUMNS:
            if count:
                made.reasons[REASON_COLUMNS[name]] = count
        elif name in EXIT_COLUMNS:
            if count:
                made.exits[EXIT_COLUMNS[name]] = count
        else:
            setattr(made, name, count)
    return made


def _cells(
    since: Ms, until: Ms, zone: tzinfo, begins: Iterable[Ms], by: Collection[Dimension]
) -> LocalTime:
    """What is added up together: days by local time, else whatever lies between two begins."""
    if Dimension.DAY in by:
        return LocalTime(spans(since, until, zone), DAY)
    borders = sorted({since, *begins, until})
    return LocalTime([Span(begin, end, 0) for begin, end in pairwise(borders)], _EVER)


def _blind(connection: Connection, since: Ms, until: Ms, pbx: str | None) -> list[BlindInterval]:
    c = blind_interval.c
    query = select(c.pbx, c.started_at, c.ended_at, c.cause).where(
        c.started_at < until, or_(c.ended_at.is_(None), c.ended_at > since)
    )
    if pbx is not None:
        query = query.where(c.pbx == pbx)
    return [BlindInterval(*row) for row in connection.execute(query.order_by(c.started_at, c.pbx))]


def _overflow(
    connection: Connection, since: Ms, until: Ms, pbx: str | None
) -> dict[tuple[str, str], int]:
    c = command.c
    query = select(c.kind, c.outcome, func.count()).where(c.issued_at >= since, c.issued_at < until)
    if pbx is not None:
        query = query.where(c.pbx == pbx)
    rows = connection.execute(query.group_by(c.kind, c.outcome).order_by(c.kind, c.outcome))
    return {(kind, outcome): many for kind, outcome, many in rows}
