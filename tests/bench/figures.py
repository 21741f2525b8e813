"""All indicators of half a year, from rollups, and what is not rolled up counted from its calls."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from monitor.core.buckets import Step
from monitor.core.clock import DAY, HOUR, SECOND, Ms
from monitor.core.period import Dimension
from monitor.history import History, open_history
from monitor.history.figure_queries import Wanted
from monitor.history.figures import FiguresReader
from monitor.history.period import PeriodReader
from monitor.history.rollup_marks import mark_hours
from monitor.history.rollups import Rollups
from tests.bench import big_record
from tests.bench.results import Result

BAR: Final = 500.0
"""ms"""
ZONE: Final = ZoneInfo("Europe/Paris")
SINCE: Final[Ms] = round(big_record.BEGIN.timestamp()) * SECOND - 2 * HOUR
UNTIL: Final[Ms] = SINCE + big_record.DAYS * DAY
MARKED: Final = 2
"""Hours that are not rolled up: the one that lasts, and one with a late correction."""


def measure(calls: int, rounds: int) -> list[Result]:
    """Make a record of ``calls`` calls, roll it up, and read its figures."""
    with (
        tempfile.TemporaryDirectory(prefix="minuteur-bench-") as folder,
        open_history(f"sqlite:///{Path(folder) / 'big.db'}") as history,
    ):
        big_record.fill(history, calls)
        began = time.perf_counter()
        Rollups(history).rebuild()
        rolled = time.perf_counter() - began
        with history.writing() as connection:
            noon = (SINCE + 100 * DAY + 10 * HOUR) // HOUR
            mark_hours(connection, range(noon, noon + MARKED))
        return [*_reading(history, calls, rounds), _rolling(calls, rolled)]


def _reading(history: History, calls: int, rounds: int) -> list[Result]:
    reader, series = PeriodReader(history), FiguresReader(history)
    parts = (Dimension.QUEUE_MONTH, Dimension.DAY)
    wanted = Wanted(SINCE, UNTIL)
    period = _median(lambda: reader.read(SINCE, UNTIL, ZONE, by=parts), rounds)
    by_day = _median(lambda: series.series(wanted, Step.DAY, ZONE), rounds)
    return [
        Result(
            f"all indicators of half a year, {calls:,} calls: by queue and month, by day, in all",
            period, "ms", BAR, at_least=False,
            note=f"{MARKED} hours of it are counted from their calls",
        ),
        Result(f"the history page's half a year by day, {calls:,} calls", by_day, "ms"),
    ]  # fmt: skip


def _rolling(calls: int, took: float) -> Result:
    return Result("rolling up a call, for the first time or anew", took / calls * 1e6, "µs")


def _median(read: Callable[[], object], rounds: int) -> float:
    """The median of the time that reading takes (ms), after a first time."""
    read()
    taken: list[float] = []
    for _ in range(2 * rounds):
        begin = time.perf_counter()
        read()
        taken.append((time.perf_counter() - begin) * 1000)
    return median(taken)
