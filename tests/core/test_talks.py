"""What happens in a conversation: holds and transfers, from what Asterisk says of them."""

from monitor.core import events as ev
from tests.core.story import PBX, Story, ms

AGENT_LEG = "1763718000.2"


def talking() -> Story:
    """The caller talks to Anna since second 10."""
    story = Story().arrives().joins(1).rings(2).connects(10)
    story.in_bridge(10, "1763718000.1", "PJSIP/trunk-0.1")
    return story.in_bridge(10, AGENT_LEG, "PJSIP/anna-2")


def hold(story: Story, at: float, uniqueid: str = AGENT_LEG, *, held: bool = True) -> Story:
    return story.say(ev.HoldChanged(PBX, ms(at), uniqueid, held))


def transfer(story: Story, at: float) -> Story:
    return story.say(ev.Transferred(PBX, ms(at), "1763718000.1", AGENT_LEG, False, "sales@q"))


def test_a_conversation_without_a_hold_has_one_of_nothing_once_it_is_over() -> None:
    story = talking()
    assert story.call().visits[0].hold is None
    story.completes(30)
    assert story.call().visits[0].hold == 0


def test_holds_of_a_conversation_are_added_up() -> None:
    story = talking()
    hold(story, 12)
    hold(story, 15, held=False)
    hold(story, 20)
    hold(story, 20.5, held=False)
    story.completes(30)
    assert story.call().visits[0].hold == 3_500


def test_a_hold_lasts_to_the_end_where_nobody_says_otherwise() -> None:
    story = talking()
    hold(story, 12)
    story.hangs_up(20)
    assert story.call().visits[0].hold == 8_000


def test_what_the_caller_does_is_no_hold_of_the_agents() -> None:
    story = talking()
    hold(story, 12, "1763718000.1")
    hold(story, 15, "1763718000.1", held=False)
    story.completes(30)
    assert story.call().visits[0].hold == 0


def test_a_hold_ends_with_the_transfer_that_it_was_for() -> None:
    # Seen on Asterisk 16 and 22: an attended transfer says Hold, and no Unhold.
    story = talking()
    hold(story, 12)
    transfer(story, 18)
    story.completes(30)
    visit = story.call().visits[0]
    assert (visit.hold, visit.transfers) == (6_000, 1)
    assert story.call().transfers == 1


def test_a_transfer_that_is_told_twice_is_one() -> None:
    story = talking()
    transfer(story, 18)
    transfer(story, 18)
    story.completes(18)
    assert story.call().transfers == story.call().visits[0].transfers == 1


def test_an_unhold_that_comes_late_is_counted_in_its_conversation() -> None:
    story = talking()
    hold(story, 12)
    story.completes(30)
    assert story.call().visits[0].hold == 18_000
    hold(story, 15, held=False)
    assert story.call().visits[0].hold == 3_000


def test_a_transfer_belongs_to_the_conversation_in_which_it_was_made() -> None:
    story = talking()
    transfer(story, 18)
    story.completes(18)
    story.joins(19, "sales").connects(25, "sales").completes(40, "sales")
    assert [visit.transfers for visit in story.call().visits] == [1, 0]
    assert [visit.hold for visit in story.call().visits] == [0, 0]
