"""The built page in a real browser, on the real server with the simulated contact centre."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.demo import Demo, running_demo
from tests.browser.stage import CHROMIUM, browser
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with running_demo(tmp_path) as found:
        yield found


@pytest.fixture
def page(demo: Demo) -> Iterator[Page]:
    with browser() as chromium:
        context = chromium.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        refused: list[str] = []
        page.on(
            "console",
            lambda said: refused.append(said.text) if "Content Security" in said.text else None,
        )
        page.goto(demo.url)
        page.get_by_label("Name").fill(demo.name)
        page.get_by_label("Password", exact=True).fill(demo.password)
        page.get_by_role("button", name="Sign in").click()
        expect(
            page.get_by_role("region", name="Queues", exact=True).locator("article").first
        ).to_be_visible()
        yield page
        assert refused == []


def test_the_page_lives_and_says_when_it_does_not(page: Page, demo: Demo) -> None:
    expect(page.get_by_role("alert")).to_be_empty()
    expect(page.get_by_text(re.compile(r"[\d,]+ met of [\d,]+ decided"))).to_be_visible()
    expect(page.locator("article li[data-state]").first).to_be_visible(timeout=60_000)
    seconds = followed(page)
    assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))

    os.kill(demo.process.pid, signal.SIGKILL)
    expect(page.get_by_role("alert")).to_contain_text("Not live since", timeout=60_000)
    assert page.locator('article[data-frozen="false"]').count() == 0
    frozen = page.get_by_role("region", name="Queues", exact=True).inner_text()
    page.wait_for_timeout(2_500)
    assert page.get_by_role("region", name="Queues", exact=True).inner_text() == frozen


FOLLOW = """() => new Promise((done) => {
  const known = new Map();
  const look = () => {
    for (const row of document.querySelectorAll('article li[data-state] a')) {
      const waited = /(\\d+):(\\d\\d)/.exec(row.innerText);
      const path = row.getAttribute('href');
      const shown = known.get(path) ?? [];
      const seconds = 60 * Number(waited[1]) + Number(waited[2]);
      if (shown.at(-1) !== seconds) shown.push(seconds);
      known.set(path, shown);
      if (shown.length === 5) return done(shown);
    }
    requestAnimationFrame(look);
  };
  look();
})"""


def followed(page: Page) -> list[int]:
    """What stood beside one waiting caller, one after the other: how many seconds they waited."""
    found: list[int] = page.evaluate(FOLLOW)
    return found


def test_a_breach_is_found_and_explained(page: Page) -> None:
    page.get_by_role("link", name="Calls").click()
    page.get_by_role("button", name="Breached").click()
    first = page.locator("[role=row][data-index='0']")
    expect(first).to_contain_text("Breached")
    first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Deadline · 60\.000"))).to_be_visible()
    expect(page.get_by_text("Caller arrived", exact=True)).to_be_visible()
