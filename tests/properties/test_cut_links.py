"""A link cut, a PBX or a monitor that dies, at any moment of real captures: true, or `unknown`."""

from hypothesis import given

from monitor.core.records import Call, Exit, HandledBy, Observed, Verdict
from tests.properties import plans
from tests.properties.budget import examples
from tests.properties.plans import Plan
from tests.properties.streams import stream
from tests.properties.test_damaged_streams import POLICIES, followed
from tests.properties.traces import LONGEST, recorded
from tests.properties.watched import Watched

SECOND_CALL = "attended-by-phone"
"""An agent asks in a queue by a second call: no caller, but who missed the first cannot know."""


def truth(plan: Plan) -> dict[str, Call]:
    """What the calls of a plan end in."""
    found = Watched(POLICIES[0])
    found.follow(stream(Plan(plan.takes)))
    return found.calls


@examples(0.3)
@given(plans.cut())
def test_after_a_cut_the_verdict_is_the_true_one_or_unknown(plan: Plan) -> None:
    watched = followed(plan)
    watched.finish()
    true = truth(plan)
    whole = all(len(recorded(take.trace)) <= LONGEST for take in plan.takes)
    asked = any(SECOND_CALL in take.trace for take in plan.takes)
    assert not whole or asked or watched.calls.keys() <= true.keys()
    for id_ in watched.calls.keys() & true.keys():
        _compare(watched.calls[id_], true[id_])


def _compare(call: Call, true: Call) -> None:
    assert call.verdict in {true.verdict, Verdict.UNKNOWN}
    if call.observed is Observed.FULL:
        assert call.handled_by == true.handled_by
    for visit in call.visits:
        ends = {known.exit for known in true.visits if known.queue == visit.queue}
        pulled = Exit.REDIRECTED in ends
        if (visit.answered_at is None or pulled) and true.handled_by is HandledBy.AGENT:
            # Found talking after a gap: whether the queue answered, or who pulled, nobody saw.
            ends.add(Exit.ANSWERED)
        assert visit.exit in {*ends, Exit.UNKNOWN}
