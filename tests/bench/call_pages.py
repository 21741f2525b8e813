"""A page of calls from a big record: each kind of filter, at the newest calls and in the middle.

The bar is the longest page of all: each page's median over the rounds, beside whatever else runs.
"""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final

from monitor.core.records import Exit, HandledBy, Observed, Reason, Verdict
from monitor.history import open_history
from monitor.history.call_cursor import Cursor
from monitor.history.call_search import parse_search
from monitor.history.queries import CallFilter
from monitor.history.reader import HistoryReader
from tests.bench import big_record
from tests.bench.results import Result

BAR: Final = 50.0
"""ms"""
PAGE: Final = 50

FILTERS: Final[dict[str, dict[str, Any]]] = {
    "none": {},
    "queue": {"queue": "vip"},
    "two rare verdicts": {"verdicts": frozenset({Verdict.REFUSED, Verdict.UNKNOWN})},
    "queue and verdicts": {
        "queue": "support", "verdicts": frozenset({Verdict.BREACHED, Verdict.UNKNOWN}),
    },
    "agent": {"agent": "Agent 007"},
    "caller in thousands of calls": {"caller": "anonymous", "queue": "vip"},
    "exit": {"exit": Exit.FULL},
    "exit that never was": {"exit": Exit.KEY},
    "partly observed": {"observed": Observed.PARTIAL},
    "handled by": {"handled_by": HandledBy.VOICE_SERVER},
    "reason": {"reason": Reason.HANDLED_LATE},
    "reason that never was": {"reason": Reason.TEST_NUMBER},
    "long waits": {"min_wait": 60_000},
    "waits that never were": {"min_wait": 900_000},
    "search, four digits": {"search": parse_search("5612", ())},
    "search, a number": {"search": parse_search("06 00 01 23 45", ())},
    "search, a beginning": {"search": parse_search("+3360012", ())},
    "search, a part of a name": {"search": parse_search("gent 01", ())},
    "search, in vain": {"search": parse_search("nobody at all", ())},
    "two queues of an account": {"queues": frozenset({("", "vip"), ("lyon", "claims")})},
}  # fmt: skip


def measure(calls: int, rounds: int) -> list[Result]:
    """Make a record of ``calls`` calls, and read pages of it."""
    with (
        tempfile.TemporaryDirectory(prefix="minuteur-bench-") as folder,
        open_history(f"sqlite:///{Path(folder) / 'big.db'}") as history,
    ):
        big_record.fill(history, calls)
        took = _pages(HistoryReader(history), rounds)
    slowest = max(took, key=lambda name: took[name])
    several = [took[name] for name in FILTERS]
    return [
        Result(
            f"a page of {PAGE} of {calls:,} calls, the slowest of {len(FILTERS)} filters",
            took[slowest],
            "ms",
            BAR,
            at_least=False,
            note=f"median of {2 * rounds}; the slowest: {slowest}; of all {median(several):.1f} ms",
        )
    ]


def _pages(reader: HistoryReader, rounds: int) -> dict[str, float]:
    """The median time of a page (ms) for each filter."""
    middle = Cursor(round(big_record.BEGIN.timestamp() * 1000) + 90 * 86_400_000, "x").encode()
    times: dict[str, list[float]] = {name: [] for name in FILTERS}
    for _ in range(rounds):
        for name, parts in FILTERS.items():
            for cursor in (None, middle):
                begin = time.perf_counter()
                reader.calls(CallFilter(**parts), limit=PAGE, cursor=cursor)
                times[name].append((time.perf_counter() - begin) * 1000)
    return {name: median(taken) for name, taken in times.items()}
