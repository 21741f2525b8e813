"""The tables of contacts: the facts, what is personal in them, and who changed what."""

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlmodel import Field

from monitor.history.tables import HistoryTable


class ContactRow(HistoryTable, table=True):
    """A contact: the fields of :class:`monitor.core.contacts.Contact`.

    ``promise`` is the kind of the promise, ``announced_at``, ``span`` and ``calendar`` its parts.
    ``due_at`` is when the timer has to look at it, None: never. ``statement`` is the digest of what
    was registered, to tell the same again from something else under the same reference.
    ``contact_key`` is the pseudonym of the number, which stays when the number is purged.
    """

    __tablename__ = "contact"

    id: str = Field(primary_key=True, sa_type=Text)
    source: str = Field(sa_type=Text)
    reference: str = Field(sa_type=Text)
    channel: str = Field(sa_type=Text)
    pbx: str = Field(sa_type=Text)
    queue: str = Field(sa_type=Text)
    team: str = Field(sa_type=Text)
    call_id: str = Field(sa_type=Text)
    received_at: int = Field(sa_type=BigInteger)
    promise: str = Field(sa_type=Text)
    announced_at: int | None = Field(sa_type=BigInteger)
    span: int | None = Field(sa_type=BigInteger)
    calendar: str = Field(sa_type=Text)
    policy_version: int
    deadline_at: int = Field(sa_type=BigInteger)
    at_risk_at: int = Field(sa_type=BigInteger)
    at_risk: bool
    answered_at: int | None = Field(sa_type=BigInteger)
    answered_by: str = Field(sa_type=Text)
    withdrawn_at: int | None = Field(sa_type=BigInteger)
    excluded: str = Field(sa_type=Text)
    verdict: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    verdict_at: int | None = Field(sa_type=BigInteger)
    corrections: int
    version: int
    due_at: int | None = Field(sa_type=BigInteger)
    statement: str = Field(sa_type=Text)
    contact_key: str = Field(sa_type=Text)


class ContactPersonRow(HistoryTable, table=True):
    """What is personal in a contact, in a table of its own so that it can be purged alone.

    There is no row where nothing personal was told.
    """

    __tablename__ = "contact_person"

    contact_id: str = Field(
        primary_key=True,
        sa_type=Text,
        sa_column_args=[ForeignKey("contact.id", ondelete="CASCADE")],
    )
    number: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    email: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    note: str = Field(sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)


class ContactChangeRow(HistoryTable, table=True):
    """One version of a contact: who made it, when and what changed. Rows are added, never changed.

    ``before`` and ``after`` are JSON objects of the facts that changed; of what is personal they
    only say that it did.
    """

    __tablename__ = "contact_change"

    contact_id: str = Field(
        primary_key=True,
        sa_type=Text,
        sa_column_args=[ForeignKey("contact.id", ondelete="CASCADE")],
    )
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_type=BigInteger)
    by: str = Field(sa_type=Text)
    via: str = Field(sa_type=Text)
    what: str = Field(sa_type=Text)
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)


contact = ContactRow.__table__  # type: ignore[attr-defined]
contact_person = ContactPersonRow.__table__  # type: ignore[attr-defined]
contact_change = ContactChangeRow.__table__  # type: ignore[attr-defined]

Index("uq_contact_reference", *contact.c["source", "reference"], unique=True)
# Contacts, newest first, by each filter.
Index("ix_contact_received", *contact.c["received_at", "id"])
# The figures of a report, from the index alone.
Index(
    "ix_contact_figures",
    *contact.c["received_at", "pbx", "queue", "channel", "promise", "span"],
    *contact.c["verdict", "reason", "corrections", "answered_at"],
)
Index("ix_contact_queue", *contact.c["queue", "received_at", "id"])
Index("ix_contact_verdict", *contact.c["verdict", "received_at", "id"])
Index("ix_contact_channel", *contact.c["channel", "received_at", "id"])
# What a timer has to look at, and what is overdue.
Index(
    "ix_contact_due",
    contact.c.due_at,
    sqlite_where=contact.c.due_at.is_not(None),
    postgresql_where=contact.c.due_at.is_not(None),
)
Index(
    "ix_contact_overdue",
    *contact.c["deadline_at", "pbx", "queue", "channel"],
    sqlite_where=contact.c.reason == "not_answered",
    postgresql_where=contact.c.reason == "not_answered",
)
Index(
    "ix_contact_call",
    contact.c.call_id,
    sqlite_where=contact.c.call_id != "",
    postgresql_where=contact.c.call_id != "",
)
# A person's contacts, also once the number is purged; and by the number while it is there.
Index(
    "ix_contact_key",
    *contact.c["contact_key", "received_at"],
    sqlite_where=contact.c.contact_key != "",
    postgresql_where=contact.c.contact_key != "",
)
Index(
    "ix_contact_person_number",
    contact_person.c.number,
    sqlite_where=contact_person.c.number != "",
    postgresql_where=contact_person.c.number != "",
)
# What became of contacts on a day, to be sealed.
Index("ix_contact_change_at", *contact_change.c["at", "contact_id", "version"])
# For a purge of what is older than its keeping.
Index("ix_contact_person_updated", contact_person.c.updated_at)
