"""What the hub keeps beside the engine: alerts, the last hour's trend, each member's day."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

import orjson

from api import alert_views
from api.views import Json
from api.visibility import Scope
from monitor.core import effects as fx
from monitor.core.alerts import Alerts
from monitor.core.clock import Ms
from monitor.core.engine import Engine, day_bounds
from monitor.core.member_days import MemberDays
from monitor.core.trend import Point, Trend


class LiveBoards:
    """Fed by the hub with effects, and once a second with the time.

    Args:
        engine: whose state is looked at.
        now: the monitor's clock (ms since the epoch).
        history_problem: what is wrong with the database now; empty when nothing.
    """

    def __init__(
        self, engine: Engine, now: Callable[[], Ms], history_problem: Callable[[], str]
    ) -> None:
        self.alerts = Alerts(engine, history_problem)
        self.trend = Trend(engine)
        self.days = MemberDays()
        self._engine = engine
        self._now = now
        self._points: list[Point] = []
        self._trends: dict[Scope, orjson.Fragment] = {}
        self._day_end: Ms | None = None

    def take(self, effects: Sequence[fx.Effect]) -> None:
        """Look at what changed."""
        now = self._now()
        self.alerts.take(effects, now)
        self.trend.take(effects, now)
        self.days.take(effects)

    async def tick(self) -> bool:
        """Do what is due, in small steps; returns whether there is something to tell."""
        while self.trend.count():  # noqa: ASYNC110 - it waits for nothing, but lets others run
            await asyncio.sleep(0)
        now = self._now()
        if self._day_end is None or now >= self._day_end:
            if self._day_end is not None:
                self.days.new_day()
            self._day_end = day_bounds(now, self._engine.policy)[1]
        self.alerts.advance(now)
        if points := self.trend.advance(now):
            self._points += points
            self._trends.clear()
        return bool(self._points) or self.alerts.changed

    def filled(self) -> None:
        """Note that the trend learned from the record: what was told of it is not all."""
        self._trends.clear()

    def changes(self) -> Iterator[Json]:
        """What there is to tell since the last time."""
        for change in self.alerts.take_changes():
            yield alert_views.alert_change(change)
        if self._points:
            points, self._points = self._points, []
            yield {"kind": "trend", "points": [alert_views.point(point) for point in points]}

    def body(self, scope: Scope) -> Json:
        """What a snapshot holds of alerts and trend, for those who may see it."""
        alerts = [
            scope.shown(alert_views.alert(alert))
            for alert in self.alerts.board()
            if scope.sees_alert(alert.kind, alert.pbx, alert.queue)
        ]
        trend = self._trends.get(scope)
        if trend is None:
            points = [
                alert_views.point(point)
                for point in self.trend.points(self._now())
                if scope.sees_queue(point.pbx, point.queue)
            ]
            # Hundreds of points that change once a minute, in snapshots made at any moment.
            trend = self._trends[scope] = orjson.Fragment(orjson.dumps(points))
        return {"alerts": alerts, "trend": trend}
