"""A policy that changes while calls are live: in force at once, and no deadline moves."""

from dataclasses import replace
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from monitor.core import events as ev
from monitor.core.effects import CallChanged, MemberGone, PbxGone, QueueGone, QueueUpdated
from monitor.core.engine import Engine
from monitor.core.policy import (
    ClockStart,
    Commitment,
    CountsWhen,
    Policy,
    QueuePolicy,
    VoiceServer,
)
from monitor.core.records import HandledBy, Reason, Verdict
from tests.core.story import AGENT, CALLER, PBX, POLICY, T0, Story, ms

SUPPORT = QueuePolicy("support", "Support", within=60_000, at_risk_after=45_000)
BEFORE = replace(POLICY, queues=(SUPPORT,))
FAST = replace(
    BEFORE, version=2, queues=(replace(SUPPORT, label="Help", within=20_000, at_risk_after=15_000),)
)
NEXT = "1763718000.2"


def test_who_waits_keeps_the_threshold_of_their_arrival() -> None:
    story = Story(BEFORE).arrives(0).joins(2)
    story.engine.set_policy(FAST, ms(5))
    story.until(59).connects(59.5)
    assert (story.call().verdict, story.call().policy_version) == (Verdict.MET, 1)
    assert story.call().within == 60_000


def test_who_joins_after_the_change_and_came_before_it_keeps_it_too() -> None:
    story = Story(BEFORE).arrives(0)
    story.engine.set_policy(FAST, ms(1))
    story.joins(2).until(30)
    assert (story.call().within, story.call().policy_version) == (60_000, 1)
    assert story.call().visits[0].within == 60_000
    assert story.verdicts == []


def test_who_comes_after_the_change_is_judged_by_the_new_policy() -> None:
    story = Story(BEFORE).arrives(0).joins(1)
    story.engine.set_policy(FAST, ms(5))
    story.arrives(6, NEXT).joins(7, uniqueid=NEXT).until(26)
    new, old = story.call(NEXT), story.call()
    assert (new.verdict, new.policy_version, new.verdict_at) == (Verdict.BREACHED, 2, ms(26))
    assert (old.verdict, old.policy_version) == (Verdict.PENDING, 1)


def test_the_board_shows_new_labels_thresholds_and_queues_at_once() -> None:
    story = Story(BEFORE).arrives(0).joins(1)
    more = replace(FAST, queues=(*FAST.queues, QueuePolicy("sales")))
    effects = story.engine.set_policy(more, ms(5))
    assert QueueUpdated(PBX, "support") in effects
    assert QueueUpdated(PBX, "sales") in effects
    assert story.engine.thresholds(PBX, "support") == ("Help", 20_000, 15_000)
    assert (PBX, "sales") in story.engine.snapshot().queues


def test_the_same_policy_again_says_nothing() -> None:
    story = Story(BEFORE)
    assert story.engine.set_policy(BEFORE, ms(1)) == []


def test_a_queue_that_was_only_declared_leaves_the_board() -> None:
    story = Story(replace(BEFORE, queues=(SUPPORT, QueuePolicy("typo"))))
    effects = story.engine.set_policy(replace(BEFORE, version=2), ms(5))
    assert QueueGone(PBX, "typo") in effects
    assert set(story.engine.snapshot().queues) == {(PBX, "support")}


def test_a_queue_that_somebody_was_in_is_watched_on() -> None:
    story = Story(BEFORE).arrives(0).joins(1)
    effects = story.engine.set_policy(replace(BEFORE, version=2, queues=()), ms(5))
    assert QueueGone(PBX, "support") not in effects
    assert (PBX, "support") in story.engine.snapshot().queues


def test_a_queue_that_the_pbx_announces_is_watched_on() -> None:
    story = Story(BEFORE)
    story.say(ev.PbxSnapshot(PBX, ms(1), queues=(ev.QueueSeen("support"),)))
    story.engine.set_policy(replace(BEFORE, version=2, queues=()), ms(5))
    assert (PBX, "support") in story.engine.snapshot().queues


@pytest.mark.parametrize(
    "start", [ClockStart.QUEUE_JOINED, ClockStart.VOICE_SERVER_LEFT, ClockStart.WELCOME_END]
)
def test_the_clock_of_a_live_call_starts_as_it_was_promised(start: ClockStart) -> None:
    story = Story(BEFORE).arrives(0)
    later = replace(BEFORE, version=2, commitment=Commitment(starts_on=start))
    story.engine.set_policy(later, ms(1))
    story.joins(10)
    assert story.call().clock_started_at == T0
    story.arrives(20, NEXT).joins(25, uniqueid=NEXT)
    assert story.call(NEXT).clock_started_at == ms(25)


def test_a_clock_that_has_not_started_yet_still_starts_on_joining() -> None:
    joining = replace(BEFORE, commitment=Commitment(starts_on=ClockStart.QUEUE_JOINED))
    story = Story(joining).arrives(0)
    story.engine.set_policy(replace(BEFORE, version=2), ms(5))
    story.joins(12)
    assert story.call().clock_started_at == ms(12)


def test_a_voice_server_counts_for_a_live_call_as_it_did_when_the_call_came() -> None:
    first = VoiceServer("ivr", ("ivr",), counts_when=CountsWhen.FIRST_INPUT)
    reached = replace(first, counts_when=CountsWhen.REACHED)
    story = Story(replace(BEFORE, voice_servers=(first,))).arrives(0)
    story.engine.set_policy(replace(BEFORE, version=2, voice_servers=(reached,)), ms(1))
    story.steps(2, "ivr")
    assert story.call().handled_at is None
    story.presses(4, "1")
    assert (story.call().handled_by, story.call().handled_at) == (HandledBy.VOICE_SERVER, ms(4))
    story.arrives(10, NEXT).steps(11, "ivr", uniqueid=NEXT)
    assert story.call(NEXT).handled_at == ms(11)


def test_who_is_in_a_voice_server_that_is_taken_out_is_in_it_still() -> None:
    server = VoiceServer("ivr", ("ivr",))
    story = Story(replace(BEFORE, voice_servers=(server,))).arrives(0).steps(2, "ivr")
    story.engine.set_policy(replace(BEFORE, version=2), ms(3))
    story.presses(4, "1").steps(9, "incoming")
    (stay,) = story.call().stays
    assert (stay.left_at, stay.inputs) == (ms(9), "1")


def test_a_number_that_becomes_a_test_number_excludes_who_calls_from_now_on() -> None:
    story = Story(BEFORE).arrives(0)
    story.engine.set_policy(replace(BEFORE, version=2, test_numbers=("0199*",)), ms(1))
    story.say(ev.CallerIdChanged(PBX, ms(2), CALLER, "0199005678", ""))
    story.arrives(5, NEXT)
    assert story.call().verdict is Verdict.PENDING
    assert story.call(NEXT).reason is Reason.TEST_NUMBER


def test_a_short_abandon_is_short_by_the_policy_of_its_arrival() -> None:
    story = Story(BEFORE).arrives(0).joins(1)
    longer = replace(BEFORE, version=2, commitment=Commitment(short_abandon=30_000))
    story.engine.set_policy(longer, ms(2))
    story.gives_up(10).hangs_up(10)
    assert not story.call().short_abandon
    assert not story.call().visits[0].short
    story.arrives(20, NEXT).joins(21, uniqueid=NEXT).gives_up(30, uniqueid=NEXT)
    story.hangs_up(30, NEXT)
    assert story.call(NEXT).short_abandon


def test_a_call_outlives_several_policies_and_then_they_are_forgotten() -> None:
    story = Story(BEFORE).arrives(0)
    for version in range(2, 12):
        story.engine.set_policy(replace(FAST, version=version, test_numbers=(str(version),)), ms(1))
    story.joins(2)
    assert story.call().within == 60_000
    assert story.engine.policy_versions == {1, 11}
    story.hangs_up(5).until(300)
    story.engine.set_policy(replace(FAST, version=12), ms(301))
    assert story.engine.policy_versions == {12}


def test_a_late_fact_about_a_call_that_closed_goes_by_its_own_policy() -> None:
    story = Story(BEFORE).arrives(0).joins(1).gives_up(30).hangs_up(30)
    assert story.call().verdict is Verdict.ABANDONED
    story.engine.set_policy(replace(FAST, test_numbers=("0199*",)), ms(31))
    story.connects(29.5)
    assert (story.call().verdict, story.call().policy_version) == (Verdict.MET, 1)


def test_a_restart_in_between_takes_the_older_policy_along() -> None:
    story = Story(BEFORE).arrives(0)
    engine = Engine(FAST)
    engine.know_policies([BEFORE])
    after = Story(FAST)
    after.engine = engine
    engine.advance(ms(5))
    engine.restore([story.call()])
    after.joins(6).until(30)
    assert (after.call().within, after.call().policy_version) == (60_000, 1)
    assert after.verdicts == []


def test_a_change_into_another_zone_ends_the_day_at_its_next_midnight() -> None:
    story = Story(BEFORE).arrives(0).joins(1).connects(5).ends(9)
    assert (T0, BEFORE.zone) == (1_763_718_000_000, UTC)  # 09:40 in UTC, 22:40 in Auckland
    auckland = replace(BEFORE, version=2, zone=ZoneInfo("Pacific/Auckland"))
    story.engine.set_policy(auckland, ms(10))
    story.until(4_700)
    assert story.engine.today.calls == 1
    story.until(4_800)
    assert story.engine.today.calls == 0


# --- a PBX that is watched no more --------------------------------------------------------------


def test_live_calls_of_a_pbx_that_is_taken_out_end_as_unknown() -> None:
    story = Story(BEFORE).arrives(0).joins(1)
    effects = story.engine.remove_pbx(PBX, ms(10))
    call = story.call()
    assert (call.verdict, call.closed, call.ended_at) == (Verdict.UNKNOWN, True, None)
    assert CallChanged(call, closed=True) in effects
    assert effects[-1] == PbxGone(PBX)
    assert story.engine.pbx_state(PBX) is None
    assert story.engine.snapshot().queues == {}


def test_a_verdict_that_is_certain_stays_when_the_pbx_is_taken_out() -> None:
    story = Story(BEFORE).arrives(0).joins(1).connects(5)
    story.engine.remove_pbx(PBX, ms(10))
    assert story.call().verdict is Verdict.MET
    late = Story(BEFORE).arrives(0).joins(1).until(70)
    late.engine.remove_pbx(PBX, ms(80))
    assert late.call().verdict is Verdict.BREACHED


def test_members_of_a_pbx_that_is_taken_out_are_gone() -> None:
    story = Story(BEFORE)
    idle = ev.DeviceState.NOT_IN_USE
    story.say(ev.MemberChanged(PBX, T0, "support", AGENT, "Anna", idle, False, "", False, 0, 0, 0))
    assert MemberGone(PBX, "support", AGENT) in story.engine.remove_pbx(PBX, ms(1))


def test_a_pbx_that_was_never_there_is_taken_out_in_silence() -> None:
    assert Story(BEFORE).engine.remove_pbx("other", ms(1)) == []


def test_todays_figures_of_a_pbx_that_is_taken_out_stay() -> None:
    story = Story(BEFORE).arrives(0).joins(1).connects(5).ends(9)
    story.engine.remove_pbx(PBX, ms(10))
    assert story.engine.today.met == 1


def test_a_pbx_that_is_put_in_again_begins_anew() -> None:
    story = Story(BEFORE).arrives(0).joins(1)
    story.engine.remove_pbx(PBX, ms(10))
    story.say(ev.PbxSnapshot(PBX, ms(20))).say(ev.LinkChanged(PBX, ms(20), ev.LinkState.CONNECTED))
    story.arrives(21, NEXT).joins(22, uniqueid=NEXT).connects(30, uniqueid=NEXT)
    assert story.call(NEXT).verdict is Verdict.MET


def test_nothing_is_declared_by_an_empty_policy() -> None:
    engine = Engine(BEFORE)
    engine.set_policy(Policy(version=2), T0)
    assert engine.snapshot().queues == {}
