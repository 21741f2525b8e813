"""From what is sent about contacts to what the record takes: REST bodies and rows of CSV."""

from collections.abc import Mapping
from typing import Any, Final

from api.contact_schemas import ContactNew, ContactPatch
from monitor.core.clock import from_seconds
from monitor.core.contacts import Channel, ContactError, ContactReason, Person
from monitor.core.promises import Promise
from monitor.history.contact_rows import PERSONAL, NewContact
from monitor.history.contacts import ContactChange

ANNOUNCED: Final = ("deadline_at", "within_s", "within_opening_s")
_TEXTS: Final = ("pbx", "queue", "team", "call_id", "answered_by")
_MOMENTS: Final = ("answered_at", "withdrawn_at")


def new_contact(sent: ContactNew, source: str) -> NewContact:
    """A contact to register; ``source`` is for those that name none.

    Raises:
        ContactError: it has no deadline, or several.
    """
    promise = _promise(sent)
    if promise is None:
        raise ContactError("deadline_at", "no_deadline", f"Say one of {', '.join(ANNOUNCED)}.")
    return NewContact(
        source=sent.source or source,
        reference=sent.reference,
        channel=Channel(sent.channel),
        promise=promise,
        received_at=sent.received_at,
        pbx=sent.pbx,
        queue=sent.queue,
        team=sent.team,
        call_id=sent.call_id,
        answered_at=sent.answered_at,
        answered_by=sent.answered_by,
        withdrawn_at=sent.withdrawn_at,
        person=Person(**{name: getattr(sent, name) for name in PERSONAL}),
    )


def contact_change(sent: ContactPatch) -> ContactChange:
    """What is to change: only what was sent.

    Raises:
        ContactError: several deadlines, or null for what every contact has.
    """
    told = sent.model_fields_set
    facts: dict[str, Any] = {name: getattr(sent, name) for name in _MOMENTS if name in told}
    for name in (*_TEXTS, "received_at", "channel"):
        value = getattr(sent, name)
        if name not in told:
            continue
        if value is None:
            raise ContactError(name, "not_null", "It cannot be null.")
        facts[name] = Channel(value) if name == "channel" else value
    if "excluded" in told:
        facts["excluded"] = ContactReason(sent.excluded or "")
    promise = _promise(sent)
    if promise is not None:
        facts["promise"] = promise
    person: dict[str, str] = {name: getattr(sent, name) or "" for name in PERSONAL if name in told}
    return ContactChange(facts, person)


def _promise(sent: ContactNew | ContactPatch) -> Promise | None:
    told = [name for name in ANNOUNCED if getattr(sent, name) is not None]
    if len(told) > 1:
        raise ContactError(told[1], "two_deadlines", f"Say one of {', '.join(ANNOUNCED)}.")
    if sent.deadline_at is not None:
        return Promise.before(sent.deadline_at)
    if sent.within_s is not None:
        return Promise.within(from_seconds(sent.within_s))
    if sent.within_opening_s is not None:
        return Promise.within_opening(from_seconds(sent.within_opening_s), sent.calendar)
    return None


def from_row(row: Mapping[str | None, Any]) -> ContactNew:
    """A contact of a CSV row; empty cells say nothing.

    Raises:
        ValueError: pydantic's, saying which cell is no good.
    """
    told = {
        name: value.strip()
        for name, value in row.items()
        if isinstance(name, str) and isinstance(value, str) and value.strip()
    }
    return ContactNew.model_validate(told)
