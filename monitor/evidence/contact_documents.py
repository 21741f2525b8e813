"""Evidence documents of contacts: e-mails, letters, callbacks, complaints and their deadlines.

Contacts change for weeks after they came, and their history is kept: each version is a document of
its own, of the day (UTC) on which it was made, with all that the contact was from then on. So no
day is ever told anew, and the last document of a contact is what became of it.

Nothing in it is anybody's: neither who wrote nor who answered, no text, not what the source calls
the contact. The contact itself is a pseudonym; the same one in each of its documents.
"""

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, Protocol

from monitor.core.clock import Ms
from monitor.core.contacts import Channel, Contact, ContactReason, ContactVerdict
from monitor.core.promises import Promise, PromiseKind
from monitor.evidence.chain import canonical
from monitor.evidence.documents import VERSION

CONTACT: Final = (
    "channel", "pbx", "queue", "team", "call_id", "received_at", "policy_version", "deadline_at",
    "at_risk_at", "at_risk", "answered_at", "withdrawn_at", "excluded", "verdict", "reason",
    "verdict_at", "corrections", "version",
)  # fmt: skip
"""Fields of a contact that stand in its documents as they are."""
PROMISE: Final = ("kind", "at", "span", "calendar")
OTHERWISE: Final = frozenset({"id", "source", "reference", "promise", "answered_by"})
"""Fields that are told as a pseudonym, in parts, or not at all."""
_values = attrgetter(*CONTACT)
_promise = attrgetter(*PROMISE)


class ContactPseudonyms(Protocol):
    """Makes pseudonyms: :class:`monitor.evidence.pseudonyms.Pseudonyms`."""

    def contact(self, id_: str, /) -> str:
        """The pseudonym of a contact."""


def told_on(contact: Contact, at: Ms) -> Ms:
    """The moment whose day tells a version that was made at ``at``.

    A source's clock may be a minute ahead: no contact is told before it came, so all that is known
    of a period's contacts is told from the period's begin on.
    """
    return max(at, contact.received_at)


def contact_document(contact: Contact, at: Ms, pseudonyms: ContactPseudonyms) -> bytes:
    """The document of a contact as it was from ``at`` (ms) on."""
    plain: dict[str, Any] = dict(zip(CONTACT, _values(contact), strict=True))
    plain["kind"], plain["v"] = "contact", VERSION
    plain["contact"], plain["at"] = pseudonyms.contact(contact.id), at
    plain["promise"] = dict(zip(PROMISE, _promise(contact.promise), strict=True))
    return canonical(plain)


def contact_of_document(plain: Mapping[str, Any]) -> Contact:
    """The contact that a document tells of; its id is the pseudonym.

    Raises:
        ValueError: it is none of a contact of this version.
    """
    try:
        if plain["kind"] != "contact" or plain["v"] != VERSION:
            raise ValueError("it is no document of a contact of version 1")
        told = {name: plain[name] for name in CONTACT}
        promise = {name: plain["promise"][name] for name in PROMISE}
        promise["kind"] = PromiseKind(promise["kind"])
        told["promise"] = Promise(**promise)
        told["channel"] = Channel(told["channel"])
        told["verdict"] = ContactVerdict(told["verdict"])
        told["excluded"] = ContactReason(told["excluded"])
        told["reason"] = ContactReason(told["reason"])
        return Contact(id=plain["contact"], source="", reference="", **told)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no document of a contact: {error}") from error


def unaccounted() -> list[str]:
    """Fields of contacts of which nobody said whether documents tell them; a test wants none."""
    known = {*CONTACT, *OTHERWISE}
    return [field.name for field in fields(Contact) if field.name not in known] + [
        f"promise.{field.name}" for field in fields(Promise) if field.name not in PROMISE
    ]
