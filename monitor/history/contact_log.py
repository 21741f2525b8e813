"""Reading contacts: pages, one with its history, what is overdue, and figures of a range."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from monitor.core.buckets import Bucket, Step, bucket_of, buckets
from monitor.core.clock import Ms
from monitor.core.contact_tallies import ContactTally, SatisfactionTally
from monitor.core.contacts import (
    Channel,
    Contact,
    ContactReason,
    ContactVerdict,
    Overdue,
    Person,
)
from monitor.history.audit import Via
from monitor.history.contact_rows import PERSONAL, contact_of, person_of
from monitor.history.contact_tables import contact, contact_change, contact_person
from monitor.history.database import History
from monitor.history.keyset import Keyset, check_limit
from monitor.history.queries import Queues, in_queues, plain_columns
from monitor.history.tables import call, visit

_OVERDUE: Final = contact.c.reason == literal_column(f"'{ContactReason.NOT_ANSWERED.value}'")
"""Written out, not bound: only so a database knows that the partial index is meant."""


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts are asked for; what is None does not matter.

    ``since`` ≤ reception < ``until`` (ms). ``overdue``: the deadline passed, and nobody answered.
    ``at_risk``: three quarters of its time were over before it was decided, if it is.
    ``open``: somebody waits for an answer, overdue or not; the first deadline comes first then.
    ``queues``: who asks sees these only; a contact of no PBX is of its queue on every PBX.
    """

    since: Ms | None = None
    until: Ms | None = None
    channel: Channel | None = None
    verdict: ContactVerdict | None = None
    pbx: str | None = None
    queue: str | None = None
    team: str | None = None
    source: str | None = None
    reference: str | None = None
    call: str | None = None
    overdue: bool | None = None
    open: bool | None = None
    at_risk: bool | None = None
    queues: Queues | None = None


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact with what is personal in it."""

    contact: Contact
    person: Person


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Contacts in the order of their list; ``next_cursor`` is None at the end."""

    contacts: list[KnownContact]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One version of a contact: who made it (by which way), when (ms) and what it changed."""

    version: int
    at: Ms
    by: str
    via: Via
    what: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(slots=True)
class ContactCounts:
    """What is open now, by channel."""

    pending: dict[Channel, int] = field(default_factory=dict)
    at_risk: dict[Channel, int] = field(default_factory=dict)
    overdue: dict[Channel, int] = field(default_factory=dict)


@dataclass(slots=True)
class ContactFigures:
    """The figures of ``since`` ≤ reception < ``until``; months are the centre's."""

    since: Ms
    until: Ms
    total: ContactTally = field(default_factory=ContactTally)
    by_channel: dict[Channel, ContactTally] = field(default_factory=dict)
    by_queue: dict[tuple[str, str], ContactTally] = field(default_factory=dict)
    by_month: list[tuple[Bucket, ContactTally]] = field(default_factory=list)


@dataclass(slots=True)
class SatisfactionFigures:
    """What callers answered whose calls arrived in ``since`` ≤ t < ``until``."""

    since: Ms
    until: Ms
    total: SatisfactionTally = field(default_factory=SatisfactionTally)
    by_month: list[tuple[Bucket, SatisfactionTally]] = field(default_factory=list)


class ContactLog:
    """Reads contacts. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._plain = plain_columns(history.engine.dialect.name)

    def page(
        self, wanted: ContactFilter, *, limit: int = 50, cursor: str | None = None
    ) -> ContactPage:
        """A page: the last received first; of open ones the first deadline.

        Raises:
            ValueError: the cursor or the limit is not valid.
        """
        check_limit(limit)
        keyset = _order(wanted)
        query = keyset.page(_known().where(*_where(wanted)), cursor, limit)
        with self._history.reading() as connection:
            rows = connection.execute(query).mappings().all()
        shown, next_cursor = keyset.cut(rows, limit)
        return ContactPage([KnownContact(contact_of(r), person_of(r)) for r in shown], next_cursor)

    def one(self, contact_id: str) -> tuple[KnownContact, list[Change]] | None:
        """One contact with all its versions, the first one first; None when there is none."""
        versions = select(contact_change).where(contact_change.c.contact_id == contact_id)
        with self._history.reading() as connection:
            query = _known().where(contact.c.id == contact_id)
            row = connection.execute(query).mappings().one_or_none()
            rows = connection.execute(versions.order_by(contact_change.c.version)).mappings().all()
        if row is None:
            return None
        return KnownContact(contact_of(row), person_of(row)), [
            Change(
                change["version"], change["at"], change["by"], Via(change["via"]), change["what"],
                orjson.loads(change["before"]), orjson.loads(change["after"]),
            )
            for change in rows
        ]  # fmt: skip

    # --- now ------------------------------------------------------------------------------------

    def next_due(self) -> Ms | None:
        """When the timer has to look next; None while nothing is pending."""
        query = select(func.min(contact.c.due_at)).where(contact.c.due_at.is_not(None))
        with self._history.reading() as connection:
            found: Ms | None = connection.execute(query).scalar_one()
        return found

    def overdue(self) -> list[Overdue]:
        """The overdue contacts, by queue."""
        at = contact.c.deadline_at
        query = (
            select(contact.c.pbx, contact.c.queue, func.count(), func.min(at), func.max(at))
            .where(_OVERDUE)
            .group_by(contact.c.pbx, contact.c.queue)
            .order_by(contact.c.pbx, contact.c.queue)
        )
        with self._history.reading() as connection:
            return [Overdue(*row) for row in connection.execute(query)]

    def counts(self, queues: Queues | None = None) -> ContactCounts:
        """What is open now, of the queues that are seen."""
        c, found = contact.c, ContactCounts()
        pending = select(c.channel, c.at_risk, func.count()).group_by(c.channel, c.at_risk)
        pending = pending.where(c.verdict == ContactVerdict.PENDING.value, _seen(queues))
        overdue = select(c.channel, func.count()).where(_OVERDUE, _seen(queues))
        overdue = overdue.group_by(self._plain(c.channel))
        with self._history.reading() as connection:
            for channel, at_risk, many in connection.execute(pending):
                for group in (found.pending, found.at_risk) if at_risk else (found.pending,):
                    group[Channel(channel)] = group.get(Channel(channel), 0) + many
            for channel, many in connection.execute(overdue):
                found.overdue[Channel(channel)] = many
        return found

    # --- figures --------------------------------------------------------------------------------

    def figures(self, wanted: ContactFilter, since: Ms, until: Ms, zone: tzinfo) -> ContactFigures:
        """The figures of a range, counted from the contacts.

        Raises:
            TooManyBucketsError: the range has too many months.
        """
        found = ContactFigures(since, until)
        months = buckets(since, until, Step.MONTH, zone)
        found.by_month = [(month, ContactTally()) for month in months]
        starts = [month.begin for month in months]
        for one in self._contacts(wanted):
            place = bucket_of(starts, one.received_at)
            for tally in (
                found.total,
                found.by_channel.setdefault(one.channel, ContactTally()),
                found.by_queue.setdefault((one.pbx, one.queue), ContactTally()),
                found.by_month[place][1],
            ):
                tally.count(one)
        found.by_channel = dict(sorted(found.by_channel.items()))
        found.by_queue = dict(sorted(found.by_queue.items()))
        return found

    def _contacts(self, wanted: ContactFilter) -> Iterator[Contact]:
        with self._history.reading() as connection:
            query = select(contact).where(*_where(wanted)).execution_options(yield_per=2_000)
            for row in connection.execute(query).mappings():
                yield contact_of(row)

    def satisfaction(
        self, since: Ms, until: Ms, zone: tzinfo, *,
        pbx: str | None = None, queue: str | None = None, queues: Queues | None = None,
    ) -> SatisfactionFigures:  # fmt: skip
        """What callers answered after their calls.

        Args:
            since: first moment of arrival (ms).
            until: first moment after the range.
            zone: whose months they are.
            pbx: only of this PBX.
            queue: only of calls that visited it.
            queues: who asks sees these only.

        Raises:
            TooManyBucketsError: the range has too many months.
        """
        found = SatisfactionFigures(since, until)
        months = buckets(since, until, Step.MONTH, zone)
        found.by_month = [(month, SatisfactionTally()) for month in months]
        starts = [month.begin for month in months]
        query = select(call.c.arrived_at, call.c.satisfaction, call.c.satisfaction_best).where(
            call.c.satisfaction.is_not(None), call.c.arrived_at >= since, call.c.arrived_at < until
        )
        if pbx is not None:
            query = query.where(self._plain(call.c.pbx) == pbx)
        # One visit of the queue that is asked for, and that is seen.
        which = [] if queue is None else [visit.c.queue == queue]
        if queues is not None:
            which.append(in_queues(queues, visit, self._plain))
        if which:
            visited = select(1).where(visit.c.call_id == call.c.id, *which)
            query = query.where(visited.exists())
        with self._history.reading() as connection:
            for at, score, best in connection.execute(query):
                month = found.by_month[bucket_of(starts, at)][1]
                for tally in (found.total, month):
                    tally.count(score, best)
        return found


def _known() -> Select[Any]:
    """Contacts with what is personal in them."""
    personal = [contact_person.c[name] for name in PERSONAL]
    beside = contact_person.c.contact_id == contact.c.id
    return select(contact, *personal).select_from(contact.outerjoin(contact_person, beside))


def _order(wanted: ContactFilter) -> Keyset:
    """The open ones are a work list; they are few, so no index has to know this order."""
    if wanted.open:
        return Keyset(contact.c.deadline_at, contact.c.id, ascending=True)
    return Keyset(contact.c.received_at, contact.c.id)


def _where(wanted: ContactFilter) -> list[ColumnElement[bool]]:
    c = contact.c
    found = [_seen(wanted.queues)]
    if wanted.since is not None:
        found.append(c.received_at >= wanted.since)
    if wanted.until is not None:
        found.append(c.received_at < wanted.until)
    for column, value in (
        (c.channel, wanted.channel and wanted.channel.value),
        (c.verdict, wanted.verdict and wanted.verdict.value),
        (c.pbx, wanted.pbx), (c.queue, wanted.queue), (c.team, wanted.team),
        (c.source, wanted.source), (c.reference, wanted.reference), (c.call_id, wanted.call),
    ):  # fmt: skip
        if value is not None:
            found.append(column == value)
    if wanted.overdue is not None:
        found.append(_OVERDUE if wanted.overdue else ~_OVERDUE)
    if wanted.at_risk is not None:
        found.append(c.at_risk.is_(wanted.at_risk))
    if wanted.open is not None:
        pending = c.verdict == ContactVerdict.PENDING.value
        # Two lists, not one condition with an "or": each is found in its own index.
        waiting = union_all(select(c.id).where(pending), select(c.id).where(_OVERDUE))
        found.append(c.id.in_(waiting) if wanted.open else ~or_(pending, _OVERDUE))
    return found


def _seen(queues: Queues | None) -> ColumnElement[bool]:
    """Contacts of queues that are seen; one of no PBX is seen with its queue on any PBX."""
    if queues is None:
        return true()
    return or_(
        and_(contact.c.pbx == "", contact.c.queue.in_({queue for _, queue in queues})),
        *(
            and_(contact.c.queue == queue, contact.c.pbx == pbx if pbx else true())
            for pbx, queue in sorted(queues)
        ),
    )
