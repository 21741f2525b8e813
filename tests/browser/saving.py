"""Writing down what a page shows: as PNG to look at, as WebP for the documentation."""

import base64
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

QUALITY: Final = 82
"""Of WebP: small letters stay sharp, and a page takes some tens of kilobytes."""


def save(page: Page, path: Path, *, whole: bool = False) -> None:
    """Take a picture.

    Args:
        page: what to take.
        path: where to; its ending says the format, ``.png`` or ``.webp``.
        whole: all of the page, not what stands on the screen (PNG only).
    """
    if path.suffix == ".png":
        page.screenshot(path=path, full_page=whole)
        return
    # Playwright itself writes no WebP; the browser does.
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(taken["data"]))
    session.detach()


def wider(page: Page) -> int:
    """By how many pixels the page is wider than its screen."""
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return int(wide)
