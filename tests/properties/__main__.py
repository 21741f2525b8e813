"""A long search for a stream that breaks a property: ``make properties ARGS="--examples 100000"``.

It goes on in rounds with a seed each, in processes of their own, since Hypothesis keeps all that it
has tried in memory. A failing round is shown, and ends the search with status 1; the plan that it
prints is what a fixture is made from.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROUND = 5_000
HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.properties", description=__doc__)
    parser.add_argument("--examples", type=int, default=100_000, help="of all properties together")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first round")
    parser.add_argument("--property", default="", help="only those whose name contains this")
    options = parser.parse_args()
    done, seed, began = 0, options.seed, time.monotonic()
    while done < options.examples:
        size = min(ROUND, options.examples - done)
        if _round(size, seed, options.property):
            print(f"Found with --seed {seed} --examples {size}, after {done} examples.")
            return 1
        done, seed = done + size, seed + 1
        print(f"{done} examples in {time.monotonic() - began:.0f} s, nothing found", flush=True)
    return 0


def _round(size: int, seed: int, only: str) -> int:
    """Search with one seed; returns the status of the run."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=0"]
    command += [f"--hypothesis-seed={seed}", *(["-k", only] if only else []), str(HERE)]
    environment = os.environ | {"PROPERTY_EXAMPLES": str(size)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(ran.stdout, ran.stderr, sep="\n")
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
