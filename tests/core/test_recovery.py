"""What a queue log tells of a call that nobody observed, and what it cannot tell."""

from dataclasses import replace

import pytest

from monitor.core.calendars import OpeningHours
from monitor.core.clock import MINUTE, SECOND
from monitor.core.comparing import Sight
from monitor.core.logged import LoggedCall, LoggedMiss, LoggedVisit
from monitor.core.policy import ClockStart, Commitment, Policy, QueuePolicy, Rules, VoiceServer
from monitor.core.reconciling import reconcile
from monitor.core.records import Call, Exit, FactKind, HandledBy, Observed, Reason, Verdict
from monitor.core.recovery import Assumptions, is_recovered, recover

ARRIVED = 1_795_000_000 * SECOND
UNIQUEID = "pbx-1795000000.42"
WITH_IVR = Policy(voice_servers=(VoiceServer("ivr", ("ivr",)),))


def logged(*visits: LoggedVisit, uniqueid: str = UNIQUEID) -> LoggedCall:
    return LoggedCall(uniqueid, list(visits), max(v.left_at or v.joined_at for v in visits))


def visit(exit_: Exit, *, joined: float = 0, waited: float, queue: str = "support") -> LoggedVisit:
    """A visit that began ``joined`` seconds after the arrival."""
    joined_at = ARRIVED + round(joined * SECOND)
    left_at = joined_at + round(waited * SECOND)
    found = LoggedVisit(queue, joined_at, "0612", 1, left_at, exit_)
    if exit_ is Exit.ANSWERED:
        found.agent, found.answered_at = "Alice", left_at
        found.ended_at, found.ended_by = left_at + 3 * MINUTE, "caller"
    return found


def recovered(call: LoggedCall, policy: Policy | None = None, *, no_ivr: bool = False) -> Call:
    rules = Rules(policy or Policy())
    return recover("lab", call, Assumptions(rules, no_voice_server=no_ivr))


@pytest.mark.parametrize(
    ("waited", "verdict", "reason"),
    [
        (10, Verdict.MET, Reason.HANDLED_BY_AGENT),
        (57, Verdict.MET, Reason.HANDLED_BY_AGENT),
        (58, Verdict.UNKNOWN, Reason.NOT_PRECISE_ENOUGH),
        (60, Verdict.UNKNOWN, Reason.NOT_PRECISE_ENOUGH),
        (61, Verdict.UNKNOWN, Reason.NOT_PRECISE_ENOUGH),
        (62, Verdict.BREACHED, Reason.HANDLED_LATE),
        (90, Verdict.BREACHED, Reason.HANDLED_LATE),
    ],
)
def test_an_answer_is_judged_only_where_the_longest_and_the_shortest_wait_agree(
    waited: int, verdict: Verdict, reason: Reason
) -> None:
    call = recovered(logged(visit(Exit.ANSWERED, waited=waited)))
    assert (call.verdict, call.reason) == (verdict, reason)
    assert (call.handled_by, call.agent) == (HandledBy.AGENT, "Alice")
    assert (call.observed, call.closed) == (Observed.PARTIAL, True)


@pytest.mark.parametrize(
    ("waited", "verdict", "reason"),
    [
        (57, Verdict.ABANDONED, Reason.CALLER_HUNG_UP),
        (59, Verdict.UNKNOWN, Reason.NOT_PRECISE_ENOUGH),
        (62, Verdict.BREACHED, Reason.ABANDONED_LATE),
    ],
)
def test_an_abandon_too(waited: int, verdict: Verdict, reason: Reason) -> None:
    call = recovered(logged(visit(Exit.ABANDONED, waited=waited)))
    assert (call.verdict, call.reason) == (verdict, reason)


def test_every_fact_says_that_it_was_recovered() -> None:
    call = recovered(logged(visit(Exit.ANSWERED, waited=7)))
    assert is_recovered(call)
    assert all(fact.detail["recovered"] == 1 for fact in call.facts)
    assert [fact.kind for fact in call.facts] == [
        FactKind.FOUND, FactKind.CLOCK_STARTED, FactKind.QUEUE_JOINED, FactKind.QUEUE_EXIT,
        FactKind.AGENT_CONNECTED, FactKind.AGENT_COMPLETED, FactKind.ENDED, FactKind.VERDICT,
    ]  # fmt: skip


def test_the_clock_starts_at_the_second_in_the_uniqueid() -> None:
    call = recovered(logged(visit(Exit.ANSWERED, joined=50, waited=20)))
    assert call.arrived_at == ARRIVED
    assert call.wait == 70 * SECOND
    assert call.verdict is Verdict.BREACHED


@pytest.mark.parametrize("uniqueid", ["made-by-hand", "1895000000.1", "12.4"])
def test_without_a_second_in_the_uniqueid_it_starts_at_the_joining(uniqueid: str) -> None:
    call = recovered(logged(visit(Exit.ANSWERED, joined=50, waited=20), uniqueid=uniqueid))
    assert call.arrived_at == ARRIVED + 50 * SECOND
    assert call.verdict is Verdict.MET


@pytest.mark.parametrize("exit_", [Exit.TIMEOUT, Exit.KEY, Exit.LEAVE_EMPTY, Exit.WITHDRAWN])
def test_who_left_the_queue_unanswered_went_where_the_log_does_not_see(exit_: Exit) -> None:
    call = recovered(logged(visit(exit_, waited=20)))
    assert (call.verdict, call.reason) == (Verdict.UNKNOWN, Reason.END_NOT_OBSERVED)
    assert call.ended_at is None


def test_who_left_it_after_the_deadline_is_a_breach_all_the_same() -> None:
    call = recovered(logged(visit(Exit.TIMEOUT, waited=70)))
    assert (call.verdict, call.reason) == (Verdict.BREACHED, Reason.WAITING_PAST_DEADLINE)


def test_the_way_through_two_queues_is_one_call() -> None:
    call = recovered(
        logged(
            visit(Exit.TIMEOUT, waited=20),
            visit(Exit.ANSWERED, joined=20, waited=15, queue="sales"),
        )
    )
    assert [(v.queue, v.exit) for v in call.visits] == [
        ("support", Exit.TIMEOUT),
        ("sales", Exit.ANSWERED),
    ]
    assert call.wait == 35 * SECOND
    assert call.verdict is Verdict.MET


def test_a_voice_server_before_the_queue_may_have_taken_care_of_the_caller() -> None:
    late = logged(visit(Exit.ABANDONED, joined=20, waited=70))
    call = recovered(late, WITH_IVR)
    assert (call.verdict, call.reason) == (Verdict.UNKNOWN, Reason.MAY_HAVE_BEEN_HANDLED)
    assert recovered(late, WITH_IVR, no_ivr=True).verdict is Verdict.BREACHED
    assert recovered(late).verdict is Verdict.BREACHED


def test_who_went_straight_into_the_queue_met_no_voice_server() -> None:
    call = recovered(logged(visit(Exit.ABANDONED, joined=0, waited=70)), WITH_IVR)
    assert call.verdict is Verdict.BREACHED


def test_a_voice_server_after_the_deadline_changes_nothing() -> None:
    call = recovered(
        logged(visit(Exit.TIMEOUT, waited=70), visit(Exit.ABANDONED, joined=95, waited=5)), WITH_IVR
    )
    assert call.verdict is Verdict.BREACHED


def test_a_conversation_is_no_time_unseen() -> None:
    call = recovered(logged(visit(Exit.ANSWERED, waited=70)), WITH_IVR)
    assert (call.verdict, call.reason) == (Verdict.BREACHED, Reason.HANDLED_LATE)


@pytest.mark.parametrize(
    ("starts_on", "verdict"),
    [
        (ClockStart.ARRIVAL, Verdict.BREACHED),
        (ClockStart.QUEUE_JOINED, Verdict.MET),
        (ClockStart.VOICE_SERVER_LEFT, Verdict.MET),
        (ClockStart.WELCOME_END, Verdict.UNKNOWN),
    ],
)
def test_the_clock_starts_where_the_admin_says_as_far_as_the_log_knows(
    starts_on: ClockStart, verdict: Verdict
) -> None:
    policy = Policy(commitment=Commitment(starts_on=starts_on))
    call = recovered(logged(visit(Exit.ANSWERED, joined=50, waited=20)), policy)
    assert call.verdict is verdict


def test_the_first_queues_own_threshold_judges() -> None:
    policy = Policy(queues=(QueuePolicy("support", within=20 * SECOND),))
    call = recovered(logged(visit(Exit.ANSWERED, waited=30)), policy)
    assert (call.within, call.verdict) == (20 * SECOND, Verdict.BREACHED)


def test_exclusions_hold_for_the_past_too() -> None:
    policy = Policy(test_numbers=("06*",), opening_hours=OpeningHours())
    call = recovered(logged(visit(Exit.ABANDONED, waited=90)), policy)
    assert (call.verdict, call.reason) == (Verdict.EXCLUDED, Reason.TEST_NUMBER)


def test_a_visit_whose_end_was_never_logged_ended_somehow() -> None:
    cut = LoggedVisit("support", ARRIVED)
    call = recovered(LoggedCall(UNIQUEID, [cut], ARRIVED, cut_off=True))
    assert call.visits[0].exit is Exit.UNKNOWN
    assert call.verdict is Verdict.UNKNOWN


def test_a_miss_a_dump_and_an_answer_each_prove_an_offer() -> None:
    abandoned = visit(Exit.ABANDONED, waited=40)
    abandoned.missed = [LoggedMiss(ARRIVED + n * SECOND, "Alice", 5_000) for n in (5, 10, 15)]
    answered = visit(Exit.ANSWERED, joined=50, waited=20)
    answered.missed = abandoned.missed[:1]
    answered.dumps = [(ARRIVED + 60 * SECOND, "Bob")]
    call = recovered(logged(abandoned, answered))
    assert [(v.offers, v.missed) for v in call.visits] == [(3, 3), (3, 1)]


@pytest.mark.parametrize(("observed", "offers"), [(0, 2), (5, 5)])
def test_offers_are_filled_and_never_fewer_than_observed(observed: int, offers: int) -> None:
    told = visit(Exit.ANSWERED, waited=20)
    told.missed = [LoggedMiss(ARRIVED + 5 * SECOND, "Alice", 5_000)]
    log = logged(told)
    record = recovered(log)
    record.visits[0] = replace(record.visits[0], exit=Exit.UNKNOWN, offers=observed, missed=0)
    blind, given = Sight(0, ((0, 2 * ARRIVED),)), Assumptions(Rules(Policy()))
    after = reconcile("lab", record, log, blind, given).after
    assert after is not None
    assert (after.visits[0].offers, after.visits[0].missed) == (offers, 1)
    assert reconcile("lab", after, log, blind, given).after is None
