"""An example of a simulation for the OpenAPI document: made by the shipped code."""

from collections import Counter
from typing import Any, Final

from api.overflow_examples import RULE
from api.overflow_policies import rule_of
from api.simulating import Job, Simulation
from api.simulation_views import simulation
from monitor.core.backtest.result import Affected, BacktestResult, Moved, NotConsidered
from monitor.core.clock import DAY, MINUTE, SECOND
from monitor.core.overflow.decisions import Because, Reason
from monitor.core.overflow.rules import Destination
from monitor.core.policy import Policy
from monitor.core.records import Call, HandledBy, Verdict

_AT: Final = 1_795_254_067_382
_RULE: Final = rule_of(RULE)


def _call(number: int, at: int, waited: int, verdict: Verdict) -> Call:
    return Call(
        "lab", f"1795254{number:03d}.{number}", at, clock_started_at=at, handled_at=at + waited,
        handled_by=HandledBy.AGENT, verdict=verdict,
    )  # fmt: skip


def _result() -> BacktestResult:
    """A thousand calls; one would have been answered in time in the back office."""
    late = _call(27, _AT, 74_180, Verdict.BREACHED)
    behind = _call(31, _AT + 9_300, 61_020, Verdict.BREACHED)
    why = Reason(Because.CONDITION, {"metric": "time_left", "value": 20_000, "at_most": 20_000})
    moved = Moved(
        late, "support", Destination("overflow", queue="backup"), _AT + MINUTE - 20 * SECOND,
        (why,), 4_210, Verdict.MET,
    )  # fmt: skip
    return BacktestResult(
        _RULE,
        recorded=Counter({Verdict.MET: 902, Verdict.BREACHED: 41, Verdict.ABANDONED: 57}),
        moved=[moved],
        affected=[Affected(behind, "support", Verdict.MET)],
        held_back={Because.TARGET_NOT_BETTER: 12},
        not_considered=(NotConsidered.LOGINS, NotConsidered.RING_CYCLE),
    )


_JOB: Final = Job(_RULE, Policy(), _AT - 7 * DAY, _AT + DAY)
SIMULATION_IN: Final[dict[str, Any]] = {
    "rule_id": "support-to-backup",
    "from": "2026-11-14T00:00:00+01:00",
    "to": "2026-11-21T00:00:00+01:00",
}
SIMULATION: Final = simulation(Simulation(_JOB, _result(), 1.204), 200)
