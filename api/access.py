"""Whether a token or a session is good: looked up seldom, and watched while somebody streams."""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from api.errors import ApiError
from api.reading import read_in
from monitor.accounts import Account, Accounts
from monitor.core.clock import SECOND, Ms

REMEMBERED: Final[Ms] = 3 * SECOND
"""How long a good token or session is taken as good without asking the database: how late one is
refused that another process has revoked."""
KEPT: Final = 1_000
"""Tokens and sessions remembered at most."""
RECHECK_S: Final = 30.0
"""Seconds between looks whether those who stream still may."""
WORKERS: Final = 2
"""Threads that look up: their own, so that a long report or a slow sign-in keeps nobody out."""


class Kind(Enum):
    """What somebody shows."""

    TOKEN = "token"  # noqa: S105 - no secret
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Credential:
    """What somebody shows to be let in."""

    kind: Kind
    secret: str = field(repr=False)

    @property
    def digest(self) -> bytes:
        """Names it without telling it."""
        return hashlib.sha256(f"{self.kind.value} {self.secret}".encode(errors="replace")).digest()


class Access:
    """Lets in who has a good token or session; belongs to the event loop's thread.

    Args:
        accounts: where tokens and sessions are kept.
        now: the monitor's clock (ms since the epoch).
    """

    def __init__(self, accounts: Accounts, now: Callable[[], Ms]) -> None:
        self._accounts = accounts
        self._now = now
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="access")
        self._good: dict[bytes, tuple[Ms, Account]] = {}
        self._watched: dict[Credential, set[asyncio.Event]] = {}
        self._endings = 0

    async def account_of(self, credential: Credential) -> Account | None:
        """Whose token or session this is; None when it is not good.

        Raises:
            ApiError: 503 when the accounts cannot be read.
        """
        account = self.remembered(credential)
        if account is not None:
            return account
        digest, now = credential.digest, self._now()
        self._good.pop(digest, None)
        endings = -1
        while endings != self._endings:  # an answer may be older than a sign-out meanwhile
            endings = self._endings
            account = await self._look_up(credential)
        if account is not None:
            while len(self._good) >= KEPT:
                del self._good[next(iter(self._good))]
            self._good[digest] = (now, account)
        return account

    def remembered(self, credential: Credential) -> Account | None:
        """Whose token or session this is, where it was looked up a moment ago; else None."""
        now = self._now()
        asked, account = self._good.get(credential.digest, (now, None))
        return account if 0 <= now - asked < REMEMBERED else None

    async def end_session(self, secret: str) -> None:
        """End a session: it is refused, and its streams are closed, at once.

        Raises:
            ApiError: 503 when the accounts cannot be written.
        """
        await read_in(self._executor, self._accounts.end_session, secret)
        self._end(Credential(Kind.SESSION, secret))

    @contextlib.contextmanager
    def watch(self, credential: Credential) -> Iterator[asyncio.Event]:
        """Give an event that is set when the token or session is good no more."""
        ended = asyncio.Event()
        self._watched.setdefault(credential, set()).add(ended)
        try:
            yield ended
        finally:
            left = self._watched.get(credential, set())
            left.discard(ended)
            if not left:
                self._watched.pop(credential, None)

    async def recheck(self) -> None:
        """Look whether all that is watched is still good."""
        for credential in list(self._watched):
            # Where the database fails nothing is known, and the next look will tell.
            with contextlib.suppress(ApiError):
                if await self.account_of(credential) is None:
                    self._end(credential)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(RECHECK_S)
            await self.recheck()

    def close(self) -> None:
        """End the threads."""
        self._executor.shutdown(wait=False)

    def _end(self, credential: Credential) -> None:
        self._endings += 1
        self._good.pop(credential.digest, None)
        for ended in self._watched.pop(credential, ()):
            ended.set()

    async def _look_up(self, credential: Credential) -> Account | None:
        find_token, find_session = self._accounts.find_token, self._accounts.find_session
        if credential.kind is Kind.TOKEN:
            return await read_in(self._executor, find_token, credential.secret)
        return await read_in(self._executor, find_session, credential.secret, now=self._now())
