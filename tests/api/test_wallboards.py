"""What a wallboard's browser, which nobody watches, may ask for: the live board, and no more."""

import httpx
import pytest

from api.live import LiveHub
from api.visibility import Scope
from monitor.accounts import QueueRef, Role
from monitor.core.alerts import Alert, AlertKind
from tests.api.conftest import House
from tests.api.made import PBX, START
from tests.api.rights import RIGHTS, Only
from tests.api.test_live_hub import Board, read

FOR_SCREENS = {("GET", "/api/v1/live"), ("GET", "/api/v1/session"), ("DELETE", "/api/v1/session")}


@pytest.fixture
async def screen(house: House, client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser that a device's link has signed in."""
    made = await client.post(
        "/api/v1/devices", headers=house.token(Role.ADMIN), json={"name": "hall"}
    )
    token = made.json()["link"].partition("=")[2]
    entered = await client.post("/api/v1/session/device", json={"token": token})
    assert entered.status_code == 200
    return client


async def test_a_wallboard_is_refused_all_but_the_live_board(screen: httpx.AsyncClient) -> None:
    ours = {"Origin": "http://test"}
    for (verb, path), rights in RIGHTS.items():
        if rights.needs is Only.EVERYBODY or (verb, path) in FOR_SCREENS:
            continue
        place = path.replace("{", "").replace("}", "")
        answer = await screen.request(verb, place, headers=ours, json=rights.body or {})
        code = answer.json()["error"]["code"]
        if path.endswith("/overflow/decision"):
            assert code == "unauthenticated"  # for programs, which send a token
        else:
            assert answer.status_code == 403, (verb, path)
            assert code in {"not_for_devices", "people_only"}, (verb, path)
    for path in ("/api/v1/live", "/api/v1/session"):
        assert (await screen.get(path)).status_code == 200
    assert (await screen.delete("/api/v1/session", headers=ours)).status_code == 204
    assert (await screen.get("/api/v1/live")).status_code == 401


async def test_who_joins_again_hears_that_an_alert_of_the_last_snapshot_is_over(
    house: House,
) -> None:
    hub: LiveHub = house.services.hub
    scope = Scope(frozenset({QueueRef("", "support")}))
    alerts = hub.boards.alerts
    alerts._put(Alert("queue_unstaffed:x", AlertKind.QUEUE_UNSTAFFED, PBX, "support", "", START))
    hub.flush()
    first = hub.join(scope)
    Board().take(await read(first))
    hub.leave(first)
    page = hub.join(scope)
    board = Board()
    assert [alert["id"] for alert in board.take(await read(page))["alerts"]] == [
        "queue_unstaffed:x"
    ]
    alerts._drop("queue_unstaffed:x")
    hub.flush()
    gone = board.take(await read(page))["changes"]
    assert gone == [{"kind": "alert_gone", "id": "queue_unstaffed:x"}]
