"""Opening time: when the centre was open in a period, and how much of it was observed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from monitor.core.calendars import Days
from monitor.core.clock import SECOND, Ms
from monitor.core.records import BlindInterval

Interval = tuple[Ms, Ms]


def open_spans(days: Days, since: Ms, until: Ms, zone: tzinfo) -> Iterator[Interval]:
    """When it is open in ``since`` ≤ t < ``until``, in order; whole days may touch.

    An hour that clocks show twice counts twice where a span of the calendar holds it, and one
    that they leave out counts nothing.
    """
    if days.never_changes:
        if since < until:
            yield since, until
        return
    day = datetime.fromtimestamp(since / SECOND, UTC).astimezone(zone).date()
    last = datetime.fromtimestamp(until / SECOND, UTC).astimezone(zone).date()
    while day <= last:
        for start, end in sorted(days.spans_on(day)):
            begin = _moment(datetime.combine(day, start), zone)
            following = day + timedelta(days=1)
            over = datetime.combine(following, time.min) if end == time.max else None
            ended = _moment(over or datetime.combine(day, end), zone, end=True)
            begin, ended = max(begin, since), min(ended, until)
            if begin < ended:
                yield begin, ended
        day += timedelta(days=1)


def _moment(local: datetime, zone: tzinfo, *, end: bool = False) -> Ms:
    """When the clocks of the zone show this; an end in an hour that comes twice: the second."""
    return round(local.replace(tzinfo=zone, fold=int(end)).timestamp() * SECOND)


@dataclass(frozen=True, slots=True)
class OpenTime:
    """Spans of opening time that do not overlap, by begin, with their length summed up."""

    begins: tuple[Ms, ...]
    ends: tuple[Ms, ...]
    before: tuple[Ms, ...]
    """The opening time before each span."""
    total: Ms

    @classmethod
    def of(cls, spans: Iterable[Interval]) -> "OpenTime":
        """Opening time of spans in any order."""
        joined = _joined(spans)
        before, total = [], 0
        for begin, end in joined:
            before.append(total)
            total += end - begin
        begins, ends = (tuple(span[n] for span in joined) for n in (0, 1))
        return cls(begins, ends, tuple(before), total)

    def until(self, at: Ms) -> Ms:
        """The opening time before a moment."""
        place = bisect_right(self.begins, at) - 1
        if place < 0:
            return 0
        return self.before[place] + min(at, self.ends[place]) - self.begins[place]

    def within(self, since: Ms, until: Ms) -> Ms:
        """The opening time of ``since`` ≤ t < ``until``."""
        return self.until(until) - self.until(since) if since < until else 0


def blind_spans(blind: Iterable[BlindInterval], since: Ms, until: Ms) -> dict[str, list[Interval]]:
    """The blind time of each PBX, cut to a period and joined where intervals overlap."""
    by_pbx: dict[str, list[Interval]] = {}
    for gap in blind:
        end = until if gap.ended_at is None else min(gap.ended_at, until)
        begin = max(gap.started_at, since)
        if begin < end:
            by_pbx.setdefault(gap.pbx, []).append((begin, end))
    return {pbx: _joined(spans) for pbx, spans in by_pbx.items()}


def _joined(spans: Iterable[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def less(opened: OpenTime, gaps: Sequence[Interval]) -> Ms:
    """The opening time outside of gaps that do not overlap."""
    return opened.total - sum(opened.within(begin, end) for begin, end in gaps)
