"""Reading the record: pages of calls, one call, live calls, blind intervals.

Methods block; an event loop runs them in a thread. What they return lags behind the engine by the
writer's flush interval (0.2 s) plus one batch, and by as long as the database fails: show live
calls from the engine, the rest from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, false, or_, select

from monitor.core.clock import Ms
from monitor.core.records import BlindInterval, Call
from monitor.history.database import History
from monitor.history.queries import COMMON_CALLER, CallFilter, Cursor, PageQueries, plain_columns
from monitor.history.rows import call_of, fact_of, stay_of, visit_of
from monitor.history.tables import blind_interval, call, fact, stay, visit

MAX_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class CallPage:
    """Calls, newest first, with visits and stays; ``next_cursor`` is None at the end."""

    calls: list[Call]
    next_cursor: str | None


class HistoryReader:
    """Rebuilds records from the database."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._pages = PageQueries(plain_columns(history.engine.dialect.name))

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
            by_queue = (
                wanted.caller is not None
                and wanted.queue is not None
                and connection.execute(self._pages.callers_calls(wanted)).scalar() == COMMON_CALLER
            )
            keys = self._pages.keys(wanted, after, limit + 1, by_queue=by_queue)
            newest = keys.c.arrived_at.desc(), keys.c.id.desc()
            query = select(call).join(keys, call.c.id == keys.c.id).order_by(*newest)
            calls = _rebuild(connection, query)
            more = len(calls) > limit
            del calls[limit:]
            ids = [found.id for found in calls]
            _attach(connection, calls, (visit, stay), ids)
        last = calls[-1] if more else None
        return CallPage(calls, None if last is None else Cursor(last.arrived_at, last.id).encode())

    def call(self, id_: str) -> Call | None:
        """One call with all its facts; None when there is none of this id."""
        with self._history.reading() as connection:
            calls = _rebuild(connection, select(call).where(call.c.id == id_))
            _attach(connection, calls, (visit, stay, fact), [id_])
        return calls[0] if calls else None

    def calls_of(self, ids: Sequence[str], *, facts: bool = True) -> dict[str, Call]:
        """Calls by their ids, as far as there are such; of facts all, or the very first only."""
        with self._history.reading() as connection:
            calls = _rebuild(connection, select(call).where(call.c.id.in_(ids)))
            found = [record.id for record in calls]
            _attach(connection, calls, (visit, stay, *([fact] if facts else [])), found)
            if not facts:
                _attach(connection, calls, (fact,), found, fact.c.ordinal == 0)
        return {record.id: record for record in calls}

    def open_calls(self) -> list[Call]:
        """All live calls with their facts, oldest first, for ``engine.restore``."""
        live = select(call).where(call.c.closed == false())
        with self._history.reading() as connection:
            calls = _rebuild(connection, live.order_by(call.c.arrived_at, call.c.id))
            _attach(connection, calls, (visit, stay, fact), live.with_only_columns(call.c.id))
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


def _rebuild(connection: Connection, query: Select[Any]) -> list[Call]:
    return [call_of(row) for row in connection.execute(query).mappings()]


def _attach(
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
