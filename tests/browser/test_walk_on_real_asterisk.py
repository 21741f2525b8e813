"""A day in the control room on a real Asterisk: a browser, real callers, the queue log.

Each step stands on the one before it, as a team leader and an admin would go.
"""

import contextlib
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.asterisk_lab.ami import AmiError
from tests.asterisk_lab.callers import Agent, originate, ring
from tests.asterisk_lab.server import AsteriskLab
from tests.browser.demo import context_for, signed_in
from tests.browser.stage import CHROMIUM, browser
from tests.browser.words import words
from tests.overflow_live.centre import overflow_lab, story, wait_until
from tests.scenarios.product import Product
from web import DIST

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}"),
    pytest.mark.skipif(not DIST.is_dir(), reason="needs the built page: make web"),
]

PASSWORD = "a walk through the house"
IN_VAIN, PATIENT, PRACTISED, HELPED = "0698000011", "0698000012", "0698000013", "0698000014"
WITHIN = 12
HELPER = Agent("agent1", ring=100, talk=60_000)
LONG_MS = 60_000


@dataclass
class House:
    """The Asterisk, the monitor that watches it, and a browser."""

    lab: AsteriskLab
    product: Product
    chromium: Browser

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.product.port}"

    def add_user(self, name: str, role: str, queues: list[str] | None = None) -> None:
        refs = None if queues is None else [{"pbx": "", "queue": queue} for queue in queues]
        body = {"name": name, "password": PASSWORD, "role": role, "queues": refs}
        answer = httpx.post(
            f"{self.url}/api/v1/users",
            json=body,
            headers={"Authorization": f"Bearer {self.product.token}"},
        )
        assert answer.is_success, answer.text

    def page_of(self, name: str) -> Page:
        """A page of somebody who is signed in."""
        context = context_for(self.chromium)
        context.set_default_timeout(20_000)
        signed_in(context, self.url, name, PASSWORD)
        return context.new_page()

    def call(self, number: str) -> None:
        with self.lab.ami() as ami:
            originate(ami, "of-first", number, LONG_MS)

    def the_call(self, number: str) -> dict[str, Any]:
        """The record of the one call of this number."""
        (found,) = [one for one in self.product.calls() if one["caller"] == number]
        call: dict[str, Any] = self.product.get(f"/calls/{found['id']}")
        return call

    def wait_for_call(self, number: str, **wanted: str | None) -> dict[str, Any]:
        """Wait until the record of a number's call says this."""

        def is_so() -> bool:
            found = [one for one in self.product.calls() if one["caller"] == number]
            return bool(found) and all(found[0][name] == value for name, value in wanted.items())

        wait_until(is_so, f"the call of {number} to have {wanted}")
        return self.the_call(number)

    def leave(self) -> None:
        """All callers hang up."""
        with self.lab.ami() as ami:
            for channel in ami.listing("CoreShowChannels"):
                # The other half of a Local channel takes this one along.
                with contextlib.suppress(AmiError):
                    ami.action("Hangup", Channel=channel.get("Channel", ""))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    lab = overflow_lab("22")
    with ExitStack() as stack:
        stack.callback(lab.remove)
        stack.callback(lab.stop)
        lab.start()
        product = stack.enter_context(Product(tmp_path_factory.mktemp("walk"), lab))
        found = House(lab, product, stack.enter_context(browser()))
        found.add_user("ada", "admin")
        found.add_user("lea", "lead", ["of-second"])
        found.add_user("vic", "viewer")
        yield found


def test_a_leader_sees_a_caller_breach_acknowledges_it_and_reads_why(house: House) -> None:
    context = context_for(house.chromium)
    page = context.new_page()
    page.goto(house.url)
    page.get_by_label(words("signIn.name")).fill("ada")
    page.get_by_label(words("signIn.password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=words("signIn.submit")).click()
    house.call(IN_VAIN)

    alerts = page.get_by_role("region", name=re.compile(words("alert.title")))
    line = alerts.get_by_role("listitem").filter(has_text=IN_VAIN)
    expect(line).to_be_visible(timeout=60_000)
    line.get_by_role("button").click()
    expect(line).to_contain_text(words("alert.acknowledgedBy", by="ada"))

    line.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(IN_VAIN)
    expect(page.get_by_text(words("verdict.breached"), exact=True).first).to_be_visible()
    expect(page.get_by_text(words("reason.waiting_past_deadline")).first).to_be_visible()
    expect(page.get_by_text(words("call.diagnosis"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"Nobody was logged in to"))).to_be_visible()
    house.leave()
    context.close()


def test_a_queue_is_declared_and_its_threshold_acts_at_once(house: House) -> None:
    page = house.page_of("ada")
    page.goto(f"{house.url}/settings/queues")
    page.get_by_role("button", name=words("settings.queues.declareOne", queue="of-first")).click()
    page.get_by_label(words("settings.field.label"), exact=True).fill("First line")
    page.get_by_label(words("settings.field.within"), exact=True).fill(str(WITHIN))
    page.get_by_role("button", name=words("settings.form.save"), exact=True).click()
    expect(page.get_by_text(words("settings.form.saved"))).to_be_visible()

    house.call(PATIENT)
    page.goto(house.url)
    card = page.get_by_role("article").filter(has_text="First line")
    expect(card.get_by_text(PATIENT, exact=True)).to_be_visible()
    call = house.wait_for_call(PATIENT, verdict="breached")
    assert call["within_s"] == WITHIN
    assert call["verdict_at"] == call["deadline_at"]
    house.leave()
    page.context.close()


def test_a_rule_is_written_practised_armed_and_moves_a_caller(house: House) -> None:
    page = house.page_of("ada")
    page.goto(f"{house.url}/settings/rules/new")
    page.get_by_label(words("settings.field.name"), exact=True).fill("To the second line")
    queues = page.get_by_role("combobox", name=words("settings.field.queues"), exact=True)
    queues.fill("of-first")
    queues.press("Enter")
    page.get_by_label(words("settings.field.context"), exact=True).fill("overflow")
    page.get_by_label(words("settings.field.exten"), exact=True).fill("second")
    page.get_by_label(words("settings.field.targetQueue"), exact=True).fill("of-second")
    if not page.get_by_label(words("settings.field.metric"), exact=True).count():
        page.get_by_role("button", name=words("settings.rule.addCondition")).click()
    condition = page.get_by_role("group", name=words("settings.rule.condition", number=1))
    condition.get_by_label(words("settings.field.metric")).select_option("time_left")
    condition.get_by_label(words("settings.field.at_least"), exact=True).fill("")
    condition.get_by_label(words("settings.field.at_most"), exact=True).fill("9")
    page.get_by_role("button", name=words("settings.saveAs.dry_run"), exact=True).click()

    expect(page.get_by_text(words("settings.dryRun.title"))).to_be_visible()
    house.call(PRACTISED)
    expect(page.get_by_role("link", name=PRACTISED)).to_be_visible(timeout=30_000)
    house.wait_for_call(PRACTISED, verdict="breached")
    assert [event for event, _ in story(house.lab, PRACTISED)] == ["ENTERQUEUE"]
    house.leave()

    page.get_by_role("button", name=words("settings.steps.arm"), exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(words("settings.arm.withdraw"))
    dialog.get_by_role("button", name=words("settings.steps.arm"), exact=True).click()
    expect(dialog).to_be_hidden()
    phone = ring(house.lab, HELPER)
    try:
        with house.lab.ami() as ami:
            ami.action("QueueAdd", Queue="of-second", Interface=HELPER.interface)
        house.call(HELPED)
        call = house.wait_for_call(HELPED, verdict="met")
        assert [(one["queue"], one["exit"]) for one in call["visits"]] == [
            ("of-first", "withdrawn"),
            ("of-second", "answered"),
        ]
        assert story(house.lab, HELPED)[:4] == [
            ("ENTERQUEUE", "of-first"),
            ("WITHDRAW", "of-first"),
            ("ENTERQUEUE", "of-second"),
            ("CONNECT", "of-second"),
        ]
        page.get_by_role("link", name=HELPED).first.click()
        moved = re.compile(words("overflow.verb.move") + " → of-second")
        expect(page.get_by_role("main").get_by_text(moved).first).to_be_visible()
        expect(page.get_by_text(words("verdict.met"), exact=True).first).to_be_visible()
    finally:
        house.leave()
        phone.stop()
    page.context.close()


def test_a_lead_sees_only_the_queues_that_are_theirs(house: House) -> None:
    page = house.page_of("lea")
    page.goto(house.url)
    expect(page.get_by_role("article").filter(has_text="of-second")).to_be_visible()
    expect(page.get_by_text("First line")).to_have_count(0)
    page.goto(f"{house.url}/calls")
    expect(page.get_by_role("link").filter(has_text=re.compile(r"\d\d:\d\d")).first).to_be_visible()
    expect(page.get_by_text(HELPED)).to_be_visible()
    for number in (IN_VAIN, PATIENT, PRACTISED):
        expect(page.get_by_text(number)).to_have_count(0)
    page.goto(f"{house.url}/calls/{house.the_call(PATIENT)['id']}")
    expect(page.get_by_text(words("call.missing"))).to_be_visible()
    asked = page.context.request.get(f"{house.url}/api/v1/calls?queue=of-first").json()
    assert {one["caller"] for one in asked["items"]} <= {HELPED}
    page.context.close()


def test_a_viewer_can_change_nothing(house: House) -> None:
    page = house.page_of("vic")
    page.goto(house.url)
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.get_by_role("link", name=words("app.settings"), exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name=words("alert.acknowledge"))).to_have_count(0)
    page.goto(f"{house.url}/settings/queues")
    expect(page.get_by_text(words("app.notFound"))).to_be_visible()

    send = page.context.request
    origin = {"Origin": house.url}
    document = httpx.get(
        f"{house.url}/api/v1/openapi.json",
        headers={"Authorization": f"Bearer {house.product.token}"},
    ).json()
    own = ("/session", "/account", "/setup", "/overflow/decision")
    tried = [
        (path, method)
        for path, methods in document["paths"].items()
        for method in methods
        if method in ("post", "put", "patch", "delete")
        and not path.removeprefix("/api/v1").startswith(own)
    ]
    assert len(tried) > 20
    for path, method in tried:
        address = house.url + re.sub(r"\{\w+\}", "1", path)
        answer = send.fetch(address, method=method.upper(), headers=origin, data={})
        assert answer.status == 403, (path, method, answer.status)
    before = house.product.get("/settings")
    assert before["queue"][0]["body"]["within"] == WITHIN
    page.context.close()
