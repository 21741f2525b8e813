from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history import History, open_history
from tests.history.conftest import postgres_server, postgresql_with_tables, url

__all__ = ["postgres_server", "postgresql_with_tables", "url"]

KEY = bytes(range(32))


@pytest.fixture
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(KEY)


@pytest.fixture
def history(url: str, pseudonyms: Pseudonyms) -> Iterator[History]:
    """A record with a key, of each kind of database in turn."""
    with open_history(url, pseudonyms=pseudonyms) as opened:
        yield opened


@pytest.fixture
def sqlite(tmp_path: Path, pseudonyms: Pseudonyms) -> Iterator[History]:
    with open_history(f"sqlite:///{tmp_path}/history.db", pseudonyms=pseudonyms) as opened:
        yield opened
