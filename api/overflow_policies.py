"""Overflow rules: from the one shape in which they are written to the core's, and back.

The shape is :class:`config.overflow.OverflowRule`: a table of the settings file, the body of a
request, and what the database keeps.
"""

from collections.abc import Mapping
from datetime import time
from typing import Any

from pydantic import ValidationError

from config import overflow as written
from config import overflow_actions, overflow_conditions
from config.complaints import advise
from config.hours import WEEKDAYS, written_time
from config.settings import Settings
from monitor.core.calendars import OpeningHours
from monitor.core.clock import SECOND, Ms, from_seconds
from monitor.core.overflow import rules as core

Body = dict[str, Any]


class RuleError(ValueError):
    """A rule is no good; ``fields`` says what is wrong where, and what to write instead."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in fields.items()))
        self.fields = dict(fields)


def rule_of(body: Mapping[str, Any], version: int = 1) -> core.OverflowRule:
    """The rule that a body says.

    Args:
        body: as JSON or TOML has it.
        version: the number under which it is recorded.

    Raises:
        RuleError: the body is no good.
    """
    return as_core(checked(body), version)


def checked(body: Mapping[str, Any]) -> written.OverflowRule:
    """A body as it was written, checked.

    Raises:
        RuleError: the body is no good.
    """
    try:
        return written.OverflowRule.model_validate(dict(body))
    except ValidationError as error:
        fields: dict[str, str] = {}
        for item in error.errors():
            name = ".".join(str(part) for part in item["loc"])
            fields.setdefault(name, advise(item, written.OverflowRule))
        raise RuleError(fields) from None


def rules_of(settings: Settings) -> list[core.OverflowRule]:
    """The rules that a settings file brings along, each as its first version."""
    return [as_core(rule) for rule in settings.overflow_rule]


def as_core(rule: written.OverflowRule, version: int = 1) -> core.OverflowRule:
    """A rule as it was written, as the core wants it."""
    return core.OverflowRule(
        id=rule.id,
        action=_action_of(rule.do),
        conditions=tuple(_condition_of(condition) for condition in rule.when),
        version=version,
        name=rule.name,
        enabled=rule.enabled,
        dry_run=rule.dry_run,
        priority=rule.priority,
        pbx=rule.pbx,
        queues=tuple(rule.queues),
        voice_servers=tuple(rule.voice_servers),
        how=core.How(rule.how),
        cool_down=from_seconds(rule.cool_down),
        at_most=rule.at_most,
        per=from_seconds(rule.per),
        hops=rule.hops,
        only_if_better=rule.only_if_better,
        active=OpeningHours(
            tuple((day, span.from_, span.to) for span in rule.active for day in span.days)
        ),
    )


def body_of(rule: core.OverflowRule) -> Body:
    """A rule as JSON has it; ``rule_of`` of this is the same rule."""
    redirects = isinstance(rule.action, core.Redirect)
    return {
        "id": rule.id,
        "name": rule.name,
        "enabled": rule.enabled,
        "dry_run": rule.dry_run,
        "priority": rule.priority,
        "pbx": rule.pbx,
        "do": action_body(rule.action),
        "how": rule.how.value,
        "queues": [] if redirects and rule.queues == ("*",) else list(rule.queues),
        "voice_servers": list(rule.voice_servers),
        "active": _spans(rule.active),
        "when": [_condition_body(condition) for condition in rule.conditions],
        "cool_down": _seconds(rule.cool_down),
        "at_most": rule.at_most,
        "per": _seconds(rule.per),
        "hops": rule.hops,
        "only_if_better": rule.only_if_better,
    }


# --- actions ------------------------------------------------------------------------------------


def _action_of(action: overflow_actions.Action) -> core.Action:
    match action.chosen:
        case overflow_actions.Destination() as place:
            to = core.Destination(**place.model_dump())
            return core.Withdraw(to) if action.withdraw is not None else core.Redirect(to)
        case int(priority):
            return core.Prioritise(priority)
        case list(members):
            return core.AddMembers(tuple(core.Helper(**one.model_dump()) for one in members))
        case overflow_actions.SetPenalty() as chosen:
            return core.SetPenalty(tuple(chosen.interfaces), chosen.penalty)
        case overflow_actions.SetVariable() as chosen:
            return core.SetVariable(**chosen.model_dump())
        case overflow_actions.SetDatabase() as chosen:
            return core.SetDatabase(**chosen.model_dump())
        case overflow_actions.SetLamp() as chosen:
            on, off = core.LampState(chosen.on), core.LampState(chosen.off)
            return core.SetLamp(chosen.name, on, off)
    raise TypeError(f"no action: {action.kind}")


def action_body(action: core.Action) -> Body:
    """An action as JSON has it: one key, which names it."""
    match action:
        case core.Withdraw(to):
            return {"withdraw": destination_body(to)}
        case core.Redirect(to):
            return {"redirect": destination_body(to)}
        case core.Prioritise(priority):
            return {"prioritise": priority}
        case core.AddMembers(members):
            return {"add_members": [_fields(member) for member in members]}
        case core.SetPenalty(interfaces, penalty):
            return {"penalty": {"interfaces": list(interfaces), "penalty": penalty}}
        case core.SetVariable():
            return {"variable": _fields(action)}
        case core.SetDatabase():
            return {"database": _fields(action)}
        case core.SetLamp(name, on, off):
            return {"lamp": {"name": name, "on": on.value, "off": off.value}}


def destination_body(to: core.Destination) -> Body:
    """A place in the dialplan as JSON has it."""
    return _fields(to)


def _fields(value: object) -> Body:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


# --- conditions ---------------------------------------------------------------------------------


def _condition_of(condition: overflow_conditions.Condition) -> core.Condition:
    scale = SECOND if condition.metric in overflow_conditions.SPANS else 1

    def scaled(value: float | None) -> float | None:
        return None if value is None else value * scale

    return core.Condition(
        metric=core.Metric(condition.metric),
        at_least=scaled(condition.at_least),
        at_most=scaled(condition.at_most),
        release_below=scaled(condition.release_below),
        release_above=scaled(condition.release_above),
        one_of=tuple(condition.one_of),
        none_of=tuple(condition.none_of),
    )


def _condition_body(condition: core.Condition) -> Body:
    """Only what is said: a form shows the rest as not set."""
    body: Body = {"metric": condition.metric.value}
    scale = SECOND if condition.metric in overflow_conditions.SPANS else 1
    for name in ("at_least", "at_most", "release_below", "release_above"):
        value = getattr(condition, name)
        if value is not None:
            body[name] = _plain(value / scale)
    for name in ("one_of", "none_of"):
        if patterns := getattr(condition, name):
            body[name] = list(patterns)
    return body


# --- spans --------------------------------------------------------------------------------------


def _seconds(span: Ms) -> float:
    return _plain(span / SECOND)


def _plain(value: float) -> float:
    """A number without a fraction as people write it."""
    return int(value) if float(value).is_integer() else value


def _spans(hours: OpeningHours) -> list[Body]:
    """Spans as they are written, days of the same hours together."""
    days: dict[tuple[time, time], list[int]] = {}
    for day, start, end in hours.spans:
        days.setdefault((start, end), []).append(day)
    return [
        {
            "days": [WEEKDAYS[day] for day in found],
            "from": written_time(start),
            "to": written_time(end),
        }
        for (start, end), found in days.items()
    ]
