"""Found in a snapshot and answered as the log says: each tells whole seconds only."""

import pytest

from monitor.core.clock import SECOND
from monitor.core.records import Call, Fact, FactKind, HandledBy, Verdict
from monitor.core.verdicts import judge

T0 = 1_795_000_000_045


@pytest.mark.parametrize(
    ("wait", "blur", "verdict"),
    [
        (57.9, SECOND, Verdict.MET),
        (58.0, SECOND, Verdict.UNKNOWN),  # from up to a second before to up to a second after
        (58.9, 0, Verdict.MET),
        (59.0, 0, Verdict.UNKNOWN),
    ],
)
def test_met_is_only_what_is_so_at_the_longest(wait: float, blur: int, verdict: Verdict) -> None:
    call = Call("lab", "1.1", T0, clock_started_at=T0, in_doubt=True, closed=True)
    call.facts.append(Fact(T0, FactKind.FOUND, {}))
    call.handled_by, call.handled_at = HandledBy.AGENT, T0 + round(wait * SECOND)
    call.handled_blur = blur
    assert judge(call).verdict is verdict
