"""The trend of the last hour: what happened in each queue, minute by minute.

Effects only mark which calls changed; once a second what they changed is counted. A call that
changed is counted anew, so a correction moves what it had counted for before. Moments are the
PBX's own, and so are the minutes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from monitor.core import effects as fx
from monitor.core.clock import HOUR, MINUTE, SECOND, Ms
from monitor.core.engine import Engine
from monitor.core.records import Call, Exit, Verdict
from monitor.core.values import value

KEPT: Final[Ms] = HOUR
SETTLES: Final[Ms] = 2 * SECOND
"""A minute is told so long after its end: events come a little late."""
SLICE: Final = 500
"""Calls counted in one go (a few milliseconds): nothing else runs meanwhile."""

QueueKey = tuple[str, str]
"""(PBX, queue)."""
_Count = tuple[QueueKey, Ms, str]
"""One that is counted: (queue, minute, field of the point)."""
EndedWait = tuple[str, str, Ms, Ms]
"""(PBX, queue, joined at, left at)."""


@value
class Point:
    """One minute of one queue, by the moment at which it begins (ms, the PBX's clock).

    ``offered`` counts who joined in it. The others count what happened in it: waits that an agent
    ended or the caller gave up, in all and within the threshold; deadlines that passed; and the
    most callers who waited at once.
    """

    pbx: str
    queue: str
    minute: Ms
    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    abandoned_within: int = 0
    breached: int = 0
    waiting_max: int = 0


class Trend:
    """The last hour of each queue of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._touched: dict[str, Call] = {}
        self._counted: dict[str, Sequence[_Count]] = {}
        """What each call of the last hour is counted for."""
        self._until: defaultdict[Ms, set[str]] = defaultdict(set)
        """These calls by the last minute that they are counted for."""
        self._minutes: defaultdict[tuple[Ms, QueueKey], dict[str, int]] = defaultdict(dict)
        self._waiting: dict[QueueKey, int] = {}
        self._changed: set[tuple[Ms, QueueKey]] = set()
        self._told_through: dict[str, Ms] = {}
        """By PBX: the minute up to which whole minutes were told."""

    # --- in -------------------------------------------------------------------------------------

    def fill(self, calls: Iterable[Call]) -> None:
        """Count calls of the record of the last hour, with their visits; live ones as they are."""
        for call in calls:
            if call.id not in self._counted and call.id not in self._touched:
                self._count(self._engine.call(call.id) or call)

    def fill_waiting(self, most: Mapping[tuple[Ms, QueueKey], int]) -> None:
        """Take what :func:`most_waiting` found in the record."""
        for (minute, key), waiting in most.items():
            self._see_waiting(minute, key, waiting)

    def take(self, effects: Sequence[fx.Effect], now: Ms) -> None:
        """Mark what changed; ``now`` is the monitor's clock."""
        for effect in effects:
            kind = type(effect)
            if kind is fx.CallChanged:
                call = effect.call  # type: ignore[union-attr]
                self._touched[call.id] = call
            elif kind is fx.QueueUpdated:
                self._waits(effect.pbx, effect.queue, now)  # type: ignore[union-attr]

    def _waits(self, pbx: str, queue: str, now: Ms) -> None:
        state = self._engine.queue_state(pbx, queue)
        waiting = 0 if state is None else len(state.waiting)
        key = (pbx, queue)
        self._see_waiting(self._minute(pbx, now), key, max(waiting, self._waiting.get(key, 0)))
        self._waiting[key] = waiting

    def _see_waiting(self, minute: Ms, key: QueueKey, waiting: int) -> None:
        """Note how many waited at once in a minute, where it is the most."""
        if not waiting:
            return
        point = self._minutes[minute, key]
        if waiting > point.get("waiting_max", 0):
            point["waiting_max"] = waiting
            self._changed.add((minute, key))

    def _minute(self, pbx: str, now: Ms) -> Ms:
        state = self._engine.pbx_state(pbx)
        at = now - (0 if state is None else state.clock_offset)
        return at - at % MINUTE

    # --- counting -------------------------------------------------------------------------------

    def _count(self, call: Call) -> None:
        """Count a call as it stands, instead of as it was."""
        counts = tuple(_counts(call))
        before = self._counted.get(call.id, ())
        if counts == before:
            return
        for found, by in [*((one, -1) for one in before), *((one, 1) for one in counts)]:
            key, minute, name = found
            point = self._minutes[minute, key]
            point[name] = point.get(name, 0) + by
            self._changed.add((minute, key))
        if before:
            self._until[_last_minute(before)].discard(call.id)
        if counts:
            self._until[_last_minute(counts)].add(call.id)
            self._counted[call.id] = counts
        else:
            del self._counted[call.id]

    def _forget(self, now: Ms) -> None:
        """Let go of what is older than an hour."""
        old = now - KEPT - 2 * MINUTE
        for place in [place for place in self._minutes if place[0] < old]:
            del self._minutes[place]
            self._changed.discard(place)
        for minute in [minute for minute in self._until if minute < old]:
            for call_id in self._until.pop(minute):
                del self._counted[call_id]

    # --- out ------------------------------------------------------------------------------------

    def count(self, at_most: int = SLICE) -> bool:
        """Count what was marked, so many calls at most; returns whether more are left."""
        for call_id in list(islice(self._touched, at_most)):
            self._count(self._touched.pop(call_id))
        return bool(self._touched)

    def advance(self, now: Ms) -> list[Point]:
        """The whole minutes that are new or changed, once a minute; comes after :meth:`count`.

        Args:
            now: the monitor's clock; call it once a second.
        """
        for (pbx, queue), waiting in list(self._waiting.items()):
            if self._engine.queue_state(pbx, queue) is None:
                del self._waiting[pbx, queue]  # its PBX is watched no more
            else:
                self._see_waiting(self._minute(pbx, now), (pbx, queue), waiting)
        begun = {
            pbx: self._minute(pbx, now - SETTLES) for pbx in {key[0] for _, key in self._minutes}
        }
        if all(self._told_through.get(pbx) == minute for pbx, minute in begun.items()):
            return []
        self._told_through |= begun
        self._forget(now)
        told = {place for place in self._changed if place[0] < begun[place[1][0]]}
        self._changed -= told
        return [self._point(place) for place in sorted(told)]

    def points(self, now: Ms) -> list[Point]:
        """All whole minutes of the last hour in which anything was, in order of time."""
        shown = []
        for place in sorted(self._minutes):
            end = self._minute(place[1][0], now - SETTLES)
            if end - KEPT <= place[0] < end and any(self._minutes[place].values()):
                shown.append(self._point(place))
        return shown

    def _point(self, place: tuple[Ms, QueueKey]) -> Point:
        minute, (pbx, queue) = place
        return Point(pbx, queue, minute, **self._minutes.get(place, {}))


def _counts(call: Call) -> Iterator[_Count]:
    """What a call is counted for."""
    for visit in call.visits:
        key = (call.pbx, visit.queue)
        yield key, _minute_of(visit.joined_at), "offered"
        wait = visit.wait
        if wait is None or visit.exit not in (Exit.ANSWERED, Exit.ABANDONED):
            continue
        name = "answered" if visit.exit is Exit.ANSWERED else "abandoned"
        minute = _minute_of(visit.joined_at + wait)
        yield key, minute, name
        if wait <= visit.within:
            yield key, minute, f"{name}_within"
    queue = _breached_in(call)
    if queue is not None and call.deadline_at is not None:
        yield (call.pbx, queue), _minute_of(call.deadline_at), "breached"


def _breached_in(call: Call) -> str | None:
    """The queue in which the caller was when the deadline passed, or was last before it."""
    at = call.deadline_at
    if call.verdict is not Verdict.BREACHED or at is None:
        return None
    before = [visit.queue for visit in call.visits if visit.joined_at <= at]
    return before[-1] if before else None


def _minute_of(at: Ms) -> Ms:
    return at - at % MINUTE


def _last_minute(counts: Sequence[_Count]) -> Ms:
    return max(minute for _, minute, _ in counts)


def ended_waits(calls: Iterable[Call]) -> Iterator[EndedWait]:
    """What :func:`most_waiting` asks of calls, which are a hundred times as large."""
    for call in calls:
        for visit in call.visits:
            if visit.left_at is not None:
                yield call.pbx, visit.queue, visit.joined_at, visit.left_at


def most_waiting(waits: Iterable[EndedWait]) -> dict[tuple[Ms, QueueKey], int]:
    """The most callers who waited at once, by minute and queue, as the record tells."""
    steps: defaultdict[QueueKey, list[tuple[Ms, int]]] = defaultdict(list)
    for pbx, queue, joined_at, left_at in waits:
        steps[pbx, queue] += [(joined_at, 1), (left_at, -1)]
    most: dict[tuple[Ms, QueueKey], int] = {}
    for key, found in steps.items():
        waiting, minute = 0, 0
        for at, step in sorted(found):
            # Those who wait on are there from the beginning of each minute on.
            for later in range(minute + MINUTE, _minute_of(at) + 1, MINUTE) if waiting else ():
                most[later, key] = waiting
            minute, waiting = _minute_of(at), waiting + step
            most[minute, key] = max(most.get((minute, key), 0), waiting)
    return most
