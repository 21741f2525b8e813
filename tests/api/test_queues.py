"""Queues for pages, and what helps to write settings."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from api import queue_schemas
from api.pbx_testing import asked_of, with_the_links
from config.settings import Pbx, Settings
from monitor.accounts import QueueRef, Role
from monitor.core.clock import DAY
from monitor.core.events import DialplanStep
from monitor.core.overflow.rules import (
    Destination,
    How,
    OverflowRule,
    Prioritise,
    Redirect,
    Withdraw,
)
from telephony_adapters.asterisk import pbx_test
from telephony_adapters.asterisk.ami_link import AmiLink
from telephony_adapters.asterisk.discovery import Discovery
from telephony_adapters.asterisk.pbx_test_reading import Check, Report
from tests.api.conftest import House, browser
from tests.api.test_routes import problem

TOOLS = "/api/v1/settings"
CALENDARS = f"{TOOLS}/calendars"


@pytest.fixture
async def admin(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A program with an admin's token."""
    client.headers.update(house.token(Role.ADMIN))
    return client


async def test_queues_come_with_what_is_promised_and_when_they_are_open(
    house: House, admin: httpx.AsyncClient
) -> None:
    # The house's clock shows Friday, 2025-11-21, 09:40 UTC.
    office = {"name": "office", "hours": [{"days": ["fri"], "from": "09:00", "to": "18:00"}]}
    night = {"name": "night", "hours": [{"days": ["mon"], "from": "20:00", "to": "24:00"}]}
    for body in (office, night):
        assert (await admin.post(CALENDARS, json=body)).status_code == 201
    queue = {"name": "sales", "label": "Sales", "within": 30, "target": 0.8, "calendar": "office"}
    assert (await admin.post(f"{TOOLS}/queues", json=queue)).status_code == 201
    centre = {"calendar": "night"}
    version = (await admin.get(f"{TOOLS}/centre")).headers["ETag"]
    changed = await admin.put(f"{TOOLS}/centre", json=centre, headers={"If-Match": version})
    assert changed.status_code == 200, changed.text

    shown = (await admin.get("/api/v1/queues")).json()

    queue_schemas.QueuesOut.model_validate(shown)
    found = {item["queue"]: item for item in shown["items"]}
    sales, support = found["sales"], found["support"]
    assert (sales["within_s"], sales["target"], sales["calendar"]) == (30, 0.8, "office")
    assert (sales["open"], sales["changes_at"]) == (True, "2025-11-21T18:00:00.000Z")
    assert (support["target"], support["calendar"], support["open"]) == (None, "night", False)
    assert support["changes_at"] == shown["centre"]["changes_at"] == "2025-11-24T20:00:00.000Z"


async def test_whoever_sees_some_queues_only_gets_these(
    house: House, client: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    assert (await admin.post(f"{TOOLS}/queues", json={"name": "sales"})).status_code == 201
    token = house.services.accounts.create_token(
        "narrow", Role.VIEWER, queues=frozenset({QueueRef("", "sales")})
    )

    shown = await client.get("/api/v1/queues", headers={"Authorization": f"Bearer {token}"})

    assert [item["queue"] for item in shown.json()["items"]] == ["sales"]


async def test_public_holidays_are_told_with_their_names(admin: httpx.AsyncClient) -> None:
    asked = "country=FR&subdivision=57&year=2026"
    shown = (await admin.get(f"{TOOLS}/holidays?{asked}")).json()

    queue_schemas.HolidaysOut.model_validate(shown)
    friday = {"date": "2026-04-03", "name_en": "Good Friday", "name_fr": "Vendredi saint"}
    assert friday in shown["items"]
    assert "974" in shown["subdivisions"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"country": "XX", "year": 2026}, "country"),
        ({"country": "FR", "subdivision": "99", "year": 2026}, "subdivision"),
        ({"country": "FR", "year": 1200}, "year"),
    ],
)
async def test_holidays_of_nowhere_are_refused(
    admin: httpx.AsyncClient, asked: dict[str, Any], field: str
) -> None:
    error = problem(await admin.get(f"{TOOLS}/holidays", params=asked), 422, "invalid")

    assert list(error.fields) == [field]


# --- discovered ---------------------------------------------------------------------------------


def link_with(*steps: DialplanStep) -> AmiLink:
    discovery = Discovery()
    for step in steps:
        discovery.look(step)
    return cast("AmiLink", SimpleNamespace(discovery=discovery))


async def test_what_was_seen_on_the_pbx_is_offered_with_what_it_is(house: House) -> None:
    def step(channel: str, context: str, app: str = "NoOp", data: str = "") -> DialplanStep:
        return DialplanStep("lab", house.centre.now, channel, context, "s", app, data)

    link = link_with(
        step("1", "incoming"), step("2", "incoming"), step("1", "ivr"), step("3", "phones"),
        step("3", "phones", "Stasis", "menu,1"),
    )  # fmt: skip
    services = replace(house.services, links={"lab": link})

    async with browser(services) as client:
        client.headers.update(house.token(Role.ADMIN))
        shown = (await client.get(f"{TOOLS}/discovered")).json()

    queue_schemas.DiscoveredOut.model_validate(shown)
    assert [
        (c["context"], c["callers"], c["role"], c["voice_server"]) for c in shown["contexts"]
    ] == [
        ("incoming", 2, "incoming", ""),
        ("ivr", 1, "voice_server", "welcome"),
        ("phones", 1, "", ""),
    ]
    assert [(app["app"], app["voice_server"]) for app in shown["stasis_apps"]] == [("menu", "")]
    support = next(queue for queue in shown["queues"] if queue["queue"] == "support")
    assert (support["declared"], support["waiting"]) == (True, 0)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LEAD])
async def test_only_admins_look_and_test(
    house: House, client: httpx.AsyncClient, role: Role
) -> None:
    client.headers.update(house.token(role))

    problem(await client.get(f"{TOOLS}/discovered"), 403, "forbidden")
    problem(await client.get(f"{TOOLS}/holidays?country=FR&year=2026"), 403, "forbidden")
    problem(await client.post(f"{TOOLS}/pbxs/test", json={}), 403, "forbidden")


# --- the connection test ------------------------------------------------------------------------

BODY = {"name": "lab", "port": 1, "username": "minuteur", "incoming_contexts": ["incoming"]}


async def test_a_pbx_that_is_not_there_is_said_so_and_no_secret_with_it(
    admin: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await admin.post(f"{TOOLS}/pbxs/test", json={**BODY, "secret": "s3cret"})

    shown = response.json()
    queue_schemas.PbxTestOut.model_validate(shown)
    assert [(check["code"], check["status"]) for check in shown["checks"]] == [
        ("connect", "failed")
    ]
    assert shown["checks"][0]["params"]["reason"] == "unreachable"
    assert "s3cret" not in response.text + caplog.text


async def test_where_somebody_had_the_server_connect_stands_in_the_trail_and_no_secret(
    house: House, admin: httpx.AsyncClient
) -> None:
    ari = {"url": "http://127.0.0.1:1/ari", "username": "minuteur", "password": "pa55"}
    await admin.post(f"{TOOLS}/pbxs/test", json={**BODY, "secret": "s3cret", "ari": ari})

    [entry] = [one for one in house.trail() if one.what == "pbx_tested"]
    assert (entry.by, entry.subject) == ("test-admin", "lab")
    assert entry.after == {
        "host": "127.0.0.1", "port": 1, "tls": None, "username": "minuteur", "ari": ari["url"],
    }  # fmt: skip


async def test_a_pbx_of_another_name_needs_its_secret(admin: httpx.AsyncClient) -> None:
    answer = await admin.post(f"{TOOLS}/pbxs/test", json={**BODY, "name": "paris"})

    assert set(problem(answer, 422, "invalid").fields) == {"secret"}


@pytest.fixture
def busy() -> Iterator[None]:
    """Somebody else tests the PBX just now."""
    pbx_test._testing.add(("127.0.0.1", 1))
    yield
    pbx_test._testing.discard(("127.0.0.1", 1))


@pytest.mark.usefixtures("busy")
async def test_a_pbx_is_tested_once_at_a_time(admin: httpx.AsyncClient) -> None:
    problem(
        await admin.post(f"{TOOLS}/pbxs/test", json={**BODY, "secret": "x"}), 409, "test_running"
    )


@pytest.mark.usefixtures("house")
def test_what_rules_in_force_do_is_looked_for() -> None:
    pbx = Pbx.model_validate({**BODY, "secret": "x"})
    to = Destination("overflow", "s", 1, "backup")
    rules = (
        OverflowRule("out", Withdraw(to)),
        OverflowRule("dry", Redirect(to), dry_run=True),
        OverflowRule("off", Redirect(to), enabled=False),
        OverflowRule("asked", Redirect(to), how=How.ASK),
        OverflowRule("elsewhere", Redirect(to), pbx="paris"),
        OverflowRule("first", Prioritise(5), pbx="lab"),
    )
    settings = Settings.model_validate(
        {
            "pbx": [{**BODY, "secret": "x"}],
            "queue": [{"name": "support"}, {"name": "sales", "pbx": "lab"}],
            "voice_server": [{"name": "ivr", "contexts": ["menu", "ivr"]}],
        }
    )

    asked = asked_of(pbx, settings, rules)

    assert asked.needed == {
        "QueueWithdrawCaller": ("out",),
        "QueueChangePriorityCaller": ("first",),
    }
    assert (asked.queues, asked.voice_contexts) == (("sales", "support"), ("ivr", "menu"))


def test_a_queue_of_any_pbx_need_not_be_on_each_of_several() -> None:
    pbx = Pbx.model_validate({**BODY, "secret": "x"})
    settings = Settings.model_validate(
        {
            "pbx": [{**BODY, "secret": "x"}, {**BODY, "name": "paris", "secret": "x"}],
            "queue": [{"name": "support"}, {"name": "sales", "pbx": "lab"}],
        }
    )

    assert asked_of(pbx, settings).queues == ("sales",)


def test_what_the_test_did_not_hear_the_running_link_may_know() -> None:
    quiet = {"how": "quiet"}
    names = ("call", "agent", "user", "dialplan")
    report = Report(tuple(Check(f"read_{name}", "skipped", quiet) for name in names))

    better = with_the_links(report, {"call"}, {"read_class_agent": "…", "read_class_user": "…"})

    assert [(check.code, check.status) for check in better.checks] == [
        ("read_call", "ok"),
        ("read_agent", "failed"),
        ("read_user", "warning"),
        ("read_dialplan", "skipped"),
    ]


async def test_a_new_year_brings_its_public_holidays_without_a_restart(
    house: House, admin: httpx.AsyncClient
) -> None:
    body = {"name": "office", "holidays": "FR"}
    assert (await admin.post(CALENDARS, json=body)).status_code == 201
    engine, control = house.services.monitor.engine, house.services.settings
    before = engine.policy
    await control.look()
    assert engine.policy is before, "nothing is new yet"

    house.centre.now += 60 * DAY  # from November on

    await control.look()

    after = engine.policy
    assert after.version == before.version + 1
    assert {day.year for day in before.calendars[0].holidays} == set(range(2024, 2029))
    assert {day.year for day in after.calendars[0].holidays} == set(range(2025, 2030))
    await control.look()
    assert engine.policy is after
