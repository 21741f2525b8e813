"""Contacts of a few days: answered, late, withdrawn, excluded, moved, pending."""

from typing import Any

from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.core.contacts import Channel, Contact, ContactReason, Person
from monitor.core.policy import Policy
from monitor.core.promises import Promise
from monitor.history import History
from monitor.history.audit import Via, Who
from monitor.history.contact_rows import NewContact
from monitor.history.contacts import ContactChange, ContactRecord
from tests.evidence.samples import BEGIN

ZOE = Who("zoé", Via.TOKEN)
POLICY = Policy()
PERSON = Person("+33199001234", "Zoé Petit", "zoe@example.org", "invoice", "call before noon")


def register(
    history: History, reference: str, channel: Channel, received_at: Ms, promise: Promise,
    *, now: Ms | None = None, pbx: str = "lab", queue: str = "support",
) -> Contact:  # fmt: skip
    """Register a contact."""
    new = NewContact("crm", reference, channel, promise, received_at, pbx, queue, person=PERSON)
    at = received_at + MINUTE if now is None else now
    ContactRecord(history).advance(at)
    (done,) = ContactRecord(history).register([new], ZOE, at, POLICY)
    assert done.contact is not None
    return done.contact


def change(history: History, contact: Contact, now: Ms, **facts: Any) -> Contact:  # noqa: ANN401
    """Change a contact, as a person does."""
    wanted = ContactChange(facts, {})
    changed = ContactRecord(history).change(contact.id, wanted, ZOE, now, POLICY, expected=None)
    assert changed is not None
    return changed


def fill_contacts(history: History) -> None:
    """What was announced on three days from the first, and what became of it up to the seventh."""
    record = ContactRecord(history)
    two_days, morning = Promise.within(2 * DAY), BEGIN + 9 * HOUR
    mail = register(history, "A-1", Channel.EMAIL, morning, two_days)
    late = register(history, "A-2", Channel.EMAIL, morning, two_days)
    change(history, mail, morning + DAY, answered_at=morning + DAY, answered_by="Alice")
    register(history, "A-3", Channel.EMAIL, morning + DAY, two_days, queue="sales")
    back = register(history, "B-1", Channel.CALLBACK, morning, Promise.within(4 * HOUR), pbx="")
    change(history, back, morning + HOUR, answered_at=morning + HOUR, answered_by="Alice")
    gone = register(history, "B-2", Channel.CALLBACK, morning, Promise.within(4 * HOUR))
    change(history, gone, morning + 2 * HOUR, withdrawn_at=morning + 2 * HOUR)
    letter = Promise.within_opening(10 * DAY)
    register(history, "C-1", Channel.COMPLAINT, morning + 2 * DAY, letter, queue="")
    twice = register(history, "C-2", Channel.COMPLAINT, morning, Promise.before(BEGIN + 9 * DAY))
    change(history, twice, morning + HOUR, excluded=ContactReason.DUPLICATE)
    while record.advance(BEGIN + 3 * DAY):
        pass
    # Only after the period: a late answer, and a correction that moves a contact into it.
    change(history, late, BEGIN + 5 * DAY, answered_at=BEGIN + 5 * DAY)
    moved = register(history, "D-1", Channel.LETTER, BEGIN + 4 * DAY, two_days)
    change(history, moved, BEGIN + 6 * DAY, received_at=morning + 3 * HOUR)
