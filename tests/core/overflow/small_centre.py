"""A small contact centre, drawn by a seed: one queue, some agents, callers with some patience.

It speaks the core's events, so what is tested on it takes the same way as in life.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from monitor.core import events as ev
from monitor.core.clock import SECOND, Ms
from tests.core.story import PBX, ms

QUEUE = "support"


@dataclass
class Habits:
    """What a centre is like. Seconds."""

    agents: int = 5
    between_calls: float = 30.0
    talk: float = 120.0
    wrap_up: float = 10.0
    ring: tuple[float, float] = (2.0, 6.0)
    patience: float = 120.0
    spread: float | None = None
    """None: talks are exponential; else log-normal with this sigma."""
    patient_every: int = 0
    """Every so many-th caller never gives up; 0: none."""

    def is_patient(self, uniqueid: str) -> bool:
        """Whether a caller never gives up."""
        number = int(uniqueid.partition(".")[0])
        return self.patient_every > 0 and number % self.patient_every == 0


@dataclass
class SmallCentre:
    """Runs by itself; ``events`` yields what its PBX says, in order of time."""

    habits: Habits
    seed: int = 1
    _agenda: list[tuple[Ms, int, Callable[[Ms], None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _said: list[ev.Event] = field(default_factory=list)
    _line: list[str] = field(default_factory=list)
    _offered: set[str] = field(default_factory=set)
    _idle: list[int] = field(default_factory=list)
    _calls: Iterator[int] = field(default_factory=count)

    def events(self, seconds: float) -> Iterator[ev.Event]:
        """What the PBX says from the story's begin on."""
        self._draw = random.Random(self.seed)
        for agent in range(self.habits.agents):
            self._member(agent, ms(0), ev.DeviceState.NOT_IN_USE)
            self._idle.append(agent)
        self._at(ms(0), self._arrive)
        while self._agenda and self._agenda[0][0] < ms(seconds):
            at, _, do = heapq.heappop(self._agenda)
            do(at)
            yield from self._said
            self._said.clear()

    def _at(self, at: float, do: Callable[[Ms], None]) -> None:
        heapq.heappush(self._agenda, (round(at), next(self._order), do))

    def _member(self, agent: int, at: Ms, device: ev.DeviceState, last_call: Ms = 0) -> None:
        self._said.append(
            ev.MemberChanged(
                PBX, at, QUEUE, f"PJSIP/{agent}", f"Agent {agent}", device,
                paused=False, pause_reason="", in_call=device is ev.DeviceState.IN_USE,
                penalty=0, calls_taken=0, last_call=last_call,
                wrap_up=round(self.habits.wrap_up * SECOND),
            )
        )  # fmt: skip

    def _arrive(self, at: Ms) -> None:
        number = next(self._calls)
        uniqueid = f"{number}.1"
        draw = self._draw
        self._said += [
            ev.ChannelArrived(
                PBX, at, uniqueid, uniqueid, f"PJSIP/t-{number}", "incoming", "s", "01990", ""
            ),
            ev.DialplanStep(PBX, at, uniqueid, "incoming", "s", "Queue", QUEUE),
            ev.QueueJoined(PBX, at, uniqueid, QUEUE, len(self._line) + 1),
        ]
        self._line.append(uniqueid)
        patience = draw.expovariate(1 / self.habits.patience)
        if not self.habits.is_patient(uniqueid):
            self._at(at + patience * SECOND, lambda then: self._give_up(uniqueid, then))
        gap = draw.expovariate(1 / self.habits.between_calls)
        self._at(at + gap * SECOND, self._arrive)
        self._dispatch(at)

    def _dispatch(self, at: Ms) -> None:
        for uniqueid in self._line:
            if not self._idle:
                return
            if uniqueid not in self._offered:
                self._offer(uniqueid, self._idle.pop(0), at)

    def _offer(self, uniqueid: str, agent: int, at: Ms) -> None:
        self._offered.add(uniqueid)
        self._said.append(
            ev.AgentOffered(PBX, at, uniqueid, QUEUE, f"PJSIP/{agent}", f"Agent {agent}")
        )
        self._member(agent, at, ev.DeviceState.RINGING)
        ring = self._draw.uniform(*self.habits.ring)
        self._at(at + ring * SECOND, lambda then: self._answer(uniqueid, agent, then))

    def _answer(self, uniqueid: str, agent: int, at: Ms) -> None:
        if uniqueid not in self._line:
            self._member(agent, at, ev.DeviceState.NOT_IN_USE)
            self._free(agent, at)
            return
        self._line.remove(uniqueid)
        self._said += [
            ev.QueueLeft(PBX, at, uniqueid, QUEUE),
            ev.AgentConnected(PBX, at, uniqueid, QUEUE, f"PJSIP/{agent}", f"Agent {agent}"),
        ]
        self._member(agent, at, ev.DeviceState.IN_USE)
        self._at(at + self._talk() * SECOND, lambda then: self._complete(uniqueid, agent, then))

    def _talk(self) -> float:
        mean, spread = self.habits.talk, self.habits.spread
        if spread is None:
            return self._draw.expovariate(1 / mean)
        return mean * self._draw.lognormvariate(-(spread**2) / 2, spread)

    def _complete(self, uniqueid: str, agent: int, at: Ms) -> None:
        name = f"PJSIP/{agent}"
        self._said += [
            ev.AgentCompleted(PBX, at, uniqueid, QUEUE, name, f"Agent {agent}", "caller"),
            ev.ChannelGone(PBX, at, uniqueid, 16),
        ]
        self._member(agent, at, ev.DeviceState.NOT_IN_USE, last_call=at)
        self._at(at + self.habits.wrap_up * SECOND, lambda then: self._free(agent, then))

    def _free(self, agent: int, at: Ms) -> None:
        self._idle.append(agent)
        self._dispatch(at)

    def _give_up(self, uniqueid: str, at: Ms) -> None:
        if uniqueid not in self._line:
            return
        self._line.remove(uniqueid)
        self._said += [
            ev.HangupRequested(PBX, at, uniqueid),
            ev.QueueGivenUp(PBX, at, uniqueid, QUEUE),
            ev.QueueLeft(PBX, at, uniqueid, QUEUE),
            ev.ChannelGone(PBX, at, uniqueid, 16),
        ]
