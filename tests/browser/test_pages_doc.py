"""docs/pages.md is true: each page of the app stands in it, and each of its pictures is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.browser.gallery import DOCS, documented
from tests.browser.screenshots import documented as staged

ROOT: Final = Path(__file__).parents[2]
APP: Final = ROOT / "web/src/app.tsx"
PAGES: Final = (ROOT / "docs/pages.md").read_text(encoding="utf-8")
LAZY: Final = re.compile(r"const (\w+) = lazy\(\(\) => import\('(.+?)'\)\)")
ROUTE: Final = re.compile(r'<Route\s+path="([^"]+)"\s+element=\{\s*<(\w+)')
PICTURE: Final = re.compile(r"\((images/pages/[^)]+)\)")


def routes(file: Path = APP, before: str = "/") -> Iterator[str]:
    """The addresses of the pages, as the app's source has them."""
    source = file.read_text(encoding="utf-8")
    parts = dict(LAZY.findall(source))
    for path, element in ROUTE.findall(source):
        own = before + path.removesuffix("*").rstrip("/")
        if path == "*":
            continue
        if not path.endswith("/*"):
            yield own
        else:
            # The settings themselves are a frame around their sections.
            if own != "/settings":
                yield own
            yield from routes(file.parent / f"{parts[element]}.tsx", own + "/")


def taken() -> set[str]:
    """The files that the gallery writes for the documentation."""
    names = [shot.name for shot in documented()] + [shot.name for shot in staged()]
    return {f"{name}.webp" for name in names}


def test_each_page_of_the_app_stands_in_the_documentation() -> None:
    found = set(routes())
    assert {"/wall", "/calls/:id", "/settings/users/new", "/settings/rules/:id/edit"} <= found
    missing = [
        address
        for address in found
        if not re.search("`" + re.sub(r":\w+", "[A-Z]+", address) + "`", PAGES)
    ]
    assert missing == []


def test_each_picture_that_the_documentation_shows_is_there_and_taken_by_the_gallery() -> None:
    shown = {Path(path).name for path in PICTURE.findall(PAGES)}
    assert sorted(shown - taken()) == []
    assert [name for name in sorted(shown) if not (ROOT / DOCS / name).is_file()] == []


def test_no_picture_lies_about_that_nobody_takes_any_more() -> None:
    names = taken()
    assert [file.name for file in (ROOT / DOCS).iterdir() if file.name not in names] == []
