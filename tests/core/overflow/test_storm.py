"""Storms: two queues that overflow into each other, and five hundred callers at once.

The PBX of these tests does as it is told: half a second later the caller waits in the other queue.
"""

from __future__ import annotations

from collections import Counter

import pytest

from monitor.core.overflow.decisions import Because, Command, Decision, WithdrawCaller
from monitor.core.overflow.engine import Switch
from monitor.core.overflow.rules import Condition, Destination, Metric, OverflowRule, Withdraw
from monitor.core.overflow.words import sentence
from tests.core.overflow.centre import Centre, at_least, held_back
from tests.core.story import PBX, ms
from tests.soak.storm_checks import Storm, problems

CALLERS = 500
OBEYS_AFTER = 0.5


def overflowing(queue: str, into: str, *conditions: Condition, **more: object) -> OverflowRule:
    given = {"cool_down": 1_000, "at_most": 10, "per": 10_000, "only_if_better": False, **more}
    return OverflowRule(
        id=f"{queue}-to-{into}",
        action=Withdraw(Destination("overflow", into, 1, into)),
        conditions=conditions,
        queues=(queue,),
        **given,  # type: ignore[arg-type]
    )


def both_ways(*conditions: Condition, **more: object) -> tuple[OverflowRule, OverflowRule]:
    return (
        overflowing("support", "sales", *conditions, **more),
        overflowing("sales", "support", *conditions, **more),
    )


class Stormy(Centre):
    """A centre whose PBX obeys."""

    def __init__(self, *rules: OverflowRule) -> None:
        super().__init__(*rules)
        self.rules = rules
        self.obeyed = 0
        for queue in ("support", "sales"):
            self.member(0, queue, f"PJSIP/{queue}", paused=True)

    def run(self, until: float) -> Stormy:
        """Let time pass; what is ordered is answered at once and done a little later."""
        at = (self.now - ms(0)) / 1000
        told: list[tuple[float, Command]] = []
        while at < until:
            at = round(at + 0.1, 1)
            self.until(at)
            for number, command in enumerate(self.commands[self.obeyed :], self.obeyed):
                self.answers(number=number)
                told.append((at + OBEYS_AFTER, command))
            self.obeyed = len(self.commands)
            while told and told[0][0] <= at:
                self._move(at, told.pop(0)[1])
        return self

    def _move(self, at: float, command: Command) -> None:
        uniqueid, order = command.call_id.partition(":")[2], command.order
        assert isinstance(order, WithdrawCaller)
        assert self.call(uniqueid).visit is not None
        self.withdrawn(at, uniqueid, order.queue)
        self.joins(at, order.info.split(",")[1], uniqueid)

    def storm(self, uniqueids: list[str], end: float) -> Storm:
        """All hang up; what was."""
        for uniqueid in uniqueids:
            visit = self.call(uniqueid).visit
            if visit is not None:
                self.hangs_up_in(end, visit.queue, uniqueid)
        calls = {f"{PBX}:{uniqueid}": self.call(uniqueid) for uniqueid in uniqueids}
        return Storm(self.rules, calls, self.decisions, self.commands)

    def hangs_up_in(self, at: float, queue: str, uniqueid: str) -> None:
        self.gives_up(at, queue, uniqueid)
        self.hangs_up(at, uniqueid)


def crowd(stormy: Stormy, count: int, queue: str = "support") -> list[str]:
    """Many callers join a queue, a millisecond after one another."""
    uniqueids = [f"1763718000.{queue}-{number}" for number in range(count)]
    for number, uniqueid in enumerate(uniqueids):
        stormy.waits(number / 1000, uniqueid, queue)
    return uniqueids


def because(decisions: list[Decision]) -> Counter[str]:
    return Counter(decision.reasons[-1].because.value for decision in held_back(decisions))


def test_the_rate_cap_and_the_loop_check_hold_when_all_are_due_at_once() -> None:
    stormy = Stormy(*both_ways(at_least(Metric.WAITED_IN_QUEUE, 5_000)))
    callers = crowd(stormy, CALLERS // 2) + crowd(stormy, CALLERS // 2, "sales")
    stormy.run(60)
    storm = stormy.storm(callers, 60)
    assert problems(storm) == []
    # from the fifth second on ten a window and way, and nobody twice
    assert Counter(move.rule_id for move in storm.moves) == {
        "support-to-sales": 60,
        "sales-to-support": 60,
    }
    # one word for each who has to wait for a place within the cap, one for who may not go back
    assert because(stormy.decisions)[Because.RATE_CAP] == CALLERS - 20
    assert because(stormy.decisions)[Because.LOOP] > 0


def test_queues_that_are_both_full_send_nobody_to_and_fro() -> None:
    stormy = Stormy(*both_ways(at_least(Metric.WAITING, 20)))
    callers = crowd(stormy, CALLERS // 2) + crowd(stormy, CALLERS // 2, "sales")
    before = len(stormy.commands)
    stormy.run(30)
    storm = stormy.storm(callers, 30)
    assert problems(storm) == []
    # those who came before the other queue was full may have been moved, within the cap
    assert len(stormy.commands) == before <= 10
    assert because(stormy.decisions)[Because.LOOP] >= CALLERS - 40
    example = next(d for d in stormy.decisions if d.reasons[-1].because is Because.LOOP)
    assert "leads back" in sentence(example)


def test_an_empty_queue_takes_callers_until_it_would_overflow_itself() -> None:
    stormy = Stormy(*both_ways(at_least(Metric.WAITING, 20), at_most=1_000))
    callers = crowd(stormy, CALLERS)
    stormy.run(30)
    waiting = len(stormy.engine.snapshot().queues[PBX, "sales"].waiting)
    assert problems(stormy.storm(callers, 30)) == []
    # those who were on their way counted as well
    assert waiting == 20


def test_a_full_queue_loses_only_those_who_are_too_many() -> None:
    rule = overflowing("support", "sales", at_least(Metric.WAITING, 20), at_most=1_000)
    stormy = Stormy(rule)
    callers = crowd(stormy, 50)
    stormy.run(10)
    waiting = len(stormy.engine.snapshot().queues[PBX, "support"].waiting)
    assert problems(stormy.storm(callers, 10)) == []
    # whoever was ordered away does not count any more: the queue is not emptied by one look
    assert waiting == 19


@pytest.mark.parametrize("hops", [1, 2])
def test_three_queues_in_a_ring_move_nobody_more_often_than_allowed(hops: int) -> None:
    ring = [("support", "sales"), ("sales", "billing"), ("billing", "support")]
    due = at_least(Metric.WAITED_IN_QUEUE, 2_000)
    stormy = Stormy(*(overflowing(*way, due, hops=hops, at_most=1_000) for way in ring))
    stormy.member(0, "billing", "PJSIP/billing", paused=True)
    callers = crowd(stormy, 60)
    stormy.run(30)
    storm = stormy.storm(callers, 30)
    assert problems(storm) == []
    assert set(Counter(move.call_id for move in storm.moves).values()) == {hops}


def test_the_red_switch_stops_a_storm_at_once() -> None:
    stormy = Stormy(*both_ways(at_least(Metric.WAITED_IN_QUEUE, 5_000), at_most=2))
    callers = crowd(stormy, 100)
    stormy.run(16)
    issued = len(stormy.commands)
    assert issued == 4
    stormy.done += stormy.overflow.turn(Switch(on=False, by="lead", at=stormy.now), stormy.now)
    stormy.run(40)
    assert len(stormy.commands) == issued
    stormy.done += stormy.overflow.turn(Switch(on=True, by="lead", at=stormy.now), stormy.now)
    stormy.run(41)
    assert len(stormy.commands) == issued + 2
    assert problems(stormy.storm(callers, 42)) == []
