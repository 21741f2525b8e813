"""AgentComplete without its caller's id (the channel was gone already): whose talk ended?"""

from monitor.core import events as ev
from monitor.core.records import FactKind
from tests.core.story import AGENT, CALLER, PBX, Story, ms

OTHER = "1763718001.7"


def completed(story: Story, at: float, uniqueid: str = "") -> Story:
    return story.say(
        ev.AgentCompleted(PBX, ms(at), uniqueid, "support", AGENT, "Anna", "agent"),
    )


def facts(story: Story, uniqueid: str) -> list[FactKind]:
    return [fact.kind for fact in story.call(uniqueid).facts]


def device(story: Story, at: float, state: ev.DeviceState) -> None:
    story.say(
        ev.MemberChanged(
            PBX, ms(at), "support", AGENT, "Anna", state,
            paused=False, pause_reason="", in_call=False, penalty=0, calls_taken=0, last_call=0,
            wrap_up=0,
        )
    )  # fmt: skip


def test_the_end_of_a_talk_is_told_though_the_caller_and_the_device_were_first() -> None:
    story = Story()
    device(story, 0, ev.DeviceState.NOT_IN_USE)
    story.arrives().joins(1).leaves(5).connects(5).ends(9)
    device(story, 9.002, ev.DeviceState.NOT_IN_USE)
    completed(story, 9.003)
    assert FactKind.AGENT_COMPLETED in facts(story, CALLER)


def test_of_two_talks_at_one_phone_the_one_that_ended_is_meant() -> None:
    story = Story()
    device(story, 0, ev.DeviceState.NOT_IN_USE)
    story.arrives().joins(1).leaves(5).connects(5)
    story.arrives(2, OTHER).joins(3, uniqueid=OTHER).leaves(7, uniqueid=OTHER)
    story.connects(7, uniqueid=OTHER).ends(9)
    completed(story, 9.003)
    assert FactKind.AGENT_COMPLETED in facts(story, CALLER)
    assert FactKind.AGENT_COMPLETED not in facts(story, OTHER)
    assert story.call(OTHER).visits[0].ended_at is None


def test_a_talk_that_outlasts_the_next_one_ends_with_the_call() -> None:
    """An agent behind a Local channel hands the caller over: his own talk ends last of all."""
    story = Story()
    story.arrives().joins(1).leaves(5).connects(5).joins(7, "sales").leaves(8, "sales")
    story.say(ev.AgentConnected(PBX, ms(8), CALLER, "sales", "PJSIP/2", "Bob"))
    story.say(ev.AgentCompleted(PBX, ms(9), CALLER, "sales", "PJSIP/2", "Bob", "agent")).ends(9)
    completed(story, 9.006)
    first, second = story.call().visits
    assert (first.ended_at, second.ended_at) == (ms(9.006), ms(9))
    assert facts(story, CALLER).count(FactKind.AGENT_COMPLETED) == 2


def test_an_agent_who_ends_one_of_two_talks_still_talks() -> None:
    story = Story()
    device(story, 0, ev.DeviceState.NOT_IN_USE)
    story.arrives().joins(1).leaves(5).connects(5)
    story.arrives(2, OTHER).joins(3, uniqueid=OTHER).leaves(7, uniqueid=OTHER)
    story.connects(7, uniqueid=OTHER)
    completed(story, 8, CALLER)
    member = story.engine.snapshot().members[PBX, "support", AGENT]
    assert (member.call_id, member.state) == (f"{PBX}:{OTHER}", "talking")


def test_without_any_ended_call_the_agent_s_present_talk_is_meant() -> None:
    story = Story()
    device(story, 0, ev.DeviceState.NOT_IN_USE)
    story.arrives().joins(1).leaves(5).connects(5)
    completed(story, 8)
    assert story.call().visits[0].ended_at == ms(8)
