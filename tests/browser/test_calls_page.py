"""The calls page and one call's page on the real server with the simulated contact centre."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.demo import Demo, context_for, running_demo, signed_in
from tests.browser.stage import CHROMIUM
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    context = context_for(chromium)
    signed_in(context, demo.url, demo.name, demo.password)
    found = context.new_page()
    found.goto(f"{demo.url}/calls")
    expect(rows(found).first).to_be_visible()
    yield found
    context.close()


def rows(page: Page) -> Locator:
    return page.locator("[role=row][data-index]")


def test_what_is_chosen_stands_in_the_address_and_comes_back_with_it(page: Page) -> None:
    page.get_by_role("button", name="Breached").click()
    page.get_by_label("When").select_option("7d")
    page.get_by_label("Queue", exact=True).select_option("support")
    expect(page).to_have_url(re.compile(r"range=7d&verdict=breached&queue=support$"))
    expect(rows(page).first).to_contain_text("Breached")
    expect(page.get_by_text(re.compile(r"^\d+ calls?$"))).to_be_visible()

    page.reload()

    expect(page.get_by_role("button", name="Breached")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("When")).to_have_value("7d")
    page.get_by_role("button", name="Show all calls").click()
    expect(page).to_have_url(re.compile(r"/calls$"))


def test_a_call_is_found_by_the_end_of_its_number(page: Page) -> None:
    number = rows(page).nth(5).locator("[data-column=caller]").inner_text().split()[0]
    page.get_by_label("Search").fill(number[-5:])
    page.get_by_label("Search").press("Enter")
    expect(page).to_have_url(re.compile(f"search={number[-5:]}"))
    expect(rows(page).first).to_contain_text(number)


def test_nothing_found_offers_a_way_back(page: Page) -> None:
    page.get_by_label("Search").fill("99999999")
    expect(page.get_by_text("No call matches.")).to_be_visible()
    page.get_by_role("button", name="Show all calls").last.click()
    expect(rows(page).first).to_be_visible()


def test_scrolling_brings_further_pages_and_the_place_is_kept(page: Page) -> None:
    for _ in range(200):  # one page is 100 calls; the next comes while the wheel turns
        page.mouse.wheel(0, 1_500)
        page.wait_for_timeout(100)
        if int(rows(page).last.get_attribute("data-index") or 0) >= 150:
            break
    drawn = rows(page).count()
    assert int(rows(page).last.get_attribute("data-index") or 0) >= 150
    assert drawn < 80
    page.keyboard.press("Escape")
    in_sight = page.locator("[role=row][data-index]").nth(drawn // 2)
    index, number = in_sight.get_attribute("data-index"), in_sight.inner_text()
    in_sight.click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()

    page.get_by_role("link", name="Back", exact=True).click()

    back = page.locator(f"[role=row][data-index='{index}']")
    expect(back).to_be_in_viewport()
    expect(back).to_be_focused()
    assert back.inner_text().splitlines()[0] == number.splitlines()[0]


def test_the_keyboard_goes_through_the_rows_and_opens_one(page: Page) -> None:
    rows(page).first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator("[role=row][data-index='3']")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator("[role=row][data-index='0']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Call of "))).to_be_visible()


def test_columns_are_chosen_and_kept(page: Page) -> None:
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("menuitemcheckbox", name="Reason").click()
    expect(page.get_by_role("columnheader", name="Reason")).to_be_visible()
    page.reload()
    expect(page.get_by_role("columnheader", name="Reason")).to_be_visible()


def test_the_file_has_the_calls_of_the_list(page: Page) -> None:
    page.get_by_role("button", name="Abandoned").click()
    expect(page).to_have_url(re.compile("verdict=abandoned"))
    with page.expect_download() as started:
        page.get_by_role("link", name="Export").click()
    file = started.value
    assert file.suggested_filename == "minuteur-calls_all.csv"
    text = Path(file.path()).read_text(encoding="utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text)))
    assert found
    assert {row["verdict"] for row in found} == {"abandoned"}


def test_a_breach_is_drawn_and_explained(page: Page) -> None:
    page.get_by_role("button", name="Breached").click()
    expect(rows(page).first).to_contain_text("Breached")
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Way out of the queue").select_option("answered")
    expect(page).to_have_url(re.compile("exit=answered"))
    expect(rows(page).first).to_contain_text("answered")
    rows(page).first.click()

    drawing = page.get_by_role("img", name=re.compile("^The call’s way on a time axis"))
    expect(drawing).to_be_visible()
    expect(drawing.get_by_text(re.compile("^Deadline 1:00"))).to_be_visible()
    expect(page.get_by_text("The promise: handled in less than 60.000")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Handled after .* after the deadline"))).to_be_visible()
    expect(page.get_by_role("heading", name="What stood in the way")).to_be_visible()
    expect(page.locator("[data-code]").first).to_be_visible()
    expect(page.locator("li[data-kind=staffing]").first).to_contain_text("agent")


def test_a_live_call_changes_in_place(page: Page) -> None:
    page.goto(f"{page.url}?verdict=pending")
    expect(page.get_by_role("button", name="Pending")).to_have_attribute("aria-pressed", "true")
    newer = page.get_by_role("button", name=re.compile(r"^\d+ new calls?$"))
    newer.or_(rows(page).first).first.wait_for(timeout=60_000)
    if newer.is_visible():
        newer.click()
    pending = rows(page).last
    index = pending.get_attribute("data-index")
    arrived = pending.locator("[data-column=arrived]").inner_text()
    row = page.locator(f"[role=row][data-index='{index}']")
    expect(row).not_to_have_attribute("data-verdict", "pending", timeout=75_000)
    assert row.locator("[data-column=arrived]").inner_text() == arrived


def test_on_a_phone_nothing_is_cut_off(chromium: Browser, demo: Demo) -> None:
    context = context_for(chromium, size=(390, 844), language="fr")
    signed_in(context, demo.url, demo.name, demo.password)
    page = context.new_page()
    page.goto(f"{demo.url}/calls?verdict=breached")
    expect(rows(page).first).to_contain_text("Non tenu")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    rows(page).first.click()
    expect(page.get_by_role("heading", name="Chronologie")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
