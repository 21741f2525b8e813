"""Photograph every page of the running demonstration: ``make gallery``.

Each page in both languages and both themes, on a desk's screen and a phone's, and the wallboard on
a wall's. ``--docs`` takes the few that the documentation shows.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from tests.browser.demo import Demo, context_for, running_demo, settled, signed_in
from tests.browser.pages import PLACES, Place, address
from tests.browser.stage import browser

DESK: Final = (1440, 900)
WALL: Final = (1920, 1080)
PHONE: Final = (390, 844)
DAYS: Final = 8
WARM_UP_MS: Final = 75_000
"""After so long callers have come past their minute, and rules have acted."""
DOCS: Final = Path("docs/images/pages")


@dataclass(frozen=True)
class Shot:
    """One picture."""

    place: Place
    screen: str
    size: tuple[int, int]
    scheme: str
    language: str

    @property
    def name(self) -> str:
        """Its file's name, without the ending."""
        return f"{self.place.name}-{self.screen}-{self.scheme}-{self.language}"


def shots() -> Iterator[Shot]:
    """All pictures."""
    for place in PLACES:
        screens = {"wall": WALL} if place.wall else {"desk": DESK, "phone": PHONE}
        if place.name == "live":
            screens["wall"] = WALL
        for screen, size in screens.items():
            for scheme in ("light", "dark"):
                for language in ("en", "fr"):
                    yield Shot(place, screen, size, scheme, language)


_EACH: Final = {("desk", "light", "en")}
_MAIN: Final = _EACH | {("desk", "dark", "fr"), ("phone", "light", "en")}
_WALL: Final = {("wall", "dark", "en"), ("wall", "light", "fr")}


def documented() -> Iterator[Shot]:
    """Those that the documentation shows: each page once, the main ones more."""
    for shot in shots():
        main = shot.place.name in ("live", "queue", "call", "history")
        wanted = _WALL if shot.place.wall else _MAIN if main else _EACH
        if (shot.screen, shot.scheme, shot.language) in wanted:
            yield shot


def take(chromium: Browser, demo: Demo, shot: Shot, out: Path) -> None:
    """Take one picture; says when the page is wider than the screen."""
    context = context_for(chromium, size=shot.size, scheme=shot.scheme, language=shot.language)
    if shot.place.signed_in:
        signed_in(context, demo.url, demo.name, demo.password)
    where = address(shot.place, demo, context.request)
    if shot.place.wall:
        where += f"?theme={shot.scheme}&lang={shot.language}"
    page = context.new_page()
    page.goto(where)
    settled(page)
    page.wait_for_timeout(1_500)
    wide = _overflow(page)
    page.screenshot(
        path=out / f"{shot.name}.png", full_page=not shot.place.wall and shot.screen == "phone"
    )
    context.close()
    sys.stdout.write(f"{shot.name}{f': {wide} px wider than the screen' if wide > 0 else ''}\n")
    sys.stdout.flush()


def _overflow(page: Page) -> int:
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return int(wide)


def main() -> None:
    """Take all pictures, or those whose name contains a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--only", default="")
    parser.add_argument("--docs", action="store_true", help=f"those of {DOCS}")
    parser.add_argument("--url", default="", help="of a demonstration that runs already")
    parser.add_argument("--password", default="")
    arguments = parser.parse_args()
    out: Path = DOCS if arguments.docs else arguments.out
    out.mkdir(parents=True, exist_ok=True)
    chosen = [s for s in (documented() if arguments.docs else shots()) if arguments.only in s.name]
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        if arguments.url:
            demo = Demo(None, arguments.url, "demo", arguments.password)  # type: ignore[arg-type]
            for shot in chosen:
                take(chromium, demo, shot, out)
            return
        with running_demo(Path(folder), days=DAYS) as demo:
            context = context_for(chromium)
            context.new_page().wait_for_timeout(WARM_UP_MS)
            for shot in chosen:
                take(chromium, demo, shot, out)


if __name__ == "__main__":
    main()
