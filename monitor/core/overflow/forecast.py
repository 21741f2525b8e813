"""Forecasts: how long each waiting caller will still wait, and how likely they miss the deadline.

What the queueing model needs is learned from what happens: who serves a queue from its members,
how long a caller occupies an agent and how long a phone rings from the last answered visits, how
soon callers give up from the last waits. The model and its source stand in
:mod:`monitor.core.overflow.waiting_model`; how well it does is kept by
:mod:`monitor.core.overflow.scoring`.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from monitor.core.clock import Ms
from monitor.core.effects import (
    BlindIntervalChanged,
    CallChanged,
    Effect,
    MemberGone,
    MemberUpdated,
)
from monitor.core.engine import Engine
from monitor.core.overflow.scoring import Moment, Score, Scores
from monitor.core.overflow.waiting_model import WaitingModel
from monitor.core.records import Call, Exit, FactKind, Member, MemberState, Visit

ENOUGH: Final = 5
"""Fewer recent conversations than this say nothing yet."""
MEMORY: Final = 50
"""Answered visits of a queue that are looked back on: recent enough to follow the time of day."""
PATIENCE_MEMORY: Final = 200
"""Waits that are looked back on for how soon callers give up; abandons are rare."""

REMEMBERED: Final = 1_000
"""Ended calls that are not taken for new ones when something is corrected."""

SERVING: Final = frozenset(
    {
        MemberState.AVAILABLE, MemberState.RINGING, MemberState.TALKING, MemberState.ON_HOLD,
        MemberState.WRAP_UP, MemberState.BUSY,
    }
)  # fmt: skip
FREE: Final = frozenset({MemberState.AVAILABLE, MemberState.RINGING})


class Recent:
    """The last values of a kind, and their mean."""

    def __init__(self, memory: int) -> None:
        self._values: deque[Ms] = deque(maxlen=memory)
        self._total = 0
        self._ascending: list[Ms] = []

    def add(self, value: Ms) -> None:
        """Add a value; the oldest is forgotten when there are too many."""
        if len(self._values) == self._values.maxlen:
            oldest = self._values[0]
            self._total -= oldest
            del self._ascending[bisect_left(self._ascending, oldest)]
        self._values.append(value)
        self._total += value
        insort(self._ascending, value)

    @property
    def mean(self) -> float | None:
        """The mean; None when there are too few to say."""
        return self._total / len(self._values) if len(self._values) >= ENOUGH else None

    @property
    def ascending(self) -> list[Ms]:
        """All of them, sorted."""
        return self._ascending

    def __len__(self) -> int:
        return len(self._values)


class QueueHistory:
    """What the last visits to a queue tell of its handling times and its callers' patience."""

    def __init__(self) -> None:
        self.talks = Recent(MEMORY)
        """Conversations (ms)."""
        self.rings = Recent(MEMORY)
        """From the first offer to an agent to the answer (ms)."""
        self._waits: deque[tuple[Ms, bool]] = deque(maxlen=PATIENCE_MEMORY)
        self._waited = 0
        self._gave_up = 0

    def add_wait(self, wait: Ms, *, gave_up: bool) -> None:
        """Add how long a caller waited, to the answer or until they gave up."""
        if len(self._waits) == self._waits.maxlen:
            oldest, abandoned = self._waits[0]
            self._waited -= oldest
            self._gave_up -= abandoned
        self._waits.append((wait, gave_up))
        self._waited += wait
        self._gave_up += gave_up

    @property
    def giving_up(self) -> float:
        """The rate (per ms of waiting) at which a caller gives up: abandons by time waited.

        The maximum-likelihood estimate for exponential patience, of which a wait that ended by an
        answer only says "longer than this". 0 while too few waits were seen.
        """
        enough = self._waited > 0 and len(self._waits) >= ENOUGH
        return self._gave_up / self._waited if enough else 0.0

    def model(self, serving: int, free: int, wrap_up: float = 0.0) -> WaitingModel:
        """The queue as the model sees it with these agents, who need ``wrap_up`` (ms) each time."""
        talk, ring = self.talks.mean, self.rings.mean
        handling = None if talk is None or ring is None else talk + ring + wrap_up
        return WaitingModel(serving, free, handling, ring, self.rings.ascending, self.giving_up)


@dataclass(frozen=True, slots=True)
class QueueForecast:
    """What the forecast says of a queue now. Spans in ms; None: unknown."""

    pbx: str
    queue: str
    waiting: int
    serving: int
    free: int
    handling: Ms | None
    """Mean time for which a caller occupies an agent."""
    handling_times: int
    """How many of them that mean rests on."""
    expected_wait: Ms | None
    """Of a caller who joins now."""
    giving_up_per_minute: float
    """Share of the waiting callers who give up within a minute, about."""


@dataclass(slots=True)
class _Queue:
    history: QueueHistory = field(default_factory=QueueHistory)
    members: dict[str, tuple[MemberState | None, Ms]] = field(default_factory=dict)
    """State (None: paused) and wrap-up time by interface."""
    serving: int = 0
    free: int = 0
    wrap_ups: Ms = 0
    """Of all who serve, together."""
    line: list[tuple[Ms, str]] = field(default_factory=list)
    """Who waits: (joined, uniqueid), in order."""

    def count(self, state: MemberState | None, wrap_up: Ms, by: int) -> None:
        if state in SERVING:
            self.serving += by
            self.wrap_ups += by * wrap_up
            self.free += by * (state in FREE)

    @property
    def model(self) -> WaitingModel:
        wrap_up = self.wrap_ups / self.serving if self.serving else 0.0
        return self.history.model(self.serving, self.free, wrap_up)


_Key = tuple[str, str]
"""(PBX, uniqueid) of a call."""


@dataclass(slots=True)
class _Followed:
    """A visit while it is of interest."""

    visit: Visit
    place: tuple[Ms, str] | None = None
    """The entry in the queue's line."""
    told: tuple[object, ...] = ()
    """What was known of it the last time; the rest of a call does not matter here."""
    answered: bool = False
    learned: bool = False
    decided: bool = False


class Forecasts:
    """Learns from effects, and forecasts. Pure: it never asks for the time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queues: dict[tuple[str, str], _Queue] = {}
        self._followed: dict[_Key, _Followed] = {}
        self._over: dict[_Key, None] = {}
        """The last calls that ended, of which the engine may tell again."""
        self._scores = Scores(self.miss_probability, self.expected_wait)

    # --- what happens ---------------------------------------------------------------------------

    def handle(self, effects: Iterable[Effect], now: Ms) -> None:
        """Take what the engine just said; ``now`` is the monitor's clock."""
        self._scores.predict_due(now, self._engine.pbx_state, self._position)
        for effect in effects:
            if type(effect) is CallChanged:
                if effect.call.visits:
                    self._on_call(effect.call)
            elif type(effect) is MemberUpdated:
                self._on_member(effect.member)
            elif isinstance(effect, MemberGone):
                self._on_member_gone(effect)
            elif isinstance(effect, BlindIntervalChanged):
                self._scores.blind(effect.interval.pbx)

    # --- forecasts ------------------------------------------------------------------------------

    def expected_wait(self, pbx: str, queue: str, position: int) -> Ms | None:
        """How long (ms) the caller at ``position`` (1: next) will still wait, in the mean.

        None when it is not known: the PBX is not observed, nobody serves the queue, or fewer than
        :data:`ENOUGH` answers were seen there lately.
        """
        model = self.model(pbx, queue)
        return None if model is None else model.expected_wait(position)

    def miss_probability(self, pbx: str, queue: str, position: int, time_left: Ms) -> float | None:
        """How likely (0 to 1) the caller at ``position`` still waits after ``time_left`` (ms).

        1 where nobody serves the queue, and when no time is left; None when it is not known.
        """
        model = self.model(pbx, queue)
        return None if model is None else model.miss_probability(position, time_left)

    def model(self, pbx: str, queue: str) -> WaitingModel | None:
        """A queue as the model sees it now; None while its PBX is not observed."""
        state = self._engine.pbx_state(pbx)
        if state is None or state.blind_since is not None:
            return None
        found = self._queue(pbx, queue)
        return found.model

    def queue_forecast(self, pbx: str, queue: str) -> QueueForecast:
        """What the forecast says of a queue now, and what that rests on."""
        found = self._queue(pbx, queue)
        state = self._engine.queue_state(pbx, queue)
        waiting = 0 if state is None else len(state.waiting)
        history = found.history
        handling = found.model.handling
        return QueueForecast(
            pbx, queue, waiting, found.serving, found.free,
            None if handling is None else round(handling), len(history.talks),
            self.expected_wait(pbx, queue, waiting + 1), min(1.0, history.giving_up * 60_000),
        )  # fmt: skip

    @property
    def queues(self) -> list[tuple[str, str]]:
        """The queues that anything is known of, as (PBX, queue)."""
        return sorted(self._queues)

    def score(self, pbx: str, queue: str, moment: Moment = Moment.JOINING) -> Score:
        """How the forecasts made at that moment of a caller's wait turned out lately."""
        return self._scores.score(pbx, queue, moment)

    # --- members --------------------------------------------------------------------------------

    def _on_member(self, member: Member) -> None:
        queue = self._queue(member.pbx, member.queue)
        before = queue.members.get(member.interface)
        # Who talks and is paused already takes no caller after this one.
        state = None if member.paused else member.state
        if before is not None:
            if before[0] is state and before[1] == member.wrap_up:
                return
            queue.count(*before, -1)
        queue.members[member.interface] = (state, member.wrap_up)
        queue.count(state, member.wrap_up, 1)

    def _on_member_gone(self, gone: MemberGone) -> None:
        queue = self._queue(gone.pbx, gone.queue)
        before = queue.members.pop(gone.interface, None)
        if before is not None:
            queue.count(*before, -1)

    # --- callers --------------------------------------------------------------------------------

    def _on_call(self, call: Call) -> None:
        visit, key = call.visits[-1], (call.pbx, call.uniqueid)
        followed = self._followed.get(key)
        if followed is None or followed.visit is not visit:
            if followed is not None:
                self._decided(call, followed)
            if key in self._over:
                return
            followed = self._followed[key] = _Followed(visit)
        told = (visit.joined_at, visit.left_at, visit.exit, visit.ended_at, call.closed)
        if followed.told == told:
            return
        followed.told = told
        waits = visit.exit is None and visit.left_at is None and not call.closed
        self._put_in_line(call, followed, waits=waits)
        if visit.answered_at is not None and not followed.answered:
            followed.answered = True
            self._learn_ring(call, visit)
        if visit.exit is not None or call.closed:
            self._decided(call, followed)
        if call.closed:
            del self._followed[key]
            self._over[key] = None
            if len(self._over) > REMEMBERED:
                del self._over[next(iter(self._over))]

    def _put_in_line(self, call: Call, followed: _Followed, *, waits: bool) -> None:
        place = (followed.visit.joined_at, call.uniqueid) if waits else None
        if place == followed.place:
            return
        queue = self._queue(call.pbx, followed.visit.queue)
        if followed.place is not None:
            _take_out(queue.line, followed.place)
        first, followed.place = followed.place is None, place
        if place is not None:
            insort(queue.line, place)
            if first:
                position = bisect_left(queue.line, place) + 1
                self._scores.on_joined(call, followed.visit, position)

    def _decided(self, call: Call, followed: _Followed) -> None:
        """Learn from a visit that is over; from its conversation once that is."""
        visit = followed.visit
        if followed.place is not None:
            _take_out(self._queue(call.pbx, visit.queue).line, followed.place)
            followed.place = None
        history = self._queue(call.pbx, visit.queue).history
        if not followed.decided:
            followed.decided = True
            wait = visit.wait
            if wait is not None and visit.exit in {Exit.ANSWERED, Exit.ABANDONED}:
                history.add_wait(wait, gave_up=visit.exit is Exit.ABANDONED)
            self._scores.on_decided(call, visit)
        if followed.learned or visit.answered_at is None:
            return
        talk = talk_of(call, visit)
        if talk is not None:
            followed.learned = True
            history.talks.add(talk)

    def _learn_ring(self, call: Call, visit: Visit) -> None:
        ring = ring_of(call, visit)
        if ring is not None:
            self._queue(call.pbx, visit.queue).history.rings.add(ring)

    def recall(self, calls: Iterable[Call]) -> None:
        """Learn from calls of the record, with their facts, oldest first: after a start."""
        for call in calls:
            for visit in call.visits:
                history = self._queue(call.pbx, visit.queue).history
                wait, ring, talk = visit.wait, ring_of(call, visit), talk_of(call, visit)
                if ring is not None:
                    history.rings.add(ring)
                if talk is not None:
                    history.talks.add(talk)
                if wait is not None and visit.exit in {Exit.ANSWERED, Exit.ABANDONED}:
                    history.add_wait(wait, gave_up=visit.exit is Exit.ABANDONED)

    def _position(self, pbx: str, queue: str, call_id: str) -> int | None:
        """A waiting caller's place in the line, 1 for the next."""
        followed = self._followed.get((pbx, call_id.partition(":")[2]))
        if followed is None or followed.place is None or followed.visit.queue != queue:
            return None
        return bisect_left(self._queue(pbx, queue).line, followed.place) + 1

    def _queue(self, pbx: str, queue: str) -> _Queue:
        found = self._queues.get((pbx, queue))
        if found is None:
            found = self._queues[pbx, queue] = _Queue()
        return found


def _take_out(line: list[tuple[Ms, str]], place: tuple[Ms, str]) -> None:
    index = bisect_left(line, place)
    if index < len(line) and line[index] == place:
        del line[index]


def talk_of(call: Call, visit: Visit) -> Ms | None:
    """How long a visit's conversation lasted; to the call's end, where its own is not known."""
    end = visit.ended_at if visit.ended_at is not None else call.ended_at
    if visit.answered_at is None or end is None:
        return None
    return max(0, end - visit.answered_at)


def ring_of(call: Call, visit: Visit) -> Ms | None:
    """From the first offer to an agent to the answer, with those who let it ring between."""
    if visit.answered_at is None:
        return None
    offered_at: Ms | None = None
    for fact in reversed(call.facts):
        if fact.at < visit.joined_at:
            break
        if fact.kind is FactKind.AGENT_OFFERED and fact.at <= visit.answered_at:
            offered_at = fact.at
    return None if offered_at is None else visit.answered_at - offered_at
