"""Who may ask what to do with a caller: the PBX's question must not depend on the disk.

A dialplan waits for the answer. So a token that was good goes on being taken as good while the
database is slow or does not answer, for a bounded time; where it does answer, a revoked token is
refused as soon as everywhere else.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.access import Access, Credential
from api.errors import ApiError
from monitor.accounts import Account
from monitor.core.clock import HOUR, SECOND, Ms

TRUSTED: Final[Ms] = 12 * HOUR
"""How long a token that was good is taken as good while the database does not answer: a night. Who
would revoke it needs the database as well."""
PATIENCE_S: Final = 0.01
"""How long a question waits for the database, where the token was good before."""
AGAIN: Final[Ms] = SECOND
"""Time between two look-ups where the database fails."""
KEPT: Final = 100
"""Tokens remembered at most; a PBX has one."""


@dataclass(slots=True)
class _Known:
    """A token that was good ``at``, and is not looked up again before ``again``."""

    account: Account
    at: Ms
    again: Ms = 0


class Askers:
    """Lets in who asks for decisions; belongs to the event loop's thread.

    Args:
        access: looks tokens up, and remembers them for a moment.
        now: the monitor's clock (ms since the epoch).
    """

    def __init__(self, access: Access, now: Callable[[], Ms]) -> None:
        self._access = access
        self._now = now
        self._good: dict[bytes, _Known] = {}
        self._looking: dict[bytes, asyncio.Task[Account | None]] = {}

    async def account_of(self, credential: Credential) -> Account | None:
        """Whose token this is; None when it is not good.

        Raises:
            ApiError: 503 when the accounts cannot be read, and the token was not good lately.
        """
        account = self._access.remembered(credential)
        if account is not None:
            return account
        digest, now = credential.digest, self._now()
        known = self._good.get(digest)
        if known is None or not 0 <= now - known.at < TRUSTED:
            return await asyncio.shield(self._look(digest, credential))
        if digest in self._looking or 0 < known.again - now <= AGAIN:
            return known.account
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await asyncio.shield(self._look(digest, credential))
        except (TimeoutError, ApiError):
            return known.account

    def changed(self, name: str) -> None:
        """Forget what was good under this name: it is looked up before the next answer."""
        for digest in [key for key, known in self._good.items() if known.account.name == name]:
            del self._good[digest]

    def _look(self, digest: bytes, credential: Credential) -> "asyncio.Task[Account | None]":
        """The look-up under way, or a new one; what it finds is remembered."""
        look = self._looking.get(digest)
        if look is None:
            look = asyncio.create_task(self._access.account_of(credential), name="asker")
            self._looking[digest] = look
            look.add_done_callback(lambda done: self._learn(digest, done))
        return look

    def _learn(self, digest: bytes, done: "asyncio.Task[Account | None]") -> None:
        del self._looking[digest]
        if done.cancelled() or done.exception() is not None:
            if digest in self._good:
                self._good[digest].again = self._now() + AGAIN
            return
        self._good.pop(digest, None)
        account = done.result()
        if account is not None:
            while len(self._good) >= KEPT:
                del self._good[next(iter(self._good))]
            self._good[digest] = _Known(account, self._now())
