"""One whole storm: a real Asterisk, a monitor, and very many callers at once.

Two queues with few agents overflow into each other. What then happened is read from the queue log,
from the lab's own AMI connection and from the monitor's record, and has to agree.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from api.overflow_policies import rules_of
from config.settings import Settings
from monitor.history.database import open_history
from tests.asterisk_lab import queue_log
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.server import AsteriskLab
from tests.overflow_live.centre import overflow_lab, queueing
from tests.scenarios.agreement import PBX
from tests.scenarios.product import Product

from .checks import Case
from .checks import problems as soak_problems
from .crowd import Crowd
from .plan import LocalCall, Plan
from .records import read_told, settle
from .storm_checks import Storm, problems
from .storm_records import read_storm
from .truth import read_truth

BOTH = (("storm-a", "storm-b"), ("storm-b", "storm-a"))
DUE_AFTER = 4
AT_MOST, PER = 10, 10
AGENTS = 3
"""In each queue: they answer after 0.2 s and talk for 2 s."""
LIMIT = 600
"""Seconds: nobody waits so long. Who gives up does so by hanging up."""
SLACK = 50
"""ms by which the measured offset of the PBX's clock may change within a storm."""

DIALPLAN = f"""
[incoming](+)
{"".join(queueing(name, name, LIMIT) for name, _ in BOTH)}
[overflow](+)
{"".join(queueing(name, name, LIMIT) for name, _ in BOTH)}
"""
QUEUES = "".join(
    f"\n[{name}](usual)\nstrategy = leastrecent\ntimeout = 5\nretry = 1\n" for name, _ in BOTH
)
RULES = "".join(
    f"""
[[overflow_rule]]
id = "{name}-to-{into}"
queues = ["{name}"]
when = [{{ metric = "waited_in_queue", at_least = {DUE_AFTER} }}]
do = {{ withdraw = {{ context = "overflow", exten = "{into}", queue = "{into}" }} }}
cool_down = 3
at_most = {AT_MOST}
per = {PER}
only_if_better = false
"""
    for name, into in BOTH
)


def make_plan(callers: int, seed: int) -> Plan:
    """All callers at once, as fast as the PBX makes them; they give up after a while."""
    chance = random.Random(seed)
    spans = (6_000, 13_000) if callers <= 150 else (25_000, 50_000)
    calls = [
        LocalCall(0, BOTH[number % 2][0], f"07{number:08d}", chance.randint(*spans))
        for number in range(callers)
    ]
    members = [
        (name, f"Local/a_200_2000_{name[-1]}{number}@agents/n")
        for name, _ in BOTH
        for number in range(AGENTS)
    ]
    return Plan(seed, 0, (), tuple(members), (), tuple(calls), (), ())


@dataclass
class Reading:
    """How well the monitor kept up: samples of what it had not read and not handled yet."""

    unread: int = 0
    """Bytes of AMI that waited in the kernel at most."""
    longest: float = 0.0
    """Seconds for which there were some at every look."""
    inbox: int = 0
    """Events that waited for the engine at most."""


class Watcher:
    """Looks at a monitor's AMI sockets all the time, in a thread."""

    EVERY = 0.05

    def __init__(self, product: Product, lab: AsteriskLab) -> None:
        self.reading = Reading()
        self._product = product
        self._port = f":{lab.ami_port:04X}"
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        empty_at = time.monotonic()
        looks = 0
        while not self._ending.wait(self.EVERY):
            unread = self._unread()
            if not unread:
                empty_at = time.monotonic()
            self.reading.unread = max(self.reading.unread, unread)
            self.reading.longest = max(self.reading.longest, time.monotonic() - empty_at)
            looks += 1
            if looks % 10 == 0:
                self.reading.inbox = max(self.reading.inbox, self._inbox())

    def _unread(self) -> int:
        """What the kernel holds for the monitor's connections to AMI (bytes)."""
        descriptors = Path(f"/proc/{self._product.pid}/fd")
        ours = {str(one.readlink())[8:-1] for one in descriptors.iterdir() if one.is_symlink()}
        found = 0
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[2].endswith(self._port) and fields[9] in ours:
                found += int(fields[4].partition(":")[2], 16)
        return found

    def _inbox(self) -> int:
        text = self._product.text("/metrics")
        (line,) = [one for one in text.splitlines() if one.startswith("minuteur_inbox_events ")]
        return round(float(line.split()[1]))


@dataclass(frozen=True)
class Outcome:
    """What a storm ended in."""

    storm: Storm
    reading: Reading
    problems: list[str]
    seconds: float
    calls_made_in: float
    directory: Path = field(default_factory=Path)

    def summary(self) -> str:
        """The figures of the run."""
        reading = self.reading
        return (
            f"{self.storm.summary()}\n"
            f"all calls made in {self.calls_made_in:.1f} s, all over after {self.seconds:.0f} s\n"
            f"AMI not read by the monitor: at most {reading.unread / 1000:.0f} kB, for "
            f"{reading.longest:.2f} s on end; inbox at most {reading.inbox} events\n"
            f"{len(self.problems)} problems"
        )


def storm(version: Version, callers: int, seed: int = 1) -> Outcome:
    """Have a storm on a fresh Asterisk and a fresh monitor; compare."""
    directory = Path(tempfile.mkdtemp(prefix="minuteur-storm-"))
    plan = make_plan(callers, seed)
    with (
        overflow_lab(version, DIALPLAN, QUEUES) as lab,
        Product(directory, lab, extra=RULES) as product,
    ):
        with Watcher(product, lab) as watcher:
            played = Crowd(lab, plan, directory / "tap.ami").play()
            settle(product, played.stuck)
        told, truth = read_told(product), read_truth(played.tap)
        lines = queue_log.read_database(lab.queue_log_database())
        case = Case(told, truth.calls, lines, played.stuck, truth.stand_ins)
        found = [f"{one.uniqueid}: {one.text}" for one in soak_problems(case)]
        logged = {
            f"{PBX}:{uniqueid}": [(visit.queue, visit.exit or "") for visit in visits]
            for uniqueid, visits in queue_log.visits(lines).items()
        }
        with open_history(f"sqlite:///{product.database}", migrate=False) as history:
            rules = rules_of(Settings.model_validate(tomllib.loads(RULES)))
            seen = read_storm(history, rules, logged=logged, slack=SLACK)
    found += problems(seen)
    began = round(played.started * 1000)
    found += [
        f"the reading of AMI was interrupted: {gap.cause}"
        for gap in told.blind
        if gap.ended_at is None or gap.ended_at > began
    ]
    if len(truth.calls) != callers:
        found.append(f"{len(truth.calls)} callers came, {callers} were sent")
    found += [f"{one} never ended" for one in sorted(played.stuck)]
    outcome = Outcome(
        seen, watcher.reading, found, played.ended - played.started, played.late, directory
    )
    if not found:
        shutil.rmtree(directory)
    return outcome
