"""The record of overflow: rules, decisions, commands, what is on, the switch, who did what.

Decisions, commands and standing actions are written by :class:`monitor.history.HistoryWriter`;
what people set is written here, at once, with its audit entry in the same transaction.
"""

from sqlalchemy import insert, select, update

from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Outcome, Standing
from monitor.core.overflow.engine import Switch
from monitor.history.audit import AuditEntry, AuditRecord, Via, append
from monitor.history.database import History
from monitor.history.overflow_log import OverflowLog
from monitor.history.overflow_rows import standing_of
from monitor.history.overflow_rules import RuleRecord
from monitor.history.overflow_tables import command, standing, switch


class OverflowRecord:
    """Overflow in the database. Methods block; an event loop runs them in a thread.

    ``rules``, ``log`` and ``audit`` are its parts. All raise ``SQLAlchemyError`` when the database
    cannot be used.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self.rules = RuleRecord(history)
        self.log = OverflowLog(history)
        self.audit = AuditRecord(history)

    def standing(self) -> list[Standing]:
        """The lasting actions that are on, for ``Overflow.restore``; oldest first."""
        query = select(standing).order_by(standing.c.since, *standing.primary_key)
        with self._history.reading() as connection:
            return [standing_of(row) for row in connection.execute(query).mappings()]

    def switch(self) -> Switch:
        """The big red switch as it was left; on, when nobody ever turned it."""
        with self._history.reading() as connection:
            row = connection.execute(select(switch)).mappings().one_or_none()
        if row is None:
            return Switch()
        return Switch(on=row["on"], by=row["by"], at=row["at"], note=row["note"])

    def turn(self, turned: Switch, via: Via) -> None:
        """Remember how the switch was turned."""
        values = {"on": turned.on, "by": turned.by, "at": turned.at, "note": turned.note}
        with self._history.writing() as connection:
            row = connection.execute(select(switch)).mappings().one_or_none()
            if row is None:
                connection.execute(insert(switch).values(id=1, **values))
            else:
                connection.execute(update(switch).values(values))
            before = {"on": True if row is None else row["on"]}
            after = {"on": turned.on, "note": turned.note}
            entry = AuditEntry(
                turned.at, turned.by, via, "switch_turned", "overflow", before, after
            )
            append(connection, entry)

    def end_pending(self, at: Ms) -> int:
        """Close commands whose outcome nobody saw because the monitor stopped; at its start.

        Args:
            at: the moment of the start (ms).

        Returns:
            How many there were.
        """
        pending = command.c.outcome == Outcome.PENDING.value
        values = {"outcome": Outcome.NOT_OBSERVED.value, "observed_at": at}
        with self._history.writing() as connection:
            return connection.execute(update(command).where(pending).values(values)).rowcount
