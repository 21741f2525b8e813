"""What the boards learn from the record when the monitor starts: nobody waits for it."""

import asyncio
import logging
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.alert_control import AlertControl
from api.live import LiveHub
from monitor.core.clock import HOUR, MINUTE, Ms
from monitor.core.engine import Engine, day_bounds
from monitor.core.trend import EndedWait, ended_waits, most_waiting
from monitor.history.database import History
from monitor.history.errors import HistoryError
from monitor.history.member_days import member_days
from monitor.history.queries import CallFilter
from monitor.history.reader import MAX_LIMIT, HistoryReader

log = logging.getLogger("minuteur.api")

BEFORE: Final[Ms] = 15 * MINUTE
"""Calls that arrived so long before the hour may have waited in it."""


async def fill_boards(hub: LiveHub, engine: Engine, history: History, now: Ms) -> None:
    """Fill the trend and the members' day with what was before ``now`` (ms), the start."""
    try:
        await _fill_days(hub, engine, history, now)
        await _fill_trend(hub, history, now)
    except (SQLAlchemyError, HistoryError) as error:
        log.warning("The trend of the last hour cannot be read from the record: %s", error)
    hub.boards.filled()


async def keep_boards(alerts: AlertControl, hub: LiveHub, engine: Engine, history: History) -> None:
    """Fill the boards, then keep what people do about alerts; until cancelled."""
    await fill_boards(hub, engine, history, hub.now())
    await alerts.run()


async def _fill_days(hub: LiveHub, engine: Engine, history: History, now: Ms) -> None:
    since = day_bounds(now, engine.policy)[0]
    hub.boards.days.recall(*await asyncio.to_thread(member_days, history, since, now))


async def _fill_trend(hub: LiveHub, history: History, now: Ms) -> None:
    reader = HistoryReader(history)
    wanted = CallFilter(since=now - HOUR - BEFORE)
    waits: list[EndedWait] = []
    cursor: str | None = None
    while True:
        page = await asyncio.to_thread(reader.calls, wanted, limit=MAX_LIMIT, cursor=cursor)
        hub.boards.trend.fill(page.calls)
        waits += ended_waits(page.calls)
        cursor = page.next_cursor
        if cursor is None:
            break
    hub.boards.trend.fill_waiting(await asyncio.to_thread(most_waiting, waits))
