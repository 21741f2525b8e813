"""Keeping agents' time while the monitor runs: counted as it is told, stored now and then."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.housekeeping import beside
from api.observing import Link
from config.settings import Settings
from monitor.core.agent_ledger import AgentLedger, Roster
from monitor.core.agent_time import AgentTimes
from monitor.core.buckets import offset_at
from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.history.agent_time import AgentTimeRecord
from monitor.history.database import History
from monitor.history.errors import HistoryError, explain

EVERY_S: Final = 20.0
"""So much, at most, is unobserved after a crash that would have been known."""
_QUARTER: Final = 15 * MINUTE
log = logging.getLogger("minuteur.agents")


def roster_of(settings: Settings, now: Ms) -> Roster:
    """What settings say of agents.

    Args:
        settings: in effect.
        now: around which the zone's offset from UTC is looked at.
    """
    teams = {(team.pbx, agent): team.name for team in settings.team for agent in team.agents}

    def team_of(pbx: str, interface: str, name: str) -> str:
        keys = ((pbx, interface), ("", interface), (pbx, name), ("", name))
        return next((teams[key] for key in keys if key in teams), "")

    zone = settings.centre.zone
    whole = not any(offset_at(now + half * DAY, zone) % HOUR for half in (0, 182))
    return Roster(team_of, settings.figures.per_agent, HOUR if whole else _QUARTER)


def rests_of(settings: Settings) -> dict[tuple[str, str], Ms]:
    """How long (ms) queues leave agents alone, by (PBX, queue), as settings say."""
    return {
        (queue.pbx, queue.name): round(queue.wrap_up * SECOND)
        for queue in settings.queue
        if queue.wrap_up
    }


class AgentTimeKeeper:
    """Counts agents' time from the monitor's effects, and stores it. Belongs to the event loop.

    Args:
        history: the record.
        engine: is told how long queues leave agents alone.
        now: the monitor's clock (ms since the epoch).
        links: who watches each PBX; always as it is now.
        settings: in effect.
        every: seconds from one storing to the next.
    """

    def __init__(
        self,
        history: History,
        engine: Engine,
        now: Callable[[], Ms],
        links: Mapping[str, Link],
        settings: Settings,
        *,
        every: float = EVERY_S,
    ) -> None:
        self._history = history
        self._record = AgentTimeRecord(history)
        self._engine = engine
        self._now = now
        self._links = links
        self._names = frozenset(pbx.name for pbx in settings.pbx)
        self._every = every
        self._sent: AgentTimes | None = None
        """What is not stored yet: tried again as it is, before anything newer."""
        self._number = 0
        self._ledger = AgentLedger(roster_of(settings, now()))
        engine.know_rests(rests_of(settings))
        self.problem = ""
        """Why nothing can be stored; empty: all is well."""

    def begin(self) -> None:
        """Go on where the record ends; blocks.

        Raises:
            HistoryError: the database cannot be used.
        """
        try:
            present, until = self._record.recall()
        except SQLAlchemyError as error:
            raise HistoryError(explain(error, self._history.url)) from error
        known = {pbx: at for pbx, at in until.items() if pbx in self._names}
        self._ledger.recall(present, known)

    def on_effects(self, effects: Sequence[Effect]) -> None:
        """Note what agents do; a subscriber of the monitor."""
        self._ledger.take(effects)

    async def apply(self, settings: Settings) -> None:
        """Go by these settings from now on."""
        self._advance()
        self._ledger.change(roster_of(settings, self._now()))
        self._engine.know_rests(rests_of(settings))

    async def run(self) -> None:
        """Store what was counted, now and then, until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            await self.store()

    async def store(self) -> None:
        """Store what was counted up to now; what fails is tried again the next time."""
        while True:
            again = self._sent is not None
            if self._sent is None:
                self._advance()
                # Of a clock that was set back, too, each batch has its own.
                self._number = max(self._now(), self._number + 1)
                self._sent = self._ledger.batch()
                self._sent.number = self._number
            await beside(self._write)
            if self.problem or not again:
                return

    def _advance(self) -> None:
        moments = {name: link.observed_until for name, link in self._links.items()}
        self._ledger.advance({name: at for name, at in moments.items() if at is not None})

    def _write(self) -> None:
        if self._sent is None:
            return
        problem = ""
        try:
            self._record.add(self._sent)
            self._sent = None
        except SQLAlchemyError as error:
            problem = explain(error, self._history.url)
        if problem and problem != self.problem:
            log.error("Agents' time cannot be stored; it is kept in memory. %s", problem)
        self.problem = problem
