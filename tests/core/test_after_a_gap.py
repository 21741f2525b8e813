"""Nothing is guessed after a gap: each case once gave a wrong verdict or figure in review."""

from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.engine import day_bounds
from monitor.core.policy import CountsWhen, Policy, QueuePolicy, VoiceServer
from monitor.core.records import Exit, HandledBy, Observed, Reason, Verdict
from tests.core.story import AGENT, CALLER, PBX, POLICY, Story, ms
from tests.core.test_resync import back, channel, lost, waiting

IVR = Policy(
    incoming_contexts=POLICY.incoming_contexts, voice_servers=(VoiceServer("welcome", ("ivr",)),)
)
MENU = Policy(
    incoming_contexts=POLICY.incoming_contexts,
    voice_servers=(VoiceServer("menu", ("ivr",), counts_when=CountsWhen.FIRST_INPUT),),
)


def test_a_key_pressed_while_waiting_in_a_queue_is_no_input_of_the_voice_server() -> None:
    story = Story(MENU).arrives(0).steps(1, "ivr").joins(5).presses(30, "5").until(60)
    call = story.call()
    assert (call.verdict, call.stays[0].inputs, call.stays[0].left_at) == (
        Verdict.BREACHED,
        "",
        ms(5),
    )


def test_a_key_pressed_to_an_agent_is_no_input_either() -> None:
    story = Story(MENU).arrives(0).steps(1, "ivr")
    story.in_bridge(7, "a.1", "PJSIP/anna-01").in_bridge(7, CALLER, "PJSIP/t-1").presses(9, "4")
    assert story.call().stays[0].inputs == ""


def test_the_voice_server_goes_on_when_the_queue_in_it_is_left() -> None:
    story = Story(MENU).arrives(0).steps(1, "ivr").joins(5).gives_up(20).status(20, "TIMEOUT")
    story.steps(20, "ivr", "Read").presses(25, "1")
    call = story.call()
    assert (call.verdict, call.handled_at) == (Verdict.MET, ms(25))
    assert [stay.inputs for stay in call.stays] == ["", "1"]


@pytest.mark.parametrize(
    ("seen_at", "verdict", "handled_at"),
    [(40, Verdict.MET, ms(40)), (70, Verdict.UNKNOWN, None)],
)
@pytest.mark.parametrize("known", [True, False], ids=["a known call", "a new call"])
def test_a_caller_found_in_a_voice_server_was_taken_care_of(
    known: bool, seen_at: float, verdict: Verdict, handled_at: int | None
) -> None:
    story = Story(IVR)
    if known:
        story.arrives(0)
    story.say(lost(10)).resync(back(seen_at, channel(age=seen_at, context="ivr"))).until(99)
    call = story.call()
    assert (call.verdict, call.handled_at) == (verdict, handled_at)
    assert call.handled_by is HandledBy.VOICE_SERVER


def test_who_may_have_been_in_a_voice_server_unseen_is_not_called_breached() -> None:
    story = Story(IVR).arrives(0).say(lost(2))
    story.resync(back(30, channel(age=30), queues=(waiting(waited=10),))).until(60)
    call = story.call()
    assert (call.verdict, call.reason) == (Verdict.UNKNOWN, Reason.MAY_HAVE_BEEN_HANDLED)
    assert story.connects(75).call().verdict is Verdict.UNKNOWN


def test_a_caller_who_never_moved_is_in_no_doubt() -> None:
    story = Story(IVR).arrives(0).joins(1).say(lost(2))
    story.resync(back(30, channel(age=30), queues=(waiting(waited=29),))).until(60)
    assert story.call().verdict is Verdict.BREACHED


def test_no_breach_is_raised_before_the_buffer_has_had_its_say() -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    story.say(back(62, channel(age=62), queues=(waiting(waited=61),))).until(62)
    story.connects(57)
    story.say(ev.LinkChanged(PBX, ms(62), ev.LinkState.CONNECTED))
    assert story.verdicts == [Verdict.MET]


def test_a_reason_for_leaving_one_queue_does_not_end_the_wait_in_the_next() -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    story.resync(
        back(30, channel(age=30), queues=(waiting(waited=3, queue="sales"),)),
        ev.QueueGivenUp(PBX, ms(26.5), CALLER, "support"),
        ev.QueueLeft(PBX, ms(26.5), CALLER, "support"),
        ev.QueueStatusSet(PBX, ms(26.6), CALLER, "TIMEOUT"),
        ev.QueueJoined(PBX, ms(26.7), CALLER, "sales", 1),
    )
    visits = [(v.queue, v.exit, v.joined_at, v.left_at) for v in story.call().visits]
    assert visits == [
        ("support", Exit.TIMEOUT, ms(1), ms(26.5)),
        ("sales", None, ms(26.7), None),
    ]


def test_a_queue_visited_between_login_and_snapshot_finds_its_place() -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    story.resync(
        back(30, channel(age=30), queues=(waiting(waited=1, queue="billing"),)),
        ev.QueueJoined(PBX, ms(20), CALLER, "sales", 1),
        ev.QueueLeft(PBX, ms(28), CALLER, "sales"),
        ev.QueueStatusSet(PBX, ms(28), CALLER, "TIMEOUT"),
    )
    assert [(v.queue, v.exit) for v in story.call().visits] == [
        ("support", Exit.UNKNOWN),
        ("sales", Exit.TIMEOUT),
        ("billing", None),
    ]
    assert list(story.engine.snapshot().queues[PBX, "billing"].waiting) == [CALLER]


def test_a_call_whose_whole_way_was_buffered_is_told_exactly() -> None:
    story = Story(IVR, connected=False)
    arrived = ev.ChannelArrived(
        PBX, ms(9.7), CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "0199", ""
    )
    story.resync(
        back(12, channel(age=1), queues=(waiting(waited=0),)),
        arrived,
        ev.DialplanStep(PBX, ms(9.7), CALLER, "incoming", "s", "Queue", "support"),
        ev.QueueJoined(PBX, ms(9.9), CALLER, "support", 1),
    )
    story.until(69.7)
    call = story.call()
    assert (call.verdict, call.verdict_at) == (Verdict.BREACHED, ms(69.7))
    assert (call.observed, call.arrived_at, len(call.visits)) == (Observed.FULL, ms(9.7), 1)
    assert story.engine.snapshot().today.breached == 1


@pytest.mark.parametrize("kind", ["holding", "base", ""])
def test_parking_and_conferences_are_no_agents(kind: str) -> None:
    story = Story().arrives(0).arrives(0, "b.1").say(lost(5))
    together = [replace(channel(u, 20, "p1"), bridge_type=kind) for u in (CALLER, "b.1")]
    story.resync(back(20, *together))
    assert {call.verdict for call in (story.call(), story.call("b.1"))} == {Verdict.PENDING}


def test_a_call_of_the_new_day_that_came_before_the_clock_struck_is_counted_in_it() -> None:
    story = Story()
    _, midnight = day_bounds(ms(0), Policy())
    early = (midnight - ms(0)) / 1000
    story.until(early - 1).arrives(early + 0.5).joins(early + 0.6).until(early)
    assert story.engine.snapshot().today.pending == 1
    story.connects(early + 3)
    view = story.engine.snapshot()
    assert (view.today.pending, view.today.met) == (0, 1)
    assert view.queues[PBX, "support"].today.answered == 1


def test_an_answer_at_an_unknown_moment_proves_nothing_for_the_service_level() -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    agent = channel("a.1", 5, "b1", "PJSIP/anna-01", "internal")
    story.resync(back(70, channel(age=70, bridge="b1"), agent)).ends(400)
    tally = story.engine.snapshot().queues[PBX, "support"].today
    assert (tally.offered, tally.answered, tally.answered_within, tally.unknown) == (1, 0, 0, 1)
    assert story.call().wait is None


def test_a_breach_raised_after_the_last_sign_of_life_is_taken_back() -> None:
    story = Story().arrives(0).joins(1).until(60).say(lost(55)).resync(back(80))
    assert story.call().verdict is Verdict.UNKNOWN
    assert story.engine.snapshot().today.breached == 0


def test_an_incomplete_list_of_channels_ends_no_call() -> None:
    story = Story().arrives(0).joins(1).connects(5).say(lost(10))
    story.resync(replace(back(20), complete=False)).completes(40).ends(40)
    call = story.call()
    assert (call.ended_at, call.visits[0].talk) == (ms(40), 35_000)


def test_a_call_that_was_thought_over_is_taken_back_under_the_same_id() -> None:
    story = Story().arrives(0).joins(1).say(lost(5)).resync(back(10)).say(lost(12))
    story.resync(back(20, channel(age=20), queues=(waiting(waited=19),))).connects(30).ends(50)
    assert [v.exit for v in story.call().visits][-1] is Exit.ANSWERED
    assert story.engine.snapshot().today.calls == 1


def test_a_channel_that_the_pbx_dialled_is_no_caller_in_a_snapshot() -> None:
    story = Story(connected=False)
    dialled = replace(channel("o.1"), application="AppDial2", data="(Outgoing Line)")
    story.resync(back(10, dialled))
    assert story.engine.snapshot().calls == {}


def test_who_is_met_in_a_third_context_is_known_to_be_seen_in_part_only() -> None:
    story = Story(connected=False)
    story.resync(back(50, channel(age=30, context="sales-menu")))
    story.say(ev.QueueJoined(PBX, ms(60), CALLER, "support", 1))
    assert (story.call().observed, story.call().arrived_at) == (Observed.PARTIAL, ms(20))


def test_a_verdict_keeps_the_version_of_the_policy_whose_threshold_it_was_judged_by() -> None:
    before = Story().arrives(0)
    fast = Policy(
        2,
        incoming_contexts=POLICY.incoming_contexts,
        queues=(QueuePolicy("support", within=20_000, at_risk_after=15_000),),
    )
    after = Story(fast)
    after.engine.restore([before.call()])
    after.joins(5).until(20)
    assert (after.call().verdict, after.call().policy_version) == (Verdict.BREACHED, 2)


def test_an_excluded_call_stays_excluded_for_the_reason_it_had() -> None:
    tests_excluded = Policy(incoming_contexts=POLICY.incoming_contexts, test_numbers=("0199*",))
    before = Story(tests_excluded).arrives(0)
    after = Story(POLICY)
    after.engine.restore([before.call()])
    after.hangs_up(20)
    assert (after.call().verdict, after.call().reason) == (Verdict.EXCLUDED, Reason.TEST_NUMBER)


def test_a_test_number_that_is_learnt_later_excludes_the_call() -> None:
    policy = Policy(incoming_contexts=POLICY.incoming_contexts, test_numbers=("0888",))
    story = Story(policy).arrives(0).say(ev.CallerIdChanged(PBX, ms(1), CALLER, "0888", ""))
    assert story.call().verdict is Verdict.EXCLUDED


def test_a_queue_that_refused_entry_brings_no_threshold_the_next_one_does() -> None:
    policy = Policy(
        incoming_contexts=POLICY.incoming_contexts,
        queues=(QueuePolicy("sales", within=30_000, at_risk_after=20_000),),
    )
    story = Story(policy).arrives(0).steps(1, application="Queue", data="closed")
    story.status(1, "JOINEMPTY").joins(2, "sales").until(30)
    assert (story.call().verdict, story.call().deadline_at) == (Verdict.BREACHED, ms(30))


def test_the_members_agent_answers_for_the_right_visit() -> None:
    story = Story().arrives(0).joins(1).gives_up(9).status(9, "TIMEOUT").joins(10)
    story.say(ev.AgentConnected(PBX, ms(15), CALLER, "support", AGENT, "Anna"))
    assert [v.exit for v in story.call().visits] == [Exit.TIMEOUT, Exit.ANSWERED]
