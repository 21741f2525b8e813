"""The whole: callers of a simulated centre, the monitor as users run it, a real broker."""

import asyncio
from pathlib import Path

import orjson
import pytest

from monitor.history.audit import Via
from tests.mosquitto import Mosquitto, Received, Subscriber
from tests.publishing.centre import Callers, Served, simulated, watching
from tests.publishing.checks import calls_over, compare, due_by_the_record, read_outbox
from tests.publishing.house import until
from tests.publishing.lossy import LossyLink
from tests.publishing.receiver import Receiver

pytestmark = pytest.mark.mosquitto
RATE = 20.0


def mqtt(broker: Mosquitto | LossyLink, *more: str) -> str:
    return "\n".join(["[mqtt]", f'url = "mqtt://127.0.0.1:{broker.port}"', *more])


def ids_of(received: list[Received]) -> set[str]:
    return {orjson.loads(m.payload)["id"] for m in received}


def calls(received: list[Received]) -> list[Received]:
    return [m for m in received if "/calls/" in m.topic]


async def test_a_broker_that_is_away_under_load_loses_nothing(
    tmp_path: Path, broker: Mosquitto
) -> None:
    database = tmp_path / "minuteur.db"
    with Subscriber(broker.port, "minuteur/lab/calls/#") as subscriber:
        async with (
            LossyLink(broker.port) as link,
            simulated() as pbx,
            watching(tmp_path, pbx, mqtt(link)),
        ):
            async with Callers(pbx, RATE) as callers:
                await until(lambda: len(subscriber.take()) > 50)
                link.lose_answers()
                await until(lambda: len(subscriber.take()) > 80)
                link.cut()
                await asyncio.sleep(2)
                await asyncio.to_thread(broker.stop)
                await asyncio.sleep(4)
                await asyncio.to_thread(broker.start)
                seen = len(subscriber.all)
                await until(lambda: len(subscriber.take()) > seen + 200)
            await until(lambda: calls_over(database) == callers.made, 60)
            stored = [(id_, call) for _, id_, call in read_outbox(database)]
            wanted = {id_ for id_, _ in stored}
            await until(lambda: ids_of(subscriber.take()) >= wanted)
    found = compare(stored, due_by_the_record(database), subscriber.all)
    assert found.right, found
    assert found.published > 500
    assert found.duplicates > 0
    kinds = {m.topic.rpartition("/")[2] for m in subscriber.all}
    assert kinds >= {"arrived", "at_risk", "breached", "handled", "verdict", "ended"}


async def test_the_last_will_tells_that_the_monitor_was_killed_and_nothing_stored_is_lost(
    tmp_path: Path, broker: Mosquitto
) -> None:
    async with simulated() as pbx:
        with Subscriber(broker.port, "minuteur/#") as subscriber:
            served = Served(tmp_path, pbx.port, mqtt(broker))
            async with served:
                status = "minuteur/status"
                await until(lambda: told(subscriber, status) == [b"online"])
                state = "minuteur/lab/queues/support/state"
                await until(lambda: told(subscriber, state))

                await asyncio.to_thread(broker.stop)
                call = pbx.call("0199001234", "support")
                await until(lambda: read_outbox(tmp_path / "minuteur.db"))
                served.kill()
                await asyncio.to_thread(broker.start)
                served.start()
                await served.ready()
                await until(lambda: calls(subscriber.take()))
                arrived = orjson.loads(calls(subscriber.all)[0].payload)
                assert arrived["event"] == "arrived"
                assert arrived["id"] == f"lab:{call.uniqueid}:arrived"
                assert arrived["call"]["caller"] == "********34"

                before = len(told(subscriber, status))
                served.kill()
                await until(lambda: len(told(subscriber, status)) > before)
                assert told(subscriber, status)[-1] == b"offline"


def told(subscriber: Subscriber, topic: str) -> list[bytes]:
    return [m.payload for m in subscriber.take() if m.topic == topic]


async def test_a_webhook_gets_the_calls_that_it_asked_for_in_the_order_of_each(
    tmp_path: Path,
) -> None:
    async with Receiver() as receiver, simulated() as pbx:
        hook = f"""
[[webhook]]
name = "crm"
url = "{receiver.url}"
secret = "hush hush hush hush"
events = ["arrived", "verdict", "ended"]
"""
        async with watching(tmp_path, pbx, hook) as services:
            async with Callers(pbx, RATE) as callers:
                await until(lambda: callers.made >= 30)
            await until(lambda: calls_over(tmp_path / "minuteur.db") == callers.made, 60)
            await until(lambda: len(receiver.taken) == 3 * callers.made)
            (status,) = services.publishing.status()
            assert status.state.connected
    told = [orjson.loads(request.body) for request in receiver.requests]
    by_call: dict[str, list[str]] = {}
    for message in told:
        by_call.setdefault(message["call"]["id"], []).append(message["event"])
    assert set(map(tuple, by_call.values())) == {("arrived", "verdict", "ended")}
    assert {message["call"]["caller"][:8] for message in told} == {"********"}


async def test_a_rule_is_forced_by_a_message_and_the_trail_says_by_whom(
    tmp_path: Path, broker: Mosquitto
) -> None:
    rule = """
[[overflow_rule]]
id = "to-sales"
queues = ["support"]
when = [{ metric = "waited_in_queue", at_least = 3000 }]
do = { withdraw = { context = "incoming", exten = "sales", queue = "sales" } }
"""
    order = {"id": "1", "by": "wallboard"}
    tables = mqtt(broker, "commands = true") + rule
    async with simulated() as pbx, watching(tmp_path, pbx, tables) as services:
        with Subscriber(broker.port, "minuteur/commands/answers") as asker:
            await until(lambda: "commands/switch" in broker.log)
            for topic, more in (
                ("rules/to-sales/force", {"on": False}),
                ("rules/to-sales/pause", {"id": "2"}),
                ("switch", {"id": "3", "on": False}),
            ):
                asker.publish(f"minuteur/commands/{topic}", orjson.dumps(order | more))
            await until(lambda: len(asker.take()) == 3)
        assert [orjson.loads(m.payload)["ok"] for m in asker.all] == [True] * 3
        control = services.overflow_control
        stored = control.rule("to-sales")
        assert (stored.forced, stored.body["enabled"]) == (False, False)
        assert control.overflow.switch.on is False
        trail = await asyncio.to_thread(control.record.audit.entries)
    done = [(entry.what, entry.by) for entry in trail.entries if entry.via is Via.MQTT]
    assert sorted(done) == [
        ("rule_changed", "wallboard"), ("rule_forced", "wallboard"), ("switch_turned", "wallboard")
    ]  # fmt: skip
