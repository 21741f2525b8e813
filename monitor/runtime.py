"""The runtime: one consumer task between the adapters' events and the engine.

Inbox → engine → effects → subscribers. It sleeps until the engine's next deadline or the next
event, whichever comes first. Everything runs in one event loop's thread, so a subscriber may read
the records that an effect names without a lock.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.events import Event

Subscriber = Callable[[Sequence[Effect]], None]
"""Called in the event loop right after the engine ran. Reads the records it needs at once, keeps
what it wants to send later, never blocks and never raises."""

BATCH: Final = 200
"""Events taken between two looks at the clock (a few milliseconds), so that a flood of events
cannot hold up a deadline, nor starve the tasks that read AMI and serve the stream."""

_log = logging.getLogger(__name__)


class Monitor:
    """Runs an engine: feeds it events, wakes it at its deadlines, hands its effects on."""

    def __init__(self, engine: Engine, now: Callable[[], Ms]) -> None:
        """``now`` is the monitor's wall clock in ms since the epoch; injected for tests."""
        self.engine = engine
        self._now = now
        self._inbox: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._subscribers: list[Subscriber] = []

    def submit(self, event: Event) -> None:
        """Put an event into the inbox; synchronous, in the event loop's thread, never blocks."""
        self._inbox.append(event)
        self._wake.set()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Have ``subscriber`` called with the effects of every step."""
        self._subscribers.append(subscriber)

    @property
    def backlog(self) -> int:
        """How many events wait in the inbox."""
        return len(self._inbox)

    async def run(self) -> None:
        """Consume the inbox and fire deadlines until cancelled."""
        while True:
            self.step()
            if self._inbox:
                await asyncio.sleep(0)
            else:
                await self._sleep()

    def step(self) -> None:
        """Take one batch of events and fire what is due; also how tests drive it, clock in hand."""
        effects: list[Effect] = []
        for _ in range(min(BATCH, len(self._inbox))):
            effects += self._handle(self._inbox.popleft())
        effects += self.engine.advance(self._now())
        if effects:
            self._publish(effects)

    def _handle(self, event: Event) -> list[Effect]:
        try:
            return self.engine.handle(event)
        except Exception:  # noqa: BLE001 - one misread event must not end the watch over all calls
            _log.exception("An event of type %s could not be taken", type(event).__name__)
            return []

    def _publish(self, effects: Sequence[Effect]) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(effects)
            except Exception:  # noqa: BLE001 - nor may one subscriber blind the others
                _log.exception("A subscriber failed")

    async def _sleep(self) -> None:
        """Sleep until an event comes or the next deadline falls due."""
        self._wake.clear()
        deadline = self.engine.next_deadline()
        if deadline is None:
            await self._wake.wait()
            return
        delay = max(0, deadline - self._now()) / SECOND
        try:
            async with asyncio.timeout(delay):
                await self._wake.wait()
        except TimeoutError:
            pass
