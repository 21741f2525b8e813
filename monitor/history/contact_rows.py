"""Between contacts and their rows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import RowMapping

from monitor.core.clock import Ms
from monitor.core.contacts import Channel, Contact, ContactReason, ContactVerdict, Person, due
from monitor.core.promises import Promise, PromiseKind

PERSONAL: Final = ("number", "name", "email", "subject", "note")
_PLAIN: Final = (
    "id", "source", "reference", "pbx", "queue", "team", "call_id", "received_at", "policy_version",
    "deadline_at", "at_risk_at", "at_risk", "answered_at", "answered_by", "withdrawn_at",
    "verdict_at", "corrections", "version",
)  # fmt: skip
"""Fields whose column has their name and their value."""
_TOLD_APART: Final = frozenset({"id", "source", "reference", "version"})
"""What never changes, or changes each time."""


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact as somebody registers it; what is not said is empty, or None.

    ``received_at`` None: now. ``promise`` is what was announced.
    """

    source: str
    reference: str
    channel: Channel
    promise: Promise
    received_at: Ms | None = None
    pbx: str = ""
    queue: str = ""
    team: str = ""
    call_id: str = ""
    answered_at: Ms | None = None
    answered_by: str = ""
    withdrawn_at: Ms | None = None
    person: Person = field(default_factory=Person)

    @property
    def id(self) -> str:
        """The id that it gets, and has already where it was registered before."""
        return contact_id(self.source, self.reference)

    @property
    def statement(self) -> str:
        """A digest of the facts that are stated; nothing personal is in it.

        Not what comes later, the answer or the withdrawal: whoever registers a contact again when
        it has been answered means the same contact.
        """
        promise = self.promise
        stated = [
            self.channel.value, promise.kind.value, promise.at, promise.span, promise.calendar,
            self.received_at, self.pbx, self.queue, self.team, self.call_id,
        ]  # fmt: skip
        return hashlib.sha256(orjson.dumps(stated)).hexdigest()


def contact_id(source: str, reference: str) -> str:
    """The id of a contact, by whose it is and what that one calls it: stable, and nobody's name."""
    return hashlib.sha256(f"{source}\0{reference}".encode()).hexdigest()[:24]


def contact_of(row: Mapping[Any, Any]) -> Contact:
    """A contact as its row has it."""
    promise = Promise(
        PromiseKind(row["promise"]), row["announced_at"], row["span"], row["calendar"]
    )
    return Contact(
        channel=Channel(row["channel"]),
        promise=promise,
        excluded=ContactReason(row["excluded"]),
        verdict=ContactVerdict(row["verdict"]),
        reason=ContactReason(row["reason"]),
        **{name: row[name] for name in _PLAIN},
    )


def values_of(contact: Contact) -> dict[str, Any]:
    """The row of a contact, without ``statement`` and ``contact_key``."""
    return {
        **{name: getattr(contact, name) for name in _PLAIN},
        "channel": contact.channel.value,
        "promise": contact.promise.kind.value,
        "announced_at": contact.promise.at,
        "span": contact.promise.span,
        "calendar": contact.promise.calendar,
        "excluded": contact.excluded.value,
        "verdict": contact.verdict.value,
        "reason": contact.reason.value,
        "due_at": due(contact),
    }


def person_of(row: RowMapping | None) -> Person:
    """What is personal, as its row has it; nothing where there is none."""
    return Person() if row is None else Person(**{name: row[name] or "" for name in PERSONAL})


def differences(before: Contact, after: Contact) -> tuple[dict[str, Any], dict[str, Any]]:
    """What changed of the facts: as it was, and as it is."""
    old, new = values_of(before), values_of(after)
    names = [name for name in new if new[name] != old[name]]
    told = [name for name in names if name not in _TOLD_APART | {"due_at"}]
    return {name: old[name] for name in told}, {name: new[name] for name in told}


def as_text(values: Mapping[str, Any]) -> str:
    """A JSON object as text, always the same for the same object."""
    return orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS).decode()
