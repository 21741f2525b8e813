"""A clock is set while calls are live: no false breach, no missed one, every wait stays true.

Moments are told in true seconds after the arrival. What the PBX stamps after a step is off by it.
"""

from dataclasses import fields

import pytest

from monitor.core import events as ev
from monitor.core.clock import DAY, HOUR, SECOND
from monitor.core.clock_steps import MOMENTS
from monitor.core.comparing import Explanation, Sight
from monitor.core.desk import Desk, Today
from monitor.core.effects import BlindIntervalChanged, CallChanged
from monitor.core.logged import LoggedCall, LoggedVisit
from monitor.core.policy import CountsWhen, Policy, Rules, VoiceServer
from monitor.core.policy_book import PolicyBook
from monitor.core.reconciling import reconcile
from monitor.core.records import (
    Call,
    FactKind,
    MemberState,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)
from monitor.core.recovery import Assumptions
from tests.core.story import AGENT, CALLER, PBX, POLICY, T0, Story, ms

STEPS = (1, -1, 10, -10, 3600, -3600)
"""Seconds; an hour is also what a clock that was set to the wrong side of a time change shows."""

WITH_IVR = Policy(
    incoming_contexts=POLICY.incoming_contexts,
    voice_servers=(VoiceServer("ivr", contexts=("ivr",), counts_when=CountsWhen.FIRST_INPUT),),
)

WITH_STASIS = Policy(
    incoming_contexts=POLICY.incoming_contexts,
    voice_servers=(VoiceServer("menu", stasis_apps=("menu",)),),
)


def stepped(at: float, by: float) -> ev.ClockStepped:
    """The PBX's clock is set ``by`` seconds forward at the true moment ``at``."""
    return ev.ClockStepped(PBX, ms(at + by), round(by * SECOND))


def test_every_moment_of_a_record_is_moved_and_nothing_else() -> None:
    named = {
        Call: {
            "arrived_at",
            "clock_started_at",
            "handled_at",
            "picked_up_at",
            "ended_at",
            "verdict_at",
        },
        Visit: {"joined_at", "left_at", "answered_at", "ended_at"},
        VoiceServerStay: {"entered_at", "left_at"},
    }
    assert {kind: set(names) for kind, names in MOMENTS.items()} == named
    for kind, names in named.items():
        others = {f.name: f.type for f in fields(kind) if f.name not in names}
        assert not {name for name in others if name.endswith(("since", "until"))}, kind


@pytest.mark.parametrize("by", STEPS)
@pytest.mark.parametrize("at", [0.5, 30, 59.999])
def test_a_caller_who_waits_breaches_at_the_true_moment(at: float, by: float) -> None:
    story = Story().arrives(0).joins(0.2)
    story.until(at).say(stepped(at, by))
    story.until(59.999)
    assert story.verdicts == []
    story.until(60)
    assert story.verdicts == [Verdict.BREACHED]
    call = story.call()
    assert call.verdict_at == call.deadline_at == ms(60 + by)
    story.hangs_up(70 + by)
    assert (call.wait, call.visits[0].wait) == (70 * SECOND, 69_800)
    assert story.verdicts == [Verdict.BREACHED]


@pytest.mark.parametrize("by", STEPS)
@pytest.mark.parametrize(
    ("stepped_at", "answered_at", "verdict"),
    [
        (30, 59.999, Verdict.MET),
        (59.998, 59.999, Verdict.MET),
        (0.3, 0.4, Verdict.MET),
        (30, 60, Verdict.BREACHED),
        (60.001, 74, Verdict.BREACHED),  # just after the breach: it stands
    ],
)
def test_a_caller_who_is_answered_waited_as_long_as_in_truth(
    stepped_at: float, answered_at: float, verdict: Verdict, by: float
) -> None:
    story = Story().arrives(0).joins(0.2)
    story.until(stepped_at).say(stepped(stepped_at, by)).until(answered_at)
    story.connects(answered_at + by)
    call = story.call()
    assert call.verdict is verdict
    assert call.wait == round(answered_at * SECOND)
    assert Verdict.BREACHED not in story.verdicts or verdict is Verdict.BREACHED
    story.until(500)
    assert len(story.verdicts) == 1


@pytest.mark.parametrize("by", STEPS)
def test_a_conversation_is_as_long_as_it_was(by: float) -> None:
    story = Story().arrives(0).joins(1).connects(20)
    story.say(stepped(50, by)).completes(80 + by).ends(80.1 + by)
    call = story.call()
    (visit,) = call.visits
    assert (visit.wait, visit.talk) == (19 * SECOND, 60 * SECOND)
    assert (call.verdict, call.wait, call.corrections) == (Verdict.MET, 20 * SECOND, 0)


@pytest.mark.parametrize("by", STEPS)
def test_a_stay_in_a_voice_server_is_as_long_as_it_was(by: float) -> None:
    story = Story(WITH_IVR).arrives(0).steps(2, "ivr")
    story.say(stepped(10, by)).presses(15 + by, "1").steps(20 + by, "incoming")
    call = story.call()
    (stay,) = call.stays
    assert stay.left_at is not None
    assert (stay.left_at - stay.entered_at, stay.inputs) == (18 * SECOND, "1")
    assert (call.verdict, call.wait) == (Verdict.MET, 15 * SECOND)
    kinds = [fact.kind for fact in call.facts]
    assert kinds.count(FactKind.VOICE_SERVER_ENTERED) == 1


@pytest.mark.parametrize("by", STEPS)
def test_many_steps_add_up(by: float) -> None:
    story = Story().arrives(0).joins(0.2)
    shown = 0.0
    for at, each in ((10, by), (20, -2 * by), (30, by), (40, 7 * by)):
        shown += each
        story.until(at).say(ev.ClockStepped(PBX, ms(at + shown), round(each * SECOND)))
    story.until(59.999)
    assert story.verdicts == []
    story.until(60)
    assert story.verdicts == [Verdict.BREACHED]


def test_the_timeline_says_so_and_the_old_stamps_can_be_found() -> None:
    story = Story().arrives(0).joins(1).say(stepped(10, 3600)).connects(20 + 3600)
    facts = story.call().facts
    assert [fact.at for fact in facts] == sorted(fact.at for fact in facts)
    assert facts[0].at == story.call().arrived_at == ms(3600)
    (said,) = [fact for fact in facts if fact.kind is FactKind.CLOCK_STEPPED]
    assert said.at == ms(3610)
    assert said.detail == {"by_ms": HOUR, "arrived_at": "2025-11-21T09:40:00.000Z"}
    # What is stored already is replaced: every moment is another one now.
    assert any(isinstance(e, CallChanged) and e.rewritten for e in story.effects)


def test_a_closed_call_stays_as_it_is_and_late_facts_about_it_find_it() -> None:
    story = Story().arrives(0).joins(1).connects(5).ends(30)
    call = story.call()
    before = (call.arrived_at, call.ended_at, call.visits[0].ended_at, list(call.facts))
    story.say(stepped(31, -3600))
    assert (call.arrived_at, call.ended_at, call.visits[0].ended_at, call.facts) == before
    story.until(31 + 121)
    assert story.engine.call(f"{PBX}:{CALLER}") is None
    assert story.verdicts == [Verdict.MET]


@pytest.mark.parametrize("by", STEPS)
def test_a_channel_that_is_no_call_yet_begins_at_its_true_moment(by: float) -> None:
    story = Story()
    story.say(ev.ChannelArrived(PBX, ms(0), CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "", ""))
    story.say(stepped(3, by)).steps(4 + by, "incoming")
    story.until(59.999)
    assert story.verdicts == []
    story.until(60)
    assert story.verdicts == [Verdict.BREACHED]


@pytest.mark.parametrize("by", [1, -1, 24 * 3600, -24 * 3600])
def test_a_call_that_goes_over_into_another_day_is_counted_there_once(by: float) -> None:
    """The day is the monitor's: a PBX whose clock is set to tomorrow does not begin it."""
    story = Story().arrives(0).joins(1).connects(10)
    day = (T0 // DAY) * DAY
    assert story.engine.today.met == 1
    story.say(stepped(20, by)).ends(30 + by)
    counted = story.call().arrived_at >= day
    assert story.engine.today.met == int(counted)
    assert story.engine.queue_state(PBX, "support") is not None
    tally = story.engine.snapshot().queues[PBX, "support"].today
    assert tally.answered == int(counted)
    assert tally.offered == int(counted)


def test_wrap_up_ends_by_the_clock_that_the_pbx_compares_with() -> None:
    def member(at: float) -> ev.MemberChanged:
        free = ev.DeviceState.NOT_IN_USE
        return ev.MemberChanged(
            PBX, ms(at), "support", AGENT, "Anna", free, False, "", False, 0, 1, ms(0),
            wrap_up=30 * SECOND,
        )  # fmt: skip

    def state(story: Story) -> MemberState:
        return story.engine.snapshot().members[PBX, "support", AGENT].state

    forward = Story().say(member(1))
    assert state(forward) is MemberState.WRAP_UP
    assert state(forward.say(stepped(5, 3600))) is MemberState.AVAILABLE
    back = Story().say(member(1)).say(stepped(5, -10))
    assert state(back.until(39.999)) is MemberState.WRAP_UP
    assert state(back.until(40)) is MemberState.AVAILABLE


# --- while nobody looks -------------------------------------------------------------------------


def lost(at: float) -> ev.LinkChanged:
    return ev.LinkChanged(PBX, ms(at), ev.LinkState.LOST, "The link is down.")


def channel(uniqueid: str, age: float) -> ev.ChannelSeen:
    return ev.ChannelSeen(
        uniqueid, uniqueid, f"PJSIP/t-{uniqueid}", "incoming", "s", "Queue", "0199", "",
        round(age * SECOND), "",
    )  # fmt: skip


@pytest.mark.parametrize("by", STEPS)
def test_a_step_while_the_link_is_down_changes_no_wait(by: float) -> None:
    story = Story().arrives(0).joins(1).say(lost(20)).say(stepped(30, by))
    queue = ev.QueueSeen("support", (ev.EntrySeen(CALLER, 1, round((29 + by) * SECOND)),))
    snapshot = ev.PbxSnapshot(PBX, ms(30 + by), (channel(CALLER, 30 + by),), (queue,))
    story.resync(snapshot).until(59.999)
    assert story.verdicts == []
    story.until(60)
    assert story.verdicts == [Verdict.BREACHED]


@pytest.mark.parametrize("by", STEPS)
def test_a_step_long_before_the_gap_takes_nobody_for_another_wait(by: float) -> None:
    """Asterisk's count of the wait is off by the step as long as the caller waits."""
    story = Story().arrives(0).joins(1).say(stepped(10, by)).say(lost(20 + by))
    queue = ev.QueueSeen("support", (ev.EntrySeen(CALLER, 1, round((29 + by) * SECOND)),))
    snapshot = ev.PbxSnapshot(PBX, ms(30 + by), (channel(CALLER, 30 + by),), (queue,))
    story.resync(snapshot).until(60)
    assert story.verdicts == [Verdict.BREACHED]
    assert [visit.joined_at for visit in story.call().visits] == [ms(1 + by)]


@pytest.mark.parametrize("by", [HOUR // SECOND, -HOUR // SECOND])
def test_a_caller_sent_back_to_the_queue_in_the_gap_waits_anew_also_after_a_step(by: int) -> None:
    story = Story().arrives(0).joins(1).say(stepped(10, by)).say(lost(20 + by))
    queue = ev.QueueSeen("support", (ev.EntrySeen(CALLER, 1, 5 * SECOND),))
    snapshot = ev.PbxSnapshot(PBX, ms(40 + by), (channel(CALLER, 40 + by),), (queue,))
    story.resync(snapshot)
    assert [visit.joined_at for visit in story.call().visits] == [ms(1 + by), ms(35 + by)]
    assert story.call().in_doubt


@pytest.mark.parametrize("by", STEPS)
def test_the_blind_interval_is_told_in_both_times_and_is_never_negative(by: float) -> None:
    story = Story().arrives(0).say(lost(20)).say(stepped(30, by))
    story.resync(ev.PbxSnapshot(PBX, ms(31 + by), (channel(CALLER, 31),)))
    said = [e.interval for e in story.effects if isinstance(e, BlindIntervalChanged)]
    whole = {(i.started_at): i.ended_at for i in said}
    assert whole == {ms(20): ms(30), ms(30 + by): ms(31 + by)}


@pytest.mark.parametrize("by", [-3600, 3600])
@pytest.mark.parametrize("arrived", [22, 29], ids=["before the step", "after it"])
def test_a_caller_met_after_the_gap_arrived_in_it(arrived: float, by: float) -> None:
    """Asterisk counts the age by its clock, so one of before the step is an hour off."""
    story = Story().say(lost(20)).say(stepped(30, by))
    before_step = arrived == 22
    age = 30 - arrived + (by if before_step else 0)
    story.resync(ev.PbxSnapshot(PBX, ms(30 + by), (channel(CALLER, age),)))
    call = story.call()
    assert call.arrived_at == ms(arrived + by)
    assert story.until(500).call().verdict in {Verdict.PENDING, Verdict.UNKNOWN}


def test_a_clock_set_back_while_the_monitor_was_not_running_makes_nothing_negative() -> None:
    story = Story(connected=False).say(lost(20))
    story.resync(ev.PbxSnapshot(PBX, ms(-3570), (channel(CALLER, -3585),)))
    assert story.call().arrived_at == ms(-3570)
    intervals = [e.interval for e in story.effects if isinstance(e, BlindIntervalChanged)]
    assert intervals[-1].ended_at == intervals[-1].started_at


# --- the monitor's own clock --------------------------------------------------------------------


@pytest.mark.parametrize("by", STEPS)
def test_a_step_of_the_monitors_clock_moves_no_deadline(by: float) -> None:
    story = Story().arrives(0).joins(1).until(30)
    moved = round(by * SECOND)
    story.engine.clock_moved(moved, ms(30) + moved)
    story.effects += story.engine.advance(ms(59.999) + moved)
    assert story.verdicts == []
    story.effects += story.engine.advance(ms(60) + moved)
    assert story.verdicts == [Verdict.BREACHED]
    assert story.call().verdict_at == ms(60)
    assert story.call().reason is Reason.WAITING_PAST_DEADLINE


def test_the_monitors_clock_is_set_back_over_midnight_and_the_day_begins_again() -> None:
    late = (T0 // DAY + 1) * DAY
    story = Story()
    story.engine.advance(late - HOUR // 2)
    story.engine.clock_moved(HOUR, late + HOUR // 2)
    story.engine.advance(late + HOUR // 2)
    story.engine.clock_moved(-HOUR, late - HOUR // 2)
    story.say(
        ev.ChannelArrived(
            PBX, late - HOUR // 2, CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "", ""
        )
    )
    story.say(ev.DialplanStep(PBX, late - HOUR // 2, CALLER, "incoming", "s", "Answer"))
    assert story.engine.today.pending == 1
    assert story.engine.next_deadline() is not None


@pytest.mark.parametrize("by", [-HOUR / SECOND, HOUR / SECOND])
def test_after_a_step_an_agent_behind_a_local_channel_is_heard(by: float) -> None:
    near, far, name = "1763718000.7", "1763718000.8", "Local/7002@internal-00000001"
    story = Story()
    story.say(stepped(0, by)).arrives(by)
    for uniqueid, half in ((near, ";1"), (far, ";2")):
        story.say(
            ev.ChannelArrived(
                PBX, ms(by + 1), uniqueid, CALLER, name + half, "internal", "7002", "", ""
            )
        )
    for at, bridge, uniqueid, channel in (
        (2, "b1", near, f"{name};1"),
        (2, "b1", CALLER, "PJSIP/trunk-00000001"),
        (8, "b2", far, f"{name};2"),
        (8, "b2", "1763718000.9", f"{AGENT}-00000002"),
    ):
        story.say(ev.BridgeEntered(PBX, ms(by + at), uniqueid, channel, bridge, "basic"))
    call = story.call()
    assert (call.verdict, call.handled_at, call.agent) == (Verdict.MET, ms(by + 8), AGENT)


def test_a_desk_without_calls_takes_a_step_too() -> None:
    desk = Desk(PBX, PolicyBook(POLICY), Today())
    assert desk.stepped is None
    story = Story().say(stepped(1, 10))
    state = story.engine.pbx_state(PBX)
    assert state is not None
    assert state.clock_offset == -10 * SECOND


def test_a_call_that_lived_through_a_step_is_not_compared_with_the_queue_log() -> None:
    story = Story().arrives(0).joins(1).say(stepped(10, 3600)).connects(20 + 3600).ends(30 + 3600)
    logged = LoggedCall(CALLER, [LoggedVisit("support", ms(1))])
    given = Assumptions(Rules(POLICY))
    found = reconcile(PBX, story.call(), logged, Sight(T0), given)
    assert found.after is None
    assert [d.explanation for d in found.differences] == [Explanation.CLOCK_STEPPED]


@pytest.mark.parametrize("by", STEPS)
def test_what_was_kept_for_a_call_that_is_not_known_yet_is_moved_too(by: float) -> None:
    """ARI may tell of a channel before AMI does."""
    story = Story(WITH_STASIS)
    story.say(ev.StasisEntered(PBX, ms(1), CALLER, "menu")).say(stepped(2, by))
    story.say(
        ev.ChannelArrived(PBX, ms(by), CALLER, CALLER, "PJSIP/t-1", "incoming", "s", "0199", "")
    )
    story.steps(2.5 + by, "incoming")
    (stay,) = story.call().stays
    assert stay.entered_at == ms(1 + by)
