"""Sealing: day after day, once a day is over and its calls are, beside everything else.

How a day is sealed while calls are being stored: first it is announced, so that from then on what
changes keeps what it was (:mod:`monitor.history.evidence_keeping`), and what is sealed is the day
as it was then. All of it is read in one transaction, in steps that give way; the seal is written in
a short one. Where a call changed in between of which the seal tells an amendment, it is read again.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, bindparam, false, func, select, update
from sqlalchemy.exc import IntegrityError

from monitor.core.clock import DAY, HOUR, Ms
from monitor.evidence.amendments import Amendment, digests_of, why_amended
from monitor.evidence.chain import (
    BLIND,
    CALLS,
    COMMANDS,
    CONTACTS,
    FACTS,
    GENESIS,
    POLICIES,
    Seal,
    begin_of,
    digest_of,
    end_of,
    part_of,
)
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.database import History
from monitor.history.evidence_contacts import contact_documents
from monitor.history.evidence_keeping import whole_calls
from monitor.history.evidence_reading import (
    STEP,
    blind_documents,
    call_documents,
    command_documents,
    entry_of,
    policy_documents,
)
from monitor.history.evidence_record import (
    Pending,
    Told,
    add_seal,
    announce,
    first_day,
    last_seal,
    pending_changes,
    pending_ids,
    removals,
    times_changed,
)
from monitor.history.messages import OutboxMessage
from monitor.history.outbox import send
from monitor.history.rollup_marks import mark_callers
from monitor.history.tables import call

GRACE: Final[Ms] = 26 * HOUR
"""How long after its end a day is sealed: what a nightly reconciliation finds is in it."""
PATIENCE: Final[Ms] = 7 * DAY
"""Calls that are not over so long after their day are left out; an amendment tells them later."""
MOST_AMENDED: Final = 10_000
"""Amendments in one seal, stored in a second; the next tells the rest."""
TRIES: Final = 5
GIVEN: Final = 3.0
"""So many times as long as it worked, sealing rests: others have three quarters of a core."""
log = logging.getLogger("minuteur.evidence")


class Waits(StrEnum):
    """Why the next day is not sealed yet."""

    NOTHING = "nothing"
    """There is nothing in the record."""
    KEY = "key"
    """There is no key of the pseudonyms."""
    GRACE = "grace"
    LIVE_CALLS = "live_calls"
    BUSY = "busy"
    """The day's calls go on changing, or another process seals it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The next day to be sealed, and why it is not yet; ``until`` (ms) where that is known."""

    why: Waits
    day: date | None = None
    until: Ms | None = None
    live: int = 0


@dataclass(slots=True)
class _Read:
    """A day as it was read, before it is sealed."""

    digests: dict[str, list[bytes]]
    told: list[Told] = field(default_factory=list)
    removed: list[tuple[date, str]] = field(default_factory=list)


class Sealer:
    """Seals days. Methods block: they belong into a thread of their own.

    Args:
        history: the record.
        now: the monitor's clock (ms since the epoch).
        rest: sleeps for some seconds; gives way to others.
        message: what other programs are told of a new seal, stored with it; None: nobody listens.
    """

    def __init__(
        self,
        history: History,
        now: Callable[[], Ms],
        rest: Callable[[float], None] = time.sleep,
        message: Callable[[Seal, Ms], OutboxMessage] | None = None,
    ) -> None:
        self._message = message
        self._history = history
        self._now = now
        self._rest = rest

    def waiting(self) -> Waiting | None:
        """Why the next day is not sealed; None: it can be.

        Raises:
            SQLAlchemyError: the database cannot be read.
        """
        with self._history.reading() as connection:
            day = _next_day(connection, last_seal(connection))
            if day is None:
                return Waiting(Waits.NOTHING)
            due = end_of(day) + GRACE
            if self._now() < due:
                return Waiting(Waits.GRACE, day, due)
            if self._history.pseudonyms is None:
                return Waiting(Waits.KEY, day)
            live = _live_calls(connection, day)
            if live and self._now() < end_of(day) + PATIENCE:
                return Waiting(Waits.LIVE_CALLS, day, end_of(day) + PATIENCE, live)
        return None

    def seal_next(self) -> Seal | Waiting:
        """Seal the next day, if it is time.

        Raises:
            SQLAlchemyError: the database cannot be used; nothing is sealed.
        """
        day: date | None = None
        for _ in range(TRIES):
            waiting, pseudonyms = self.waiting(), self._history.pseudonyms
            if waiting is not None or pseudonyms is None:
                return waiting or Waiting(Waits.KEY)
            with self._history.reading() as connection:
                last = last_seal(connection)
                day = _next_day(connection, last)
            if day is None:
                return Waiting(Waits.NOTHING)
            self._fill_keys(day, pseudonyms)
            with self._history.writing() as connection:
                announce(connection, day)
            read = self._read(day, pseudonyms)
            new = _seal(day, last, read, pseudonyms.key_id)
            if self._write(new, last, read):
                log.info(
                    "Sealed %s: %s calls, %s amendments. Head of the chain: %s",
                    day, new.parts[CALLS].count, new.amendments.count, new.head,
                )  # fmt: skip
                return new
        return Waiting(Waits.BUSY, day)

    def _fill_keys(self, day: date, pseudonyms: Pseudonyms) -> None:
        """Give the calls of a day their callers' pseudonyms: those stored before there were any."""
        day_begin, day_end = begin_of(day), end_of(day)
        wanted = (
            select(call.c.id, call.c.arrived_at, call.c.caller)
            .where(call.c.arrived_at >= day_begin, call.c.arrived_at < day_end)
            .where(call.c.caller_key == "", call.c.caller != "")
        )
        with self._history.reading() as connection:
            found = [
                (row.id, row.arrived_at, key)
                for row in connection.execute(wanted)
                if (key := pseudonyms.caller(row.caller))
            ]
        where = call.c.id == bindparam("of"), call.c.caller_key == ""
        fill = update(call).where(*where).values(caller_key=bindparam("key"))
        for start in range(0, len(found), STEP):
            began = time.perf_counter()
            part = found[start : start + STEP]
            with self._history.writing() as connection:
                connection.execute(fill, [{"of": id_, "key": key} for id_, _, key in part])
                mark_callers(connection, [(at, "", key) for _, at, key in part])
            self._give_way(began)

    def _read(self, day: date, pseudonyms: Pseudonyms) -> _Read:
        with self._history.reading() as connection:
            read = _Read(
                {
                    CALLS: [],
                    FACTS: [],
                    BLIND: list(map(digest_of, blind_documents(connection, day))),
                    POLICIES: [
                        digest_of(document)
                        for document in policy_documents(connection, day, pseudonyms)
                    ],
                    COMMANDS: list(map(digest_of, command_documents(connection, day))),
                }
            )
            began = time.perf_counter()
            for entries in call_documents(connection, day, pseudonyms):
                for entry in entries:
                    read.digests[CALLS].append(digest_of(entry.document))
                    if entry.facts:
                        read.digests[FACTS].append(digest_of(entry.facts))
                began = self._give_way(began)
            contacts = contact_documents(connection, day, pseudonyms, sealing=True)
            if contacts:
                read.digests[CONTACTS] = [digest_of(entry.document) for entry in contacts]
            self._give_way(began)
            read.removed = removals(connection, untold=True)
            self._read_changes(connection, day, pseudonyms, read)
        return read

    def _read_changes(
        self, connection: Connection, day: date, pseudonyms: Pseudonyms, read: _Read
    ) -> None:
        ids = pending_ids(connection, day, MOST_AMENDED)
        for start in range(0, len(ids), STEP):
            began = time.perf_counter()
            some = pending_changes(connection, ids[start : start + STEP])
            now = {found.id: found for found in whole_calls(connection, [c.call_id for c in some])}
            for change in some:
                record = now.get(change.call_id)
                if record is not None and record.closed:
                    entry = entry_of(record, pseudonyms)
                    read.told.append(_told(change, (entry.document, entry.facts)))
            self._give_way(began)

    def _write(self, new: Seal, last: Seal | None, read: _Read) -> bool:
        """Store a seal; False: what was read does not stand any more, or somebody was faster."""
        digests = {part: b"".join(held) for part, held in read.digests.items()}
        try:
            with self._history.writing() as connection:
                if last_seal(connection) != last or not _stands(connection, read):
                    return False
                at = self._now()
                add_seal(connection, new, digests, read.told, at)
                if self._message is not None:
                    send(connection, self._message(new, at), at)
        except IntegrityError:
            return False
        return True

    def _give_way(self, began: float) -> float:
        now = time.perf_counter()
        self._rest((now - began) * GIVEN)
        return time.perf_counter()


def _next_day(connection: Connection, last: Seal | None) -> date | None:
    return first_day(connection) if last is None else last.day + timedelta(days=1)


def _live_calls(connection: Connection, day: date) -> int:
    """The day's own: for one of an earlier day, that day has waited."""
    begin, end = begin_of(day), end_of(day)
    live = select(func.count()).select_from(call).where(call.c.closed == false())
    live = live.where(call.c.arrived_at >= begin, call.c.arrived_at < end)
    return connection.execute(live).scalar_one()


def _seal(day: date, last: Seal | None, read: _Read, key: str) -> Seal:
    lines = [item.amendment.line() for item in read.told if item.amendment is not None]
    return Seal(
        day=day,
        number=1 if last is None else last.number + 1,
        previous=GENESIS if last is None else last.head,
        key=key,
        parts={part: part_of(held) for part, held in read.digests.items()},
        amendments=part_of(map(digest_of, lines)),
        removed=tuple(read.removed),
    )


def _told(change: Pending, after: tuple[bytes, bytes]) -> Told:
    before = change.document, change.facts
    if before == after:
        return Told(change.call_id, change.changes, None)
    why = why_amended(before, after)
    then, now = digests_of(*before), digests_of(*after)
    amendment = Amendment(change.call_id, change.day, then, now, why)
    return Told(change.call_id, change.changes, amendment)


def _stands(connection: Connection, read: _Read) -> bool:
    """Whether the calls that are amended are still what was read of them."""
    counted = times_changed(connection, (item.call_id for item in read.told))
    return all(counted.get(item.call_id) == item.changes for item in read.told)
