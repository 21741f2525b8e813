"""Callers whom a snapshot of AMI finds in a Stasis application, or no longer in it; no ARI."""

import copy

from monitor.core import events as ev
from monitor.core.events import LinkState
from monitor.core.policy import CountsWhen, Policy, VoiceServer
from monitor.core.records import HandledBy
from tests.core.story import CALLER, PBX, Story, ms

POLICY = Policy(
    incoming_contexts=((PBX, ("incoming",)),),
    voice_servers=(
        VoiceServer("ivr", (), ("ivr-app",)),
        VoiceServer("keys", (), ("keys-app",), CountsWhen.FIRST_INPUT),
    ),
)


def at(application: str, data: str, context: str = "incoming", age: int = 60) -> ev.ChannelSeen:
    return ev.ChannelSeen(
        CALLER, CALLER, "PJSIP/trunk-1", context, "s", application, "0612", "", age * 1000, "", data
    )


def lost(story: Story, seconds: float) -> Story:
    return story.say(ev.LinkChanged(PBX, ms(seconds), LinkState.LOST))


def inside(data: str = "ivr-app,x") -> Story:
    return Story(POLICY).arrives().steps(1, application="Stasis", data=data)


def stays(story: Story) -> list[tuple[str, int, int | None, str]]:
    return [(s.name, s.entered_at, s.left_at, s.inputs) for s in story.call().stays]


def test_who_is_still_inside_goes_on_and_leaves_with_the_next_step() -> None:
    story = lost(inside(), 2).resync(ev.PbxSnapshot(PBX, ms(9), (at("Stasis", "ivr-app,x"),)))
    assert stays(story) == [("ivr", ms(1), None, "")]
    story.presses(10, "1").steps(12)
    assert stays(story) == [("ivr", ms(1), ms(12), "1")]


def test_who_has_left_meanwhile_is_not_kept_inside() -> None:
    story = lost(inside(), 2).resync(ev.PbxSnapshot(PBX, ms(9), (at("Wait", "60"),)))
    story.presses(10, "1")
    assert stays(story) == [("ivr", ms(1), ms(9), "")]


def test_who_has_gone_into_another_application_meanwhile_is_in_that_one() -> None:
    story = lost(inside(), 2).resync(ev.PbxSnapshot(PBX, ms(9), (at("Stasis", "keys-app"),)))
    story.presses(10, "1")
    assert stays(story) == [("ivr", ms(1), ms(9), ""), ("keys", ms(9), None, "1")]


def test_a_caller_who_came_meanwhile_is_found_inside_wherever_the_dialplan_is() -> None:
    story = lost(Story(POLICY), 2)
    seen = at("Stasis", "keys-app", "stasis-voice-server", age=4)
    story.resync(ev.PbxSnapshot(PBX, ms(9), (seen,)))
    story.presses(10, "1")
    assert stays(story) == [("keys", ms(9), None, "1")]
    assert story.call().handled_by is HandledBy.VOICE_SERVER


def test_a_monitor_that_begins_again_knows_when_the_caller_leaves() -> None:
    """The stay is on record, the marks that made it are not."""
    before = copy.deepcopy(inside().call())
    story = Story(POLICY, connected=False)
    story.engine.restore([before])
    lost(story, 2)
    story.resync(ev.PbxSnapshot(PBX, ms(9), (at("Stasis", "ivr-app,x"),)))
    assert stays(story) == [("ivr", ms(1), None, "")]
    story.steps(12)
    assert stays(story) == [("ivr", ms(1), ms(12), "")]


def test_a_monitor_that_begins_again_ends_a_stay_that_is_over() -> None:
    before = copy.deepcopy(inside().call())
    story = Story(POLICY, connected=False)
    story.engine.restore([before])
    lost(story, 2)
    story.resync(ev.PbxSnapshot(PBX, ms(9), (at("Wait", "60"),)))
    assert stays(story) == [("ivr", ms(1), ms(9), "")]
