"""How often somebody may try to sign in."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from monitor.core.clock import MINUTE, SECOND, Ms

LIMIT: Final = 5
"""Attempts for one name from one address in a window."""
ADDRESS_LIMIT: Final = 60
"""Attempts from one address for all names: one who tries names is slowed down too."""
WINDOW: Final[Ms] = MINUTE
REMEMBERED: Final = 10_000
"""Keys kept at most; beyond that the oldest are forgotten, so that memory stays bounded."""
AT_ONCE: Final = 2
"""Passwords checked at the same time: each takes a core and 64 MB for a moment."""

_Key = tuple[str | None, str]


class Attempts:
    """Counts attempts per name and address.

    Nobody is locked out for long, and an attempt from elsewhere does not count against the one who
    knows the password: the key has the address in it.
    """

    def __init__(self, now: Callable[[], Ms]) -> None:
        self.gate = asyncio.Semaphore(AT_ONCE)
        """Held while a password is checked."""
        self._now = now
        self._made: dict[_Key, deque[Ms]] = {}

    def begin(self, name: str, address: str) -> int:
        """Count an attempt; the seconds to wait when there were too many, 0 when it may go on."""
        own, shared = self._recent((name.casefold(), address)), self._recent((None, address))
        wait = max(self._wait(own, LIMIT), self._wait(shared, ADDRESS_LIMIT))
        if not wait:
            own.append(self._now())
            shared.append(self._now())
        return wait

    def succeeded(self, name: str, address: str) -> None:
        """Forget the attempts of one who has proved to know the password."""
        self._made.pop((name.casefold(), address), None)

    def _recent(self, key: _Key) -> deque[Ms]:
        """The attempts of the present window, oldest first; the key becomes the newest."""
        made = self._made.pop(key, None) or deque()
        self._made[key] = made
        while len(self._made) > REMEMBERED:
            del self._made[next(iter(self._made))]
        while made and made[0] <= self._now() - WINDOW:
            made.popleft()
        return made

    def _wait(self, made: deque[Ms], limit: int) -> int:
        if len(made) < limit:
            return 0
        return max(1, -(-(made[0] + WINDOW - self._now()) // SECOND))
