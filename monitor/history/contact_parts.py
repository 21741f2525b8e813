"""Writing parts of contacts, within a transaction of the caller's."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from monitor.core.clock import Ms
from monitor.core.contacts import Contact, Person
from monitor.history.audit import Who
from monitor.history.contact_rows import as_text, contact_of
from monitor.history.contact_tables import contact, contact_change, contact_person
from monitor.history.messages import OutboxMessage
from monitor.history.overflow_tables import outbox


def known(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Contact, str]]:
    """Contacts that are stored, by id, each with the digest of what was registered."""
    query = select(contact).where(contact.c.id.in_(ids))
    rows = connection.execute(query).mappings()
    return {row["id"]: (contact_of(row), row["statement"]) for row in rows}


def store_person(connection: Connection, contact_id: str, person: Person, now: Ms) -> None:
    """Store what is personal, in place of what was."""
    connection.execute(delete(contact_person).where(contact_person.c.contact_id == contact_id))
    if person != Person():
        values = {"contact_id": contact_id, "updated_at": now, **asdict(person)}
        connection.execute(insert(contact_person).values(values))


def note(
    connection: Connection, about: Contact, who: Who, now: Ms, what: str,
    before: Mapping[str, Any], after: Mapping[str, Any],
) -> None:  # fmt: skip
    """Add a version to the history of a contact."""
    values = version_row(about, who, now, what, before, after)
    connection.execute(insert(contact_change).values(values))


def version_row(
    about: Contact, who: Who, now: Ms, what: str, before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """A version's row."""
    return {
        "contact_id": about.id, "version": about.version, "at": now, "by": who.by,
        "via": who.via.value, "what": what, "before": as_text(before), "after": as_text(after),
    }  # fmt: skip


def send(connection: Connection, messages: Sequence[OutboxMessage], now: Ms) -> None:
    """Store messages with what they tell; last in the transaction."""
    if not messages:
        return
    if connection.dialect.name == "postgresql":
        # Sinks read on from the highest number that they saw: none may be committed below it.
        connection.exec_driver_sql("LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE")
    for message in messages:
        connection.execute(
            insert(outbox).values(
                id=message.id, topic=message.topic, call_id=message.call_id, at=message.at,
                payload=message.payload, noted_at=now,
            )
        )  # fmt: skip
