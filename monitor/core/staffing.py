"""Staffing: who was there, noted on a call's timeline at the moments that decide about it.

Asterisk says nothing about members when a caller waits in vain. What can be said afterwards about
why nobody came must be noted when it happens: when a caller joins a queue in which nobody is free,
becomes at risk, and gets a verdict other than met.

Made from effects only, beside the state machines; a call that is answered at once costs nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import (
    AtRiskRaised,
    Effect,
    MemberGone,
    MemberUpdated,
    QueueUpdated,
    VerdictGiven,
)
from monitor.core.engine import Engine
from monitor.core.records import Call, Exit, FactKind, Member, MemberState, Verdict, Visit

NOTED_VERDICTS: Final = frozenset({Verdict.BREACHED, Verdict.ABANDONED, Verdict.REFUSED})
FRESH: Final[Ms] = 5 * SECOND
"""What became known later than this says nothing about who was there at that moment."""
AHEAD: Final = 100
"""Callers ahead are counted so far; in a storm counting all would cost more than it tells."""

JOINING: Final = "joining"
AT_RISK: Final = "at_risk"

Detail = dict[str, str | int | None]
_QueueKey = tuple[str, str]


class _Elsewhere:
    """Whom members of a queue serve in other queues now: made once, asked for every caller.

    Args:
        visits: the answered visit of each member who does; None where it is not known.
    """

    def __init__(self, visits: Sequence[Visit | None]) -> None:
        known = [(v.answered_at, v) for v in visits if v is not None and v.answered_at is not None]
        known.sort(key=lambda pair: pair[0])
        self._members = len(visits)
        self._answered = [at for at, _ in known]
        self._joined = sorted(visit.joined_at for _, visit in known)
        self._queues: list[str] = []
        """Of those from here on, in the order of their answers."""
        names: set[str] = set()
        for _, visit in reversed(known):
            if visit.queue not in names:
                names.add(visit.queue)
                text = ", ".join(sorted(names))
            self._queues.append(text)
        self._queues.reverse()

    def since(self, visit: Visit) -> Detail:
        """What they mean for a caller.

        How many there are; how many of them were taken while the caller waited, of which queues;
        how many of those had joined after the caller.
        """
        if not self._members:
            return {}
        detail: Detail = {"elsewhere": self._members}
        first = bisect_left(self._answered, visit.joined_at)
        if first < len(self._answered):
            detail |= {"taken": len(self._answered) - first, "taken_by": self._queues[first]}
        later = len(self._joined) - bisect_right(self._joined, visit.joined_at)
        if later:
            detail["taken_later"] = later
        return detail


class Staffing:
    """Knows each queue's members, and notes how many of them did what when it matters."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._of_queue: dict[_QueueKey, dict[str, Member]] = {}
        self._of_interface: dict[tuple[str, str], dict[str, Member]] = {}
        self._free: dict[_QueueKey, set[str]] = {}
        self._newest: dict[_QueueKey, Ms] = {}
        """When the newest caller seen so far joined each queue."""

    def __call__(self, effects: Sequence[Effect], now: Ms) -> list[Effect]:
        """Note what effects ask for; returns the effects of that.

        Args:
            effects: what a step of the engine gave.
            now: the monitor's clock (ms).
        """
        moments: list[tuple[Call, Ms, str]] = []
        for effect in effects:
            match effect:
                case MemberUpdated(member):
                    self._on_member(member)
                case MemberGone():
                    self._on_member_gone(effect)
                case AtRiskRaised(call, at):
                    moments.append((call, at, AT_RISK))
                case VerdictGiven(call, verdict, _, at) if verdict in NOTED_VERDICTS:
                    moments.append((call, at, verdict.value))
                case QueueUpdated(pbx, queue):
                    self._look_for_joined((pbx, queue), moments)
        if not moments:
            return []
        counted: dict[_QueueKey, tuple[Detail, _Elsewhere]] = {}
        noted: list[Effect] = []
        for call, at, moment in moments:
            noted += self._note(call, at, moment, now, counted)
        return noted

    # --- who is there ---------------------------------------------------------------------------

    def _on_member(self, member: Member) -> None:
        key = (member.pbx, member.queue)
        self._of_queue.setdefault(key, {})[member.interface] = member
        mine = self._of_interface.setdefault((member.pbx, member.interface), {})
        mine[member.queue] = member
        free = self._free.setdefault(key, set())
        if member.state is MemberState.AVAILABLE:
            free.add(member.interface)
        else:
            free.discard(member.interface)

    def _on_member_gone(self, gone: MemberGone) -> None:
        key = (gone.pbx, gone.queue)
        self._of_queue.get(key, {}).pop(gone.interface, None)
        self._free.get(key, set()).discard(gone.interface)
        mine = self._of_interface.get((gone.pbx, gone.interface), {})
        mine.pop(gone.queue, None)
        if not mine:
            self._of_interface.pop((gone.pbx, gone.interface), None)

    def _look_for_joined(self, key: _QueueKey, moments: list[tuple[Call, Ms, str]]) -> None:
        """Find who joined a queue since the last look, where nobody is free for them."""
        state = self._engine.queue_state(*key)
        if state is None or not state.waiting:
            return
        seen = newest = self._newest.get(key, 0)
        for call in reversed(state.waiting.values()):
            joined = call.visits[-1].joined_at
            if joined <= seen:
                break
            newest = max(newest, joined)
            if not self._free.get(key):
                moments.append((call, joined, JOINING))
        self._newest[key] = newest

    # --- noting ---------------------------------------------------------------------------------

    def _note(
        self,
        call: Call,
        at: Ms,
        moment: str,
        now: Ms,
        counted: dict[_QueueKey, tuple[Detail, _Elsewhere]],
    ) -> list[Effect]:
        visit = call.visits[-1] if call.visits else None
        pbx = self._engine.pbx_state(call.pbx)
        if visit is None or pbx is None or pbx.blind_since is not None:
            return []
        if now - pbx.clock_offset - at > FRESH:
            return []
        if visit.left_at is not None and at - visit.left_at > FRESH:
            return []  # the caller is somewhere else by now
        key = (call.pbx, visit.queue)
        if key not in counted:
            answered = [self._answered(served) for served in self._elsewhere(key)]
            counted[key] = self._count(key), _Elsewhere(answered)
        members, elsewhere = counted[key]
        detail: Detail = {"queue": visit.queue, "moment": moment, **members}
        detail |= elsewhere.since(visit)
        detail |= self._in_line(key, call)
        return self._engine.note(call.id, at, FactKind.STAFFING, **detail)

    def _count(self, key: _QueueKey) -> Detail:
        """How many members do what; what nobody does is left out."""
        members = self._of_queue.get(key, {}).values()
        detail: Detail = {"members": len(members)}
        for member in members:
            name = member.state.value
            detail[name] = int(detail.get(name) or 0) + 1
        return detail

    def _elsewhere(self, key: _QueueKey) -> Iterable[Member]:
        """The places in other queues in which members of this one serve a caller now."""
        pbx, queue = key
        for interface, member in self._of_queue.get(key, {}).items():
            if member.call_id or member.state is MemberState.AVAILABLE:
                continue
            for other in self._of_interface[pbx, interface].values():
                if other.queue != queue and other.call_id:
                    yield other
                    break

    def _answered(self, member: Member) -> Visit | None:
        call = self._engine.call(member.call_id)
        visits = [] if call is None else call.visits
        for visit in reversed(visits):
            if visit.queue == member.queue and visit.exit is Exit.ANSWERED:
                return visit
        return None

    def _in_line(self, key: _QueueKey, call: Call) -> Detail:
        """How many wait, and how many of them joined before the call."""
        state = self._engine.queue_state(*key)
        if state is None:
            return {}
        detail: Detail = {"waiting": len(state.waiting)}
        if call.uniqueid in state.waiting:
            ahead = 0
            for other in islice(state.waiting, AHEAD):
                if other == call.uniqueid:
                    break
                ahead += 1
            if ahead:
                detail["ahead"] = ahead
        return detail
