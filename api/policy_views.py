"""Policy versions as JSON."""

from datetime import time
from typing import Any

from api.views import Json, iso, iso_or_none, seconds
from api.visibility import Scope
from monitor.core.calendars import Calendar, OpeningHours, Span
from monitor.core.policy import Commitment, Policy, QueuePolicy
from monitor.history.policies import PolicyVersion


def policy_version(found: PolicyVersion, scope: Scope) -> Json:
    """A version as ``PolicyOut``, as far as ``scope`` sees it."""
    policy = found.policy
    calendars = [_calendar(one) for one in policy.calendars]
    if not policy.opening_hours.never_changes:
        calendars.insert(0, _calendar(Calendar("", policy.opening_hours)))
    shown = scope.sees_numbers
    return {
        "version": policy.version,
        "set_at": iso(found.set_at),
        "set_by": found.set_by,
        "replaced_at": iso_or_none(found.replaced_at),
        "sha256": found.sha256,
        "zone": str(policy.zone),
        "commitment": _commitment(policy.commitment),
        "queues": [_queue(one) for one in policy.queues if scope.sees_name(one.pbx, one.queue)],
        "voice_servers": _voice_servers(policy),
        "calendar": policy.calendar,
        "calendars": calendars,
        "test_numbers": list(policy.test_numbers) if shown else None,
        "internal_numbers": list(policy.internal_numbers) if shown else None,
    }


def _promise(told: Commitment | QueuePolicy) -> dict[str, Any]:
    return {
        "within_s": seconds(told.within),
        "at_risk_after_s": seconds(told.at_risk_after),
        "target": told.target,
        "service_level": told.service_level.value,
    }


def _commitment(told: Commitment) -> Json:
    return _promise(told) | {
        "short_abandon_s": seconds(told.short_abandon),
        "starts_on": told.starts_on.value,
    }


def _queue(told: QueuePolicy) -> Json:
    names = {"pbx": told.pbx, "queue": told.queue, "label": told.label, "calendar": told.calendar}
    return _promise(told) | names


def _voice_servers(policy: Policy) -> list[Json]:
    return [
        {
            "name": server.name,
            "contexts": list(server.contexts),
            "stasis_apps": list(server.stasis_apps),
            "counts_when": server.counts_when.value,
        }
        for server in policy.voice_servers
    ]


def _calendar(told: Calendar) -> Json:
    return {
        "name": told.name,
        "hours": _week(told.hours),
        "holidays": [day.isoformat() for day in told.holidays],
        "holiday_hours": [_span((start, end)) for start, end in told.holiday_hours],
        "closed": [{"first": a.isoformat(), "last": b.isoformat()} for a, b in told.closed],
        "openings": [
            {"day": day.isoformat()} | _span((start, end)) for day, start, end in told.openings
        ],
    }


def _week(hours: OpeningHours) -> list[Json]:
    return [{"weekday": day} | _span((start, end)) for day, start, end in hours.spans]


def _span(span: Span) -> Json:
    start, end = span
    return {"start": f"{start:%H:%M}", "end": "24:00" if end == time.max else f"{end:%H:%M}"}
