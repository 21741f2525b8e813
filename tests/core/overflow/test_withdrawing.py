"""Callers who wait in a queue are withdrawn in time, where a rule says so."""

from monitor.core import events as ev
from monitor.core.overflow.decisions import Outcome, WithdrawCaller
from monitor.core.overflow.rules import Metric
from tests.core.overflow.centre import Centre, at_most, withdraw


def test_a_caller_is_withdrawn_before_the_deadline_and_seen_to_be_moved() -> None:
    centre = Centre(withdraw(at_most(Metric.TIME_LEFT, 20_000))).member(0).waits(0).until(45)
    assert centre.issued_at() == [35]
    assert centre.orders == [WithdrawCaller("support", centre.call().channel, "to-second,s,1")]
    assert centre.overflow.still_allowed(centre.commands[0])
    centre.answers().withdrawn(46)
    assert centre.outcomes == [Outcome.MOVED]
    assert centre.call().visits[-1].exit == "withdrawn"


def test_without_rules_nothing_is_done_and_nothing_is_due() -> None:
    centre = Centre().waits(0).member(0, device=ev.DeviceState.UNAVAILABLE).until(50)
    assert centre.done == []
    assert centre.overflow.next_deadline() is None
