"""Backtests: small records by hand, and drawn centres of which the truth is known."""

from datetime import time

import pytest

from monitor.core.backtest.result import (
    BacktestResult,
    CannotBeTestedError,
    Moved,
    NotConsidered,
)
from monitor.core.backtest.run import backtest
from monitor.core.calendars import OpeningHours
from monitor.core.clock import MINUTE, SECOND
from monitor.core.overflow.decisions import Because
from monitor.core.overflow.rules import (
    Action,
    Condition,
    Destination,
    How,
    Metric,
    OverflowRule,
    Prioritise,
    Redirect,
    SetLamp,
    Withdraw,
)
from monitor.core.policy import Policy
from monitor.core.records import (
    Call,
    Exit,
    HandledBy,
    Observed,
    Verdict,
    Visit,
    VoiceServerStay,
)
from tests.core.backtest.two_queues import TwoQueues
from tests.core.story import PBX, ms

TO_BACKUP = Withdraw(Destination("overflow", queue="backup"))


def rule(
    *conditions: Condition,
    action: Action = TO_BACKUP,
    how: How = How.TELL,
    only_if_better: bool = False,
    at_most: int = 1_000,
    active: OpeningHours = OpeningHours(),  # noqa: B008 - a value
) -> OverflowRule:
    return OverflowRule(
        "r", action, conditions, queues=("support",), voice_servers=("welcome",), how=how,
        only_if_better=only_if_better, at_most=at_most, active=active,
    )  # fmt: skip


def waited(seconds: float) -> Condition:
    return Condition(Metric.WAITED, at_least=seconds * SECOND)


class Book:
    """A record, written by hand in seconds."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def call(
        self,
        at: float,
        answered: float | None = None,
        *,
        left: float | None = None,
        queue: str = "support",
        agent: str = "PJSIP/s1",
        talk: float = 100,
        exit_: Exit = Exit.ABANDONED,
    ) -> Call:
        """A caller who joins at once, and is answered or leaves."""
        call = Call(PBX, f"{len(self.calls)}.1", ms(at), clock_started_at=ms(at), closed=True)
        visit = Visit(queue, ms(at), MINUTE)
        if answered is not None:
            visit.exit, visit.interface = Exit.ANSWERED, agent
            visit.answered_at = visit.left_at = ms(answered)
            visit.ended_at = ms(answered + talk)
            call.handled_at, call.handled_by = ms(answered), HandledBy.AGENT
            end = answered + talk
            call.verdict = Verdict.MET if answered - at < 60 else Verdict.BREACHED
        else:
            end = at if left is None else left
            visit.exit, visit.left_at = exit_, ms(end)
            call.verdict = Verdict.ABANDONED if end - at < 60 else Verdict.BREACHED
        call.ended_at = ms(end)
        call.visits.append(visit)
        self.calls.append(call)
        return call

    def backup_is_staffed(self, agents: int = 2) -> "Book":
        """Each agent of the backup queue talks a little before and after the story."""
        for number in range(agents):
            for at in (-600, 900):
                self.call(at, at + 3, queue="backup", agent=f"PJSIP/b{number}", talk=30)
        return self

    def run(self, tried: OverflowRule, since: int = 0) -> BacktestResult:
        return backtest(tried, self.calls, Policy(), since=since)


def only(moved: list[Moved]) -> Moved:
    assert len(moved) == 1
    return moved[0]


# --- who is moved -------------------------------------------------------------------------------


def test_whoever_would_have_been_too_late_is_moved_and_answered_in_time() -> None:
    book = Book().backup_is_staffed()
    late = book.call(0, 75)
    found = book.run(rule(waited(40)))
    moved = only(found.moved)
    assert moved.call is late
    assert (moved.at, moved.queue, moved.to.queue) == (ms(40), "support", "backup")
    assert moved.wait_there == 3 * SECOND, "a ring, as an agent is idle there"
    assert (moved.before, moved.after) == (Verdict.BREACHED, Verdict.MET)
    assert (found.avoided, found.caused) == (1, 0)
    assert found.recorded[Verdict.BREACHED] == 1
    assert found.estimated == {Verdict.MET: 5, Verdict.BREACHED: 0}


def test_whoever_is_answered_before_the_conditions_hold_is_left_alone() -> None:
    book = Book().backup_is_staffed()
    book.call(0, 39)
    book.call(0, left=39)
    book.call(0, left=10, exit_=Exit.KEY)
    assert book.run(rule(waited(40))).moved == []


def test_the_reasons_are_those_that_the_monitor_would_have_given() -> None:
    book = Book().backup_is_staffed()
    book.call(0, 75)
    found = book.run(rule(Condition(Metric.TIME_LEFT, at_most=20 * SECOND)))
    reason = only(found.moved).reasons[0]
    assert reason.because is Because.CONDITION
    assert reason.detail == {"metric": "time_left", "value": 20_000, "at_most": 20_000}


def test_a_rule_that_the_pbx_asks_moves_callers_before_they_join() -> None:
    book = Book().backup_is_staffed()
    first, second = book.call(0, 70), book.call(5, 90)
    asked = rule(Condition(Metric.POSITION, at_least=2), how=How.ASK)
    found = book.run(asked)
    assert [moved.call for moved in found.moved] == [second]
    assert only(found.moved).at == ms(5)
    assert first.verdict is Verdict.BREACHED


def test_conditions_of_the_queue_are_looked_at_whenever_somebody_comes_or_goes() -> None:
    book = Book().backup_is_staffed()
    calls = [book.call(at, 50 + at) for at in (0, 10, 20)]
    three = Condition(Metric.WAITING, at_least=3)
    found = book.run(rule(three, Condition(Metric.POSITION, at_least=3)))
    assert only(found.moved).call is calls[2]
    assert only(found.moved).at == ms(20)


def test_the_longest_wait_is_looked_at_though_nothing_happens() -> None:
    book = Book().backup_is_staffed()
    book.call(0, 75)
    found = book.run(rule(Condition(Metric.LONGEST_WAIT, at_least=30 * SECOND)))
    assert ms(30) <= only(found.moved).at <= ms(31)


def test_a_rule_is_tried_in_its_active_hours_only() -> None:
    book = Book().backup_is_staffed()
    book.call(0, 75)  # a Friday, 9:40 UTC
    saturday = OpeningHours(((5, time(0), time.max),))
    assert book.run(rule(waited(40), active=saturday)).moved == []


def test_a_caller_in_the_voice_server_is_redirected_and_never_joins_the_first_queue() -> None:
    book = Book().backup_is_staffed()
    caller = book.call(20, 85)
    caller.arrived_at = caller.clock_started_at = ms(0)
    caller.stays.append(VoiceServerStay("welcome", ms(0), ms(19), inputs="3"))
    redirect = Redirect(Destination("overflow", queue="backup"))
    found = book.run(rule(waited(10), action=redirect))
    moved = only(found.moved)
    assert (moved.at, moved.voice_server, moved.queue) == (ms(10), "welcome", "")
    assert (moved.before, moved.after) == (Verdict.BREACHED, Verdict.MET)


# --- who is not ---------------------------------------------------------------------------------


def test_nobody_is_moved_to_a_queue_that_nobody_serves() -> None:
    book = Book()
    book.call(0, 75)
    found = book.run(rule(waited(40)))
    assert found.moved == []
    assert found.held_back == {Because.TARGET_EMPTY: 1}


def test_the_rate_cap_holds() -> None:
    book = Book().backup_is_staffed()
    for at in (0, 1, 2):
        book.call(at, 75 + at)
    found = book.run(rule(waited(40), at_most=2))
    assert len(found.moved) == 2
    assert found.held_back == {Because.RATE_CAP: 1}


def test_nobody_is_moved_back_to_where_they_were() -> None:
    book = Book().backup_is_staffed()
    caller = book.call(30, 90)
    caller.arrived_at = caller.clock_started_at = ms(0)
    caller.visits.insert(0, Visit("backup", ms(0), MINUTE, left_at=ms(30), exit=Exit.TIMEOUT))
    found = book.run(rule(waited(40)))
    assert found.held_back == {Because.LOOP: 1}


def test_nobody_is_moved_to_where_the_wait_is_no_shorter() -> None:
    book = Book()
    for number in range(20):  # what the forecast learns from
        book.call(-4_000 + number * 150, -3_997 + number * 150, talk=120)
        at = -3_950 + number * 150
        book.call(at, at + 3, queue="backup", agent="PJSIP/b", talk=120)
    book.call(-20, -17, queue="backup", agent="PJSIP/b", talk=600)
    for at in (-15, -10, -5):
        book.call(at, 600 - at, queue="backup", agent="PJSIP/b")
    book.call(0, 75)
    tried = rule(waited(40), only_if_better=True)
    found = backtest(tried, book.calls, Policy(), since=ms(0))
    assert found.moved == []
    assert found.held_back == {Because.TARGET_NOT_BETTER: 1}


# --- what comes of it for the others ------------------------------------------------------------


def test_the_freed_place_goes_to_the_next_in_line_and_so_on() -> None:
    book = Book().backup_is_staffed()
    book.call(-200, -197, talk=242)  # the only agent of support, until 45
    book.call(0, 50, talk=60)
    second = book.call(30, 115, talk=60)
    third = book.call(100, 180, talk=60)
    found = book.run(rule(waited(40), at_most=1))
    assert only(found.moved).call is book.calls[5]
    assert {(one.call.id, one.after) for one in found.affected} == {
        (second.id, Verdict.MET), (third.id, Verdict.MET)
    }  # fmt: skip
    assert found.avoided == 2


def test_the_added_load_makes_the_next_caller_of_the_target_wait() -> None:
    book = Book().backup_is_staffed(agents=1)
    moved = book.call(0, 75, talk=300)
    native = book.call(60, 63, queue="backup", agent="PJSIP/b0")
    found = book.run(rule(waited(40)))
    assert only(found.moved).call is moved
    (hurt,) = found.affected
    assert (hurt.call, hurt.before, hurt.queue) == (native, Verdict.MET, "backup")
    assert hurt.after is Verdict.BREACHED
    assert (found.avoided, found.caused) == (1, 1)


def test_an_agent_who_serves_both_queues_is_not_in_two_places() -> None:
    book = Book()
    for at in (-600, 900):
        book.call(at, at + 3, queue="backup", agent="PJSIP/s1", talk=30)
    book.call(-100, -97, talk=165)  # the only agent of both talks until 68
    book.call(0, 75)
    found = book.run(rule(waited(40)))
    moved = only(found.moved)
    assert moved.after is Verdict.BREACHED
    assert moved.wait_there is not None
    assert moved.at + moved.wait_there >= ms(68)


def test_whoever_gave_up_would_have_given_up_at_the_same_moment() -> None:
    book = Book()
    for at in (-600, 900):
        book.call(at, at + 3, queue="backup", agent="PJSIP/b0", talk=30)
    book.call(20, 23, queue="backup", agent="PJSIP/b0", talk=300)
    book.call(0, left=55)
    moved = only(book.run(rule(waited(40))).moved)
    assert moved.wait_there is None
    assert (moved.before, moved.after) == (Verdict.ABANDONED, Verdict.ABANDONED)


def test_what_happens_beyond_a_queue_is_unknown_and_said_to_be() -> None:
    book = Book()
    book.call(0, 75)
    found = book.run(rule(waited(40), action=Withdraw(Destination("message"))))
    assert only(found.moved).after is Verdict.UNKNOWN
    assert (found.unknown, found.avoided) == (1, 0)
    assert NotConsidered.BEYOND_A_QUEUE in found.not_considered


def test_the_verdict_of_whoever_does_not_count_stays() -> None:
    book = Book().backup_is_staffed()
    excluded, by_voice_server = book.call(0, 75), book.call(1, 76)
    excluded.verdict = Verdict.EXCLUDED
    by_voice_server.verdict, by_voice_server.handled_by = Verdict.MET, HandledBy.VOICE_SERVER
    found = book.run(rule(waited(40)))
    assert {moved.after for moved in found.moved} == {Verdict.EXCLUDED, Verdict.MET}
    assert found.avoided == 0


# --- what is not known --------------------------------------------------------------------------


def test_a_rule_that_moves_nobody_cannot_be_tried() -> None:
    for action in (SetLamp("busy"), Prioritise(10)):
        with pytest.raises(CannotBeTestedError, match="moves no callers"):
            backtest(rule(action=action), [], Policy())


def test_pauses_are_said_to_be_unknown_where_a_condition_looks_at_them() -> None:
    found = Book().run(rule(Condition(Metric.AGENTS_PAUSED, at_least=1)))
    assert NotConsidered.PAUSES in found.not_considered
    assert NotConsidered.PAUSES not in Book().run(rule(waited(40))).not_considered


def test_unseen_ends_are_left_out_and_counted() -> None:
    book = Book()
    unseen = book.call(0, 75)
    unseen.visits[0].exit, unseen.visits[0].left_at = Exit.UNKNOWN, None
    unseen.visits[0].answered_at = None
    unseen.observed = Observed.PARTIAL
    found = book.run(rule(waited(40)))
    assert (found.moved, found.unclear, found.partly_observed) == ([], 1, 1)


def test_calls_of_before_the_range_are_only_learned_from() -> None:
    book = Book().backup_is_staffed()
    book.call(0, 75)
    late = book.call(200, 290)
    found = book.run(rule(waited(40)), since=ms(100))
    assert [moved.call for moved in found.moved] == [late]
    assert found.calls == 3, "this one and two of backup"


def test_calls_that_do_not_count_are_run_again_and_not_told_of() -> None:
    book = Book().backup_is_staffed(agents=1)
    moved = book.call(0, 75, talk=300)
    hurt = book.call(60, 63, queue="backup", agent="PJSIP/b0")
    all_ = book.run(rule(waited(40)))
    found = backtest(rule(waited(40)), book.calls, Policy(), counts=lambda call: call is moved)
    assert [one.call for one in all_.affected] == [hurt]
    assert found.moved == all_.moved
    assert (found.affected, found.calls) == ([], 1)


def test_whoever_waits_longer_than_recorded_does_not_also_join_the_next_queue() -> None:
    book = Book().backup_is_staffed(agents=1)
    book.call(0, 75, talk=300)
    hurt = book.call(60, 63, queue="backup", agent="PJSIP/b0", talk=5)
    hurt.visits.append(Visit("support", ms(68), MINUTE, left_at=ms(80), exit=Exit.ABANDONED))
    found = book.run(rule(waited(40), at_most=1))
    assert [one.call for one in found.affected] == [hurt]
    assert found.affected[0].queue == "backup"


def test_a_run_can_be_stopped() -> None:
    class TooLongError(Exception):
        pass

    def stop() -> None:
        raise TooLongError

    with pytest.raises(TooLongError):
        backtest(rule(waited(40)), TwoQueues().run().calls, Policy(), stop=stop)
