"""Two queues, drawn by a seed, with or without a rule in force: the truth that a backtest meets.

Every caller draws from a seed of their own, so that the same callers come, talk and give up whether
somebody was moved or not. Made directly as records: nothing here is shared with what is tested.
"""

import heapq
import random
from dataclasses import dataclass, field
from itertools import count

from monitor.core.clock import MINUTE, SECOND, Ms
from monitor.core.records import Call, Exit, HandledBy, Verdict, Visit
from tests.core.story import PBX, T0

RING: Ms = 3 * SECOND
WRAP_UP: Ms = 10 * SECOND


@dataclass
class TwoQueues:
    """``support`` is short of agents, ``backup`` has some; ``shared`` agents serve both."""

    seed: int = 1
    callers: int = 1_500
    between: float = 18.0
    talk: float = 120.0
    patience: float = 180.0
    share_of_support: float = 0.65
    support: int = 5
    backup: int = 4
    shared: int = 0
    breaks: bool = False
    """Every agent is away for ten minutes of each hour, one after the other."""
    move_after: Ms | None = None
    """The rule: whoever has waited so long in support is moved to backup."""
    calls: list[Call] = field(default_factory=list)
    moved: int = 0

    def run(self) -> "TwoQueues":
        """Let all callers come and go."""
        self._agenda: list[tuple[Ms, int, str, Call]] = []
        self._order = count()
        self._lines: dict[str, list[Call]] = {"support": [], "backup": []}
        self._idle: list[tuple[Ms, str, tuple[str, ...]]] = [
            *((0, f"PJSIP/s{n}", ("support",)) for n in range(self.support)),
            *((0, f"PJSIP/b{n}", ("backup",)) for n in range(self.backup)),
            *((0, f"PJSIP/x{n}", ("support", "backup")) for n in range(self.shared)),
        ]
        self._talks: dict[str, tuple[Ms, str, tuple[str, ...]]] = {}
        draw, at = random.Random(self.seed), float(T0)
        for number in range(self.callers):
            at += draw.expovariate(1 / self.between) * SECOND
            call = Call(PBX, f"{number}.1", round(at), caller="01990", clock_started_at=round(at))
            self.calls.append(call)
            self._put(round(at), "arrive", call)
        while self._agenda:
            moment, _, what, call = heapq.heappop(self._agenda)
            getattr(self, f"_{what}")(call, moment)
        return self

    @property
    def breaches(self) -> int:
        """Calls that missed the deadline."""
        return sum(call.verdict is Verdict.BREACHED for call in self.calls)

    def _put(self, at: Ms, what: str, call: Call) -> None:
        heapq.heappush(self._agenda, (at, next(self._order), what, call))

    def _own(self, call: Call, use: str) -> random.Random:
        return random.Random(f"{self.seed} {call.uniqueid} {use}")

    def _arrive(self, call: Call, at: Ms) -> None:
        to_support = self._own(call, "queue").random() < self.share_of_support
        patience = self._own(call, "patience").expovariate(1 / self.patience)
        self._put(round(at + patience * SECOND), "give_up", call)
        self._join(call, "support" if to_support else "backup", at)
        if to_support and self.move_after is not None:
            self._put(at + self.move_after, "move", call)

    def _join(self, call: Call, queue: str, at: Ms) -> None:
        call.visits.append(Visit(queue, at, MINUTE))
        self._lines[queue].append(call)
        self._match(at)

    def _match(self, at: Ms) -> None:
        for queue, line in self._lines.items():
            while line:
                who = min((a for a in self._idle if queue in a[2]), default=None)
                if who is None:
                    break
                self._idle.remove(who)
                call = line.pop(0)
                visit = call.visits[-1]
                visit.answered_at = visit.left_at = at + RING
                visit.exit, visit.interface = Exit.ANSWERED, who[1]
                talk = round(self._own(call, "talk").expovariate(1 / self.talk) * SECOND)
                visit.ended_at = at + RING + talk
                call.handled_at, call.handled_by = visit.answered_at, HandledBy.AGENT
                self._talks[call.id] = (visit.ended_at + WRAP_UP, who[1], who[2])
                self._put(visit.ended_at, "end", call)
                self._put(visit.ended_at + WRAP_UP, "free", call)

    def _free(self, call: Call, at: Ms) -> None:
        _, who, queues = self._talks[call.id]
        back = self._back_from_break(who, at)
        if back > at:
            self._put(back, "free", call)
            return
        self._idle.append((at, who, queues))
        self._match(at)

    def _back_from_break(self, who: str, at: Ms) -> Ms:
        if not self.breaks:
            return at
        begin = random.Random(who).randrange(50) * MINUTE
        into_the_hour = (at - T0) % (60 * MINUTE)
        away = begin <= into_the_hour < begin + 10 * MINUTE
        return at - into_the_hour + begin + 10 * MINUTE if away else at

    def _give_up(self, call: Call, at: Ms) -> None:
        for line in self._lines.values():
            if call in line:
                line.remove(call)
                call.visits[-1].left_at, call.visits[-1].exit = at, Exit.ABANDONED
                call.caller_hung_up = True
                self._end(call, at)

    def _move(self, call: Call, at: Ms) -> None:
        if call in self._lines["support"]:
            self._lines["support"].remove(call)
            call.visits[-1].left_at, call.visits[-1].exit = at, Exit.WITHDRAWN
            self.moved += 1
            self._join(call, "backup", at)

    def _end(self, call: Call, at: Ms) -> None:
        call.ended_at, call.closed = at, True
        handled = call.handled_at
        late = (at if handled is None else handled) >= call.arrived_at + MINUTE
        in_time = Verdict.MET if handled is not None else Verdict.ABANDONED
        call.verdict = Verdict.BREACHED if late else in_time
