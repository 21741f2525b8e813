"""What will be done in a soak, drawn by chance: the same seed gives the same plan.

Moments are seconds from the start, patience and the agents' times milliseconds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.asterisk_lab.callers import FOREVER, Agent, Caller

PHONES = tuple(f"agent{n}" for n in range(1, 7))
"""Phones that are members of queues; the lab has two more, which nobody calls."""

SPOKEN = {
    "support": 22, "sales": 22, "timeout": 6, "timeout-message": 3, "overflow": 9, "closed": 3,
    "leaving": 4, "full": 5, "oneround": 4, "continue": 5, "ivr": 7, "menu": 6, "direct": 2,
    "direct-local": 3, "announced": 4, "exitkey": 3, "closed-early": 2, "busy": 2,
}  # fmt: skip
"""Extensions for callers who count their patience from the answer, and how often each is called."""

UNANSWERED = {"support-early": 6, "sales-early": 6, "ringing": 3}
"""Extensions that let the caller ring: the patience counts from the first ring."""

PRESSED = {"exitkey": 6, "menu": 4, "ivr": 4, "support": 1}
"""Extensions for callers who press a digit."""

CUTS = ("reset", "close", "swallow")
SHARE_OF_SIP = 0.55


@dataclass(frozen=True)
class SipLine:
    """One sipp process: callers alike but for what they dial, one every ``period`` ms."""

    at: float
    caller: Caller
    extens: tuple[str, ...]
    numbers: tuple[str, ...]
    period: int


@dataclass(frozen=True)
class LocalCall:
    """One call inside Asterisk; ``rings``: the patience counts while it is not answered."""

    at: float
    exten: str
    number: str
    stay: int
    rings: bool = False


@dataclass(frozen=True)
class MemberAct:
    """A member comes, goes, pauses or is back: an AMI action."""

    at: float
    action: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LiveAct:
    """Something done to whoever is there at that moment.

    ``kind`` is ``transfer`` (a talking caller), ``redirect`` or ``withdraw`` (a waiting one);
    ``which`` from 0 to 1 says which of the candidates, ``to`` is the new (context, exten).
    """

    at: float
    kind: str
    which: float
    to: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Fault:
    """``kind``: ``reset``, ``close`` or ``swallow`` the link, or ``kill`` the monitor.

    After it the PBX cannot be reached for ``refused`` seconds (a kill: nothing runs so long).
    """

    at: float
    kind: str
    refused: float = 0.0


@dataclass(frozen=True)
class Plan:
    """A whole soak."""

    seed: int
    duration: float
    phones: tuple[Agent, ...]
    members: tuple[tuple[str, str], ...]
    lines: tuple[SipLine, ...]
    locals: tuple[LocalCall, ...]
    member_acts: tuple[MemberAct, ...]
    live_acts: tuple[LiveAct, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def calls(self) -> int:
        """How many calls will be made."""
        return sum(len(line.numbers) for line in self.lines) + len(self.locals)


@dataclass
class _Numbers:
    """Callers' numbers, each one once."""

    used: int = 0

    def take(self, count: int) -> tuple[str, ...]:
        first, self.used = self.used, self.used + count
        return tuple(f"07{first + n:08d}" for n in range(count))


def make_plan(seed: int, calls: int, rate: float, *, cuts: int = 0, kills: int = 0) -> Plan:
    """Draw a plan: ``calls`` calls, about ``rate`` of them per second; so many faults."""
    chance = random.Random(seed)
    duration = calls / rate
    numbers = _Numbers()
    members = _members(chance)
    by_sip = round(calls * SHARE_OF_SIP)
    return Plan(
        seed,
        duration,
        tuple(_phone(chance, name) for name in PHONES),
        members,
        tuple(_lines(chance, numbers, by_sip, duration)),
        tuple(_local(chance, numbers, duration) for _ in range(calls - by_sip)),
        tuple(_member_acts(chance, members, duration)),
        tuple(_live_acts(chance, duration, calls)),
        tuple(_faults(chance, duration, cuts, kills)),
    )


def _drawn(chance: random.Random, weights: dict[str, int], count: int) -> tuple[str, ...]:
    return tuple(chance.choices(list(weights), list(weights.values()), k=count))


def _patience(chance: random.Random) -> int:
    """Short, usual, near the threshold of the tests, or long."""
    spans = ((150, 600), (600, 2800), (2850, 3150), (3000, 8000))
    return chance.randint(*chance.choices(spans, (2, 5, 2, 4))[0])


def _phone(chance: random.Random, name: str) -> Agent:
    """agent1 is dialled directly too, so it answers."""
    temper = "answers" if name == "agent1" else chance.choice(("answers",) * 5 + ("no", "busy"))
    if temper == "no":
        return Agent(name, ring=FOREVER)
    ring, talk = chance.randint(80, 1500), chance.randint(200, 2500)
    return Agent(name, ring=ring, talk=talk, declines=temper == "busy")


def _members(chance: random.Random) -> tuple[tuple[str, str], ...]:
    """(queue, interface): phones and Local members; each busy queue has several."""
    found: list[tuple[str, str]] = []
    for name in PHONES:
        queues = chance.sample(["support", "sales", "keyed", "announced"], chance.randint(1, 2))
        found += [(queue, f"PJSIP/{name}") for queue in queues]
    for n in range(8):
        ring, talk = chance.randint(50, 1200), chance.randint(200, 2500)
        queues = ["support", "sales"] if n == 0 else [("support", "sales")[n % 2]]
        found += [(queue, f"Local/a_{ring}_{talk}_{n}@agents/n") for queue in queues]
    found += [("support", "Local/r_20@agents/n"), ("sales", "Local/b_21@agents/n")]
    found += [
        ("announced", "Local/a_200_3500_22@agents/n"),
        ("full", "Local/a_900_600_23@agents/n"),
    ]
    found += [
        ("announced", "Local/a_200_800_24@agents/n"),
        ("keyed", "Local/a_2500_600_25@agents/n"),
    ]
    found += [("leaving", "Local/a_1500_900_26@agents/n")]
    return tuple(dict.fromkeys(found))


def _lines(
    chance: random.Random, numbers: _Numbers, calls: int, duration: float
) -> Sequence[SipLine]:
    """Lines of ten to twenty calls, each spread over half of the time or in a burst."""
    lines: list[SipLine] = []
    left = calls
    while left > 0:
        count = min(
            left, chance.randint(4, 7) if chance.random() < 0.25 else chance.randint(12, 24)
        )
        left -= count
        stay = _patience(chance)
        kind = chance.choices(("spoken", "unanswered", "pressed"), (6, 2, 2))[0]
        if kind == "spoken":
            caller, extens = Caller("", stay), _drawn(chance, SPOKEN, count)
        elif kind == "unanswered":
            caller, extens = Caller("", stay, cancels=True), _drawn(chance, UNANSWERED, count)
        else:
            after = chance.randint(300, 1200)
            caller = Caller("", stay + after, digit=chance.choice("12"), digit_after=after)
            extens = _drawn(chance, PRESSED, count)
        burst = count < 8
        period = 20 if burst else max(200, round(duration * 500 / count))
        latest = duration - count * period / 1000
        start = chance.uniform(0, max(0.0, latest))
        lines.append(SipLine(start, caller, extens, numbers.take(count), period))
    return lines


def _local(chance: random.Random, numbers: _Numbers, duration: float) -> LocalCall:
    rings = chance.random() < 0.1
    exten = _drawn(chance, UNANSWERED if rings else SPOKEN, 1)[0]
    at = chance.uniform(0, duration)
    return LocalCall(at, exten, numbers.take(1)[0], _patience(chance), rings)


def _member_acts(
    chance: random.Random, members: Sequence[tuple[str, str]], duration: float
) -> Sequence[MemberAct]:
    """Every second or two somebody pauses, comes back, leaves or joins."""
    inside = set(members)
    paused: set[tuple[str, str]] = set()
    acts: list[MemberAct] = []
    at = 0.0
    while (at := at + chance.uniform(0.3, 2.0)) < duration:
        weights = [6 if queue == "leaving" else 1 for queue, _ in members]
        queue, interface = key = chance.choices(members, weights)[0]
        place = {"Queue": queue, "Interface": interface}
        if key not in inside:
            inside.add(key)
            acts.append(add(at, queue, interface))
        elif key in paused or chance.random() < 0.6:
            pause = key not in paused
            (paused.add if pause else paused.discard)(key)
            fields = {**place, "Paused": str(pause).lower(), "Reason": "lunch" if pause else ""}
            acts.append(MemberAct(at, "QueuePause", tuple(fields.items())))
        else:
            inside.discard(key)
            paused.discard(key)
            acts.append(MemberAct(at, "QueueRemove", tuple(place.items())))
    return acts


def add(at: float, queue: str, interface: str) -> MemberAct:
    """A member joins a queue."""
    name = interface.partition("/")[2].partition("@")[0]
    fields = {"Queue": queue, "Interface": interface, "MemberName": f"Agent {name}"}
    return MemberAct(at, "QueueAdd", tuple(fields.items()))


def _live_acts(chance: random.Random, duration: float, calls: int) -> Sequence[LiveAct]:
    places = (("internal", "to-sales"), ("internal", "to-message"), ("ivr", "s"), ("menu", "s"))
    acts = []
    for _ in range(calls // 8):
        kind = chance.choice(("transfer", "transfer", "redirect", "withdraw"))
        to = chance.choice(places)
        acts.append(LiveAct(chance.uniform(1, duration), kind, chance.random(), to))
    return sorted(acts, key=lambda act: act.at)


def _faults(chance: random.Random, duration: float, cuts: int, kills: int) -> Sequence[Fault]:
    """Cuts, a third of them silent, and deaths of the monitor."""
    faults = [
        Fault(
            chance.uniform(3, duration),
            CUTS[n % len(CUTS)],
            chance.choice((0.0, 0.0, chance.uniform(0.5, 6))),
        )
        for n in range(cuts)
    ]
    faults += [
        Fault(chance.uniform(3, duration), "kill", chance.uniform(0, 3)) for _ in range(kills)
    ]
    return sorted(faults, key=lambda fault: fault.at)
