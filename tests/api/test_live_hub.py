"""The hub: one delta for all, numbered without a gap, and nobody waits for a slow reader."""

import asyncio
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter

from api import live_client, live_schemas, views
from api.live import LiveHub
from api.live_client import Client
from api.visibility import Scope
from monitor.core.effects import CallChanged, MemberGone, MemberUpdated
from monitor.core.events import LinkChanged, LinkState
from monitor.core.records import MemberState
from tests.api.made import PBX, Centre, answered_call, member

MESSAGE: TypeAdapter[Any] = TypeAdapter(live_schemas.LiveMessage)


class Board:
    """What the page does with messages: a picture of the live state, and a check of ``seq``."""

    def __init__(self) -> None:
        self.seq = -1
        self.calls: dict[str, Any] = {}
        self.queues: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []

    def take(self, text: str) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads(text)
        MESSAGE.validate_python(message)
        self.seen.append(message)
        if message["type"] == "snapshot":
            self.calls = {call["id"]: call for call in message["calls"]}
            self.queues = {queue["name"]: queue for queue in message["queues"]}
        elif message["type"] == "delta":
            assert message["seq"] == self.seq + 1
            for change in message["changes"]:
                self.change(change)
        self.seq = message["seq"]
        return message

    def change(self, change: dict[str, Any]) -> None:
        if change["kind"] == "call":
            self.calls[change["call"]["id"]] = change["call"]
        elif change["kind"] == "call_gone":
            self.calls.pop(change["id"], None)
        elif change["kind"] == "queue":
            self.queues[change["queue"]["name"]] = change["queue"]


@pytest.fixture
def centre() -> Centre:
    centre = Centre()
    centre.connect()
    return centre


@pytest.fixture
def hub(centre: Centre) -> LiveHub:
    return LiveHub(centre.engine, centre.clock)


async def read(client: Client) -> str:
    async with asyncio.timeout(60):  # a message that never comes fails here, not much later
        return await client.next()


def kinds(message: dict[str, Any]) -> list[str]:
    return [change["kind"] for change in message["changes"]]


async def test_the_first_message_is_a_snapshot_then_deltas_without_a_gap(
    centre: Centre, hub: LiveHub
) -> None:
    board, client = Board(), hub.join(Scope())
    assert board.take(await read(client))["type"] == "snapshot"

    hub(centre.arrive("1.1"))
    hub.flush()
    hub(centre.join("1.1"))
    hub.flush()

    assert board.take(await read(client))["seq"] == 1
    assert board.take(await read(client))["seq"] == 2
    assert board.calls["lab:1.1"]["visits"][0]["queue"] == "support"
    assert board.queues["support"]["waiting"] == 1


async def test_changes_are_gathered_and_sent_once(centre: Centre, hub: LiveHub) -> None:
    client = hub.join(Scope())
    await read(client)

    hub(centre.arrive("1.1"))
    hub(centre.join("1.1"))
    message = orjson.loads(await read(client))

    assert message["type"] == "delta"
    assert sorted(kinds(message)) == ["call", "queue", "today"]


async def test_a_breach_is_sent_in_the_loops_next_turn(centre: Centre, hub: LiveHub) -> None:
    hub(centre.arrive("1.1"))
    client = hub.join(Scope())
    await read(client)

    hub(centre.pass_time(60))
    await asyncio.sleep(0)
    message = orjson.loads(await read(client))

    (call,) = [change["call"] for change in message["changes"] if change["kind"] == "call"]
    assert call["verdict"] == "breached"
    assert call["verdict_at"] == call["deadline_at"]


async def test_a_call_that_ends_is_sent_once_more_and_then_gone(
    centre: Centre, hub: LiveHub
) -> None:
    hub(centre.arrive("1.1"))
    board, client = Board(), hub.join(Scope())
    board.take(await read(client))
    assert "lab:1.1" in board.calls

    centre.pass_time(10)
    hub(centre.hang_up("1.1"))
    message = board.take(await read(client))

    assert [kind for kind in kinds(message) if kind.startswith("call")] == ["call", "call_gone"]
    assert message["changes"][0]["call"]["verdict"] == "abandoned"
    assert board.calls == {}


async def test_the_last_word_on_a_member_counts(hub: LiveHub) -> None:
    client = hub.join(Scope())
    await read(client)

    hub([MemberGone(PBX, "support", "PJSIP/alice"), MemberUpdated(member(MemberState.PAUSED))])
    assert kinds(orjson.loads(await read(client))) == ["member"]

    hub([MemberUpdated(member()), MemberGone(PBX, "support", "PJSIP/alice")])
    assert kinds(orjson.loads(await read(client))) == ["member_gone"]


async def test_nothing_is_sent_when_nothing_changed(hub: LiveHub) -> None:
    hub.flush()

    assert hub.seq == 0


async def test_one_who_does_not_read_gets_a_snapshot_later(
    centre: Centre, hub: LiveHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_client, "QUEUE_LIMIT", 3)
    slow, slow_board = hub.join(Scope()), Board()
    fast, fast_board = hub.join(Scope()), Board()
    slow_board.take(await read(slow))
    fast_board.take(await read(fast))

    for number in range(5):
        hub(centre.arrive(f"1.{number}"))
        hub.flush()
        fast_board.take(await read(fast))

    assert slow.lagging
    assert slow_board.take(await read(slow))["type"] == "snapshot"
    assert slow_board.calls == fast_board.calls
    assert slow_board.seq == fast_board.seq == 5


async def test_a_client_may_ask_for_a_snapshot(centre: Centre, hub: LiveHub) -> None:
    client = hub.join(Scope())
    await read(client)
    hub(centre.arrive("1.1"))
    hub.flush()

    client.resync()
    message = orjson.loads(await read(client))

    assert message["type"] == "snapshot"
    assert message["seq"] == hub.seq
    assert [call["id"] for call in message["calls"]] == ["lab:1.1"]


async def test_after_the_monitors_clock_was_set_every_page_begins_anew(
    centre: Centre, hub: LiveHub
) -> None:
    clients = [hub.join(Scope()), hub.join(Scope())]
    for client in clients:
        await client.next()
    hub(centre.engine.clock_moved(-3_600_000, centre.now - 3_600_000))
    hub.clock_moved(-3_600_000)
    for client in clients:
        message = orjson.loads(await client.next())
        assert message["type"] == "snapshot"
        assert [pbx["clock_offset_s"] for pbx in message["pbxs"]] == [-3600.0]


async def test_all_clients_share_one_text(centre: Centre, hub: LiveHub) -> None:
    one, two = hub.join(Scope()), hub.join(Scope())
    await read(one)
    await read(two)

    hub(centre.arrive("1.1"))
    hub.flush()

    assert await read(one) is await read(two)


async def test_a_heartbeat_has_the_last_number_and_the_time(centre: Centre, hub: LiveHub) -> None:
    board, client = Board(), hub.join(Scope())
    board.take(await read(client))
    centre.pass_time(2)

    hub.beat()
    message = board.take(await read(client))

    assert message == {
        "type": "heartbeat",
        "seq": 0,
        "server_time": "2025-11-21T09:41:09.382Z",
    }


async def test_a_failing_database_is_told_and_its_recovery_too(centre: Centre) -> None:
    problem = ""
    hub = LiveHub(centre.engine, centre.clock, lambda: problem)
    client = hub.join(Scope())
    assert orjson.loads(await read(client))["system"]["history"] == "ok"

    problem = "The disk is full."
    hub.beat()
    (change,) = orjson.loads(await read(client))["changes"]
    assert change["system"] == {"history": "failing", "history_detail": "The disk is full."}
    await read(client)

    problem = ""
    hub.beat()
    (change,) = orjson.loads(await read(client))["changes"]
    assert change["system"]["history"] == "ok"


async def test_a_delta_that_cannot_be_made_becomes_a_snapshot_and_is_logged_once(
    centre: Centre, hub: LiveHub, caplog: pytest.LogCaptureFixture
) -> None:
    board, client = Board(), hub.join(Scope())
    board.take(await read(client))
    broken = answered_call("1.9")
    broken.arrived_at = None  # type: ignore[assignment]  # what no engine should ever hand in

    hub([*centre.arrive("1.1"), CallChanged(broken)])
    hub.flush()
    hub([CallChanged(broken)])
    hub.flush()

    assert caplog.text.count("could not be made") == 1
    assert board.take(await read(client))["type"] == "snapshot"
    assert list(board.calls) == ["lab:1.1"]  # what was lost with the broken one
    hub(centre.arrive("1.2"))
    assert board.take(await read(client))["type"] == "delta"
    assert list(board.calls) == ["lab:1.1", "lab:1.2"]


async def test_an_absurd_clock_of_a_pbx_does_not_stop_the_stream(
    centre: Centre, hub: LiveHub
) -> None:
    board, client = Board(), hub.join(Scope())
    board.take(await read(client))

    centre.now = 400_000_000_000_000
    hub(centre.arrive("1.1"))

    assert board.take(await read(client))["type"] == "delta"
    assert board.calls["lab:1.1"]["arrived_at"] == "9999-12-31T23:59:59.999Z"


async def test_a_link_that_is_lost_tells_since_when_nobody_looks(
    centre: Centre, hub: LiveHub
) -> None:
    client = hub.join(Scope())
    await read(client)
    seen_last = centre.now - 3_000

    lost = LinkChanged(PBX, seen_last, LinkState.LOST, "It is lost.")
    hub(centre.engine.handle(lost))
    (change,) = orjson.loads(await read(client))["changes"]

    assert change["pbx"]["blind_since"] == views.iso(seen_last)
