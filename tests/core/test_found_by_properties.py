"""Cases that the property tests found, told as stories; each once gave a wrong record or figure.

The search itself is in ``tests/properties``.
"""

from itertools import pairwise

from monitor.core import events as ev
from monitor.core.effects import CallChanged
from monitor.core.records import Exit, FactKind, Verdict
from tests.core.story import CALLER, PBX, Story, ms
from tests.core.test_resync import back, lost


def test_an_abandon_is_told_at_once_so_that_a_crash_does_not_lose_it() -> None:
    story = Story().arrives(0).joins(1)
    story.effects.clear()
    story.say(ev.QueueGivenUp(PBX, ms(5), CALLER, "support"))
    assert [effect.call.visits[0].given_up for effect in changes(story)] == [True]


def test_where_the_caller_is_in_the_dialplan_is_told_too() -> None:
    story = Story().arrives(0)
    story.effects.clear()
    story.say(ev.DialplanStep(PBX, ms(1), CALLER, "incoming", "t", "Playback", "sorry"))
    assert [effect.call.exten for effect in changes(story)] == ["t"]


def test_a_call_that_a_snapshot_does_not_show_is_told_to_be_seen_in_part() -> None:
    story = Story().arrives(0).say(lost(5))
    story.effects.clear()
    story.say(back(9))
    assert [effect.call.in_doubt for effect in changes(story)] == [True]


def changes(story: Story) -> list[CallChanged]:
    return [effect for effect in story.effects if isinstance(effect, CallChanged)]


def test_a_verdict_that_is_taken_back_stands_in_the_timeline() -> None:
    # Raised at 60 by the timer; the link turns out to have been dead since 55.
    story = Story().arrives(0).joins(1).until(60).say(lost(55)).resync(back(80))
    assert told_verdicts(story) == [
        ("pending", "breached"),
        ("breached", "pending"),
        ("pending", "unknown"),
    ]
    assert story.call().corrections == 1


def test_a_verdict_that_goes_and_comes_again_is_told_each_time() -> None:
    story = Story().arrives(0).joins(1).until(60).say(lost(59))
    story.say(ev.PbxSnapshot(PBX, ms(60), complete=False))
    story.say(ev.LinkChanged(PBX, ms(70), ev.LinkState.CONNECTED)).until(70)
    story.say(lost(59)).resync(back(90))
    chain = told_verdicts(story)
    assert all(now == then for (_, now), (then, _) in pairwise(chain))
    assert chain[-1][1] == story.call().verdict


def told_verdicts(story: Story) -> list[tuple[object, object]]:
    kinds = {FactKind.VERDICT, FactKind.CORRECTED}
    facts = [fact.detail for fact in story.call().facts if fact.kind in kinds]
    return [(detail["previous"], detail["verdict"]) for detail in facts]


def test_who_joined_a_queue_in_the_buffer_and_was_never_seen_again_waits_no_more() -> None:
    story = Story().arrives(0).say(lost(5))
    story.resync(back(20), ev.QueueJoined(PBX, ms(20.5), CALLER, "support", 1))
    call = story.call()
    assert (call.verdict, call.visits[0].exit) == (Verdict.UNKNOWN, Exit.UNKNOWN)
    state = story.engine.queue_state(PBX, "support")
    assert state is not None
    assert state.waiting == {}
