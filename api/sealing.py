"""Sealing days while the monitor runs: in a thread, seldom, and never in anybody's way."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import orjson
from sqlalchemy.exc import SQLAlchemyError

from api.housekeeping import beside
from api.messages import VERSION
from monitor.core.clock import Ms
from monitor.evidence.chain import ChainError, Seal, iso
from monitor.evidence.sealing import Sealer, Waiting, Waits
from monitor.history.database import History
from monitor.history.errors import explain
from monitor.history.messages import OutboxMessage

FIRST_S: Final = 60.0
"""After the start: what was not observed meanwhile is stored by then."""
EVERY_S: Final = 600.0
log = logging.getLogger("minuteur.evidence")


class _StopError(Exception):
    """The monitor ends."""


@dataclass
class SealKeeper:
    """Seals each day in its time.

    Args:
        history: the record.
        now: the monitor's clock (ms since the epoch).
        told: called in the event loop when other programs are to be told of new seals; None:
            nobody listens.
    """

    history: History
    now: Callable[[], Ms]
    told: Callable[[], None] | None = None
    first: float = FIRST_S
    every: float = EVERY_S
    waiting: Waiting | None = None
    """Why the next day is not sealed, as of the last look."""
    problem: str = ""
    """Why nothing can be sealed; empty: all is well."""
    _stop: threading.Event = field(default_factory=threading.Event)

    async def run(self) -> None:
        """Seal all that can be sealed, and look again later, until cancelled."""
        await asyncio.sleep(self.first)
        while True:
            sealed = await beside(self.seal, self._stop.set)
            if sealed and self.told is not None:
                self.told()
            await asyncio.sleep(self.every)

    def seal(self) -> int:
        """Seal all that can be sealed now, and say how many days; blocks.

        What is wrong is kept in ``problem``.
        """
        message = None if self.told is None else seal_message
        sealer = Sealer(self.history, self.now, self._rest, message)
        problem, sealed = "", 0
        try:
            while isinstance(done := sealer.seal_next(), Seal):
                sealed += 1
            self.waiting = done
            if done.why is Waits.KEY:
                problem = "There is no key of the pseudonyms."
        except _StopError:
            return sealed
        except ChainError as error:
            problem = f"The newest seal cannot be read: {error}."
        except SQLAlchemyError as error:
            problem = explain(error, self.history.url)
        if problem and problem != self.problem:
            log.error("No day can be sealed. %s", problem)
        self.problem = problem
        return sealed

    def _rest(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise _StopError


def seal_message(seal: Seal, at: Ms) -> OutboxMessage:
    """What other programs are told of a sealed day: the head of the chain, to keep it elsewhere."""
    id_ = f"evidence:{seal.day.isoformat()}:sealed"
    payload = {
        "v": VERSION,
        "id": id_,
        "event": "sealed",
        "at": iso(at),
        "pbx": "",
        "queue": "",
        "day": seal.day.isoformat(),
        "number": seal.number,
        "head": seal.head,
    }
    return OutboxMessage(id_, "evidence/sealed", "", at, orjson.dumps(payload).decode())
