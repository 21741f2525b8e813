"""Writing rows: few statements for each table of a batch, never one for each row.

SQLite's driver gives up Python's lock for every row that ``executemany`` inserts, and beside a busy
event loop it waits up to 5 ms to get it back (measured: 4 ms to 87 ms for a call of 20 facts). A
statement for many rows gives it up once and works beside the event loop for its whole length.
The rows of calls are bound to it on SQLite. All others, which are few, and all on PostgreSQL, whose
round trips that saves, travel as one JSON document that the database itself takes apart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Boolean, Connection, Dialect, Float, Integer, Table

from monitor.history import overflow_rows as overflow
from monitor.history import overflow_tables
from monitor.history import rows as columns
from monitor.history.database import History
from monitor.history.errors import BAD_DATA
from monitor.history.evidence_keeping import EvidenceKeeper
from monitor.history.many_rows import ManyRows
from monitor.history.rollup_marks import RollupMarker
from monitor.history.rows import Row, Rows, as_json, fit, fit_facts
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
        self._keeper = EvidenceKeeper(history)
        dialect = history.engine.dialect
        self._marker = RollupMarker(dialect.name)
        self._calls = _rows_of_calls(dialect, call, columns.CALL_COLUMNS)
        self._visits = _rows_of_calls(dialect, visit, columns.VISIT_COLUMNS)
        self._stays = _rows_of_calls(dialect, stay, columns.STAY_COLUMNS)
        self._facts = _rows_of_calls(dialect, fact, columns.FACT_COLUMNS)
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
                self._keeper.keep(connection, rows.calls)
                self._marker.mark(connection, rows)
                self._execute(connection, rows)
            self._marker.stored()
        except BAD_DATA as error:
            parts = rows.split()
            if len(parts) == 1:
                return [_refusal(rows, error)]
            return [refusal for part in parts for refusal in self.write(part)]
        return []

    def _execute(self, connection: Connection, rows: Rows) -> None:
        if rows.rewritten:
            for removal in self._removals:
                _send(connection, removal, rows.rewritten)
        for write, part in (
            (self._calls, rows.calls),
            (self._visits, rows.visits),
            (self._stays, rows.stays),
            (self._facts, rows.facts),
        ):
            if part:
                write(connection, part)
        for statement, part in (
            (self._blind, rows.blind),
            (self._decisions, rows.decisions),
            (self._commands, rows.commands),
            (self._standing, rows.standing),
            (self._undone, rows.undone),
            (self._messages, rows.messages),
        ):
            if part:
                _send(connection, statement, part)


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


def _rows_of_calls(
    dialect: Dialect, table: Table, names: Sequence[str]
) -> Callable[[Connection, Sequence[Row]], None]:
    """What stores the rows of one of the tables that are written for every call."""
    update = table is not fact
    if dialect.name != "sqlite":
        statement = _upsert(dialect, table, names, update=update)
        return lambda connection, rows: _send(connection, statement, rows)
    many = ManyRows(
        lambda count: _upsert(dialect, table, names, update=update, rows=count), len(names)
    )
    fitted = fit_facts if table is fact else fit
    return lambda connection, rows: many.write(connection, fitted(rows))


def _send(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Execute a statement with rows as one JSON document."""
    connection.exec_driver_sql(statement, (as_json(rows),))


def _upsert(
    dialect: Dialect,
    table: Table,
    names: Sequence[str],
    *,
    keys: Sequence[str] = (),
    update: bool = True,
    rows: int = 0,
) -> str:
    """A statement that stores so many rows, each value bound; or (0) those of a JSON array."""
    quote = dialect.identifier_preparer.quote
    keys = keys or [column.name for column in table.primary_key]
    set_ = ", ".join(
        f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in keys
    )
    row = f"({', '.join('?' for _ in names)})"
    source = f"VALUES {', '.join([row] * rows)}" if rows else _source(dialect, table, names)
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
