"""A link cut anywhere in a capture: the queue log fills the gap, with the truth or not at all."""

from hypothesis import given, settings

from monitor.core import events as ev
from monitor.core.comparing import Explanation, Sight, legs_of
from monitor.core.effects import BlindIntervalChanged, CallChanged
from monitor.core.engine import Engine
from monitor.core.logged import with_legs
from monitor.core.reconciling import reconcile
from monitor.core.records import Call, Verdict
from tests.scenarios.agreement import LAB_POLICY, PBX
from tests.scenarios.cuts import SMALL, cut_stream, cuts
from tests.scenarios.test_recovered_captures import (
    GIVEN,
    logged_of,
    observed_of,
    redirected,
)

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
    calls, sight = follow_cut(cut_stream(*cut))
    logged = {one.uniqueid: one for one in LOGGED[cut[0]]}
    for uniqueid, truth in observed_of(cut[0], "22").items():
        record = calls.get(uniqueid)
        legs = [] if record is None else legs_of(record)
        ids = [id_ for id_ in (uniqueid, *legs) if id_ in logged]
        if not ids:
            continue
        told = with_legs(uniqueid, [logged[id_] for id_ in ids])
        found = reconcile(PBX, record, told, sight, GIVEN)
        assert Explanation.UNEXPLAINED not in {d.explanation for d in found.differences}, found
        after = found.after or record
        assert after is not None
        if not redirected(truth):
            assert after.verdict in {truth.verdict, Verdict.UNKNOWN}, (after, found)
        again = reconcile(PBX, after, told, sight, GIVEN)
        assert again.after is None, (found.differences, again.differences)
