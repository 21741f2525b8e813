"""The monitor's clock: it shows the machine's time, and runs evenly whatever is done to that time.

All deadlines are watched by it. The machine's own clock may be set (by hand, by NTP, after a night
in suspension); a timer that ran on it would then fire an hour early, or late.
"""

import time
from collections.abc import Callable
from typing import Final

from monitor.core.clock import Ms

NOTICED: Final[Ms] = 250
"""So far the machine's clock may stray from ours before we follow it."""

_TICKING: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""What counts on also while the machine is suspended, where there is such a clock (Linux)."""


def wall_clock() -> Ms:
    """The machine's time, ms since the epoch."""
    return time.time_ns() // 1_000_000


def ticks() -> Ms:
    """A count of milliseconds that nobody can set; where it began means nothing."""
    return time.clock_gettime_ns(_TICKING) // 1_000_000


class SteadyClock:
    """Tells the time in ms since the epoch; call it.

    It jumps only in :meth:`follow`, so whoever calls that can tell all who reckon with the clock.
    NTP's slewing is no jump: it turns both clocks alike.
    """

    def __init__(
        self, wall: Callable[[], Ms] = wall_clock, ticks: Callable[[], Ms] = ticks
    ) -> None:
        self._wall = wall
        self._ticks = ticks
        self._ahead = wall() - ticks()

    def __call__(self) -> Ms:
        """The time now, ms since the epoch."""
        return self._ticks() + self._ahead

    def follow(self) -> Ms:
        """Follow the machine's clock if it was set; return by how much ours now shows more."""
        strayed = self._wall() - self()
        if abs(strayed) < NOTICED:
            return 0
        self._ahead += strayed
        return strayed
