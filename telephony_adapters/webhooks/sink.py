"""The webhook sink: each call's messages in order, several calls at once, until they are taken.

A message that the receiver fails at is tried again, with growing pauses, and given up after
``MAX_TRIES``: it becomes a dead letter, and the next of its call goes on. One that the receiver
refuses (4xx) becomes one at once. While the receiver cannot be reached at all, everything waits
and nothing is given up, but what the outbox itself gives up (after a week).
"""

import asyncio
import random as random_module
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from monitor.core.clock import Ms
from monitor.history.dead_letters import DeadLetter
from monitor.history.messages import StoredMessage
from monitor.publishing import Feed, SinkState
from telephony_adapters.webhooks.lanes import Lanes
from telephony_adapters.webhooks.request import AT_ONCE, Hook, Outcome, Poster, Result

FIRST_PAUSE_S: Final = 1.0
FACTOR: Final = 2.0
MAX_PAUSE_S: Final = 60.0
JITTER: Final = 0.3
"""Each pause is made up to so much shorter or longer."""
MAX_TRIES: Final = 20
"""With the pauses above: a quarter of an hour."""
WINDOW: Final = 200
"""Messages in memory; while a call's first is tried again, so many others can pass it by."""

Render = Callable[[StoredMessage], bytes]
"""What is sent of a message; masks what this sink may not know."""


class WebhookSink:
    """Publishes to one webhook.

    Args:
        hook: where it is, and what it wants.
        render: what is sent of a message.
        now: the monitor's clock (ms): it stamps the requests.
        random: numbers from 0 up to 1, for the pauses.
        sleep: waits for seconds between tries.
    """

    def __init__(
        self,
        hook: Hook,
        render: Render,
        *,
        now: Callable[[], Ms],
        random: Callable[[], float] = random_module.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._hook = hook
        self._render = render
        self._now = now
        self._random = random
        self._sleep = sleep
        self._state = SinkState(connected=True, since=now())
        self._fresh()

    def _fresh(self) -> None:
        """Forget what belongs to one run."""
        self._lanes = Lanes()
        self._ready: asyncio.Queue[str] = asyncio.Queue()
        self._room = asyncio.Event()
        self._reachable = asyncio.Event()
        self._reachable.set()
        self._unreached = 0
        self._tries: dict[int, int] = {}

    @property
    def name(self) -> str:
        """``webhook:`` and the name in the settings."""
        return f"webhook:{self._hook.name}"

    @property
    def state(self) -> SinkState:
        """How the last request went."""
        return self._state

    async def run(self, feed: Feed) -> None:
        """Keep posting until cancelled."""
        self._fresh()
        poster = await asyncio.to_thread(Poster, self._hook)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._fill(feed))
                group.create_task(self._send_letters(feed, poster))
                for _ in range(AT_ONCE):
                    group.create_task(self._work(feed, poster, group))
        finally:
            await poster.close()

    async def _fill(self, feed: Feed) -> None:
        """Take messages from the outbox, as long as there is room for them."""
        while True:
            self._room.clear()
            room = WINDOW - len(self._lanes)
            if room <= 0:
                await self._room.wait()
                continue
            for message in await feed.next(room):
                if not self._hook.wants(message.topic.rpartition("/")[2]):
                    self._lanes.skip((message,))
                elif (key := self._lanes.add(message)) is not None:
                    self._ready.put_nowait(key)
            feed.confirm(self._lanes.confirmed)

    async def _work(self, feed: Feed, poster: Poster, group: asyncio.TaskGroup) -> None:
        """Send the first message of one lane after the other."""
        while True:
            key = await self._ready.get()
            await self._reachable.wait()
            message = self._lanes.first(key)
            outcome = await poster.post(message.id, self._render(message), self._now())
            self._note(outcome)
            if outcome.result is Result.UNREACHABLE:
                self._ready.put_nowait(key)
                self._pause_all(group)
            elif outcome.result is Result.LATER and self._may_try_again(message):
                pause = max(self._pause(self._tries[message.seq]), outcome.retry_after)
                group.create_task(self._ready_after(pause, key))
            else:
                await self._done(feed, key, message, outcome)

    def _may_try_again(self, message: StoredMessage) -> bool:
        self._tries[message.seq] = self._tries.get(message.seq, 0) + 1
        return self._tries[message.seq] < MAX_TRIES

    async def _done(self, feed: Feed, key: str, message: StoredMessage, outcome: Outcome) -> None:
        tries = self._tries.pop(message.seq, 1)
        if outcome.result is not Result.TAKEN:
            await feed.bury(message, tries=tries, error=outcome.words, at=self._now())
        if self._lanes.done(key):
            self._ready.put_nowait(key)
        feed.confirm(self._lanes.confirmed)
        self._room.set()

    # --- pauses ---------------------------------------------------------------------------------

    def _pause(self, tries: int) -> float:
        pause = min(FIRST_PAUSE_S * FACTOR ** min(tries - 1, MAX_TRIES), MAX_PAUSE_S)
        return pause * (1 + JITTER * (2 * self._random() - 1))

    async def _ready_after(self, pause: float, key: str) -> None:
        await self._sleep(pause)
        self._ready.put_nowait(key)

    def _pause_all(self, group: asyncio.TaskGroup) -> None:
        """Have everything wait: there is nobody to send to."""
        if self._reachable.is_set():
            self._reachable.clear()
            self._unreached += 1
            group.create_task(self._go_on_after(self._pause(self._unreached)))

    async def _go_on_after(self, pause: float) -> None:
        await self._sleep(pause)
        self._reachable.set()

    # --- dead letters ---------------------------------------------------------------------------

    async def _send_letters(self, feed: Feed, poster: Poster) -> None:
        """Send what a person wants sent once more; one try for each."""
        while True:
            for letter in await feed.letters_to_send():
                await self._send_letter(feed, poster, letter)

    async def _send_letter(self, feed: Feed, poster: Poster, letter: DeadLetter) -> None:
        body = self._render(letter.message)
        outcome = await poster.post(letter.message.id, body, self._now())
        self._note(outcome)
        if outcome.result is Result.TAKEN:
            await feed.letter_sent(letter)
        else:
            tries, words = letter.tries + 1, outcome.words
            await feed.letter_failed(letter, tries=tries, error=words, at=self._now())

    def _note(self, outcome: Outcome) -> None:
        """Keep the state; a message that is refused is no fault of the connection."""
        state = self._state
        taken = outcome.result is Result.TAKEN
        well = taken or outcome.result is Result.REFUSED
        if outcome.result is not Result.UNREACHABLE:
            self._unreached = 0
        self._state = replace(
            state,
            connected=well,
            detail="" if well else f"{self._hook.where}: {outcome.words}.",
            since=state.since if well == state.connected else self._now(),
            sent=state.sent + taken,
            failures=state.failures + (not taken),
        )
