"""When a report is due: the last whole week or month, some hours after it is over."""

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from monitor.core.clock import HOUR, SECOND, Ms

SENT_AFTER: Final[Ms] = 7 * HOUR
"""After the period's end; calls that were live at midnight are over, and people come to work."""


class Every(StrEnum):
    """How long a period is."""

    WEEK = "week"
    """Monday to Sunday."""
    MONTH = "month"


def last_period(every: Every, now: Ms, zone: tzinfo) -> tuple[Ms, Ms]:
    """The last period of which the report is due (since, until), by the zone's calendar.

    Only the last one: a monitor that did not run for months does not send a heap of mail.
    """
    latest = datetime.fromtimestamp((now - SENT_AFTER) / SECOND, UTC).astimezone(zone)
    day = latest.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if every is Every.WEEK:
        until = day - timedelta(days=day.weekday())
        since = until - timedelta(days=7)
    else:
        until = day.replace(day=1)
        since = (until - timedelta(days=1)).replace(day=1)
    return _moment(since, zone), _moment(until, zone)


def _moment(local: datetime, zone: tzinfo) -> Ms:
    return round(local.replace(tzinfo=zone, fold=0).timestamp()) * SECOND
