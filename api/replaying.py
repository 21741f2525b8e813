"""Feeding events that lie in the past through the engine, with their own times as the clock."""

from collections.abc import Callable, Iterable, Sequence

from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.events import Event

Sink = Callable[[Sequence[Effect]], None]


def play(events: Iterable[Event], engine: Engine, sink: Sink) -> int:
    """Hand in events; timers fire at their moments in between.

    Args:
        events: in the order in which the PBX sent them.
        engine: takes them; its day begins with the first event.
        sink: takes the effects of each step.

    Returns:
        How many events there were.
    """
    count = 0
    for event in events:
        due = engine.next_deadline()
        if due is None or event.at >= due:
            effects = engine.advance(event.at)
            if effects:
                sink(effects)
        effects = engine.handle(event)
        if effects:
            sink(effects)
        count += 1
    return count
