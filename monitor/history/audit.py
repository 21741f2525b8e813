"""Who did what: entries are added in the transaction of the change that they are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from monitor.core.clock import Ms
from monitor.history.database import History
from monitor.history.keyset import Keyset, check_limit
from monitor.history.overflow_tables import audit_entry


class Via(StrEnum):
    """By which way somebody acted."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - no secret
    MQTT = "mqtt"
    CLI = "cli"
    MONITOR = "monitor"
    """The monitor itself: what the settings file seeds."""


@dataclass(frozen=True, slots=True)
class Who:
    """A person or a program that acts: their name, and the way."""

    by: str
    via: Via


MONITOR = Who("configuration", Via.MONITOR)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. ``what`` is a stable code (``rule_changed``), ``subject`` names the thing.

    ``before`` and ``after`` are JSON objects; None where there was nothing. ``seq`` is 0 until the
    entry is stored.
    """

    at: Ms
    by: str
    via: Via
    what: str
    subject: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are asked for; what is None does not matter. ``since`` ≤ at < ``until``."""

    since: Ms | None = None
    until: Ms | None = None
    by: str | None = None
    what: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first; ``next_cursor`` is None at the end."""

    entries: list[AuditEntry]
    next_cursor: str | None


class AuditRecord:
    """The trail. Methods block; an event loop runs them in a thread."""

    def __init__(self, history: History) -> None:
        self._history = history

    def add(self, entry: AuditEntry) -> None:
        """Add an entry about something that is not in this database.

        Raises:
            SQLAlchemyError: the database cannot be used now.
        """
        with self._history.writing() as connection:
            append(connection, entry)

    def entries(
        self, wanted: AuditFilter | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> AuditPage:
        """A page of entries, newest first.

        Args:
            wanted: which entries; all when None.
            limit: how many, 1 to 500.
            cursor: ``next_cursor`` of the page before, under the same filter.

        Raises:
            ValueError: the cursor or the limit is not valid.
        """
        check_limit(limit)
        wanted = wanted or AuditFilter()
        columns = audit_entry.c
        keyset = Keyset(columns.at, columns.seq)
        query = keyset.page(select(audit_entry), cursor, limit)
        if wanted.since is not None:
            query = query.where(columns.at >= wanted.since)
        if wanted.until is not None:
            query = query.where(columns.at < wanted.until)
        for name in ("by", "what", "subject"):
            value = getattr(wanted, name)
            if value is not None:
                query = query.where(columns[name] == value)
        with self._history.reading() as connection:
            rows = connection.execute(query).mappings().all()
        shown, next_cursor = keyset.cut(rows, limit)
        return AuditPage([entry_of(dict(row)) for row in shown], next_cursor)


def append(connection: Connection, entry: AuditEntry) -> None:
    """Add an entry within a transaction of the caller's."""
    connection.execute(
        insert(audit_entry).values(
            at=entry.at,
            by=entry.by,
            via=entry.via.value,
            what=entry.what,
            subject=entry.subject,
            before=json_text(entry.before),
            after=json_text(entry.after),
        )
    )


def json_text(value: Mapping[str, Any] | None) -> str | None:
    """A JSON object as text, always the same for the same object."""
    if value is None:
        return None
    return orjson.dumps(dict(value), option=orjson.OPT_SORT_KEYS).decode()


def entry_of(values: dict[str, Any]) -> AuditEntry:
    """An entry as its row has it; takes the values over."""
    for name in ("before", "after"):
        values[name] = None if values[name] is None else orjson.loads(values[name])
    return AuditEntry(via=Via(values.pop("via")), **values)
