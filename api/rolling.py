"""Rolling up figures while the monitor runs: in a thread, and never in anybody's way."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.housekeeping import beside
from monitor.core.clock import Ms
from monitor.history.database import History
from monitor.history.errors import explain
from monitor.history.rollups import Roller, Rollups

FIRST_S: Final = 30.0
"""After the start: what was not observed meanwhile is stored by then."""
EVERY_S: Final = 60.0
log = logging.getLogger("minuteur.rollups")


class RollupKeeper:
    """Rolls each hour up once it is over, and again when something of it changes.

    Figures are exact without it, only slower.

    Args:
        history: the record.
        now: the monitor's clock (ms since the epoch).
        first: seconds from the start to the first look.
        every: seconds from one look to the next.
    """

    def __init__(
        self,
        history: History,
        now: Callable[[], Ms],
        *,
        first: float = FIRST_S,
        every: float = EVERY_S,
    ) -> None:
        self._history = history
        self._roller = Roller(Rollups(history), now)
        self._first = first
        self._every = every
        self.problem = ""
        """Why nothing can be rolled up; empty: all is well."""

    async def run(self) -> None:
        """Roll up all that is to be, and look again later, until cancelled."""
        await asyncio.sleep(self._first)
        while True:
            await beside(self.roll, self._roller.stop)
            await asyncio.sleep(self._every)

    def roll(self) -> int:
        """Roll up all that is to be; blocks. Returns how many hours were."""
        done, problem = 0, ""
        try:
            done = self._roller.run()
        except SQLAlchemyError as error:
            problem = explain(error, self._history.url)
        if problem and problem != self.problem:
            log.error("Figures cannot be rolled up; they are exact, and slower. %s", problem)
        self.problem = problem
        return done
