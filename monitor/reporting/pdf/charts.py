"""What the charts of a printed report show; the template draws them."""

from math import ceil
from typing import Any, Final

from monitor.core.clock import SECOND
from monitor.core.indicators import Ratio
from monitor.reporting.model import Report
from monitor.reporting.pdf.blocks import Section
from monitor.reporting.results import LAST_BIN_S
from monitor.reporting.words import Language

VERDICTS: Final = ("met", "breached", "abandoned", "refused", "excluded", "unknown")
_STEPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Between the lines of the chart of rates."""
_MOST_LINES: Final = 6
_BELOW: Final = 0.6
"""Of a step: so much room is left below the lowest point, for its label."""


def verdicts(report: Report, say: Language) -> dict[str, Any]:
    """The shares of the verdicts, as one bar."""
    calls = report.total.calls
    parts = [(name, getattr(calls, name)) for name in VERDICTS]
    whole = sum(count for _, count in parts)
    told = [
        {"name": name, "label": say(f"v.{name}"), "share": count / whole,
         "value": say.ratio(Ratio(count, whole))}
        for name, count in parts
        if count
    ]  # fmt: skip
    points = " ".join(say("g.point", name=one["label"], value=one["value"]) for one in told)
    return {"parts": told, "alt": say("g.verdicts_alt", points=points)}


def rates(section: Section, report: Report, say: Language) -> None:
    """The rate of each month against the target; nothing of a single month."""
    points = [
        {
            "label": say.month(month.month, short=True),
            "value": rate.ratio.value,
            "low": rate.range.low.value,
            "high": rate.range.high.value,
            "text": say.ratio(rate.ratio),
        }
        for month in report.months
        if (rate := month.results.calls.rate).ratio.value is not None
    ]
    if len(points) < 2:  # noqa: PLR2004 - nothing to compare
        return
    target = None if report.promise is None else report.promise.target
    lows = [*(point["low"] for point in points), *([] if target is None else [target])]
    floor, lines = _axis(min(float(low) for low in lows if low is not None))
    said = " ".join(say("g.point", name=point["label"], value=point["text"]) for point in points)
    section.chart(
        "rates",
        say("g.rate_plain" if target is None else "g.rate"),
        say("g.rate_alt", points=said),
        {
            "points": points,
            "floor": floor,
            "lines": [{"at": line, "label": say.exact_percent(line)} for line in lines],
            "target": target,
            "target_label": ""
            if target is None
            else say("k.target", target=say.exact_percent(target)),
        },
    )


def _axis(lowest: float) -> tuple[float, list[float]]:
    """Where the axis begins, and its lines up to 100 %."""
    for step in _STEPS:
        count = ceil((1 - lowest) / step + _BELOW)
        if count <= _MOST_LINES:
            return 1 - count * step, [round(1 - n * step, 4) for n in range(count, -1, -1)]
    return 0.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def waits(section: Section, report: Report, say: Language) -> None:
    """How the waits until handled spread, with the threshold."""
    fine = [one for one in report.waits if one.to_s is not None and one.to_s <= LAST_BIN_S]
    longer = sum(one.calls for one in report.waits) - sum(one.calls for one in fine)
    most = max((one.calls for one in fine), default=0)
    if not most:
        return
    within = 60 if report.promise is None else report.promise.within_s // SECOND
    inside = sum(one.calls for one in fine if one.to_s is not None and one.to_s <= within)
    beyond = sum(one.calls for one in fine) - inside + longer
    threshold = say.threshold(within * SECOND)
    section.chart(
        "waits",
        say("g.waits"),
        say(
            "g.waits_alt",
            within=say.number(inside),
            threshold=threshold,
            beyond=say.number(beyond),
        ),
        {
            "bars": [
                {"to": one.to_s, "share": one.calls / most, "late": (one.to_s or 0) > within}
                for one in fine
            ],
            "last": LAST_BIN_S,
            "threshold": within if within <= LAST_BIN_S else None,
            "threshold_label": threshold,
            "most": say.number(most),
            "ticks": [
                {"at": at, "label": say.seconds(at * SECOND, 0)}
                for at in range(0, LAST_BIN_S + 1, 15)
            ],
        },
    )
    if longer:
        section.text(
            say(
                "p.waits_longer", last=say.seconds(LAST_BIN_S * SECOND, 0), calls=say.number(longer)
            )
        )
