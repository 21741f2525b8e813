"""The figures of a period, exact at every moment: from rollups, and from calls for the rest.

An hour that nobody marked is read from its rows; marked ones, and hours that the period or one of
its days cuts, are counted from their calls by the queries that roll them. All in one reading
transaction, so it is the figures of one state of the record:
:class:`monitor.core.period.PeriodCount` over all its calls gives the same.
"""

import json
import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, func, or_, select

from monitor.core.buckets import spans
from monitor.core.clock import DAY, HOUR, Ms
from monitor.core.period import ALL, Dimension, Part, PeriodFigures, Places
from monitor.core.records import BlindInterval
from monitor.core.tallies import CallTally, Histogram, VisitTally, VoiceTally
from monitor.history.database import History
from monitor.history.figure_queries import LocalTime
from monitor.history.overflow_tables import command
from monitor.history.queries import plain_columns
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
from monitor.history.rollup_source import Source, source_of
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
_BY_TIME: Final = frozenset(Dimension) - {Dimension.PBX, Dimension.QUEUE}
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
        sums = _Sums(Places(figures, by), sees)
        if since < until:
            local = LocalTime(spans(since, until, zone), DAY if _BY_TIME & set(by) else _EVER)
            source = source_of(connection, since, until, _borders(figures, local))
            reading = _Reading(connection, source, local, sums, self._dialect, pbx)
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
    local: LocalTime
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
            add(self._rolled(table))
        self._add_packed()
        for ranges in self.source.parts():
            rows = calls_in(ranges, self.dialect)
            arrived, joined = self._cell(rows.c.arrived_at), self._cell(visit.c.joined_at)
            self._add_calls(self._of_pbx(call_counts(rows, arrived), rows.c.pbx))
            self._add_visits(self._of_pbx(visit_counts(ranges, joined), visit.c.pbx))
            stays = voice_counts(ranges, self._cell(call.c.arrived_at))
            self._add_voice(self._of_pbx(stays, call.c.pbx))
            self._add_seconds(self._of_pbx(commitment_seconds(rows, arrived), rows.c.pbx))
            self._add_seconds(self._of_pbx(answered_seconds(ranges, joined), visit.c.pbx))

    def _cell(self, moment: ColumnElement[int]) -> ColumnElement[int]:
        key = self.local.key(moment)
        assert key is not None  # noqa: S101 - days are always groups
        return key.label("cell")

    def _of_pbx(self, query: Select[Any], column: ColumnElement[str]) -> Select[Any]:
        if self.pbx is None:
            return query
        return query.where(plain_columns(self.dialect)(column) == self.pbx)

    def _rolled(self, table: Table) -> Select[Any]:
        """The rows of a table, added up by cell."""
        keys = [column for column in table.primary_key if column.name != "hour"]
        counts = [column for column in table.c if column.name not in table.primary_key]
        cell = self._cell(table.c.hour * HOUR)
        added = [func.max(c) if c.name == LONGEST else func.sum(c) for c in counts]
        query = select(cell, *keys, *(a.label(c.name) for a, c in zip(added, counts, strict=True)))
        return self._of_pbx(query.where(self.source.hours(table)), table.c.pbx).group_by(
            cell, *keys
        )

    def _add_calls(self, query: Select[Any]) -> None:
        for cell, pbx, queue, version, within, *counts in self.connection.execute(query).all():
            self.sums.add_calls(self.local.begin(cell), pbx, queue, version, within, _whole(counts))

    def _add_visits(self, query: Select[Any]) -> None:
        for cell, pbx, queue, *counts in self.connection.execute(query).all():
            self.sums.add_visits(self.local.begin(cell), pbx, queue, _whole(counts))

    def _add_voice(self, query: Select[Any]) -> None:
        for cell, pbx, name, *counts in self.connection.execute(query).all():
            self.sums.add_voice(self.local.begin(cell), pbx, name, VoiceTally(*_whole(counts)))

    def _add_packed(self) -> None:
        """Add the histograms of what is rolled: a long number each."""
        table = rollup_waits
        cell = self._cell(table.c.hour * HOUR)
        query = select(cell, *table.c["pbx", "queue", "kind", "seconds", "longer"])
        query = self._of_pbx(query.where(self.source.hours(table)), table.c.pbx)
        packed: defaultdict[tuple[int, str, str, str], int] = defaultdict(int)
        longer: defaultdict[tuple[int, str, str, str], list[str]] = defaultdict(list)
        number = int.from_bytes
        cursor = self.connection.execute(query).cursor
        assert cursor is not None  # noqa: S101 - a query gives rows
        # The driver's own rows: there are many, and nothing of them has to be converted.
        for at, pbx, queue, kind, seconds, more in cursor.fetchall():
            packed[at, pbx, queue, kind] += number(seconds, "little")
            if more:
                longer[at, pbx, queue, kind].append(more)
        for key, seconds in packed.items():
            at, pbx, queue, kind = key
            histogram = Histogram(seconds)
            for more in longer.get(key, ()):
                histogram.add(Histogram(0, {int(k): n for k, n in json.loads(more).items()}))
            self.sums.add_waits(self.local.begin(at), pbx, queue, kind, histogram)

    def _add_seconds(self, query: Select[Any]) -> None:
        found: defaultdict[tuple[int, str, str, str], Histogram] = defaultdict(Histogram)
        for cell, pbx, queue, kind, second, many in self.connection.execute(query).all():
            found[cell, pbx, queue, kind].add_seconds(second, many)
        for (cell, pbx, queue, kind), histogram in found.items():
            self.sums.add_waits(self.local.begin(cell), pbx, queue, kind, histogram)


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


def _borders(figures: PeriodFigures, local: LocalTime) -> set[Ms]:
    """The moments at which a day, week or month of the figures begins, or the offset changes."""
    begins = {span.begin for span in local.spans}
    for list_ in (figures.by_day, figures.by_week, figures.by_month):
        begins |= {bucket.begin for bucket, _ in list_}
    return begins


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
