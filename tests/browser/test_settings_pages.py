"""The settings in a real browser, on the real server: what is saved there is in force."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.demo import Demo, faultless, running_demo
from tests.browser.stage import CHROMIUM
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]

SOON_MS = 30_000
"""For what the server does: a connection test listens for some seconds."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), options=("--speed", "3")) as found:
        yield found


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    with faultless(chromium, demo) as found:
        found.set_default_timeout(SOON_MS)
        yield found


def go(page: Page, demo: Demo, section: str) -> None:
    page.goto(f"{demo.url}/settings/{section}")
    expect(page.get_by_role("heading", level=2)).to_be_visible()


def saved(page: Page, name: str = "Save") -> None:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("status").get_by_text("Saved, and in force.")).to_be_visible()


def test_a_queue_is_declared_in_one_click_and_its_threshold_is_on_the_live_board(
    page: Page, demo: Demo
) -> None:
    go(page, demo, "queues/billing")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    nav = page.get_by_role("navigation", name="Settings")
    expect(nav.get_by_text("1 not declared")).to_be_attached()

    page.get_by_role("button", name="Declare billing").click()
    page.get_by_label("Label").fill("Invoices")
    page.get_by_label("Threshold").fill("37")
    saved(page)
    expect(nav.get_by_text("1 not declared")).to_have_count(0)

    page.get_by_role("link", name="Live").click()
    board = page.get_by_role("region", name="Queues", exact=True)
    expect(board.get_by_text("Invoices")).to_be_visible()
    answer = page.request.get(f"{demo.url}/api/v1/live").json()
    queue = next(queue for queue in answer["queues"] if queue["name"] == "billing")
    assert (queue["label"], queue["within_s"], queue["at_risk_after_s"]) == ("Invoices", 37, 27.75)


def test_a_rule_goes_from_dry_run_over_backtest_to_armed_and_moves_a_caller(
    page: Page, demo: Demo
) -> None:
    go(page, demo, "rules/new")
    page.get_by_label("Name").fill("All at once")
    page.get_by_role("combobox", name="Queues").fill("*")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save as dry run").click()
    expect(page.get_by_role("alert")).to_contain_text("2 fields need another look")

    page.get_by_label("Context", exact=True).fill("overflow")
    page.get_by_label("Extension").fill("backoffice")
    page.get_by_label("At most").first.fill("59")
    expect(page.get_by_text("When at most 59\u202fs are left: move callers")).to_be_visible()
    page.get_by_role("button", name="Save as dry run").click()
    expect(page.get_by_text("Would be moved").first).to_be_visible(timeout=SOON_MS)

    page.get_by_role("button", name="Run the backtest").click()
    expect(page.get_by_text("callers moved")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_role("columnheader", name="With the rule")).to_be_visible()

    page.get_by_role("button", name="Arm the rule").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("overflow,backoffice,1 must exist")
    asked.get_by_role("button", name="Arm the rule").click()
    expect(page.get_by_text("Armed", exact=True).first).to_be_visible()
    expect(page.get_by_text("· moved", exact=True).first).to_be_visible(timeout=60_000)

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Arm again")).to_be_visible()


def test_a_change_is_told_with_before_and_after_and_taken_back(page: Page, demo: Demo) -> None:
    go(page, demo, "commitment")
    target = page.get_by_label("Target", exact=True)
    before = target.input_value()
    target.fill("95")
    saved(page)

    page.get_by_role("link", name="Changes").click()
    line = page.get_by_role("listitem").filter(has_text="Commitment changed").first
    line = page.locator(
        f"[data-seq='{line.get_attribute('data-seq')}']"
    )  # the undoing comes before
    line.get_by_text("What changed").click()
    row = line.get_by_role("row", name=re.compile("^Target "))
    expect(row.get_by_role("cell").last).to_have_text("95\u202f%")
    line.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(line.get_by_text("undone", exact=True)).to_be_visible()

    go(page, demo, "commitment")
    expect(target).to_have_value(before)


def test_what_is_typed_is_kept_and_a_conflict_shows_both_sides(page: Page, demo: Demo) -> None:
    go(page, demo, "queues/sales")
    page.get_by_label("Label").fill("Shop")
    page.get_by_role("link", name="Live").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Queues Unsaved changes").click()
    page.get_by_role("link", name="Sales").click()
    expect(page.get_by_label("Label")).to_have_value("Shop")

    address = f"{demo.url}/api/v1/settings/queues/sales"
    stored = page.request.get(address).json()
    answer = page.request.put(
        address,
        data={**stored["body"], "within": 50},
        headers={"If-Match": f'"{stored["version"]}"', "Origin": demo.url},
    )
    assert answer.ok, answer.text()
    page.get_by_role("button", name="Save", exact=True).click()
    conflict = page.get_by_role("alert").filter(has_text="saved a newer version")
    expect(conflict.get_by_role("row", name=re.compile("Threshold .* 50"))).to_be_visible()
    expect(conflict.get_by_role("row", name="Label Sales Shop")).to_be_visible()
    conflict.get_by_role("button", name="Keep my changes on top").click()
    saved(page)
    body = page.request.get(address).json()["body"]
    assert (body["label"], body["within"]) == ("Shop", 50)


def test_a_pbx_is_tested_and_a_wrong_secret_is_explained(page: Page, demo: Demo) -> None:
    go(page, demo, "pbxs/demo")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("All is well. Asterisk")).to_be_visible(timeout=SOON_MS)
    page.get_by_label("Secret").fill("not this one")
    page.get_by_role("button", name="Test", exact=True).click()
    refused = page.get_by_text("Check account and secret in manager.conf")
    expect(refused).to_be_visible(timeout=SOON_MS)
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Secret")).to_have_value("")


def test_a_calendar_shows_its_holidays_and_settings_travel_as_one_file(
    page: Page, demo: Demo
) -> None:
    go(page, demo, "hours/new")
    page.get_by_label("Name", exact=True).fill("france")
    page.get_by_label("Country").select_option("FR")
    expect(page.get_by_text("Christmas Day").first).to_be_visible()
    page.get_by_label("Part of the country").select_option(label="Alsace")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="france")).to_be_visible()

    go(page, demo, "transfer")
    toml = page.request.get(f"{demo.url}/api/v1/settings/export").text()
    text = page.get_by_role("textbox", name="Settings")
    text.fill(toml.replace('"6AE"', '"57"'))
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text(re.compile("^1 change:"))).to_be_visible()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("Applied: 1 change")).to_be_visible()
    text.fill("nonsense = [")
    page.get_by_role("button", name="Show what would change").click()
    expect(page.get_by_text("One problem, so nothing can be applied")).to_be_visible()
