"""What callers say beside their journey is kept with the call, also when it is over."""

import pytest

from monitor.core import events as ev
from monitor.core.contacts import Channel
from monitor.core.effects import CallChanged, ContactTold
from monitor.core.promises import Promise
from monitor.core.records import FactKind, Verdict
from tests.core.story import CALLER, PBX, Story, ms


def rated(at: float, score: int, best: int = 5, uniqueid: str = CALLER) -> ev.SatisfactionReported:
    return ev.SatisfactionReported(PBX, ms(at), uniqueid, score, best)


def asked(at: float, uniqueid: str = CALLER) -> ev.ContactReported:
    return ev.ContactReported(
        PBX, ms(at), uniqueid, ev.ContactStep.ASKED, Channel.CALLBACK, "R1",
        Promise.within(7_200_000), number="0199001234",
    )  # fmt: skip


def served() -> Story:
    return Story().arrives().joins(1).connects(20).completes(60)


def test_a_score_after_the_agent_left_is_kept_with_the_call() -> None:
    story = served().say(rated(62, 0)).say(rated(66, 4))
    call = story.call()

    assert (call.satisfaction, call.satisfaction_best) == (4, 5)
    assert call.verdict is Verdict.MET
    told = [(fact.kind, fact.detail) for fact in call.facts[-2:]]
    assert told == [
        (FactKind.SURVEY_ASKED, {"best": 5}),
        (FactKind.SURVEY_ANSWERED, {"score": 4, "best": 5}),
    ]


def test_a_question_without_an_answer_is_told_from_no_question() -> None:
    assert served().call().satisfaction is None
    assert served().say(rated(62, 0)).call().satisfaction == 0


def test_a_closed_call_takes_its_score_and_is_stored_again() -> None:
    story = served().say(ev.ChannelGone(PBX, ms(70), CALLER, 16))
    assert story.call().closed
    story.effects.clear()

    story.say(rated(70, 5))

    assert story.call().satisfaction == 5
    changed = [effect for effect in story.effects if isinstance(effect, CallChanged)]
    assert [effect.call.uniqueid for effect in changed] == [CALLER]


def test_the_last_score_counts_and_a_repeated_question_takes_none_back() -> None:
    story = served().say(rated(62, 2)).say(rated(64, 3)).say(rated(65, 0))

    assert story.call().satisfaction == 3


def test_a_score_of_a_channel_that_is_no_caller_changes_nothing() -> None:
    story = served()
    story.effects.clear()

    assert story.say(rated(62, 4, uniqueid="9.9")).effects == []


@pytest.mark.parametrize("known", [True, False])
def test_a_callback_is_told_with_the_call_where_it_is_known(known: bool) -> None:
    story = served()
    event = asked(61, CALLER if known else "9.9")

    story.say(event)

    (told,) = [effect for effect in story.effects if isinstance(effect, ContactTold)]
    assert told == ContactTold(event, story.call() if known else None)
    facts = [f.detail for f in story.call().facts if f.kind is FactKind.CONTACT_ASKED]
    assert facts == ([{"contact": "callback", "reference": "R1"}] if known else [])


def test_the_half_of_a_local_channel_speaks_for_its_caller() -> None:
    """Who came through Dial(Local/…) waits, and is asked, on the half that acts for them."""
    story = Story().arrives()
    half = "1763718000.3"
    story.say(ev.DialStarted(PBX, ms(1), CALLER, "1763718000.2", "Local/q@in-1;1"))
    for uniqueid, end in (("1763718000.2", 1), (half, 2)):
        story.say(
            ev.ChannelArrived(
                PBX, ms(0.9), uniqueid, CALLER, f"Local/q@in-1;{end}", "in", "q", "", ""
            )
        )
    story.say(ev.DialStarted(PBX, ms(1), CALLER, "1763718000.2", "Local/q@in-1;1"))
    story.say(ev.DialplanStep(PBX, ms(1.1), half, "in", "q", "Queue", "support"))
    story.say(ev.QueueJoined(PBX, ms(1.2), half, "support", 1))

    story.say(rated(30, 4, uniqueid=half))

    assert story.call().satisfaction == 4
