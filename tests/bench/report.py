"""The report on the commitment of half a year: as JSON, and as a PDF of its own."""

import tempfile
import time
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from monitor.core.clock import DAY, SECOND
from monitor.core.policy import Commitment, Policy, QueuePolicy
from monitor.history import History, open_history
from monitor.history.policies import current_policy
from monitor.history.rollups import Rollups
from monitor.reporting.model import At, Generated, as_json
from monitor.reporting.pdf import as_pdf
from monitor.reporting.reading import ReportReader, Wanted
from tests.bench import big_record
from tests.bench.results import Result

JSON_BAR = 1.0
PDF_BAR = 10.0
"""Seconds."""
ZONE = ZoneInfo("Europe/Paris")
BEGIN = round(big_record.BEGIN.timestamp()) * SECOND
WANTED = Wanted(BEGIN, BEGIN + big_record.DAYS * DAY, ZONE)


def measure(calls: int, rounds: int) -> list[Result]:
    """Make a record of ``calls`` calls, roll it up, and make its report."""
    with (
        tempfile.TemporaryDirectory(prefix="minuteur-bench-") as folder,
        open_history(f"sqlite:///{Path(folder) / 'big.db'}") as history,
    ):
        prepare(history)
        big_record.fill(history, calls)
        Rollups(history).rebuild()
        return reports(history, calls, rounds)


def prepare(history: History) -> None:
    """Note what was promised, before the first call."""
    queues = tuple(QueuePolicy(name) for name in big_record.QUEUES)
    contexts = tuple((pbx, ("incoming",)) for pbx in big_record.PBXS)
    promised = Policy(
        commitment=Commitment(target=0.9), queues=queues, incoming_contexts=contexts, zone=ZONE
    )
    current_policy(history, promised, now=BEGIN - DAY)


def reports(history: History, calls: int, rounds: int) -> list[Result]:
    """Make the report of a record again and again."""
    reader = ReportReader(history)
    generated = Generated(At(WANTED.until), "bench", "Minuteur")
    as_json_took, as_pdf_took, sizes = [], [], []
    for _ in range(max(3, rounds)):
        begin = time.perf_counter()
        size = len(as_json(reader.report(WANTED, generated)))
        as_json_took.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        sizes = [size, len(as_pdf(reader.report(WANTED, generated), "fr"))]
        as_pdf_took.append(time.perf_counter() - begin)
    return [
        Result(
            f"report of {big_record.DAYS} days, {calls:,} calls, {kind}",
            median(took), "s", bar, at_least=False,
            note=f"median of {len(took)}; {size / 1000:.0f} kB",
        )
        for kind, took, bar, size in (
            ("JSON", as_json_took, JSON_BAR, sizes[0]),
            ("PDF", as_pdf_took, PDF_BAR, sizes[1]),
        )
    ]  # fmt: skip
