"""Who waits longest, whatever order callers became known in."""

from monitor.core import events as ev
from tests.core.story import PBX, Story, ms


def longest(story: Story) -> int | None:
    state = story.engine.queue_state(PBX, "support")
    assert state is not None
    return state.longest_wait_since


def joins(story: Story, uniqueid: str, at: float) -> None:
    story.say(ev.QueueJoined(PBX, ms(at), uniqueid, "support", 1))


def leaves(story: Story, uniqueid: str, at: float) -> None:
    story.say(ev.QueueLeft(PBX, ms(at), uniqueid, "support"))


def test_the_first_who_joined_waits_longest_until_they_leave() -> None:
    story = Story()
    for number in range(3):
        joins(story, f"1.{number}", number)
    assert longest(story) == ms(0)
    leaves(story, "1.0", 5)
    assert longest(story) == ms(1)
    leaves(story, "1.2", 6)
    assert longest(story) == ms(1)
    leaves(story, "1.1", 7)
    assert longest(story) is None


def test_a_caller_who_becomes_known_late_may_have_waited_longest() -> None:
    story = Story()
    joins(story, "1.1", 10)
    assert longest(story) == ms(10)
    joins(story, "1.2", 4)
    assert longest(story) == ms(4)
    joins(story, "1.3", 12)
    leaves(story, "1.2", 13)
    assert longest(story) == ms(10)


def test_a_corrected_joining_counts() -> None:
    story = Story()
    ids = ("1.1", "1.2")
    entries = tuple(ev.EntrySeen(uniqueid, 1, waited=5000) for uniqueid in ids)
    channels = tuple(
        ev.ChannelSeen(
            uid, uid, f"PJSIP/trunk-{uid}", "incoming", "support", "Queue", "", "", 5000, ""
        )
        for uid in ids
    )
    story.say(ev.PbxSnapshot(PBX, ms(10), channels, (ev.QueueSeen("support", entries),)))
    assert longest(story) == ms(5)
    joins(story, "1.2", 4.2)
    assert longest(story) == ms(4.2)
