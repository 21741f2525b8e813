"""The runtime: one consumer task between the adapters' events and the engine.

Inbox → engine → effects → subscribers. It sleeps until the engine's next deadline or the next
event, whichever comes first.
"""

from collections.abc import Callable, Sequence

from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.events import Event

Subscriber = Callable[[Sequence[Effect]], None]
"""Called in the event loop right after the engine ran. Reads the records it needs at once, keeps
what it wants to send later, never blocks and never raises."""


class Monitor:
    """Runs an engine."""

    def __init__(self, engine: Engine, now: Callable[[], Ms]) -> None:
        """``now`` is the monitor's wall clock in ms since the epoch; injected for tests."""
        self.engine = engine
        raise NotImplementedError

    def submit(self, event: Event) -> None:
        """Put an event into the inbox; synchronous, in the event loop's thread, never blocks."""
        raise NotImplementedError

    def subscribe(self, subscriber: Subscriber) -> None:
        """Have ``subscriber`` called with the effects of every step."""
        raise NotImplementedError

    async def run(self) -> None:
        """Consume the inbox and fire deadlines until cancelled."""
        raise NotImplementedError

    @property
    def backlog(self) -> int:
        """How many events wait in the inbox."""
        raise NotImplementedError
