"""The command: ``python -m tests.soak.storm``: two queues overflow into each other in a storm."""

from __future__ import annotations

import argparse
import sys

from tests.asterisk_lab.install import Version

from .storming import storm

CALLERS = 500


def main(arguments: list[str] | None = None) -> int:
    """Have storms and print what came of them; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="make storm ARGS=…", description=__doc__)
    parser.add_argument("--version", choices=("22", "16", "both"), default="22")
    parser.add_argument("--callers", type=int, default=CALLERS)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    versions: tuple[Version, ...] = ("22", "16") if chosen.version == "both" else (chosen.version,)
    failed = 0
    for version in versions:
        sys.stdout.write(f"Asterisk {version}, {chosen.callers} callers at once\n")
        outcome = storm(version, chosen.callers, chosen.seed)
        sys.stdout.write(f"{outcome.summary()}\n")
        for problem in outcome.problems[:20]:
            failed = 1
            sys.stdout.write(f"  {problem}\n")
        if failed:
            sys.stdout.write(f"The files are in {outcome.directory}\n")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main())
