"""Writing a database's files anew, so that nothing that was removed stands in unused parts of them.

SQLite overwrites what is deleted (``secure_delete``), but a page that was split before may hold a
copy of it. So the whole file is made anew (``VACUUM``), and the write-ahead log is emptied. While
that runs, whoever writes waits: some ten seconds for each gigabyte.

PostgreSQL keeps old rows until ``VACUUM`` frees their place, and overwrites that place only when it
is used again; ``VACUUM FULL`` writes each table anew, and locks it meanwhile.
"""

import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from monitor.core.clock import Ms
from monitor.history.database import History
from monitor.history.tables import HistoryTable
from monitor.privacy.marks import REWRITTEN, UNCLEAN, mark, set_mark

TRIES: Final = 20
"""How often the write-ahead log is tried to be emptied, while somebody reads from it."""
PAUSE_S: Final = 0.5
log = logging.getLogger("minuteur.privacy")


def rewrite(
    history: History,
    now: Ms,
    *,
    full: bool = True,
    pause: Callable[[float], object] = time.sleep,
) -> bool:
    """Write the files anew.

    Args:
        history: the record.
        now: the present moment (ms).
        full: PostgreSQL: write the tables anew (``VACUUM FULL``), not only free the places.
        pause: sleeps between tries.

    Returns:
        Whether all is done; False: somebody was reading all the time, it is to be tried again.

    Raises:
        SQLAlchemyError: the database cannot be used, or has no room for a second copy.
    """
    if history.engine.dialect.name == "postgresql":
        _postgresql(history.engine, full=full)
        done = full
    else:
        done = _sqlite(history, pause)
    with history.writing() as connection:
        if done:
            set_mark(connection, UNCLEAN, 0)
            set_mark(connection, REWRITTEN, now)
    if done and history.engine.dialect.name != "postgresql":
        _checkpoint(history.engine)
    return done


def size(history: History) -> int:
    """How large the database's file is (bytes); 0 where it is on a server."""
    name = history.url.database
    if history.engine.dialect.name == "postgresql" or not name:
        return 0
    return Path(name).stat().st_size


def due(history: History) -> tuple[Ms, Ms]:
    """Since when unused parts may hold what was removed (0: not), and when it was rewritten."""
    with history.reading() as connection:
        return mark(connection, UNCLEAN), mark(connection, REWRITTEN)


def _sqlite(history: History, pause: Callable[[float], object]) -> bool:
    connection = history.engine.raw_connection()
    try:
        cursor = connection.cursor()
        # In a file beside the database: a large one is not to be held in memory.
        cursor.execute("PRAGMA temp_store = FILE")
        cursor.execute("VACUUM")
    except sqlite3.Error as error:
        raise OperationalError("VACUUM", None, error) from error
    finally:
        # Its settings are not the others'.
        connection.invalidate()
        connection.close()
    for _ in range(TRIES):
        if _checkpoint(history.engine):
            return True
        pause(PAUSE_S)
    return False


def _checkpoint(engine: Engine) -> bool:
    """Copy the write-ahead log into the file, and empty it; whether nobody stood in the way."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = cursor.fetchone()
        # Whether it was held up; how much is in the log; how much of it was copied.
        return found is not None and found[0] == 0 and found[1] <= 0
    finally:
        connection.close()


def _postgresql(engine: Engine, *, full: bool) -> None:
    what = "FULL, ANALYZE" if full else "ANALYZE"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        quoted: Any = connection.dialect.identifier_preparer
        for table in HistoryTable.metadata.sorted_tables:
            connection.exec_driver_sql(f"VACUUM ({what}) {quoted.format_table(table)}")
