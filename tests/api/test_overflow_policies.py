"""The one shape of a rule: what it may say, and what is said about one that is no good."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from api.overflow_policies import RuleError, body_of, rule_of
from config.overflow import OverflowRule as OverflowRuleBody
from config.overflow_actions import ACTIONS
from monitor.core.overflow.decisions import Because, Outcome
from monitor.core.overflow.rules import (
    AddMembers,
    Condition,
    Destination,
    Helper,
    How,
    LampState,
    Metric,
    OverflowRule,
    Prioritise,
    Redirect,
    SetDatabase,
    SetLamp,
    SetPenalty,
    SetVariable,
    Withdraw,
)

Body = dict[str, Any]

WITHDRAW: Body = {
    "id": "support-to-backup",
    "queues": ["support"],
    "when": [{"metric": "time_left", "at_most": 20}],
    "do": {"withdraw": {"context": "overflow", "queue": "backup"}},
}
REDIRECT: Body = {
    "id": "ivr-to-backup",
    "voice_servers": ["welcome"],
    "when": [{"metric": "inputs", "one_of": ["2*"]}],
    "do": {"redirect": {"context": "overflow", "queue": "backup"}},
}
HELPERS: Body = {
    "id": "helpers",
    "queues": ["support"],
    "when": [{"metric": "waiting", "at_least": 5, "release_below": 2}],
    "do": {"add_members": [{"interface": "PJSIP/alice"}]},
}


def lasting(do: Body) -> Body:
    return {**HELPERS, "do": do}


def withdraw(**place: object) -> Body:
    return {**WITHDRAW, "do": {"withdraw": {"context": "overflow", **place}}}


def when(*conditions: Body, base: Body = WITHDRAW) -> Body:
    return {**base, "when": list(conditions)}


def test_what_is_left_out_has_its_default() -> None:
    rule = rule_of(WITHDRAW)

    assert rule == OverflowRule(
        id="support-to-backup",
        action=Withdraw(Destination("overflow", queue="backup")),
        conditions=(Condition(Metric.TIME_LEFT, at_most=20_000),),
        queues=("support",),
    )


def test_seconds_become_milliseconds_and_shares_and_counts_stay() -> None:
    rule = rule_of(
        when(
            {"metric": "longest_wait", "at_least": 45.5, "release_below": 10},
            {"metric": "service_level", "at_most": 0.8, "release_above": 0.9},
            {"metric": "waiting", "at_least": 5},
            base={**HELPERS, "cool_down": 90, "per": 0.5},
        ),
        version=7,
    )

    assert rule.conditions == (
        Condition(Metric.LONGEST_WAIT, at_least=45_500, release_below=10_000),
        Condition(Metric.SERVICE_LEVEL, at_most=0.8, release_above=0.9),
        Condition(Metric.WAITING, at_least=5),
    )
    assert (rule.cool_down, rule.per, rule.version) == (90_000, 500, 7)


@pytest.mark.parametrize(
    ("body", "action"),
    [
        (withdraw(exten="s-1", priority=3), Withdraw(Destination("overflow", "s-1", 3))),
        (REDIRECT, Redirect(Destination("overflow", queue="backup"))),
        ({**WITHDRAW, "do": {"prioritise": 10}}, Prioritise(10)),
        (
            lasting({"add_members": [{"interface": "PJSIP/alice", "name": "Zoé", "penalty": 5}]}),
            AddMembers((Helper("PJSIP/alice", "Zoé", 5),)),
        ),
        (
            lasting({"penalty": {"interfaces": ["PJSIP/back*"], "penalty": 0}}),
            SetPenalty(("PJSIP/back*",), 0),
        ),
        (lasting({"variable": {"name": "BUSY", "off": ""}}), SetVariable("BUSY", "1", "")),
        (
            lasting({"database": {"family": "overflow", "key": "support"}}),
            SetDatabase("overflow", "support"),
        ),
        (
            lasting({"lamp": {"name": "support", "on": "RINGING"}}),
            SetLamp("support", LampState.RINGING, LampState.NOT_INUSE),
        ),
    ],
)
def test_each_action_goes_both_ways(body: Body, action: object) -> None:
    rule = rule_of(body)

    assert rule.action == action
    assert rule_of(body_of(rule)) == rule


def test_all_that_a_rule_may_say_goes_both_ways() -> None:
    body = {
        "id": "evening_2",
        "name": "Evening « backup »",
        "enabled": False,
        "dry_run": True,
        "priority": 5,
        "pbx": "lab",
        "do": {"withdraw": {"context": "overflow", "exten": "s", "priority": 1, "queue": "backup"}},
        "how": "both",
        "queues": ["support", "sales-*"],
        "voice_servers": [],
        "active": [
            {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "18:00", "to": "24:00"},
            {"days": ["sun"], "from": "08:30", "to": "12:00"},
        ],
        "when": [
            {"metric": "caller", "one_of": ["01*"], "none_of": ["0199*"]},
            {"metric": "time_left", "at_least": -5, "at_most": 20},
            {"metric": "open", "at_least": 1},
        ],
        "cool_down": 0,
        "at_most": 3,
        "per": 10.5,
        "hops": 1,
        "only_if_better": False,
    }

    rule = rule_of(body)

    assert body_of(rule) == body
    assert rule.how is How.BOTH


def test_days_may_be_written_as_a_range() -> None:
    rule = rule_of({**WITHDRAW, "active": [{"days": ["fri-mon"], "from": "08:00", "to": "09:00"}]})

    assert [day for day, _, _ in rule.active.spans] == [0, 4, 5, 6]


def test_a_rule_with_hours_needs_no_condition() -> None:
    hours = [{"days": ["sun"], "from": "00:00", "to": "24:00"}]

    assert rule_of({**WITHDRAW, "when": [], "active": hours}).conditions == ()


def test_a_redirect_looks_at_the_queue_that_is_named_else_at_its_target() -> None:
    condition = {"metric": "waiting", "at_most": 3}

    assert rule_of(when(condition, base=REDIRECT)).queues == ()
    assert rule_of(when(condition, base={**REDIRECT, "queues": ["*"]})).queues == ()
    assert rule_of(when(condition, base={**REDIRECT, "queues": ["vip"]})).queues == ("vip",)


BAD: list[tuple[Body, str, str]] = [
    # What is needed.
    ({}, "id", "it is missing; write small letters"),
    ({}, "do", "it is missing; write one action"),
    ({**WITHDRAW, "id": "Support to backup"}, "id", "1 to 64 of a-z"),
    ({**WITHDRAW, "id": "-x"}, "id", "begin with a letter or a digit"),
    ({**WITHDRAW, "id": "x" * 65}, "id", "1 to 64"),
    ({**WITHDRAW, "colour": 1}, "colour", "unknown key; known here: id, name"),
    ({**WITHDRAW, "quues": ["x"]}, "quues", "did you mean 'queues'?"),
    ({**WITHDRAW, "enabled": "yes"}, "enabled", "write true, or false"),
    ({**WITHDRAW, "hops": True}, "hops", "valid integer"),
    # Actions.
    ({**WITHDRAW, "do": {}}, "do", "it says nothing to do; write one of withdraw"),
    (
        {**WITHDRAW, "do": {"prioritise": 1, "lamp": {"name": "x"}}},
        "do",
        "a rule does one thing, and this names prioritise and lamp",
    ),
    ({**WITHDRAW, "do": {"withdrew": {}}}, "do.withdrew", "did you mean 'withdraw'?"),
    (withdraw(context="a\r\nAction: Originate"), "do.withdraw.context", "line break"),
    (withdraw(context="a\nb"), "do.withdraw.context", "write it on one line"),
    (withdraw(context="a\0b"), "do.withdraw.context", "NUL"),
    (withdraw(context="a,b"), "do.withdraw.context", "context, exten and priority are written"),
    (withdraw(context=""), "do.withdraw.context", "it is empty"),
    (withdraw(context="x" * 80), "do.withdraw.context", "it has 80 characters; 79 at most"),
    (withdraw(exten="s,1"), "do.withdraw.exten", "comma"),
    (withdraw(exten="${EVIL}"), "do.withdraw.exten", "it holds '$'"),
    (withdraw(exten="s b"), "do.withdraw.exten", "it holds ' '"),
    (withdraw(priority=0), "do.withdraw.priority", "greater than or equal to 1"),
    (withdraw(queue="a\nb"), "do.withdraw.queue", "line break"),
    (withdraw(queue="a,b"), "do.withdraw.queue", "comma"),
    (
        lasting({"add_members": [{"interface": "PJSIP/a,1"}]}),
        "do.add_members.0.interface",
        "comma",
    ),
    (
        lasting({"add_members": [{"interface": "PJSIP/a\n"}]}),
        "do.add_members.0.interface",
        "line break",
    ),
    (
        lasting({"add_members": [{"interface": "PJSIP/a\x7f"}]}),
        "do.add_members.0.interface",
        "control character",
    ),
    (
        lasting({"add_members": [{"interface": "PJSIP/a"}, {"interface": "PJSIP/a"}]}),
        "do.add_members",
        '"PJSIP/a" stands there twice',
    ),
    (lasting({"add_members": []}), "do.add_members", "must not be empty"),
    (lasting({"penalty": {"interfaces": ["PJSIP/*"]}}), "do.penalty.penalty", "it is missing"),
    (lasting({"penalty": {"interfaces": [], "penalty": 1}}), "do.penalty.interfaces", "patterns"),
    (lasting({"variable": {"name": "${BUSY}"}}), "do.variable.name", "without ${ }"),
    (lasting({"variable": {"name": "A", "on": "1\n"}}), "do.variable.on", "line break"),
    (lasting({"database": {"family": "a b", "key": "k"}}), "do.database.family", "it holds ' '"),
    (lasting({"database": {"family": "f", "key": "k", "on": ""}}), "do.database.on", "empty"),
    (lasting({"lamp": {"name": "Custom:x"}}), "do.lamp.name", 'leave "Custom:" out: write "x"'),
    (lasting({"lamp": {"name": "x", "on": "BLINK"}}), "do.lamp.on", "there is no state 'BLINK'"),
    (lasting({"lamp": {"name": "x)"}}), "do.lamp.name", "it holds ')'"),
    # What a rule watches.
    ({**WITHDRAW, "queues": []}, "queues", 'withdraw watches queues, and none is named; write ["'),
    ({**WITHDRAW, "queues": ["support", "backup"]}, "queues", '"backup" is both watched and the'),
    ({**WITHDRAW, "queues": [""]}, "queues.0", "it is empty"),
    ({**WITHDRAW, "voice_servers": ["welcome"]}, "voice_servers", "only redirect watches voice"),
    ({**REDIRECT, "voice_servers": []}, "voice_servers", "redirect watches voice servers, and"),
    ({**REDIRECT, "queues": ["support", "sales"]}, "queues", "name that one"),
    ({**REDIRECT, "queues": ["s*"]}, "queues", "For callers in a queue take withdraw"),
    ({**HELPERS, "queues": []}, "queues", "add_members watches queues"),
    # How.
    ({**WITHDRAW, "how": "shout"}, "how", "there is no way 'shout'; known are ask, tell, both"),
    ({**REDIRECT, "how": "ask"}, "how", "only withdraw can be asked for"),
    ({**HELPERS, "how": "both"}, "how", 'write "tell"'),
    # Conditions.
    ({**WITHDRAW, "when": []}, "when", "the rule would always act"),
    (when({"metric": "wating", "at_least": 1}), "when.0.metric", "did you mean 'waiting'?"),
    (when({"metric": "colour", "at_least": 1}), "when.0.metric", "known are waited,"),
    (when({"metric": "waiting"}), "when.0", "waiting needs at_least or at_most"),
    (when({"metric": "caller"}), "when.0", "caller needs one_of or none_of"),
    (when({"metric": "caller", "at_least": 1}), "when.0.at_least", "words, not a number"),
    (when({"metric": "inputs", "at_most": 1}), "when.0.at_most", "use one_of or none_of"),
    (when({"metric": "waiting", "one_of": ["3"]}), "when.0.one_of", "is a number; use at_least"),
    (when({"metric": "caller", "one_of": ["0\n1"]}), "when.0.one_of.0", "line break"),
    (
        when({"metric": "miss_probability", "at_least": 80}),
        "when.0.at_least",
        "a share from 0 to 1; write 0.8 for 80 %",
    ),
    (when({"metric": "service_level", "at_most": -0.1}), "when.0.at_most", "a share from 0 to 1"),
    (when({"metric": "waited", "at_least": -1}), "when.0.at_least", "in seconds, 0 or more"),
    (
        when({"metric": "expected_wait", "at_least": 90_000}),
        "when.0.at_least",
        "in seconds (not ms)",
    ),
    (when({"metric": "waiting", "at_least": 2.5}), "when.0.at_least", "a whole number"),
    (when({"metric": "position", "at_least": -1}), "when.0.at_least", "a whole number, 0 or more"),
    (when({"metric": "open", "at_least": 2}), "when.0.at_least", "open is 1 or 0"),
    (when({"metric": "waiting", "at_least": float("nan")}), "when.0.at_least", "finite"),
    (when({"metric": "waiting", "at_least": "5"}), "when.0.at_least", "valid number"),
    (
        when({"metric": "waiting", "at_least": 5, "at_most": 2}),
        "when.0.at_most",
        "below at_least = 5, so nothing could be both",
    ),
    (
        when({"metric": "waiting", "at_least": 5, "release_below": 6}, base=HELPERS),
        "when.0.release_below",
        "it must not be above at_least = 5",
    ),
    (
        when({"metric": "waiting", "at_least": 5, "release_above": 6}, base=HELPERS),
        "when.0.release_above",
        "it belongs to at_most, which is missing",
    ),
    (
        when({"metric": "waiting", "at_most": 5, "release_below": 2}, base=HELPERS),
        "when.0.release_below",
        "it belongs to at_least, which is missing",
    ),
    (
        when({"metric": "service_level", "at_most": 0.8, "release_above": 0.7}, base=HELPERS),
        "when.0.release_above",
        "it must not be below at_most = 0.8",
    ),
    (
        when({"metric": "time_left", "at_most": 5}, base=HELPERS),
        "when",
        "condition 1: time_left is of one caller, and add_members is for the whole queue",
    ),
    (
        when({"metric": "waiting", "at_least": 5, "release_below": 2}),
        "when",
        "condition 1: release limits say when something that lasts ends",
    ),
    (
        when({"metric": "waited_in_queue", "at_least": 5}, base={**WITHDRAW, "how": "ask"}),
        "when",
        "waited_in_queue is not known of a caller who is in no queue yet",
    ),
    (
        when(
            {"metric": "waiting", "at_least": 5},
            base={**REDIRECT, "do": {"redirect": {"context": "message"}}},
        ),
        "when",
        "waiting is of a queue, and none is named",
    ),
    # Spans and counts.
    ({**WITHDRAW, "cool_down": -1}, "cool_down", "greater than or equal to 0"),
    ({**WITHDRAW, "per": 0}, "per", "greater than 0; write seconds"),
    ({**WITHDRAW, "at_most": 0}, "at_most", "1 or more"),
    ({**WITHDRAW, "hops": 0}, "hops", "1 or more"),
    ({**WITHDRAW, "priority": -1}, "priority", "the lowest is asked first"),
    (
        {**WITHDRAW, "active": [{"days": ["mon"], "from": "18:00", "to": "08:00"}]},
        "active.0.to",
        "a span over midnight is written as two",
    ),
    ({**WITHDRAW, "active": [{"days": ["monk-x"]}]}, "active.0.days", "not a weekday"),
]


@pytest.mark.parametrize(("body", "field", "told"), BAD)
def test_a_bad_rule_is_refused_with_what_to_do(body: Body, field: str, told: str) -> None:
    with pytest.raises(RuleError) as caught:
        rule_of(body)

    assert told in caught.value.fields.get(field, ""), caught.value.fields
    assert "\n" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    body = {
        "id": "?",
        "do": {"withdraw": {"context": "a b"}},
        "when": [{"metric": "waiting", "at_least": -1}, {"metric": "x"}],
    }

    with pytest.raises(RuleError) as caught:
        rule_of(body)

    assert set(caught.value.fields) == {
        "id", "do.withdraw.context", "when.0.at_least", "when.1.metric",
    }  # fmt: skip


# --- the document -------------------------------------------------------------------------------

DOCUMENT = (Path(__file__).parents[2] / "docs" / "overflow.md").read_text(encoding="utf-8")


def test_the_rules_in_the_document_are_good() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    rules = [rule for block in blocks for rule in tomllib.loads(block)["overflow_rule"]]

    assert [rule_of(rule).id for rule in rules] == [
        "support-to-backup", "support-is-empty", "support-too-long", "support-last-call",
        "contract-first", "support-rush", "red-lamp",
    ]  # fmt: skip


@pytest.mark.parametrize("words", [Metric, Because, Outcome, ACTIONS])
def test_the_document_explains_each_word(words: Iterable[str]) -> None:
    said = set(re.findall(r"`([a-z_]+)[` ]", DOCUMENT))

    assert not {str(word) for word in words} - said
    assert set(OverflowRuleBody.model_fields) <= said
