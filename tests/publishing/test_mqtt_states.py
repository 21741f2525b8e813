"""Retained queue states, held against a real Mosquitto."""

import asyncio
from pathlib import Path

import orjson
import pytest

from telephony_adapters.mqtt.connection import Broker
from tests.mosquitto import Mosquitto, Subscriber
from tests.publishing.house import House, published, until
from tests.publishing.sinks import Queues, got, sink_of

pytestmark = pytest.mark.mosquitto

SUPPORT = ("lab", "support")
ODD = ("lab", "ventes/été #1+")


async def test_queue_states_are_retained_for_whoever_comes_late(
    house: House, broker: Mosquitto
) -> None:
    queues = Queues(SUPPORT, ODD)
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        await until(lambda: sink.state.connected)
        queues.waiting[SUPPORT] = 7
        sink.states.changed([SUPPORT])
        with Subscriber(broker.port, "minuteur/+/queues/+/state") as late:
            await got(late, lambda m: any(orjson.loads(x.payload)["waiting"] == 7 for x in m))
            await got(late, lambda m: len({x.topic for x in m}) == 2)
        topics = {m.topic for m in late.all}
        assert topics == {
            "minuteur/lab/queues/support/state",
            "minuteur/lab/queues/ventes%2Fété %231%2B/state",
        }


async def test_a_queue_that_changes_all_the_time_is_told_twice_a_second_at_most(
    house: House, broker: Mosquitto
) -> None:
    queues = Queues(SUPPORT)
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        await until(lambda: sink.state.connected)
        with Subscriber(broker.port, "minuteur/+/queues/+/state") as subscriber:
            for n in range(1, 200):
                queues.waiting[SUPPORT] = n
                sink.states.changed([SUPPORT])
                await asyncio.sleep(0.005)
            told = await got(subscriber, lambda m: orjson.loads(m[-1].payload)["waiting"] == 199)
    # It took at least a second, and the machine may have been slow: what counts is the share.
    assert len(told) < 199 / 5


async def test_all_states_are_told_again_to_a_broker_that_forgot_them(
    house: House, broker: Mosquitto, tmp_path: Path
) -> None:
    queues = Queues(SUPPORT)
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        with Subscriber(broker.port, "minuteur/+/queues/+/state") as subscriber:
            await got(subscriber, lambda m: m)
        await asyncio.to_thread(broker.stop)
        await until(lambda: not sink.state.connected)
        (tmp_path / "broker" / "mosquitto.db").unlink()
        await asyncio.to_thread(broker.start)
        with Subscriber(broker.port, "minuteur/+/queues/+/state", name="new") as subscriber:
            await got(subscriber, lambda m: m)


async def test_the_state_of_a_queue_that_is_gone_is_taken_away_once_that_is_certain(
    house: House, broker: Mosquitto
) -> None:
    with Subscriber(broker.port, "none") as before:
        before.publish("minuteur/lab/queues/old%2Fone/state", b"{}", retain=True)
        before.publish("minuteur/lab/queues/support/state", b"{}", retain=True)
    queues = Queues(SUPPORT)
    queues.known = False
    async with published(house, sink := sink_of(Broker(broker.url), queues)):
        with Subscriber(broker.port, "minuteur/+/queues/+/state", name="live") as live:
            await got(live, lambda m: any(b"waiting" in x.payload for x in m))
            assert not [m for m in live.all if not m.payload]
            queues.known = True
            sink.states.changed([])
            await got(live, lambda m: any(not x.payload for x in m))
        (gone,) = [m for m in live.all if not m.payload]
        assert gone.topic == "minuteur/lab/queues/old%2Fone/state"
    with Subscriber(broker.port, "minuteur/+/queues/+/state", name="late") as late:
        await got(late, lambda m: m)
        assert [m.topic for m in late.all] == ["minuteur/lab/queues/support/state"]
