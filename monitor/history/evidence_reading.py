"""The documents of days, made from the record: as they were sealed, or as they are.

All of a day is read within one transaction of the caller's, in steps, so that whoever reads a long
day can give way in between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, and_, func, or_, select, true

from monitor.core.clock import Ms
from monitor.core.records import BlindInterval, Call
from monitor.evidence.amendments import NOT_KEPT
from monitor.evidence.chain import begin_of, end_of
from monitor.evidence.documents import blind_document, command_document, policy_document
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.evidence_keeping import documents_of, whole_calls
from monitor.history.evidence_tables import PENDING, evidence_before
from monitor.history.overflow_rows import command_of
from monitor.history.overflow_tables import command
from monitor.history.reader import attach, rebuild
from monitor.history.tables import blind_interval, call, fact, policy_version, stay, visit

STEP: Final = 250
"""Calls that are read at once: some 20 ms."""
_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class CallEntry:
    """The documents of one call; ``facts`` is empty where it has none."""

    arrived_at: Ms
    id: str
    document: bytes
    facts: bytes


def closed_calls(
    connection: Connection, since: Ms, until: Ms, *, facts: bool = True
) -> Iterator[list[Call]]:
    """Closed calls that arrived ``since`` ≤ t < ``until``, by (arrival, id), step by step."""
    tables = (visit, stay, fact) if facts else (visit, stay)
    key = call.c.arrived_at, call.c.id
    query = select(call).where(call.c.closed == true(), call.c.arrived_at < until)
    query = query.order_by(*key).limit(STEP)
    where = call.c.arrived_at >= since
    while True:
        calls = rebuild(connection, query.where(where))
        attach(connection, calls, tables, [found.id for found in calls])
        if calls:
            yield calls
        if len(calls) < STEP:
            return
        last = calls[-1]
        after = and_(call.c.arrived_at == last.arrived_at, call.c.id > last.id)
        where = or_(call.c.arrived_at > last.arrived_at, after)


def call_documents(
    connection: Connection, day: date, pseudonyms: Pseudonyms, *, facts: bool = True
) -> Iterator[list[CallEntry]]:
    """The documents of a day's calls as the day's seal has them, in its order, step by step.

    For a day that is not sealed, they are what its seal would have now. ``facts``: their timelines
    are wanted, too.
    """
    before = _first_documents(connection, day)
    kept = sorted(
        (entry for entry in before.values() if entry.document),
        key=lambda entry: (entry.arrived_at, entry.id),
    )
    kept.reverse()
    for calls in closed_calls(connection, begin_of(day), end_of(day), facts=facts):
        entries: list[CallEntry] = []
        for found in calls:
            while kept and (kept[-1].arrived_at, kept[-1].id) < (found.arrived_at, found.id):
                entries.append(kept.pop())
            if found.id not in before:
                entries.append(entry_of(found, pseudonyms))
        yield entries
    if kept:
        yield kept[::-1]


def _first_documents(connection: Connection, day: date) -> dict[str, CallEntry]:
    """What calls of a day that changed since its seal were then; empty: not there."""
    columns = evidence_before.c
    found: dict[str, tuple[int, CallEntry]] = {}
    for row in connection.execute(select(evidence_before).where(columns.day == day.isoformat())):
        order = _LAST if row.amended_by == PENDING else row.amended_by
        if row.call_id not in found or order < found[row.call_id][0]:
            document = b"" if row.document == NOT_KEPT else row.document.encode()
            entry = CallEntry(row.arrived_at, row.call_id, document, row.facts.encode())
            found[row.call_id] = order, entry
    return {id_: entry for id_, (_, entry) in found.items()}


def entry_of(record: Call, pseudonyms: Pseudonyms) -> CallEntry:
    """The documents of a closed call as it is now."""
    document, facts = documents_of(record, pseudonyms)
    return CallEntry(record.arrived_at, record.id, document.encode(), facts.encode())


def amended_documents(
    connection: Connection, number: int, ids: Iterable[str], pseudonyms: Pseudonyms
) -> dict[str, CallEntry]:
    """What calls were after an amendment (the seal's number); without those that are gone."""
    ids = list(ids)
    columns = evidence_before.c
    later = or_(columns.amended_by == PENDING, columns.amended_by > number)
    query = select(evidence_before).where(columns.call_id.in_(ids), later)
    found: dict[str, tuple[int, CallEntry]] = {}
    for row in connection.execute(query):
        order = _LAST if row.amended_by == PENDING else row.amended_by
        if row.call_id not in found or order < found[row.call_id][0]:
            entry = CallEntry(
                row.arrived_at, row.call_id, row.document.encode(), row.facts.encode()
            )
            found[row.call_id] = order, entry
    entries = {id_: entry for id_, (_, entry) in found.items()}
    now = whole_calls(connection, [id_ for id_ in ids if id_ not in entries])
    return entries | {record.id: entry_of(record, pseudonyms) for record in now if record.closed}


# --- what else a day holds ----------------------------------------------------------------------


def blind_documents(connection: Connection, day: date) -> list[bytes]:
    """What of blind intervals lies in a day."""
    since, until = begin_of(day), end_of(day)
    columns = blind_interval.c
    query = select(blind_interval).where(
        columns.started_at < until, or_(columns.ended_at.is_(None), columns.ended_at > since)
    )
    query = query.order_by(columns.started_at, columns.pbx)
    return [
        blind_document(BlindInterval(**row), since, until)
        for row in connection.execute(query).mappings()
    ]


def policy_documents(connection: Connection, day: date, pseudonyms: Pseudonyms) -> list[bytes]:
    """The policy versions that were in force on a day; of a time before the first, the first."""
    columns = policy_version.c
    first = (
        select(func.max(columns.version))
        .where(columns.created_at <= begin_of(day))
        .scalar_subquery()
    )
    oldest = select(func.min(columns.version)).scalar_subquery()
    query = select(policy_version).where(
        columns.version >= func.coalesce(first, oldest),
        or_(columns.created_at < end_of(day), columns.version == oldest),
    )
    return [
        policy_document(row.version, row.created_at, row.policy, pseudonyms)
        for row in connection.execute(query.order_by(columns.version))
    ]


def command_documents(connection: Connection, day: date) -> list[bytes]:
    """The overflow commands that were issued on a day."""
    columns = command.c
    query = select(command).where(
        columns.issued_at >= begin_of(day), columns.issued_at < end_of(day)
    )
    rows: Iterable[Any] = connection.execute(query.order_by(columns.issued_at, columns.id))
    return [command_document(command_of(row._mapping), row.kind) for row in rows]
