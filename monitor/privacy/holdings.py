"""How much is kept of each kind of personal data, and since when."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from monitor.core.clock import Ms
from monitor.history.alerts import alert
from monitor.history.contact_tables import contact, contact_person
from monitor.history.overflow_tables import audit_entry, command, dead_letter, decision, outbox
from monitor.history.report_tables import report_mail
from monitor.history.tables import call, stay, user, web_session
from monitor.privacy.answerers import is_name
from monitor.privacy.inventory import Described, Fixed
from monitor.privacy.marks import mark
from monitor.privacy.retention import Kind


@dataclass(frozen=True, slots=True)
class Holding:
    """How many rows hold something of a kind (None: not counted), and the oldest's moment (ms)."""

    rows: int | None = None
    oldest: Ms | None = None


_NOT_COUNTED: Final = Holding()


def holding(connection: Connection, kind: Described) -> Holding:
    """What is kept of a kind."""
    look = _LOOKS.get(kind)
    return _NOT_COUNTED if look is None else look(connection)


def _of(table: Table, moment: str, *where: Any) -> Callable[[Connection], Holding]:  # noqa: ANN401
    query = select(func.count(), func.min(table.c[moment])).select_from(table).where(*where)

    def look(connection: Connection) -> Holding:
        return Holding(*connection.execute(query).one())

    return look


def _timelines(connection: Connection) -> Holding:
    """Counting all facts of years takes too long; their days go one after the other."""
    since = mark(connection, f"purge:{Kind.TIMELINES.value}")
    first = select(func.min(call.c.arrived_at)).where(call.c.arrived_at >= since)
    return Holding(None, connection.execute(first).scalar())


def _sum(*looks: Callable[[Connection], Holding]) -> Callable[[Connection], Holding]:
    def look(connection: Connection) -> Holding:
        found = [one(connection) for one in looks]
        moments = [one.oldest for one in found if one.oldest is not None]
        return Holding(sum(one.rows or 0 for one in found), min(moments, default=None))

    return look


_LOOKS: Final[dict[Described, Callable[[Connection], Holding]]] = {
    Kind.NUMBERS: _of(call, "arrived_at", call.c.caller > ""),
    Kind.DIGITS: _of(stay, "entered_at", stay.c.inputs != "", ~stay.c.inputs.startswith("•")),
    Kind.PERSONS: _of(contact_person, "updated_at"),
    Kind.AGENTS: _of(call, "arrived_at", is_name(call.c.agent)),
    Kind.TIMELINES: _timelines,
    Kind.CALLS: _of(call, "arrived_at"),
    Kind.DECISIONS: _sum(_of(decision, "at"), _of(command, "issued_at")),
    Kind.CONTACTS: _of(contact, "received_at"),
    Kind.AUDIT: _of(audit_entry, "at"),
    Kind.ALERTS: _of(alert, "raised_at"),
    Kind.MESSAGES: _sum(_of(outbox, "noted_at"), _of(dead_letter, "at")),
    Kind.REPORT_MAILS: _of(report_mail, "at"),
    Fixed.ACCOUNTS: _of(user, "created_at"),
    Fixed.SESSIONS: _of(web_session, "created_at"),
}
