"""What each figure of a report is; the formulas use the names of the report's JSON."""

from typing import Final

from monitor.core.indicators import ServiceLevel
from monitor.reporting.model import Definition

RATE: Final = "rate"
DEFINITIONS: Final = (
    Definition(RATE, "met / (met + breached)", "share"),
    *(Definition(level.value, level.formula, "share") for level in ServiceLevel),
    Definition("asa", "sum of the waits of answered visits / answered", "s"),
    Definition("wait_percentile", "smallest whole second s: waits ≤ s are at least p %", "s"),
    Definition("average_talk", "sum of ended conversations / their number", "s"),
    Definition("average_hold", "sum of hold / ended conversations of which it is known", "s"),
    Definition("ring_no_answer", "missed offers / offers", "share"),
    Definition(
        "repeats", "calls whose caller called in the 7 × 24 h before / calls with a number", "share"
    ),
    Definition("coverage", "opening time observed / opening time", "share"),
    Definition("occupancy", "(talk + hold + wrap_up) / (logged_in - paused)", "share"),
    Definition("aht", "(talk + hold + wrap_up) / conversations", "s"),
    Definition("contact_rate", "met / (met + breached)", "share"),
    Definition("callbacks_done", "callbacks made / callbacks asked for", "share"),
    Definition("satisfaction_response", "scores given / scores asked for", "share"),
    Definition("satisfaction_mean", "sum of scores / scores given", "score"),
    Definition("satisfied", "scores among the two best / scores given", "share"),
)  # fmt: skip
