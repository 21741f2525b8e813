"""A recorded centre, run again: what would have happened had a caller been moved.

As long as nobody is moved, every caller is answered when, and by whom, the record says. Each answer
of the record is a *turn*: an agent who takes a caller of that queue. When a caller is moved away,
their turn goes to the next in line; in the queue that they are moved to they stand behind those who
wait there, and take the turn of whoever comes next, who then takes a later one, and so on until an
agent is found who had nothing to do. So the callers behind are shifted in both queues, and agents
who serve two queues cannot be in both.

Assumed: lines are first come, first served, where they differ from the record at all. A talk lasts
as long as it did, whoever takes it. Callers who gave up would have given up at the same moment;
those who have to wait longer than they did go on for a time drawn from the patience of all. How
long agents need between two callers, and how long phones ring, is taken from the shortest that the
record shows. tests/core/overflow holds the estimate against centres of which the truth is known.
"""

from bisect import insort
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

from monitor.core.backtest.past_habits import Habits, habits_of
from monitor.core.backtest.past_parts import (
    SEEN,
    Agent,
    Spans,
    Step,
    Waiter,
    Watch,
    any_talk,
    as_of,
    waited_until,
)
from monitor.core.clock import MINUTE, SECOND, Ms
from monitor.core.live import QueueState
from monitor.core.overflow.forecast import QueueHistory, talk_of
from monitor.core.records import Call, Exit, Visit

GRACE: Final[Ms] = 5 * SECOND
"""Who lets a caller wait for so much longer than a ring is away, however idle they look."""
NEVER_JOINED: Final = frozenset({Exit.JOIN_EMPTY, Exit.FULL})


class PastCentre:
    """One PBX as it was recorded, and as it goes on once somebody is moved."""

    def __init__(self, pbx: str, calls: Iterable[Call], watch: Watch) -> None:
        self.pbx = pbx
        self.watch = watch
        self.lines: dict[str, QueueState] = {}
        self.histories: dict[str, QueueHistory] = {}
        self.changed: list[Waiter] = []
        self.unclear: list[Call] = []
        """A call for each visit of which nobody saw the end: left out."""
        self._waiters: dict[str, Waiter] = {}
        """Who waits, by call id."""
        self._over: set[str] = set()
        """Calls whose later visits did not happen."""
        self._agents: dict[str, Agent] = {}
        self._agents_of: dict[str, list[Agent]] = {}
        self._starving: dict[str, Spans] = {}
        self._present: dict[str, tuple[Ms, list[Agent]]] = {}
        self._agenda: list[tuple[Ms, int, int, object]] = []
        self._order = count()
        calls = list(calls)
        self._habits = habits_of(calls)
        for call in calls:
            self._take_in(call)
        for agent in self._agents.values():
            agent.turns.sort(key=lambda turn: turn.answer or 0)
        heapify(self._agenda)

    # --- the record -----------------------------------------------------------------------------

    def _take_in(self, call: Call) -> None:
        for number, visit in enumerate(call.visits):
            if visit.exit in NEVER_JOINED:
                continue
            end = visit.answered_at if visit.exit is Exit.ANSWERED else visit.left_at
            if end is None or visit.exit is None or end < visit.joined_at:
                self.unclear.append(call)
                continue
            waiter = Waiter(call, as_of(call, number), visit.queue, visit.joined_at)
            if visit.exit is Exit.ANSWERED:
                waiter.answer, waiter.talk = end, talk_of(call, visit)
                waiter.agent = self._agent_of(visit, f"{call.id}/{number}")
                waiter.agent.turns.append(waiter)
                insort(waiter.agent.answers.setdefault(visit.queue, []), end)
                self._put(end, Step.TURN, waiter)
            else:
                waiter.leaves = end
                self._put(end, Step.LEAVE, waiter)
            self._put(visit.joined_at, Step.JOIN, waiter)
            patient = visit.joined_at + self.habits(visit.queue).ring + GRACE
            if end > patient:
                self._starving.setdefault(visit.queue, Spans()).add(patient, end)

    def _agent_of(self, visit: Visit, nobody: str) -> Agent:
        name = visit.interface or visit.agent or nobody
        agent = self._agents.get(name)
        if agent is None:
            agent = self._agents[name] = Agent()
        if visit.queue not in agent.answers:
            self._agents_of.setdefault(visit.queue, []).append(agent)
        return agent

    def _put(self, at: Ms, step: Step, what: object) -> None:
        self._agenda.append((at, step, next(self._order), what))

    def habits(self, queue: str) -> Habits:
        """How long things take in a queue."""
        return self._habits.get(queue) or Habits()

    # --- running --------------------------------------------------------------------------------

    def run(self, until: Ms, stop: Callable[[], None]) -> None:
        """Run to ``until``; ``stop`` is called now and then, and may raise."""
        steps = {
            Step.FREE: self._on_free, Step.JOIN: self._on_join, Step.LEAVE: self._on_leave,
            Step.TURN: self._on_turn, Step.LOOK: self.watch.look,
        }  # fmt: skip
        taken = 0
        while self._agenda and self._agenda[0][0] < until:
            at, step, _, what = heappop(self._agenda)
            steps[Step(step)](what, at)
            taken += 1
            if taken % 1024 == 0:
                stop()

    def look_at(self, what: object, at: Ms) -> None:
        """Have the watch called at a moment."""
        heappush(self._agenda, (at, Step.LOOK, next(self._order), what))

    def _on_join(self, what: object, now: Ms) -> None:
        assert isinstance(what, Waiter)  # noqa: S101 - what was put there
        if what.done:
            return  # left in the same millisecond
        if what.call.id in self._waiters:
            self._over.add(what.call.id)  # still waits elsewhere, where the record went on
        if what.call.id in self._over or self.watch.asks(what, now):
            what.done = True
            return
        self._stand_in_line(what, now)

    def _stand_in_line(self, waiter: Waiter, now: Ms) -> None:
        self.line(waiter.queue).join(waiter.seen)
        self._waiters[waiter.call.id] = waiter
        self._serve_free(waiter.queue, now)
        if not waiter.done:
            self.watch.joined(waiter, now)
        self.watch.changed(waiter.queue, now)

    def _on_leave(self, what: object, now: Ms) -> None:
        assert isinstance(what, Waiter)  # noqa: S101
        if what.done:
            return
        self._take_off(what)
        what.left_at = now
        if what.off_record:
            self._over.add(what.call.id)
        if what.off_record or what.call.visits[-1].exit is Exit.ABANDONED:
            self.history(what.queue).add_wait(now - what.joined, gave_up=True)
        self.watch.decided(what, now)
        self._serve_free(what.queue, now)
        self.watch.changed(what.queue, now)

    def _on_turn(self, what: object, now: Ms) -> None:
        """An agent takes a caller, as the record says, or the one who stands there instead."""
        assert isinstance(what, Waiter)  # noqa: S101
        agent, queue = what.agent, what.queue
        if agent is None:
            return
        if agent.altered and agent.busy_until > now:
            if not what.done:
                self._lose_turn(what, now)
        elif what.done:
            first = self.first(queue)
            if first is not None:
                self._serve(first, agent, now)
        else:
            ahead = self._ahead(what)
            self._serve(ahead or what, agent, now)
            if ahead is not None:
                self._lose_turn(what, now)
        self.watch.changed(queue, now)

    def _on_free(self, what: object, now: Ms) -> None:
        """An agent has done with a caller."""
        assert isinstance(what, Agent)  # noqa: S101
        if what.busy_until != now:
            return
        self.history(what.serves).talks.add(now - what.answered_at)
        what.altered, what.free_since = False, now
        for name in what.answers:
            self._serve_free(name, now)
            self.watch.changed(name, now)

    # --- who serves whom ------------------------------------------------------------------------

    def _lose_turn(self, waiter: Waiter, now: Ms) -> None:
        if not waiter.off_record:
            waiter.off_record = True
            self.changed.append(waiter)
            self._lose_patience(waiter, now)
        self._serve_free(waiter.queue, now)

    def _lose_patience(self, waiter: Waiter, now: Ms) -> None:
        """Have a caller who waits longer than the record knows of give up some time."""
        until, gave_up = waited_until(waiter.call)
        until = now if until is None else max(now, until)
        if not gave_up:
            longer = self.habits(waiter.queue).waits_on(waiter.call.id)
            if longer is None:
                return
            until += longer
        waiter.leaves = until
        heappush(self._agenda, (until, Step.LEAVE, next(self._order), waiter))

    def _ahead(self, waiter: Waiter) -> Waiter | None:
        """Somebody without a turn of their own who stands before this caller."""
        for call in self.line(waiter.queue).waiting.values():
            other = self._waiters[call.id]
            if other is waiter:
                return None
            if other.off_record:
                return other
        return None

    def _serve_free(self, queue: str, now: Ms) -> None:
        """Have agents who are free take callers, as far as the record does not say otherwise."""
        while self.line(queue).waiting:
            waiter, agent = self._pair(queue, now)
            if waiter is None or agent is None:
                return
            self._serve(waiter, agent, now + self.habits(queue).ring)

    def _pair(self, queue: str, now: Ms) -> tuple[Waiter | None, Agent | None]:
        """Who is to be served next, and by whom.

        An agent who is free when the record says that they talk takes whoever gains by it. One who
        is free by the record too takes only who has no turn: that they took nobody else then had
        its reasons.
        """
        first = self.first(queue)
        if first is None:
            return None, None
        answer = now + self.habits(queue).ring
        free = [agent for agent in self.present(queue, now) if agent.busy_until <= now]
        if not first.off_record:
            free = [agent for agent in free if self._talks_by_record(agent, now)]
            if not free:
                return None, None
        idle = [agent for agent in free if self.is_idle(agent, queue, now)]
        if not idle:
            return None, None
        agent = max(idle, key=lambda one: self._slack(one, now))
        if not self._talks_by_record(agent, now):
            gains = first.leaves is None or first.leaves > answer
            return (first, agent) if gains else (None, None)
        waiting = self.waiters(queue)
        return next((waiter for waiter in waiting if _gains(waiter, answer)), None), agent

    def _talks_by_record(self, agent: Agent, now: Ms) -> bool:
        """Whether the record has the agent busy now."""
        turn = agent.last_turn(now)
        return turn is not None and now < self._ends_by_record(turn)

    def _ends_by_record(self, turn: Waiter) -> Ms:
        """When the record has the agent done with a caller."""
        habits = self.habits(turn.queue)
        talk = habits.talk if turn.talk is None else turn.talk
        return (turn.answer or 0) + talk + habits.wrap_up

    def _slack(self, agent: Agent, now: Ms) -> tuple[bool, Ms]:
        """Whom to take first: who talks by the record, then who has nothing to do for longest."""
        turn = agent.next_turn(now)
        return self._talks_by_record(agent, now), now + SEEN if turn is None else turn.answer or 0

    def _serve(self, waiter: Waiter, agent: Agent, at: Ms) -> None:
        self._take_off(waiter)
        waiter.answered_at = at
        own = waiter.agent is agent and waiter.answer == at
        if not own:
            self._over.add(waiter.call.id)
            if not waiter.off_record:
                self.changed.append(waiter)
        habits, history = self.habits(waiter.queue), self.history(waiter.queue)
        history.rings.add(habits.ring)
        history.add_wait(max(0, at - waiter.joined), gave_up=False)
        self.watch.decided(waiter, at)
        talk = habits.talk if waiter.talk is None else waiter.talk
        agent.serves, agent.answered_at, agent.altered = waiter.queue, at, not own
        agent.busy_until = at + talk + habits.wrap_up
        heappush(self._agenda, (agent.busy_until, Step.FREE, next(self._order), agent))

    def _take_off(self, waiter: Waiter) -> None:
        waiter.done = True
        self.line(waiter.queue).waiting.pop(waiter.call.uniqueid, None)
        if self._waiters.get(waiter.call.id) is waiter:
            del self._waiters[waiter.call.id]

    # --- moving ---------------------------------------------------------------------------------

    def move(self, call: Call, seen: Call, waiter: Waiter | None, to: str, now: Ms) -> Waiter:
        """Have a caller leave where they are, and join the queue ``to`` (empty: none)."""
        if waiter is not None:
            self._take_off(waiter)
        self._over.add(call.id)
        moved = Waiter(call, seen, to, now, off_record=True, talk=any_talk(call))
        self.changed.append(moved)
        if not to:
            moved.done = True
            return moved
        moved.seen = as_of(seen, len(seen.visits))
        moved.seen.visits.append(Visit(to, now, call.within))
        self._lose_patience(moved, now)
        self._stand_in_line(moved, now)
        if waiter is not None:
            self.watch.changed(waiter.queue, now)
        return moved

    # --- looking --------------------------------------------------------------------------------

    def line(self, queue: str) -> QueueState:
        """Who waits in a queue, in order."""
        found = self.lines.get(queue)
        if found is None:
            found = self.lines[queue] = QueueState(self.pbx, queue)
        return found

    def history(self, queue: str) -> QueueHistory:
        """What the last visits to a queue tell of it."""
        found = self.histories.get(queue)
        if found is None:
            found = self.histories[queue] = QueueHistory()
        return found

    def waiters(self, queue: str) -> list[Waiter]:
        """Who waits in a queue, in order."""
        return [self._waiters[call.id] for call in self.line(queue).waiting.values()]

    def first(self, queue: str) -> Waiter | None:
        """Who is next in a queue."""
        call = next(iter(self.line(queue).waiting.values()), None)
        return None if call is None else self._waiters[call.id]

    def is_over(self, call: Call) -> bool:
        """Whether what the record says of the call from here on did not happen."""
        return call.id in self._over

    def present(self, queue: str, now: Ms) -> list[Agent]:
        """The agents who seem to be logged in to a queue."""
        minute, agents = self._present.get(queue, (-1, []))
        if minute != now // MINUTE:
            agents = [a for a in self._agents_of.get(queue, ()) if a.is_seen(queue, now)]
            self._present[queue] = (now // MINUTE, agents)
        return agents

    def is_idle(self, agent: Agent, queue: str, now: Ms) -> bool:
        """Whether an agent could take a caller of the queue at once."""
        if agent.busy_until > now:
            return False
        turn = agent.next_turn(now)
        if turn is not None and (turn.answer or 0) - self.habits(turn.queue).ring <= now:
            return False  # rings for that caller already
        if self._talks_by_record(agent, now):
            return True
        last, begin, end = agent.last_turn(now), now - SEEN, now + SEEN
        if last is not None:
            begin = max(begin, self._ends_by_record(last))
        if turn is not None:
            end = min(end, (turn.answer or end) - self.habits(turn.queue).ring)
        starving = self._starving.get(queue)
        return starving is None or not starving.overlaps(begin, end)


def _gains(waiter: Waiter, answer: Ms) -> bool:
    """Whether an answer at that moment is earlier than what the record has in store."""
    if waiter.off_record:
        return waiter.leaves is None or waiter.leaves > answer
    recorded = waiter.leaves if waiter.answer is None else waiter.answer
    return recorded is not None and recorded > answer
