"""Reasons in words: one plain English sentence for each decision.

The codes and their details stay, for other languages.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from monitor.core.clock import SECOND
from monitor.core.overflow.decisions import (
    AddMember,
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
from monitor.core.overflow.rules import Metric

Details = Mapping[str, Detail]


def sentence(decision: Decision) -> str:
    """What was decided and why, in one sentence."""
    parts = [in_words(reason) for reason in decision.reasons]
    why = "; ".join(part for part in parts if part)
    begin = _begin(decision)
    return f"{begin}: {why}." if why else f"{begin}."


def _begin(decision: Decision) -> str:
    to = ""
    if decision.to is not None:
        to = f" to {decision.to.queue or decision.to.place}"
    by = f" by rule {decision.rule_id}" if decision.rule_id else ""
    if decision.verb is Verb.STAY or decision.held_back:
        return f"Not moved{to}{by}"
    done = f"{_VERBS[decision.verb]}{to}{by}"
    return (
        f"Would be {done}, which is in dry run" if decision.dry_run else done[0].upper() + done[1:]
    )


_VERBS: Final = {
    Verb.MOVE: "moved",
    Verb.PRIORITISE: "given priority",
    Verb.TURN_ON: "turned on",
    Verb.TURN_OFF: "turned off",
    Verb.STAY: "not moved",
}


def in_words(reason: Reason) -> str:
    """One reason in words, to stand in a sentence."""
    return WORDS[reason.because](reason.detail)


def seconds(value: Detail) -> str:
    """A span in ms as people say it."""
    if not isinstance(value, int | float):
        return "an unknown time"
    text = f"{value / SECOND:.1f}".removesuffix(".0")
    return f"{text} s"


def _share(value: Detail) -> str:
    return f"{value * 100:.0f} %" if isinstance(value, int | float) else "unknown"


def _number(value: Detail) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "unknown"


_SPANS: Final[Mapping[str, str]] = {
    Metric.WAITED: "waited {}",
    Metric.WAITED_IN_QUEUE: "waited {} in the queue",
    Metric.TIME_LEFT: "{} are left before the deadline",
    Metric.EXPECTED_WAIT: "a wait of {} is expected",
    Metric.LONGEST_WAIT: "the first in line has waited {}",
}
_SHARES: Final[Mapping[str, str]] = {
    Metric.MISS_PROBABILITY: "the deadline will be missed with a probability of {}",
    Metric.SERVICE_LEVEL: "the service level is {}",
}
_COUNTS: Final[Mapping[str, str]] = {
    Metric.POSITION: "position {} in line",
    Metric.WAITING: "{} waiting",
    Metric.AGENTS_AVAILABLE: "{} agents free",
    Metric.AGENTS_LOGGED_IN: "{} agents logged in",
    Metric.AGENTS_PAUSED: "{} agents paused",
}


def _condition(detail: Details) -> str:
    metric, value = str(detail.get("metric", "")), detail.get("value")
    if metric == Metric.OPEN:
        return "the centre is open" if value else "the centre is closed"
    if metric == Metric.TIME_LEFT and isinstance(value, int | float) and value < 0:
        return f"the deadline passed {seconds(-value)} ago" + _limits(detail, seconds)
    if metric in _SPANS:
        return _SPANS[metric].format(seconds(value)) + _limits(detail, seconds)
    if metric in _SHARES:
        return _SHARES[metric].format(_share(value)) + _limits(detail, _share)
    if metric in _COUNTS:
        return _COUNTS[metric].format(_number(value)) + _limits(detail, _number)
    names = {"caller": "the caller's number is", "inputs": "the caller entered"}
    name = names.get(metric, "the voice server is")
    return f"{name} {value or 'nothing'}"


def _limits(detail: Details, say: Callable[[Detail], str]) -> str:
    low, high, early = detail.get("at_least"), detail.get("at_most"), detail.get("early")
    asked = []
    if low is not None:
        asked.append(f"{say(low)} or more asked")
    if high is not None:
        asked.append(f"{say(high)} or less asked")
    if early is not None:
        asked.append(f"issued {seconds(early)} early, as the queue may ring that long first")
    return f" ({', '.join(asked)})" if asked else ""


def _queue(detail: Details) -> str:
    return str(detail.get("queue", "the target"))


def _loop(detail: Details) -> str:
    if detail.get("visited"):
        return f"a loop, the caller was in {_queue(detail)} already"
    return f"a loop, rule {detail.get('rule')} leads back from {_queue(detail)}"


def _overflows(detail: Details) -> str:
    return f"{_queue(detail)} is overflowing itself, by rule {detail.get('rule')}"


def _not_better(detail: Details) -> str:
    here, there = seconds(detail.get("here")), seconds(detail.get("there"))
    return f"{_queue(detail)} is not better, a wait of {there} is expected there, {here} here"


def _rate(detail: Details) -> str:
    used, at_most = _number(detail.get("used")), _number(detail.get("at_most"))
    span = seconds(detail.get("per"))
    return f"{used} of {at_most} moves used in {span}"


def _said(text: str) -> Callable[[Details], str]:
    """The same words whatever the detail."""

    def say(_: Details) -> str:
        return text

    return say


def _by(text: str) -> Callable[[Details], str]:
    """Words that name who did it, where that is known."""

    def say(detail: Details) -> str:
        by = detail.get("by")
        return f"{text} by {by}" if by else text

    return say


WORDS: Final[Mapping[Because, Callable[[Details], str]]] = MappingProxyType(
    {
        Because.CONDITION: _condition,
        Because.NO_RULE: _said("no rule watches this queue"),
        Because.NOTHING_HOLDS: _said("no rule's conditions hold"),
        Because.PAUSED: _by("all actions are paused"),
        Because.DRY_RUN: _said("the rule is in dry run"),
        Because.FORCED: _by("forced"),
        Because.RULE_PAUSED: _by("the rule is paused"),
        Because.RULE_CHANGED: _said("the rule was changed, disabled or removed"),
        Because.NOT_ACTIVE_NOW: _said("the rule is not active at this time"),
        Because.COOL_DOWN: lambda detail: (
            f"something was done for this caller already, {seconds(detail.get('left'))} of the "
            "cool-down are left"
        ),
        Because.RATE_CAP: _rate,
        Because.HOPS: lambda detail: (
            f"the caller was moved {_number(detail.get('hops'))} times already, "
            f"{_number(detail.get('at_most'))} at most"
        ),
        Because.LOOP: _loop,
        Because.TARGET_OVERFLOWS: _overflows,
        Because.TARGET_NOT_BETTER: _not_better,
        Because.TARGET_EMPTY: lambda detail: f"nobody is logged in to {_queue(detail)}",
        Because.IN_FLIGHT: _said("a command for this caller has no outcome yet"),
        Because.NOT_CONNECTED: _said("the PBX is not observed at the moment"),
        Because.UNKNOWN_CALLER: _said("the caller's channel is not known"),
        Because.CONDITIONS_ENDED: _said("its conditions hold no more"),
        Because.RESTORED: _said("it was on when the monitor stopped"),
        Because.PBX_RESTARTED: _said("the PBX started anew and forgot it"),
    }
)
"""The words of each reason."""


def order_in_words(order: Order) -> str:
    """What an order has the PBX do."""
    return _IN_WORDS[type(order)](order)


def _put(order: PutDatabase) -> str:
    place = f"{order.family}/{order.key}"
    return f"put {order.value} at {place}" if order.value else f"delete {place}"


_IN_WORDS: Final[Mapping[type[Order], Callable[[Any], str]]] = MappingProxyType(
    {
        WithdrawCaller: lambda order: f"withdraw from {order.queue} to {order.info}",
        RedirectChannel: lambda order: (
            f"redirect to {order.context},{order.exten},{order.priority}"
        ),
        ChangePriority: lambda order: f"priority {order.priority} in {order.queue}",
        AddMember: lambda order: f"add {order.interface} to {order.queue}",
        RemoveMember: lambda order: f"remove {order.interface} from {order.queue}",
        ChangePenalty: lambda order: (
            f"penalty {order.penalty} for {order.interface} in {order.queue}"
        ),
        SetGlobal: lambda order: f"set {order.name} to {order.value}",
        PutDatabase: _put,
        ChangeLamp: lambda order: f"lamp {order.name} to {order.state}",
    }
)
