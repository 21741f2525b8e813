"""Photograph every page of the running demonstration: ``make gallery``.

Each page in both languages and both themes, on a desk's screen and a phone's, and the wallboard on
a wall's. ``--docs`` takes the set that the documentation shows (docs/pages.md).
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, Route

from tests.browser import screenshots
from tests.browser.demo import Demo, context_for, running_demo, settled, signed_in
from tests.browser.pages import MORE, PLACES, Place, address
from tests.browser.saving import save, wider
from tests.browser.stage import browser

DESK: Final = (1440, 900)
WALL: Final = (1920, 1080)
PHONE: Final = (390, 844)
TALLEST: Final = 1_300
"""How much of a long page the documentation shows, in pixels."""
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
    for place in (*PLACES, *MORE):
        screens = {"wall": WALL} if place.wall else {"desk": DESK, "phone": PHONE}
        if place.name == "live":
            screens["wall"] = WALL
        for screen, size in screens.items():
            for scheme in ("light", "dark"):
                for language in ("en", "fr"):
                    yield Shot(place, screen, size, scheme, language)


_LOOKS: Final = {("desk", "light", "en"), ("desk", "dark", "fr")}
_WALL: Final = {("wall", "dark", "en"), ("wall", "light", "fr")}
_POCKET: Final = ("live", "queue", "calls", "call", "history", "lost-callers", "rules", "rule")


def documented() -> Iterator[Shot]:
    """Those that the documentation shows: each page light and dark, some in the pocket."""
    for shot in shots():
        place, look = shot.place, (shot.screen, shot.scheme, shot.language)
        pocket = place.name in _POCKET and look == ("phone", "dark", "fr")
        if look in (_WALL if place.wall else _LOOKS) or pocket:
            yield shot


def take(chromium: Browser, demo: Demo, shot: Shot, path: Path) -> None:
    """Take one picture; says when the page is wider than the screen."""
    place = shot.place
    context = context_for(chromium, size=shot.size, scheme=shot.scheme, language=shot.language)
    if place.signed_in:
        signed_in(context, demo.url, demo.name, demo.password)
    where = address(place, demo, context.request)
    if place.wall:
        where += f"{'&' if '?' in where else '?'}theme={shot.scheme}&lang={shot.language}"
    page = context.new_page()
    for told, body in place.answers:
        page.route(f"**{told}", _saying(body))
    page.goto(where)
    settled(page)
    if place.press:
        page.get_by_role("button", name=re.compile(place.press)).first.click()
        page.wait_for_timeout(_LONG_MS)
    page.wait_for_timeout(1_500)
    wide = wider(page)
    whole = not place.wall and shot.screen == "phone"
    if path.suffix != ".png" and shot.screen == "desk":
        _stretch(page, shot.size)
    save(page, path, whole=whole)
    context.close()
    sys.stdout.write(f"{path.name}{f': {wide} px wider than the screen' if wide > 0 else ''}\n")
    sys.stdout.flush()


_LONG_MS: Final = 12_000
"""A test of a PBX link, or a run over recorded calls, has its result by then."""


def _saying(body: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        route.fulfill(body=body, content_type="application/json")

    return answer


def _stretch(page: Page, size: tuple[int, int]) -> None:
    """Make the screen as high as the page, within reason."""
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size[0], "height": min(max(size[1], height), TALLEST)})
    page.wait_for_timeout(400)


def _staged(chromium: Browser, only: str) -> None:
    """The pictures of prepared data that the documentation shows."""
    for shot in screenshots.documented():
        if only in shot.name:
            screenshots.take(chromium, shot, DOCS / f"{shot.name}.webp")


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
    ending = ".webp" if arguments.docs else ".png"
    wanted = documented() if arguments.docs else shots()
    chosen = [shot for shot in wanted if arguments.only in shot.name]
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        if arguments.docs:
            _staged(chromium, arguments.only)
        if not chosen:
            return
        if arguments.url:
            demo = Demo(None, arguments.url, "demo", arguments.password)  # type: ignore[arg-type]
            for shot in chosen:
                take(chromium, demo, shot, out / f"{shot.name}{ending}")
            return
        with running_demo(Path(folder), days=DAYS) as demo:
            context = context_for(chromium)
            context.new_page().wait_for_timeout(WARM_UP_MS)
            for shot in chosen:
                take(chromium, demo, shot, out / f"{shot.name}{ending}")


if __name__ == "__main__":
    main()
