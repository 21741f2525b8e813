"""Contacts and personal data in a real browser, on a day of the demonstration."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

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


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    with faultless(chromium, demo) as found:
        yield found


def registered(page: Page, demo: Demo, **facts: object) -> dict[str, Any]:
    body = {"channel": "email", "within_s": 14_400} | facts
    answer = page.request.post(
        f"{demo.url}/api/v1/contacts", data=body, headers={"Origin": demo.url}
    )
    assert answer.ok, answer.text()
    made: dict[str, Any] = answer.json()
    return made


def ago(**span: int) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


# --- the list -----------------------------------------------------------------------------------


def test_the_work_list_is_the_servers_and_its_filters_live_in_the_address(
    page: Page, demo: Demo
) -> None:
    opened(page, demo, "/contacts")
    work = [one["reference"] for one in asked(page, demo, "/contacts?open=true")["items"]]
    assert len(work) > 2
    expect(page.locator("tbody a")).to_have_text(work)
    overdue = page.locator("tbody tr[data-state=overdue]").first
    expect(overdue).to_contain_text(re.compile(r"\d.(min|h).* overdue"))
    badge = page.get_by_role("link", name=re.compile("^Contacts"))
    expect(badge).to_contain_text(str(asked(page, demo, "/contacts/counts")["overdue"]))

    channels = page.get_by_role("group", name=words("contacts.channelLabel"))
    channels.get_by_role("button", name=re.compile("^Callback")).click()
    page.get_by_role("combobox", name="State").select_option("met")
    page.get_by_role("combobox", name="Received").select_option("7d")
    expect(page).to_have_url(re.compile("(?=.*state=met)(?=.*channel=callback)(?=.*range=7d)"))
    met = asked(page, demo, "/contacts?verdict=met&channel=callback")["items"]
    expect(page.locator("tbody tr")).to_have_count(len(met))
    expect(page.locator("tbody tr").first).to_contain_text("before the deadline")
    table = page.get_by_role("link", name="Export").get_attribute("href") or ""
    assert page.request.get(demo.url + table).text().count("\n") == len(met) + 1
    address = page.url.removeprefix(demo.url)
    opened(page, demo, address)
    callbacks = channels.get_by_role("button", name=re.compile("^Callback"))
    expect(callbacks).to_have_attribute("aria-pressed", "true")

    opened(page, demo, "/contacts")
    page.get_by_role("searchbox").fill(met[0]["reference"])
    page.keyboard.press("Enter")
    expect(page.locator("tbody a")).to_have_text([met[0]["reference"]])
    page.get_by_role("searchbox").fill("nobody's")
    page.keyboard.press("Enter")
    expect(page.get_by_text(words("contacts.none"))).to_be_visible()


def test_a_contact_is_registered_answered_and_what_was_done_is_taken_back(
    page: Page, demo: Demo
) -> None:
    opened(page, demo, "/contacts")
    page.get_by_role("link", name=words("contacts.register")).click()
    page.get_by_label(words("contacts.reference")).fill("W-1")
    page.get_by_label(words("contacts.form.kind")).select_option("opening_hours")
    calendar = page.get_by_label(words("contacts.form.calendar"))
    expect(calendar.get_by_role("option", name="office")).to_be_attached()
    page.get_by_label(words("contacts.form.within")).fill("8")
    page.get_by_label(words("contacts.queue"), exact=True).select_option(label="Support")
    page.get_by_label(words("contacts.field.subject")).fill("Where is my parcel?")
    page.get_by_role("button", name=words("contacts.form.register")).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("E-mail W-1")
    (made,) = asked(page, demo, "/contacts?reference=W-1")["items"]
    assert made["promise"] == {"kind": "opening_hours", "span_s": 28_800.0, "calendar": ""}
    expect(page.get_by_text("within 8\u202fh of opening hours")).to_be_visible()
    page.get_by_role("button", name=words("contacts.answer")).click()
    page.get_by_role("button", name=words("contacts.act.yes.answered")).click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator("main > header strong")).to_have_text("Met")
    expect(page.get_by_role("listitem").filter(has_text="Answer noted")).to_contain_text("demo")
    page.get_by_role("button", name=words("contacts.unanswer")).click()
    expect(page.locator("main > header strong")).to_have_text("Pending")

    page.get_by_role("link", name=words("contacts.correct")).click()
    page.get_by_label(words("contacts.field.note")).fill("call before noon")
    page.get_by_role("button", name=words("contacts.form.save")).click()
    expect(page.get_by_text("Note: changed")).to_be_visible()
    changed = asked(page, demo, f"/contacts/{made['id']}")
    assert changed["note"] == "call before noon"
    # A moment that nobody touched keeps its seconds, and so does the deadline.
    assert changed["deadline_at"] == made["deadline_at"]


def test_a_callback_is_noted_from_the_list_and_an_answer_told_late_corrects_the_breach(
    page: Page, demo: Demo
) -> None:
    came = ago(hours=6)
    late = registered(page, demo, reference="B-1", channel="callback", received_at=came)
    expect_state(page, demo, late["id"], "breached")
    opened(page, demo, "/contacts?state=overdue&channel=callback")
    called = f"{words('contacts.called')} B-1"
    page.get_by_role("button", name=called, exact=True).click()
    page.get_by_text(words("contacts.act.then"), exact=True).click()
    field = page.get_by_label(words("contacts.act.moment"))
    then = field.input_value()
    field.fill("2020-01-01T00:00")
    page.get_by_role("button", name=words("contacts.act.yes.called")).click()
    expect(page.get_by_role("dialog")).to_contain_text(words("contacts.error.before_reception"))
    field.fill(then)
    page.get_by_role("button", name=words("contacts.act.yes.called")).click()
    expect(page.get_by_role("status").filter(has_text="B-1: noted.")).to_have_count(1)
    expect(page.locator("tbody a", has_text="B-1")).to_have_count(0)

    opened(page, demo, f"/contacts/{late['id']}")
    expect(page.locator("main > header")).to_contain_text("after the deadline")
    page.get_by_role("button", name=words("contacts.unanswer")).click()
    page.get_by_role("button", name=words("contacts.exclude")).click()
    page.get_by_label(words("contacts.act.why")).select_option("test")
    page.get_by_role("button", name=words("contacts.act.yes.excluded")).click()
    expect(page.locator("main > header")).to_contain_text("Does not count: a test")


def expect_state(page: Page, demo: Demo, contact: str, verdict: str) -> None:
    assert asked(page, demo, f"/contacts/{contact}")["verdict"] == verdict


def test_who_comes_second_is_told_so(page: Page, demo: Demo) -> None:
    made = registered(page, demo, reference="S-1")
    opened(page, demo, f"/contacts/{made['id']}")
    page.get_by_role("button", name=words("contacts.withdraw")).click()
    answer = page.request.patch(
        f"{demo.url}/api/v1/contacts/{made['id']}",
        data={"version": made["version"], "note": "mine"},
        headers={"Origin": demo.url},
    )
    assert answer.ok
    page.get_by_role("button", name=words("contacts.act.yes.withdrawn")).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text(
        words("error.code.changed_meanwhile")
    )


# --- figures ------------------------------------------------------------------------------------


def test_the_figures_are_the_servers_and_lead_to_their_contacts(page: Page, demo: Demo) -> None:
    opened(page, demo, "/contacts/figures")
    begin = ago(days=60).replace("+00:00", "Z")
    rate = asked(page, demo, f"/contacts/indicators?from={begin}")["total"]["rate"]
    assert rate["denominator"] > 0
    expect(
        page.get_by_text(f"{rate['numerator']} met of {rate['denominator']} decided")
    ).to_be_visible()
    told = asked(page, demo, f"/indicators/satisfaction?from={begin}")["total"]
    assert told["scales"][0]["answered"] > 10
    panel = page.get_by_role("region", name=words("contacts.satisfaction.title"))
    scores = panel.get_by_role("table").first
    expect(scores.get_by_role("row")).to_have_count(6)

    channels = page.get_by_role("region", name=words("contacts.byChannel")).last
    row = channels.get_by_role("row", name=re.compile("Callback"))
    row.get_by_role("link", name=re.compile("^Met")).click()
    expect(page).to_have_url(re.compile("(?=.*state=met)(?=.*channel=callback)(?=.*from=)"))
    expect(page.locator("tbody tr").first).to_contain_text("Met")


def test_a_viewer_reads_in_french_on_a_phone_and_changes_nothing(
    page: Page, demo: Demo, chromium: Browser
) -> None:
    made = page.request.post(
        f"{demo.url}/api/v1/users",
        data={"name": "vera", "password": OURS, "role": "viewer"},
        headers={"Origin": demo.url},
    )
    assert made.ok, made.text()
    one = registered(page, demo, reference="V-1", number="+33199001234", name="Zoé Petit")
    context = context_for(chromium, language="fr", size=(390, 844))
    signed_in(context, demo.url, "vera", OURS)
    theirs = opened(context.new_page(), demo, "/contacts")
    expect(theirs.locator("tbody button")).to_have_count(0)
    expect(theirs.get_by_role("link", name=words("contacts.register", "fr"))).to_have_count(0)
    for path in ("/contacts", "/contacts/figures", f"/contacts/{one['id']}"):
        opened(theirs, demo, path)
        # Nothing is wider than a phone.
        assert theirs.evaluate("document.documentElement.scrollWidth") <= 390
    expect(theirs.get_by_text(words("contacts.hidden", "fr"))).to_be_visible()
    expect(theirs.get_by_text("99001234")).to_have_count(0)
    context.close()


# --- personal data, teams -----------------------------------------------------------------------


def test_what_is_kept_is_told_and_its_days_are_set(page: Page, demo: Demo) -> None:
    opened(page, demo, "/settings/personal-data")
    found = asked(page, demo, "/personal-data")
    for kind in found["kinds"]:
        name = words(f"personal.kind.{kind['kind']}.name")
        expect(page.get_by_role("heading", level=4, name=name, exact=True)).to_be_visible()
    days = page.get_by_label(words("personal.kind.digits.name"))
    expect(days).to_have_value("90")
    days.fill("14")
    timelines = page.get_by_label(words("personal.kind.timelines.name"))
    timelines.fill("100")
    page.get_by_role("button", name=words("settings.form.save")).click()
    expect(page.get_by_text(re.compile("200")).first).to_be_visible()
    assert asked(page, demo, "/settings/retention")["body"]["digits"] == 90
    timelines.fill("0")
    page.get_by_role("button", name=words("settings.form.save")).click()
    expect(page.get_by_text(words("settings.form.saved"))).to_be_visible()
    kept = asked(page, demo, "/settings/retention")["body"]
    assert (kept["digits"], kept["timelines"]) == (14, 0)
    expect(page.locator("li", has_text=words("personal.kind.digits.name")).first).to_contain_text(
        "14 days"
    )

    page.get_by_role("button", name=words("personal.purge.now")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What callers entered: older than 14 days")
    dialog.get_by_role("button", name=words("personal.purge.now")).click()
    expect(dialog).to_have_count(0)


def test_all_that_is_held_of_a_number_is_given_and_erased(page: Page, demo: Demo) -> None:
    number = "0199777001"
    made = registered(
        page, demo, reference="P-1", number=number, name="Zoé Petit", received_at=ago(hours=1),
        answered_at=ago(minutes=30),
    )  # fmt: skip
    opened(page, demo, "/settings/personal-data")
    page.get_by_label(words("personal.subject.number"), exact=True).fill(number)
    page.get_by_role("button", name=words("personal.subject.look")).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=words("personal.subject.download")).click()
    assert number not in download.value.suggested_filename
    given = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert "Zoé Petit" in json.dumps(given["records"], ensure_ascii=False)
    assert number not in page.url

    page.get_by_role("button", name=words("personal.erase.open")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words("personal.erase.reason")).fill("asked for it")
    typed = dialog.get_by_label(words("personal.erase.type", number=number))
    typed.fill("0199777002")
    dialog.get_by_role("button", name=words("personal.erase.yes"), exact=True).click()
    expect(dialog).to_contain_text(words("personal.erase.other"))
    assert asked(page, demo, f"/contacts/{made['id']}")["name"] == "Zoé Petit"
    typed.fill(number)
    dialog.get_by_role("button", name=words("personal.erase.yes"), exact=True).click()
    expect(page.get_by_text(words("personal.erase.done"), exact=True)).to_be_visible()
    left = asked(page, demo, f"/contacts/{made['id']}")
    assert (left["name"], left["number"], left["verdict"]) == ("", "", "met")


def test_a_team_is_made_and_single_agents_are_off_until_somebody_turns_them_on(
    page: Page, demo: Demo
) -> None:
    opened(page, demo, "/settings/teams/new")
    page.get_by_label(words("settings.field.name"), exact=True).fill("First line")
    agents = page.get_by_role("combobox", name=words("teams.agents"))
    for number in (901, 902, 903):
        agents.fill(f"PJSIP/{number}")
        page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.get_by_role("button", name=words("settings.form.save")).click()
    expect(page).to_have_url(re.compile("/settings/teams/First%20line$"))
    teams = asked(page, demo, "/settings")["team"]
    (team,) = (one for one in teams if one["id"] == "First line")
    assert team["body"]["agents"] == ["PJSIP/901", "PJSIP/902", "PJSIP/903"]
    page.get_by_role("navigation").get_by_role("link", name=words("settings.nav.teams")).click()
    expect(page.get_by_role("row", name=re.compile("First line"))).to_contain_text("PJSIP/903")
    switch = page.get_by_label(words("teams.perAgent"))
    expect(switch).not_to_be_checked()
    switch.press("Space")
    expect(switch).to_be_checked()
    page.get_by_role("button", name=words("settings.form.save")).click()
    expect(page.get_by_text(words("settings.form.saved"))).to_be_visible()
    assert asked(page, demo, "/settings/figures")["body"] == {"per_agent": True}
