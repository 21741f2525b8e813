"""Overflow as JSON-ready dictionaries, in the shapes of :mod:`api.overflow_schemas`."""

from dataclasses import asdict

from api.overflow_policies import destination_body
from api.views import Json, iso, iso_or_none, seconds_or_none
from monitor.core.clock import SECOND
from monitor.core.overflow.decisions import Command, Decision, Standing
from monitor.core.overflow.engine import Overflow, Switch
from monitor.core.overflow.forecast import Forecasts, QueueForecast
from monitor.core.overflow.scoring import Moment, Score
from monitor.core.overflow.words import sentence
from monitor.history.audit import AuditEntry
from monitor.history.overflow_rows import KINDS, order_json
from monitor.history.overflow_rules import RuleVersion, StoredRule


def rule(stored: StoredRule, problem: str = "") -> Json:
    """A rule as ``RuleOut``."""
    return {
        **stored.body,
        "version": stored.version,
        "created_at": iso(stored.created_at),
        "created_by": stored.created_by,
        "updated_at": iso(stored.updated_at),
        "updated_by": stored.updated_by,
        "forced": stored.forced,
        "forced_by": stored.forced_by,
        "problem": problem,
    }


def rule_version(version: RuleVersion) -> Json:
    """A rule as it was, as ``RuleVersionOut``."""
    return {
        "version": version.version,
        "rule": version.body,
        "at": iso(version.at),
        "by": version.by,
    }


def switch(state: Switch) -> Json:
    """The switch as ``SwitchOut``."""
    return {
        "on": state.on,
        "by": state.by,
        "at": iso(state.at) if state.at else None,
        "note": state.note,
    }


def decision(record: Decision) -> Json:
    """A decision as ``DecisionOut``."""
    return {
        "id": record.id,
        "at": iso(record.at),
        "pbx": record.pbx,
        "queue": record.queue,
        "call_id": record.call_id,
        "caller": record.caller,
        "asked_by": record.asked_by.value,
        "verb": record.verb.value,
        "rule": record.rule_id,
        "rule_version": record.rule_version,
        "to": None if record.to is None else destination_body(record.to),
        "dry_run": record.dry_run,
        "held_back": record.held_back,
        "by": record.by,
        "reason": sentence(record),
        "reasons": [
            {"code": reason.because.value, "detail": reason.detail} for reason in record.reasons
        ],
        "expected_wait_s": seconds_or_none(record.expected_wait),
        "miss_probability": record.miss_probability,
    }


def command(record: Command) -> Json:
    """A command as ``CommandOut``."""
    return {
        "id": record.id,
        "decision": record.decision_id,
        "pbx": record.pbx,
        "queue": record.queue,
        "call_id": record.call_id,
        "rule": record.rule_id,
        "kind": KINDS[type(record.order)],
        "order": asdict(record.order),
        "issued_at": iso(record.issued_at),
        "answered_at": iso_or_none(record.answered_at),
        "accepted": record.accepted,
        "answer": record.answer,
        "outcome": record.outcome.value,
        "observed_at": iso_or_none(record.observed_at),
    }


def standing(record: Standing) -> Json:
    """A lasting action as ``StandingOut``."""
    return {
        "rule": record.rule_id,
        "rule_version": record.rule_version,
        "pbx": record.pbx,
        "queue": record.queue,
        "since": iso(record.since),
        "decision": record.decision_id,
        "undo": [order_json(order) for order in record.undo],
    }


def live(overflow: Overflow | None) -> Json:
    """What overflow does now, as ``LiveOverflow``."""
    if overflow is None:
        return {"switch": switch(Switch()), "forced": [], "standing": []}
    return {
        "switch": switch(overflow.switch),
        "forced": [
            {"rule": rule_id, "on": forced.on, "by": forced.by}
            for rule_id, forced in overflow.forced.items()
        ],
        "standing": [standing(found) for found in overflow.standing],
    }


def audit_entry(entry: AuditEntry) -> Json:
    """An entry of the trail as ``AuditEntryOut``."""
    return {
        "seq": entry.seq,
        "at": iso(entry.at),
        "by": entry.by,
        "via": entry.via.value,
        "what": entry.what,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
    }


# --- forecasts ----------------------------------------------------------------------------------


def forecast(found: QueueForecast, at_joining: Score, at_half_time: Score) -> Json:
    """What is forecast of a queue as ``ForecastOut``."""
    return {
        "pbx": found.pbx,
        "queue": found.queue,
        "waiting": found.waiting,
        "serving": found.serving,
        "free": found.free,
        "handling_s": seconds_or_none(found.handling),
        "handling_times": found.handling_times,
        "expected_wait_s": seconds_or_none(found.expected_wait),
        "giving_up_per_minute": found.giving_up_per_minute,
        "at_joining": score(at_joining),
        "at_half_time": score(at_half_time),
    }


def forecasts(source: Forecasts) -> list[Json]:
    """What is forecast, queue by queue."""
    return [
        forecast(
            source.queue_forecast(*key),
            source.score(*key, Moment.JOINING),
            source.score(*key, Moment.HALF_TIME),
        )
        for key in source.queues
    ]


def score(found: Score) -> Json:
    """How forecasts turned out, as ``ScoreOut``."""
    error = found.mean_absolute_error
    return {
        "predictions": found.predictions,
        "hits": found.hits,
        "hit_rate": found.hit_rate,
        "missed": found.missed,
        "brier": found.brier,
        "brier_of_the_share": found.brier_of_the_share,
        "mean_absolute_error_s": None if error is None else error / SECOND,
        "not_scored": {reason.value: count for reason, count in found.not_scored.items()},
    }
