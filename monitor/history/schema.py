"""The schema's versions: bringing a database up to date when Minuteur starts."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from monitor.history.errors import HistoryError, place

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 6_034_577
"""Key of PostgreSQL's advisory lock: two Minuteurs that start at once migrate in turn."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the schema up to date (or to a revision), all or nothing.

    Raises:
        HistoryError: a newer Minuteur wrote this database.
        SQLAlchemyError: the database cannot be used.
    """
    with engine.connect() as connection:
        if _revision(connection) == newest_revision():
            return
    with (
        engine.connect().execution_options(minuteur_writes=True) as connection,
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        _refuse_newer(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def newest_revision() -> str:
    """The schema version that this Minuteur works with."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None  # noqa: S101 - a package without migrations is a broken build
    return revision


def _refuse_newer(connection: Connection) -> None:
    revision = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is None or revision in known:
        return
    raise HistoryError(
        f"A newer Minuteur wrote {place(connection.engine.url)}: its schema is {revision}, this "
        f"Minuteur knows {newest_revision()}. Install that newer Minuteur again, or restore the "
        "backup made before its installation."
    )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    # Values are interpolated; a folder may have a % in its name.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
