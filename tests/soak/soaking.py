"""One whole soak: an Asterisk, a monitor, a crowd, perhaps faults; and what came of it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.asterisk_lab import queue_log
from tests.asterisk_lab.install import Version
from tests.asterisk_lab.ports import PortBlock
from tests.asterisk_lab.server import AsteriskLab, LabOptions
from tests.scenarios.agreement import PBX
from tests.scenarios.product import MINUTEUR, Product

from .checks import Case, Problem, problems, tell
from .crowd import Crowd, Played
from .faults import FaultyLink
from .plan import Fault, Plan
from .records import read_told, settle
from .truth import read_truth


@dataclass(frozen=True)
class Stage:
    """One comparison: what was compared, and what is wrong with it."""

    name: str
    case: Case
    problems: list[Problem]


@dataclass(frozen=True)
class Outcome:
    """What a soak ended in."""

    plan: Plan
    played: Played
    stages: tuple[Stage, ...]
    directory: Path

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not any(stage.problems for stage in self.stages)

    def stories(self, most: int = 10) -> str:
        """What is wrong, each with its call's story."""
        found = [(stage, problem) for stage in self.stages for problem in stage.problems]
        parts = [
            f"[{stage.name}] {tell(stage.case, problem, self.played.tap)}"
            for stage, problem in found[:most]
        ]
        return "\n".join([*parts, f"{len(found)} problems in all"])

    def summary(self) -> str:
        """The figures of the run."""
        case, played = self.stages[0].case, self.played
        told = case.told
        verdicts = Counter(call.verdict.value for call in told.calls.values())
        exits = Counter(
            v.exit.value if v.exit else "none" for c in told.calls.values() for v in c.visits
        )
        blind = sum((gap.ended_at or gap.started_at) - gap.started_at for gap in told.blind)
        lasted = played.ended - played.started
        lines = [
            f"seed {self.plan.seed}, {self.plan.calls} calls planned: {len(case.truth)} came",
            f"{len(told.calls)} recorded in {lasted:.0f} s (at most {played.late:.1f} s late)",
            f"verdicts {dict(verdicts)}",
            f"exits {dict(exits)}",
            f"acts {played.done}, sipp processes with failed calls {played.troubles}",
            f"channels stuck in Asterisk {sorted(played.stuck)}",
            f"blind {blind / 1000:.0f} s in {len(told.blind)} intervals",
            *(f"{stage.name}: {len(stage.problems)} problems" for stage in self.stages),
        ]
        return "\n".join(lines)


def soak(version: Version, plan: Plan) -> Outcome:
    """Carry out a plan on a fresh Asterisk and a fresh monitor; compare."""
    directory = Path(tempfile.mkdtemp(prefix="minuteur-soak-"))
    with AsteriskLab(LabOptions(version=version)) as lab:
        if plan.faults:
            outcome = _with_faults(lab, plan, directory)
        else:
            with Product(directory, lab) as product:
                played = Crowd(lab, plan, directory / "tap.ami").play()
                settle(product, played.stuck)
                case = _case(lab, product, played, faulty=False)
                stages = (Stage("soak", case, problems(case)),)
                outcome = Outcome(plan, played, stages, directory)
    if outcome.passed:
        shutil.rmtree(directory)
    return outcome


def _case(lab: AsteriskLab, product: Product, played: Played, **flags: bool) -> Case:
    told, truth = read_told(product), read_truth(played.tap)
    for uniqueid in played.stuck:
        told.calls.pop(uniqueid, None)
        truth.calls.pop(uniqueid, None)
    lines = queue_log.read_database(lab.queue_log_database())
    return Case(told, truth.calls, lines, played.stuck, truth.stand_ins, **flags)


def _with_faults(lab: AsteriskLab, plan: Plan, directory: Path) -> Outcome:
    ports = PortBlock()
    try:
        with (
            FaultyLink(ports.take(), lab.ami_port) as link,
            Product(directory, lab, ami_port=link.port) as product,
        ):
            trouble = Trouble(plan.faults, link, product)
            crowd = Crowd(lab, plan, directory / "tap.ami", ((0.0, trouble.begin),))
            played = crowd.play()
            trouble.wait()
            settle(product, played.stuck)
            before = _case(lab, product, played, faulty=True)
            seen = Stage("with faults", before, problems(before))
            refused = _reconcile(lab, product, played)
            after = _case(lab, product, played, faulty=True, reconciled=True)
            filled = Stage("reconciled", after, [*refused, *problems(after)])
            return Outcome(plan, played, (seen, filled), directory)
    finally:
        ports.release()


def _reconcile(lab: AsteriskLab, product: Product, played: Played) -> list[Problem]:
    """Read the queue log's file in, as an admin does with the monitor stopped."""
    product.stop()
    done = subprocess.run(
        [
            *(MINUTEUR, "reconcile", str(lab.queue_log()), "--pbx", PBX, "--all"),
            *("--config", str(product.config)),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    (product.directory / "reconcile.log").write_text(done.stdout + done.stderr)
    product.start()
    settle(product, played.stuck)
    if done.returncode == 0:
        return []
    return [Problem("", f"reconcile ended with {done.returncode}:\n{done.stdout}{done.stderr}")]


class Trouble:
    """Brings the faults of a plan about, one after the other, in a thread."""

    def __init__(self, faults: tuple[Fault, ...], link: FaultyLink, product: Product) -> None:
        self._faults = faults
        self._link = link
        self._product = product
        self._thread = threading.Thread(target=self._run, name="trouble")
        self._failed: BaseException | None = None

    def begin(self) -> None:
        """Start counting the plan's time."""
        self._thread.start()

    def wait(self) -> None:
        """Wait for the last fault to be over; raise what went wrong with one."""
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        began = time.monotonic()
        try:
            for fault in self._faults:
                time.sleep(max(0.0, began + fault.at - time.monotonic()))
                self._do(fault)
        except BaseException as error:  # noqa: BLE001 - told by wait()
            self._failed = error

    def _do(self, fault: Fault) -> None:
        after: Callable[[], None]
        if fault.kind == "kill":
            self._product.kill9()
            after = self._product.launch
        else:
            if fault.refused:
                self._link.refuse()
            if fault.kind == "swallow":
                self._link.swallow()
            else:
                self._link.cut(reset=fault.kind == "reset")
            after = self._link.accept
        time.sleep(fault.refused)
        after()
