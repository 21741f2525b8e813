"""What people do about alerts: they acknowledge them, and that is kept."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.errors import ApiError
from api.live import LiveHub
from api.visibility import Scope
from monitor.core.alerts import Alert, Alerts
from monitor.core.clock import Ms
from monitor.history.alerts import AlertRecord
from monitor.history.audit import Who
from monitor.history.errors import HistoryError

log = logging.getLogger("minuteur.api")

KEEP_S: Final = 5.0
"""Seconds between looks at what is to be stored still, and at what is over."""
UNSTORED: Final = 1_000
"""Acknowledgements kept for a database that fails, at most."""


class AlertControl:
    """Acknowledges alerts.

    Who acknowledges is told to all at once, whatever the database does: that it fails is itself an
    alert, which somebody should be able to take. What could not be stored is tried again.

    Args:
        hub: whose board is meant.
        record: where it is kept.
        now: the monitor's clock (ms).
    """

    def __init__(self, hub: LiveHub, record: AlertRecord, now: Callable[[], Ms]) -> None:
        self.record = record
        self._hub = hub
        self._now = now
        self._unstored: list[tuple[Alert, Who]] = []
        self._lasting: set[str] = set()
        """Stored as acknowledged, and not as over."""
        self._failing = False

    @property
    def _alerts(self) -> Alerts:
        return self._hub.boards.alerts

    async def begin(self) -> None:
        """Put on the board what is so already, as it was acknowledged before the stop."""
        lasting: list[Alert] = []
        try:
            lasting = await asyncio.to_thread(self.record.lasting)
        except (SQLAlchemyError, HistoryError) as error:
            log.warning("Acknowledged alerts cannot be read, so they count as new: %s", error)
        self._lasting = {alert.id for alert in lasting}
        self._alerts.recall(lasting, self._now())

    async def acknowledge(self, ids: Iterable[str], who: Who, scope: Scope) -> list[Alert]:
        """Acknowledge alerts; those that are not shown (any more) are left out.

        Raises:
            ApiError: 403 where one of them is not about this scope's queues alone.
        """
        shown = [found for id_ in dict.fromkeys(ids) if (found := self._find(id_, scope))]
        if not all(scope.owns_alert(found.pbx, found.queue) for found in shown):
            message = "This alert is about more than the queues that you see."
            raise ApiError(403, "restricted", message)
        done, fresh = [], []
        for before in shown:
            alert = self._alerts.acknowledge(before.id, who.by, self._now()) or before
            done.append(alert)
            if before.acknowledged_at is None:
                fresh.append(alert)
        if fresh:
            self._hub.nudge()
            self._unstored = [*self._unstored, *((alert, who) for alert in fresh)][-UNSTORED:]
            await self._store()
        return done

    def _find(self, alert_id: str, scope: Scope) -> Alert | None:
        alert = self._alerts.find(alert_id)
        if alert is None or not scope.sees_alert(alert.kind, alert.pbx, alert.queue):
            return None
        return alert

    async def run(self) -> None:
        """Store what could not be stored, and what is over; until cancelled."""
        while True:
            await asyncio.sleep(KEEP_S)
            await self.keep()

    async def keep(self) -> None:
        """Store it once."""
        await self._store()
        now = self._now()
        gone = {alert.id for alert in self._alerts.forgotten(now)}
        gone |= {id_ for id_ in self._lasting if self._is_over(id_)}
        gone -= {alert.id for alert in self._alerts.recalled()}
        if gone and await self._try(self.record.ended, gone, now):
            self._lasting -= gone

    def _is_over(self, alert_id: str) -> bool:
        alert = self._alerts.find(alert_id)
        return alert is None or alert.ended_at is not None

    async def _store(self) -> None:
        unstored, self._unstored = self._unstored, []
        while unstored:
            who = unstored[0][1]
            alerts = [alert for alert, by in unstored if by == who]
            if not await self._try(self.record.acknowledged, alerts, who):
                self._unstored = [*unstored, *self._unstored]
                return
            self._lasting |= {alert.id for alert in alerts}
            unstored = [(alert, by) for alert, by in unstored if by != who]

    async def _try(self, method: Callable[..., None], *args: object) -> bool:
        try:
            await asyncio.to_thread(method, *args)
        except (SQLAlchemyError, HistoryError) as error:
            if not self._failing:
                log.warning("Acknowledged alerts cannot be stored; it is tried again: %s", error)
            self._failing = True
            return False
        self._failing = False
        return True
