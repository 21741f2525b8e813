"""Captures of a real Asterisk, played through the shipped path: same bytes, same record."""

import gzip
from pathlib import Path

import pytest

from monitor.core import events as ev
from monitor.core.effects import CallChanged
from monitor.core.engine import Engine
from monitor.core.records import Call
from telephony_adapters.recording import events_from
from tests.asterisk_lab import queue_log
from tests.asterisk_lab.ami import parse_stream
from tests.asterisk_lab.play import numbers_of
from tests.asterisk_lab.rows import ROWS
from tests.asterisk_lab.scenarios import Expected, Row
from tests.scenarios.agreement import LAB_POLICY, PBX, as_expected, disagreements, stamped, strayed

TRACES = Path(__file__).parent.parent / "traces"
VERSIONS = ("22", "16")


def follow(path: Path) -> dict[str, Call]:
    """Follow a capture with the clock of its own events; calls by uniqueid."""
    engine = Engine(LAB_POLICY)
    calls: dict[str, Call] = {}
    now = 0
    for event in events_from(path, PBX):
        if not now:
            engine.advance(event.at)
            engine.handle(ev.PbxSnapshot(PBX, event.at))
            engine.handle(ev.LinkChanged(PBX, event.at, ev.LinkState.CONNECTED))
        now = max(now, event.at)
        for effect in engine.advance(now) + engine.handle(event):
            if isinstance(effect, CallChanged):
                calls[effect.call.uniqueid] = effect.call
    return calls


def capture_of(row: Row, version: str = "22") -> Path:
    folder = TRACES / f"asterisk-{version}"
    found = [p for p in (folder / f"{row.name}.ami", folder / f"{row.name}.ami.gz") if p.exists()]
    assert found, f"no capture of {row.name}: run python -m tests.asterisk_lab.capture {row.name}"
    return found[0]


def expectations(row: Row) -> list[Expected | None]:
    """What each caller's record must say, in the order of the callers' numbers."""
    made = [
        (number, call.expected)
        for call, numbers in numbers_of(row).items()
        for number in numbers
        if call.via != "outgoing"
    ]
    return [expected for _, expected in sorted(made, key=lambda one: one[0])]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_captured_call_ends_in_the_expected_record(row: Row, version: str) -> None:
    calls = follow(capture_of(row, version))
    expected = expectations(row)
    in_order = sorted(calls.values(), key=lambda call: call.caller)
    assert len(in_order) == len(expected)
    assert all(call.closed for call in in_order)
    records = [
        as_expected(call) if what is not None else None
        for call, what in zip(in_order, expected, strict=True)
    ]
    assert records == expected


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_captured_call_agrees_with_the_queue_log_of_the_same_run(row: Row, version: str) -> None:
    path = capture_of(row, version)
    log = path.parent / f"{row.name}.precise.queue_log"
    calls = follow(path)
    logged = queue_log.visits(queue_log.read_file(log))
    assert disagreements(calls, logged, row.unrecorded) == []
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert strayed(calls, stamped(parse_stream(raw))) == []
