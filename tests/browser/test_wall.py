"""The wallboard in a real browser: read from afar, by nobody who could sign in, for weeks."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import pictures
from tests.browser.demo import context_for, running_demo, signed_in
from tests.browser.stage import CHROMIUM, DEVICE_TOKEN, NONCE, Stage, open_page
from web import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]

SCREEN = (1920, 1080)
SIZES = """() => {
  const size = (it) => parseFloat(getComputedStyle(it).fontSize);
  const shown = [...document.querySelectorAll('main *, footer *')].filter(
    (it) => it.checkVisibility() && !it.closest('.sr-only') &&
      [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''));
  return {
    least: Math.min(...shown.map(size)),
    figures: [...document.querySelectorAll('main li > strong')].map(size),
  };
}"""
FITS = """() => [...document.querySelectorAll('main li')].every((it) =>
  it.scrollWidth <= it.clientWidth + 1 && it.getBoundingClientRect().right <= 1920)"""
"""Nothing hangs out of its tile, nor off the screen."""


def open_wall(chromium: Browser, stage: Stage, query: str = "", key: str = "") -> Page:
    path = f"/wall?lang=en&{query}" + (f"#device={key}" if key else "")
    return open_page(chromium, stage, size=SCREEN, path=path)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_is_read_at_six_metres(chromium: Browser, language: str) -> None:
    views = "views=overview,worst,queues,agents&queues=lyon/sales&every=3600"
    stage = Stage(pictures.storm())
    page = open_page(chromium, stage, size=SCREEN, path=f"/wall?{views}&lang={language}")
    seen: list[str] = []
    for _ in range(4):
        expect(page.locator("main li > strong").first).to_be_visible()
        sizes = page.evaluate(SIZES)
        seen.append(page.get_by_role("main").inner_text())
        assert min(sizes["figures"]) >= 90
        assert sizes["least"] >= 32
        assert page.evaluate(FITS)
        page.keyboard.press("ArrowRight")
    assert len(set(seen)) == 4


def test_turns_by_itself_and_shows_a_queue_that_was_chosen(chromium: Browser) -> None:
    query = "views=overview,queues,agents&queues=lyon/billing,lyon/gone&every=3"
    page = open_wall(chromium, Stage(pictures.storm()), query)
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible()
    expect(page.get_by_role("heading", name="Billing")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", name="Agents")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible(timeout=60_000)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Billing")).to_be_visible()


def test_gets_in_by_its_key_once_and_takes_it_out_of_the_address(chromium: Browser) -> None:
    stage = Stage(pictures.ordinary(), signed_in=False)
    page = open_wall(chromium, stage, key=DEVICE_TOKEN)
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible()
    assert page.url == "http://minuteur.test/wall?lang=en&"
    page.reload()
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible()
    assert stage.devices == [DEVICE_TOKEN]


@pytest.mark.parametrize("key", ["", "mnd_revoked"])
def test_never_asks_anybody_to_sign_in(chromium: Browser, key: str) -> None:
    stage = Stage(pictures.ordinary(), signed_in=False)
    page = open_wall(chromium, stage, key=key)
    expect(page.get_by_role("heading", name="This screen may no longer sign in")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    stage.signed_in = True
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible(timeout=60_000)


def test_says_hugely_that_it_is_not_live_and_comes_back_by_itself(chromium: Browser) -> None:
    stage = Stage(pictures.storm())
    page = open_wall(chromium, stage, "views=overview")
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible()
    stage.drop()
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("NOT LIVE")
    height = banner.locator("strong").evaluate("it => parseFloat(getComputedStyle(it).fontSize)")
    assert height >= 90
    stage.refuses = False
    expect(banner).to_be_empty(timeout=60_000)


def test_loads_itself_anew_when_the_server_has_another_build(chromium: Browser) -> None:
    stage = Stage(pictures.ordinary())
    page = open_wall(chromium, stage, "views=overview")
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible()
    own = (DIST / "index.html").read_text().replace("__CSP_NONCE__", NONCE)
    newer = re.sub(r"(/assets/index-)[^.]+(\.js)", r"\1newer\2", own)
    page.route(
        re.compile(r"http://minuteur\.test/$"),
        lambda route: route.fulfill(body=newer, content_type="text/html"),
    )
    page.evaluate("() => { window.old = true; }")
    stage.drop()
    expect(page.get_by_role("alert")).to_contain_text("NOT LIVE")
    stage.refuses = False
    page.wait_for_function("() => window.old !== true", timeout=60_000)


def test_is_dark_and_still_whatever_the_machine_prefers(chromium: Browser) -> None:
    page = open_wall(chromium, Stage(pictures.ordinary()), "views=overview")
    expect(page.get_by_role("heading", name="Commitment today")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    cursor = page.locator("[data-idle]").evaluate("it => getComputedStyle(it).cursor")
    assert cursor == "none"
    # What the pointer brings comes with the keyboard as well.
    page.get_by_role("link", name="Leave the wallboard").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Support")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")


def test_the_board_helps_to_choose_what_a_wall_shows(chromium: Browser) -> None:
    page = open_page(chromium, Stage(pictures.ordinary()))
    page.get_by_role("button", name="Wallboard").click()
    dialog = page.get_by_role("dialog", name="Wallboard for a big screen")
    dialog.get_by_label("Worst queue").uncheck()
    dialog.get_by_label("Chosen queues").check()
    dialog.get_by_label("Billing").check()
    expect(dialog.get_by_label("Address of the screen")).to_have_value(
        "http://minuteur.test/wall?views=overview,queues,agents&every=15&queues=lyon/billing&lang=en"
    )


def test_a_key_that_an_admin_made_lets_a_screen_in_at_the_real_server(
    chromium: Browser, tmp_path: Path
) -> None:
    with running_demo(tmp_path) as demo:
        office = context_for(chromium)
        signed_in(office, demo.url, demo.name, demo.password)
        made = office.request.post(
            f"{demo.url}/api/v1/devices",
            data={"name": "hall", "queues": None},
            headers={"Origin": demo.url},
        )
        assert made.ok, made.text()
        link = made.json()["link"].replace("/wall", "/wall?lang=en&views=overview", 1)
        screen = context_for(chromium, size=SCREEN).new_page()
        screen.goto(demo.url + link)
        expect(screen.get_by_role("heading", name="Commitment today")).to_be_visible()
        assert screen.url.endswith("/wall?lang=en&views=overview")
        assert screen.request.get(f"{demo.url}/api/v1/session").json()["kind"] == "device"
        demo.process.kill()
        expect(screen.get_by_role("alert")).to_contain_text("NOT LIVE", timeout=60_000)
