"""Texts in which a number may stand although the row is not of its owner: notes, details."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Table, select

from monitor.history.alerts import alert
from monitor.history.contact_tables import contact_person
from monitor.history.lost_tables import lost_caller
from monitor.history.overflow_tables import command, dead_letter, decision, outbox
from monitor.history.tables import call, fact
from monitor.privacy.scrubbing import Eraser

_PLAIN: Final = (
    (call, "caller_name"), (call, "channel"), (command, "answer"), (lost_caller, "note"),
    (contact_person, "name"), (contact_person, "email"), (contact_person, "subject"),
    (contact_person, "note"),
)  # fmt: skip
_JSON: Final = (
    (fact, "detail"), (decision, "reasons"), (command, "body"), (outbox, "payload"),
    (dead_letter, "payload"), (alert, "params"),
)  # fmt: skip
_SPELT: Final = frozenset({"contact_person", "lost_caller"})
"""People wrote these, maybe with blanks between the digits: all are read."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A text without the number: of which row, and what it is to be."""

    table: Table
    key: dict[str, Any]
    column: str
    before: str
    after: str


def changed_texts(connection: Connection, eraser: Eraser) -> list[Changed]:
    """All texts in which the number stands, as they are without it."""
    if not eraser.digits:
        return []
    found: list[Changed] = []
    for table, column in (*_PLAIN, *_JSON):
        json = (table, column) in _JSON
        for key, text in _texts(connection, table, column, eraser.digits):
            after = _without(text, eraser, json=json)
            if after != text:
                found.append(Changed(table, key, column, text, after))
    return found


def _texts(
    connection: Connection, table: Table, column: str, digits: str
) -> Iterator[tuple[dict[str, Any], str]]:
    keys = [one.name for one in table.primary_key]
    said = table.c[column]
    wanted = said != "" if table.name in _SPELT else said.contains(digits)
    query = select(*table.c[tuple(keys)], said.label("said")).where(wanted)
    for row in connection.execute(query.execution_options(yield_per=1_000)).mappings():
        yield {name: row[name] for name in keys}, row["said"]


def _without(text: str, eraser: Eraser, *, json: bool) -> str:
    if not json:
        return eraser.text(text)
    before = orjson.loads(text)
    after = eraser.within(before)
    return text if after == before else orjson.dumps(after).decode()
