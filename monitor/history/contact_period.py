"""The figures of other channels in a period, added up by the database."""

from datetime import tzinfo
from typing import Any, Final

from sqlalchemy import Connection, func, select

from monitor.core.clock import Ms
from monitor.core.contact_period import ContactPart, OtherChannels, SurveyPart
from monitor.core.contact_tallies import ContactTally, SatisfactionTally
from monitor.core.contacts import Channel, ContactReason, ContactVerdict
from monitor.core.promises import PromiseKind
from monitor.history.contact_tables import contact
from monitor.history.rollup_queries import judging_queue
from monitor.history.tables import call

_BY: Final = ("pbx", "queue", "channel", "promise", "span", "verdict", "reason")


def other_channels(
    connection: Connection, since: Ms, until: Ms, zone: tzinfo, *, by_queue: bool
) -> OtherChannels:
    """The figures of ``since`` ≤ t < ``until`` (ms), as they stand.

    Args:
        connection: a transaction that reads.
        since: the first moment.
        until: the first moment after the period.
        zone: whose months they are.
        by_queue: whether what callers answered is told by queue, which takes longer.

    Raises:
        TooManyBucketsError: the period has too many months.
    """
    found = OtherChannels(since, until, zone)
    for number, month in enumerate(found.months):
        _add_contacts(connection, found, number, month.begin, month.end)
        _add_answers(connection, found, number, month.begin, month.end, by_queue=by_queue)
    return found


def _add_contacts(
    connection: Connection, found: OtherChannels, month: int, since: Ms, until: Ms
) -> None:
    c = contact.c
    took = c.answered_at - c.received_at
    query = select(
        *c[_BY], func.count().label("many"), func.count(took).label("answered"),
        func.coalesce(func.sum(took), 0).label("took"),
        func.count().filter(c.corrections > 0).label("corrected"),
    ).where(c.received_at >= since, c.received_at < until)  # fmt: skip
    for row in connection.execute(query.group_by(*c[_BY])):
        part = ContactPart(
            row.pbx, row.queue, Channel(row.channel), month, PromiseKind(row.promise), row.span
        )
        _add(found.contacts.setdefault(part, ContactTally()), row)


def _add(tally: ContactTally, row: Any) -> None:  # noqa: ANN401 - a row
    verdict, reason = ContactVerdict(row.verdict), ContactReason(row.reason)
    setattr(tally, verdict.value, getattr(tally, verdict.value) + row.many)
    tally.corrected += row.corrected
    if reason is ContactReason.NOT_ANSWERED:
        tally.overdue += row.many
    if verdict is ContactVerdict.EXCLUDED:
        tally.exclusions[reason] += row.many
    else:
        tally.answered += row.answered
        tally.answer_time += int(row.took)


def _add_answers(
    connection: Connection, found: OtherChannels, month: int, since: Ms, until: Ms, *,
    by_queue: bool,
) -> None:  # fmt: skip
    asked = call.c.satisfaction.is_not(None), call.c.satisfaction_best.is_not(None)
    query = select(call.c.satisfaction, call.c.satisfaction_best)
    if by_queue:
        query = query.add_columns(call.c.pbx, judging_queue().label("queue"))
    rows = query.where(*asked, call.c.arrived_at >= since, call.c.arrived_at < until).subquery()
    counted = select(*rows.c, func.count().label("many")).group_by(*rows.c)
    for row in connection.execute(counted):
        part = SurveyPart(row.pbx, row.queue, month) if by_queue else SurveyPart("", "", month)
        tally = found.surveys.setdefault(part, SatisfactionTally())
        tally.count(row.satisfaction, row.satisfaction_best, row.many)
