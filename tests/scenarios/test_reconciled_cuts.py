"""A link cut anywhere in a capture: the queue log fills the gap, with the truth or not at all."""

from hypothesis import given, settings

from monitor.core import events as ev
from monitor.core.comparing import Explanation, Sight
from monitor.core.effects import BlindIntervalChanged, CallChanged
from monitor.core.engine import Engine
from monitor.core.reconciling import reconcile
from monitor.core.records import Call, Exit, Verdict
from tests.scenarios.agreement import LAB_POLICY, PBX
from tests.scenarios.test_chaos import SMALL
from tests.scenarios.test_cut_links import cut_stream, cuts, truth_of
from tests.scenarios.test_recovered_captures import GIVEN, logged_of

LOGGED = {row.name: logged_of(row, "22") for row in SMALL}


def follow_cut(events: list[ev.Event]) -> tuple[dict[str, Call], Sight]:
    """The records of what was seen, and when nothing was."""
    engine = Engine(LAB_POLICY)
    calls: dict[str, Call] = {}
    blind: dict[int, int] = {}
    start = now = min(event.at for event in events)
    engine.advance(now)
    engine.handle(ev.PbxSnapshot(PBX, now))
    engine.handle(ev.LinkChanged(PBX, now, ev.LinkState.CONNECTED))
    for event in events:
        now = max(now, event.at)
        for effect in engine.advance(now) + engine.handle(event):
            if isinstance(effect, CallChanged):
                calls[effect.call.uniqueid] = effect.call
            elif isinstance(effect, BlindIntervalChanged) and effect.interval.ended_at:
                blind[effect.interval.started_at] = effect.interval.ended_at
    return calls, Sight(start - 10_000, tuple(sorted(blind.items())))


@settings(max_examples=200, deadline=None)
@given(cuts())
def test_after_a_cut_and_a_reconciliation_nothing_is_unexplained_and_nothing_wrong(
    cut: tuple[str, int, int, int],
) -> None:
    events = cut_stream(*cut)
    calls, sight = follow_cut(events)
    truth = truth_of(cut[0])
    for logged in LOGGED[cut[0]]:
        record = calls.get(logged.uniqueid)
        found = reconcile(PBX, record, logged, sight, GIVEN)
        assert Explanation.UNEXPLAINED not in {d.explanation for d in found.differences}, found
        after = found.after or record
        assert after is not None
        if all(visit.exit is not Exit.REDIRECTED for visit in after.visits):
            assert after.verdict in {truth[logged.uniqueid], Verdict.UNKNOWN}, (after, found)
        assert all(visit.exit is not Exit.UNKNOWN for visit in after.visits)
        again = reconcile(PBX, after, logged, sight, GIVEN)
        assert again.after is None, (found.differences, again.differences)
