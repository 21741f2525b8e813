"""Hours: whether weekly spans hold now, and when that changes; looked up again only then."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.policy import OpeningHours

WEEK: Final = 8
"""Days in which an opening or a closing must come, if any does."""


class Hours:
    """Weekly spans in a zone, with the last answer kept for as long as it is true."""

    def __init__(self, hours: OpeningHours, zone: tzinfo) -> None:
        self._hours = hours
        self._zone = zone
        self._open = True
        self._since: Ms | None = None
        self._until: Ms | None = None

    def at(self, now: Ms) -> tuple[bool, Ms | None]:
        """Whether it is open at ``now``, and when that may change; None: never."""
        if self._since is None or now < self._since or self._is_over(now):
            self._since = now
            self._open = self._hours.is_open(now, self._zone)
            self._until = next_change(self._hours, now, self._zone)
        return self._open, self._until

    def _is_over(self, now: Ms) -> bool:
        return self._until is not None and now >= self._until


def next_change(hours: OpeningHours, now: Ms, zone: tzinfo) -> Ms | None:
    """When the centre opens or closes next after ``now``; None when it never does."""
    local = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone)
    found: list[Ms] = []
    for ahead in range(WEEK if hours.spans else 0):
        day = (local + timedelta(days=ahead)).date()
        for weekday, start, end in hours.spans:
            if weekday == day.weekday():
                moments = [datetime.combine(day, edge, zone).timestamp() for edge in (start, end)]
                # A span that reaches to the day's end is over at midnight.
                found += [-int(-moment * SECOND // 1) for moment in moments]
        later = [at for at in found if at > now]
        if later:
            return min(later)
    return None
