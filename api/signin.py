"""How often somebody may try to sign in."""

from collections import deque
from collections.abc import Callable

from monitor.core.clock import MINUTE, SECOND, Ms

LIMIT = 5
WINDOW: Ms = MINUTE
REMEMBERED = 10_000
"""Keys kept at most; beyond that the oldest are forgotten, so that memory stays bounded."""


class Attempts:
    """Counts attempts per name and address: at most ``limit`` in any ``window``.

    Nobody is locked out for long, and an attempt from elsewhere does not count against the one who
    knows the password: the key has the address in it.
    """

    def __init__(self, now: Callable[[], Ms], limit: int = LIMIT, window: Ms = WINDOW) -> None:
        self._now = now
        self._limit = limit
        self._window = window
        self._made: dict[tuple[str, str], deque[Ms]] = {}

    def begin(self, name: str, address: str) -> int:
        """Count an attempt; the seconds to wait when there were too many, 0 when it may go on."""
        key = (name.casefold(), address)
        made = self._made.pop(key, None) or deque()
        self._made[key] = made
        while len(self._made) > REMEMBERED:
            del self._made[next(iter(self._made))]
        now = self._now()
        while made and made[0] <= now - self._window:
            made.popleft()
        if len(made) >= self._limit:
            return max(1, -(-(made[0] + self._window - now) // SECOND))
        made.append(now)
        return 0

    def succeeded(self, name: str, address: str) -> None:
        """Forget the attempts of one who has proved to know the password."""
        self._made.pop((name.casefold(), address), None)
