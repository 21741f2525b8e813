"""Photograph the page: ``python -m tests.browser.screenshots [--out DIR] [--only PART]``.

Needs ``web/dist`` (``npm run build`` in ``web``) and Debian's Chromium; no server.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from tests.browser import pictures
from tests.browser.saving import save, wider
from tests.browser.scenes import Centre
from tests.browser.stage import Stage, browser, open_page

DESK: Final = (1440, 900)
WALL: Final = (1920, 1080)
PHONE: Final = (390, 844)
SIZES: Final = {"desk": DESK, "wall": WALL, "phone": PHONE}


@dataclass(frozen=True)
class Shot:
    """One picture."""

    name: str
    centre: Callable[[], Centre]
    size: tuple[int, int]
    scheme: str
    language: str
    path: str = "/"
    signed_in: bool = True
    dropped: bool = False


def shots() -> Iterator[Shot]:
    """All pictures: each state once, the main ones in both themes, languages and three sizes."""
    for part, centre in (("calm", pictures.ordinary), ("busy", pictures.storm)):
        for place, size in SIZES.items():
            for scheme in ("light", "dark"):
                language = "fr" if (scheme == "dark") == (place != "desk") else "en"
                name = f"{part}-{place}-{scheme}-{language}"
                yield Shot(name, centre, size, scheme, language)
    yield Shot("large-wall-dark-en", pictures.large, WALL, "dark", "en")
    yield Shot("large-desk-light-fr", pictures.large, DESK, "light", "fr")
    yield Shot("large-rows-wall-dark-en", pictures.large, WALL, "dark", "en", "/?view=rows")
    for view in ("overview", "worst", "agents"):
        for theme, language in (("dark", "en"), ("light", "fr")):
            path = f"/wall?views={view}&theme={theme}&lang={language}"
            yield Shot(
                f"screen-{view}-{theme}-{language}", pictures.storm, WALL, theme, language, path
            )
    for scheme, language in (("light", "en"), ("dark", "fr")):
        end = f"{scheme}-{language}"
        yield Shot(f"link-lost-desk-{end}", pictures.link_lost, DESK, scheme, language)
        yield Shot(f"stale-desk-{end}", pictures.storm, DESK, scheme, language, dropped=True)
        yield Shot(f"stale-phone-{end}", pictures.storm, PHONE, scheme, language, dropped=True)
        yield Shot(f"empty-desk-{end}", pictures.empty, DESK, scheme, language)
        yield Shot(f"sign-in-desk-{end}", pictures.empty, DESK, scheme, language, signed_in=False)
        for place, size in (("desk", DESK), ("phone", PHONE)):
            queue = "/queues/lyon/support"
            yield Shot(f"queue-{place}-{end}", pictures.storm, size, scheme, language, queue)
            yield Shot(f"rows-{place}-{end}", pictures.storm, size, scheme, language, "/?view=rows")
            yield Shot(f"calls-{place}-{end}", pictures.storm, size, scheme, language, "/calls")
            yield Shot(f"call-{place}-{end}", pictures.storm, size, scheme, language, "/calls/x")


def documented() -> Iterator[Shot]:
    """What the demonstration does not come to when wanted, for the documentation."""
    yield Shot("live-busy", pictures.storm, DESK, "light", "en")
    yield Shot("live-phone", pictures.storm, PHONE, "dark", "fr")
    yield Shot("live-stale", pictures.storm, DESK, "light", "en", dropped=True)
    yield Shot("live-link-lost", pictures.link_lost, DESK, "dark", "en")
    yield Shot("live-empty", pictures.empty, DESK, "light", "en")
    yield Shot("live-large", pictures.large, WALL, "dark", "en", "/?view=rows")
    wall = "/wall?views={}&theme={}&lang={}"
    for view in ("overview", "worst", "agents"):
        for theme, language in (("dark", "en"), ("light", "fr")):
            path = wall.format(view, theme, language)
            yield Shot(f"wall-{view}-{theme}", pictures.storm, WALL, theme, language, path)


def take(chromium: Browser, shot: Shot, path: Path) -> None:
    """Take one picture."""
    stage = Stage(shot.centre(), signed_in=shot.signed_in)
    page = open_page(
        chromium,
        stage,
        size=shot.size,
        scheme=shot.scheme,
        language=shot.language,
        path=shot.path,
    )
    page.wait_for_selector("main h1, main h2, h1")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(1300)
    if shot.dropped:
        stage.drop()
        page.wait_for_selector("[role=alert] button")
        page.wait_for_timeout(300)
    wide = wider(page)
    save(page, path, whole=shot.size == PHONE)
    page.context.close()
    if wide > 0:
        sys.stderr.write(f"{shot.name}: {wide} px wider than the screen\n")


def main() -> None:
    """Take all pictures, or those whose name contains a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for shot in shots():
            if arguments.only in shot.name:
                take(chromium, shot, arguments.out / f"{shot.name}.png")
                sys.stdout.write(f"{shot.name}\n")


if __name__ == "__main__":
    main()
