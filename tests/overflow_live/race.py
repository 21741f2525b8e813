"""Agents who answer at the very moment at which their callers are withdrawn.

Three ways for the two to meet, each with a spread of ±50 ms:

ringing
    the phone is picked up when the command is sent, in the middle of a long ring;
end of ring
    the phone is picked up when its ring ends, which is when a withdrawal takes effect;
getting free
    the only agent gets free, and would be connected at once, when the command is sent.

Asterisk's own queue log says what came of each caller; the record must say the same.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.asterisk_lab import queue_log
from tests.asterisk_lab.callers import originate
from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import queueing, wait_until
from tests.scenarios.product import Product

WAYS: Final = ("ringing", "end-of-ring", "getting-free")
OF_EACH: Final = 4
"""Queues of each way, side by side."""
QUEUES_OF: Final = {way: [f"race-{way}-{n}" for n in range(OF_EACH)] for way in WAYS}
SECOND: Final = "race-second"
APART: Final = 3.6
"""Seconds between two callers of one queue: longer than any of them is there."""
CLOSE: Final = 0.05
"""Seconds within which answer and command count as having met."""

_SETTINGS: Final = {
    "ringing": "timeout = 5\nretry = 1",
    "end-of-ring": "timeout = 1\nretry = 1",
    "getting-free": "timeout = 5\nretry = 1",
}

_A_SECOND: Final = "${MATH(${MATH(960+${RAND(0,100)})}/1000,f)}"
"""Between 0.96 and 1.06 s: the command goes out some ms after its second is over."""

DIALPLAN: Final = f"""
[incoming](+)
{"".join(queueing(name, name, 15) for names in QUEUES_OF.values() for name in names)}
[overflow](+)
exten = race,1,Queue({SECOND},,,,15)
 same = n,Hangup()

; _p: picks up after about a second; _b: picks up at once, and is busy for about a second
[race-agents]
exten = _p.,1,Ringing()
 same = n,Wait({_A_SECOND})
 same = n,Answer(,i)
 same = n,Wait(0.3)
 same = n,Hangup()
exten = _b.,1,Answer(,i)
 same = n,Wait({_A_SECOND})
 same = n,Hangup()
"""

QUEUES: Final = "\n".join(
    [
        "",
        *(
            f"[{name}](usual)\nstrategy = linear\n{_SETTINGS[way]}"
            for way, names in QUEUES_OF.items()
            for name in names
        ),
        f"[{SECOND}](usual)\nstrategy = leastrecent\ntimeout = 10",
        "",
    ]
)

ASKED: Final = {"ringing": 2.0, "end-of-ring": 1.9, "getting-free": 2.0}
"""What the rules ask, in seconds of wait. A withdrawal is ordered early, as it may take a round of
ringing to take effect: by half of what is asked where that is less."""

RULES: Final = "\n".join(
    f"""
[[overflow_rule]]
id = "{way}"
queues = ["race-{way}-*"]
when = [{{ metric = "waited_in_queue", at_least = {asked} }}]
do = {{ withdraw = {{ context = "overflow", exten = "race", queue = "{SECOND}" }} }}
cool_down = 0
at_most = 10000
only_if_better = false
"""
    for way, asked in ASKED.items()
)


@dataclass(frozen=True)
class Racer:
    """One caller of a race: their number, and the way in which answer and withdrawal meet."""

    number: str
    way: str


@dataclass
class Result:
    """What came of a race."""

    racers: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    without_command: int = 0
    close: int = 0
    """So many were answered within 50 ms of the command's sending."""
    answers: Counter[str] = field(default_factory=Counter)
    """The PBX's words to the commands."""
    problems: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """The figures, for people."""
        ways = ", ".join(
            f"{way}: {self.moved[way]} moved, {self.answered[way]} answered" for way in WAYS
        )
        said = ", ".join(f"{count} × {text!r}" for text, count in sorted(self.answers.items()))
        return (
            f"{self.racers} callers raced: {self.moved.total()} moved and answered in the second "
            f"queue, {self.answered.total()} answered meanwhile ({ways}); "
            f"{self.close} answered within 50 ms of the command; "
            f"{self.without_command} answered before any command; "
            f"the PBX said {said}; {len(self.problems)} mismatches"
        )


class Race:
    """Sends callers into the race queues of one lab, in threads of its own."""

    def __init__(self, lab: AsteriskLab, calls: int, prefix: str = "0697") -> None:
        self.lab = lab
        self.racers: list[Racer] = []
        self._prefix = prefix
        lanes = [
            (way, name) for n in range(OF_EACH) for way in WAYS for name in [QUEUES_OF[way][n]]
        ]
        shares = [calls // len(lanes) + (n < calls % len(lanes)) for n in range(len(lanes))]
        self._threads = [
            threading.Thread(target=self._run, args=(lane, way, name, share))
            for lane, ((way, name), share) in enumerate(zip(lanes, shares, strict=True))
        ]
        for lane, ((way, _), share) in enumerate(zip(lanes, shares, strict=True)):
            self.racers += [Racer(self._number(lane, n), way) for n in range(share)]

    def _number(self, lane: int, n: int) -> str:
        return f"{self._prefix}{lane:02d}{n:04d}"

    def prepare(self) -> None:
        """Put the agents in."""
        with self.lab.ami() as ami:
            for way, names in QUEUES_OF.items():
                kind = "b" if way == "getting-free" else "p"
                for name in names:
                    ami.action(
                        "QueueAdd", Queue=name, Interface=f"Local/{kind}{name}@race-agents/n"
                    )
            for n in range(12):
                ami.action("QueueAdd", Queue=SECOND, Interface=f"Local/a_50_300_{n}@agents/n")

    def run(self) -> None:
        """Play it all, and return when every channel is gone."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()
        with self.lab.ami() as ami:
            wait_until(lambda: not ami.listing("CoreShowChannels"), "all channels to be gone")

    def _run(self, lane: int, way: str, queue: str, calls: int) -> None:
        time.sleep(lane * APART / len(self._threads))
        with self.lab.ami() as ami:
            for n in range(calls):
                began = time.monotonic()
                if way == "getting-free":
                    originate(ami, queue, f"0696{lane:02d}{n:04d}", 15_000)
                originate(ami, queue, self._number(lane, n), 15_000)
                time.sleep(max(0.0, began + APART - time.monotonic()))


def judge(race: Race, product: Product, pbx: str) -> Result:
    """Compare the monitor's record of a race with the queue log."""
    lines = queue_log.read_database(race.lab.queue_log_database())
    ids = {one.data[1]: one.callid for one in lines if one.event == "ENTERQUEUE"}
    product.stored(set(ids.values()), pbx)
    pending = {"pbx": pbx, "outcome": "pending"}
    wait_until(lambda: not product.get("/overflow/commands", **pending)["items"], "all outcomes")
    commands: dict[str, list[dict[str, Any]]] = {}
    for command in everything(product, "/overflow/commands", pbx=pbx):
        commands.setdefault(command["call_id"], []).append(command)
    calls = {one["caller"]: one for one in product.calls(pbx=pbx)}
    events: dict[str, list[queue_log.Line]] = {}
    for line in lines:
        events.setdefault(line.callid, []).append(line)
    result = Result()
    for racer in race.racers:
        result.racers += 1
        uniqueid = ids.get(racer.number, "")
        own = commands.get(f"{pbx}:{uniqueid}", [])
        told = _Told(racer, events.get(uniqueid, []), own, calls.get(racer.number))
        problem = told.problem(result)
        if problem:
            result.problems.append(f"{racer}: {problem}; {told}")
    return result


@dataclass(frozen=True)
class _Told:
    racer: Racer
    log: list[queue_log.Line]
    commands: list[dict[str, Any]]
    call: Mapping[str, Any] | None

    def problem(self, result: Result) -> str:
        """What is wrong with this caller's story; count what happened."""
        way, first = self.racer.way, self.log[0].queue if self.log else ""
        ends = [
            (line.event, line.queue)
            for line in self.log
            if line.event not in {"ENTERQUEUE", "RINGNOANSWER", "RINGCANCELED"}
            and not line.event.startswith("COMPLETE")
        ]
        moved = [("WITHDRAW", first), ("CONNECT", SECOND)]
        answered = [("CONNECT", first)]
        if ends not in (moved, answered):
            return f"neither moved nor answered, or both, or dropped: {ends}"
        visits = [] if self.call is None else [(v["queue"], v["exit"]) for v in self.call["visits"]]
        is_moved = ends == moved
        (result.moved if is_moved else result.answered)[way] += 1
        wanted = [(first, "withdrawn"), (SECOND, "answered")] if is_moved else [(first, "answered")]
        if visits != wanted:
            return f"our record of the call says {visits}"
        if len(self.commands) != 1:
            result.without_command += 1
            return "" if not self.commands and not is_moved else f"{len(self.commands)} commands"
        (command,) = self.commands
        result.answers[str(command["answer"])] += 1
        if not is_moved and abs(self._after(command)) <= CLOSE:
            result.close += 1
        outcome = "moved" if is_moved else "answered_meanwhile"
        return "" if command["outcome"] == outcome else f"outcome {command['outcome']}"

    def _after(self, command: Mapping[str, Any]) -> float:
        """Seconds from the command to the answer."""
        answered = next(line.time for line in self.log if line.event == "CONNECT")
        return answered - _seconds(command["issued_at"])


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def everything(product: Product, path: str, **wanted: str) -> Iterable[dict[str, Any]]:
    """All items that a paged list of the interface tells."""
    parameters: dict[str, str | int] = {"limit": 100, **wanted}
    while True:
        page = product.get(path, **parameters)
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        parameters["cursor"] = page["next_cursor"]
