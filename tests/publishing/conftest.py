"""Fixtures of the tests of publishing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mosquitto import broker
from tests.publishing.house import House

__all__ = ["broker"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "record.db")
    yield house
    house.close()
