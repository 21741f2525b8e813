import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import monitor.history as package
from monitor.history import History, open_history
from tests.postgres import PostgresServer, postgres_server

__all__ = ["postgres_server"]

# Tables are known once their module is imported, whichever tests are run.
for _module in pkgutil.iter_modules(package.__path__):
    if not _module.ispkg:
        import_module(f"{package.__name__}.{_module.name}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/history.db"
    # Making the tables takes longer than most tests: who wants a history gets them copied.
    server: PostgresServer = request.getfixturevalue("postgres_server")
    if "history" in request.fixturenames:
        return server.new_database(request.getfixturevalue("postgresql_with_tables"))
    return server.new_database()


@pytest.fixture(scope="session")
def postgresql_with_tables(postgres_server: PostgresServer) -> str:
    """The name of a database that has all tables and nothing in them."""
    url = postgres_server.new_database()
    open_history(url).close()
    return url.rpartition("/")[2]


@pytest.fixture
def history(url: str) -> Iterator[History]:
    with open_history(url) as opened:
        yield opened


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[History]:
    with open_history(f"sqlite:///{tmp_path}/history.db", busy_timeout=0) as opened:
        yield opened
