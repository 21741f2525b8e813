"""Alerts over REST and in the stream: acknowledged once, told to all at once, kept."""

from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from api.alert_control import AlertControl
from api.alert_schemas import AlertOut
from api.filling import fill_boards
from api.live import LiveHub
from api.visibility import Scope
from monitor.accounts import Role
from monitor.core import events as ev
from monitor.core.alerts import Alert
from monitor.core.clock import MINUTE
from monitor.history.alerts import AlertRecord
from monitor.history.audit import AuditEntry, AuditFilter, Via, Who
from tests.api.conftest import House
from tests.api.made import START, answered_call, member
from tests.api.test_live_hub import Board, read

API = "/api/v1/alerts"
ALERT = "caller_breached:lab:1.1"
ZOE = Who("zoé", Via.SESSION)


@pytest.fixture
async def breached(house: House) -> House:
    """A house with a caller who waits past the deadline."""
    hub = house.services.hub
    for effects in (house.centre.connect(), house.centre.arrive("1.1"), house.centre.join("1.1")):
        hub(effects)
    hub(house.centre.pass_time(60))
    hub.flush()
    return house


@pytest.fixture
async def lead(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    client.headers.update(house.token(Role.LEAD))
    return client


def control(house: House) -> AlertControl:
    return house.services.alerts


def restart(house: House) -> AlertControl:
    """Another control with a board of its own, on the same record and the same centre."""
    hub = LiveHub(house.centre.engine, house.centre.clock)
    return AlertControl(hub, AlertRecord(house.database), house.centre.clock)


def found(control: AlertControl) -> Alert | None:
    return control._hub.boards.alerts.find(ALERT)


async def test_who_acknowledges_is_told_to_everybody_at_once(
    breached: House, lead: httpx.AsyncClient
) -> None:
    board, page = Board(), breached.services.hub.join(Scope())
    board.take(await read(page))

    answer = await lead.post(f"{API}/{ALERT}/acknowledge")

    shown = answer.json()
    AlertOut.model_validate(shown)
    assert (shown["acknowledged_by"], shown["raised_at"]) == (
        "test-lead", "2025-11-21T09:42:07.382Z",
    )  # fmt: skip
    delta = board.take(await read(page))
    assert delta["changes"] == [{"kind": "alert", "alert": shown}]
    assert (await lead.get(API)).json() == {"items": [shown]}
    assert [(entry.by, entry.subject) for entry in acknowledged(breached)] == [("test-lead", ALERT)]


def acknowledged(house: House) -> list[AuditEntry]:
    """What the trail tells of it."""
    entries = house.services.overflow_control.record.audit.entries
    return entries(AuditFilter(what="alert_acknowledged")).entries


async def test_acknowledging_twice_changes_nothing(
    breached: House, lead: httpx.AsyncClient
) -> None:
    first = (await lead.post(f"{API}/{ALERT}/acknowledge")).json()
    breached.centre.now += 1_000
    second = await lead.post(f"{API}/acknowledge", json={"ids": [ALERT, ALERT, "gone"]})
    assert second.json() == {"items": [first]}
    assert len(acknowledged(breached)) == 1


async def test_one_that_is_not_shown_is_not_found(lead: httpx.AsyncClient) -> None:
    assert (await lead.post(f"{API}/{ALERT}/acknowledge")).status_code == 404
    assert (await lead.post(f"{API}/acknowledge", json={"ids": []})).status_code == 422


async def test_it_is_kept_over_a_restart_as_long_as_it_is_so(breached: House) -> None:
    done = await control(breached).acknowledge([ALERT], ZOE, Scope())

    again = restart(breached)
    await again.begin()

    assert found(again) == done[0]
    assert done[0].params["caller"]
    [stored] = control(breached).record.lasting()
    assert stored.params == {"within_ms": 60_000}  # the number stands in the call's record alone
    breached.centre.hang_up("1.1")
    third = restart(breached)
    await third.begin()
    assert found(third) is None
    breached.centre.now += 2 * MINUTE
    await third.keep()
    assert AlertRecord(breached.database).lasting() == []


async def test_what_is_over_is_stored_as_over(breached: House) -> None:
    await control(breached).acknowledge([ALERT], ZOE, Scope())
    await control(breached).keep()
    assert [alert.id for alert in AlertRecord(breached.database).lasting()] == [ALERT]
    breached.services.hub(breached.centre.hang_up("1.1"))
    await control(breached).keep()
    assert AlertRecord(breached.database).lasting() == []


async def test_a_database_that_fails_keeps_nobody_from_acknowledging(
    breached: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    record = control(breached).record
    with monkeypatch.context() as failing:
        failing.setattr(record, "acknowledged", fail)
        done = await control(breached).acknowledge([ALERT], ZOE, Scope())
        assert done[0].acknowledged_by == "zoé"
        assert record.lasting() == []
        await control(breached).keep()
    assert record.lasting() == []
    await control(breached).keep()
    assert [alert.id for alert in record.lasting()] == [ALERT]


async def test_what_the_record_knows_fills_the_boards_at_the_start(house: House) -> None:
    call = answered_call("9.9")
    call.visits[0].interface = "PJSIP/alice"
    house.store(call)
    house.centre.now = START + 2 * MINUTE
    hub = LiveHub(house.centre.engine, house.centre.clock)

    await fill_boards(hub, house.centre.engine, house.database, house.centre.now)

    (point,) = Board().take(hub.snapshot(Scope()))["trend"]
    assert (point["queue"], point["answered"], point["waiting_max"]) == ("support", 1, 1)
    assert hub.boards.days.of(member()).answered == 1


async def test_a_member_who_is_rung_says_for_whom(house: House) -> None:
    hub, centre = house.services.hub, house.centre
    said = {"queue": "support", "interface": "PJSIP/alice", "member": "Alice"}
    status = {
        "paused": False, "pause_reason": "", "in_call": False, "penalty": 0, "calls_taken": 0,
        "last_call": 0,
    }  # fmt: skip
    hub(centre.connect())
    hub(centre.tell(ev.MemberChanged, **said, **status, device=ev.DeviceState.NOT_IN_USE))
    hub(centre.arrive("1.1"))
    hub(centre.join("1.1"))
    hub(centre.tell(ev.AgentOffered, uniqueid="1.1", **said))
    hub(centre.tell(ev.MemberChanged, **said, **status, device=ev.DeviceState.RINGING))
    assert alice(house)["ringing_for"] == "lab:1.1"
    hub(centre.tell(ev.AgentMissed, uniqueid="1.1", **said, rang=15_000))
    assert alice(house)["ringing_for"] == ""
    assert (alice(house)["missed"], alice(house)["missed_today"]) == (1, 1)


def alice(house: House) -> dict[str, Any]:
    board = Board()
    (shown,) = board.take(house.services.hub.snapshot(Scope()))["members"]
    found: dict[str, Any] = shown
    return found
