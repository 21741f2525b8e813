"""One real Asterisk 22 and one monitor on it, for the tests that need nothing of their own."""

from collections.abc import Iterator

import pytest

from tests.asterisk_lab.server import AsteriskLab
from tests.scenarios.product import Product


@pytest.fixture(scope="session")
def lab() -> Iterator[AsteriskLab]:
    with AsteriskLab() as running:
        yield running


@pytest.fixture(scope="session")
def product(lab: AsteriskLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with Product(tmp_path_factory.mktemp("product"), lab) as running:
        yield running
