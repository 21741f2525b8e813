"""Examples of figures over time and of lost callers, for the interface's description."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from api import examples, history_views, period_views, views
from api.visibility import Scope
from monitor.core.buckets import Bucket
from monitor.core.clock import DAY, HOUR, SECOND, Ms
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.period import Part, PeriodFigures
from monitor.core.records import Reason, Verdict
from monitor.core.tallies import CallTally, Histogram, VisitTally, VoiceTally
from monitor.history.figures import Figures, WaitBin, Waits
from monitor.history.lost_callers import CallBack, LostCaller, Status

_AT: Final[Ms] = 1_763_712_000_000
"""2025-11-21T08:00:00Z, a Friday."""
_FIGURES: Final = Figures(
    CommitmentTally(met=187, breached=9, abandoned=11, refused=2, unknown=1, short_abandons=3),
    {
        ("lab", "support"): QueueTally(
            offered=210, answered=190, answered_within=182, abandoned=17, abandoned_within=12,
            abandoned_short=3, left_otherwise=2, unknown=1, answered_wait=4_180_000,
            longest_wait=131_208, talked=190, talk=39_900_000,
        )
    },
)  # fmt: skip
_QUEUES: Final = _FIGURES.all_queues
_RANGE: Final = {"from": views.iso(_AT), "to": views.iso(_AT + HOUR)}

SERIES: Final[dict[str, Any]] = _RANGE | {
    "step": "hour",
    "zone": "Europe/Paris",
    "service_level": "abandoned_within_count_for",
    "service_level_target": 0.9,
    "commitment_target": 0.95,
    "within_s": 60.0,
    "total": history_views.period(_FIGURES.commitment, _QUEUES),
    "by_queue": [
        {
            "pbx": "lab",
            "queue": "support",
            "label": "Support",
            "target": 0.9,
            "figures": views.queue_figures(_QUEUES),
        }
    ],
    "buckets": [history_views.bucket(Bucket(_AT, _AT + HOUR), _FIGURES)],
    "blind_intervals": [],
}
WAITS: Final[dict[str, Any]] = (
    _RANGE
    | {"of": "call"}
    | history_views.waits(
        Waits(
            [WaitBin(0, 5 * SECOND, answered=61, abandoned=3), WaitBin(180 * SECOND, None)],
            {60 * SECOND: 64},
        )
    )
)
WEEK: Final[dict[str, Any]] = _RANGE | {
    "zone": "Europe/Paris",
    "cells": [history_views.week_cell(4 * 24 + 9, _FIGURES)],
}
_CALLS: Final = CallTally(
    met=86, breached=9, abandoned=4, excluded=1, handled_by_agent=90, waits=90, wait=1_980_000,
    longest_wait=74_200, with_number=88, repeats_7=7, repeats_30=12,
)  # fmt: skip
_CALLS.reasons.update({Reason.HANDLED_LATE: 4, Reason.OUTSIDE_OPENING_HOURS: 1})
_TOTAL: Final = Part(
    calls=_CALLS,
    visits=VisitTally(
        offered=97, answered=90, answered_within=84, abandoned=7, abandoned_within=4,
        answered_wait=1_260_000, longest_wait=61_000, talked=90, talk=20_700_000, offers=104,
        missed=6, hold_known=90, held=11, hold=440_000,
    ),
    voice={"welcome": VoiceTally(38, 21, 24, 2, 1, 38, 323_000)},
    commitment_waits=Histogram.of({8: 30, 22: 41, 41: 15, 68: 4}),
    answered_waits=Histogram.of({3: 40, 14: 39, 35: 11}),
)  # fmt: skip
_TOTAL.policy_versions[1] = _TOTAL.thresholds[60_000] = 100
_PERIOD: Final = PeriodFigures(_AT, _AT + DAY, ZoneInfo("Europe/Paris"), _TOTAL)
_PERIOD.by_queue["lab", "support"] = Part(_CALLS, _TOTAL.visits)
PERIOD: Final[dict[str, Any]] = period_views.period(_PERIOD, "queue") | {"blind_intervals": []}

_DONE: Final = CallBack(2, Status.NO_ANSWER, 1, "Try after 17:00", "zoe", _AT + HOUR)
_LOST: Final = LostCaller(
    "0199001234", "lab:1763712300.7", "Zoé", "lab", "support", Verdict.ABANDONED,
    _AT, _AT + 300_000, 2, 48_300, None, _DONE,
)  # fmt: skip
CALL_BACK: Final = history_views.call_back(_DONE, Scope())
LOST_CALLERS: Final[dict[str, Any]] = {
    "from": views.iso(_AT - DAY),
    "to": views.iso(_AT + DAY),
    "counts": history_views.lost_counts([_LOST]),
    "anonymous": 1,
    "total": 1,
    "items": [history_views.lost_caller(_LOST, "Support", Scope(), ())],
}


def with_csv(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The good answer of a route that also answers with a table."""
    answer = examples.answer(example)
    answer[200]["content"]["text/csv"] = {"schema": {"type": "string"}}
    return answer
