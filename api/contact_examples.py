"""Examples of contacts for the interface's description, made by the shipped code."""

from dataclasses import replace
from datetime import UTC
from typing import Any, Final

from api import contact_views
from api.visibility import Scope
from monitor.core.buckets import Bucket
from monitor.core.clock import DAY, HOUR
from monitor.core.contact_tallies import SatisfactionTally, count_contacts
from monitor.core.contacts import Channel, Person
from monitor.core.policy import Policy
from monitor.core.promises import Promise
from monitor.history.audit import Via
from monitor.history.contact_log import (
    Change,
    ContactCounts,
    ContactFigures,
    KnownContact,
    SatisfactionFigures,
)
from monitor.history.contact_rows import NewContact
from monitor.history.contacts import begun

_AT: Final = 1_795_254_067_382
_NEW: Final = NewContact(
    "crm", "2026-11-000123", Channel.EMAIL, Promise.within_opening(8 * HOUR), _AT, "lab", "support"
)
_PERSON: Final = Person("", "Zoé Petit", "zoe.petit@example.org", "Invoice of October", "")
_CONTACT: Final = begun(_NEW, _AT, Policy(zone=UTC))
_ANSWERED: Final = begun(
    replace(_NEW, answered_at=_AT + 2 * HOUR, answered_by="Alice Martin"),
    _AT + 2 * HOUR,
    Policy(zone=UTC),
)
_KNOWN: Final = KnownContact(_ANSWERED, _PERSON)
_SCOPE: Final = Scope()
_RANGE: Final = Bucket(_AT - DAY, _AT + DAY)

REGISTERED: Final[dict[str, Any]] = contact_views.contact(KnownContact(_CONTACT, _PERSON), _SCOPE)
CONTACT: Final[dict[str, Any]] = contact_views.contact(_KNOWN, _SCOPE)
DETAIL: Final[dict[str, Any]] = contact_views.contact_detail(
    _KNOWN,
    [
        Change(1, _AT, "crm", Via.TOKEN, "registered", {}, {"channel": "email"}),
        Change(
            2, _AT + 2 * HOUR, "alice", Via.SESSION, "answered",
            {"answered_at": None, "verdict": "pending"},
            {"answered_at": _AT + 2 * HOUR, "verdict": "met"},
        ),
    ],
    _SCOPE,
)  # fmt: skip
PAGE: Final[dict[str, Any]] = {"items": [CONTACT], "next_cursor": None}
BATCH: Final[dict[str, Any]] = {
    "items": [
        {
            "reference": _NEW.reference, "outcome": "created", "id": _NEW.id, "code": "",
            "field": "", "message": "",
        },
        {
            "reference": "2026-11-000124", "outcome": "refused", "id": "",
            "code": "before_reception", "field": "answered_at",
            "message": "This is before the contact came.",
        },
    ]
}  # fmt: skip
COUNTS: Final[dict[str, Any]] = contact_views.counts(
    ContactCounts({Channel.EMAIL: 12}, {Channel.EMAIL: 2}, {Channel.CALLBACK: 1})
)
_TALLY: Final = count_contacts([_ANSWERED, _CONTACT])
FIGURES: Final[dict[str, Any]] = contact_views.figures(
    ContactFigures(
        _RANGE.begin, _RANGE.end, _TALLY, {Channel.EMAIL: _TALLY}, {("lab", "support"): _TALLY},
        [(_RANGE, _TALLY)],
    )
)  # fmt: skip


def _satisfaction() -> SatisfactionTally:
    tally = SatisfactionTally()
    for score, many in enumerate((31, 2, 1, 4, 18, 22)):
        tally.count(score, 5, many)
    return tally


SATISFACTION: Final[dict[str, Any]] = contact_views.satisfaction(
    SatisfactionFigures(
        _RANGE.begin, _RANGE.end, _satisfaction(), [(_RANGE, _satisfaction())]
    )
)  # fmt: skip
