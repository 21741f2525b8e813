"""The checks of a storm find what is wrong, each its own."""

from __future__ import annotations

from dataclasses import replace

from monitor.core.overflow.decisions import (
    Asker,
    Because,
    Command,
    Decision,
    Outcome,
    Reason,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.rules import Condition, Destination, Metric, OverflowRule, Withdraw
from monitor.core.records import Call, Exit, Visit

from .storm_checks import Storm, most_within, problems

T0 = 1_795_000_000_000
RULE = OverflowRule(
    "a-to-b",
    Withdraw(Destination("overflow", "b", 1, "b")),
    (Condition(Metric.WAITED_IN_QUEUE, at_least=5_000),),
    queues=("a",),
    at_most=2,
    per=10_000,
    hops=1,
)


def visit(queue: str, joined: int, left: int, way: Exit) -> Visit:
    return Visit(queue, T0 + joined, 60_000, left_at=T0 + left, exit=way)


def moved_call(number: int = 1) -> Call:
    call = Call("lab", f"1.{number}", T0, closed=True)
    call.visits = [visit("a", 0, 6_000, Exit.WITHDRAWN), visit("b", 6_000, 9_000, Exit.ABANDONED)]
    return call


def command(number: int = 1, issued: int = 5_000, observed: int = 6_000) -> Command:
    return Command(
        f"c{number}-{issued}", f"d{number}", "lab", WithdrawCaller("a", "x", "overflow,b,1"),
        T0 + issued, "a", f"lab:1.{number}", "a-to-b", outcome=Outcome.MOVED,
        observed_at=T0 + observed,
    )  # fmt: skip


def decision(number: int = 1, *reasons: Reason, held_back: bool = False) -> Decision:
    given = reasons or (Reason(Because.CONDITION, {"metric": "waited_in_queue", "value": 5_000}),)
    return Decision(
        f"d{number}", "lab", T0 + 5_000, Asker.MONITOR, Verb.MOVE, given, "a", f"lab:1.{number}",
        rule_id="a-to-b", held_back=held_back,
    )  # fmt: skip


def storm(*numbers: int) -> Storm:
    numbers = numbers or (1,)
    calls = {f"lab:1.{number}": moved_call(number) for number in numbers}
    decisions = [decision(number) for number in numbers]
    return Storm((RULE,), calls, decisions, [command(number) for number in numbers])


def found(one: Storm) -> str:
    return "\n".join(problems(one))


def test_a_storm_that_kept_to_the_rules_is_without_problems() -> None:
    assert found(storm(1, 2)) == ""
    logged = {"lab:1.1": [("a", "withdrawn"), ("b", "abandoned")]}
    assert found(replace(storm(), logged=logged)) == ""


def test_more_than_the_cap_allows_is_found_by_the_orders_and_by_the_moves() -> None:
    assert "issued 3 commands" in found(storm(1, 2, 3))
    early = [command(n, issued=n * 4_900, observed=6_000) for n in (1, 2, 3)]
    assert "issued 3 commands" in found(replace(storm(1, 2, 3), commands=early))
    apart = [command(n, issued=n * 5_000, observed=n * 5_000 + 10) for n in (1, 2, 3)]
    assert "issued" not in found(replace(storm(1, 2, 3), commands=apart))


def test_windows_are_half_open() -> None:
    assert most_within([0, 9_999, 10_000], 10_000) == 2
    assert most_within([], 10_000) == 0


def test_too_many_hops_and_ways_back_are_found_in_record_and_log() -> None:
    twice = storm()
    twice.calls["lab:1.1"].visits.append(visit("a", 9_000, 9_500, Exit.ABANDONED))
    assert "lab:1.1 came back to a, by the record" in found(twice)
    logged = {"lab:1.1": [("a", "withdrawn"), ("b", "withdrawn"), ("a", "answered")]}
    text = found(replace(storm(), logged=logged))
    assert "came back to a, by the log" in text
    assert "withdrawn 2 times by the log, 1 allowed" in text
    again = replace(storm(), commands=[command(), command(issued=7_000, observed=8_000)])
    assert "lab:1.1 was moved 2 times, 1 allowed" in found(again)


def test_outcomes_that_are_not_true_are_found() -> None:
    answered = storm()
    answered.calls["lab:1.1"].visits = [visit("a", 0, 6_000, Exit.ANSWERED)]
    assert "counts as moved to b, but was in ['a']" in found(answered)
    pending = storm()
    pending.commands[0].outcome = Outcome.PENDING
    assert "never got an outcome" in found(replace(pending))
    assert "withdrawn from ['a'], ordered and seen: []" in found(replace(storm(), commands=[]))


def test_two_commands_at_a_time_for_one_caller_are_found() -> None:
    both = [command(), command(issued=5_500, observed=6_000)]
    assert "two commands at a time" in found(replace(storm(), commands=both))


def test_what_cannot_be_read_and_what_was_not_said_are_found() -> None:
    odd = decision(1, Reason(Because.TARGET_EMPTY, {"queue": None}), held_back=True)
    assert "reads: " in found(replace(storm(), decisions=[odd]))
    silent = replace(storm(), decisions=[])
    assert "not a word of it" not in found(silent)
    silent.calls["lab:1.1"].visits[0].left_at = T0 + 7_100
    assert "not a word of it" in found(silent)


def test_whoever_is_lost_is_found() -> None:
    lost = storm()
    lost.calls["lab:1.1"].closed = False
    lost.calls["lab:1.1"].visits[1].exit = Exit.UNKNOWN
    assert "is not over" in found(lost)
    assert "left b nobody knows how" in found(lost)
