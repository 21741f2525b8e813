"""The PBX asks before it queues a caller, and is answered from memory."""

from collections.abc import Callable, Iterable

import pytest

from monitor.core.clock import Ms
from monitor.core.effects import DecisionMade, Effect
from monitor.core.overflow.decisions import Verb
from monitor.core.overflow.engine import Switch
from monitor.core.overflow.rules import Condition, How, Metric, OverflowRule
from monitor.core.overflow.words import sentence
from monitor.core.records import FactKind
from tests.core.overflow.centre import (
    TO_SECOND,
    Centre,
    at_least,
    at_most,
    becauses,
    crowd,
    withdraw,
)
from tests.core.story import CALLER, PBX, ms

OTHER = "1763718000.2"


def asked(*conditions: Condition, **more: object) -> OverflowRule:
    return withdraw(*conditions, **{"how": How.ASK, **more})  # type: ignore[arg-type]


class Told:
    """A forecast that says what it was told: a minute for each who waits before."""

    def __init__(self, **waits: Ms) -> None:
        self.waits = waits

    def handle(self, effects: Iterable[Effect], now: Ms) -> None:
        pass

    def expected_wait(self, pbx: str, queue: str, position: int) -> Ms | None:
        return self.waits.get(queue)

    def miss_probability(self, pbx: str, queue: str, position: int, time_left: Ms) -> float | None:
        return None if queue not in self.waits else min(1.0, self.waits[queue] / 100_000)


def test_a_caller_is_sent_on_where_too_many_wait() -> None:
    centre = Centre(asked(at_least(Metric.WAITING, 2))).member(0)
    crowd(centre, 2)
    centre.arrives(1).until(2)
    decision = centre.asks()
    assert (decision.verb, decision.to, decision.rule_id) == (Verb.MOVE, TO_SECOND, "help")
    assert sentence(decision) == (
        "Moved to second by rule help: 2 waiting (2 or more asked); 1 of 20 moves used in 60 s."
    )
    facts = [fact for fact in centre.call().facts if fact.kind is FactKind.OVERFLOW_DECIDED]
    assert [fact.detail["why"] for fact in facts] == [sentence(decision)]
    assert centre.commands == []


STAYS: list[tuple[str, Centre, list[str]]] = [
    ("no rule", Centre(asked(queues=("sales",))), ["no_rule"]),
    ("only told", Centre(asked(how=How.TELL)), ["no_rule"]),
    ("disabled", Centre(asked(enabled=False)), ["no_rule"]),
    ("another pbx", Centre(asked(pbx="elsewhere")), ["no_rule"]),
    ("nothing holds", Centre(asked(at_least(Metric.WAITING, 1))), ["nothing_holds"]),
    ("not seen", Centre(asked(), connected=False), ["not_connected"]),
]


@pytest.mark.parametrize(("centre", "why"), [row[1:] for row in STAYS], ids=[s[0] for s in STAYS])
def test_a_caller_stays_and_that_is_recorded_too(centre: Centre, why: list[str]) -> None:
    decision = centre.asks(uniqueid="unknown", caller="0700")
    assert (decision.verb, decision.held_back, becauses(decision)) == (Verb.STAY, False, why)
    assert (decision.caller, decision.call_id) == ("0700", f"{PBX}:unknown")
    assert centre.decisions == [decision]


def test_an_unknown_pbx_is_answered() -> None:
    assert becauses(Centre(asked()).asks(pbx="elsewhere")) == ["not_connected"]


def test_nobody_is_sent_on_with_the_switch_off() -> None:
    centre = Centre(asked()).member(0)
    centre.done += centre.overflow.turn(Switch(on=False, by="lea"), centre.now)
    decision = centre.asks()
    assert becauses(decision) == ["paused"]
    assert sentence(decision) == "Not moved: all actions are paused by lea."
    centre.done += centre.overflow.turn(Switch(on=True, by="lea"), centre.now)
    assert centre.asks().verb is Verb.MOVE


def test_the_place_asked_for_is_behind_those_who_wait() -> None:
    centre = Centre(asked(at_least(Metric.POSITION, 3))).member(0)
    crowd(centre, 1)
    assert centre.asks(uniqueid="a").verb is Verb.STAY
    centre.waits(1)
    assert centre.asks(uniqueid="b").verb is Verb.MOVE


def test_time_left_is_that_of_the_caller_who_is_known() -> None:
    centre = Centre(asked(at_most(Metric.TIME_LEFT, 30_000))).member(0)
    centre.arrives(0)
    centre.until(29.999)
    assert centre.asks().verb is Verb.STAY
    assert centre.asks(uniqueid="unknown").verb is Verb.STAY
    assert centre.until(30).asks().verb is Verb.MOVE


def test_the_number_that_the_dialplan_says_counts_for_an_unknown_caller() -> None:
    centre = Centre(asked(Condition(Metric.CALLER, one_of=("07*",)))).member(0)
    assert centre.asks(uniqueid="", caller="0199").verb is Verb.STAY
    assert centre.asks(uniqueid="", caller="0700").verb is Verb.MOVE


def test_a_forecast_decides_and_is_recorded() -> None:
    rule = asked(at_least(Metric.MISS_PROBABILITY, 0.5))
    centre = Centre(rule, forecasts=Told(support=80_000, second=10_000)).member(0)
    decision = centre.asks()
    assert (decision.verb, decision.expected_wait) == (Verb.MOVE, 80_000)
    assert decision.miss_probability == pytest.approx(0.8)


Act = Callable[[Centre], object]


def forced(*, on: bool) -> Act:
    def act(centre: Centre) -> None:
        centre.done += centre.overflow.force("help", on=on, by="lea", now=centre.now)

    return act


HELD: list[tuple[str, OverflowRule, Act, list[str]]] = [
    ("nobody there", asked(), lambda c: c.member_gone(1, "PJSIP/anna"), ["target_empty"]),
    ("been there", asked(), lambda c: c.waits(0, queue="second").withdrawn(1, queue="second"),
     ["loop"]),
    ("moved often", asked(hops=0), lambda c: None, ["hops"]),
    ("no more now", asked(at_most=0), lambda c: None, ["rate_cap"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "act", "why"), [row[1:] for row in HELD], ids=[row[0] for row in HELD]
)
def test_what_holds_a_rule_back_is_said(rule: OverflowRule, act: Act, why: list[str]) -> None:
    centre = Centre(rule).member(0)
    act(centre)
    decision = centre.asks()
    assert (decision.verb, decision.held_back, decision.rule_id) == (Verb.STAY, True, "help")
    assert becauses(decision) == why
    assert decision.to == TO_SECOND


def test_a_target_that_is_no_better_is_left_alone_unless_the_rule_says_so() -> None:
    told = Told(support=20_000, second=20_000)
    decision = Centre(asked(), forecasts=told).member(0).asks()
    assert becauses(decision) == ["target_not_better"]
    assert sentence(decision) == (
        "Not moved to second by rule help: second is not better, "
        "a wait of 20 s is expected there, 20 s here."
    )
    assert Centre(asked(only_if_better=False), forecasts=told).member(0).asks().verb is Verb.MOVE
    unknown = Told(support=20_000)
    assert Centre(asked(), forecasts=unknown).member(0).asks().verb is Verb.MOVE


def test_the_next_rule_is_asked_where_the_first_is_held_back() -> None:
    first = asked(at_most=0, priority=1, id_="first")
    centre = Centre(asked(id_="next"), first).member(0)
    assert centre.asks().rule_id == "next"


def test_the_first_rule_of_all_that_hold_answers() -> None:
    rules = [asked(id_=name, priority=priority) for name, priority in (("b", 2), ("a", 1))]
    assert Centre(*rules).member(0).asks().rule_id == "a"


def test_the_same_caller_gets_the_same_answer_again_and_counts_once() -> None:
    centre = Centre(asked(at_most=2)).member(0)
    first = centre.asks()
    assert centre.until(29.999).asks() is first
    assert centre.decisions == [first]
    assert centre.asks(uniqueid=OTHER).verb is Verb.MOVE
    assert becauses(centre.asks(uniqueid="a"))[-1] == "rate_cap"


def test_another_queue_is_not_answered_until_the_cool_down_is_over() -> None:
    centre = Centre(asked(), asked(id_="on", queues=("third",))).member(0)
    centre.asks()
    held = centre.until(10).asks("third")
    assert becauses(held) == ["cool_down"]
    assert sentence(held).endswith("20 s of the cool-down are left.")
    assert centre.until(30).asks("third").verb is Verb.MOVE


def test_an_answer_is_not_repeated_once_the_rule_is_another() -> None:
    centre = Centre(asked()).member(0)
    centre.asks()
    centre.done += centre.overflow.set_rules((asked(version=2),), centre.now)
    assert becauses(centre.asks()) == ["cool_down"]


def test_a_rule_in_dry_run_answers_stay_and_says_what_it_would_have_done() -> None:
    decision = Centre(asked(dry_run=True)).member(0).asks()
    assert (decision.verb, decision.dry_run, decision.held_back) == (Verb.STAY, True, False)
    assert becauses(decision) == ["dry_run"]
    assert decision.to == TO_SECOND


def test_a_rule_in_dry_run_does_not_stand_before_one_that_acts() -> None:
    centre = Centre(asked(dry_run=True, priority=1, id_="try"), asked()).member(0)
    assert centre.asks().rule_id == "help"
    assert [(d.rule_id, d.dry_run) for d in centre.decisions] == [("try", True), ("help", False)]


def test_a_person_has_a_rule_answer_or_rest() -> None:
    centre = Centre(asked(at_least(Metric.WAITING, 5))).member(0)
    forced(on=True)(centre)
    decision = centre.asks()
    assert (decision.verb, decision.by, becauses(decision)) == (
        Verb.MOVE, "lea", ["forced", "rate_cap"],
    )  # fmt: skip
    forced(on=False)(centre)
    assert centre.asks(uniqueid=OTHER).verb is Verb.STAY
    centre.done += centre.overflow.force("help", on=None, by="lea", now=centre.now)
    assert centre.overflow.forced == {}
    assert centre.overflow.force("unknown", on=True, by="lea", now=centre.now) == []


def test_a_caller_who_is_told_about_already_is_not_sent_on_as_well() -> None:
    told = withdraw(at_least(Metric.WAITED, 10_000), id_="told", cool_down=0)
    centre = Centre(told, asked(queues=("third",))).member(0).waits(0).until(10)
    assert len(centre.commands) == 1
    assert becauses(centre.asks("third")) == ["in_flight"]


def test_an_advice_counts_as_a_move() -> None:
    centre = Centre(asked(hops=1, cool_down=0), asked(hops=1, id_="on", queues=("third",)))
    centre.member(0)
    centre.asks()
    assert becauses(centre.until(1).asks("third")) == ["hops"]


def test_the_memory_of_who_asked_is_forgotten() -> None:
    centre = Centre(asked(at_most=1_000)).member(0)
    for number in range(50):
        centre.asks(uniqueid=f"9.{number}")
    assert centre.overflow.next_deadline() is not None
    centre.until(300)
    assert centre.overflow.next_deadline() is None


def test_an_answer_has_its_effects_and_an_id_of_its_own() -> None:
    centre = Centre(asked(at_least(Metric.WAITING, 1)))
    decisions = [centre.asks(uniqueid=f"9.{number}") for number in range(20)]
    assert len({decision.id for decision in decisions}) == 20
    assert [e.decision for e in centre.done if isinstance(e, DecisionMade)] == decisions
    assert all(decision.at == ms(0) for decision in decisions)
    assert CALLER not in {decision.call_id for decision in decisions}
