"""How often somebody may try to sign in: a few times, then after waits that grow.

Failures are counted for a name from an address, and for an address whatever the names are. Nobody
is locked out from everywhere: what an attacker does elsewhere does not count against the one who
knows the password, and no wait is longer than a quarter of an hour.
"""

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from monitor.core.clock import HOUR, MINUTE, SECOND, Ms

LIMIT: Final = 5
"""Failures for one name from one address before the first wait."""
ADDRESS_LIMIT: Final = 60
"""Failures from one address for all names before the first wait: a whole office may share one."""
FIRST_WAIT: Final[Ms] = MINUTE
"""The first wait; each failure after it doubles the wait…"""
LONGEST_WAIT: Final[Ms] = 15 * MINUTE
"""…up to this one."""
FORGOTTEN: Final[Ms] = HOUR
"""A name's failures are forgotten after so long without any…"""
ADDRESS_FORGOTTEN: Final[Ms] = 15 * MINUTE
"""…and an address's after so long."""
REMEMBERED: Final = 10_000
"""Keys kept at most; beyond that the oldest are forgotten, so that memory stays bounded."""
AT_ONCE: Final = 2
"""Passwords checked at the same time: each takes a core and 64 MB for a moment."""
_HOST_BITS_V6: Final = 64

_Key = tuple[str | None, str]


@dataclass(slots=True)
class _Failures:
    """Failures under one key: how many, when the last was, and until when nothing is taken."""

    count: int = 0
    last: Ms = 0
    until: Ms = 0


class Attempts:
    """Counts attempts per name and address; belongs to the event loop's thread.

    Args:
        now: the monitor's clock (ms since the epoch).
    """

    def __init__(self, now: Callable[[], Ms]) -> None:
        self.gate = asyncio.Semaphore(AT_ONCE)
        """Held while a password is checked."""
        self._now = now
        self._made: dict[_Key, _Failures] = {}

    def begin(self, name: str, address: str) -> int:
        """Count an attempt; the seconds to wait when there were too many, 0 when it may go on.

        It counts as a failure until :meth:`succeeded` says otherwise, so that many at the same time
        are too many as well.
        """
        address = network_of(address)
        own = self._recent((name.casefold(), address), FORGOTTEN)
        shared = self._recent((None, address), ADDRESS_FORGOTTEN)
        wait = max(own.until, shared.until) - self._now()
        if wait > 0:
            return -(-wait // SECOND)
        self._count(own, LIMIT)
        self._count(shared, ADDRESS_LIMIT)
        return 0

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of one who has proved to know the password."""
        address = network_of(address)
        self._made.pop((name.casefold(), address), None)
        shared = self._made.get((None, address))
        if shared is not None and shared.count:
            # Only this one: who has an account here gains no more guesses at others by it.
            shared.count -= 1
            shared.until = min(shared.until, self._now())

    def waiting(self, name: str, address: str) -> int:
        """The seconds that this name has to wait at this address; 0 when it may try."""
        address = network_of(address)
        keys = ((name.casefold(), address), (None, address))
        until = max((self._made[key].until for key in keys if key in self._made), default=0)
        return max(0, -(-(until - self._now()) // SECOND))

    def _recent(self, key: _Key, forgotten: Ms) -> _Failures:
        """The failures under a key, which becomes the newest."""
        made = self._made.pop(key, None)
        now = self._now()
        if made is None or (now - made.last >= forgotten and now >= made.until):
            made = _Failures()
        self._made[key] = made
        while len(self._made) > REMEMBERED:
            del self._made[next(iter(self._made))]
        return made

    def _count(self, made: _Failures, limit: int) -> None:
        made.count += 1
        made.last = self._now()
        doublings = made.count - limit
        if doublings >= 0:
            wait = min(LONGEST_WAIT, FIRST_WAIT << min(doublings, 8))
            made.until = made.last + wait


def network_of(address: str) -> str:
    """Whose an address is: of IPv6, everybody has a whole network of addresses."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _HOST_BITS_V6), strict=False))
    return str(parsed)
