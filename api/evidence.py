"""Evidence for the interface: how far the record is sealed, and packs while they are made."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.sealing import SealKeeper
from api.views import iso
from monitor.core.clock import Ms
from monitor.evidence.chain import CALLS, Seal, seal_of
from monitor.evidence.pack import Packer, PackError, Plan
from monitor.evidence.sealing import Sealer, Waiting
from monitor.history.database import History
from monitor.history.evidence_record import (
    first_sealed,
    last_seal,
    pending_count,
    removals,
    seal_count,
    seals_before,
)

PART: Final = 1 << 18
"""Bytes that are sent at once."""
AHEAD: Final = 8
"""Parts that are made before they are taken."""
BESIDE: Final = 1.0
"""After each step, who makes a pack rests for as long: callers' deadlines come first."""
_LOOK_S: Final = 0.5


class _GoneError(Exception):
    """Nobody takes the pack any more."""


@dataclass(slots=True)
class Evidence:
    """What is sealed, for routes. Methods block, but for :meth:`parts`.

    Args:
        history: the record.
        keeper: who seals it.
    """

    history: History
    keeper: SealKeeper
    lane: Executor = field(default_factory=lambda: ThreadPoolExecutor(2, "evidence"))

    def status(self) -> dict[str, Any]:
        """How far the record is sealed."""
        waiting = Sealer(self.history, self.keeper.now).waiting()
        with self.history.reading() as connection:
            first, last = first_sealed(connection), last_seal(connection)
            gone = {day for day, part in removals(connection) if part == CALLS}
            return {
                "sealed_days": seal_count(connection),
                "first_day": _day(first),
                "last_day": _day(None if last is None else last.day),
                "head": "" if last is None else last.head,
                "changed_calls": pending_count(connection),
                "removed_days": len(gone),
                "waiting": None if waiting is None else _waiting(waiting),
                "problem": self.keeper.problem,
            }

    def seals(self, before: date | None, limit: int) -> dict[str, Any]:
        """Sealed days, newest first."""
        with self.history.reading() as connection:
            found = seals_before(connection, before, limit + 1)
        shown = [_seal(seal_of(line), sealed_at) for line, sealed_at in found[:limit]]
        more = len(found) > limit
        return {"items": shown, "next_before": shown[-1]["day"] if more else None}

    def plan(self, since: Ms, until: Ms, zone: ZoneInfo) -> Plan:
        """What a pack would hold.

        Raises:
            PackError: it cannot be made.
        """
        return self._packer(lambda _seconds: None).plan(since, until, zone)

    def _packer(self, rest: Callable[[float], None]) -> Packer:
        pseudonyms = self.history.pseudonyms
        if pseudonyms is None:
            raise PackError("Without the key of the pseudonyms no pack can be made.")
        return Packer(self.history, pseudonyms, rest)

    async def parts(self, plan: Plan, *, pdf: bool = False) -> AsyncIterator[bytes]:
        """A pack, part by part, made in a thread while it is taken; ``pdf``: with PDFs.

        Raises:
            PackError: it cannot be made after all.
            SQLAlchemyError: the database cannot be read any more.
        """
        loop = asyncio.get_running_loop()
        line = _Line(loop)
        making = loop.run_in_executor(self.lane, _make, self._packer(line.rest), plan, line, pdf)
        try:
            while (part := await line.parts.get()) is not None:
                yield part
            await making
        finally:
            line.gone.set()


@dataclass(slots=True)
class _Line:
    """From the thread that makes a pack to whoever takes it, in the event loop."""

    loop: asyncio.AbstractEventLoop
    gone: threading.Event = field(default_factory=threading.Event)
    parts: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(AHEAD))
    _waiting: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> None:
        """Send on, once there is enough of it."""
        self._waiting += data
        if len(self._waiting) >= PART:
            self.flush()

    def flush(self) -> None:
        """Send on what waits."""
        part, self._waiting = bytes(self._waiting), bytearray()
        self.put(part)

    def rest(self, seconds: float) -> None:
        """Leave the processor to others for as long as was worked."""
        if self.gone.wait(seconds * BESIDE):
            raise _GoneError

    def put(self, part: bytes | None) -> None:
        """Send on, once there is room; None: there is no more."""
        putting = asyncio.run_coroutine_threadsafe(self.parts.put(part), self.loop)
        while True:
            try:
                return putting.result(_LOOK_S)
            except TimeoutError:
                if self.gone.is_set():
                    putting.cancel()
                    raise _GoneError from None


def _make(packer: Packer, plan: Plan, line: _Line, pdf: bool) -> None:
    try:
        try:
            packer.write(plan, line.write, pdf=pdf)
            line.flush()
        finally:
            line.put(None)
    except _GoneError:
        return


def _waiting(waiting: Waiting) -> dict[str, Any]:
    return {
        "why": waiting.why.value,
        "day": _day(waiting.day),
        "until": None if waiting.until is None else iso(waiting.until),
        "live": waiting.live,
    }


def _seal(seal: Seal, sealed_at: Ms) -> dict[str, Any]:
    return {
        "number": seal.number,
        "day": seal.day.isoformat(),
        "sealed_at": iso(sealed_at),
        "head": seal.head,
        "previous": seal.previous,
        "calls": seal.parts[CALLS].count,
        "amendments": seal.amendments.count,
        "removed": len(seal.removed),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
