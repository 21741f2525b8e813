"""What rules did for each caller, and how often each rule acted: what limits are kept by."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from monitor.core.clock import MINUTE, Ms
from monitor.core.overflow.agenda import Agenda
from monitor.core.overflow.decisions import (
    Because,
    Command,
    Decision,
    Outcome,
    RedirectChannel,
    WithdrawCaller,
)
from monitor.core.overflow.rules import OverflowRule
from monitor.core.records import Call, Exit

REMEMBERED: Final[Ms] = 2 * MINUTE
"""How long a caller is remembered after the last that was said or done about them."""

COUNTS_AS_HOP: Final = frozenset(
    {Outcome.PENDING, Outcome.MOVED, Outcome.STILL_WAITING, Outcome.NOT_OBSERVED}
)


Part = tuple[str, str, int]
"""(rule, place, number of the visit or stay): what a rule does once for a caller."""


@dataclass(slots=True)
class Caller:
    """What rules did for one caller."""

    id: str
    in_flight: Command | None = None
    commands: list[Command] = field(default_factory=list)
    last_act: Ms | None = None
    """The monitor's clock."""
    cool_down: Ms = 0
    told: set[tuple[str, Because]] = field(default_factory=set)
    """What was recorded once and is not said again: (rule, reason)."""
    done: set[Part] = field(default_factory=set)
    """What rules have done."""
    part: Part | None = None
    """What the command in flight is to do."""
    answers: dict[str, tuple[Decision, Ms]] = field(default_factory=dict)
    """By queue: the last answer "move", and until when it is given again."""
    sent_on: int = 0
    """How often an answer to the PBX sent the caller on."""

    def cools_until(self, now: Ms) -> Ms | None:
        """Until when nothing else is done for the caller; None: something may be done."""
        if self.last_act is None or not self.last_act <= now < self.last_act + self.cool_down:
            return None
        return self.last_act + self.cool_down

    def began(self, command: Command, part: Part) -> None:
        """A command was issued for the caller."""
        self.in_flight, self.part = command, part
        self.commands.append(command)

    def settled(self, command: Command) -> None:
        """The command got its outcome."""
        if self.in_flight is not command:
            return
        self.in_flight = None
        if command.outcome is Outcome.STILL_WAITING and self.part is not None:
            # The PBX took it and nothing came of it: after the cool-down it may be decided anew.
            self.done.discard(self.part)
        if command.outcome is Outcome.FAILED:
            self.last_act = None  # nothing was done, so another rule may help at once

    def acted(self, rule: OverflowRule, now: Ms) -> None:
        """Something was done for the caller."""
        self.last_act, self.cool_down = now, rule.cool_down

    def clock_moved(self, by: Ms) -> None:
        """The monitor's clock was set."""
        if self.last_act is not None:
            self.last_act += by
        self.answers = {queue: (said, until + by) for queue, (said, until) in self.answers.items()}

    def hops(self, call: Call | None) -> int:
        """How often rules moved the caller so far, also those before a restart of the monitor."""
        moves = self.sent_on + sum(
            isinstance(command.order, WithdrawCaller | RedirectChannel)
            and command.outcome in COUNTS_AS_HOP
            for command in self.commands
        )
        visits = () if call is None else call.visits
        return max(moves, sum(visit.exit is Exit.WITHDRAWN for visit in visits))


class Callers:
    """The callers for whom something was decided; forgotten a while after the last of it."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}
        self._forget: Agenda[str] = Agenda()

    def find(self, call_id: str) -> Caller | None:
        """What is remembered of a caller."""
        return self._callers.get(call_id)

    def get(self, call_id: str, now: Ms) -> Caller:
        """The caller, remembered from now on."""
        caller = self._callers.get(call_id)
        if caller is None:
            caller = self._callers[call_id] = Caller(call_id)
        self._forget.set(call_id, now + max(REMEMBERED, caller.cool_down))
        return caller

    def forget_due(self, now: Ms, live: Callable[[str], bool]) -> list[str]:
        """Forget the callers of whom nothing is expected any more; say whom."""
        gone: list[str] = []
        for call_id in self._forget.pop_due(now):
            caller = self._callers.get(call_id)
            if caller is not None and (caller.in_flight is not None or live(call_id)):
                self._forget.set(call_id, now + REMEMBERED)
            elif caller is not None:
                del self._callers[call_id]
                gone.append(call_id)
        return gone

    def clock_moved(self, by: Ms) -> None:
        """The monitor's clock was set."""
        self._forget.shift(by)
        for caller in self._callers.values():
            caller.clock_moved(by)

    @property
    def next_at(self) -> Ms | None:
        """When the next may be forgotten."""
        return self._forget.next_at

    def __len__(self) -> int:
        return len(self._callers)

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._callers


class Caps:
    """Rate caps: the moments (monitor's clock) at which each rule moved somebody on each PBX."""

    def __init__(self) -> None:
        self._moves: dict[tuple[str, str], deque[Ms]] = {}

    def used(self, rule: OverflowRule, pbx: str, now: Ms) -> int:
        """How many were moved within the last ``rule.per`` ms."""
        moves = self._moves.get((rule.id, pbx))
        if moves is None:
            return 0
        while moves and moves[0] <= now - rule.per:
            moves.popleft()
        return len(moves)

    def free_at(self, rule: OverflowRule, pbx: str, now: Ms) -> Ms | None:
        """When the rule may move the next one; None: at once."""
        used = self.used(rule, pbx, now)
        if used < rule.at_most:
            return None
        if rule.at_most <= 0:
            return now + rule.per
        return self._moves[rule.id, pbx][used - rule.at_most] + rule.per

    def clock_moved(self, by: Ms) -> None:
        """The monitor's clock was set."""
        for key, moves in self._moves.items():
            self._moves[key] = deque(at + by for at in moves)

    def count(self, rule: OverflowRule, pbx: str, now: Ms) -> None:
        """Count a move."""
        self._moves.setdefault((rule.id, pbx), deque()).append(now)
