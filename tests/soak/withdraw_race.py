"""``python -m tests.soak.withdraw_race``: agents answer as their callers are withdrawn."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.asterisk_lab.install import Version
from tests.overflow_live.centre import overflow_lab
from tests.overflow_live.race import DIALPLAN, QUEUES, RULES, Race, Result, judge
from tests.scenarios.agreement import PBX
from tests.scenarios.product import Product

CALLS = 300


def race(version: Version, calls: int) -> Result:
    """One race on a fresh Asterisk and a fresh monitor."""
    with (
        tempfile.TemporaryDirectory(prefix="minuteur-race-") as directory,
        overflow_lab(version, DIALPLAN, QUEUES) as lab,
    ):
        runner = Race(lab, calls)
        runner.prepare()
        with Product(Path(directory), lab, extra=RULES) as product:
            runner.run()
            return judge(runner, product, PBX)


def main(arguments: list[str] | None = None) -> int:
    """Run races and print what came of them; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="make race ARGS=…", description=__doc__)
    parser.add_argument("--version", choices=("22", "16", "both"), default="both")
    parser.add_argument("--calls", type=int, default=CALLS)
    chosen = parser.parse_args(arguments)
    versions: tuple[Version, ...] = ("22", "16") if chosen.version == "both" else (chosen.version,)
    failed = 0
    for version in versions:
        began = time.monotonic()
        result = race(version, chosen.calls)
        sys.stdout.write(
            f"Asterisk {version}, {time.monotonic() - began:.0f} s: {result.summary()}\n"
        )
        for problem in result.problems[:10]:
            failed = 1
            sys.stdout.write(f"  {problem}\n")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
