"""Each measurement runs, in a tiny size, and gives numbers.

How large they are is no test's business.
"""

import json
from collections.abc import Callable
from math import isfinite
from pathlib import Path

import pytest

pytest.importorskip("cacofonisk", reason="the benchmark's rivals are not installed")

from telephony_adapters.asterisk.ami_decode import EventDecoder
from tests.bench import __main__ as bench
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
from tests.bench.results import Outcome, Result, document, percentile, table
from tests.bench.stream import PBX, Capture
from web import DIST

TINY: dict[str, Callable[[], list[Result]]] = {
    "report": lambda: report.measure(300, 1),
    "pipeline": lambda: pipeline.measure(1, 1),
    "lateness": lambda: lateness.measure(20, 200, 0.2),
    "wire": lambda: wire.measure(2, 1_000, 1.0),
    "stream": lambda: audience.measure(2, (20,), 1.0),
    "decisions": lambda: decisions.measure(50, 200, 0.5),
    "growth": lambda: growth.measure(20, 40, 200, 1),
    "memory": lambda: memory.measure(20),
    "import": lambda: imports.measure(200),
    "page": lambda: page.measure(5, 2, 4, 1.0),
    "calls": lambda: call_pages.measure(500, 1),
    "figures": lambda: figures.measure(400, 1),
    "evidence": lambda: evidence.measure(400),
}


@pytest.mark.parametrize("name", bench.MEASUREMENTS)
def test_each_measurement_gives_numbers(name: str) -> None:
    if name == "page" and not (Path(page.CHROMIUM).exists() and DIST.is_dir()):
        pytest.skip(f"needs {page.CHROMIUM} and the built page (make web)")
    results = TINY[name]()
    assert results
    for result in results:
        assert isfinite(result.measured)
        assert result.measured > 0
        assert result.ratio is None or result.ratio > 0
    assert json.loads(json.dumps(document(results)))["results"][0]["what"] == results[0].what
    assert results[0].what in table(results)


def test_repetitions_have_names_of_their_own() -> None:
    capture = Capture()
    seen: list[set[str]] = []
    for number in range(2):
        events = EventDecoder(PBX).feed(capture.repetition(number), 0)
        seen.append({getattr(event, "uniqueid", "") for event in events} - {""})
        assert len(events) > 1000
    assert len(seen[0]) == len(seen[1])
    assert not seen[0] & seen[1]


def test_a_stream_is_as_long_as_was_asked_for() -> None:
    capture = Capture()
    stream = capture.stream(capture.events + 1)
    assert (stream.repetitions, stream.events) == (2, 2 * capture.events)
    assert b"".join(stream.chunks).count(b"\r\n\r\n") == stream.events


def test_a_bar_is_met_on_its_good_side_only() -> None:
    assert Result("fast", 1, "", 3.0, ratio=3.0).outcome is Outcome.OK
    assert Result("slow", 1, "", 3.0, ratio=2.9).outcome is Outcome.MISSED
    assert Result("late", 51, "ms", 50.0, at_least=False).outcome is Outcome.MISSED
    assert Result("only said", 1, "ms").outcome is Outcome.INFO
    assert percentile(list(range(100)), 99) == 99


def test_the_results_are_written_where_they_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(bench.MEASUREMENTS, "memory", lambda _: [Result("kept", 1, "MB", 2.0)])
    output = tmp_path / "results.json"
    assert bench.main(["--only", "memory", "--output", str(output)]) == 1
    assert json.loads(output.read_text())["results"][0]["outcome"] == "missed"
    assert "kept" in capsys.readouterr().out
