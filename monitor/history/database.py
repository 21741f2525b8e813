"""Opening the database: connections that behave the same everywhere, schema brought up to date."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.errors import HistoryError, explain, place
from monitor.history.schema import upgrade

_WRITES = "minuteur_writes"


class History:
    """An open database of records. Made by :func:`open_history`; close it when done."""

    def __init__(self, engine: Engine, pseudonyms: Pseudonyms | None = None) -> None:
        self.engine = engine
        self.pseudonyms = pseudonyms
        """Of callers and agents, for evidence; None: there is no key, so nothing is sealed."""
        self._readers = engine
        if engine.dialect.name == "postgresql":
            self._readers = engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def url(self) -> URL:
        """Where the database is."""
        return self.engine.url

    @property
    def caller_key(self) -> Callable[[str], str] | None:
        """Makes the pseudonym of a caller's number; None without a key."""
        return None if self.pseudonyms is None else self.pseudonyms.caller

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout, and changes nothing."""
        with self._readers.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes; committed at the end of the block, all or nothing."""
        with (
            self.engine.connect().execution_options(**{_WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_history(
    url: str,
    *,
    busy_timeout: float = 5.0,
    migrate: bool = True,
    pseudonyms: Pseudonyms | None = None,
) -> History:
    """Open the database at ``url`` and bring its schema up to date.

    Args:
        url: ``sqlite:///minuteur.db`` (relative), ``sqlite:////var/lib/…`` (absolute) or
            ``postgresql+psycopg://user:password@host/database``.
        busy_timeout: how long, in seconds, SQLite waits for a lock before it gives up.
        migrate: False leaves the schema as it is.
        pseudonyms: of callers and agents, for all that is stored; None: what is stored has none.

    Raises:
        HistoryError: in one plain sentence, why the database cannot be used and what to do.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed, busy_timeout) if _is_sqlite(parsed) else _postgresql(parsed)
    try:
        if migrate:
            upgrade(engine)
        else:
            with engine.connect():
                pass
    except SQLAlchemyError as error:
        engine.dispose()
        raise HistoryError(explain(error, parsed)) from error
    except BaseException:
        engine.dispose()
        raise
    return History(engine, pseudonyms)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise HistoryError(
            "[history] database is not an address: write sqlite:///FILE or "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE."
        ) from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise HistoryError(
            f"[history] database begins with {parsed.drivername}://, which Minuteur does not "
            "support: use sqlite:/// or postgresql+psycopg://."
        )
    if _is_sqlite(parsed) and parsed.database in {None, "", ":memory:"}:
        raise HistoryError("[history] database names no file: write sqlite:///FILE.")
    return parsed


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL, busy_timeout: float) -> Engine:
    file = Path(url.database or "").absolute()
    if not file.parent.is_dir():
        # Not made here: a mistyped path, or a disk that is not mounted, would begin a new history.
        raise HistoryError(
            f"The folder {file.parent} of {place(url)} does not exist: make it, mount it, or name "
            "another file in [history] database."
        )
    with contextlib.suppress(OSError):
        # The record holds callers' numbers: a new file is its owner's alone.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, connect_args={"timeout": busy_timeout}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # None: we begin transactions ourselves; sqlite3 would leave DDL and the start of reads outside.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: NORMAL may lose the last commits when the power fails, and a verdict that
    # was published must not be missing afterwards ("durable first"). It costs one fsync for a
    # batch, in the writer's thread, a few times a second.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten where that costs no page more; what that leaves, a purge takes
    # by writing the file anew (monitor/privacy/rewriting.py).
    connection.execute("PRAGMA secure_delete = FAST")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -16384")
    # A checkpoint that had to wait for a long report leaves a large file behind otherwise.
    connection.execute("PRAGMA journal_size_limit = 67108864")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes cannot wait for the lock; one that takes it
    # at once can.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL) -> Engine:
    arguments: dict[str, Any] = {
        "connect_timeout": 5,
        # A server that vanished without a word is noticed after 15 s, not after hours.
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    try:
        return create_engine(url, connect_args=arguments, pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise HistoryError(
            "PostgreSQL needs its driver: install it with `pip install 'minuteur[postgresql]'`."
        ) from error
