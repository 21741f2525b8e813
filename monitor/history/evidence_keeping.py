"""What a sealed call was, kept in the transaction that changes it.

Days up to a mark are sealed, or are being sealed now. Whoever stores a call of these days has its
documents of before stored with it, once until a seal tells of the change. Most batches hold no such
call, and cost one look at the mark.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.clock import DAY, Ms
from monitor.core.records import Call
from monitor.evidence.amendments import NOT_KEPT
from monitor.evidence.chain import begin_of, day_of
from monitor.evidence.documents import call_document, facts_document
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.history.database import History
from monitor.history.evidence_tables import (
    PENDING,
    UNTIL,
    evidence_before,
    evidence_mark,
    seal,
)
from monitor.history.messages import machine_clock
from monitor.history.reader import attach, rebuild
from monitor.history.rows import CALL_COLUMNS, Row
from monitor.history.tables import call, fact, stay, visit

_ARRIVED: Final = CALL_COLUMNS.index("arrived_at")
_AT_ONCE: Final = 500
log = logging.getLogger("minuteur.evidence")


class EvidenceKeeper:
    """Keeps what sealed calls were, for a :class:`~monitor.history.store.Store`."""

    def __init__(self, history: History) -> None:
        self._pseudonyms = history.pseudonyms
        self._dialect = history.engine.dialect.name

    def keep(self, connection: Connection, calls: Sequence[Row]) -> None:
        """Before these rows of calls are stored: keep what those of sealed days are now.

        Raises:
            SQLAlchemyError: the database cannot be used now.
        """
        if not calls:
            return
        until = sealed_until(connection, lock=True)
        late = [(row[0], row[_ARRIVED]) for row in calls if row[_ARRIVED] < until]
        if late:
            # Calls of days before the chain began are in no seal: an import may bring millions.
            begin = _chain_begin(connection, until)
            late = [(id_, at) for id_, at in late if at >= begin]
        for start in range(0, len(late), _AT_ONCE):
            self._keep(connection, dict(late[start : start + _AT_ONCE]))

    def _keep(self, connection: Connection, late: dict[str, Ms]) -> None:
        pending = evidence_before.c.amended_by == PENDING
        known = select(evidence_before.c.call_id).where(
            pending, evidence_before.c.call_id.in_(late)
        )
        kept = list(connection.execute(known).scalars())
        if kept:
            # So that whoever is sealing meanwhile knows that it has changed once more.
            again = update(evidence_before).where(pending, evidence_before.c.call_id.in_(kept))
            connection.execute(again.values(changes=evidence_before.c.changes + 1))
        new = [id_ for id_ in late if id_ not in set(kept)]
        stored = {found.id: found for found in whole_calls(connection, new)}
        rows = [self._row(id_, late[id_], stored.get(id_)) for id_ in new]
        if rows:
            dialect = postgresql if self._dialect == "postgresql" else sqlite
            connection.execute(dialect.insert(evidence_before).on_conflict_do_nothing(), rows)

    def _row(self, id_: str, arrived_at: Ms, before: Call | None) -> dict[str, Any]:
        document, facts = self._documents(before)
        at = arrived_at if before is None else before.arrived_at
        return {
            "call_id": id_,
            "amended_by": PENDING,
            "day": day_of(at).isoformat(),
            "arrived_at": at,
            "kept_at": machine_clock(),
            "document": document,
            "facts": facts,
            "changes": 1,
        }

    def _documents(self, before: Call | None) -> tuple[str, str]:
        if before is None or not before.closed:
            return "", ""
        if self._pseudonyms is None:
            log.error("Without its key, what a sealed call was cannot be kept: %s", before.id)
            return NOT_KEPT, ""
        return documents_of(before, self._pseudonyms)


def documents_of(record: Call, pseudonyms: Pseudonyms) -> tuple[str, str]:
    """The documents of a closed call as text: its own, and of its facts (empty: it has none)."""
    facts = facts_document(record, pseudonyms)
    return call_document(record, pseudonyms).decode(), "" if facts is None else facts.decode()


def sealed_until(connection: Connection, *, lock: bool = False) -> Ms:
    """Up to which moment days are sealed, or are being sealed now; 0: none is.

    ``lock``: nobody moves the mark until this transaction is over.
    """
    # As text: every batch of the writer asks for it.
    query = f"SELECT value FROM {evidence_mark.name} WHERE name = '{UNTIL}'"  # noqa: S608 - ours
    if lock and connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        query += " FOR SHARE"
    return connection.exec_driver_sql(query).scalar() or 0


def _chain_begin(connection: Connection, until: Ms) -> Ms:
    """The first moment of the first sealed day; the first that is being sealed is one day."""
    first = connection.execute(select(func.min(seal.c.day))).scalar()
    return until - DAY if first is None else begin_of(date.fromisoformat(first))


def whole_calls(connection: Connection, ids: Iterable[str]) -> list[Call]:
    """Calls by their ids, with all that belongs to them, as far as they are stored."""
    ids = list(ids)
    found = rebuild(connection, select(call).where(call.c.id.in_(ids))) if ids else []
    attach(connection, found, (visit, stay, fact), [record.id for record in found])
    return found
