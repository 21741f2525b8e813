"""What the clients of one scope are sent: their part of each delta, and their own headline."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api import views
from api.views import Json
from api.visibility import Scope
from monitor.core.clock import SECOND, Ms
from monitor.core.engine import Engine, day_bounds
from monitor.core.indicators import CommitmentTally
from monitor.core.overflow.rules import OverflowRule
from monitor.history.errors import HistoryError
from monitor.history.figures import FiguresReader
from monitor.history.queries import Queues

log = logging.getLogger("minuteur.api")

Count = Callable[[Queues], CommitmentTally]
"""Today's figures of the commitment for calls that visited some queues; it blocks."""
AGAIN_S: Final = 2.0
"""Seconds between two counts for those who see some queues only, while something happens."""
STALE: Final[Ms] = 30 * SECOND
"""So old figures are counted anew also when nothing happened: at midnight, say."""
FRESH: Final[Ms] = 5 * SECOND
"""So old figures are good enough for a snapshot for which some are counted."""
REST: Final = 10
"""A pause is so many times as long as the counts before it: they grow with the day's calls and the
scopes, and take a tenth of one core at most…"""
LONGEST_REST_S: Final = 30.0
"""…but for this: nobody's figures are older than what they take and this."""


def todays_count(figures: FiguresReader, engine: Engine, now: Callable[[], Ms]) -> Count:
    """Count today's calls in the record."""

    def count(queues: Queues) -> CommitmentTally:
        begin, end = day_bounds(now(), engine.policy)
        return figures.indicators(begin, end, queues=queues, bucket=None).total.commitment

    return count


def pause_after(took: float) -> float:
    """Seconds until all are counted again, when counting them took so long (s)."""
    return min(max(AGAIN_S, REST * took), LONGEST_REST_S)


class ScopedToday:
    """Today's headline of some queues only, counted in the record; nobody waits for it.

    The engine counts the calls of all queues together. The record is a moment behind, and says
    the same as ``/indicators`` does.
    """

    def __init__(self, now: Callable[[], Ms]) -> None:
        self._count: Count | None = None
        self._now = now
        self._known: dict[Queues, tuple[Json, Ms]] = {}
        self._lock = asyncio.Lock()
        self._failing = False

    def count_with(self, count: Count) -> None:
        """Begin to count."""
        self._count = count

    def of(self, queues: Queues) -> tuple[Json, Ms | None]:
        """The figures, and when they were counted; None: not yet."""
        return self._known.get(queues, (views.commitment_figures(CommitmentTally()), None))

    def is_older(self, queues: Queues, than: Ms) -> bool:
        """Whether figures are older than a span (ms), or there are none."""
        at = self.of(queues)[1]
        return at is None or not 0 <= self._now() - at < than

    async def refresh(self, queues: Queues, than: Ms = 0) -> bool:
        """Count anew where figures are older than a span; returns whether they differ."""
        if self._count is None:
            return False
        async with self._lock:
            if not self.is_older(queues, than):
                return False
            now = self._now()
            try:
                tally = await asyncio.to_thread(self._count, queues)
            except (SQLAlchemyError, HistoryError) as error:
                if not self._failing:
                    log.warning("Today's figures of some queues cannot be counted: %s", error)
                self._failing = True
                return False
            self._failing = False
            before, figures = self._known.get(queues), views.commitment_figures(tally)
            self._known[queues] = (figures, now)
            return before is None or before[0] != figures

    def keep(self, wanted: Iterable[Queues]) -> None:
        """Forget the figures that nobody reads any more."""
        wanted = set(wanted)
        self._known = {
            queues: found
            for queues, found in self._known.items()
            if queues in wanted or self._now() - found[1] < STALE
        }


class ScopedView:
    """What clients of one scope see of the changes that all get."""

    def __init__(self, scope: Scope, rules: Callable[[], Iterable[OverflowRule]]) -> None:
        self.scope = scope
        self.clients = 0
        self.moved = False
        """Calls changed since its figures were counted."""
        self.today: Json | None = None
        """Figures that are to be told with the next delta."""
        self._rules = rules
        self._calls: set[str] = set()
        self._alerts: set[str] = set()
        """What may have been told, so that its end is told too; of more nobody hears."""

    def knows(self, calls: Iterable[str], alerts: Iterable[str]) -> None:
        """Note what was in a snapshot."""
        if self.scope.restricted:
            self._calls.update(calls)
            self._alerts.update(alerts)

    def changes(self, changes: Iterable[Json]) -> list[Json]:
        """Their part of a delta's changes."""
        if self.scope.everything:
            return list(changes)
        found = [part for change in changes if (part := self._part(change)) is not None]
        if self.today is not None:
            found.append(self.today)
            self.today = None
        return found

    def _part(self, change: Json) -> Json | None:
        part = _PARTS.get(change["kind"])
        return None if part is None else part(self, change)

    def _system(self, change: Json) -> Json:
        return change

    def _call(self, change: Json) -> Json | None:
        call = change["call"]
        if not self.scope.restricted:
            return {**change, "call": self.scope.call(call)}
        pbx = call["pbx"]
        if any(self.scope.sees_queue(pbx, visit["queue"]) for visit in call["visits"]):
            self.moved = True
            self._calls.add(call["id"])
            return {**change, "call": self.scope.call(call)}
        return self._call_gone({"kind": "call_gone", "id": call["id"]})

    def _call_gone(self, change: Json) -> Json | None:
        if not self.scope.restricted:
            return change
        if change["id"] not in self._calls:
            return None
        self._calls.discard(change["id"])
        return change

    def _queue(self, change: Json) -> Json | None:
        queue = change["queue"]
        return change if self.scope.sees_queue(queue["pbx"], queue["name"]) else None

    def _member(self, change: Json) -> Json | None:
        member = change["member"]
        return change if self.scope.sees_queue(member["pbx"], member["queue"]) else None

    def _member_gone(self, change: Json) -> Json | None:
        return change if self.scope.sees_queue(change["pbx"], change["queue"]) else None

    def _pbx(self, change: Json) -> Json | None:
        return change if self.scope.sees_pbx(change["pbx"]["name"]) else None

    def _today(self, change: Json) -> Json | None:
        return None if self.scope.restricted else change

    def _overflow(self, change: Json) -> Json:
        return {**change, "overflow": self.scope.overflow(change["overflow"], self._rules())}

    def _decision(self, change: Json) -> Json | None:
        return self._about(change, "decision")

    def _command(self, change: Json) -> Json | None:
        return self._about(change, "command")

    def _about(self, change: Json, name: str) -> Json | None:
        about = change[name]
        if not self.scope.sees_queue(about["pbx"], about["queue"]):
            return None
        return {**change, name: self.scope.shown(about)}

    def _alert(self, change: Json) -> Json | None:
        alert = change["alert"]
        if not self.scope.sees_alert(alert["kind"], alert["pbx"], alert["queue"]):
            return self._alert_gone({"kind": "alert_gone", "id": alert["id"]})
        if self.scope.restricted:
            self._alerts.add(alert["id"])
        return {**change, "alert": self.scope.shown(alert)}

    def _alert_gone(self, change: Json) -> Json | None:
        if not self.scope.restricted:
            return change
        if change["id"] not in self._alerts:
            return None
        self._alerts.discard(change["id"])
        return change

    def _trend(self, change: Json) -> Json | None:
        points = [p for p in change["points"] if self.scope.sees_queue(p["pbx"], p["queue"])]
        return {**change, "points": points} if points else None


_PARTS: Final[dict[str, Callable[[ScopedView, Json], Json | None]]] = {
    "call": ScopedView._call,
    "call_gone": ScopedView._call_gone,
    "queue": ScopedView._queue,
    "member": ScopedView._member,
    "member_gone": ScopedView._member_gone,
    "pbx": ScopedView._pbx,
    "today": ScopedView._today,
    "system": ScopedView._system,
    "overflow": ScopedView._overflow,
    "decision": ScopedView._decision,
    "command": ScopedView._command,
    "alert": ScopedView._alert,
    "alert_gone": ScopedView._alert_gone,
    "trend": ScopedView._trend,
}
"""What each kind of change is for a scope; a kind that is missing here is shown to nobody."""
