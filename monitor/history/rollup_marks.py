"""Marking the hours whose rollups a write makes untrue, in the transaction of the write.

The hours that calls and visits belong to are marked, those they belonged to before, and those of
the later calls of the same caller: whether these are repeats may change. What was stored before
has to be read for that. As nearly all writes are of live calls, which stay where they are, what was
written last is remembered, and only calls that are new here, or moved, are looked up.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from monitor.core.clock import DAY, HOUR, Ms
from monitor.core.tallies import REPEAT_DAYS, has_number
from monitor.history.rows import CALL_COLUMNS, VISIT_COLUMNS, Rows

_ARRIVED: Final = CALL_COLUMNS.index("arrived_at")
_CALLER: Final = CALL_COLUMNS.index("caller")
_KEY: Final = CALL_COLUMNS.index("caller_key")
_JOINED: Final = VISIT_COLUMNS.index("joined_at")
REMEMBERED: Final = 100_000
"""Calls of which it is remembered what was written; then all are forgotten."""
REPEAT_SPAN: Final[Ms] = max(REPEAT_DAYS) * DAY

Place = tuple[Ms, str, str]
"""When a call arrived, its caller's number, and its pseudonym."""


class RollupMarker:
    """Marks hours for a :class:`~monitor.history.store.Store`."""

    def __init__(self, dialect: str) -> None:
        self._sqlite = dialect == "sqlite"
        self._me = secrets.token_hex(8)
        self._places: dict[str, Place] = {}
        self._joined: dict[tuple[str, int], Ms] = {}
        self._new_places: dict[str, Place] = {}
        self._new_joined: dict[tuple[str, int], Ms] = {}

    def mark(self, connection: Connection, rows: Rows) -> None:
        """Before these rows are stored: mark the hours that they change.

        Raises:
            SQLAlchemyError: the database cannot be used now.
        """
        if not rows.calls and not rows.rewritten:
            return
        newest = self._begin(connection)
        self._new_places, self._new_joined = {}, {}
        hours, moved = self._compare(rows)
        if moved:
            self._look_up(connection, moved, newest, hours)
        mark_hours(connection, hours)

    def stored(self) -> None:
        """Say that the rows which were marked last are committed."""
        if len(self._places) > REMEMBERED:
            self._places, self._joined = {}, {}
        self._places.update(self._new_places)
        self._joined.update(self._new_joined)

    def _begin(self, connection: Connection) -> Ms:
        """When the newest call arrived; forget all if another program has written meanwhile."""
        found = connection.exec_driver_sql(
            "SELECT (SELECT max(writer) FROM rollup_writer), (SELECT max(arrived_at) FROM call)"
        ).one()
        if found[0] != self._me:
            self._places, self._joined = {}, {}
            connection.exec_driver_sql("DELETE FROM rollup_writer")
            insert = "INSERT INTO rollup_writer (writer) VALUES ({})"
            connection.exec_driver_sql(insert.format("?" if self._sqlite else "%s"), (self._me,))
        return int(found[1] or 0)

    def _compare(self, rows: Rows) -> tuple[set[int], dict[str, Place | None]]:
        """The hours of the rows; and of which calls what was stored is not known, or other."""
        places, joined = self._places, self._joined
        hours: set[int] = set()
        moved: dict[str, Place | None] = {row[0]: None for row in rows.rewritten}
        for row in rows.calls:
            id_, place = row[0], (row[_ARRIVED], row[_CALLER], row[_KEY])
            hours.add(place[0] // HOUR)
            if id_ in moved or places.get(id_) != place:
                moved[id_] = self._new_places[id_] = place
        for row in rows.visits:
            key, at = (row[0], row[1]), row[_JOINED]
            if joined.get(key) != at:
                hours.add(at // HOUR)
                self._new_joined[key] = at
                moved.setdefault(row[0], places.get(row[0]))
        # A visit that is remembered may still have changed its exit: its hour changes.
        hours.update(row[_JOINED] // HOUR for row in rows.visits)
        return hours, moved

    def _look_up(
        self,
        connection: Connection,
        moved: dict[str, Place | None],
        newest: Ms,
        hours: set[int],
    ) -> None:
        """Add the hours that calls and visits leave, and those of their callers' later calls."""
        ids = list(moved)
        before = {
            row[0]: (row[1], row[2], row[3])
            for row in self._by_id(
                connection, "call.id, call.arrived_at, call.caller, call.caller_key", "call.id", ids
            )
        }
        if before:
            stored = list(before)
            visits = self._by_id(connection, "visit.joined_at", "visit.call_id", stored)
            hours.update(row[0] // HOUR for row in visits)
        changed: list[Place] = []
        for id_, place in moved.items():
            old = before.get(id_)
            if old is not None:
                hours.add(old[0] // HOUR)
            if old != place and place is not None:
                # No call is later than one that is new, and newer than all that are stored. Of
                # others in the same batch, the hours are marked as they are.
                changed += [found for found in (old, place) if found is not None]
        later = [place for place in changed if place[0] <= newest]
        if later:
            hours.update(later_hours(connection, later))

    def _by_id(
        self, connection: Connection, columns: str, key: str, ids: Sequence[str]
    ) -> Iterable[Any]:
        table = key.partition(".")[0]
        if self._sqlite:
            source = f"json_each(?) AS wanted CROSS JOIN {table} ON {key} = wanted.value"
            query = f"SELECT {columns} FROM {source}"  # noqa: S608 - our own names
            return connection.exec_driver_sql(query, (orjson.dumps(ids).decode(),)).all()
        query = f"SELECT {columns} FROM {table} WHERE {key} = ANY(%s)"  # noqa: S608
        return connection.exec_driver_sql(query, (ids,)).all()


def mark_hours(connection: Connection, hours: Collection[int]) -> None:
    """Mark hours (numbers of hours since the epoch); also for who writes calls by other ways.

    SQLite has one writer at a time: an hour is marked once. PostgreSQL's writers would wait for
    each other's marks, so each adds its own.
    """
    if connection.dialect.name == "sqlite":
        query = (
            "INSERT INTO rollup_due (hour) SELECT ?1"
            " WHERE NOT EXISTS (SELECT 1 FROM rollup_due WHERE hour = ?1)"
        )
        for hour in sorted(hours):
            connection.exec_driver_sql(query, (hour,))
    elif hours:
        query = "INSERT INTO rollup_due (hour) SELECT unnest(%s::bigint[])"
        connection.exec_driver_sql(query, (sorted(hours),))


def later_hours(connection: Connection, places: Iterable[Place]) -> set[int]:
    """The hours of the later calls of callers, as long as they may be repeats."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    hours: set[int] = set()
    for at, caller, key in places:
        names = [("caller", caller)] if has_number(caller) else []
        if key:
            names.append(("caller_key <> '' AND caller_key", key))
        for column, value in names:
            query = (
                f"SELECT DISTINCT arrived_at / {HOUR} FROM call WHERE {column} = {mark}"  # noqa: S608
                f" AND arrived_at > {mark} AND arrived_at <= {mark}"
            )
            values = (value, at, at + REPEAT_SPAN)
            hours.update(row[0] for row in connection.exec_driver_sql(query, values))
    return hours


def mark_callers(connection: Connection, places: Sequence[Place]) -> None:
    """Mark calls whose callers are known by other than before; for who gives them pseudonyms."""
    hours = {at // HOUR for at, _, _ in places}
    mark_hours(connection, hours | later_hours(connection, places))
