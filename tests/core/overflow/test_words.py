"""Each decision is one plain sentence."""

import pytest

from monitor.core.overflow.decisions import (
    AddMember,
    Asker,
    Because,
    ChangeLamp,
    ChangePenalty,
    ChangePriority,
    Decision,
    Detail,
    Order,
    PutDatabase,
    Reason,
    RedirectChannel,
    RemoveMember,
    SetGlobal,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.rules import Destination, Metric
from monitor.core.overflow.words import WORDS, in_words, order_in_words, sentence


def condition(metric: Metric, **detail: Detail) -> Reason:
    return Reason(Because.CONDITION, {"metric": metric.value, **detail})


EARLY = (
    "25 s are left before the deadline (20 s or less asked, "
    "issued 5 s early, as the queue may ring that long first)"
)

SAID: list[tuple[Reason, str]] = [
    (condition(Metric.TIME_LEFT, value=12_400, at_most=20_000),
     "12.4 s are left before the deadline (20 s or less asked)"),
    (condition(Metric.TIME_LEFT, value=25_000, at_most=20_000, early=5_000), EARLY),
    (condition(Metric.WAITED, value=30_000, at_least=30_000, at_most=40_000),
     "waited 30 s (30 s or more asked, 40 s or less asked)"),
    (condition(Metric.TIME_LEFT, value=-38_100, at_most=20_000),
     "the deadline passed 38.1 s ago (20 s or less asked)"),
    (condition(Metric.MISS_PROBABILITY, value=0.756, at_least=0.5),
     "the deadline will be missed with a probability of 76 % (50 % or more asked)"),
    (condition(Metric.SERVICE_LEVEL, value=None, at_most=0.8),
     "the service level is unknown (80 % or less asked)"),
    (condition(Metric.AGENTS_AVAILABLE, value=0, at_most=0), "0 agents free (0 or less asked)"),
    (condition(Metric.EXPECTED_WAIT, value=None, at_least=1_000),
     "a wait of an unknown time is expected (1 s or more asked)"),
    (condition(Metric.OPEN, value=0, at_most=0), "the centre is closed"),
    (condition(Metric.OPEN, value=1, at_least=1), "the centre is open"),
    (condition(Metric.CALLER, value="0700", one_of="07*"), "the caller's number is 0700"),
    (condition(Metric.INPUTS, value="", none_of="9"), "the caller entered nothing"),
    (condition(Metric.VOICE_SERVER, value="welcome"), "the voice server is welcome"),
    (Reason(Because.FORCED, {"by": "lea"}), "forced by lea"),
    (Reason(Because.RULE_PAUSED), "the rule is paused"),
    (Reason(Because.RATE_CAP, {"used": 4, "at_most": 20, "per": 60_000}),
     "4 of 20 moves used in 60 s"),
    (Reason(Because.LOOP, {"queue": "b", "rule": "r"}), "a loop, rule r leads back from b"),
    (Reason(Because.TARGET_EMPTY, {"queue": "b"}), "nobody is logged in to b"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "words"), SAID, ids=[words[:30] for _, words in SAID])
def test_a_reason_in_words(reason: Reason, words: str) -> None:
    assert in_words(reason) == words


def test_each_code_has_words_even_where_the_details_are_missing() -> None:
    assert set(WORDS) == set(Because)
    for because in Because:
        assert in_words(Reason(because))


def test_each_metric_has_words_of_its_own() -> None:
    assert len({in_words(condition(metric, value=7)) for metric in Metric}) == len(Metric)


def decided(verb: Verb, *reasons: Reason, **more: object) -> str:
    to = Destination("to-b", queue="b")
    given = {"rule_id": "help", "to": to, **more}
    return sentence(Decision("1", "lab", 0, Asker.MONITOR, verb, reasons, **given))  # type: ignore[arg-type]


def test_a_decision_in_one_sentence() -> None:
    forced = Reason(Because.FORCED)
    assert decided(Verb.MOVE, forced) == "Moved to b by rule help: forced."
    assert decided(Verb.MOVE) == "Moved to b by rule help."
    assert decided(Verb.MOVE, forced, to=Destination("bye")) == (
        "Moved to bye,s,1 by rule help: forced."
    )
    assert decided(Verb.MOVE, Reason(Because.HOPS, {"hops": 2, "at_most": 2}), held_back=True) == (
        "Not moved to b by rule help: the caller was moved 2 times already, 2 at most."
    )
    assert decided(Verb.MOVE, forced, dry_run=True) == (
        "Would be moved to b by rule help, which is in dry run: forced."
    )
    assert decided(Verb.TURN_ON, forced, to=None) == "Turned on by rule help: forced."
    assert decided(Verb.STAY, Reason(Because.NO_RULE), to=None, rule_id="") == (
        "Not moved: no rule watches this queue."
    )


ORDERS: list[tuple[Order, str]] = [
    (WithdrawCaller("a", "PJSIP/1", "to-b,s,1"), "withdraw from a to to-b,s,1"),
    (RedirectChannel("PJSIP/1", "to-b", "s", 1), "redirect to to-b,s,1"),
    (ChangePriority("a", "PJSIP/1", 10), "priority 10 in a"),
    (AddMember("a", "PJSIP/h"), "add PJSIP/h to a"),
    (RemoveMember("a", "PJSIP/h"), "remove PJSIP/h from a"),
    (ChangePenalty("a", "PJSIP/h", 2), "penalty 2 for PJSIP/h in a"),
    (SetGlobal("FULL", "1"), "set FULL to 1"),
    (PutDatabase("flags", "full", "1"), "put 1 at flags/full"),
    (PutDatabase("flags", "full", ""), "delete flags/full"),
    (ChangeLamp("crowd", "INUSE"), "lamp crowd to INUSE"),
]


@pytest.mark.parametrize(("order", "words"), ORDERS)
def test_an_order_in_words(order: Order, words: str) -> None:
    assert order_in_words(order) == words
