"""Every page of the real server under axe-core, in both languages and both themes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.demo import Demo, context_for, running_demo, settled, signed_in
from tests.browser.pages import PLACES, Place, address
from tests.browser.stage import CHROMIUM
from web import DIST

AXE: Final = DIST.parent / "node_modules/axe-core/axe.min.js"
RUN: Final = "axe.run({resultTypes: ['violations']}).then(result => result.violations)"
LOOKS: Final = [("light", "en"), ("dark", "fr"), ("dark", "en"), ("light", "fr")]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
    pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm ci in web"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="module", params=LOOKS, ids="-".join)
def look(
    request: pytest.FixtureRequest, chromium: Browser, demo: Demo
) -> Iterator[dict[bool, Page]]:
    """A page of somebody who is signed in (True), and one of somebody who is not."""
    scheme, language = request.param
    pages = {}
    contexts = [context_for(chromium, scheme=scheme, language=language) for _ in range(2)]
    signed_in(contexts[0], demo.url, demo.name, demo.password)
    for inside, context in zip((True, False), contexts, strict=True):
        pages[inside] = context.new_page()
    yield pages
    for context in contexts:
        context.close()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_has_no_serious_fault(place: Place, look: dict[bool, Page], demo: Demo) -> None:
    page = look[place.signed_in]
    page.goto(address(place, demo, page.context.request))
    settled(page)
    page.wait_for_timeout(400)
    # By the debugger's way in: the page's own policy lets no foreign script run.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found: list[dict[str, Any]] = page.evaluate(RUN)
    session.detach()
    assert [
        (fault["id"], [node["target"] for node in fault["nodes"]][:5])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ] == []
