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
from monitor.core.clock import MINUTE, SECOND, Ms

REMEMBERED: Final[Ms] = 3 * SECOND
"""How long a good token or session is taken as good without asking the database: how late one is
refused that another process has revoked."""
KEPT: Final = 1_000
"""Tokens and sessions remembered at most."""
RECHECK_S: Final = 30.0
"""Seconds between looks whether those who stream still may."""
NOTED_EVERY: Final[Ms] = 5 * MINUTE
"""How coarse it is stored when a token or session was last used: looking must not cost writing."""
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
        self._watched: dict[Credential, dict[asyncio.Event, Account]] = {}
        self._endings = 0
        self._seen: dict[Credential, Ms] = {}
        self._noted: dict[Credential, Ms] = {}

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
            self._seen[credential] = now
        return account

    def remembered(self, credential: Credential) -> Account | None:
        """Whose token or session this is, where it was looked up a moment ago; else None."""
        now = self._now()
        asked, account = self._good.get(credential.digest, (now, None))
        if account is None or not 0 <= now - asked < REMEMBERED:
            return None
        self._seen[credential] = now
        return account

    async def end_session(self, secret: str) -> None:
        """End a session: it is refused, and its streams are closed, at once.

        Raises:
            ApiError: 503 when the accounts cannot be written.
        """
        await read_in(self._executor, self._accounts.end_session, secret)
        self._end(Credential(Kind.SESSION, secret))

    async def changed(self, name: str) -> None:
        """Have a change of the accounts of this name count at once, for their streams too.

        Streams of one who may see something else now are ended as well: they begin anew.
        """
        self._endings += 1
        for digest in [key for key, (_, account) in self._good.items() if account.name == name]:
            del self._good[digest]
        await self.recheck(name)

    @contextlib.contextmanager
    def watch(self, credential: Credential, account: Account) -> Iterator[asyncio.Event]:
        """Give an event that is set when the credential is good no more, or not as ``account``."""
        ended = asyncio.Event()
        self._watched.setdefault(credential, {})[ended] = account
        try:
            yield ended
        finally:
            left = self._watched.get(credential, {})
            left.pop(ended, None)
            if not left:
                self._watched.pop(credential, None)

    async def recheck(self, name: str | None = None) -> None:
        """Look whether what is watched is still good, and the same: all, or one name's."""
        for credential, watchers in list(self._watched.items()):
            if name is not None and all(account.name != name for account in watchers.values()):
                continue
            # Where the database fails nothing is known, and the next look will tell.
            with contextlib.suppress(ApiError):
                account = await self.account_of(credential)
                if account is None:
                    self._end(credential)
                for ended, before in list(self._watched.get(credential, {}).items()):
                    if before != account:
                        ended.set()

    async def note_seen(self) -> None:
        """Store when tokens and sessions were last used, where the last note is old enough."""
        now, seen = self._now(), self._seen
        self._seen = {}
        self._noted = {key: at for key, at in self._noted.items() if 0 <= now - at < NOTED_EVERY}
        fresh = {key: at for key, at in seen.items() if key not in self._noted}
        if not fresh:
            return
        by_kind: dict[Kind, dict[str, Ms]] = {Kind.SESSION: {}, Kind.TOKEN: {}}
        for credential, at in fresh.items():
            by_kind[credential.kind][credential.secret] = at
        with contextlib.suppress(ApiError):
            await read_in(
                self._executor,
                self._accounts.note_seen,
                by_kind[Kind.SESSION],
                by_kind[Kind.TOKEN],
            )
            self._noted |= fresh

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(RECHECK_S)
            await self.recheck()
            await self.note_seen()

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
