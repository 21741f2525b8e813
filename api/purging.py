"""Purging while the monitor runs: at night, in a thread, and never in anybody's way."""

import asyncio
import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.housekeeping import beside
from monitor.core.clock import SECOND, Ms
from monitor.history.audit import Via, Who
from monitor.history.database import History
from monitor.history.errors import explain
from monitor.privacy.purging import SMALL, NoKeyError, Purged, Purger
from monitor.privacy.retention import Days, Due
from monitor.privacy.rewriting import rewrite, size

AT: Final = time(3, 30)
"""On the clock of the centre: hardly anybody calls then, and the day before is not summed up."""
LOOK_S: Final = 30.0
BY: Final = Who("retention", Via.MONITOR)
log = logging.getLogger("minuteur.privacy")


class _StopError(Exception):
    """The monitor ends."""


@dataclass
class PurgeKeeper:
    """Purges once a night, and when an admin wants it.

    Args:
        history: the record.
        now: the monitor's clock (ms since the epoch).
        days: for how long each kind of data is kept, as it is set now.
        zone: the centre's.
    """

    history: History
    now: Callable[[], Ms]
    days: Callable[[], Days]
    zone: Callable[[], tzinfo]
    look: float = LOOK_S
    running: bool = False
    problem: str = ""
    """Why nothing can be purged; empty: all is well."""
    last: Purged | None = None
    """The last purge since the start."""
    last_at: Ms = 0
    removed: Counter[str] = field(default_factory=Counter)
    """Rows since the start, by kind."""
    _wanted: Who | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _files: threading.Lock = field(default_factory=threading.Lock)

    def next_at(self) -> Ms:
        """When it purges next by itself (ms)."""
        zone = self.zone()
        present = datetime.fromtimestamp(self.now() / SECOND, UTC).astimezone(zone)
        due = datetime.combine(present.date(), AT, zone)
        if due <= present:
            due = datetime.combine(present.date() + timedelta(days=1), AT, zone)
        return round(due.timestamp() * SECOND)

    def purge_soon(self, who: Who) -> bool:
        """Purge at once, beside the event loop; False: one is being made."""
        if self.running or self._wanted is not None:
            return False
        self._wanted = who
        self._wake.set()
        return True

    async def run(self) -> None:
        """Purge each night, and when it is wanted, until cancelled."""
        due = self.next_at()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.look):
                    await self._wake.wait()
            self._wake.clear()
            who, self._wanted = self._wanted, None
            if who is not None:
                await self._once(who, rewriting=True)
            elif self.now() >= due:
                await self._once(BY, rewriting=None)
            else:
                # The centre may have got another zone.
                due = min(due, self.next_at())
                continue
            due = self.next_at()

    async def _once(self, who: Who, *, rewriting: bool | None) -> None:
        self.running = True
        try:
            await beside(lambda: self.purge(who, rewriting=rewriting), self._stop.set)
        finally:
            self.running = False

    def purge(self, who: Who = BY, *, rewriting: bool | None = None) -> Purged | None:
        """Purge what is due; blocks. None: it could not be; ``problem`` says why."""
        problem, done = "", None
        try:
            with self._files:
                done = Purger(self.history, self.now, self._rest).run(
                    self.days(), who, rewriting=rewriting
                )
        except _StopError:
            return None
        except NoKeyError as error:
            problem = str(error)
        except SQLAlchemyError as error:
            problem = explain(error, self.history.url)
        if problem and problem != self.problem:
            log.error("Personal data cannot be purged. %s", problem)
        self.problem = problem
        if done is not None:
            self.last, self.last_at = done, self.now()
            self.removed += done.removed
        return done

    def rewrite_if_small(self) -> bool:
        """After an erasure: write the files anew, where that takes a moment; blocks.

        Larger ones are written anew at night.
        """
        if self.history.engine.dialect.name == "postgresql" or size(self.history) > SMALL:
            return False
        try:
            with self._files:
                return rewrite(self.history, self.now())
        except SQLAlchemyError as error:
            log.error(  # noqa: TRY400 - one line is enough
                "The files are written anew at night only. %s", explain(error, self.history.url)
            )
            return False

    def dues(self, days: Days) -> list[Due]:
        """What is to go now."""
        return Purger(self.history, self.now).dues(days)

    def _rest(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _StopError
