"""One person's data, by their number: all that is held of it, and taking it away.

Calls are found by number and by pseudonym, so also those whose number is gone. The pseudonym stays
in the sealed evidence, which is what it was.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select

from monitor.core.clock import MINUTE, Ms
from monitor.core.contacts import ContactVerdict
from monitor.history.alerts import alert
from monitor.history.audit import AuditEntry, Who, append
from monitor.history.contact_tables import contact, contact_change, contact_person
from monitor.history.database import History
from monitor.history.evidence_tables import evidence_before
from monitor.history.lost_tables import lost_caller
from monitor.history.overflow_tables import command, dead_letter, decision, outbox
from monitor.history.tables import call, fact, stay, visit
from monitor.privacy.emptying import Emptier
from monitor.privacy.marks import note_removed
from monitor.privacy.mentions import Mention, left_mentions
from monitor.privacy.removing import forget_persons
from monitor.privacy.scrubbing import Eraser, message_of_nobody
from monitor.privacy.texts import clear, texts_with

EXPORTED: Final = "personal_data_exported"
ERASED: Final = "personal_data_erased"
"""What the audit trail calls them."""
JUST_NOW: Final[Ms] = 10 * MINUTE
"""So long after its end the monitor may still have something to store of a call."""
_AT_ONCE: Final = 500


class SubjectError(Exception):
    """The number's data cannot be erased now; the message says why, without it."""


class NoNumberError(ValueError):
    """What was given is no number."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a number: rows by table, and where else it stands."""

    number: str
    pseudonym: str
    records: dict[str, list[dict[str, Any]]]
    purged_calls: int
    elsewhere: list[Mention]


@dataclass(slots=True)
class Erased:
    """What an erasure took away, in rows by table; and what it left, and why."""

    pseudonym: str
    removed: Counter[str] = field(default_factory=Counter)
    left: list[Mention] = field(default_factory=list)


@dataclass(slots=True)
class _Own:
    """What is of a number."""

    calls: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """The number as it is written in the record."""


class _DryError(Exception):
    """Nothing is to be changed."""


def _end_if(dry_run: bool) -> None:
    if dry_run:
        raise _DryError


class Subject:
    """The data of one number. Methods block.

    Args:
        history: the record.
        number: as a PBX says it.
        now: the present moment (ms).

    Raises:
        NoNumberError: it holds no digit.
    """

    def __init__(self, history: History, number: str, now: Ms) -> None:
        self._history = history
        self._eraser = Eraser(number)
        if not self._eraser.plain.removeprefix("+"):
            raise NoNumberError("It holds no digit, so nobody can be found by it.")
        self._now = now
        pseudonyms = history.pseudonyms
        self.pseudonym = "" if pseudonyms is None else pseudonyms.caller(number)

    def export(self, who: Who) -> Held:
        """All that is held of the number; noted in the audit trail, by pseudonym."""
        with self._history.reading() as connection:
            own = self._own(connection)
            records = {
                str(table.name): rows
                for table, where in self._places(own)
                if (rows := list(_rows(connection, table, where)))
            }
            elsewhere = left_mentions(connection, self._eraser)
        purged = sum(not row["caller"] for row in records.get(call.name, ()))
        held = Held(self._eraser.number, self.pseudonym, records, purged, elsewhere)
        counts = {name: len(rows) for name, rows in records.items()}
        with self._history.writing() as connection:
            self._note(connection, who, EXPORTED, {"counts": counts})
        return held

    def erase(self, reason: str, who: Who, *, dry_run: bool = False) -> Erased:
        """Take away what is held of the number, but for its pseudonym in the evidence.

        Args:
            reason: for the audit trail.
            who: wants it.
            dry_run: only count.

        Raises:
            SubjectError: a call of it goes on or has just ended, or a contact is open.
        """
        done = Erased(self.pseudonym)
        # Reading all timelines takes long: not while others wait to write.
        with self._history.reading() as connection:
            mentioned = texts_with(connection, self._eraser)
        try:
            with self._history.writing() as connection:
                own = self._own(connection)
                self._refuse_live(connection, own)
                self._erase(connection, own, done.removed)
                done.removed += clear(connection, mentioned, self._eraser)
                done.left = left_mentions(connection, self._eraser)
                _end_if(dry_run)
                note_removed(connection, self._now)
                told = {"removed": dict(done.removed), "reason": self._eraser.text(reason)}
                self._note(connection, who, ERASED, told)
        except _DryError:
            pass
        return done

    # --- finding --------------------------------------------------------------------------------

    def _own(self, connection: Connection) -> _Own:
        is_it = self._eraser.is_it
        names = {self._eraser.number, self._eraser.plain}
        known = [call.c.caller.in_(names)]
        persons = [contact_person.c.number.in_(names)]
        keys: list[ColumnElement[bool]] = []
        if self.pseudonym:
            known.append(call.c.caller_key == self.pseudonym)
            keys.append(contact.c.contact_key == self.pseudonym)
        calls = connection.execute(select(call.c["id", "caller"]).where(or_(*known))).all()
        of_persons = select(contact_person.c.contact_id).where(*persons)
        contacts = list(
            connection.execute(
                select(contact.c.id).where(or_(contact.c.id.in_(of_persons), *keys))
            ).scalars()
        )
        ids = [row.id for row in calls]
        for some in _steps(ids):
            asked = select(contact.c.id).where(contact.c.call_id.in_(some))
            contacts += connection.execute(asked).scalars()
        lost = [n for n in connection.execute(select(lost_caller.c.caller)).scalars() if is_it(n)]
        names |= {row.caller for row in calls if row.caller}
        return _Own(ids, list(dict.fromkeys(contacts)), lost, sorted(names | set(lost)))

    def _places(self, own: _Own) -> Iterator[tuple[Table, list[ColumnElement[bool]]]]:
        """The tables in which rows are of the number, and which."""
        yield call, [call.c.id.in_(some) for some in _steps(own.calls)]
        for table in (visit, stay, fact, command, alert, evidence_before):
            yield table, [table.c.call_id.in_(some) for some in _steps(own.calls)]
        of_calls = [decision.c.call_id.in_(some) for some in _steps(own.calls)]
        yield decision, [*of_calls, decision.c.caller.in_(own.names)]
        for table in (outbox, dead_letter):
            yield table, [table.c.call_id.in_(some) for some in _steps(own.calls)]
        yield contact, [contact.c.id.in_(some) for some in _steps(own.contacts)]
        for table in (contact_person, contact_change):
            yield table, [table.c.contact_id.in_(some) for some in _steps(own.contacts)]
        yield lost_caller, [lost_caller.c.caller.in_(own.lost)]

    def _refuse_live(self, connection: Connection, own: _Own) -> None:
        live = just = open_ = 0
        ended = func.coalesce(call.c.ended_at, call.c.verdict_at, call.c.arrived_at)
        for some in _steps(own.calls):
            counted = select(func.count()).select_from(call).where(call.c.id.in_(some))
            live += connection.execute(counted.where(call.c.closed.is_(False))).scalar_one()
            recent = counted.where(call.c.closed.is_(True), ended > self._now - JUST_NOW)
            just += connection.execute(recent).scalar_one()
        for some in _steps(own.contacts):
            pending = select(func.count()).select_from(contact).where(contact.c.id.in_(some))
            pending = pending.where(contact.c.verdict == ContactVerdict.PENDING.value)
            open_ += connection.execute(pending).scalar_one()
        if live or just:
            raise SubjectError(
                "A call of this number goes on, or ended within the last ten minutes: try again "
                "ten minutes after its end."
            )
        if open_:
            raise SubjectError(
                "A contact of this number waits for an answer: answer, withdraw or exclude it, "
                "then try again."
            )

    # --- taking away ----------------------------------------------------------------------------

    def _erase(self, connection: Connection, own: _Own, removed: Counter[str]) -> None:
        emptier = Emptier(self._history, self._now)
        for some in _steps(own.calls):
            removed += emptier.empty_calls(connection, some)
            removed += self._messages(connection, some)
        by_name = decision.update().where(decision.c.caller.in_(own.names))
        removed[str(decision.name)] += connection.execute(by_name.values(caller="")).rowcount
        for some in _steps(own.contacts):
            persons = select(func.count()).select_from(contact_person)
            persons = persons.where(contact_person.c.contact_id.in_(some))
            removed[str(contact_person.name)] += connection.execute(persons).scalar_one()
            forget_persons(connection, some)
        gone = delete(lost_caller).where(lost_caller.c.caller.in_(own.lost))
        removed[str(lost_caller.name)] += connection.execute(gone).rowcount

    def _messages(self, connection: Connection, ids: Sequence[str]) -> Counter[str]:
        """Messages of calls go on their way without who called."""
        done: Counter[str] = Counter()
        for table in (outbox, dead_letter):
            done[str(table.name)] = _rewrite(connection, table, ids)
        return done

    def _note(self, connection: Connection, who: Who, what: str, after: dict[str, Any]) -> None:
        entry = AuditEntry(self._now, who.by, who.via, what, self.pseudonym, None, after)
        append(connection, entry)


def _rewrite(connection: Connection, table: Table, ids: Sequence[str]) -> int:
    done = 0
    rows = connection.execute(select(table.c.seq, table.c.payload).where(table.c.call_id.in_(ids)))
    for row in rows.all():
        text = orjson.dumps(message_of_nobody(orjson.loads(row.payload))).decode()
        if text != row.payload:
            done += 1
            change = table.update().where(table.c.seq == row.seq)
            connection.execute(change.values(payload=text))
    return done


def _rows(
    connection: Connection, table: Table, where: Sequence[ColumnElement[bool]]
) -> Iterator[dict[str, Any]]:
    seen: set[tuple[Any, ...]] = set()
    for one in where:
        for row in connection.execute(select(table).where(one)).mappings():
            key = tuple(row[column.name] for column in table.primary_key)
            if key not in seen:
                seen.add(key)
                yield dict(row)


def _steps(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
