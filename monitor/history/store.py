"""Writing rows: one statement and one parameter for each table of a batch.

Why the rows travel as a JSON document that the database itself takes apart: SQLite's driver gives
up Python's lock for every row that ``executemany`` inserts, and beside a busy event loop it waits
up to 5 ms to get it back (measured: 4 ms to 87 ms for a call of 20 facts). One statement for the
whole batch gives it up once and works beside the event loop for its whole length: 0.1 ms a call,
whether the loop is busy or not. PostgreSQL saves the round trips likewise.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import orjson
from sqlalchemy import BigInteger, Boolean, Connection, Dialect, Float, Integer, Table

from monitor.history import overflow_rows as overflow
from monitor.history import overflow_tables
from monitor.history import rows as columns
from monitor.history.database import History
from monitor.history.errors import BAD_DATA
from monitor.history.rows import Rows, as_json
from monitor.history.tables import blind_interval, call, fact, stay, visit


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call (or another row) that the database does not take, and what it said.

    ``kind`` is the list of :class:`~monitor.history.rows.Rows` that it stood in; ``messages`` is
    how many messages went with it.
    """

    id: str
    said: str
    kind: str = "calls"
    messages: int = 0


class Store:
    """Writes batches of rows into a history; to be used by one thread at a time."""

    def __init__(self, history: History) -> None:
        self.history = history
        dialect = history.engine.dialect
        self._calls = _upsert(dialect, call, columns.CALL_COLUMNS)
        self._visits = _upsert(dialect, visit, columns.VISIT_COLUMNS)
        self._stays = _upsert(dialect, stay, columns.STAY_COLUMNS)
        self._facts = _upsert(dialect, fact, columns.FACT_COLUMNS, update=False)
        self._blind = _upsert(dialect, blind_interval, columns.BLIND_COLUMNS)
        self._removals = [_removal(dialect, table) for table in (visit, stay, fact)]
        tables = overflow_tables
        self._decisions = _upsert(dialect, tables.decision, overflow.DECISION_COLUMNS)
        self._commands = _upsert(dialect, tables.command, overflow.COMMAND_COLUMNS)
        self._standing = _upsert(dialect, tables.standing, overflow.STANDING_COLUMNS)
        self._undone = _removal(dialect, tables.standing, overflow.STANDING_KEY)
        self._messages = _upsert(
            dialect, tables.outbox, overflow.MESSAGE_COLUMNS, keys=("id",), update=False
        )

    def write(self, rows: Rows) -> list[Refusal]:
        """Store rows in one transaction; storing them twice changes nothing.

        Returns:
            What the database refused for its content; the rest is stored.

        Raises:
            SQLAlchemyError: the database cannot be used now; nothing is stored, try again.
        """
        try:
            with self.history.writing() as connection:
                self._execute(connection, rows)
        except BAD_DATA as error:
            parts = rows.split()
            if len(parts) == 1:
                return [_refusal(rows, error)]
            return [refusal for part in parts for refusal in self.write(part)]
        return []

    def _execute(self, connection: Connection, rows: Rows) -> None:
        if rows.rewritten:
            for removal in self._removals:
                connection.exec_driver_sql(removal, (as_json(rows.rewritten),))
        for statement, part in (
            (self._calls, rows.calls),
            (self._visits, rows.visits),
            (self._stays, rows.stays),
            (self._facts, rows.facts),
            (self._blind, rows.blind),
            (self._decisions, rows.decisions),
            (self._commands, rows.commands),
            (self._standing, rows.standing),
            (self._undone, rows.undone),
            (self._messages, rows.messages),
        ):
            if part:
                connection.exec_driver_sql(statement, (as_json(part),))


class RowStore(Store):
    """Writes row by row where that is faster: on SQLite, in a process that does nothing else.

    Text has to be fit for the database already; elsewhere it writes as :class:`Store` does.
    """

    def __init__(self, history: History) -> None:
        super().__init__(history)
        dialect = history.engine.dialect
        self._by_row = dialect.name == "sqlite"
        if not self._by_row:
            return
        # What a power cut takes is imported again, so not every batch has to wait for the disk.
        with closing(history.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA synchronous = NORMAL")
            connection.cursor().execute("PRAGMA wal_autocheckpoint = 20000")
        self._plain = tuple(
            _upsert(dialect, table, names, update=table is not fact, by_row=True)
            for table, names in (
                (call, columns.CALL_COLUMNS),
                (visit, columns.VISIT_COLUMNS),
                (stay, columns.STAY_COLUMNS),
                (fact, columns.FACT_COLUMNS),
            )
        )

    def _execute(self, connection: Connection, rows: Rows) -> None:
        if not self._by_row or len(rows) > len(rows.calls) or rows.rewritten:
            super()._execute(connection, rows)
            return
        dumps = orjson.dumps
        facts = [(id_, n, at, kind, dumps(d).decode()) for id_, n, at, kind, d in rows.facts]
        parts = (rows.calls, rows.visits, rows.stays, facts)
        for statement, part in zip(self._plain, parts, strict=True):
            if part:
                connection.exec_driver_sql(statement, part)


def _refusal(rows: Rows, error: BaseException) -> Refusal:
    kinds = ("calls", "facts", "blind", "decisions", "commands", "standing", "undone", "messages")
    kind = next((kind for kind in kinds if getattr(rows, kind)), "calls")
    held: list[Sequence[object]] = getattr(rows, kind) or [("?",)]
    said = " ".join(str(error).split())[:500]
    return Refusal(str(held[0][0]), said, kind, len(rows.messages))


_POSTGRESQL_TYPES: Final = (
    (Boolean, "boolean"),
    (BigInteger, "bigint"),
    (Integer, "integer"),
    (Float, "float8"),
)


def _source(dialect: Dialect, table: Table, names: Iterable[str]) -> str:
    """A query that takes a JSON array of rows apart."""
    if dialect.name == "sqlite":
        parts = ", ".join(f"json_extract(value, '$[{n}]')" for n, _ in enumerate(names))
        # Without the WHERE, SQLite reads the "ON CONFLICT" that follows as a join's "ON".
        return f"SELECT {parts} FROM json_each(?) WHERE true"  # noqa: S608 - our own names
    parts = ", ".join(
        f"(item ->> {n})::{_postgresql_type(table, name)}" for n, name in enumerate(names)
    )
    return f"SELECT {parts} FROM json_array_elements(%s::json) AS item"  # noqa: S608


def _postgresql_type(table: Table, name: str) -> str:
    kind = table.c[name].type
    return next((word for cls, word in _POSTGRESQL_TYPES if isinstance(kind, cls)), "text")


def _upsert(
    dialect: Dialect,
    table: Table,
    names: Sequence[str],
    *,
    keys: Sequence[str] = (),
    update: bool = True,
    by_row: bool = False,
) -> str:
    quote = dialect.identifier_preparer.quote
    keys = keys or [column.name for column in table.primary_key]
    set_ = ", ".join(
        f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in keys
    )
    values = f"VALUES ({', '.join('?' for _ in names)})"
    source = values if by_row else _source(dialect, table, names)
    return (
        f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) "
        f"{source} ON CONFLICT ({', '.join(map(quote, keys))}) "
        + (f"DO UPDATE SET {set_}" if update else "DO NOTHING")
    )


def _removal(dialect: Dialect, table: Table, names: Sequence[str] = ("call_id",)) -> str:
    """Take all of a table's rows that have some values (of some calls) out."""
    keys = _source(dialect, table, names)
    quoted = ", ".join(map(dialect.identifier_preparer.quote, names))
    return f"DELETE FROM {table.name} WHERE ({quoted}) IN ({keys})"  # noqa: S608 - our own names
