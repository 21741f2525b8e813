"""Recorded calls of a range, all at once and without their facts: what a backtest runs over."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select, true

from monitor.core.clock import Ms
from monitor.core.records import Call
from monitor.history.database import History
from monitor.history.rows import call_of, stay_of, visit_of
from monitor.history.tables import call, stay, visit

MOST: Final = 200_000
"""Calls that are read at most: some 400 MB of memory."""


class TooManyCallsError(ValueError):
    """The range holds more calls than are read at once; the message says what to do."""


class PastCalls:
    """Reads the closed calls of a range. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history

    def calls(
        self, since: Ms, until: Ms, *, pbx: str | None = None, most: int = MOST
    ) -> list[Call]:
        """The closed calls that arrived ``since`` ≤ t < ``until`` (ms), with visits and stays.

        Raises:
            TooManyCallsError: they are more than ``most``.
            SQLAlchemyError: the database cannot be read.
        """
        wanted = [call.c.arrived_at >= since, call.c.arrived_at < until, call.c.closed == true()]
        if pbx is not None:
            wanted.append(call.c.pbx == pbx)
        with self._history.reading() as connection:
            found = connection.execute(select(func.count()).select_from(call).where(*wanted))
            number = found.scalar_one()
            if number > most:
                raise TooManyCallsError(
                    f"The range holds {number:,} calls, {most:,} are read at most: take a shorter "
                    "range, or one PBX."
                )
            return _read(connection, wanted)


def _read(connection: Connection, wanted: list[ColumnElement[bool]]) -> list[Call]:
    query = select(call).where(*wanted).order_by(call.c.arrived_at, call.c.id)
    calls = {row["id"]: call_of(row) for row in connection.execute(query).mappings()}
    ids: Any = select(call.c.id).where(*wanted)
    for table in (visit, stay):
        rows = select(table).where(table.c.call_id.in_(ids))
        for row in connection.execute(rows.order_by(table.c.call_id, table.c.ordinal)).mappings():
            owner = calls[row["call_id"]]
            if table is visit:
                owner.visits.append(visit_of(row))
            else:
                owner.stays.append(stay_of(row))
    return list(calls.values())
