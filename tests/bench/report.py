"""The report on the commitment of half a year, by the way that the interface takes.

Each round is a process of its own: what a first report loads, and what the setting of a PDF
remembers of the last one, would be left out otherwise.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from monitor.core.clock import DAY, SECOND
from monitor.core.policy import Commitment, Policy, QueuePolicy
from monitor.history import History, open_history
from monitor.history.policies import current_policy
from monitor.reporting.files import Format, file_of
from monitor.reporting.model import Generated
from monitor.reporting.reading import ReportReader, Wanted
from monitor.reporting.values import At
from tests.bench import big_record
from tests.bench.isolation import isolated
from tests.bench.results import Result
from tests.bench.rounds import Stopwatch, Timing
from tests.postgres import programs, running

BARS: Final[dict[Format, float]] = {"json": 1.0, "pdf": 10.0}
"""Seconds, on SQLite; on PostgreSQL twice that."""
DATABASES: Final = {"SQLite": 1, "PostgreSQL": 2}
ZONE: Final = ZoneInfo("Europe/Paris")
SINCE, UNTIL = (
    round(datetime(2026, month, 1, tzinfo=ZONE).timestamp()) * SECOND for month in (4, 10)
)
Made = tuple[Timing, int]
"""How long a file took, and its length in bytes."""


def measure(calls: int, rounds: int) -> list[Result]:
    """Make a record of ``calls`` calls on each database, roll it up, and make its report."""
    found: list[Result] = []
    for database, times in DATABASES.items():
        if database == "PostgreSQL" and programs() is None:
            continue
        with _record(database) as url:
            _fill(url, calls)
            made = [isolated(_files, url) for _ in range(rounds)]
        half = f"report of half a year, {calls:,} calls, {database}"
        found += [
            _result(f"{half}, {format_.upper()}", bar * times, [files[format_] for files in made])
            for format_, bar in BARS.items()
        ]
        again = median(files["again"][0].wall for files in made)
        found.append(Result(f"{half}, JSON once more", again, "s"))
    return found


@contextmanager
def _record(database: str) -> Iterator[str]:
    """The address of an empty database."""
    if database == "PostgreSQL":
        with running() as server:
            yield server.new_database()
        return
    with tempfile.TemporaryDirectory(prefix="minuteur-bench-") as folder:
        yield f"sqlite:///{folder}/big.db"


def _fill(url: str, calls: int) -> None:
    with open_history(url) as history:
        prepare(history)
        big_record.fill(history, calls, rolled=True)


def prepare(history: History) -> None:
    """Note what was promised, before the first call."""
    queues = tuple(QueuePolicy(name) for name in big_record.QUEUES)
    contexts = tuple((pbx, ("incoming",)) for pbx in big_record.PBXS)
    promised = Policy(
        commitment=Commitment(target=0.9), queues=queues, incoming_contexts=contexts, zone=ZONE
    )
    current_policy(history, promised, now=SINCE - DAY)


def _files(url: str) -> dict[str, Made]:
    """The first report of a process as JSON, one more, and the first as PDF."""
    generated = Generated(At(UNTIL), "bench", "Minuteur")
    with open_history(url, migrate=False) as history:
        reader = ReportReader(history)

        def made(format_: Format) -> Made:
            with Stopwatch() as watch:
                report = reader.report(Wanted(SINCE, UNTIL, ZONE), generated)
                file = file_of(report, format_, "fr")
            return watch.timing, len(file.data)

        return {"json": made("json"), "again": made("json"), "pdf": made("pdf")}


def _result(what: str, bar: float, made: Sequence[Made]) -> Result:
    wall, cpu = (median(getattr(took, of) for took, _ in made) for of in ("wall", "cpu"))
    note = (
        f"median of {len(made)} processes, the first of each; {cpu:.2f} s of its processor; "
        f"{made[0][1] / 1000:.0f} kB"
    )
    return Result(what, wall, "s", bar, at_least=False, note=note)
