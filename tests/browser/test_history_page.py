"""History and lost callers in a real browser, on three days of the demonstration."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.demo import (
    Demo,
    asked,
    context_for,
    faultless,
    opened,
    running_demo,
    signed_in,
)
from tests.browser.stage import CHROMIUM
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]

OURS: Final = "correct horse battery"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), days=3) as found:
        yield found


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    with faultless(chromium, demo) as found:
        yield found


def whole(number: int) -> str:
    return f"{number:,}"


# --- history ------------------------------------------------------------------------------------


def test_the_figures_are_the_servers_and_lead_to_their_calls(page: Page, demo: Demo) -> None:
    opened(page, demo, "/history?range=yesterday")
    links = page.get_by_role("region", name="Commitment", exact=True)
    link = links.get_by_role("link", name=re.compile("^Breached")).get_attribute("href") or ""
    assert "verdict=breached" in link
    since, until = re.findall(r"(?:from|to)=([^&]+)", link)
    found = asked(page, demo, f"/indicators/series?from={since}&to={until}&step=hour")
    rate = found["total"]["commitment"]["rate"]
    assert rate["denominator"] > 100
    expect(
        page.get_by_text(f"{whole(rate['numerator'])} met of {whole(rate['denominator'])} decided")
    ).to_be_visible()
    for name in ("Abandoned", "Refused", "Excluded", "Unknown"):
        expect(links.get_by_text(name, exact=True)).to_be_visible()
    links.get_by_role("link", name=re.compile("^Breached")).click()
    expect(page).to_have_url(re.compile(r"/calls\?.*verdict=breached"))


def test_the_formula_is_chosen_with_its_numbers_and_the_commitment_stays(
    page: Page, demo: Demo
) -> None:
    opened(page, demo, "/history?range=yesterday")
    panel = page.get_by_role("region", name="Which service level?")
    expect(panel.get_by_role("radio")).to_have_count(5)
    panel.get_by_role("radio", name="Answered only").click()
    expect(panel.get_by_role("radio", name="Answered only")).to_be_checked()
    expect(page).to_have_url(re.compile("formula=answered_only"))
    line = panel.locator("label", has_text="Answered only")
    numbers = re.search(r"([\d,]+) / ([\d,]+) = ([\d,]+) / ([\d,]+)", line.inner_text())
    assert numbers is not None
    assert numbers[1] == numbers[3]
    assert numbers[2] == numbers[4]
    level = page.get_by_role("region", name="Service level", exact=True)
    expect(level).to_contain_text(f"Answered only · {numbers[3]} / {numbers[4]}")
    expect(page.get_by_role("region", name="Commitment", exact=True)).to_be_visible()


def test_a_column_is_read_and_opened_by_the_keyboard(page: Page, demo: Demo) -> None:
    opened(page, demo, "/history?range=yesterday")
    chart = page.get_by_role("slider", name="Visits to queues over time")
    chart.focus()
    page.keyboard.press("Home")
    expect(chart).to_have_attribute("aria-valuetext", re.compile("00:00: Offered"))
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(chart).to_have_attribute("aria-valuetext", re.compile("10:00: Offered [1-9]"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/calls\?from=[^&]+&to="))


def test_range_queue_step_and_comparison_live_in_the_address(page: Page, demo: Demo) -> None:
    opened(page, demo, "/history")
    page.get_by_role("combobox", name="Queue", exact=True).select_option(label="Sales")
    page.get_by_role("combobox", name="Range", exact=True).select_option("yesterday")
    page.get_by_label("Compare with").select_option("previous")
    expect(page).to_have_url(
        re.compile(r"(?=.*range=yesterday)(?=.*queue=sales)(?=.*compare=previous)")
    )
    expect(page.get_by_text(re.compile("compared with"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"points, from [\d.]+%")).first).to_be_visible()
    page.get_by_role("combobox", name="Range", exact=True).select_option("dates")
    expect(page.get_by_label("From", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"(?=.*from=\d{4}-\d\d-\d\d&)(?=.*queue=sales)"))
    address = page.url
    opened(page, demo, address.removeprefix(demo.url))
    expect(page.get_by_label("Compare with")).to_have_value("previous")
    expect(page.get_by_role("combobox", name="Queue", exact=True)).to_have_value("sales")


def test_the_waits_the_week_and_the_table_have_their_numbers(page: Page, demo: Demo) -> None:
    opened(page, demo, "/history?range=7d")
    waits = page.get_by_role("region", name="How long callers waited")
    expect(waits.get_by_text("the commitment: 60 s")).to_be_visible()
    waits.get_by_text("In the queue").click()
    expect(page).to_have_url(re.compile("waits=visit"))
    expect(waits.get_by_text("T: 60 s")).to_be_visible()
    waits.get_by_text("As a table").click()
    expect(waits.get_by_role("row")).to_have_count(38)

    week = page.get_by_role("region", name="The hours of the week")
    cell = week.locator("button[tabindex='0']")
    before = int(cell.get_attribute("data-cell") or 0)
    cell.focus()
    page.keyboard.press("ArrowUp" if before >= 144 else "ArrowDown")
    moved = int(week.locator("button:focus").get_attribute("data-cell") or 0)
    assert abs(moved - before) == 24

    volume = page.get_by_role("region", name="Offered, answered, abandoned")
    volume.get_by_text("As a table").click()
    expect(volume.locator("tbody tr")).to_have_count(7)
    table = page.request.get(
        demo.url + (volume.get_by_role("link", name="CSV").get_attribute("href") or "")
    )
    assert table.text().count("\n") == 8
    queues = page.get_by_role("region", name="Queue by queue")
    queues.get_by_role("button", name="Support").click()
    expect(page).to_have_url(re.compile("queue=support"))


def test_a_range_without_calls_says_so(page: Page, demo: Demo) -> None:
    opened(page, demo, "/history?from=2020-01-01&to=2020-01-02")
    expect(page.get_by_text("No call in this range.")).to_be_visible()


# --- lost callers -------------------------------------------------------------------------------


def test_a_caller_is_worked_through(page: Page, demo: Demo) -> None:
    opened(page, demo, "/lost-callers?order=oldest")
    rows = page.locator("tbody tr")
    row = rows.first
    number = row.get_by_role("link", name=re.compile("back$")).inner_text().strip()
    expect(row.get_by_role("link", name=re.compile("back$"))).to_have_attribute(
        "href", f"tel:{number}"
    )
    status = row.get_by_role("combobox", name=re.compile("^Status of"))
    status.select_option("no_answer")
    expect(row).to_contain_text("No answer (1)")
    expect(page.get_by_role("status").filter(has_text="No answer")).to_have_count(1)
    row.get_by_role("button", name=re.compile("^Note on")).click()
    page.keyboard.type("After 17:00")
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name=re.compile("^Note on"))).to_contain_text("After 17:00")
    expect(row.get_by_role("button", name=re.compile("^Note on"))).to_be_focused()

    # Whom somebody has just dealt with stays in sight, and is gone when the page is opened again.
    status.select_option("reached")
    expect(row).to_have_attribute("data-over", "true")
    expect(row).to_contain_text(number)
    opened(page, demo, "/lost-callers?order=oldest")
    expect(page.get_by_text(number)).to_have_count(0)
    opened(page, demo, "/lost-callers?order=oldest&show=all")
    expect(page.locator("tr", has_text=number)).to_contain_text("After 17:00")


def test_who_comes_second_is_told_so(page: Page, demo: Demo) -> None:
    opened(page, demo, "/lost-callers?order=oldest")
    link = page.locator("tbody tr").nth(3).get_by_role("link", name=re.compile("^Last call"))
    row = page.locator("tbody tr").filter(
        has=page.locator(f'a[href="{link.get_attribute("href")}"]')
    )

    def overtake(route: Route) -> None:
        """Somebody else's change arrives just before this one."""
        body = {**json.loads(route.request.post_data or ""), "status": "in_progress"}
        assert page.request.patch(route.request.url, data=body, headers={"Origin": demo.url}).ok
        route.continue_()

    page.route("**/api/v1/lost-callers/*", overtake)
    status = row.get_by_role("combobox", name=re.compile("^Status of"))
    status.select_option("dismissed")
    expect(row.get_by_role("alert")).to_contain_text("Somebody else was faster")
    expect(status).to_have_value("in_progress")


def test_a_viewer_sees_no_number_and_changes_nothing(
    page: Page, demo: Demo, chromium: Browser
) -> None:
    made = page.request.post(
        f"{demo.url}/api/v1/users",
        data={"name": "vera", "password": OURS, "role": "viewer"},
        headers={"Origin": demo.url},
    )
    assert made.ok, made.text()
    context = context_for(chromium, language="fr", size=(390, 844))
    signed_in(context, demo.url, "vera", OURS)
    theirs = opened(context.new_page(), demo, "/lost-callers?range=7d")
    expect(theirs.get_by_text("Vous ne voyez pas les numéros")).to_be_visible()
    expect(theirs.locator("tbody tr").first).to_contain_text("••••••")
    expect(theirs.locator("tbody select, tbody a[href^='tel:']")).to_have_count(0)
    for path in ("/lost-callers?range=7d", "/history"):
        opened(theirs, demo, path)
        # Nothing is wider than a phone.
        assert theirs.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
