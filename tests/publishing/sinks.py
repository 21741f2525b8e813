"""What the tests of the MQTT sink share: a sink that does not wait, and queues to be told of."""

import asyncio
from collections.abc import Callable, Iterable

import orjson

from monitor.history.messages import StoredMessage
from telephony_adapters.mqtt.commands import Carry
from telephony_adapters.mqtt.connection import Broker
from telephony_adapters.mqtt.sink import MqttSink
from telephony_adapters.mqtt.states import Key
from tests.mosquitto import Received, Subscriber
from tests.publishing.house import NOW, as_is, until


class Queues:
    """Queues of which a test says how they do."""

    def __init__(self, *keys: Key) -> None:
        self.waiting = dict.fromkeys(keys, 0)
        self.known = True

    def keys(self) -> Iterable[Key]:
        return list(self.waiting)

    def payload(self, pbx: str, queue: str) -> bytes | None:
        waiting = self.waiting.get((pbx, queue))
        return None if waiting is None else orjson.dumps({"queue": queue, "waiting": waiting})

    def gone(self, pbx: str, queue: str) -> bool:
        return self.known and (pbx, queue) not in self.waiting


async def soon(seconds: float) -> None:
    """Try again at once, not after the back-off: tests do not wait for it."""
    await asyncio.sleep(min(seconds, 0.05))


def sink_of(
    broker: Broker,
    queues: Queues | None = None,
    carry: Carry | None = None,
    render: Callable[[StoredMessage], bytes] = as_is,
) -> MqttSink:
    return MqttSink(
        broker,
        render,
        queues or Queues(),
        now=lambda: NOW,
        carry=carry,
        random=lambda: 0.5,
        sleep=soon,
    )


async def got(subscriber: Subscriber, enough: Callable[[list[Received]], object]) -> list[Received]:
    await until(lambda: enough(subscriber.take()))
    return subscriber.all


def of(messages: list[Received], start: str) -> list[Received]:
    return [m for m in messages if m.topic.startswith(start)]
