"""The documents of contacts of days, made from the history of each contact.

No contact changes without a version in its history, and no version ever changes: so a day's
documents are the same whenever they are made.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import Connection, func, select

from monitor.core.clock import Ms
from monitor.core.contacts import AHEAD, Contact
from monitor.evidence.chain import CONTACTS, begin_of, day_of, end_of
from monitor.evidence.contact_documents import contact_document, told_on
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.contact_rows import contact_of
from monitor.history.contact_tables import contact, contact_change
from monitor.history.evidence_record import note_removal
from monitor.history.evidence_tables import seal_part

STEP: Final = 250
"""Contacts that are read at once."""
log = logging.getLogger("minuteur.evidence")


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """A version of a contact: when it was made (ms), what it is, and its document."""

    at: Ms
    contact: Contact
    document: bytes


def contact_documents(
    connection: Connection, day: date, pseudonyms: Pseudonyms, *, sealing: bool = False
) -> list[ContactEntry]:
    """What became of contacts on a day, as its seal has it, in its order.

    The first day that tells of contacts tells of all before, too: those of days that were sealed
    when contacts were not. Days before it tell of none.

    Args:
        connection: a transaction that reads.
        day: which.
        pseudonyms: made under the key with which the day is sealed.
        sealing: the day is being sealed: where none has told of contacts, it is the first.
    """
    first = _first_day(connection)
    if first is None and not sealing:
        return []
    if first is not None and day.isoformat() < first:
        return []
    since = 0 if first in (None, day.isoformat()) else begin_of(day)
    until, c = end_of(day), contact_change.c
    made = select(c.contact_id, func.max(c.version)).where(c.at >= since - AHEAD, c.at < until)
    newest = {row[0]: row[1] for row in connection.execute(made.group_by(c.contact_id))}
    found = [
        ContactEntry(at, told, contact_document(told, at, pseudonyms))
        for at, told in _versions(connection, newest)
        if since <= told_on(told, at) < until
    ]
    return sorted(found, key=lambda entry: (entry.at, entry.contact.id, entry.contact.version))


def _versions(connection: Connection, newest: Mapping[str, int]) -> Iterator[tuple[Ms, Contact]]:
    """Contacts in each of their versions, up to the newest that is wanted of each."""
    for id_, changes in _histories(connection, sorted(newest)):
        # What is not told may be purged from the history.
        values: dict[str, Any] = {"source": "", "reference": "", "answered_by": ""}
        for change in changes:
            if change.version > newest[id_]:
                break
            values |= orjson.loads(change.after)
            told = _contact(id_, values, change.version)
            if told is not None:
                yield change.at, told


def _contact(id_: str, values: Mapping[str, Any], version: int) -> Contact | None:
    try:
        return replace(contact_of(values), version=version)
    except (KeyError, ValueError):
        # Somebody was at the database: a day is sealed without it, and a check says so.
        log.exception("The history of a contact is not whole: %s, version %s", id_, version)
        return None


def _histories(connection: Connection, ids: list[str]) -> Iterator[tuple[str, list[Any]]]:
    columns = contact_change.c["contact_id", "version", "at", "after"]
    for start in range(0, len(ids), STEP):
        some = ids[start : start + STEP]
        query = select(*columns).where(contact_change.c.contact_id.in_(some))
        found: dict[str, list[Any]] = {}
        for row in connection.execute(query.order_by(contact_change.c.contact_id, columns[1])):
            found.setdefault(row.contact_id, []).append(row)
        yield from found.items()


def not_as_told(
    connection: Connection, entries: Iterable[ContactEntry], pseudonyms: Pseudonyms
) -> list[Contact]:
    """Of contacts in some of their versions, those that are not what their last version says."""
    told = {entry.contact.id: entry for entry in entries}
    wrong: list[Contact] = []
    ids = sorted(told)
    for start in range(0, len(ids), STEP):
        query = select(contact).where(contact.c.id.in_(ids[start : start + STEP]))
        for row in connection.execute(query).mappings():
            stored, entry = contact_of(row), told[row["id"]]
            if stored.version == entry.contact.version:
                same = contact_document(stored, entry.at, pseudonyms) == entry.document
                wrong += [] if same else [stored]
    return wrong


def note_contacts_removal(connection: Connection, ids: Sequence[str], at: Ms) -> None:
    """Before retention removes whole contacts, in its transaction: note it of the days told of.

    Remove only those whose last version is older than their time of keeping: the other contacts of
    such a day cannot be proved any more.

    Args:
        connection: the transaction.
        ids: which contacts.
        at: the present moment (ms).
    """
    made = select(contact_change.c.at).where(contact_change.c.contact_id.in_(ids))
    moments = connection.execute(made.distinct()).scalars()
    days = {day_of(moment + ahead) for moment in moments for ahead in (0, AHEAD)}
    first = _first_day(connection)
    if first is not None:
        for day in sorted({max(day, date.fromisoformat(first)) for day in days}):
            note_removal(connection, day, [CONTACTS], at)


def _first_day(connection: Connection) -> str | None:
    """The first day whose seal tells of contacts."""
    query = select(func.min(seal_part.c.day)).where(seal_part.c.part == CONTACTS)
    return connection.execute(query).scalar()
