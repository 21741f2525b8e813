"""The agenda of the simulation: what happens next, in virtual time.

Pure: it never looks at a clock. Whoever drives the simulation says how far to run.
"""

from collections.abc import Callable
from heapq import heappop, heappush

from monitor.core.clock import Ms


class Timer:
    """Something that will happen; :meth:`cancel` takes it back."""

    __slots__ = ("action", "at", "cancelled")

    def __init__(self, at: Ms, action: Callable[[], None]) -> None:
        self.at = at
        self.action = action
        self.cancelled = False

    def cancel(self) -> None:
        """Take it back; harmless when it already happened."""
        self.cancelled = True


class Agenda:
    """A heap of timers. Two timers of the same moment happen in the order of their making."""

    def __init__(self, now: Ms) -> None:
        """``now`` is the virtual moment of the start (ms since the epoch)."""
        self.now: Ms = now
        self._heap: list[tuple[Ms, int, Timer]] = []
        self._made = 0

    def at(self, moment: Ms, action: Callable[[], None]) -> Timer:
        """Have ``action`` called at ``moment``, or at once when that is past."""
        timer = Timer(max(moment, self.now), action)
        self._made += 1
        heappush(self._heap, (timer.at, self._made, timer))
        return timer

    def after(self, delay: Ms, action: Callable[[], None]) -> Timer:
        """Have ``action`` called ``delay`` ms from now."""
        return self.at(self.now + delay, action)

    def next_at(self) -> Ms | None:
        """When something happens next; None when nothing is planned."""
        while self._heap and self._heap[0][2].cancelled:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_until(self, until: Ms) -> None:
        """Let everything happen that is due up to and including ``until``."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            at, _, timer = heappop(heap)
            if not timer.cancelled:
                self.now = at
                timer.action()
        self.now = max(self.now, until)
