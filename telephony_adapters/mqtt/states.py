"""Retained queue states: each topic holds the present state of one queue, and nothing else.

However often a queue changes, its state is published at most twice a second, the newest one; after
each reconnect all are published again, since the broker may have forgotten them.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import aiomqtt

from telephony_adapters.mqtt.topics import Topics

EVERY_S: Final = 0.5
"""Least time between two states of one queue."""
AT_ONCE: Final = 16
"""States on their way at the same time."""

Key = tuple[str, str]
"""PBX and queue."""

log = logging.getLogger(__name__)


class QueueStates(Protocol):
    """What is known of the queues now."""

    def keys(self) -> Iterable[Key]:
        """All queues that there are."""

    def payload(self, pbx: str, queue: str) -> bytes | None:
        """A queue's state as it is now; None when there is no such queue."""

    def gone(self, pbx: str, queue: str) -> bool:
        """Whether it is certain that there is no such queue (any more)."""


class StatePublisher:
    """Publishes queue states over one connection after the other.

    Args:
        states: reads them.
        topics: where they go.
        clock: seconds, for the pace; None for the event loop's.
    """

    def __init__(
        self, states: QueueStates, topics: Topics, clock: Callable[[], float] | None = None
    ) -> None:
        self._states = states
        self._topics = topics
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._changed: set[Key] = set()
        self._not_before: dict[Key, float] = {}
        self._retained: set[Key] = set()
        """Queues of which the broker had a state when we came, and that we have not met yet."""
        self._wake = asyncio.Event()

    def changed(self, keys: Iterable[Key]) -> None:
        """Note that queues changed, or what is known of their PBX; synchronous and cheap."""
        self._changed.update(keys)
        self._wake.set()

    def retained(self, key: Key) -> None:
        """Note that the broker keeps a state of a queue, from before."""
        self._retained.add(key)
        self._wake.set()

    async def run(self, client: aiomqtt.Client) -> None:
        """Publish all states, then each that changes, until the connection ends.

        Raises:
            aiomqtt.MqttError: the connection broke (also within a group).
        """
        self._not_before.clear()
        self._changed.update(self._states.keys())
        while True:
            self._wake.clear()
            self._find_gone()
            await self._publish(client, self._take_due())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._wake.wait()

    def _find_gone(self) -> None:
        gone = {key for key in self._retained if self._states.gone(*key)}
        for pbx, queue in gone:
            log.info("The queue %s of the PBX %s is gone, and with it its state", queue, pbx)
        self._retained -= gone
        self._changed |= gone

    def _take_due(self) -> list[Key]:
        """The changed queues whose turn has come; the others stay noted."""
        now = self._clock()
        due = [key for key in self._changed if self._not_before.get(key, now) <= now]
        self._changed.difference_update(due)
        return due

    def _pause(self) -> float | None:
        """Seconds until the next changed queue may be published; None when none waits."""
        if not self._changed:
            return None
        now = self._clock()
        return max(0.0, min(self._not_before.get(key, now) for key in self._changed) - now)

    async def _publish(self, client: aiomqtt.Client, due: list[Key]) -> None:
        for start in range(0, len(due), AT_ONCE):
            async with asyncio.TaskGroup() as group:
                for key in due[start : start + AT_ONCE]:
                    self._not_before[key] = self._clock() + EVERY_S
                    # Nothing, retained, takes away what is retained (MQTT 3.1.1, 3.3.1.3).
                    payload = self._states.payload(*key) or b""
                    topic = self._topics.state(*key)
                    group.create_task(client.publish(topic, payload, qos=1, retain=True))
