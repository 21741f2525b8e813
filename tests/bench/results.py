"""What was measured, against what, and how it is shown."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """Whether a bar was met."""

    OK = "ok"
    MISSED = "missed"
    INFO = ""
    """A row without a bar: it says where time goes."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table.

    ``ratio`` compares ``measured`` with ``baseline``; the bar is on the ratio where there is one,
    else on what was measured. ``at_least`` says which side of the bar is the good one.
    """

    what: str
    measured: float
    unit: str
    bar: float | None = None
    at_least: bool = True
    baseline: float | None = None
    baseline_is: str = ""
    ratio: float | None = None
    note: str = ""

    @property
    def outcome(self) -> Outcome:
        """Whether the bar was met; equal is enough."""
        if self.bar is None:
            return Outcome.INFO
        value = self.measured if self.ratio is None else self.ratio
        met = value >= self.bar if self.at_least else value <= self.bar
        return Outcome.OK if met else Outcome.MISSED

    @property
    def bar_text(self) -> str:
        """The bar, as people write it."""
        if self.bar is None:
            return ""
        unit = "x" if self.ratio is not None else f" {self.unit}"
        return f"{'≥' if self.at_least else '≤'} {number(self.bar)}{unit}"


def number(value: float) -> str:
    """A number in as many digits as mean something."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(results: Sequence[Result]) -> str:
    """The results as a table of text."""
    lines = [("what", "measured", "bar", "baseline", "ratio", "")]
    for result in results:
        baseline = "" if result.baseline is None else number(result.baseline)
        if result.baseline_is:
            baseline = f"{baseline} ({result.baseline_is})".strip()
        lines.append(
            (
                result.what,
                f"{number(result.measured)} {result.unit}".strip(),
                result.bar_text,
                baseline,
                "" if result.ratio is None else f"{result.ratio:.2f}x",
                result.outcome.value,
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    shown = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
    shown.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"  {result.what}: {result.note}" for result in results if result.note]
    return "\n".join([*shown, *(["", *notes] if notes else [])])


def document(results: Iterable[Result], **about: object) -> dict[str, Any]:
    """The results as a document for programs, with what they were measured on."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "load": os.getloadavg()[0],
        },
        **about,
        "results": [asdict(result) | {"outcome": result.outcome.value} for result in results],
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that ``percent`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
