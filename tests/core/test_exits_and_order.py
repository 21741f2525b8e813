"""Facts that come twice, late or in another order end in the same record."""

import itertools

from monitor.core import events as ev
from monitor.core.records import Exit, Verdict
from tests.core.story import AGENT, CALLER, PBX, Story, ms


def test_every_event_said_twice_changes_nothing() -> None:
    once, twice = Story(), Story()
    for story, times in ((once, 1), (twice, 2)):
        for event in a_whole_call():
            for _ in range(times):
                story.say(event)
    assert facts_of(twice) == facts_of(once)
    assert twice.call().visits == once.call().visits
    assert twice.verdicts == once.verdicts


def test_the_connection_counts_whichever_of_its_events_comes_first() -> None:
    records = []
    ending = a_whole_call()[4:8]
    for order in itertools.permutations(ending):
        story = Story()
        for event in [*a_whole_call()[:4], *order, *a_whole_call()[8:]]:
            story.say(event)
        call = story.call()
        visit = call.visits[0]
        records.append((call.verdict, call.wait, visit.exit, visit.left_at, len(call.visits)))
    assert set(records) == {(Verdict.MET, 4_000, Exit.ANSWERED, ms(4), 1)}


def test_a_connection_that_arrives_after_the_hangup_still_counts() -> None:
    story = Story().arrives(0).joins(1).leaves(4).ends(9)
    assert story.call().verdict is Verdict.UNKNOWN
    story.say(ev.AgentConnected(PBX, ms(4), CALLER, "support", AGENT, "Anna"))
    call = story.call()
    assert (call.verdict, call.visits[0].exit) == (Verdict.MET, Exit.ANSWERED)


def test_the_end_of_the_conversation_is_found_through_the_member() -> None:
    story = Story()
    story.say(member(ev.DeviceState.NOT_IN_USE))
    story.arrives(0).joins(1).connects(4)
    story.say(ev.AgentCompleted(PBX, ms(34), "", "support", AGENT, "Anna", "agent"))
    assert story.call().visits[0].talk == 30_000


def test_a_caller_in_a_queue_is_followed_though_no_incoming_context_was_declared() -> None:
    story = Story().say(
        ev.ChannelArrived(PBX, ms(0), "x.1", "x.1", "PJSIP/desk-1", "internal", "600", "12", "")
    )
    story.say(ev.QueueJoined(PBX, ms(3), "x.1", "support", 1))
    call = story.call("x.1")
    assert (call.arrived_at, call.observed.value) == (ms(0), "full")


def test_a_closed_call_is_forgotten_after_two_minutes() -> None:
    story = Story().arrives(0).hangs_up(10).until(130)
    story.say(ev.HangupRequested(PBX, ms(10), CALLER))
    assert story.engine.next_deadline() != ms(130)
    assert [type(e).__name__ for e in story.effects][-1] != "HangupRequested"


def member(device: ev.DeviceState, at: float = 0, *, paused: bool = False) -> ev.MemberChanged:
    return ev.MemberChanged(
        PBX, ms(at), "support", AGENT, "Anna", device, paused, "", False, 0, 0, 0
    )


def a_whole_call() -> list[ev.Event]:
    return [
        ev.ChannelArrived(PBX, ms(0), CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "0199", ""),
        ev.DialplanStep(PBX, ms(0), CALLER, "incoming", "s", "Queue", "support"),
        ev.QueueJoined(PBX, ms(1), CALLER, "support", 1),
        ev.AgentOffered(PBX, ms(1), CALLER, "support", AGENT, "Anna"),
        ev.QueueLeft(PBX, ms(4), CALLER, "support"),
        ev.AgentConnected(PBX, ms(4), CALLER, "support", AGENT, "Anna"),
        ev.BridgeEntered(PBX, ms(4), "a.1", "PJSIP/anna-01", "b", "basic"),
        ev.BridgeEntered(PBX, ms(4), CALLER, "PJSIP/t-1", "b", "basic"),
        ev.BridgeLeft(PBX, ms(30), "a.1", "b"),
        ev.BridgeLeft(PBX, ms(30), CALLER, "b"),
        ev.ChannelGone(PBX, ms(30), CALLER, 16),
        ev.AgentCompleted(PBX, ms(30), CALLER, "support", AGENT, "Anna", "caller"),
    ]


def facts_of(story: Story) -> list[tuple[str, int]]:
    return [(fact.kind.value, fact.at) for fact in story.call().facts]
