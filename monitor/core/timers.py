"""Timers: a heap of moments on one PBX's clock, cancelled lazily."""

import heapq
from enum import IntEnum

from monitor.core.clock import Ms


class Timer(IntEnum):
    """What falls due; at the same moment the lower one fires first."""

    AT_RISK = 0
    DEADLINE = 1
    WRAP_UP_END = 2
    FORGET = 3


class Timers:
    """Timers of one PBX.

    Nothing is ever taken out early: who handles a timer asks whether it still applies. A stale
    entry costs a few bytes until its moment and one comparison then.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[Ms, Timer, str]] = []

    def set(self, at: Ms, timer: Timer, key: str) -> None:
        """Have ``timer`` fall due at ``at`` for ``key`` (a uniqueid, or a member's key)."""
        heapq.heappush(self._heap, (at, timer, key))

    @property
    def next_at(self) -> Ms | None:
        """When the next timer falls due; None when there is none."""
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: Ms) -> tuple[Ms, Timer, str] | None:
        """Take the next timer that is due at ``now``; None when none is."""
        if self._heap and self._heap[0][0] <= now:
            return heapq.heappop(self._heap)
        return None
