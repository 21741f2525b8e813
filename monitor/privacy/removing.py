"""Removing what is old as a whole: timelines, calls, decisions, contacts, messages.

Of sealed days only whole ones go, and the chain is told of it in the same transaction. The counts
by the hour of removed calls stay.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from monitor.core.clock import DAY, HOUR, Ms
from monitor.core.contacts import ContactVerdict
from monitor.core.tallies import REPEAT_DAYS
from monitor.evidence.chain import CALLS, COMMANDS, FACTS, begin_of, day_of, end_of
from monitor.history.alerts import alert
from monitor.history.contact_rows import as_text
from monitor.history.contact_tables import contact, contact_change, contact_person
from monitor.history.database import History
from monitor.history.evidence_contacts import note_contacts_removal
from monitor.history.evidence_record import note_removal
from monitor.history.lost_tables import lost_caller
from monitor.history.overflow_tables import audit_entry, command, dead_letter, decision, outbox
from monitor.history.report_tables import report_mail
from monitor.history.rollups import Rollups
from monitor.history.setting_tables import undone
from monitor.history.tables import call, fact, visit, web_session
from monitor.privacy.marks import mark, note_removed, set_mark
from monitor.privacy.retention import Kind

AT_ONCE: Final = 500
_KEPT_AFTER: Final[Ms] = max(REPEAT_DAYS) * DAY
"""So long after a call its caller may call again, which is counted where that call is."""
"""Rows, or calls with all that belongs to them, in one transaction."""
Told = Callable[[int], None]


class Remover:
    """Removes rows that are old.

    Args:
        history: the record.
        now: the present moment (ms).
    """

    def __init__(self, history: History, now: Ms) -> None:
        self._history = history
        self._now = now

    def remove(self, kind: Kind, before: Ms, told: Told) -> int:
        """Remove one kind of data from before a moment; returns how many rows went.

        Raises:
            SQLAlchemyError: the database cannot be used; what was done stays.
        """
        match kind:
            case Kind.TIMELINES:
                return sum(self._days(kind, before, self._timelines, told))
            case Kind.CALLS:
                # Not in the transactions that remove: after an update all hours may be marked.
                Rollups(self._history).catch_up(before + _KEPT_AFTER)
                return sum(self._days(kind, before, self._whole_calls, told))
            case Kind.DECISIONS:
                done = self._rows(decision, [decision.c.id], decision.c.at < before, told)
                return done + sum(self._days(kind, before, self._commands, told))
            case Kind.PERSONS:
                return self._persons(before, told)
            case Kind.CONTACTS:
                return self._contacts(before, told)
            case Kind.AUDIT:
                return self._audit(before, told)
        return sum(
            self._rows(table, key, where, told) for table, key, where in _old_rows(kind, before)
        )

    def sessions(self, told: Told) -> int:
        """Remove sessions that are over."""
        over = web_session.c.expires_at <= self._now
        return self._rows(web_session, [web_session.c.token_hash], over, told)

    def lost_callers(self, before: Ms, told: Told) -> int:
        """Remove what was done about lost callers, all of it before a moment."""
        old = lost_caller.c.updated_at < before
        return self._rows(lost_caller, [lost_caller.c.caller], old, told)

    # --- days -----------------------------------------------------------------------------------

    def _days(
        self,
        kind: Kind,
        before: Ms,
        step: Callable[[Connection, date], int],
        told: Told,
    ) -> Iterator[int]:
        """Take the days one after the other, each in small transactions, until nothing is left.

        From the first call on, not from the mark: an import may have brought older ones.
        """
        while True:
            with self._history.reading() as connection:
                day = _first_day(connection, kind)
            if day is None or begin_of(day) >= before:
                return
            while True:
                with self._history.writing() as connection:
                    gone = step(connection, day)
                    if gone:
                        note_removed(connection, self._now)
                    else:
                        set_mark(connection, f"purge:{kind.value}", end_of(day))
                told(gone)
                if not gone:
                    break
                yield gone

    def _timelines(self, connection: Connection, day: date) -> int:
        note_removal(connection, day, [FACTS], self._now)
        of_day = (
            select(call.c.id)
            .where(call.c.arrived_at >= begin_of(day), call.c.arrived_at < end_of(day))
            .where(select(fact.c.call_id).where(fact.c.call_id == call.c.id).exists())
            .limit(AT_ONCE)
        )
        ids = list(connection.execute(of_day).scalars())
        return connection.execute(delete(fact).where(fact.c.call_id.in_(ids))).rowcount

    def _whole_calls(self, connection: Connection, day: date) -> int:
        of_day = select(call.c.id).where(
            call.c.arrived_at >= begin_of(day), call.c.arrived_at < end_of(day)
        )
        ids = list(connection.execute(of_day.limit(AT_ONCE)).scalars())
        self._keep_rollups(connection, day, ids)
        note_removal(connection, day, [CALLS, FACTS], self._now)
        connection.execute(delete(fact).where(fact.c.call_id.in_(ids)))
        # Its visits and stays go with it.
        return connection.execute(delete(call).where(call.c.id.in_(ids))).rowcount

    def _keep_rollups(self, connection: Connection, day: date, ids: Sequence[str]) -> None:
        """Have counts stand that cannot be made anew without these calls.

        Those of the day, of later hours in which a call of it joined a queue, and of the days
        after it on which a caller of it may have called again.
        """
        joined = select(func.max(visit.c.joined_at)).where(visit.c.call_id.in_(ids))
        last = connection.execute(joined).scalar() or 0
        until = max(end_of(day) + _KEPT_AFTER, last + HOUR)
        Rollups(self._history).keep(until, connection)

    def _commands(self, connection: Connection, day: date) -> int:
        note_removal(connection, day, [COMMANDS], self._now)
        of_day = command.c.issued_at >= begin_of(day), command.c.issued_at < end_of(day)
        return connection.execute(delete(command).where(*of_day)).rowcount

    # --- rows -----------------------------------------------------------------------------------

    def _rows(
        self,
        table: Table,
        key: Sequence[ColumnElement[Any]],
        where: ColumnElement[bool],
        told: Told,
    ) -> int:
        """Delete rows, some at a time."""
        done = 0
        one = key[0]
        while True:
            some = select(one).where(where).limit(AT_ONCE)
            with self._history.writing() as connection:
                gone = connection.execute(delete(table).where(where, one.in_(some))).rowcount
                if gone:
                    note_removed(connection, self._now)
            done += gone
            told(gone)
            if not gone:
                return done

    def _persons(self, before: Ms, told: Told) -> int:
        """Persons of contacts that are not open any more, and what their sources called these."""
        over = select(contact.c.id).where(contact.c.verdict != ContactVerdict.PENDING.value)
        where = (contact_person.c.updated_at < before) & contact_person.c.contact_id.in_(over)
        done = 0
        while True:
            with self._history.writing() as connection:
                some = select(contact_person.c.contact_id).where(where).limit(AT_ONCE)
                ids = list(connection.execute(some).scalars())
                forget_persons(connection, ids)
                if ids:
                    note_removed(connection, self._now)
            done += len(ids)
            told(len(ids))
            if not ids:
                return done

    def _contacts(self, before: Ms, told: Told) -> int:
        """Whole contacts that are not open, and of which nothing changed since."""
        changed = select(contact_change.c.contact_id).where(
            contact_change.c.contact_id == contact.c.id, contact_change.c.at >= before
        )
        old = select(contact.c.id).where(
            contact.c.received_at < before,
            contact.c.verdict != ContactVerdict.PENDING.value,
            ~changed.exists(),
        )
        done = 0
        while True:
            with self._history.writing() as connection:
                ids = list(connection.execute(old.limit(AT_ONCE)).scalars())
                if ids:
                    note_contacts_removal(connection, ids, self._now)
                    connection.execute(delete(contact).where(contact.c.id.in_(ids)))
                    note_removed(connection, self._now)
            done += len(ids)
            told(len(ids))
            if not ids:
                return done

    def _audit(self, before: Ms, told: Told) -> int:
        old = audit_entry.c.at < before
        with self._history.writing() as connection:
            entries = select(audit_entry.c.seq).where(old)
            connection.execute(delete(undone).where(undone.c.seq.in_(entries)))
        return self._rows(audit_entry, [audit_entry.c.seq], old, told)


def forget_persons(connection: Connection, ids: Sequence[str]) -> None:
    """Remove the persons of contacts.

    Their references become the contacts' own ids, also in their histories: a source may call a
    contact by a number or an address. Told again by its source, the contact is known by its id,
    which a digest makes. Documents of contacts do not tell the reference.
    """
    connection.execute(delete(contact_person).where(contact_person.c.contact_id.in_(ids)))
    change = contact.update().where(contact.c.id.in_(ids))
    connection.execute(change.values(reference="~" + contact.c.id))
    c = contact_change.c
    query = select(c["contact_id", "version", "before", "after"]).where(c.contact_id.in_(ids))
    for row in connection.execute(query).all():
        texts = [_without_reference(row.contact_id, text) for text in (row.before, row.after)]
        if texts != [row.before, row.after]:
            where = c.contact_id == row.contact_id, c.version == row.version
            new = contact_change.update().where(*where)
            connection.execute(new.values(before=texts[0], after=texts[1]))


def _without_reference(id_: str, text: str) -> str:
    facts = orjson.loads(text)
    return as_text({**facts, "reference": f"~{id_}"}) if "reference" in facts else text


def _old_rows(
    kind: Kind, before: Ms
) -> Iterator[tuple[Table, list[ColumnElement[Any]], ColumnElement[bool]]]:
    """Tables of which a kind's old rows go, their key, and which."""
    match kind:
        case Kind.ALERTS:
            yield alert, [alert.c.id], alert.c.ended_at < before
        case Kind.MESSAGES:
            yield dead_letter, [dead_letter.c.seq], dead_letter.c.at < before
            yield outbox, [outbox.c.seq], outbox.c.noted_at < before
        case Kind.REPORT_MAILS:
            # A schedule's mails of one period go together.
            yield report_mail, [report_mail.c.schedule], report_mail.c.at < before


def _first_day(connection: Connection, kind: Kind) -> date | None:
    """The first day of which something of a kind is in the record."""
    if kind is Kind.DECISIONS:
        first = connection.execute(select(func.min(command.c.issued_at))).scalar()
        return None if first is None else day_of(first)
    if kind is Kind.CALLS:
        first = connection.execute(select(func.min(call.c.arrived_at))).scalar()
        return None if first is None else day_of(first)
    since = mark(connection, f"purge:{kind.value}")
    first = connection.execute(
        select(func.min(call.c.arrived_at)).where(call.c.arrived_at >= since)
    ).scalar()
    return None if first is None else day_of(first)
