"""One real Asterisk 22, for the tests that need nothing of their own."""

from collections.abc import Iterator

import pytest

from tests.asterisk_lab.server import AsteriskLab


@pytest.fixture(scope="session")
def lab() -> Iterator[AsteriskLab]:
    with AsteriskLab() as running:
        yield running
