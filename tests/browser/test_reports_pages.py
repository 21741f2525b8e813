"""Indicators, reports and evidence in a real browser, on three days of the demonstration."""

import json
import re
import time
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from api.cli_demo import TIME_ZONE
from api.opening import open_url
from monitor.evidence.chain import Seal
from monitor.evidence.sealing import Sealer
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
from tests.browser.words import words
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]

OURS: Final = "correct horse battery"
REPORT: Final = "**/api/v1/reports/compliance*"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with running_demo(folder, days=3, options=("--directory", str(folder / "kept"))) as found:
        # As the demonstration itself does after a minute.
        record = open_url(f"sqlite:///{folder / 'kept' / 'minuteur.db'}")
        sealer = Sealer(record, lambda: time.time_ns() // 1_000_000, lambda _seconds: None)
        assert isinstance(sealer.seal_next(), Seal)
        while isinstance(sealer.seal_next(), Seal):
            pass
        record.close()
        yield found


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    with faultless(chromium, demo) as found:
        found.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield found


def today() -> date:
    """By the centre's calendar."""
    return datetime.now(ZoneInfo(TIME_ZONE)).date()


def two_days() -> str:
    """The two days before today in the address; the record holds them whole."""
    return f"from={today() - timedelta(2)}&to={today() - timedelta(1)}"


# --- indicators ---------------------------------------------------------------------------------


def test_a_figure_is_the_servers_and_leads_to_as_many_calls(page: Page, demo: Demo) -> None:
    opened(page, demo, f"/indicators?{two_days()}")
    table = page.get_by_role("region", name=words("indicators.title"))
    row = table.get_by_role("row", name=words("indicators.name.breached_handled"))
    link = row.get_by_role("link").first
    address = link.get_attribute("href") or ""
    since, until = re.findall(r"(?:from|to)=([^&]+)", address)
    found = asked(page, demo, f"/indicators/period?from={since}&to={until}")
    many = int(found["total"]["values"]["breached_handled"]["value"])
    assert many > 20
    expect(link).to_have_text(f"{many:,}")
    assert asked(page, demo, f"/calls/count?{address.partition('?')[2]}")["count"] == many
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words("calls.title"))


def test_an_indicator_says_what_it_is_and_its_parts_by_keyboard(page: Page, demo: Demo) -> None:
    opened(page, demo, f"/indicators?{two_days()}&by=day")
    button = page.get_by_role("button", name=words("indicators.name.commitment_rate"), exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    made = {part: words(f"indicators.{part}.commitment_rate") for part in ("counts", "outOf")}
    expect(page.get_by_text(words("indicators.ratioOf", **made))).to_be_visible()
    parts = page.get_by_role("table", name=words("indicators.rate"))
    expect(parts.get_by_role("row")).to_have_count(3)
    expect(parts.get_by_role("link")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(parts).to_have_count(0)


def test_with_a_queue_no_figure_of_calls_claims_a_list(page: Page, demo: Demo) -> None:
    opened(page, demo, f"/indicators?{two_days()}&queue=support&by=none")
    expect(page.get_by_text(words("indicators.queueHelp"))).to_be_visible()
    commitment = page.locator("#group-commitment")
    expect(commitment.get_by_role("row")).to_have_count(18)
    expect(commitment.get_by_role("link")).to_have_count(0)
    answered = page.get_by_role("row", name=words("indicators.name.answered"), exact=False)
    expect(answered.get_by_role("link").first).to_have_attribute(
        "href", re.compile("queue=support&exit=answered")
    )


def test_indicators_and_history_lead_to_each_other(page: Page, demo: Demo) -> None:
    opened(page, demo, f"/indicators?{two_days()}&queue=sales")
    page.get_by_role("link", name=words("indicators.toHistory")).click()
    expect(page).to_have_url(re.compile(rf"/history\?{two_days()}&queue=sales"))
    page.get_by_role("link", name=words("history.allIndicators")).click()
    expect(page).to_have_url(re.compile(rf"/indicators\?{two_days()}&queue=sales"))


# --- reports ------------------------------------------------------------------------------------


def test_the_report_proposes_six_whole_months(page: Page, demo: Demo) -> None:
    opened(page, demo, "/reports")
    expect(page.get_by_label(words("history.range"))).to_have_value("6m")
    last = today().replace(day=1) - timedelta(1)
    expect(page.get_by_label(words("history.to"))).to_have_value(last.isoformat())
    first = page.get_by_label(words("history.from")).input_value()
    assert first.endswith("-01")
    months = (last.year - int(first[:4])) * 12 + last.month - int(first[5:7]) + 1
    assert months == 6


def test_its_results_are_the_reports(page: Page, demo: Demo) -> None:
    opened(page, demo, f"/reports?{two_days()}")
    page.get_by_role("button", name=words("reports.make")).click()
    told = asked(page, demo, f"/reports/compliance?{two_days()}&format=json")
    calls = told["total"]["calls"]
    card = page.get_by_role("region", name=words("reports.kept"), exact=True)
    rate = calls["rate"]["ratio"]
    made = {"met": f"{rate['numerator']:,}", "judged": f"{rate['denominator']:,}"}
    expect(card).to_contain_text(words("reports.keptMade", **made))
    queues = page.get_by_role("region", name=words("reports.queues")).get_by_role("table")
    expect(queues.locator("tbody tr")).to_have_count(len(told["queues"]))
    expect(page.get_by_text(told["sealed"]["head"])).to_be_visible()


def test_each_file_is_handed_over(page: Page, demo: Demo) -> None:
    opened(page, demo, f"/reports?{two_days()}")
    page.get_by_label(words("reports.language")).select_option("fr")
    for kind, begins in (("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbfsection;"), ("json", b"{")):
        with page.expect_download() as taken:
            page.get_by_role("button", name=words(f"reports.{kind}"), exact=True).click()
        name = taken.value.suggested_filename
        assert name.startswith("minuteur-report_")
        assert name.endswith(f".{kind}")
        assert Path(taken.value.path()).read_bytes().startswith(begins)
        expect(page.get_by_role("status").get_by_text(name)).to_be_visible()


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (429, "busy", words("reports.fault.busy", seconds=17)),
        (503, "pdf_unavailable", words("reports.fault.pdf_unavailable")),
        (422, "invalid", words("reports.fault.period")),
    ],
)
def test_what_went_wrong_is_said_with_what_to_do(
    status: int, code: str, said: str, page: Page, demo: Demo
) -> None:
    def refuse(route: Route) -> None:
        error = {"code": code, "message": "no", "fields": {}, "field_codes": {}}
        route.fulfill(status=status, json={"error": error}, headers={"Retry-After": "17"})

    page.route(REPORT, refuse)
    opened(page, demo, "/reports")
    page.get_by_role("button", name=words("reports.pdf"), exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(said)
    expect(page.get_by_role("button", name=words("reports.pdf"), exact=True)).to_be_enabled()


def test_a_period_that_is_too_long_is_not_asked_for(page: Page, demo: Demo) -> None:
    opened(page, demo, "/reports?from=2020-01-01&to=2026-01-01")
    expect(page.get_by_role("alert")).to_have_text(words("reports.fault.tooLong"))
    expect(page.get_by_role("button", name=words("reports.make"))).to_be_disabled()


# --- evidence -----------------------------------------------------------------------------------


def test_the_head_of_the_chain_is_shown_and_copied(page: Page, demo: Demo) -> None:
    opened(page, demo, "/evidence")
    head = asked(page, demo, "/evidence")["head"]
    expect(page.locator("main code").first).to_have_text(head)
    page.get_by_role("button", name=words("evidence.copy")).click()
    expect(page.get_by_role("button", name=words("evidence.copied"))).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == head
    seals = page.get_by_role("region", name=words("evidence.seals")).locator("tbody tr")
    expect(seals.first).to_contain_text(head)


def test_where_the_browser_forbids_copying_the_digits_are_selected(page: Page, demo: Demo) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    opened(page, demo, "/evidence")
    page.get_by_role("button", name=words("evidence.copy")).click()
    expect(page.get_by_text(words("evidence.copyFailed"))).to_be_visible()
    head = asked(page, demo, "/evidence")["head"]
    assert page.evaluate("getSelection().toString()").replace("\n", "") == head


def test_a_pack_is_received_whole(page: Page, demo: Demo) -> None:
    opened(page, demo, "/evidence")
    page.get_by_label(words("evidence.packPeriod")).select_option("all")
    with page.expect_download() as taken:
        page.get_by_role("button", name=words("evidence.take")).click()
    with zipfile.ZipFile(taken.value.path()) as pack:
        assert pack.testzip() is None
        head = json.loads(pack.read("manifest.json"))["head"]
    assert head == asked(page, demo, "/evidence")["head"]
    name = taken.value.suggested_filename
    expect(page.get_by_role("status").get_by_text(name)).to_be_visible()


def test_a_period_that_is_not_sealed_is_not_asked_for(page: Page, demo: Demo) -> None:
    opened(page, demo, "/evidence")
    page.get_by_label(words("evidence.packPeriod")).select_option("dates")
    page.get_by_label(words("history.from")).fill("2020-01-01")
    page.get_by_label(words("history.to")).fill("2020-02-01")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name=words("evidence.take"))).to_have_count(0)


def test_who_is_no_admin_sees_the_head_and_is_told_of_packs(
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
    theirs = opened(context.new_page(), demo, "/evidence")
    expect(theirs.get_by_text(words("evidence.packAdmins", "fr"))).to_be_visible()
    expect(theirs.get_by_role("button", name=words("evidence.take", "fr"))).to_have_count(0)
    expect(theirs.get_by_role("region", name=words("evidence.seals", "fr"))).to_have_count(0)
    for path in ("/evidence", "/reports", f"/indicators?{two_days()}"):
        opened(theirs, demo, path)
        # Nothing is wider than a phone.
        assert theirs.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


# --- the way there ------------------------------------------------------------------------------


def test_the_group_of_pages_is_reached_by_keyboard(page: Page, demo: Demo) -> None:
    opened(page, demo, "/standards")
    button = page.get_by_role("button", name=words("app.quality"))
    bar = page.get_by_role("navigation", name=words("app.navigation"))
    link = bar.get_by_role("link", name=words("app.evidence"))
    button.focus()
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(words("evidence.title"))
    expect(link).to_be_hidden()
    # Also by its own keys.
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1)).to_have_text(words("reports.title"))
