"""Seals in the record: reading them, and adding one so that no other can be added beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from monitor.core.clock import Ms
from monitor.evidence.amendments import Amendment
from monitor.evidence.chain import Seal, day_of, end_of, seal_of
from monitor.history.database import History
from monitor.history.evidence_keeping import sealed_until
from monitor.history.evidence_tables import (
    PENDING,
    UNTIL,
    evidence_amendment,
    evidence_before,
    evidence_mark,
    seal,
    seal_part,
    seal_removal,
)
from monitor.history.tables import call, policy_version

_AT_ONCE: Final = 500
_PLACE: Final = evidence_before.c["day", "arrived_at", "call_id"]


@dataclass(frozen=True, slots=True)
class Pending:
    """A sealed call that was changed, and that no seal tells of yet; see ``EvidenceBeforeRow``."""

    call_id: str
    day: date
    document: bytes
    facts: bytes
    changes: int


@dataclass(frozen=True, slots=True)
class Told:
    """What a new seal tells of pending changes: an amendment each; None: nothing had changed."""

    call_id: str
    changes: int
    amendment: Amendment | None


def has_pseudonyms(history: History) -> bool:
    """Whether a call in the record has a pseudonym: there was a key.

    Raises:
        SQLAlchemyError: the database cannot be read.
    """
    query = select(call.c.id).where(call.c.caller_key != "").limit(1)
    with history.reading() as connection:
        return connection.execute(query).first() is not None


def last_seal(connection: Connection) -> Seal | None:
    """The newest seal; None: nothing is sealed yet.

    Raises:
        ChainError: what is stored is none.
    """
    newest = select(seal.c.line).order_by(seal.c.number.desc()).limit(1)
    line = connection.execute(newest).scalar()
    return None if line is None else seal_of(line.encode())


def first_sealed(connection: Connection) -> date | None:
    """The day with which the chain begins."""
    day = connection.execute(select(func.min(seal.c.day))).scalar()
    return None if day is None else date.fromisoformat(day)


def seal_lines(
    connection: Connection, since: date | None = None, until: date | None = None
) -> list[tuple[str, bytes]]:
    """Head and line of the seals of ``since`` ≤ day ≤ ``until``, in order, as they are stored."""
    query = select(seal.c.head, seal.c.line).order_by(seal.c.number)
    if since is not None:
        query = query.where(seal.c.day >= since.isoformat())
    if until is not None:
        query = query.where(seal.c.day <= until.isoformat())
    return [(row.head, row.line.encode()) for row in connection.execute(query)]


def seals_before(connection: Connection, before: date | None, limit: int) -> list[tuple[bytes, Ms]]:
    """Line and moment of sealing of the newest seals before a day, newest first."""
    query = select(seal.c.line, seal.c.sealed_at).order_by(seal.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(seal.c.day < before.isoformat())
    return [(row.line.encode(), row.sealed_at) for row in connection.execute(query)]


def pending_count(connection: Connection) -> int:
    """How many sealed calls changed that no seal tells of yet."""
    query = select(func.count()).select_from(evidence_before)
    last = select(func.max(seal.c.day)).scalar_subquery()
    query = query.where(evidence_before.c.amended_by == PENDING, evidence_before.c.day <= last)
    return connection.execute(query).scalar_one()


def seal_count(connection: Connection) -> int:
    """How many days are sealed."""
    return connection.execute(select(func.count()).select_from(seal)).scalar_one()


def first_day(connection: Connection) -> date | None:
    """The day with which a chain would begin: that of the first call or of the first policy."""
    firsts = (select(func.min(call.c.arrived_at)), select(func.min(policy_version.c.created_at)))
    found = [connection.execute(query).scalar() for query in firsts]
    known = [at for at in found if at is not None]
    return day_of(min(known)) if known else None


def part_digests(connection: Connection, day: date) -> dict[str, bytes]:
    """The digests that a sealed day was made of, by part; each 32 bytes."""
    query = select(seal_part.c.part, seal_part.c.digests).where(seal_part.c.day == day.isoformat())
    return {row.part: row.digests for row in connection.execute(query)}


def amendment_lines(connection: Connection, number: int) -> list[bytes]:
    """The amendments that a seal holds, in order."""
    columns = evidence_amendment.c
    query = select(columns.line).where(columns.number == number).order_by(columns.ordinal)
    return [line.encode() for line in connection.execute(query).scalars()]


def pending_ids(connection: Connection, before: date, most: int) -> list[str]:
    """The sealed calls of earlier days that changed and that no seal tells of yet, in order."""
    columns = evidence_before.c
    query = select(columns.call_id).where(columns.amended_by == PENDING)
    query = query.where(columns.day < before.isoformat()).order_by(*_PLACE).limit(most)
    return list(connection.execute(query).scalars())


def pending_changes(connection: Connection, ids: Sequence[str]) -> list[Pending]:
    """What some of these calls were, in the same order."""
    columns = evidence_before.c
    query = select(evidence_before).where(columns.amended_by == PENDING, columns.call_id.in_(ids))
    return [
        Pending(
            row.call_id,
            date.fromisoformat(row.day),
            row.document.encode(),
            row.facts.encode(),
            row.changes,
        )
        for row in connection.execute(query.order_by(*_PLACE))
    ]


def times_changed(connection: Connection, ids: Iterable[str]) -> dict[str, int]:
    """How often sealed calls changed of which no seal tells yet."""
    columns, found = evidence_before.c, dict[str, int]()
    for some in _in_steps(ids):
        query = select(columns.call_id, columns.changes)
        query = query.where(columns.amended_by == PENDING, columns.call_id.in_(some))
        found |= {row.call_id: row.changes for row in connection.execute(query)}
    return found


def removals(connection: Connection, *, untold: bool = False) -> list[tuple[date, str]]:
    """What retention took out of sealed days, by (day, part); ``untold``: that no seal says yet."""
    query = select(seal_removal.c.day, seal_removal.c.part)
    if untold:
        query = query.where(seal_removal.c.told_in.is_(None))
    rows = connection.execute(query.order_by(seal_removal.c.day, seal_removal.c.part))
    return [(date.fromisoformat(row.day), row.part) for row in rows]


# --- writing ------------------------------------------------------------------------------------


def announce(connection: Connection, day: date) -> None:
    """From now on, changes of this day's calls are kept, as it is being sealed.

    Announced once more, what was kept since the first time stays: it is that state that is sealed.
    """
    until = max(end_of(day), sealed_until(connection))
    mark = evidence_mark.c.name == UNTIL
    connection.execute(update(evidence_mark).where(mark).values(value=until))


def add_seal(
    connection: Connection, new: Seal, digests: Mapping[str, bytes], told: Sequence[Told], at: Ms
) -> None:
    """Add a seal with its digests and amendments.

    Raises:
        IntegrityError: another process has sealed that day.
    """
    day = new.day.isoformat()
    line = new.line().decode()
    row = {"number": new.number, "day": day, "sealed_at": at, "head": new.head, "line": line}
    connection.execute(insert(seal).values(row))
    parts = [{"day": day, "part": part, "digests": held} for part, held in digests.items()]
    connection.execute(insert(seal_part), parts)
    for removed_day, part in new.removed:
        connection.execute(
            update(seal_removal)
            .where(seal_removal.c.day == removed_day.isoformat(), seal_removal.c.part == part)
            .values(told_in=new.number)
        )
    _tell(connection, new.number, told)


def _tell(connection: Connection, number: int, told: Sequence[Told]) -> None:
    columns = evidence_before.c
    amended = [item.amendment for item in told if item.amendment is not None]
    rows = [
        {"number": number, "ordinal": n, "call_id": item.call, "line": item.line().decode()}
        for n, item in enumerate(amended)
    ]
    if rows:
        connection.execute(insert(evidence_amendment), rows)
    for ids in _in_steps(item.call for item in amended):
        where = columns.amended_by == PENDING, columns.call_id.in_(ids)
        connection.execute(update(evidence_before).where(*where).values(amended_by=number))
    forget(connection, (item.call_id for item in told if item.amendment is None))


def forget(connection: Connection, ids: Iterable[str]) -> None:
    """Drop pending changes that turned out to be none."""
    columns = evidence_before.c
    for some in _in_steps(ids):
        where = columns.amended_by == PENDING, columns.call_id.in_(some)
        connection.execute(delete(evidence_before).where(*where))


def note_removal(connection: Connection, day: date, parts: Iterable[str], at: Ms) -> None:
    """Note that retention takes parts of a sealed day out of the record, in its transaction.

    The day's seal and digests stay, so packs of before are still checked against the chain; what
    calls were before corrections goes, too. A day that is not sealed needs no note.
    """
    text = day.isoformat()
    if not connection.execute(select(seal.c.number).where(seal.c.day == text)).first():
        return
    for part in parts:
        known: Any = select(seal_removal.c.day).where(
            seal_removal.c.day == text, seal_removal.c.part == part
        )
        if connection.execute(known).first() is None:
            row = {"day": text, "part": part, "removed_at": at, "told_in": None}
            connection.execute(insert(seal_removal).values(row))
    if "calls" in parts:
        connection.execute(delete(evidence_before).where(evidence_before.c.day == text))
    elif "facts" in parts:
        where = evidence_before.c.day == text
        connection.execute(update(evidence_before).where(where).values(facts=""))


def _in_steps(ids: Iterable[str]) -> Iterable[list[str]]:
    waiting = list(ids)
    for start in range(0, len(waiting), _AT_ONCE):
        yield waiting[start : start + _AT_ONCE]
