"""The standards page in a real browser: how one comes to it, where its links lead."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import pictures
from tests.browser.stage import CHROMIUM, Stage, open_page
from tests.browser.words import words
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]


def opened(chromium: Browser, path: str, role: str = "lead") -> Page:
    return open_page(chromium, Stage(pictures.empty(), role=role), path=path)


def test_the_menu_of_the_account_leads_to_it_by_keyboard(chromium: Browser) -> None:
    page = opened(chromium, "/")
    page.get_by_role("button", name=words("app.account", name="camille")).focus()
    page.keyboard.press("Enter")
    item = page.get_by_role("menuitem", name=words("app.standards"))
    expect(item).to_be_visible()
    while not item.evaluate("item => item === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(words("standards.title"))
    page.context.close()


def test_what_a_row_names_leads_to_its_meaning(chromium: Browser) -> None:
    page = opened(chromium, "/standards")
    name = words("standards.means.items.commitment.name")
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.locator("#means-commitment")).to_be_in_viewport()
    page.reload()
    expect(page.locator("#means-commitment")).to_be_in_viewport()
    page.context.close()


def test_who_is_no_admin_is_told_of_the_settings_and_not_led_there(chromium: Browser) -> None:
    for role, links in (("viewer", 0), ("admin", 2)):
        page = opened(chromium, "/standards", role)
        expect(page.get_by_text(words("standards.pages.changes")).first).to_be_visible()
        expect(page.locator('main a[href="/settings/changes"]')).to_have_count(links)
        page.context.close()
