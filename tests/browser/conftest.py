"""What is expected of a page has a minute to come: a busy machine is no fault of the page."""

from typing import Final

from playwright.sync_api import expect

PATIENCE_MS: Final = 60_000

expect.set_options(timeout=PATIENCE_MS)
