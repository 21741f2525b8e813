"""The runtime: one consumer task between the adapters' events and the engine.

Inbox → engine → effects → subscribers. It sleeps until the engine's next deadline or the next
event, whichever comes first. Everything runs in one event loop's thread, so a subscriber may read
the records that an effect names without a lock.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.events import ClockMeasured, Event
from monitor.core.overflow.engine import Overflow

Subscriber = Callable[[Sequence[Effect]], None]
"""Called in the event loop right after the engine ran. Reads the records it needs at once, keeps
what it wants to send later, never blocks and never raises."""

BATCH: Final = 200
"""Events taken between two looks at the clock (a few milliseconds), so that a flood of events
cannot hold up a deadline, nor starve the tasks that read AMI and serve the stream."""

Stage = Callable[[Sequence[Effect], Ms], list[Effect]]
"""Called with the effects of a step and the monitor's clock, before they are handed on; what it
returns goes out with them. What goes wrong in it is logged, and holds up nothing."""

LOOK_AT_CLOCK_S: Final = 1.0
"""Longest sleep: so soon a clock that was set is noticed, or a machine that was suspended."""

_log = logging.getLogger(__name__)


class Monitor:
    """Runs an engine: feeds it events, wakes it at its deadlines, hands its effects on."""

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], Ms],
        follow: Callable[[], Ms] | None = None,
        overflow: Overflow | None = None,
    ) -> None:
        """Prepare to run ``engine``.

        Args:
            engine: follows all calls.
            now: the monitor's clock, ms since the epoch; it never jumps but in ``follow``.
            follow: has ``now`` follow the machine's clock; returns by how much it jumped (ms). See
                :class:`~monitor.steady_clock.SteadyClock`.
            overflow: decides what to do for callers; None where nothing is to be done.
        """
        self.engine = engine
        self.overflow = overflow
        self._rules_failed = False
        """At the last look; they are looked at again when something else happens."""
        self._now = now
        self._follow = follow
        self._clock_listeners: list[Callable[[Ms], None]] = []
        self._inbox: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._subscribers: list[Subscriber] = []
        self._stages: list[Stage] = []

    def submit(self, event: Event) -> None:
        """Put an event into the inbox; synchronous, in the event loop's thread, never blocks."""
        self._inbox.append(event)
        self._wake.set()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Have ``subscriber`` called with the effects of every step."""
        self._subscribers.append(subscriber)

    def add_stage(self, stage: Stage) -> None:
        """Have ``stage`` look at the effects of every step, and add its own."""
        self._stages.append(stage)

    def on_clock_moved(self, listener: Callable[[Ms], None]) -> None:
        """Have ``listener`` told, at once, by how much (ms) the monitor's clock jumped."""
        self._clock_listeners.append(listener)

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
        moved = 0 if self._follow is None else self._follow()
        if moved:
            effects += self._clock_moved(moved)
        for _ in range(min(BATCH, len(self._inbox))):
            effects += self._handle(self._inbox.popleft())
        now = self._now()
        self._carry_on(effects + self.engine.advance(now), now)

    def take(self, effects: Sequence[Effect]) -> None:
        """Hand on what the engine said outside of a step, as if it had said it in one.

        That is what comes of another policy, or of a PBX that is watched no more.
        """
        self._carry_on(list(effects), self._now())

    def _carry_on(self, effects: list[Effect], now: Ms) -> None:
        if self.overflow is not None:
            effects += self._decide(self.overflow, effects, now)
        if effects:
            for stage in self._stages:
                effects += self._run_stage(stage, effects, now)
            self.publish(effects)

    def _decide(self, overflow: Overflow, effects: list[Effect], now: Ms) -> list[Effect]:
        try:
            found = overflow.handle(effects, now) if effects else []
            found += overflow.advance(now)
        except Exception:  # noqa: BLE001 - nor may a rule
            _log.exception("The overflow rules could not be looked at")
            self._rules_failed = True
            return []
        self._rules_failed = False
        return found

    def _run_stage(self, stage: Stage, effects: list[Effect], now: Ms) -> list[Effect]:
        try:
            return stage(effects, now)
        except Exception:  # noqa: BLE001 - nor may a stage
            _log.exception("A stage of the runtime failed")
            return []

    def _clock_moved(self, by: Ms) -> list[Effect]:
        """All who know how far a PBX's clock is from ours learn in one go that ours jumped."""
        _log.warning("The clock of this machine was set by %+.3f s", by / SECOND)
        self._inbox = deque(
            replace(event, offset=event.offset + by) if isinstance(event, ClockMeasured) else event
            for event in self._inbox
        )
        for listener in self._clock_listeners:
            listener(by)
        if self.overflow is not None:
            self.overflow.clock_moved(by)
        return self.engine.clock_moved(by, self._now())

    def _handle(self, event: Event) -> list[Effect]:
        try:
            return self.engine.handle(event)
        except Exception:  # noqa: BLE001 - one misread event must not end the watch over all calls
            _log.exception("An event of type %s could not be taken", type(event).__name__)
            return []

    def publish(self, effects: Sequence[Effect]) -> None:
        """Hand effects on: those of a step, or of what a person or a dialplan asked for."""
        for subscriber in self._subscribers:
            try:
                subscriber(effects)
            except Exception:  # noqa: BLE001 - nor may one subscriber blind the others
                _log.exception("A subscriber failed")
        # Who published from outside a step may have set a deadline that is nearer.
        self._wake.set()

    async def _sleep(self) -> None:
        """Sleep until an event comes or the next deadline falls due."""
        self._wake.clear()
        deadlines = [self.engine.next_deadline()]
        if self.overflow is not None and not self._rules_failed:
            deadlines.append(self.overflow.next_deadline())
        deadline = min((due for due in deadlines if due is not None), default=None)
        delay = None if deadline is None else max(0, deadline - self._now()) / SECOND
        if self._follow is not None:
            delay = LOOK_AT_CLOCK_S if delay is None else min(delay, LOOK_AT_CLOCK_S)
        loop = asyncio.get_running_loop()
        # A bare timer: asyncio.timeout makes four objects more, and this runs for each reading.
        timer = None if delay is None else loop.call_later(delay, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            if timer is not None:
                timer.cancel()
