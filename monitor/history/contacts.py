"""Contacts in the database: registered once, changed with their history, breached by the clock.

What happens to a contact, its row in the history of changes, its entry in the audit trail and the
message to other programs are one transaction each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from monitor.core.clock import Ms
from monitor.core.contact_deadlines import timed
from monitor.core.contacts import (
    Contact,
    ContactError,
    ContactReason,
    ContactVerdict,
    Person,
    Raised,
    advance,
    check,
    judged,
)
from monitor.core.policy import Policy
from monitor.history.audit import AuditEntry, Via, Who, append
from monitor.history.contact_parts import known, note, send, store_person, version_row
from monitor.history.contact_rows import (
    NewContact,
    contact_of,
    differences,
    person_of,
    values_of,
)
from monitor.history.contact_tables import contact, contact_change, contact_person
from monitor.history.database import History
from monitor.history.messages import OutboxMessage
from monitor.history.policies import policy as stored_policy

DUE_AT_ONCE: Final = 200
"""Contacts that the timer looks at in one transaction."""
CLOCK: Final = Who("minuteur", Via.MONITOR)
"""Who raises what is due."""

Tell = Callable[[Contact, str, Ms, Ms], OutboxMessage]
"""Makes the message of a contact: as it is, what happened, when, and the monitor's time."""


class Outcome(StrEnum):
    """What became of a registration."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    DIFFERENT = "different"
    """Something else is registered under this reference; nothing was changed."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of one contact; ``contact`` is None where it was refused, ``error`` says why."""

    outcome: Outcome
    contact: Contact | None
    error: ContactError | None = None


@dataclass(frozen=True, slots=True)
class ContactChange:
    """What is to change: fields of the contact by name (also ``promise``), and of the person."""

    facts: Mapping[str, Any]
    person: Mapping[str, str]


class ContactConflictError(Exception):
    """Somebody else changed it meanwhile; ``current`` is its version now."""

    def __init__(self, current: int) -> None:
        super().__init__(f"It is at version {current}: read it again.")
        self.current = current


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is registered, with the contact that it makes, or why it makes none; None: not said."""

    new: NewContact
    made: Contact | ContactError | None


class ContactRecord:
    """Writes contacts. Methods block; an event loop runs them in a thread.

    All raise ``SQLAlchemyError`` when the database cannot be used; nothing has changed then.

    Args:
        history: where they are.
        tell: makes the messages to other programs; None where nobody listens.
    """

    def __init__(self, history: History, tell: Tell | None = None) -> None:
        self.history = history
        self._tell = tell

    # --- registering ----------------------------------------------------------------------------

    def register(
        self, new: Sequence[NewContact], who: Who, now: Ms, policy: Policy, *, tell: bool = True
    ) -> list[Registered]:
        """Register contacts; the same ones again change nothing.

        Args:
            new: what is registered; of two with one reference the first counts.
            who: who does it.
            now: the monitor's clock (ms).
            policy: in whose calendars and zone deadlines are counted.
            tell: False: other programs are not told, as of what happened long ago.
        """
        ready = self._begun(new, now, policy)
        try:
            with self.history.writing() as connection:
                return self._register(connection, ready, who, now, policy, tell=tell)
        except IntegrityError:
            # Two at once, on PostgreSQL: now the other one's stand there.
            with self.history.writing() as connection:
                return self._register(connection, ready, who, now, policy, tell=tell)

    def _begun(self, new: Sequence[NewContact], now: Ms, policy: Policy) -> list[_Begun]:
        """Contacts as they begin, but for known ones; no transaction waits for calendars."""
        with self.history.reading() as connection:
            stored = known(connection, [one.id for one in new])
        return [_Begun(one, None if one.id in stored else _tried(one, now, policy)) for one in new]

    def _register(
        self, connection: Connection, new: Sequence[_Begun], who: Who, now: Ms, policy: Policy,
        *, tell: bool,
    ) -> list[Registered]:  # fmt: skip
        before = known(connection, [each.new.id for each in new])
        found: list[Registered] = []
        messages: list[OutboxMessage] = []
        created: list[tuple[Contact, NewContact]] = []
        for each in new:
            one = each.new
            if one.id in before:
                stored, statement = before[one.id]
                same = statement == one.statement
                outcome = Outcome.UNCHANGED if same else Outcome.DIFFERENT
                found.append(Registered(outcome, stored))
                continue
            made = each.made or _tried(one, now, policy)
            if isinstance(made, ContactError):
                found.append(Registered(Outcome.REFUSED, None, made))
                continue
            before[one.id] = made, one.statement
            created.append((made, one))
            found.append(Registered(Outcome.CREATED, made))
            if tell and made.verdict is not ContactVerdict.PENDING:
                messages += self._messages(made, made.verdict.value, now)
        self._insert(connection, created, who, now)
        if created and who.via is not Via.MONITOR:
            told = {"contacts": len(created), "source": new[0].new.source}
            subject = found[0].contact.id if len(new) == 1 and found[0].contact else ""
            append(
                connection,
                AuditEntry(now, who.by, who.via, "contacts_registered", subject, None, told),
            )
        send(connection, messages, now)
        return found

    def _insert(
        self, connection: Connection, created: Sequence[tuple[Contact, NewContact]], who: Who,
        now: Ms,
    ) -> None:  # fmt: skip
        rows = [values_of(made) for made, _ in created]
        people = [
            {"contact_id": made.id, "updated_at": now, **asdict(one.person)}
            for made, one in created
            if one.person != Person()
        ]
        changes = [
            version_row(made, who, now, "registered", {}, values)
            for (made, _), values in zip(created, rows, strict=True)
        ]
        for values, (_, one) in zip(rows, created, strict=True):
            values |= {"contact_key": self._key(one.person), "statement": one.statement}
        for table, values_ in (
            (contact, rows), (contact_person, people), (contact_change, changes),
        ):  # fmt: skip
            if values_:
                connection.execute(insert(table), values_)

    def _key(self, person: Person) -> str:
        make = self.history.caller_key
        return "" if make is None or not person.number else make(person.number)

    # --- changing -------------------------------------------------------------------------------

    def change(
        self,
        contact_id: str,
        change: ContactChange,
        who: Who,
        now: Ms,
        policy: Policy,
        *,
        expected: int | None,
        sees: Callable[[Contact], bool] = lambda _: True,
        still: Callable[[Contact], bool] = lambda _: True,
    ) -> Contact | None:
        """Answer, withdraw, exclude or correct a contact.

        A deadline moves only where the reception or the promise is corrected: by the calendar that
        it was counted in, unless another promise is given.

        Args:
            contact_id: which.
            change: what is to change.
            who: who does it.
            now: the monitor's clock (ms).
            policy: for another promise: in whose calendars it is counted.
            expected: the version that was read; None: whatever it is.
            sees: whether who asks may see a contact, as it is and as it would be.
            still: whether a contact, as it is, is to be changed at all.

        Returns:
            The contact as it is now; None where there is none (that is seen, that is to change).

        Raises:
            ContactConflictError: it is at another version.
            ContactError: it cannot be so.
        """
        with self.history.writing() as connection:
            query = select(contact).where(contact.c.id == contact_id).with_for_update()
            row = connection.execute(query).mappings().one_or_none()
            before = None if row is None else contact_of(row)
            if before is None or not sees(before) or not still(before):
                return None
            if expected is not None and before.version != expected:
                raise ContactConflictError(before.version)
            after = self._changed(before, change.facts, now, policy)
            if not sees(after):
                message = "You do not see the queue that it would be moved to."
                raise ContactError("queue", "not_seen", message)
            person = self._change_person(connection, contact_id, change.person, now)
            if after == before and not person:
                return before
            after = replace(after, version=before.version + 1)
            self._update(connection, after, before, who, now, person)
        return after

    def _changed(
        self, before: Contact, facts: Mapping[str, Any], now: Ms, policy: Policy
    ) -> Contact:
        after = replace(before, **facts)
        if "promise" in facts:
            after = timed(after, policy)
        elif after.received_at != before.received_at:
            version = before.policy_version
            after = timed(after, stored_policy(self.history, version) or policy)
        check(after, now)
        after = judged(after, now)
        at_risk = after.at_risk and now >= after.at_risk_at
        return replace(after, at_risk=at_risk)

    def _change_person(
        self, connection: Connection, contact_id: str, wanted: Mapping[str, str], now: Ms
    ) -> list[str]:
        """Change what is personal; returns the names of what changed."""
        if not wanted:
            return []
        query = select(contact_person).where(contact_person.c.contact_id == contact_id)
        before = person_of(connection.execute(query).mappings().one_or_none())
        after = replace(before, **wanted)
        changed = [name for name, value in asdict(after).items() if value != getattr(before, name)]
        if changed:
            store_person(connection, contact_id, after, now)
        if "number" in changed:
            values = {"contact_key": self._key(after)}
            connection.execute(update(contact).where(contact.c.id == contact_id).values(values))
        return changed

    def _update(
        self, connection: Connection, after: Contact, before: Contact, who: Who, now: Ms,
        person: Sequence[str] = (),
    ) -> None:  # fmt: skip
        query = update(contact).where(contact.c.id == after.id)
        connection.execute(query.values(values_of(after)))
        old, new = differences(before, after)
        new |= dict.fromkeys(person, "changed")
        note(connection, after, who, now, _what(before, after), old, new)
        if who.via is not Via.MONITOR:
            entry = AuditEntry(now, who.by, who.via, "contact_changed", after.id, old, new)
            append(connection, entry)
        kind = _told(before, after)
        send(connection, self._messages(after, kind, now) if kind else [], now)

    # --- the clock ------------------------------------------------------------------------------

    def advance(self, now: Ms) -> list[Contact]:
        """Raise what is due at ``now``: contacts at risk, and breaches stamped with their deadline.

        Returns:
            The contacts that changed, at most ``DUE_AT_ONCE``: ask again until there are none.
        """
        changed: list[Contact] = []
        messages: list[OutboxMessage] = []
        due = select(contact).where(contact.c.due_at <= now)
        due = due.order_by(contact.c.due_at).limit(DUE_AT_ONCE)
        with self.history.reading() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return []
        with self.history.writing() as connection:
            rows = connection.execute(due.with_for_update(skip_locked=True)).mappings().all()
            for row in rows:
                before = contact_of(row)
                after, raised = advance(before, now)
                if raised is None:
                    continue
                after = replace(after, version=before.version + 1)
                connection.execute(
                    update(contact).where(contact.c.id == after.id).values(values_of(after))
                )
                old, new = differences(before, after)
                note(connection, after, CLOCK, now, raised.value, old, new)
                changed.append(after)
                messages += self._messages(after, raised.value, now)
            send(connection, messages, now)
        return changed

    def _messages(self, about: Contact, kind: str, now: Ms) -> list[OutboxMessage]:
        if self._tell is None:
            return []
        at = about.verdict_at
        if kind == Raised.AT_RISK:
            at = about.at_risk_at
        return [self._tell(about, kind, now if at is None else at, now)]


# --- what a contact is --------------------------------------------------------------------------


def begun(new: NewContact, now: Ms, policy: Policy) -> Contact:
    """A contact as it begins: with its deadline, judged at ``now``.

    Raises:
        ContactError: it cannot be so.
    """
    received = now if new.received_at is None else new.received_at
    made = Contact(
        id=new.id,
        source=new.source,
        reference=new.reference,
        channel=new.channel,
        received_at=received,
        promise=new.promise,
        deadline_at=received,
        at_risk_at=received,
        pbx=new.pbx,
        queue=new.queue,
        team=new.team,
        call_id=new.call_id,
        answered_at=new.answered_at,
        answered_by=new.answered_by,
        withdrawn_at=new.withdrawn_at,
    )
    check(made, now)
    return judged(timed(made, policy), now)


def _tried(new: NewContact, now: Ms, policy: Policy) -> Contact | ContactError:
    try:
        return begun(new, now, policy)
    except ContactError as error:
        return error


def _what(before: Contact, after: Contact) -> str:
    """What a change is called in the history."""
    if after.answered_at is not None and before.answered_at is None:
        return "answered"
    if after.withdrawn_at is not None and before.withdrawn_at is None:
        return "withdrawn"
    excluded = after.excluded is not ContactReason.NONE and before.excluded is ContactReason.NONE
    return "excluded" if excluded else "corrected"


def _told(before: Contact, after: Contact) -> str:
    """What other programs are told of a change; empty: nothing, the verdict is what it was."""
    if after.verdict is before.verdict:
        return ""
    return after.verdict.value if before.verdict is ContactVerdict.PENDING else "corrected"
