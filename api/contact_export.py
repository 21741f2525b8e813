"""Contacts as a table, made while it is taken, so that memory does not grow with their number."""

from collections.abc import AsyncIterator
from dataclasses import fields
from typing import Any, Final

from api import contact_views
from api.csv_tables import csv_parts
from api.reading import read
from api.visibility import Scope
from monitor.history.contact_log import ContactFilter, ContactLog

AT_ONCE: Final = 50
"""Contacts that are read and written at once: some 2 ms, in which nobody else is served."""
COLUMNS: Final = (
    "source", "reference", "channel", "pbx", "queue", "team", "received_at", "deadline_at",
    "answered_at", "answered_by", "answer_time_s", "withdrawn_at", "verdict", "reason",
    "verdict_at", "overdue", "corrections", "call_id", "number", "name", "email", "subject",
    "note", "id",
)  # fmt: skip


def table(log: ContactLog, wanted: ContactFilter, scope: Scope) -> AsyncIterator[bytes]:
    """The contacts of a filter as they are shown to who asks, part by part."""
    return csv_parts(COLUMNS, _rows(log, wanted, scope))


async def _rows(
    log: ContactLog, wanted: ContactFilter, scope: Scope
) -> AsyncIterator[list[list[object]]]:
    cursor: str | None = None
    while True:
        found = await read(log.page, wanted, limit=AT_ONCE, cursor=cursor)
        items = [contact_views.contact(one, scope) for one in found.contacts]
        yield [[item[name] for name in COLUMNS] for item in items]
        cursor = found.next_cursor
        if cursor is None:
            return


def filter_words(wanted: ContactFilter) -> dict[str, Any]:
    """A filter as JSON, for the audit trail: what was asked for, and nothing that was not."""
    names = [field.name for field in fields(wanted) if field.name != "queues"]
    return {name: value for name in names if (value := getattr(wanted, name)) is not None}
