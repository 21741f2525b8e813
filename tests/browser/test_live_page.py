"""The built page in a real browser, its server's part played by prepared data."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import pictures
from tests.browser.scenes import CALM, Centre
from tests.browser.stage import CHROMIUM, Stage, open_page
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]


def one_caller(waited: float) -> Centre:
    centre = Centre()
    centre.queue("support", "Support", [waited])
    return centre


def test_signs_in_politely_and_shows_the_board(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary(), signed_in=False))
    page.get_by_label("Name").fill("camille")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The name or the password is not right.")
    page.get_by_label("Password", exact=True).fill("right")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Support")).to_be_visible()
    expect(page.get_by_text("1,204 met of 1,245 decided")).to_be_visible()
    page.get_by_role("button", name="Account of camille").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_minute_runs_out_with_no_message_at_all(chromium: Browser) -> None:
    page = open_page(chromium, Stage(one_caller(41.6)))
    row = page.get_by_role("listitem").filter(has_text="#1")
    expect(row).to_have_attribute("data-state", "calm")
    first = row.inner_text()
    expect(row).to_have_attribute("data-state", "risk", timeout=60_000)
    expect(row).to_contain_text("at risk")
    assert row.inner_text() != first


def test_a_breach_shows_as_soon_as_the_server_says_so(chromium: Browser) -> None:
    stage = Stage(one_caller(58))
    page = open_page(chromium, stage)
    row = page.get_by_role("listitem").filter(has_text="#1")
    expect(row).to_be_visible()
    call = stage.centre.calls[0]
    stage.delta({"kind": "call", "call": call | {"verdict": "breached"}})
    expect(row).to_contain_text("over by")
    expect(page.get_by_role("status").filter(has_text="past the deadline")).to_have_count(1)


def test_a_call_that_ends_joins_the_strip(chromium: Browser) -> None:
    stage = Stage(one_caller(12))
    page = open_page(chromium, stage)
    expect(page.get_by_text("Calls that end show up here")).to_be_visible()
    call = stage.centre.calls[0]
    ended = {"ended_at": stage.centre.ago(0), "verdict": "abandoned", "wait_s": 12.0}
    stage.delta({"kind": "call", "call": call | ended}, {"kind": "call_gone", "id": call["id"]})
    strip = page.get_by_role("region", name="Just ended")
    expect(strip.get_by_role("listitem")).to_contain_text("Abandoned")
    expect(page.get_by_text("Nobody waiting")).to_be_visible()


def test_a_gap_asks_for_a_snapshot(chromium: Browser) -> None:
    stage = Stage(one_caller(12))
    page = open_page(chromium, stage)
    expect(page.get_by_role("heading", name="Support")).to_be_visible()
    stage.centre.queue("sales", "Sales", [3])
    stage.delta(skip=2)
    expect(page.get_by_role("heading", name="Sales")).to_be_visible()
    assert stage.resyncs == 1


@pytest.mark.parametrize("how", ["dropped", "silent"])
def test_nothing_looks_alive_when_the_stream_is_gone(chromium: Browser, how: str) -> None:
    stage = Stage(one_caller(20))
    page = open_page(chromium, stage)
    row = page.get_by_role("listitem").filter(has_text="#1")
    expect(row).to_be_visible()
    if how == "dropped":
        stage.drop()
    stage.refuses = True
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("Not live since", timeout=60_000)
    expect(page.locator("article")).to_have_attribute("data-frozen", "true")
    frozen = row.inner_text()
    page.wait_for_timeout(2_200)
    assert row.inner_text() == frozen
    stage.refuses = False
    page.get_by_role("button", name="Try now").click()
    expect(banner).not_to_contain_text("Not live", timeout=60_000)
    expect(page.locator("article")).to_have_attribute("data-frozen", "false")


def test_a_lost_pbx_is_said_and_its_callers_are_frozen(chromium: Browser) -> None:
    stage = Stage(pictures.link_lost())
    page = open_page(chromium, stage)
    expect(page.get_by_role("alert")).to_contain_text("PBX lyon: link lost since")
    expect(page.get_by_role("alert")).to_contain_text("Check that Asterisk runs")
    assert page.locator('article[data-frozen="false"]').count() == 0
    stage.delta({"kind": "pbx", "pbx": stage.centre.link | {"state": "resyncing"}})
    expect(page.get_by_role("alert")).to_contain_text("catching up")
    stage.delta(
        {"kind": "pbx", "pbx": stage.centre.link | {"state": "connected", "blind_since": None}}
    )
    expect(page.get_by_role("alert")).not_to_contain_text("PBX lyon")
    expect(page.get_by_role("alert")).to_contain_text("Overflow is off")
    switch = stage.centre.overflow["switch"] | {"on": True}
    stage.delta({"kind": "overflow", "overflow": stage.centre.overflow | {"switch": switch}})
    expect(page.get_by_role("alert")).to_be_empty()
    assert page.locator('article[data-frozen="true"]').count() == 0


def test_speaks_french_and_remembers(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()))
    page.get_by_role("button", name="FR").click()
    expect(page.get_by_text("Engagement du jour")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.reload()
    expect(page.get_by_text("Engagement du jour")).to_be_visible()


def test_a_caller_leads_to_the_call_and_why(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()))
    page.get_by_role("listitem").filter(has_text="#1").first.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()
    expect(page.get_by_text("The caller was handled, but after the deadline.")).to_be_visible()
    page.get_by_role("link", name="Calls").first.click()
    page.get_by_role("button", name="Breached").click()
    expect(page).to_have_url("http://minuteur.test/calls?verdict=breached")


def test_a_call_from_the_queue_log_says_so_and_is_told_in_order_of_time(
    chromium: Browser,
) -> None:
    stage = Stage(pictures.ordinary())
    detail = pictures.call_detail(stage.centre)
    facts = [{**fact, "detail": {**fact["detail"], "recovered": 1}} for fact in detail["timeline"]]
    detail["timeline"] = [facts[0], *reversed(facts[1:])]
    page = open_page(chromium, stage)
    page.route("**/api/v1/calls/*", lambda route: route.fulfill(json=detail))
    page.get_by_role("listitem").filter(has_text="#1").first.get_by_role("link").click()
    expect(page.get_by_text("all that is known comes from the queue log")).to_be_visible()
    lines = page.locator("li[data-kind]")
    expect(lines.first).to_contain_text("from the queue log")
    moments = lines.locator("time").evaluate_all("them => them.map(it => it.dateTime)")
    assert moments == sorted(fact["at"] for fact in facts)


def test_shows_300_callers_in_40_queues_and_goes_on_following_them(chromium: Browser) -> None:
    stage = Stage(pictures.large())
    page = open_page(chromium, stage, size=(1920, 1080))
    expect(page.locator("article")).to_have_count(len(stage.centre.queues))
    waiting = sum(queue["waiting"] for queue in stage.centre.queues)
    expect(page.get_by_text(str(waiting), exact=True).first).to_be_visible()
    for call in stage.centre.calls[:40]:
        stage.delta({"kind": "call_gone", "id": call["id"]})
    expect(page.get_by_text(str(waiting), exact=True)).to_have_count(0)


# --- overflow -----------------------------------------------------------------------------------


def test_decisions_show_with_their_reasons_and_what_came_of_them(chromium: Browser) -> None:
    stage = Stage(pictures.storm())
    page = open_page(chromium, stage)
    lines = page.get_by_role("region", name="Overflow").get_by_role("listitem")
    expect(lines.nth(0)).to_contain_text("Not moved Support → Sales")
    expect(lines.nth(0)).to_contain_text("Sales is not better")
    expect(lines.nth(2)).to_contain_text("Turned on Support")
    expect(lines.nth(4)).to_contain_text("18 s left · 87.0% likely to miss the deadline")
    expect(lines.nth(4)).to_contain_text("moved")

    new = stage.centre.decisions[0] | {"id": "new", "caller": "0700000001"}
    command = stage.centre.commands[0] | {"id": "c", "decision": "new", "outcome": "pending"}
    stage.delta({"kind": "decision", "decision": new}, {"kind": "command", "command": command})
    expect(lines.nth(0)).to_contain_text("0700000001")
    expect(lines.nth(0)).to_contain_text("under way")
    stage.delta({"kind": "command", "command": command | {"outcome": "left_meanwhile"}})
    expect(lines.nth(0)).to_contain_text("left meanwhile")
    expect(lines).to_have_count(5)


def test_the_switch_is_told_across_the_page_while_it_is_off(chromium: Browser) -> None:
    stage = Stage(pictures.ordinary())
    page = open_page(chromium, stage)
    expect(page.get_by_role("heading", name="Support")).to_be_visible()
    expect(page.get_by_role("region", name="Overflow")).to_contain_text("Nothing decided yet.")
    off = {"on": False, "by": "zoe", "at": stage.centre.ago(0), "note": "Fire drill"}
    stage.delta({"kind": "overflow", "overflow": CALM | {"switch": off}})
    expect(page.get_by_role("alert")).to_contain_text("Overflow is off since")
    expect(page.get_by_role("alert")).to_contain_text("(zoe). Fire drill")
    stage.delta({"kind": "overflow", "overflow": CALM})
    expect(page.get_by_role("alert")).to_be_empty()


def test_who_may_not_act_sees_neither_the_switch_nor_what_to_acknowledge(
    chromium: Browser,
) -> None:
    page = open_page(chromium, Stage(pictures.storm(), role="viewer"))
    alerts = page.get_by_role("region", name="Alerts")
    expect(alerts.get_by_role("listitem").first).to_contain_text("is past the minute")
    expect(alerts.get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(page.get_by_role("button", name="Turn off…")).to_have_count(0)


def test_the_red_switch_asks_first_and_takes_a_word_why(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()))
    page.get_by_role("button", name="Turn off…").click()
    dialog = page.get_by_role("dialog", name="Turn overflow off for everybody?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Turn off…")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_label("Why?").fill("Fire drill")
    dialog.get_by_role("button", name="Turn off…").click()
    expect(page.get_by_role("alert").first).to_contain_text("(camille). Fire drill")
    expect(page.get_by_role("button", name="Turn on…")).to_be_visible()


# --- alerts -------------------------------------------------------------------------------------


def test_alerts_are_acknowledged_one_by_one_or_all(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.storm()))
    alerts = page.get_by_role("region", name="Alerts")
    lines = alerts.get_by_role("listitem")
    expect(lines.first).to_contain_text("Support · deadline 1:00")
    first = lines.first.get_by_role("link").inner_text()
    alerts.get_by_role("button", name=f"Acknowledge: {first}").click()
    expect(alerts.get_by_role("heading", name="Alerts 4")).to_be_focused()
    expect(lines.filter(has_text=first)).to_contain_text("seen by camille")
    alerts.get_by_role("button", name="Acknowledge all 4").click()
    expect(alerts.get_by_role("button", name="Acknowledge")).to_have_count(0)


def test_an_alert_leads_to_its_call_and_its_queue(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.storm()))
    alerts = page.get_by_role("region", name="Alerts")
    alerts.get_by_role("link", name="Claims: nobody can answer").click()
    expect(page).to_have_url("http://minuteur.test/queues/lyon/claims")
    page.get_by_role("link", name="All queues").click()
    alerts.get_by_role("link", name="is past the minute").first.click()
    expect(page).to_have_url(re.compile(r"/calls/lyon%3A"))


HEARD = """() => {
  window.heard = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    window.heard += 1;
    return start.apply(this, when);
  };
}"""


def test_sound_is_off_until_asked_for_and_kept_by_the_browser(chromium: Browser) -> None:
    stage = Stage(pictures.ordinary())
    page = open_page(chromium, stage)
    page.evaluate(HEARD)
    sound = page.get_by_role("button", name="Sound for new alerts")
    expect(sound).to_have_attribute("aria-pressed", "false")
    ring(stage, "one")
    expect(page.get_by_text("0600000001 is past the minute")).to_be_visible()
    assert page.evaluate("() => window.heard") == 0
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => window.heard === 2")  # two tones: what to listen for
    ring(stage, "two")
    page.wait_for_function("() => window.heard === 4")
    ring(stage, "three")
    page.wait_for_timeout(1_500)
    assert page.evaluate("() => window.heard") == 4
    page.reload()
    expect(sound).to_have_attribute("aria-pressed", "true")


def ring(stage: Stage, name: str) -> None:
    params = {"caller": "0600000001", "within_ms": 60_000}
    alert = stage.centre.alert("caller_breached", 1, id=name, queue="support", params=params)
    stage.delta({"kind": "alert", "alert": alert})


def test_the_tab_counts_who_is_past_the_minute(chromium: Browser) -> None:
    stage = Stage(one_caller(58))
    page = open_page(chromium, stage)
    icon = page.locator("link[rel=icon]")
    expect(page.get_by_role("listitem").filter(has_text="#1")).to_be_visible()
    expect(icon).to_have_attribute("href", re.compile("favicon.svg"))
    call = stage.centre.calls[0]
    stage.delta({"kind": "call", "call": call | {"verdict": "breached"}})
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg.*%3E1%3C"))
    expect(page).to_have_title(re.compile("⬢ 1"))


# --- what is shown ------------------------------------------------------------------------------


def test_the_view_lives_in_the_address(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.storm()))
    cards = page.locator("article")
    expect(cards).to_have_count(8)
    page.get_by_role("button", name="Only trouble").click()
    expect(cards).to_have_count(5)
    page.get_by_role("button", name="Rows", exact=True).click()
    page.get_by_role("region", name="Agents").get_by_role("button", name="Paused").click()
    expect(page).to_have_url(re.compile(r"\?view=rows&trouble=1&agents=paused$"))
    page.reload()
    expect(cards).to_have_count(5)
    expect(page.get_by_text("5 of 8 queues")).to_be_visible()
    agents = page.get_by_role("region", name="Agents")
    expect(agents.get_by_role("heading", level=3)).to_have_text(["Paused 2"])
    page.get_by_role("button", name="Show all").click()
    expect(cards).to_have_count(8)


def test_queues_are_chosen_by_name(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.large()))
    page.get_by_role("button", name="All queues").click()
    page.get_by_label("Find a queue").fill("vip")
    page.get_by_role("checkbox", name="VIP 1").check()
    page.keyboard.press("Escape")
    expect(page.locator("article")).to_have_count(1)
    expect(page.get_by_role("button", name="1 queue")).to_be_focused()


def test_the_last_hour_can_be_read_with_the_keyboard(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()))
    trend = page.get_by_role("slider", name="Last hour, Support")
    trend.focus()
    newest = trend.get_attribute("aria-valuetext") or ""
    assert "service level" in newest
    page.keyboard.press("Home")
    expect(trend).to_have_attribute("aria-valuenow", "0")
    assert trend.get_attribute("aria-valuetext") != newest
    expect(trend).to_have_accessible_description(re.compile("target 80.0%"))


def test_a_queue_has_a_page_of_its_own(chromium: Browser) -> None:
    stage = Stage(pictures.storm())
    page = open_page(chromium, stage)
    page.get_by_role("heading", name="Support").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="Support")).to_be_visible()
    callers = page.get_by_role("region", name="Callers").get_by_role("listitem")
    expect(callers).to_have_count(10)
    expect(page.get_by_role("region", name="Today")).to_contain_text("(ans≤T + ab≤T) / (ans + ab)")
    expect(page.get_by_role("region", name="Thresholds")).to_contain_text("80.0%")
    expect(page.get_by_role("region", name="Last calls").get_by_role("row").nth(1)).to_be_visible()
    everything = page.get_by_role("link", name="All calls of this queue")
    expect(everything).to_have_attribute("href", "/calls?pbx=lyon&queue=support")
    for call in stage.centre.calls[:3]:
        stage.delta({"kind": "call_gone", "id": call["id"]})
    expect(callers).to_have_count(7)


def test_a_queue_that_is_not_there_is_said_so(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()), path="/queues/lyon/nowhere")
    expect(page.get_by_text("There is no queue “nowhere” on PBX lyon")).to_be_visible()


# --- the shell ----------------------------------------------------------------------------------


def test_keys_lead_through_the_pages(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()))
    expect(page.get_by_role("heading", name="Support")).to_be_visible()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Lost callers")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/calls"))
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page).to_have_url("http://minuteur.test/")


def test_a_narrow_screen_has_a_menu(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()), size=(390, 844))
    menu = page.get_by_role("button", name="Menu")
    calls = page.get_by_role("link", name="Calls", exact=True)
    expect(calls).to_be_hidden()
    menu.click()
    expect(calls).to_be_visible()
    expect(page.get_by_role("link", name="Live", exact=True)).to_have_attribute(
        "aria-current", "page"
    )
    page.keyboard.press("Escape")
    expect(calls).to_be_hidden()
    expect(menu).to_be_focused()
