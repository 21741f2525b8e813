"""A caller who is passed on into the queue that he came from: two visits to one queue."""

from monitor.core import events as ev
from monitor.core.records import Exit
from tests.core.story import AGENT, CALLER, PBX, Story, ms


def passed_on() -> Story:
    """Anna answers and hands the caller back to her own queue.

    The caller is there before Asterisk says that her conversation is over (seen on 22 and 16).
    """
    story = Story().arrives().joins(1).connects(5)
    story.say(ev.QueueJoined(PBX, ms(9.001), CALLER, "support", 1))
    return story.completes(9.005)


def test_the_end_of_the_first_conversation_is_not_an_answer_to_the_second_wait() -> None:
    first, second = passed_on().call().visits
    assert (first.exit, first.talk) == (Exit.ANSWERED, 4005)
    assert (second.exit, second.agent) == (None, "")


def test_said_twice_it_still_is_not() -> None:
    story = passed_on().completes(9.005)
    assert story.call().visits[1].exit is None


def test_the_second_wait_ends_in_its_own_way() -> None:
    story = passed_on()
    story.say(ev.HangupRequested(PBX, ms(12), CALLER))
    story.gives_up(12).ends(12.001)
    assert [visit.exit for visit in story.call().visits] == [Exit.ANSWERED, Exit.ABANDONED]
    tally = story.engine.snapshot().queues[PBX, "support"].today
    assert (tally.offered, tally.answered, tally.abandoned) == (2, 1, 1)


def test_another_agent_may_have_answered_before_the_first_conversation_is_said_to_be_over() -> None:
    story = Story().arrives().joins(1).connects(5)
    story.say(ev.QueueJoined(PBX, ms(9.001), CALLER, "support", 1)).leaves(9.003)
    story.say(ev.AgentConnected(PBX, ms(9.003), CALLER, "support", "PJSIP/bob", "Bob"))
    story.completes(9.005)
    first, second = story.call().visits
    assert (first.interface, first.talk) == (AGENT, 4005)
    assert (second.interface, second.talk) == ("PJSIP/bob", None)
