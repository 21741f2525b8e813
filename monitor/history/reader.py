"""Reading the record: pages of calls, one call, live calls, blind intervals.

Methods block; an event loop runs them in a thread. What they return lags behind the engine by the
writer's flush interval (0.2 s) plus one batch, and by as long as the database fails: show live
calls from the engine, the rest from here.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    false,
    func,
    or_,
    select,
)

from monitor.core.clock import HOUR, Ms
from monitor.core.records import BlindInterval, Call
from monitor.history.call_cursor import Cursor
from monitor.history.database import History
from monitor.history.policies import PolicyVersion, version_of
from monitor.history.queries import (
    COMMON_CALLER,
    COMMON_PREFIX,
    CallFilter,
    PageQueries,
    Queues,
    plain_columns,
)
from monitor.history.rows import call_of, fact_of, stay_of, visit_of
from monitor.history.tables import blind_interval, call, fact, stay, visit

MAX_LIMIT: Final = 500
SEARCH_FOR_S: Final = 0.02
FIRST_SPAN: Final[Ms] = HOUR
"""How far back a search looks in its first step."""
STEPS: Final = 5
"""About how many steps a search takes when it finds little."""


@dataclass(frozen=True, slots=True)
class CallPage:
    """Calls, newest first, with visits and stays; ``next_cursor`` is None at the end.

    ``searched_to``: the page is not full as the time for it was over; no other call that is meant
    arrived since then (ms), and ``next_cursor`` goes on from there. None for any other page.
    """

    calls: list[Call]
    next_cursor: str | None
    searched_to: Ms | None = None


@dataclass(frozen=True, slots=True)
class CallCount:
    """How many calls a filter means. ``more``: there are, or may be, more of them."""

    count: int
    more: bool


class HistoryReader:
    """Rebuilds records from the database."""

    def __init__(
        self,
        history: History,
        *,
        search_for: float = SEARCH_FOR_S,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Read from ``history``.

        Args:
            history: where the record is.
            search_for: seconds after which a page is given as far as it was found, where no index
                knows its calls; the last step may take it a little further.
            stopwatch: tells seconds that pass.
        """
        self._history = history
        self._dialect = history.engine.dialect.name
        self._pages = PageQueries(plain_columns(self._dialect), self._dialect)
        self._search_for = search_for
        self._stopwatch = stopwatch

    def policy_version(self, version: int) -> PolicyVersion | None:
        """What judged the calls that name this version; None when there is none."""
        return version_of(self._history, version)

    def calls(
        self, wanted: CallFilter | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> CallPage:
        """A page of calls, newest first, without their facts.

        Args:
            wanted: which calls; all when None.
            limit: how many, 1 to 500.
            cursor: ``next_cursor`` of the page before, under the same filter.

        Raises:
            ValueError: the cursor or the limit is not valid.
        """
        if not 1 <= limit <= MAX_LIMIT:
            raise ValueError(f"limit must be between 1 and {MAX_LIMIT}")
        after = None if cursor is None else Cursor.decode(cursor)
        wanted = wanted or CallFilter()
        with self._history.reading() as connection:
            if wanted.is_indexed:
                keys = self._keys(connection, wanted, after, limit + 1)
                newest = keys.c.arrived_at.desc(), keys.c.id.desc()
                query = select(call).join(keys, call.c.id == keys.c.id).order_by(*newest)
                stopped = None
            else:
                ids, stopped = self._search(connection, wanted, after, limit + 1)
                newest = call.c.arrived_at.desc(), call.c.id.desc()
                query = select(call).where(call.c.id.in_(ids)).order_by(*newest)
            calls = rebuild(connection, query)
            more = len(calls) > limit
            del calls[limit:]
            attach(connection, calls, (visit, stay), [found.id for found in calls])
        if more:
            return CallPage(calls, Cursor(calls[-1].arrived_at, calls[-1].id).encode())
        if stopped is not None:
            return CallPage(calls, Cursor(stopped, "").encode(), stopped)
        return CallPage(calls, None)

    def count(self, wanted: CallFilter, most: int) -> CallCount:
        """How many calls a filter means, counted up to ``most`` and no longer than a page may."""
        with self._history.reading() as connection:
            if wanted.is_indexed:
                keys = self._keys(connection, wanted, None, most + 1)
                found = connection.execute(select(func.count()).select_from(keys)).scalar_one()
                return CallCount(min(found, most), found > most)
            ids, stopped = self._search(connection, wanted, None, most + 1)
        return CallCount(min(len(ids), most), stopped is not None or len(ids) > most)

    def _keys(
        self, connection: Connection, wanted: CallFilter, after: Cursor | None, limit: int
    ) -> Subquery:
        by_queue = (
            wanted.caller is not None
            and wanted.queue is not None
            and connection.execute(self._pages.callers_calls(wanted)).scalar() == COMMON_CALLER
        )
        return self._pages.keys(wanted, after, limit, by_queue=by_queue)

    def _search(
        self, connection: Connection, wanted: CallFilter, after: Cursor | None, limit: int
    ) -> tuple[list[str], Ms | None]:
        """Ids of calls that no index knows, span after span back in time, while there is time.

        Returns:
            Up to ``limit`` ids, newest first; and where the search stopped, None at its end.
        """
        until, oldest = self._bounds(connection, wanted, after)
        by_search = self._is_narrow(connection, wanted)
        begin, span = self._stopwatch(), until - oldest if by_search else FIRST_SPAN
        found: list[str] = []
        while until > oldest:
            since = max(oldest, until - span)
            part = replace(wanted, since=since, until=until)
            keys = self._pages.keys(part, after, limit - len(found), by_search=by_search)
            began = self._stopwatch()
            found += connection.execute(select(keys.c.id)).scalars()
            until = since
            now = self._stopwatch()
            if len(found) >= limit or until <= oldest:
                break
            if now - begin >= self._search_for:
                return found, until
            span = self._next_span(span, now - began)
        return found, None

    def _next_span(self, span: Ms, took: float) -> Ms:
        """The next span to look at, so that it takes a small part of the time for a search."""
        aim = self._search_for / STEPS
        return max(FIRST_SPAN, round(span * min(4.0, aim / max(took, 1e-6))))

    def _bounds(
        self, connection: Connection, wanted: CallFilter, after: Cursor | None
    ) -> tuple[Ms, Ms]:
        """From where, and how far, to look back: ``since`` ≤ arrival < ``until``."""
        arrived = call.c.arrived_at
        newest = connection.execute(select(func.max(arrived))).scalar()
        oldest = connection.execute(select(func.min(arrived))).scalar()
        if newest is None or oldest is None:
            return 0, 0
        until, since = newest + 1, max(oldest, wanted.since or oldest)
        if wanted.until is not None:
            until = min(until, wanted.until)
        if after is not None:
            until = min(until, after.arrived_at + 1)
        return until, since

    def _is_narrow(self, connection: Connection, wanted: CallFilter) -> bool:
        """Whether what is searched leads to few calls by an index."""
        search = wanted.search
        if search is None or not search.is_indexed:
            return False
        if not search.number:
            return True
        begin = self._pages.calls_with_prefix(search.prefix)
        return connection.execute(begin).scalar_one() < COMMON_PREFIX

    def call(self, id_: str) -> Call | None:
        """One call with all its facts; None when there is none of this id."""
        with self._history.reading() as connection:
            calls = rebuild(connection, select(call).where(call.c.id == id_))
            attach(connection, calls, (visit, stay, fact), [id_])
        return calls[0] if calls else None

    def neighbours(self, of: Call, queues: Queues | None = None) -> tuple[str | None, str | None]:
        """Ids of the same caller's calls before and after one; None where there is none.

        ``queues``: only of calls that visited one of them. Who shows no number has no others.
        """
        if not any(letter.isdigit() for letter in of.caller):
            return None, None
        with self._history.reading() as connection:
            before, after = self._pages.neighbours(of, queues)
            return connection.execute(before).scalar(), connection.execute(after).scalar()

    def calls_of(self, ids: Sequence[str], *, facts: bool = True) -> dict[str, Call]:
        """Calls by their ids, as far as there are such; of facts all, or the very first only."""
        with self._history.reading() as connection:
            calls = rebuild(connection, select(call).where(call.c.id.in_(ids)))
            found = [record.id for record in calls]
            attach(connection, calls, (visit, stay, *([fact] if facts else [])), found)
            if not facts:
                attach(connection, calls, (fact,), found, fact.c.ordinal == 0)
        return {record.id: record for record in calls}

    def open_calls(self) -> list[Call]:
        """All live calls with their facts, oldest first, for ``engine.restore``."""
        live = select(call).where(call.c.closed == false())
        with self._history.reading() as connection:
            calls = rebuild(connection, live.order_by(call.c.arrived_at, call.c.id))
            attach(connection, calls, (visit, stay, fact), live.with_only_columns(call.c.id))
        return calls

    def blind_intervals(
        self, since: Ms, until: Ms, *, pbx: str | None = None
    ) -> list[BlindInterval]:
        """Blind intervals that overlap ``since`` ≤ t < ``until`` (ms), oldest first."""
        query = select(blind_interval).where(
            blind_interval.c.started_at < until,
            or_(blind_interval.c.ended_at.is_(None), blind_interval.c.ended_at > since),
        )
        if pbx is not None:
            query = query.where(blind_interval.c.pbx == pbx)
        return self._blind_intervals(query)

    def open_blind_intervals(self) -> list[BlindInterval]:
        """Blind intervals without an end, oldest first: those that a stopped monitor left."""
        return self._blind_intervals(
            select(blind_interval).where(blind_interval.c.ended_at.is_(None))
        )

    def _blind_intervals(self, query: Select[Any]) -> list[BlindInterval]:
        query = query.order_by(blind_interval.c.started_at, blind_interval.c.pbx)
        with self._history.reading() as connection:
            return [BlindInterval(**row) for row in connection.execute(query).mappings()]


def rebuild(connection: Connection, query: Select[Any]) -> list[Call]:
    """The calls that a query of their rows finds, without what belongs to them."""
    return [call_of(row) for row in connection.execute(query).mappings()]


def attach(
    connection: Connection,
    calls: Iterable[Call],
    tables: Iterable[Table],
    ids: Sequence[str] | Select[Any],
    *where: ColumnElement[bool],
) -> None:
    """Fill in what belongs to the calls of ``ids``, one query for each table."""
    by_id = {found.id: found for found in calls}
    if not by_id:
        return
    for table in tables:
        query = select(table).where(table.c.call_id.in_(ids), *where)
        for row in connection.execute(query.order_by(table.c.call_id, table.c.ordinal)).mappings():
            owner = by_id[row["call_id"]]
            if table is visit:
                owner.visits.append(visit_of(row))
            elif table is stay:
                owner.stays.append(stay_of(row))
            else:
                owner.facts.append(fact_of(row))
