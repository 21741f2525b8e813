"""A redirect, or a key, in the very moment in which the queue ends by itself."""

import pytest

from monitor.core import events as ev
from monitor.core.records import Exit, Verdict
from tests.core.story import CALLER, PBX, Story, ms


def moved(story: Story, at: float) -> Story:
    """Asterisk 22 shows the new place first, still under the queue's name."""
    return story.say(
        ev.DialplanStep(PBX, ms(at), CALLER, "internal", "to-message", "Queue", "support")
    )


@pytest.mark.parametrize(
    ("status", "exit_"),
    [("TIMEOUT", Exit.TIMEOUT), ("LEAVEEMPTY", Exit.LEAVE_EMPTY), ("WITHDRAW", Exit.WITHDRAWN)],
)
def test_what_the_queue_itself_says_is_how_it_ended(status: str, exit_: Exit) -> None:
    """Seen on 22.10.1: Abandon, the redirect, Leave, QUEUESTATUS; the queue log says the last."""
    story = Story().arrives().joins(1)
    story.say(ev.QueueGivenUp(PBX, ms(2), CALLER, "support"))
    moved(story, 2.014).leaves(2.015).status(2.015, status)
    (visit,) = story.call().visits
    assert (visit.exit, visit.left_at) == (exit_, ms(2.015))
    tally = story.engine.snapshot().queues[PBX, "support"].today
    assert (tally.offered, tally.left_otherwise) == (1, 1)


def test_a_redirect_of_which_the_queue_says_nothing_is_one() -> None:
    story = Story().arrives().joins(1)
    moved(story, 2).gives_up(2.001).hangs_up(5)
    assert (story.call().visits[0].exit, story.call().verdict) == (
        Exit.REDIRECTED, Verdict.ABANDONED,
    )  # fmt: skip


def test_a_refusal_by_the_next_queue_says_nothing_about_the_one_before() -> None:
    story = Story().arrives().joins(1)
    moved(story, 2).gives_up(2.001)
    story.steps(2.5, "internal", "Queue", "empty").status(2.6, "JOINEMPTY")
    assert [visit.exit for visit in story.call().visits] == [Exit.REDIRECTED, Exit.JOIN_EMPTY]
