"""Whatever is lost, doubled or reordered on the way, a record stays a sensible one."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.effects import CallChanged, VerdictGiven
from monitor.core.engine import Engine
from monitor.core.records import Call, Verdict
from telephony_adapters.recording import events_from
from tests.asterisk_lab.rows import ROWS
from tests.scenarios.agreement import LAB_POLICY, PBX
from tests.scenarios.test_captures import capture_of

SMALL = [row for row in ROWS if row.name != "forty-at-once"]


@cache
def events_of(name: str) -> list[ev.Event]:
    row = next(row for row in SMALL if row.name == name)
    return list(events_from(capture_of(row), PBX))


@st.composite
def damaged(draw: st.DrawFn) -> list[ev.Event]:
    """A capture from some offset on, with events dropped, doubled, and neighbours swapped."""
    events = events_of(draw(st.sampled_from([row.name for row in SMALL])))
    events = events[draw(st.integers(0, len(events) - 1)) :]
    dropped = draw(st.sets(st.integers(0, len(events) - 1), max_size=8))
    kept = [event for i, event in enumerate(events) if i not in dropped]
    for i in draw(st.lists(st.integers(0, max(0, len(kept) - 1)), max_size=8)):
        if kept:
            kept.insert(min(len(kept), i + draw(st.integers(0, 5))), kept[min(i, len(kept) - 1)])
    for i in draw(st.lists(st.integers(0, max(0, len(kept) - 2)), max_size=12)):
        if i + 1 < len(kept):
            kept[i], kept[i + 1] = kept[i + 1], kept[i]
    if draw(st.booleans()) and kept:
        at = draw(st.integers(0, len(kept) - 1))
        moment = kept[at].at
        kept.insert(at, ev.LinkChanged(PBX, moment, ev.LinkState.LOST, "cut"))
        kept.insert(at + 1, ev.PbxSnapshot(PBX, moment))
        kept.insert(at + 2, ev.LinkChanged(PBX, moment, ev.LinkState.CONNECTED))
    return kept


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_a_damaged_stream_never_ends_in_nonsense(events: list[ev.Event]) -> None:
    engine = Engine(LAB_POLICY)
    calls: dict[str, Call] = {}
    given_: dict[str, list[Verdict]] = {}
    start = min((event.at for event in events), default=0)
    engine.advance(start)
    engine.handle(ev.PbxSnapshot(PBX, start))
    now = start
    # At the end the PBX says that no channel is left, so every call has to be over.
    for event in [*events, ev.PbxSnapshot(PBX, max((e.at for e in events), default=start) + 9_000)]:
        now = max(now, event.at)
        for effect in engine.advance(now) + engine.handle(event):
            if isinstance(effect, CallChanged):
                calls[effect.call.uniqueid] = effect.call
            elif isinstance(effect, VerdictGiven):
                given_.setdefault(effect.call.uniqueid, []).append(effect.verdict)
    for call in calls.values():
        assert call.closed
        assert call.verdict is not Verdict.PENDING
        assert given_[call.uniqueid][-1] is call.verdict
        assert all(v.exit is not None for v in call.visits)
        assert all(v.left_at is None or v.left_at >= v.joined_at - 50 for v in call.visits)
    today = engine.snapshot().today
    assert today.calls == len(calls)
    assert today.pending == 0
    for (_, name), queue in engine.snapshot().queues.items():
        visits = [v for call in calls.values() for v in call.visits if v.queue == name]
        assert queue.waiting == {}
        assert queue.today.offered == len(visits)
        answers = [v for v in visits if v.exit == "answered" and v.wait is not None]
        assert queue.today.answered == len(answers)
        assert queue.today.abandoned == sum(v.exit == "abandoned" for v in visits)
        assert queue.today.answered_wait >= 0
