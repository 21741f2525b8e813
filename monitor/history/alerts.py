"""Alerts that somebody acknowledged: by whom, when, and whether they are over.

Others are not stored: what is still so after a restart is raised again, by itself.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, RowMapping, Text, insert, select, update
from sqlmodel import Field

from monitor.core.alerts import Alert, AlertKind, Params
from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, Who, append
from monitor.history.database import History
from monitor.history.tables import HistoryTable


class AlertRow(HistoryTable, table=True):
    """An acknowledged alert: the fields of :class:`monitor.core.alerts.Alert`; params as JSON."""

    __tablename__ = "alert"

    id: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(sa_type=Text)
    pbx: str = Field(sa_type=Text)
    queue: str = Field(sa_type=Text)
    call_id: str = Field(sa_type=Text)
    raised_at: int = Field(sa_type=BigInteger)
    ended_at: int | None = Field(sa_type=BigInteger, index=True)
    acknowledged_by: str = Field(sa_type=Text)
    acknowledged_at: int = Field(sa_type=BigInteger)
    params: str = Field(sa_type=Text)


alert = AlertRow.__table__  # type: ignore[attr-defined]


class AlertRecord:
    """Acknowledged alerts in the database. Methods block; an event loop runs them in a thread.

    All raise ``SQLAlchemyError`` when the database cannot be used.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def acknowledged(self, alerts: Sequence[Alert], who: Who) -> None:
        """Store that somebody acknowledged alerts, with an entry in the audit trail for each.

        One that is stored already stays as it is: the first who acknowledged it counts.
        """
        with self._history.writing() as connection:
            ids = [found.id for found in alerts]
            known = select(alert.c.id).where(alert.c.id.in_(ids))
            stored = set(connection.execute(known).scalars())
            for found in alerts:
                if found.id in stored:
                    continue
                connection.execute(insert(alert).values(_values(found)))
                after = {"kind": found.kind.value, "raised_at": found.raised_at}
                append(
                    connection,
                    AuditEntry(
                        found.acknowledged_at or found.raised_at,
                        who.by, who.via, "alert_acknowledged", found.id, None, after,
                    ),
                )  # fmt: skip

    def ended(self, ids: Iterable[str], at: Ms) -> None:
        """Note that alerts are over, since ``at`` (ms) or a moment before."""
        over = alert.c.id.in_(list(ids)) & alert.c.ended_at.is_(None)
        with self._history.writing() as connection:
            connection.execute(update(alert).where(over).values(ended_at=at))

    def lasting(self) -> list[Alert]:
        """The alerts that were not over when last heard of, oldest first, for ``recall``."""
        query = select(alert).where(alert.c.ended_at.is_(None)).order_by(alert.c.raised_at)
        with self._history.reading() as connection:
            return [_alert_of(row) for row in connection.execute(query).mappings()]


def _values(found: Alert) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind.value,
        "pbx": found.pbx,
        "queue": found.queue,
        "call_id": found.call_id,
        "raised_at": found.raised_at,
        "ended_at": found.ended_at,
        "acknowledged_by": found.acknowledged_by,
        "acknowledged_at": found.acknowledged_at,
        "params": orjson.dumps(_without_number(found.params)).decode(),
    }


def _without_number(params: Params) -> Params:
    """A caller's number stands in the record of the call alone, where it is found and erased."""
    return {name: value for name, value in params.items() if name != "caller"}


def _alert_of(row: RowMapping) -> Alert:
    values = dict(row)
    values["kind"] = AlertKind(values["kind"])
    values["params"] = orjson.loads(values["params"])
    return Alert(**values)
