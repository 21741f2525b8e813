"""Backtest: drawn centres of which the truth is known, and records as odd as they come."""

import random

import pytest

from monitor.core.backtest.run import backtest
from monitor.core.clock import MINUTE, SECOND
from monitor.core.overflow.rules import Condition, How, Metric
from monitor.core.policy import Policy, QueuePolicy
from monitor.core.records import Call, Exit, Verdict, Visit
from tests.core.backtest.test_backtest import rule, waited
from tests.core.backtest.two_queues import TwoQueues


def test_a_rule_that_never_acts_changes_nothing() -> None:
    calls = TwoQueues(breaks=True, support=4, backup=3, shared=4).run().calls
    found = backtest(rule(waited(3_600)), calls, Policy())
    assert found.moved == []
    assert found.affected == []
    assert found.estimated == found.recorded


@pytest.mark.parametrize(
    "centre",
    [
        TwoQueues(seed=1, support=4, backup=6),
        TwoQueues(seed=2, backup=3),
        TwoQueues(seed=3, support=0, backup=0, shared=8),
        TwoQueues(seed=1, support=4, backup=3, shared=4, breaks=True),
    ],
    ids=["a target with room", "a target without", "the same agents", "shared agents with breaks"],
)
def test_the_estimate_is_near_to_what_the_same_callers_meet_with_the_rule_in_force(
    centre: TwoQueues,
) -> None:
    """Off by a fifth of the recorded breaches at most; nine verdicts of ten are right."""
    with_rule = TwoQueues(**{**vars(centre), "calls": [], "move_after": 40 * SECOND}).run()
    centre.run()
    found = backtest(rule(waited(40)), centre.calls, Policy())
    assert found.recorded[Verdict.BREACHED] == centre.breaches
    off = found.estimated[Verdict.BREACHED] - with_rule.breaches
    assert abs(off) <= 0.2 * centre.breaches
    verdicts = {call.id: call.verdict for call in centre.calls}
    verdicts |= {one.call.id: one.after for one in found.everybody}
    right = sum(verdicts[call.id] is call.verdict for call in with_rule.calls)
    assert right >= 0.9 * len(verdicts)


def test_service_level_and_forecast_are_those_of_the_moment() -> None:
    calls = TwoQueues(seed=2, support=4, backup=6, callers=600).run().calls
    policy = Policy(queues=(QueuePolicy("support"),))
    poor = Condition(Metric.SERVICE_LEVEL, at_most=0.5)
    likely = Condition(Metric.MISS_PROBABILITY, at_least=0.7)
    found = backtest(rule(poor, likely), calls, policy)
    assert found.moved
    for moved in found.moved:
        level, chance = (reason.detail["value"] for reason in moved.reasons)
        assert isinstance(level, float)
        assert isinstance(chance, float)
        assert level <= 0.5
        assert chance >= 0.7


def spoil(call: Call, draw: random.Random) -> None:
    """Make a call's record as incomplete, or as odd, as records can be."""
    visit = call.visits[0]
    match draw.randrange(8):
        case 0:
            visit.exit, visit.left_at, visit.answered_at = Exit.UNKNOWN, None, None
        case 1:
            visit.answered_at = None
        case 2:
            visit.ended_at = call.ended_at = None
        case 3:
            call.visits.clear()
        case 4:
            visit.left_at = visit.joined_at - 5 * SECOND
        case 5:
            visit.interface = ""
        case 6:
            call.clock_started_at = None
        case _:
            again = visit.joined_at if draw.random() < 0.5 else visit.left_at or visit.joined_at
            left = again + 9 * SECOND
            call.visits.append(Visit("backup", again, MINUTE, left_at=left, exit=Exit.TIMEOUT))


@pytest.mark.parametrize(
    "condition",
    [
        waited(20),
        Condition(Metric.MISS_PROBABILITY, at_least=0.3),
        Condition(Metric.AGENTS_AVAILABLE, at_most=0),
    ],
    ids=["by time", "by chance", "by agents"],
)
@pytest.mark.parametrize("how", list(How))
def test_no_record_is_too_odd(condition: Condition, how: How) -> None:
    """Whatever is missing, every call is counted once and keeps or changes its verdict once."""
    draw = random.Random(condition.metric.value + how.value)
    calls = TwoQueues(seed=7, callers=200, support=3, backup=2, shared=1, between=12).run().calls
    for call in calls:
        if draw.random() < 0.3:
            spoil(call, draw)
    found = backtest(rule(condition, how=how), calls, Policy())
    assert found.calls == sum(found.estimated.values()) == len(calls)
    assert min(found.estimated.values()) >= 0
    touched = [one.call.id for one in found.everybody]
    assert len(touched) == len(set(touched))
    assert all((moved.wait_there or 0) >= 0 for moved in found.moved)
