import socket
import sqlite3
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from monitor.core.records import Call, Fact, Visit, VoiceServerStay
from monitor.history import History, HistoryError, open_history, rows, tables
from monitor.history.schema import upgrade
from tests.history.samples import full_call
from tests.postgres import PostgresServer

EXPRESSIONS = {"ix_call_tail"}
"""Indexes on expressions, which Alembic cannot compare; the next test does, on SQLite."""


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_migrations_and_metadata_agree(history: History) -> None:
    with history.reading() as connection:
        opts = {
            "compare_type": True,
            "include_object": lambda _object, name, *_: name not in EXPRESSIONS,
        }
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, tables.HistoryTable.metadata) == []


def test_migrations_and_metadata_make_the_same_sqlite_schema(
    sqlite: History, tmp_path: Path
) -> None:
    made = create_engine(f"sqlite:///{tmp_path}/made.db")
    tables.HistoryTable.metadata.create_all(made)
    made.dispose()

    assert _sqlite_schema(tmp_path / "history.db") == _sqlite_schema(tmp_path / "made.db")


def _sqlite_schema(file: Path) -> set[tuple[object, ...]]:
    """Every index and trigger as it is written; every table by its parts.

    A column that was added later stands behind the table's constraints, in the statement alone.
    """
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(
            "SELECT type, name, sql FROM sqlite_master"
            " WHERE name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        found: set[tuple[object, ...]] = {
            (kind, name, " ".join(sql.split())) for kind, name, sql in rows if kind != "table"
        }
        for name in (name for kind, name, _ in rows if kind == "table"):
            found |= {
                (name, about, *row[skipped:])
                for about, skipped in (("table_xinfo", 1), ("foreign_key_list", 2))
                for row in connection.execute(f"PRAGMA {about}('{name}')")
            }
            found |= {
                (name, *row[2:])
                for row in connection.execute("SELECT * FROM pragma_table_list")
                if row[1] == name
            }
    return found


def test_upgrading_twice_changes_nothing(history: History) -> None:
    upgrade(history.engine)
    upgrade(history.engine)


def test_every_field_of_a_record_has_its_column() -> None:
    attached = {"visits", "stays", "facts"}
    assert {f.name for f in fields(Call)} - attached == set(tables.call.c.keys()) - {"id"}
    shared = {"call_id", "ordinal"}
    repeated = {"arrived_at", "pbx", "verdict", "wait", "talk"}
    assert {f.name for f in fields(Visit)} == set(tables.visit.c.keys()) - shared - repeated
    assert {f.name for f in fields(VoiceServerStay)} == set(tables.stay.c.keys()) - shared
    assert {f.name for f in fields(Fact)} == set(tables.fact.c.keys()) - shared
    for columns, table in (
        (rows.CALL_COLUMNS, tables.call),
        (rows.VISIT_COLUMNS, tables.visit),
        (rows.STAY_COLUMNS, tables.stay),
        (rows.FACT_COLUMNS, tables.fact),
        (rows.BLIND_COLUMNS, tables.blind_interval),
    ):
        assert sorted(columns) == sorted(table.c.keys())


def test_the_sample_call_leaves_no_default() -> None:
    sample, plain = full_call(), Call("", "", 0)
    assert [f.name for f in fields(Call) if getattr(sample, f.name) == getattr(plain, f.name)] == []


def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    with open_history(url) as history, history.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(HistoryError, match=r"newer Minuteur wrote .* schema is 9999.*restore"):
        open_history(url)
    open_history(url, migrate=False).close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "not an address"),
        ("mysql://root@host/x", "mysql.*does not support"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_an_address_that_cannot_work_is_explained(address: str, said: str) -> None:
    with pytest.raises(HistoryError, match=said):
        open_history(address)


def test_a_missing_folder_is_explained_and_not_made(tmp_path: Path) -> None:
    # A mistyped path, or a disk that is not mounted, must not begin a new history in silence.
    with pytest.raises(HistoryError, match=r"The folder .*absent of .* does not exist: make it"):
        open_history(f"sqlite:///{tmp_path}/absent/history.db")
    assert not (tmp_path / "absent").exists()


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    open_history(f"sqlite:///{tmp_path}/history.db").close()
    assert (tmp_path / "history.db").stat().st_mode & 0o777 == 0o600


def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "history.db").mkdir()
    with pytest.raises(HistoryError, match="Cannot open"):
        open_history(f"sqlite:///{tmp_path}/history.db")


def test_a_file_that_is_no_database_is_explained(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("Dear diary, " * 100)
    with pytest.raises(HistoryError, match="not an SQLite database"):
        open_history(f"sqlite:///{tmp_path}/history.db")


def test_a_locked_database_is_explained_at_opening(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(HistoryError, match=r"Another program holds .* locked"):
        open_history(f"sqlite:///{tmp_path}/history.db", busy_timeout=0)
    holder.close()


def test_sqlite_is_set_up_to_lose_nothing(sqlite: History) -> None:
    with sqlite.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.fixture
def nowhere() -> str:
    """A PostgreSQL address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"postgresql+psycopg://test:s3cr3t@127.0.0.1:{probe.getsockname()[1]}/x"


def test_postgresql_that_is_not_there_is_explained(nowhere: str) -> None:
    with pytest.raises(HistoryError, match=r"cannot be reached .*check that the server") as caught:
        open_history(nowhere)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.postgresql
def test_a_database_that_postgresql_does_not_have_is_explained(
    postgres_server: PostgresServer,
) -> None:
    address = postgres_server.new_database().replace("/test_", "/no_such_")
    with pytest.raises(HistoryError, match=r"does not exist .*create it"):
        open_history(address)
