"""Evidence: what a call costs to seal, to pack and to verify, and whether memory grows with them.

The calls are those of the big record, without timelines. A sealer that runs beside a monitor rests
most of the time; here it does not.
"""

import tempfile
import time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import psutil  # type: ignore[import-untyped]

from monitor.evidence.chain import begin_of, end_of
from monitor.evidence.pack import Packer
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.evidence.sealing import Sealer, Waiting
from monitor.evidence.verifying import verify
from monitor.history import History, open_history
from monitor.history.evidence_record import first_sealed, last_seal
from tests.bench import big_record
from tests.bench.isolation import isolated
from tests.bench.results import Result

BAR: Final = 1.3
"""Memory of verifying, for ten times the calls."""
MB: Final = 1_000_000
LATE: Final = 4_000_000_000_000
"""A moment (ms) long after all calls."""
KEY: Final = bytes(32)
DAYS: Final = 20


def measure(calls: int) -> list[Result]:
    """Seal, pack and verify a record of ``calls`` calls, and one of a tenth of it."""
    with tempfile.TemporaryDirectory(prefix="minuteur-bench-") as folder:
        few = _packed(f"{folder}/few", max(1, calls // 10), DAYS // 10)
        many = _packed(f"{folder}/many", calls, DAYS)
        small, large = (isolated(_verified, f"{folder}/{name}.zip") for name in ("few", "many"))
    return [
        Result(f"evidence: sealing, {calls:,} calls", many[0], "µs/call"),
        Result(f"evidence: making a pack, {calls:,} calls", many[1], "µs/call"),
        Result(f"evidence: verifying it, {calls:,} calls", large[0], "µs/call"),
        Result(
            f"evidence: memory of verifying, {calls // 10:,} → {calls:,} calls", large[1], "MB",
            BAR, at_least=False, baseline=small[1], baseline_is="a tenth of the calls",
            ratio=large[1] / small[1], note=f"sealing a tenth: {few[0]:.0f} µs/call",
        ),
    ]  # fmt: skip


def _packed(path: str, calls: int, days: int) -> tuple[float, float]:
    """Processor time (µs) for each call, of sealing and of packing."""
    pseudonyms = Pseudonyms(KEY)
    with open_history(f"sqlite:///{path}.db", pseudonyms=pseudonyms) as history:
        big_record.fill(history, calls, days)
        began = time.process_time()
        sealer = Sealer(history, lambda: LATE, lambda _seconds: None)
        while not _reached(history, days) and not isinstance(sealer.seal_next(), Waiting):
            pass
        sealed = time.process_time()
        packer = Packer(history, pseudonyms)
        with history.reading() as connection:
            first, last = first_sealed(connection), last_seal(connection)
        assert first is not None
        assert last is not None
        plan = packer.plan(begin_of(first), end_of(last.day), ZoneInfo("Europe/Paris"))
        with Path(f"{path}.zip").open("wb") as file:
            packer.write(plan, file.write)
        packed = time.process_time()
    return (sealed - began) / calls * 1e6, (packed - sealed) / calls * 1e6


def _reached(history: History, days: int) -> bool:
    with history.reading() as connection:
        last = last_seal(connection)
    return last is not None and last.number >= days


def _verified(path: str) -> tuple[float, float]:
    """Processor time (µs) for each call, and the most memory (MB)."""
    began = time.process_time()
    with Path(path).open("rb") as file:
        verdict = verify(file)
    assert verdict.findings == []
    took = time.process_time() - began
    return took / verdict.calls * 1e6, psutil.Process().memory_info().rss / MB
