"""Who waits in the same queue before and after a gap may have been handled in between."""

from monitor.core import events as ev
from monitor.core.records import Exit, Verdict
from tests.core.story import CALLER, PBX, Story, ms


def after_a_gap(waited: float) -> Story:
    """The caller waits since 1 s; nobody looks from 2 s to 40 s; then there is a wait again."""
    story = Story().arrives().joins(1)
    story.say(ev.LinkChanged(PBX, ms(2), ev.LinkState.LOST, "cut"))
    channels = (
        ev.ChannelSeen(
            CALLER, CALLER, "PJSIP/trunk-00000001", "incoming", "s", "Queue", "", "", 40_000, "",
            "support",
        ),
    )  # fmt: skip
    queues = (ev.QueueSeen("support", (ev.EntrySeen(CALLER, 1, round(waited * 1000)),)),)
    return story.resync(ev.PbxSnapshot(PBX, ms(40), channels, queues))


def test_the_same_wait_goes_on() -> None:
    story = after_a_gap(waited=39).until(61)
    assert [visit.exit for visit in story.call().visits] == [None]
    assert story.call().verdict is Verdict.BREACHED


def test_a_shorter_wait_is_another_visit_and_what_came_before_it_is_unknown() -> None:
    story = after_a_gap(waited=10).until(61)
    assert [visit.exit for visit in story.call().visits] == [Exit.UNKNOWN, None]
    assert story.call().verdict is Verdict.UNKNOWN
