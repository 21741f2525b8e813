"""Each page under axe-core, in both themes and languages: nothing serious, nothing critical."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.browser import pictures
from tests.browser.scenes import Centre
from tests.browser.stage import CHROMIUM, Stage, open_page
from web import DIST

AXE: Final = DIST.parent / "node_modules/axe-core/axe.min.js"
RUN: Final = "axe.run().then(result => result.violations)"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
    pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm ci in web"),
]


@pytest.mark.parametrize(
    ("scheme", "language"), [("light", "en"), ("dark", "fr"), ("dark", "en"), ("light", "fr")]
)
@pytest.mark.parametrize(
    ("centre", "path", "state"),
    [
        pytest.param(pictures.storm, "/", "live", id="live"),
        pytest.param(pictures.link_lost, "/", "live", id="link-lost"),
        pytest.param(pictures.storm, "/", "dropped", id="stale"),
        pytest.param(pictures.empty, "/", "live", id="empty"),
        pytest.param(pictures.empty, "/", "signed-out", id="sign-in"),
        pytest.param(pictures.storm, "/calls", "live", id="calls"),
        pytest.param(pictures.storm, "/calls/x", "live", id="call"),
    ],
)
def test_no_serious_fault(
    chromium: Browser,
    centre: Callable[[], Centre],
    path: str,
    state: str,
    scheme: str,
    language: str,
) -> None:
    stage = Stage(centre(), signed_in=state != "signed-out")
    page = open_page(chromium, stage, scheme=scheme, language=language, path=path)
    page.wait_for_selector("h1, h2")
    page.wait_for_timeout(900)
    if state == "dropped":
        stage.drop()
        page.wait_for_selector("[role=alert] button")
    # By the debugger's way in: the page's own policy lets no foreign script run.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    found: list[dict[str, Any]] = page.evaluate(RUN)
    page.context.close()
    grave = [
        (fault["id"], [node["target"] for node in fault["nodes"]][:5])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert grave == []
