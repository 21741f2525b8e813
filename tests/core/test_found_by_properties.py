"""Cases that the property tests found, told as stories; each once gave a wrong record or figure.

The search itself is in ``tests/properties``.
"""

from dataclasses import replace
from itertools import pairwise

from monitor.core import events as ev
from monitor.core.effects import CallChanged
from monitor.core.engine import day_bounds
from monitor.core.policy import ClockStart, Commitment, CountsWhen, Policy, VoiceServer
from monitor.core.records import Exit, FactKind, Observed, Reason, Verdict
from tests.core.story import AGENT, CALLER, PBX, POLICY, Story, ms
from tests.core.test_resync import back, channel, lost, waiting


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


def test_a_second_loss_in_the_same_moment_is_told_too() -> None:
    story = Story().say(lost(2)).resync(back(4, channel(age=3)))
    story.say(lost(5)).resync(back(5, channel(age=4)))
    retold = ev.ChannelArrived(PBX, ms(0.5), CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "", "")
    story.say(retold).effects.clear()
    story.say(lost(5))
    assert [effect.call.observed for effect in changes(story)] == [Observed.PARTIAL]


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


def test_what_the_abandon_before_the_gaps_end_may_have_said_is_not_taken_for_a_key() -> None:
    # Asterisk says Abandon just before Leave; here the link was made again between the two.
    story = Story().arrives(0).joins(1).say(lost(9)).resync(back_waiting(9.9))
    story.leaves(10).steps(10.1, "elsewhere", "Wait")
    assert story.call().visits[0].exit is Exit.UNKNOWN


def test_a_key_is_a_key_where_an_abandon_would_have_been_heard() -> None:
    story = Story().arrives(0).joins(1).say(lost(5)).resync(back_waiting(6))
    story.leaves(10).steps(10.1, "elsewhere", "Wait")
    assert story.call().visits[0].exit is Exit.KEY


def back_waiting(at: float) -> ev.PbxSnapshot:
    return back(at, channel(age=at), queues=(waiting(waited=int(at) - 1),))


def longest(story: Story) -> int:
    state = story.engine.queue_state(PBX, "support")
    assert state is not None
    return state.today.longest_wait


def test_the_longest_wait_of_today_follows_a_correction() -> None:
    # The bridge comes first, and the connection that it is, dated a moment before, after it.
    story = Story().arrives(0).joins(1).leaves(5)
    story.in_bridge(9, "a.1", "PJSIP/anna-01").in_bridge(9, CALLER, "PJSIP/t-1")
    assert longest(story) == 8_000
    story.say(ev.AgentConnected(PBX, ms(6), CALLER, "support", AGENT, "Anna"))
    assert longest(story) == 5_000


def test_the_longest_wait_is_not_forgotten_with_its_call() -> None:
    story = Story().arrives(0).joins(1).connects(31).ends(40).until(300)
    story.arrives(300, "b.1").joins(301, uniqueid="b.1").leaves(305, uniqueid="b.1")
    bridged = (("a.1", "PJSIP/anna-01"), ("b.1", "PJSIP/t-1"))
    for uniqueid, name in bridged:
        story.in_bridge(350, uniqueid, name)
    assert longest(story) == 49_000
    story.say(ev.AgentConnected(PBX, ms(306), "b.1", "support", AGENT, "Anna"))
    assert longest(story) == 30_000


def test_an_exclusion_outlives_a_closing_that_was_none() -> None:
    tests = Policy(incoming_contexts=POLICY.incoming_contexts, test_numbers=("0199*",))
    story = Story(tests).arrives(0).joins(1).say(lost(5)).resync(back(10)).say(lost(12))
    story.resync(back(20, channel(age=20), queues=(waiting(waited=19),))).until(200)
    story.connects(210).ends(220)
    assert (story.call().verdict, story.call().reason) == (Verdict.EXCLUDED, Reason.TEST_NUMBER)


def test_an_answer_that_is_told_after_the_end_of_the_call_has_an_end_too() -> None:
    story = Story().arrives(0).joins(1).say(lost(2)).resync(back(4, channel(age=4))).ends(9)
    story.say(ev.AgentConnected(PBX, ms(5), CALLER, "support", AGENT, "Anna"))
    assert story.call().visits[-1].talk == 4_000


def test_a_call_that_turns_out_to_be_of_yesterday_is_not_counted_today() -> None:
    _, midnight = day_bounds(ms(0), Policy())
    night = (midnight - ms(0)) / 1000
    story = Story().say(lost(night - 5)).until(night + 3)
    # The list has whole seconds only, so the call seems to have come at midnight.
    arrived = ev.ChannelArrived(
        PBX, midnight - 1, CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "0199", ""
    )
    story.resync(back(night + 2, channel(age=2)), arrived)
    assert story.engine.snapshot().today.calls == 0


def test_a_talk_is_not_ended_by_what_was_over_before_it_began() -> None:
    story = Story().arrives(0).joins(1).connects(20)
    story.say(ev.AgentCompleted(PBX, ms(15), CALLER, "support", AGENT, "Anna", "agent"))
    assert story.call().visits[0].ended_at is None
    assert story.ends(50).call().visits[0].talk == 30_000


def test_a_key_that_is_told_twice_was_pressed_once() -> None:
    servers = (VoiceServer("menu", ("ivr",)),)
    policy = Policy(incoming_contexts=POLICY.incoming_contexts, voice_servers=servers)
    story = Story(policy).arrives(0).steps(1, "ivr").presses(2, "1").presses(2, "1").presses(3, "1")
    assert [stay.inputs for stay in story.call().stays] == ["11"]


def test_a_refusal_that_is_told_twice_is_one() -> None:
    story = Story().arrives(0)
    for _ in range(2):
        story.steps(1, application="Queue", data="closed").status(1, "JOINEMPTY")
    assert len(story.call().visits) == 1


def test_who_is_in_no_queues_list_waits_in_none_also_where_channels_may_not_be_listed() -> None:
    story = Story().arrives(0).joins(1).say(lost(5))
    listed = back(20, channel("other.1", age=3), queues=(waiting("other.1", 3),))
    story.resync(replace(listed, complete=False))
    state = story.engine.queue_state(PBX, "support")
    assert state is not None
    assert list(state.waiting) == ["other.1"]
    story.in_bridge(21, "a.1", "PJSIP/anna-01").in_bridge(21, CALLER, "PJSIP/t-1")
    assert (story.call().verdict, story.call().visits[0].exit) == (Verdict.MET, Exit.UNKNOWN)


def test_a_breach_that_was_raised_too_early_makes_no_doubt_certain() -> None:
    # The clocks' offset was measured wrong, so the deadline seemed to come before the call ended.
    story = Story().arrives(0).joins(1).say(lost(5)).resync(back(9, channel(age=9)))
    call = story.call()
    call.in_doubt, call.verdict = True, Verdict.BREACHED
    story.ends(20)
    assert (call.verdict, call.reason) == (Verdict.UNKNOWN, Reason.MAY_HAVE_BEEN_HANDLED)


def test_a_clock_whose_start_is_told_after_the_end_judges_the_call_again() -> None:
    policy = Policy(
        incoming_contexts=POLICY.incoming_contexts,
        voice_servers=(VoiceServer("menu", (), ("ivr",), CountsWhen.FIRST_INPUT),),
        commitment=Commitment(starts_on=ClockStart.VOICE_SERVER_LEFT),
    )
    story = Story(policy).arrives(0).ends(9)
    assert story.call().reason is Reason.LEFT_BEFORE_THE_CLOCK
    story.say(ev.StasisEntered(PBX, ms(2), CALLER, "ivr")).say(
        ev.StasisLeft(PBX, ms(5), CALLER, "ivr")
    )
    assert (story.call().verdict, story.call().wait) == (Verdict.REFUSED, 4_000)


def test_a_redirect_that_was_buffered_is_no_abandon() -> None:
    """The channels were listed before it, the queues after; Asterisk shows the new place first."""
    story = Story().arrives(0).steps(1, application="Queue", data="support").joins(1).say(lost(5))
    snapshot = back(9, channel(age=9))
    story.resync(
        snapshot,
        ev.DialplanStep(PBX, ms(9.1), CALLER, "internal", "7002", "Queue", "support"),
        ev.QueueGivenUp(PBX, ms(9.1), CALLER, "support"),
        ev.QueueLeft(PBX, ms(9.1), CALLER, "support"),
    )
    story.in_bridge(12, "a.1", "PJSIP/anna-01").in_bridge(12, CALLER, "PJSIP/t-1").ends(20)
    assert (story.call().verdict, story.call().visits[0].exit) == (Verdict.MET, Exit.REDIRECTED)


def test_who_is_in_no_queues_list_may_be_gone_where_channels_may_not_be_listed() -> None:
    story = Story().arrives(0).say(lost(5)).resync(replace(back(20), complete=False)).until(90)
    assert (story.call().verdict, story.call().in_doubt) == (Verdict.UNKNOWN, True)


def test_who_stayed_on_after_leaving_the_queue_is_not_said_to_have_abandoned_it() -> None:
    """Listed in the moment of a redirect, so the step that says where was not recognised."""
    story = Story().say(lost(0)).resync(back(9, channel(age=9), queues=(waiting(waited=8),)))
    story.gives_up(9.1)
    story.say(ev.HangupRequested(PBX, ms(12), CALLER)).ends(12)
    assert story.call().visits[0].exit is Exit.UNKNOWN


def test_who_hung_up_in_the_queue_after_a_gap_abandoned_it() -> None:
    story = Story().say(lost(0)).resync(back(9, channel(age=9), queues=(waiting(waited=8),)))
    story.say(ev.HangupRequested(PBX, ms(12), CALLER))
    story.gives_up(12).ends(15)
    assert story.call().visits[0].exit is Exit.ABANDONED


def test_a_visit_that_stands_again_in_a_record_begun_anew_is_told() -> None:
    """The arrival comes late, so the record is begun anew; the joining comes a second time."""
    joined = ev.QueueJoined(PBX, ms(1), CALLER, "support", 1)
    story = Story().say(lost(0)).say(joined).arrives(0)
    story.effects.clear()
    story.say(joined)
    assert [len(effect.call.visits) for effect in changes(story)] == [1]


def test_an_arrival_that_is_told_after_the_answer_leaves_the_answer() -> None:
    story = Story().say(ev.QueueJoined(PBX, ms(2), CALLER, "support", 1)).connects(9)
    assert story.call().facts[0].kind is FactKind.FOUND
    story.arrives(1)
    call = story.call()
    assert (call.arrived_at, call.wait, call.verdict) == (ms(1), 8_000, Verdict.MET)


def test_a_verdict_that_is_taken_back_leaves_the_deadline_running() -> None:
    """The digit was none of the voice server's after all, as the next mark tells."""
    servers = (VoiceServer("menu", ("ivr",), ("ivr",), CountsWhen.FIRST_INPUT),)
    policy = Policy(incoming_contexts=POLICY.incoming_contexts, voice_servers=servers)
    story = Story(policy).arrives(0).steps(1, "ivr")
    story.say(ev.StasisDigit(PBX, ms(5), CALLER, "7"))
    assert story.call().verdict is Verdict.MET
    story.until(60)
    story.steps(4, "after")
    assert story.call().verdict is Verdict.PENDING
    assert story.until(61).call().verdict is Verdict.BREACHED


def test_who_was_bridged_before_the_queue_that_lists_them_was_not_pulled_out_of_it() -> None:
    """Dialled straight through, then passed on into a queue, while the link came up."""
    story = Story().arrives(0).say(lost(1))
    snapshot = back(9, channel(age=9, bridge="b1"), queues=(waiting(waited=0),))
    story.resync(
        snapshot,
        ev.BridgeEntered(PBX, ms(9.1), "a.1", "PJSIP/anna-01", "b1", "basic"),
        ev.BridgeEntered(PBX, ms(9.1), CALLER, "PJSIP/t-1", "b1", "basic"),
        ev.QueueJoined(PBX, ms(9.5), CALLER, "support", 1),
    )
    assert [(visit.joined_at, visit.exit) for visit in story.call().visits] == [(ms(9.5), None)]


def test_why_a_first_queue_was_left_is_not_said_of_the_second() -> None:
    """Moved on from an empty queue while the queues were listed."""
    story = Story().arrives(0).joins(1).say(lost(5))
    snapshot = back(9, channel(age=9), queues=(waiting(waited=1, queue="sales"),))
    story.resync(
        snapshot,
        ev.QueueGivenUp(PBX, ms(8.5), CALLER, "support"),
        ev.QueueLeft(PBX, ms(8.5), CALLER, "support"),
        ev.QueueStatusSet(PBX, ms(8.5), CALLER, "LEAVEEMPTY"),
        ev.QueueJoined(PBX, ms(8.6), CALLER, "sales", 1),
    )
    assert [visit.exit for visit in story.call().visits] == [Exit.LEAVE_EMPTY, None]


def test_who_waits_in_a_queue_again_waits_there_though_the_first_time_is_decided_late() -> None:
    story = Story().arrives(0).joins(1).gives_up(5).joins(6).status(5, "TIMEOUT")
    state = story.engine.queue_state(PBX, "support")
    assert state is not None
    assert list(state.waiting) == [CALLER]
    assert [visit.exit for visit in story.call().visits] == [Exit.TIMEOUT, None]


def test_a_number_that_is_told_anew_in_one_moment_is_told() -> None:
    story = Story().arrives(0).say(ev.CallerIdChanged(PBX, ms(1), CALLER, "0199", ""))
    story.effects.clear()
    story.say(ev.CallerIdChanged(PBX, ms(1), CALLER, "0200", ""))
    assert [effect.call.caller for effect in changes(story)] == ["0200"]


def test_an_answer_in_a_queue_that_nobody_saw_joined_decides_the_visit_before_it() -> None:
    """Answered at first, unseen, then passed on; where channels may not be listed."""
    story = Story().arrives(0).joins(1).leaves(2).say(lost(2))
    answered = ev.AgentConnected(PBX, ms(9.5), CALLER, "sales", AGENT, "Anna")
    story.resync(replace(back(9), complete=False), answered)
    exits = [(visit.queue, visit.exit) for visit in story.call().visits]
    assert exits == [("support", Exit.UNKNOWN), ("sales", Exit.ANSWERED)]


def test_who_was_picked_up_in_another_place_of_the_dialplan_left_by_no_key() -> None:
    """Moved there by a transfer of which only the end was seen; the connection was not told."""
    story = Story().arrives(0).joins(1).rings(2)
    story.steps(5, "internal", "Queue", "support")
    story.say(ev.DialEnded(PBX, ms(9), CALLER, "a.1", "PJSIP/anna-01", "ANSWER")).leaves(9)
    assert story.call().visits[0].exit is Exit.UNKNOWN
