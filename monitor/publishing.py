"""From the outbox to the sinks: stored messages go out, in order, and are confirmed.

A *sink* (the MQTT broker, a webhook) runs by itself and takes its messages from a *feed*. Whatever
a sink does, or does not, the monitor's loop is not held up: the database is read and written in a
thread, and nobody waits for a sink.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, ParamSpec, Protocol, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from monitor.core.clock import Ms
from monitor.history.dead_letters import DeadLetter, DeadLetters
from monitor.history.messages import StoredMessage
from monitor.history.outbox import Outbox

CONFIRM_EVERY_S: Final = 1.0
"""Least time between two writes of how far a sink came: what a crash may send twice."""
LOOK_EVERY_S: Final = 5.0
"""How often the outbox is looked at without being told of something new."""
MEASURE_EVERY_S: Final = 2.0
"""How old the figures of :meth:`Publishing.status` may be."""
PRUNE_EVERY_S: Final = 60.0
SELDOM: Final = 20
"""What is done again and again takes a twentieth of the time at most."""
LAST_STORE_S: Final = 2.0
"""How long the end waits for a database to take how far the sinks came."""
RETRY_S: Final = 2.0
"""Pause after the database failed, or a sink in a way that we did not foresee."""

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SinkState:
    """What a sink knows of itself.

    ``detail`` says what is wrong and what to do, in one sentence that holds no secret; empty when
    all is well. ``since`` (ms) is when ``connected`` last changed. ``sent`` counts messages that
    were taken, ``failures`` tries that were not, both since the start.
    """

    connected: bool = False
    detail: str = ""
    since: Ms = 0
    sent: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """A sink as people see it: its state, what waits for it, and what it gave up.

    ``backlog`` and ``dead_letters`` are counts, ``oldest_at`` (ms) is of what the oldest waiting
    message tells; None when none waits.
    """

    name: str
    state: SinkState
    backlog: int = 0
    oldest_at: Ms | None = None
    dead_letters: int = 0


class Feed:
    """A sink's way to its messages; belongs to the event loop's thread.

    :meth:`next` hands out each message once, until :meth:`rewind`. A database that fails is waited
    for.
    """

    def __init__(self, outbox: Outbox, sink: str, executor: ThreadPoolExecutor) -> None:
        self.sink = sink
        self._outbox = outbox
        self._executor = executor
        self._wake = asyncio.Event()
        self._letters_wanted = asyncio.Event()
        self._letters_wanted.set()
        self._handed_out: int | None = None
        self._confirmed = 0
        self._stored = 0
        self._failing = False

    def wake(self) -> None:
        """Say that there may be something new."""
        self._wake.set()

    async def next(self, limit: int) -> list[StoredMessage]:
        """Wait for the next messages: at least one, at most ``limit``, in order."""
        while True:
            self._wake.clear()
            found = await self._certainly(
                self._outbox.read, self.sink, limit, after=self._handed_out
            )
            if found:
                self._handed_out = found[-1].seq
                return found
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()

    def rewind(self) -> None:
        """Begin again with the first message that was not confirmed."""
        self._handed_out = self._confirmed or None
        self._wake.set()

    def confirm(self, seq: int) -> None:
        """Note that all up to ``seq`` is delivered or buried; stored within a second or so."""
        self._confirmed = max(self._confirmed, seq)

    async def store(self) -> None:
        """Store how far the sink came, if that is new.

        Raises:
            SQLAlchemyError: the database cannot be used now.
        """
        confirmed = self._confirmed
        if confirmed > self._stored:
            await self._call(self._outbox.confirm, self.sink, confirmed)
            self._stored = confirmed

    async def bury(self, message: StoredMessage, *, tries: int, error: str, at: Ms) -> None:
        """Keep a message that the sink gives up as a dead letter; before it is confirmed."""
        log.error("%s gave up the message %s: %s", self.sink, message.id, error)
        add = self._letters.add
        await self._certainly(add, self.sink, message, tries=tries, error=error, at=at)

    def want_letters(self) -> None:
        """Say that there may be dead letters to send once more."""
        self._letters_wanted.set()

    async def letters_to_send(self) -> list[DeadLetter]:
        """Wait for dead letters that a person wants sent once more, oldest first."""
        while True:
            await self._letters_wanted.wait()
            self._letters_wanted.clear()
            found = await self._certainly(self._letters.to_send_again, self.sink)
            if found:
                self._letters_wanted.set()  # there may be more of them
                return found

    async def letter_sent(self, letter: DeadLetter) -> None:
        """Note that a dead letter was delivered after all."""
        await self._certainly(self._letters.delete, letter.seq)

    async def letter_failed(self, letter: DeadLetter, *, tries: int, error: str, at: Ms) -> None:
        """Note that a dead letter was not delivered this time either."""
        failed = self._letters.failed_again
        await self._certainly(failed, letter.seq, tries=tries, error=error, at=at)

    @property
    def _letters(self) -> DeadLetters:
        return self._outbox.dead_letters

    async def _call(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: method(*args, **kwargs))

    async def _certainly(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call, however long the database fails."""
        while True:
            try:
                found = await self._call(method, *args, **kwargs)
            except SQLAlchemyError as error:
                if not self._failing:
                    log.error("The outbox of %s cannot be used: %s", self.sink, error)  # noqa: TRY400
                self._failing = True
                await asyncio.sleep(RETRY_S)
            else:
                self._failing = False
                return found


class Sink(Protocol):
    """Somewhere to publish to."""

    @property
    def name(self) -> str:
        """Unique, and the same after a restart: ``mqtt``, ``webhook:crm``."""

    @property
    def state(self) -> SinkState:
        """How it does now."""

    async def run(self, feed: Feed) -> None:
        """Publish until cancelled; failures are its own affair."""


class Publishing:
    """Runs the sinks on one outbox.

    Args:
        outbox: where the messages are.
        sinks: where they go.
        confirm_every: seconds between two writes of how far the sinks came.
    """

    def __init__(
        self, outbox: Outbox, sinks: Sequence[Sink], *, confirm_every: float = CONFIRM_EVERY_S
    ) -> None:
        self.outbox = outbox
        self._confirm_every = confirm_every
        self._sinks = list(sinks)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._feeds = {sink.name: Feed(outbox, sink.name, self._executor) for sink in sinks}
        self._said: dict[str, tuple[bool, str]] = {}
        self._measured = [SinkStatus(sink.name, sink.state) for sink in sinks]

    @property
    def sinks(self) -> list[str]:
        """The names of the sinks."""
        return list(self._feeds)

    def on_stored(self) -> None:
        """Messages were stored; in the event loop's thread, or by ``call_soon_threadsafe``."""
        for feed in self._feeds.values():
            feed.wake()

    def want_letters(self) -> None:
        """A person wants dead letters sent once more."""
        for feed in self._feeds.values():
            feed.want_letters()

    def status(self) -> list[SinkStatus]:
        """How each sink does; counts are some seconds old, states are of now."""
        states = {sink.name: sink.state for sink in self._sinks}
        return [replace(status, state=states[status.name]) for status in self._measured]

    async def run(self) -> None:
        """Publish until cancelled; at the end it is stored how far each sink came."""
        try:
            async with asyncio.TaskGroup() as group:
                for sink in self._sinks:
                    group.create_task(self._keep_up(sink), name=f"publish to {sink.name}")
                for work, every in (
                    (self._store, self._confirm_every),
                    (self._measure, MEASURE_EVERY_S),
                    (self._prune, PRUNE_EVERY_S),
                ):
                    group.create_task(self._again_and_again(work, every))
        finally:
            with contextlib.suppress(SQLAlchemyError, TimeoutError):
                async with asyncio.timeout(LAST_STORE_S):
                    await self._store()
            self._executor.shutdown(wait=False)

    async def _keep_up(self, sink: Sink) -> None:
        """Run a sink; a mistake of ours in it must not end the monitor."""
        feed = self._feeds[sink.name]
        while True:
            try:
                await sink.run(feed)
            except Exception:
                log.exception("Publishing to %s failed; it is begun again", sink.name)
            feed.rewind()
            await asyncio.sleep(RETRY_S)

    async def _again_and_again(self, work: Callable[[], Awaitable[None]], every: float) -> None:
        loop = asyncio.get_running_loop()
        took = 0.0
        while True:
            # Counting a million messages takes a while; it must not be all that is done.
            await asyncio.sleep(max(every, SELDOM * took))
            began = loop.time()
            # A database that fails is told of by its writer; the next time makes up for this one.
            with contextlib.suppress(SQLAlchemyError):
                await work()
            took = loop.time() - began

    async def _store(self) -> None:
        for feed in self._feeds.values():
            await feed.store()

    async def _prune(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, self.outbox.prune)

    async def _measure(self) -> None:
        """Count what waits, and say in the log what changed."""
        for sink in self._sinks:
            self._say(sink)
        found = await asyncio.get_running_loop().run_in_executor(self._executor, self._counts)
        self._measured = found

    def _counts(self) -> list[SinkStatus]:
        waiting, letters = self.outbox.state().waiting, self.outbox.dead_letters.count()
        found = []
        for sink in self._sinks:
            backlog = waiting.get(sink.name, 0)
            oldest = self.outbox.read(sink.name, 1) if backlog else []
            oldest_at = oldest[0].at if oldest else None
            dead = letters.get(sink.name, 0)
            found.append(SinkStatus(sink.name, sink.state, backlog, oldest_at, dead))
        return found

    def _say(self, sink: Sink) -> None:
        state = sink.state
        now = (state.connected, state.detail)
        if self._said.get(sink.name) == now:
            return
        self._said[sink.name] = now
        if state.detail:
            log.warning("%s: %s", sink.name, state.detail)
        elif state.connected:
            log.info("%s: connected", sink.name)
