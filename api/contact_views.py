"""Contacts as JSON-ready dictionaries, in the shapes of :mod:`api.contact_schemas`."""

from collections.abc import Iterable
from typing import Final

from api.masking import DOT, masked_text
from api.views import Json, iso, iso_or_none, seconds, seconds_or_none
from api.visibility import Scope
from monitor.core.clock import SECOND, Ms
from monitor.core.contact_tallies import ContactTally, SatisfactionTally, ScaleTally
from monitor.core.contacts import Channel, Contact, Person, is_overdue
from monitor.core.indicators import Ratio
from monitor.history.contact_log import (
    Change,
    ContactCounts,
    ContactFigures,
    KnownContact,
    SatisfactionFigures,
)

PERCENTILES: Final = (50, 80, 90, 95)
_MOMENTS: Final = frozenset(
    {"received_at", "announced_at", "deadline_at", "at_risk_at", "answered_at", "withdrawn_at",
     "verdict_at", "due_at"}
)  # fmt: skip


def sees(scope: Scope, one: Contact) -> bool:
    """Whether a contact is listed, and may be opened; one of no queue is for who sees all."""
    return scope.sees_name(one.pbx or None, one.queue)


def facts(one: Contact) -> Json:
    """What is not personal in a contact."""
    promise = one.promise
    return {
        "id": one.id,
        "source": one.source,
        "reference": one.reference,
        "channel": one.channel.value,
        "pbx": one.pbx,
        "queue": one.queue,
        "team": one.team,
        "call_id": one.call_id,
        "received_at": iso(one.received_at),
        "promise": {
            "kind": promise.kind.value,
            "span_s": seconds_or_none(promise.span),
            "calendar": promise.calendar,
        },
        "deadline_at": iso(one.deadline_at),
        "at_risk_at": iso(one.at_risk_at),
        "at_risk": one.at_risk,
        "answered_at": iso_or_none(one.answered_at),
        "answered_by": one.answered_by,
        "answer_time_s": seconds_or_none(one.answer_time),
        "withdrawn_at": iso_or_none(one.withdrawn_at),
        "verdict": one.verdict.value,
        "reason": one.reason.value,
        "verdict_at": iso_or_none(one.verdict_at),
        "overdue": is_overdue(one),
        "corrections": one.corrections,
        "policy_version": one.policy_version,
        "version": one.version,
    }


def contact(known: KnownContact, scope: Scope) -> Json:
    """A contact as ``ContactOut``, as it is shown to who asks."""
    return facts(known.contact) | _person(known.person, scope)


def contact_detail(known: KnownContact, changes: Iterable[Change], scope: Scope) -> Json:
    """A contact as ``ContactDetailOut``: with who changed what and when."""
    return contact(known, scope) | {"changes": [_change(one) for one in changes]}


def _person(person: Person, scope: Scope) -> Json:
    shown = scope.sees_numbers
    return {
        "number": scope.number(person.number),
        "name": scope.name(person.name),
        "email": person.email if shown or not person.email else DOT,
        "subject": person.subject if shown else masked_text(person.subject),
        "note": person.note if shown else masked_text(person.note),
    }


def _change(one: Change) -> Json:
    return {
        "version": one.version,
        "at": iso(one.at),
        "by": one.by,
        "via": one.via.value,
        "what": one.what,
        "before": _told(one.before),
        "after": _told(one.after),
    }


def _told(values: Json) -> Json:
    """Facts of the history, with moments as people read them."""
    return {
        name: iso(value) if name in _MOMENTS and isinstance(value, int) else value
        for name, value in values.items()
    }


def counts(found: ContactCounts) -> Json:
    """What is open now as ``ContactCountsOut``."""
    by_channel = {
        channel.value: {
            "pending": found.pending.get(channel, 0),
            "at_risk": found.at_risk.get(channel, 0),
            "overdue": found.overdue.get(channel, 0),
        }
        for channel in Channel
    }
    total = {
        name: sum(one[name] for one in by_channel.values())
        for name in ("pending", "at_risk", "overdue")
    }
    return total | {"by_channel": by_channel}


def ratio(found: Ratio) -> Json:
    """A ratio as ``RatioOut``."""
    return {
        "numerator": found.numerator, "denominator": found.denominator, "value": found.value,
    }  # fmt: skip


def tally(found: ContactTally) -> Json:
    """Counts as ``ContactTallyOut``."""
    times = found.answer_times
    return {
        "registered": found.registered,
        "pending": found.pending,
        "met": found.met,
        "breached": found.breached,
        "overdue": found.overdue,
        "withdrawn": found.withdrawn,
        "excluded": found.excluded,
        "exclusions": {why.value: many for why, many in sorted(found.exclusions.items())},
        "corrected": found.corrected,
        "answered": found.answered,
        "rate": ratio(found.rate),
        "answer_time_s": seconds_or_none(found.average_answer_time),
        "answer_time_percentiles_s": {str(p): _whole(times.percentile(p)) for p in PERCENTILES},
    }


def _whole(second: int | None) -> float | None:
    return None if second is None else seconds(second * SECOND)


def figures(found: ContactFigures) -> Json:
    """The figures of a range as ``ContactFiguresOut``."""
    return _range(found.since, found.until) | {
        "total": tally(found.total),
        "by_channel": [
            {"channel": channel.value} | tally(part) for channel, part in found.by_channel.items()
        ],
        "by_queue": [
            {"pbx": pbx, "queue": queue} | tally(part)
            for (pbx, queue), part in found.by_queue.items()
        ],
        "by_month": [_range(m.begin, m.end) | tally(part) for m, part in found.by_month],
    }


def satisfaction(found: SatisfactionFigures) -> Json:
    """What callers answered as ``SatisfactionFiguresOut``."""
    return (
        _range(found.since, found.until)
        | {"total": _satisfaction(found.total)}
        | {"by_month": [_range(m.begin, m.end) | _satisfaction(p) for m, p in found.by_month]}
    )


def _satisfaction(found: SatisfactionTally) -> Json:
    return {
        "asked": found.asked,
        "answered": found.answered,
        "response": ratio(found.response),
        "scales": [_scale(found.scales[best]) for best in sorted(found.scales)],
    }


def _scale(found: ScaleTally) -> Json:
    return {
        "best": found.best,
        "answered": found.answered,
        "average": ratio(found.average),
        "satisfied": ratio(found.satisfied),
        "distribution": {str(score): many for score, many in found.distribution.items()},
    }


def _range(since: Ms, until: Ms) -> Json:
    return {"from": iso(since), "to": iso(until)}
