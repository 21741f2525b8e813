"""One browser for each file of tests; and a busy machine is no fault of the page."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import browser

PATIENCE_MS: Final = 60_000
"""What is expected of a page has so long to come."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with browser() as launched:
        yield launched
