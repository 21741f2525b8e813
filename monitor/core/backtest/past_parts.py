"""Parts of a recorded centre that is run again: callers who wait, agents, and who watches."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from monitor.core.clock import MINUTE, Ms
from monitor.core.overflow.forecast import talk_of
from monitor.core.records import Call, Exit

SEEN: Final[Ms] = 30 * MINUTE
"""An agent counts as logged in to a queue this long before and after each caller they took."""


class Step(IntEnum):
    """Kinds of events, in the order in which they are taken in the same millisecond."""

    FREE = 0
    LEAVE = 1
    JOIN = 2
    TURN = 3
    LOOK = 4


@dataclass(slots=True, eq=False)
class Waiter:
    """A caller in one queue: ``answer`` by ``agent``, or ``leaves``, as the record has it."""

    call: Call
    seen: Call
    """The call as it was known on joining, with no later visits."""
    queue: str
    joined: Ms
    answer: Ms | None = None
    agent: "Agent | None" = None
    leaves: Ms | None = None
    talk: Ms | None = None
    off_record: bool = False
    """Moved here, or lost their turn to somebody else."""
    done: bool = False
    answered_at: Ms | None = None
    left_at: Ms | None = None
    due: Ms | None = None
    """For whoever watches: when to look at this caller."""

    @property
    def changed(self) -> bool:
        """Whether the caller was answered, or not, other than the record says."""
        return self.off_record or self.answered_at != self.answer


@dataclass(slots=True, eq=False)
class Agent:
    """An agent, by interface, with their turns in order."""

    turns: list[Waiter] = field(default_factory=list)
    answers: dict[str, list[Ms]] = field(default_factory=dict)
    """Moments of the recorded answers by queue, in order."""
    passed: int = 0
    busy_until: Ms = 0
    free_since: Ms = 0
    answered_at: Ms = 0
    serves: str = ""
    """The queue of the caller they talk to."""
    altered: bool = False
    """They talk to somebody else than the record says."""

    def next_turn(self, now: Ms) -> Waiter | None:
        """The next caller whom they would take by the record, and who still is to be taken."""
        turns = self.turns
        while self.passed < len(turns):
            turn = turns[self.passed]
            if not turn.done and turn.answer is not None and turn.answer >= now:
                return turn
            self.passed += 1
        return None

    def last_turn(self, now: Ms) -> Waiter | None:
        """The last caller whom they took by the record."""
        index = bisect_right(self.turns, now, key=lambda turn: turn.answer or 0)
        return self.turns[index - 1] if index else None

    def is_seen(self, queue: str, now: Ms) -> bool:
        """Whether they took a caller of the queue shortly before or after."""
        answers = self.answers[queue]
        index = bisect_left(answers, now - SEEN)
        return index < len(answers) and answers[index] <= now + SEEN


class Spans:
    """Spans of time, all added before the first is looked up."""

    def __init__(self) -> None:
        self._begins: list[Ms] = []
        self._ends: list[Ms] = []
        self._added: list[tuple[Ms, Ms]] = []

    def add(self, begin: Ms, end: Ms) -> None:
        """Add a span."""
        self._added.append((begin, end))

    def overlaps(self, begin: Ms, end: Ms) -> bool:
        """Whether any span and this one have a moment in common."""
        if self._added:
            self._merge()
        index = bisect_right(self._begins, end) - 1
        return index >= 0 and self._ends[index] >= begin

    def _merge(self) -> None:
        for begin, end in sorted(self._added):
            if self._ends and begin <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._begins.append(begin)
                self._ends.append(end)
        self._added.clear()


class Watch:
    """What is told of the events; does nothing by itself."""

    def asks(self, waiter: Waiter, now: Ms) -> bool:
        """A caller is about to join a queue; True: they were sent elsewhere."""
        del waiter, now
        return False

    def joined(self, waiter: Waiter, now: Ms) -> None:
        """A caller joined a queue."""

    def changed(self, queue: str, now: Ms) -> None:
        """Somebody joined or left a queue, or one of its agents came free."""

    def decided(self, waiter: Waiter, at: Ms) -> None:
        """A caller was answered or left, at ``at``."""

    def look(self, what: object, now: Ms) -> None:
        """The moment that was asked for with :meth:`PastCentre.look_at` has come."""


def as_of(call: Call, visits: int) -> Call:
    """A call as it was known while in its visit number ``visits``, or after so many."""
    until = call.visits[visits].joined_at if visits < len(call.visits) else None
    return Call(
        call.pbx, call.uniqueid, call.arrived_at, channel=call.channel, caller=call.caller,
        within=call.within, at_risk_after=call.at_risk_after,
        clock_started_at=call.clock_started_at, verdict=call.verdict,
        visits=call.visits[: visits + 1],
        stays=[stay for stay in call.stays if until is None or stay.entered_at <= until],
    )  # fmt: skip


def any_talk(call: Call) -> Ms | None:
    """How long the caller talked to the first agent who had them; None: nobody had."""
    answered = (visit for visit in call.visits if visit.exit is Exit.ANSWERED)
    return next((talk_of(call, visit) for visit in answered), None)


def waited_until(call: Call) -> tuple[Ms | None, bool]:
    """Until when the caller is known to have waited for an agent, and whether they gave up then."""
    for visit in call.visits:
        if visit.exit is Exit.ANSWERED:
            return visit.answered_at, False
    last = call.visits[-1] if call.visits else None
    return (None, False) if last is None else (last.left_at, last.exit is Exit.ABANDONED)
