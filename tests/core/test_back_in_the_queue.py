"""Who waits in the same queue before and after a gap may have been handled in between."""

from monitor.core import events as ev
from monitor.core.records import Exit, Verdict
from tests.core.story import AGENT, CALLER, PBX, Story, ms


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


def answered_unseen_wait(waited: float | None) -> Story:
    """The caller waits since 1 s; the snapshot shows them nowhere; at 75 s an agent has them."""
    story = Story().arrives().joins(1)
    story.say(ev.LinkChanged(PBX, ms(2), ev.LinkState.LOST, "cut"))
    told = None if waited is None else round(waited * 1000)
    connected = ev.AgentConnected(PBX, ms(75), CALLER, "support", AGENT, "Anna", waited=told)
    return story.resync(ev.PbxSnapshot(PBX, ms(80)), connected).ends(90)


def test_an_agent_who_ends_the_wait_that_was_seen_to_begin_was_late() -> None:
    assert answered_unseen_wait(74).call().verdict is Verdict.BREACHED


def test_an_agent_who_ends_a_younger_wait_may_not_be_the_first() -> None:
    assert answered_unseen_wait(3).call().verdict is Verdict.UNKNOWN
    assert answered_unseen_wait(None).call().verdict is Verdict.UNKNOWN
