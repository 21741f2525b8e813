"""How long to wait between two tries to reach a PBX, or a broker."""

from collections.abc import Callable
from typing import Final

from monitor.core.clock import SECOND, Ms

BACKOFF_FIRST: Final = 1.0
"""Seconds before the first try after a loss."""
BACKOFF_FACTOR: Final = 2.0
BACKOFF_MAX: Final = 30.0
BACKOFF_JITTER: Final = 0.3
"""Each delay is made up to so much shorter or longer, lest many monitors come back at once."""
STABLE_AFTER: Final[Ms] = 60 * SECOND
"""A link that held so long starts again with the first delay."""


class Backoff:
    """Delays between tries, growing, with chance in them."""

    def __init__(self, random: Callable[[], float], longest: float = BACKOFF_MAX) -> None:
        """``random`` gives numbers from 0 up to 1; no delay is longer than ``longest`` (s)."""
        self._random = random
        self._longest = longest
        self._next = BACKOFF_FIRST

    def reset(self) -> None:
        """Begin again with the first delay."""
        self._next = BACKOFF_FIRST

    def delay(self) -> float:
        """Return how long to wait now (s), and make the next one longer."""
        delay = self._next * (1 + BACKOFF_JITTER * (2 * self._random() - 1))
        self._next = min(self._next * BACKOFF_FACTOR, self._longest)
        return delay
