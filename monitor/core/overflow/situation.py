"""The situation: what rules look at, kept from effects so that a look costs little.

Members are counted as they change, and the rolling service level is a window over decided visits.
Whoever waits is read from the engine itself.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

from monitor.core.clock import MINUTE, SECOND, Ms
from monitor.core.effects import Effect, MemberGone
from monitor.core.engine import Engine
from monitor.core.events import DeviceState, LinkState
from monitor.core.live import QueueState
from monitor.core.openings import Openings
from monitor.core.records import Call, Exit, FactKind, Member, MemberState, Visit

QueueKey = tuple[str, str]
"""(PBX, queue)."""

SERVICE_LEVEL_SPAN: Final[Ms] = 15 * MINUTE

DEFAULT_RING: Final[Ms] = 15 * SECOND
"""``timeout`` of a queue, where no miss was observed: Asterisk's own default."""
RETRY: Final[Ms] = 5 * SECOND
"""``retry`` of a queue: Asterisk's own default; no event tells it."""
LOOK_FOR_TURN: Final[Ms] = SECOND
"""How often a caller whose turn has not come yet is looked after by the queue (its RECHECK)."""
RINGS_REMEMBERED: Final = 8

UNREACHABLE: Final = frozenset({DeviceState.UNAVAILABLE, DeviceState.INVALID})


class Forecaster(Protocol):
    """What is asked of a forecast; see :class:`monitor.core.overflow.forecast.Forecasts`."""

    def handle(self, effects: Iterable[Effect], now: Ms) -> None:
        """Learn from what happened."""

    def expected_wait(self, pbx: str, queue: str, position: int) -> Ms | None:
        """Ms that the caller at ``position`` (1: next) will still wait."""

    def miss_probability(self, pbx: str, queue: str, position: int, time_left: Ms) -> float | None:
        """Share: how likely nobody answers that caller within ``time_left`` ms."""


@dataclass(slots=True)
class Counts:
    """How many members of a queue are what; ``paused`` are those who could be reached."""

    available: int = 0
    logged_in: int = 0
    paused: int = 0


@dataclass(slots=True)
class ServiceWindow:
    """The visits to a queue that were decided in the last quarter of an hour."""

    good: int = 0
    all: int = 0
    _of_visit: dict[tuple[str, int], tuple[Ms, bool]] = field(default_factory=dict)
    _in_order: deque[tuple[Ms, tuple[str, int]]] = field(default_factory=deque)

    def put(self, key: tuple[str, int], at: Ms, good: bool | None) -> bool:
        """Count a decided visit, or correct it; ``good`` None: it does not count. True: new."""
        known = self._of_visit.get(key)
        if known is not None:
            if known[1] is good:
                return False
            self._take(key, known)
        elif good is None:
            return False
        if good is not None:
            self._of_visit[key] = (at, good)
            self._in_order.append((at, key))
            self.good += good
            self.all += 1
        return True

    def _take(self, key: tuple[str, int], known: tuple[Ms, bool]) -> None:
        del self._of_visit[key]
        self.good -= known[1]
        self.all -= 1

    def prune(self, now: Ms) -> None:
        """Forget what was decided longer ago than the span."""
        while self._in_order and self._in_order[0][0] <= now - SERVICE_LEVEL_SPAN:
            at, key = self._in_order.popleft()
            known = self._of_visit.get(key)
            if known is not None and known[0] == at:
                self._take(key, known)

    def shift(self, by: Ms) -> None:
        """The monitor's clock was set."""
        self._of_visit = {key: (at + by, good) for key, (at, good) in self._of_visit.items()}
        self._in_order = deque((at + by, key) for at, key in self._in_order)

    @property
    def changes_at(self) -> Ms | None:
        """When the oldest visit drops out."""
        return self._in_order[0][0] + SERVICE_LEVEL_SPAN if self._in_order else None


class Situation:
    """What is known of queues and their members, from the engine and its effects."""

    def __init__(self, engine: Engine, forecasts: Forecaster | None = None) -> None:
        self.engine = engine
        self.forecasts = forecasts
        self.windows: dict[QueueKey, ServiceWindow] = {}
        self._counts: dict[QueueKey, Counts] = {}
        self._counted: dict[tuple[str, str, str], tuple[bool, bool, bool]] = {}
        self._members: dict[QueueKey, dict[str, Member]] = {}
        self._rings: dict[QueueKey, deque[Ms]] = {}
        self._missed: dict[str, int] = {}
        self._openings = Openings()

    def refill(self) -> None:
        """Count all members anew."""
        self._counts.clear()
        self._counted.clear()
        self._members.clear()
        for member in self.engine.snapshot().members.values():
            self.on_member(member)

    # --- members --------------------------------------------------------------------------------

    def on_member(self, member: Member) -> bool:
        """Count a member as it is now; False when nothing that is counted changed."""
        reachable = member.device not in UNREACHABLE
        now = (
            member.state is MemberState.AVAILABLE,
            reachable,
            reachable and member.paused,
        )
        key = (member.pbx, member.queue, member.interface)
        self._members.setdefault(key[:2], {})[member.interface] = member
        before = self._counted.get(key)
        if before == now:
            return False
        self._counted[key] = now
        self._count(key[:2], before, now)
        return True

    def on_member_gone(self, gone: MemberGone) -> None:
        """Count a member no more."""
        key = (gone.pbx, gone.queue, gone.interface)
        self._members.get(key[:2], {}).pop(gone.interface, None)
        before = self._counted.pop(key, None)
        if before is not None:
            self._count(key[:2], before, None)

    def _count(
        self,
        key: QueueKey,
        before: tuple[bool, bool, bool] | None,
        now: tuple[bool, bool, bool] | None,
    ) -> None:
        counts = self._counts.setdefault(key, Counts())
        for flags, by in ((before, -1), (now, 1)):
            if flags is not None:
                counts.available += by * flags[0]
                counts.logged_in += by * flags[1]
                counts.paused += by * flags[2]

    def counts(self, pbx: str, queue: str) -> Counts:
        """How many members of the queue are what."""
        return self._counts.get((pbx, queue)) or Counts()

    def members(self, pbx: str, queue: str) -> dict[str, Member]:
        """The members of a queue, by interface."""
        return self._members.get((pbx, queue), {})

    # --- queues ---------------------------------------------------------------------------------

    def queue(self, pbx: str, queue: str) -> QueueState | None:
        """The queue as it is now; None for an unknown one."""
        return self.engine.queue_state(pbx, queue)

    def opening(self, pbx: str, queue: str, now: Ms) -> tuple[bool, Ms | None]:
        """Whether a queue is open by its calendar, else the centre's, and when that changes."""
        return self._openings.at(self.engine.policy, now, pbx, queue)

    def observed(self, pbx: str) -> bool:
        """Whether the PBX is connected and seen."""
        state = self.engine.pbx_state(pbx)
        return state is not None and state.link is LinkState.CONNECTED and state.blind_since is None

    def offset(self, pbx: str) -> Ms:
        """The monitor's clock minus the PBX's."""
        state = self.engine.pbx_state(pbx)
        return 0 if state is None else state.clock_offset

    # --- what calls tell ------------------------------------------------------------------------

    def on_call(self, call: Call) -> None:
        """Learn from a call how long members ring in its queue."""
        if call.closed:
            self._missed.pop(call.id, None)
            return
        visit = call.visits[-1]
        missed = self._missed.get(call.id, 0)
        if visit.missed == missed:
            return
        self._missed[call.id] = visit.missed
        for fact in reversed(call.facts):
            if fact.kind is FactKind.AGENT_MISSED:
                rang = fact.detail.get("rang_ms")
                if isinstance(rang, int) and rang > 0:
                    key = (call.pbx, visit.queue)
                    self._rings.setdefault(key, deque(maxlen=RINGS_REMEMBERED)).append(rang)
                return

    def count_visits(self, call: Call, now: Ms) -> set[str]:
        """Count a call's decided visits for the service levels; say of which queues one is new."""
        changed: set[str] = set()
        if not self.windows:
            return changed
        offset = self.offset(call.pbx)
        for number, visit in enumerate(call.visits):
            window = self.windows.get((call.pbx, visit.queue))
            if window is None or visit.exit is None:
                continue
            moment = offset + (visit.answered_at or visit.left_at or visit.joined_at)
            recent = moment > now - SERVICE_LEVEL_SPAN
            if recent and window.put((call.id, number), moment, _is_good(visit)):
                changed.add(visit.queue)
        return changed

    def clock_moved(self, by: Ms) -> None:
        """The monitor's clock was set."""
        for window in self.windows.values():
            window.shift(by)

    def ring_cycle(self, pbx: str, queue: str) -> Ms:
        """How long a round of ringing and the pause after it take at most, as far as observed."""
        rings = self._rings.get((pbx, queue))
        return (max(rings) if rings else DEFAULT_RING) + RETRY

    def lead(self, call: Call, queue: str, *, first: bool) -> Ms:
        """How long a withdrawal may take to take effect for a caller who waits.

        The queue looks between its rounds of ringing only; while no agent is free, the first in
        line is looked after every ``retry`` seconds, the others every second.
        """
        if call.visits and call.visits[-1].offers:
            return self.ring_cycle(call.pbx, queue)
        return RETRY if first else LOOK_FOR_TURN


def _is_good(visit: Visit) -> bool | None:
    """Whether a decided visit speaks for the service level; None: it does not count."""
    if visit.exit is Exit.ANSWERED:
        return None if visit.wait is None else visit.wait < visit.within
    return False if visit.exit is Exit.ABANDONED and not visit.short else None
