"""What is said twice, at once or all over again, changes nothing."""

from collections import defaultdict
from collections.abc import Iterator

from hypothesis import given, note
from hypothesis import strategies as st

from monitor.core import events as ev
from monitor.core.records import Call
from tests.properties import plans
from tests.properties.budget import examples
from tests.properties.plans import Plan
from tests.properties.streams import Aside, stream
from tests.properties.test_damaged_streams import POLICIES
from tests.properties.watched import Watched, as_stored


@st.composite
def plain(draw: st.DrawFn) -> Plan:
    """Traces to which nothing happens, under any policy."""
    return Plan(draw(plans.takes(2)), draw(st.integers(0, len(POLICIES) - 1)))


def recorded(plan: Plan, steps: Iterator[ev.Event | Aside]) -> dict[str, Call]:
    note(repr(plan))
    watched = Watched(POLICIES[plan.policy])
    watched.follow(steps)
    watched.finish()
    return watched.calls


def told_by_the_pbx(step: ev.Event | Aside) -> bool:
    """Whether it is an event of the PBX, not our own word about the link with it."""
    return not isinstance(step, Aside | ev.LinkChanged | ev.PbxSnapshot)


def doubled(plan: Plan, times: int) -> Iterator[ev.Event | Aside]:
    for step in stream(plan):
        yield from (step,) * (times if told_by_the_pbx(step) else 1)


@examples(0.1)
@given(plain(), st.integers(2, 3))
def test_each_event_told_more_than_once_gives_the_same_record(plan: Plan, times: int) -> None:
    ours, true = recorded(plan, doubled(plan, times)), recorded(plan, stream(plan))
    assert ours.keys() == true.keys()
    for id_, call in ours.items():
        assert call.facts == true[id_].facts
        assert as_stored(call) == as_stored(true[id_])


def again(plan: Plan, begin: int, end: int) -> Iterator[ev.Event | Aside]:
    """The stream, in which what the PBX said in a stretch comes a second time right after it.

    But for a millisecond's way of a caller through several contexts: a dialplan may really go it
    twice (a loop), so a second telling is no repetition. No link repeats what it has told.
    """
    steps = list(stream(plan))
    contexts = defaultdict(set)
    for step in steps:
        if isinstance(step, ev.DialplanStep):
            contexts[step.uniqueid, step.at].add(step.context)
    yield from steps[:end]
    for step in steps[begin:end]:
        loops = isinstance(step, ev.DialplanStep) and len(contexts[step.uniqueid, step.at]) > 1
        if told_by_the_pbx(step) and not loops:
            yield step
    yield from steps[end:]


@examples(0.1)
@given(plain(), st.data())
def test_a_stretch_told_again_gives_the_same_verdicts_and_visits(
    plan: Plan, data: st.DataObject
) -> None:
    size = len(list(stream(plan)))
    begin = data.draw(st.integers(0, size))
    end = data.draw(st.integers(begin, min(size, begin + 8)))
    ours, true = recorded(plan, again(plan, begin, end)), recorded(plan, stream(plan))
    assert {id_: essence(c) for id_, c in ours.items()} == {
        id_: essence(c) for id_, c in true.items()
    }


def essence(call: Call) -> object:
    """A record without its timeline, in which a fact that is told much later stands again."""
    visits = [(v.queue, v.joined_at, v.wait, v.talk, v.exit, v.interface) for v in call.visits]
    stays = [(stay.name, stay.entered_at, stay.left_at, stay.inputs) for stay in call.stays]
    return call.verdict, call.reason, call.handled_at, call.handled_by, call.wait, visits, stays
