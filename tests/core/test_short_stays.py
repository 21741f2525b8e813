"""Stays in Stasis applications that are over at once, or never were."""

from itertools import product

import pytest

from monitor.core import events as ev
from monitor.core.policy import CountsWhen, Policy, VoiceServer
from monitor.core.records import FactKind, HandledBy, Verdict
from tests.core.story import CALLER, PBX, Story, ms
from tests.core.test_stays import interleavings, record

POLICY = Policy(
    incoming_contexts=((PBX, ("incoming",)),),
    voice_servers=(
        VoiceServer("ivr", (), ("ivr-app",)),
        VoiceServer("menu", ("menu",), ("menu-app",), CountsWhen.FIRST_INPUT),
    ),
)


def step(at: float, app: str = "NoOp", data: str = "", context: str = "incoming") -> ev.Event:
    return ev.DialplanStep(PBX, ms(at), CALLER, context, "s", app, data)


def entered(at: float, app: str = "ivr-app") -> ev.Event:
    return ev.StasisEntered(PBX, ms(at), CALLER, app)


def left(at: float, app: str = "ivr-app") -> ev.Event:
    return ev.StasisLeft(PBX, ms(at), CALLER, app)


ARRIVES = [
    ev.ChannelArrived(PBX, ms(0), CALLER, CALLER, "PJSIP/trunk-1", "incoming", "s", "0612", ""),
    step(0),
]
GONE = ev.ChannelGone(PBX, ms(20), CALLER, 16)
REFUSED = ev.StasisRefused(PBX, ms(1), CALLER)


def told(*events: ev.Event) -> Story:
    story = Story(POLICY)
    for event in events:
        story.say(event)
    return story


@pytest.mark.parametrize("skew", [-0.030, -0.001, 0.0, 0.001, 0.030])
def test_twice_in_a_row_are_two_stays_however_the_two_links_stamp_them(skew: float) -> None:
    ami = [*ARRIVES, step(1, "Stasis", "ivr-app"), step(3, "Stasis", "ivr-app"), step(5), GONE]
    ari = [entered(1 + skew), left(3 + skew), entered(3 + skew), left(5 + skew)]
    found = [told(*events).call() for events in interleavings(ami, ari)]
    assert len(found) == 210
    assert {len(call.stays) for call in found} == {2}
    assert all(record(call) == record(found[0]) for call in found)
    assert [stay.entered_at for stay in found[0].stays] == [ms(1), ms(3)]


@pytest.mark.parametrize(
    ("length", "skew"), [*product((0.0, 0.001, 0.003), (-0.005, -0.001, 0.0, 0.001, 0.005))]
)
def test_a_stay_that_is_over_at_once_is_one_stay(length: float, skew: float) -> None:
    ami = [*ARRIVES, step(1, "Stasis", "ivr-app"), step(1 + length), GONE]
    ari = [entered(1 + skew), left(1 + length + skew)]
    found = [told(*events).call() for events in interleavings(ami, ari)]
    assert {len(call.stays) for call in found} == {1}
    assert all(record(call) == record(found[0]) for call in found)


@pytest.mark.parametrize("skew", [-0.005, -0.001, 0.0, 0.001, 0.005])
def test_an_application_that_nobody_serves_takes_care_of_nobody(skew: float) -> None:
    ami = [*ARRIVES, step(1, "Stasis", "ivr-app"), REFUSED, step(1), GONE]
    ari = [entered(1 + skew), left(1 + skew)]
    found = [told(*events).call() for events in interleavings(ami, ari)]
    for call in found:
        assert call.stays == []
        assert call.handled_by is None
        assert call.verdict is Verdict.REFUSED
        assert record(call) == record(found[0])


def test_without_ari_too() -> None:
    story = told(*ARRIVES, step(1, "Stasis", "ivr-app"))
    assert story.call().handled_by is HandledBy.VOICE_SERVER
    story.say(REFUSED).say(step(1))
    call = story.call()
    assert (call.stays, call.handled_by, call.verdict) == ([], None, Verdict.PENDING)
    assert FactKind.VOICE_SERVER_ENTERED not in {fact.kind for fact in call.facts}
    story.until(61)
    assert story.call().verdict is Verdict.BREACHED


def test_the_second_try_counts_where_the_first_was_refused() -> None:
    ami = [
        *ARRIVES, step(1, "Stasis", "ivr-app"), REFUSED, step(1, "Wait", "2"),
        step(3, "Stasis", "ivr-app"), step(6), GONE,
    ]  # fmt: skip
    ari = [entered(1.001), left(1.001), entered(3.001), left(6.001)]
    for events in interleavings(ami, ari):
        (stay,) = told(*events).call().stays
        assert stay.entered_at == ms(3)


def test_a_refusal_leaves_the_voice_server_around_it_alone() -> None:
    story = told(*ARRIVES, step(1, context="menu"), step(2, "Stasis", "ivr-app", "menu"))
    story.say(ev.StasisRefused(PBX, ms(2), CALLER)).say(step(2, context="menu"))
    story.say(ev.DigitPressed(PBX, ms(4), CALLER, "2"))
    assert [(s.name, s.inputs, s.entered_at) for s in story.call().stays] == [("menu", "2", ms(1))]


def test_a_refusal_by_an_application_that_nobody_declared_says_nothing() -> None:
    story = told(*ARRIVES, step(1, "Stasis", "other"), REFUSED, step(1))
    assert story.call().stays == []
    assert story.call().verdict is Verdict.PENDING


@pytest.mark.parametrize("listed", [True, False])
def test_a_list_of_channels_made_while_the_dialplan_goes_on_changes_nothing(listed: bool) -> None:
    """The list says that the caller is inside, or is not: both are just behind, or just before."""
    seen = (ev.StasisSeen(CALLER, "ivr-app"),) if listed else ()
    for at in (0.999, 1.0, 1.001, 4.999, 5.0, 5.001):
        story = told(*ARRIVES, step(1, "Stasis", "ivr-app"))
        for event in sorted(
            (ev.StasisSnapshot(PBX, ms(at), seen), step(5), GONE), key=lambda event: event.at
        ):
            story.say(event)
        assert [(s.entered_at, s.left_at) for s in story.call().stays] == [(ms(1), ms(5))], at


def test_a_list_of_channels_ends_a_stay_that_ended_while_nobody_looked() -> None:
    story = told(*ARRIVES, step(1, "Stasis", "ivr-app"), ev.StasisSnapshot(PBX, ms(9)))
    assert story.call().stays[0].left_at == ms(9)
