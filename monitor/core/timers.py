"""Timers: moments on one PBX's clock, in order, cancelled lazily."""

import heapq
from enum import IntEnum
from typing import Final

from monitor.core.clock import SECOND, Ms

SPAN: Final[Ms] = SECOND
"""Timers of one such span are kept together and put in order when it comes."""

Due = tuple[Ms, "Timer", str]


class Timer(IntEnum):
    """What falls due; at the same moment the lower one fires first."""

    AT_RISK = 0
    DEADLINE = 1
    WRAP_UP_END = 2
    FORGET = 3
    FORGET_EARLY = 4


class Timers:
    """Timers of one PBX.

    Nothing is ever taken out early: who handles a timer asks whether it still applies. A stale
    entry costs a few bytes until its moment and one comparison then.

    Only the timers of the span that is next are in a heap. One heap for all of them would be
    walked through at every step, and with 100,000 calls it is in no processor's cache.
    """

    def __init__(self) -> None:
        self._next: list[Due] = []
        self._next_span = 0
        self._later: dict[int, list[Due]] = {}
        self._spans: list[int] = []

    def set(self, at: Ms, timer: Timer, key: str) -> None:
        """Have ``timer`` fall due at ``at`` for ``key`` (a uniqueid, or a member's key)."""
        span = at // SPAN
        if span <= self._next_span:
            heapq.heappush(self._next, (at, timer, key))
            return
        timers = self._later.get(span)
        if timers is None:
            timers = self._later[span] = []
            heapq.heappush(self._spans, span)
        timers.append((at, timer, key))

    def shift(self, by: Ms) -> None:
        """Have all timers fall due ``by`` later (earlier when negative): the clock was set."""
        timers = [*self._next, *(due for later in self._later.values() for due in later)]
        self._next, self._next_span, self._later, self._spans = [], 0, {}, []
        for at, timer, key in timers:
            self.set(at + by, timer, key)

    @property
    def next_at(self) -> Ms | None:
        """When the next timer falls due; None when there is none."""
        if not self._next and self._spans:
            self._next_span = heapq.heappop(self._spans)
            self._next = self._later.pop(self._next_span)
            heapq.heapify(self._next)
        return self._next[0][0] if self._next else None

    def pop_due(self, now: Ms) -> Due | None:
        """Take the next timer that is due at ``now``; None when none is."""
        at = self.next_at
        if at is None or at > now:
            return None
        return heapq.heappop(self._next)
