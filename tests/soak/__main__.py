"""The command: ``python -m tests.soak``."""

from __future__ import annotations

import argparse
import secrets
import sys

from tests.asterisk_lab.install import Version

from .plan import make_plan
from .soaking import soak

CALLS, RATE = 1000, 8.0
CUTS, KILLS = 10, 5


def main(arguments: list[str] | None = None) -> int:
    """Run soaks and print what came of them; 1 when something is wrong."""
    parser = argparse.ArgumentParser(
        prog="make soak ARGS=…", description="many mixed real calls, compared with the queue log"
    )
    parser.add_argument("--seed", type=int, help="the same seed gives the same plan")
    parser.add_argument("--version", choices=("22", "16", "both"), default="both")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rate", type=float, default=RATE, help="calls per second")
    parser.add_argument("--faults", action="store_true", help="cut the link, kill the monitor")
    chosen = parser.parse_args(arguments)
    seed = secrets.randbelow(10_000) if chosen.seed is None else chosen.seed
    versions: tuple[Version, ...] = ("22", "16") if chosen.version == "both" else (chosen.version,)
    failed = 0
    for version in versions:
        faults = "with faults" if chosen.faults else "without faults"
        _say(f"Asterisk {version}, {chosen.calls} calls, {faults}, seed {seed}")
        cuts, kills = (CUTS, KILLS) if chosen.faults else (0, 0)
        outcome = soak(version, make_plan(seed, chosen.calls, chosen.rate, cuts=cuts, kills=kills))
        _say(outcome.summary())
        if not outcome.passed:
            failed = 1
            _say(outcome.stories())
            _say(f"The files are in {outcome.directory}")
    return failed


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
