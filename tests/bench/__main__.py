"""Run the benchmark and print its table."""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench import (
    audience,
    call_pages,
    decisions,
    evidence,
    figures,
    growth,
    imports,
    lateness,
    memory,
    page,
    pipeline,
    report,
    wire,
)
from tests.bench.isolation import isolated
from tests.bench.results import Outcome, Result, document, table


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    events: int = 216_000
    rounds: int = 5
    growth_rounds: int = 3
    callers: int = 10_000
    rate: int = 2_000
    spread: float = 10.0
    clients: int = 50
    pages: int = 200
    page_rates: tuple[int, ...] = (20, 200)
    questions: int = 1_000
    seconds: float = 15.0
    live: int = 100_000
    steps: int = 20_000
    log_lines: int = 1_000_000
    recorded: int = 2_000_000
    waiting: int = 300
    queues: int = 40
    watched: float = 20.0


FULL: Final = Size()
QUICK: Final = Size(
    events=60_000,
    rounds=2,
    growth_rounds=1,
    callers=2_000,
    pages=50,
    page_rates=(20,),
    spread=4.0,
    seconds=5.0,
    live=20_000,
    steps=5_000,
    log_lines=50_000,
    recorded=20_000,
    watched=5.0,
)

MEASUREMENTS: Final[dict[str, Callable[[Size], list[Result]]]] = {
    "pipeline": lambda size: isolated(pipeline.measure, size.events, size.rounds),
    "lateness": lambda size: lateness.measure(size.callers, size.rate, size.spread),
    "wire": lambda size: wire.measure(size.clients, size.rate, size.seconds),
    "stream": lambda size: audience.measure(size.pages, size.page_rates, size.seconds),
    "decisions": lambda size: decisions.measure(size.questions, size.rate, size.seconds),
    "growth": lambda size: growth.measure(100, size.live, size.steps, size.growth_rounds),
    "memory": lambda size: memory.measure(size.callers),
    "import": lambda size: imports.measure(size.log_lines),
    "calls": lambda size: call_pages.measure(size.recorded, size.rounds),
    "figures": lambda size: figures.measure(size.recorded, size.rounds),
    "evidence": lambda size: evidence.measure(size.recorded // 20),
    "report": lambda size: report.measure(size.recorded, size.rounds),
    "page": lambda size: page.measure(size.waiting, size.queues, 20, size.watched),
}


def main(arguments: list[str] | None = None) -> int:
    """Measure; the status says whether every bar was met."""
    chosen = _parser().parse_args(arguments)
    size = QUICK if chosen.quick else FULL
    results: list[Result] = []
    failed: list[str] = []
    for name in chosen.only or MEASUREMENTS:
        begin = time.monotonic()
        try:
            results += MEASUREMENTS[name](size)
        except Exception:  # noqa: BLE001 - the other measurements are worth having
            failed.append(name)
            _say(f"{name}: failed\n{traceback.format_exc()}", sys.stderr.write)
        else:
            _say(f"{name}: {time.monotonic() - begin:.0f} s", sys.stderr.write)
    _say("\n" + table(results), sys.stdout.write)
    written = document(results, quick=chosen.quick, failed=failed)
    chosen.output.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n")
    _say(f"\nWritten to {chosen.output}", sys.stderr.write)
    missed = any(result.outcome is Outcome.MISSED for result in results)
    return 1 if failed or (missed and not chosen.quick) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes; a missed bar is not a failure"
    )
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, metavar="NAME",
        help=f"measure this only (may be repeated): {', '.join(MEASUREMENTS)}",
    )  # fmt: skip
    parser.add_argument(
        "--output", type=Path, default=Path("bench-results.json"), metavar="FILE",
        help="where to write the results as JSON (default: %(default)s)",
    )  # fmt: skip
    return parser


def _say(text: str, write: Callable[[str], object]) -> None:
    write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
