"""A link cut at any moment of a real capture: the verdict is the true one, or says `unknown`."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.effects import CallChanged
from monitor.core.engine import Engine
from monitor.core.records import Call, Exit, Verdict
from tests.scenarios.agreement import LAB_POLICY, PBX
from tests.scenarios.test_captures import capture_of, follow
from tests.scenarios.test_chaos import SMALL, events_of
from tests.scenarios.world import World

NAMES = [row.name for row in SMALL]


@cache
def truth_of(name: str) -> dict[str, Verdict]:
    """What the uncut capture ends in."""
    row = next(row for row in SMALL if row.name == name)
    return {uniqueid: call.verdict for uniqueid, call in follow(capture_of(row)).items()}


@st.composite
def cuts(draw: st.DrawFn) -> tuple[str, int, int, int]:
    """A capture and three places in it: the link is lost, is logged in again, is listed."""
    name = draw(st.sampled_from(NAMES))
    last = len(events_of(name)) - 1
    lost = draw(st.integers(0, last))
    login = draw(st.integers(lost, last))
    return name, lost, login, draw(st.integers(login, last))


def cut_stream(name: str, lost: int, login: int, listed: int) -> list[ev.Event]:
    """What the monitor gets of a capture."""
    events = events_of(name)
    world = World()
    for event in events[:listed]:
        world.apply(event)
    # A list is made after the events before it, and before those after it.
    at = max(event.at for event in events[: listed + 1])
    return [
        *events[:lost],
        ev.LinkChanged(PBX, events[lost].at, ev.LinkState.LOST, "cut"),
        world.snapshot(at),
        *events[login:listed],
        ev.LinkChanged(PBX, at, ev.LinkState.CONNECTED),
        *events[listed:],
    ]


@settings(max_examples=400, deadline=None)
@given(cuts())
def test_after_a_cut_the_verdict_is_the_true_one_or_unknown(
    cut: tuple[str, int, int, int],
) -> None:
    events = cut_stream(*cut)
    engine = Engine(LAB_POLICY)
    calls: dict[str, Call] = {}
    now = min(event.at for event in events)
    engine.advance(now)
    engine.handle(ev.PbxSnapshot(PBX, now))
    engine.handle(ev.LinkChanged(PBX, now, ev.LinkState.CONNECTED))
    for event in events:
        now = max(now, event.at)
        for effect in engine.advance(now) + engine.handle(event):
            if isinstance(effect, CallChanged):
                calls[effect.call.uniqueid] = effect.call
    truth = truth_of(cut[0])
    assert calls.keys() <= truth.keys()
    for uniqueid, call in calls.items():
        assert call.closed
        assert call.verdict in {truth[uniqueid], Verdict.UNKNOWN}, (uniqueid, call)
        assert all(v.exit is not None for v in call.visits)
        assert all(
            v.left_at is None or v.left_at >= v.joined_at or v.exit is Exit.UNKNOWN
            for v in call.visits
        )
    today = engine.snapshot().today
    assert (today.calls, today.pending) == (len(calls), 0)
