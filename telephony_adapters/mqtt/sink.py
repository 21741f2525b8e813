"""The MQTT sink: keeps a connection with the broker and publishes all there is through it.

Messages of the outbox go out with QoS 1, in order, a bounded number at a time; a batch is confirmed
when the broker has acknowledged it. What was not acknowledged when a connection broke is sent again
over the next one, before anything newer: so each call's messages stay in order, and what arrives
twice carries the same id.
"""

import asyncio
import contextlib
import logging
import random as random_module
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from monitor.core.clock import Ms
from monitor.history.messages import StoredMessage
from monitor.publishing import Feed, SinkState
from telephony_adapters.backoff import STABLE_AFTER, Backoff
from telephony_adapters.mqtt.commands import Carry, CommandDesk
from telephony_adapters.mqtt.connection import Broker, BrokerError, Connection, connected
from telephony_adapters.mqtt.states import QueueStates, StatePublisher
from telephony_adapters.mqtt.topics import OFFLINE, ONLINE, Topics

NAME: Final = "mqtt"
BATCH: Final = 32
"""Messages that are sent before the first of them is waited for."""
LONGEST_PAUSE_S: Final = 10.0
"""Between two tries to reach the broker: there is one of it, and messages wait for it."""
REFUSED_RETRY_S: Final = 30.0
"""Pause after the broker refused us: somebody has to change something."""
GOODBYE_S: Final = 2.0
"""How long the end of the process waits for the broker to take our "offline"."""
RETAINED_S: Final = 3.0
"""How long after connecting the broker's retained states are looked at."""

log = logging.getLogger(__name__)

Render = Callable[[StoredMessage], bytes]
"""What is sent of a message; masks what this sink may not know."""


class MqttSink:
    """Publishes to one broker.

    Args:
        broker: where it is, and who we are there.
        render: what is sent of a message.
        states: the queues' states.
        carry: carries commands out; None where commands are not enabled.
        now: the monitor's clock (ms).
        random: numbers from 0 up to 1, for the back-off.
        sleep: waits for seconds between tries.
    """

    def __init__(
        self,
        broker: Broker,
        render: Render,
        states: QueueStates,
        *,
        now: Callable[[], Ms],
        carry: Carry | None = None,
        random: Callable[[], float] = random_module.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._broker = broker
        self._render = render
        self._topics = Topics(broker.prefix)
        self.states = StatePublisher(states, self._topics)
        self._desk = None if carry is None else CommandDesk(carry)
        self._now = now
        self._sleep = sleep
        self._backoff = Backoff(random, LONGEST_PAUSE_S)
        self._state = SinkState(since=now())

    @property
    def name(self) -> str:
        """There is one broker."""
        return NAME

    @property
    def state(self) -> SinkState:
        """How the connection does now."""
        return self._state

    async def run(self, feed: Feed) -> None:
        """Keep publishing until cancelled."""
        while True:
            began = self._now()
            error = await self._session_end(feed)
            self._tell(connected=False, detail=str(error))
            if self._now() - began >= STABLE_AFTER:
                self._backoff.reset()
            feed.rewind()
            delay = self._backoff.delay()
            await self._sleep(max(delay, REFUSED_RETRY_S) if error.refused else delay)

    async def _session_end(self, feed: Feed) -> BrokerError:
        """Run one connection from beginning to end; say why it ended."""
        try:
            async with connected(self._broker) as client:
                await self._session(client, feed)
        except BrokerError as error:
            return error
        return BrokerError(f"The connection with {self._broker.where} ended.")

    async def _session(self, client: Connection, feed: Feed) -> None:
        """Do all that is done over one connection; at the end of the process say goodbye.

        Raises:
            aiomqtt.MqttError: the connection broke.
        """
        try:
            await _all_or_none(
                self._listen(client),  # also notices that the connection broke
                self._publish(client, feed),
            )
        except asyncio.CancelledError:
            with contextlib.suppress(aiomqtt.MqttError):
                await client.publish(
                    self._topics.status, OFFLINE, qos=1, retain=True, timeout=GOODBYE_S
                )
                await client.leave(GOODBYE_S)
            raise

    # --- out ------------------------------------------------------------------------------------

    async def _publish(self, client: aiomqtt.Client, feed: Feed) -> None:
        await client.publish(self._topics.status, ONLINE, qos=1, retain=True)
        await self._subscribe(client)
        self._tell(connected=True)
        await _all_or_none(
            self._pump(client, feed),
            self.states.run(client),
            self._stop_looking(client),
            self._send_letters(client, feed),
        )

    async def _pump(self, client: aiomqtt.Client, feed: Feed) -> None:
        """Send messages a batch at a time; the tasks of a batch begin in order."""
        while True:
            batch = await feed.next(BATCH)
            sending = [asyncio.ensure_future(self._send(client, feed, m)) for m in batch]
            try:
                await asyncio.gather(*sending)
            finally:
                taken = _taken(sending)
                for task in sending:
                    task.cancel()
                if taken:
                    feed.confirm(batch[taken - 1].seq)
                    self._state = replace(self._state, sent=self._state.sent + taken)
                failed = len(batch) - taken
                if failed:
                    self._state = replace(self._state, failures=self._state.failures + failed)

    async def _send(self, client: aiomqtt.Client, feed: Feed, message: StoredMessage) -> None:
        topic = self._topics.message(message.topic)
        try:
            await client.publish(topic, self._render(message), qos=1)
        except ValueError as error:
            # The library does not take it, and never will; it must not hold up the others.
            await feed.bury(message, tries=1, error=str(error), at=self._now())

    async def _send_letters(self, client: aiomqtt.Client, feed: Feed) -> None:
        """Send what a person wants sent once more; one try for each."""
        while True:
            for letter in await feed.letters_to_send():
                topic = self._topics.message(letter.message.topic)
                try:
                    await client.publish(topic, self._render(letter.message), qos=1)
                except ValueError as error:
                    tries, said = letter.tries + 1, str(error)
                    await feed.letter_failed(letter, tries=tries, error=said, at=self._now())
                else:
                    await feed.letter_sent(letter)

    # --- in -------------------------------------------------------------------------------------

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        wanted = [self._topics.states]
        if self._desk is not None:
            wanted += self._topics.commands
        answers = await client.subscribe([(topic, 1) for topic in wanted])
        for topic, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, ReasonCode) and answer.is_failure:
                log.warning("The broker refuses us the topic %s (%s)", topic, answer)

    async def _stop_looking(self, client: aiomqtt.Client) -> None:
        """What is retained comes at once; after that only our own states would come back."""
        await asyncio.sleep(RETAINED_S)
        await client.unsubscribe(self._topics.states)
        await asyncio.Event().wait()

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            await self._take(client, message)

    async def _take(self, client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        topic = str(message.topic)
        payload = message.payload if isinstance(message.payload, bytes) else b""
        queue = self._topics.queue_of(topic)
        if queue is not None:
            if message.retain and payload:
                self.states.retained(queue)
            return
        levels = self._topics.command_of(topic)
        if self._desk is None or not levels:
            return
        if message.retain:
            log.warning("A retained command was ignored: nobody knows how old it is (%s)", topic)
            return
        answer = await self._desk.answer(levels, payload)
        await client.publish(self._topics.answers, answer, qos=1)

    def _tell(self, *, connected: bool, detail: str = "") -> None:
        since = self._now() if connected != self._state.connected else self._state.since
        self._state = replace(self._state, connected=connected, detail=detail, since=since)


def _taken(sending: Sequence[asyncio.Future[None]]) -> int:
    """How many of a batch, from its beginning, the broker has taken."""
    for number, task in enumerate(sending):
        if not task.done() or task.cancelled() or task.exception() is not None:
            return number
    return len(sending)


async def _all_or_none(*works: Coroutine[Any, Any, None]) -> None:
    """Run works together until one of them fails; raises what it raised, the others cancelled."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except BaseExceptionGroup as failed:
        found: BaseException = failed
        while isinstance(found, BaseExceptionGroup):
            found = found.exceptions[0]
        raise found from found.__cause__
