"""Texts in which a number may stand although the row is not of its owner: notes, details."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Table, select, update

from monitor.history.alerts import alert
from monitor.history.contact_tables import contact_person
from monitor.history.lost_tables import lost_caller
from monitor.history.overflow_tables import command, dead_letter, decision, outbox
from monitor.history.tables import call, fact
from monitor.privacy.scrubbing import Eraser

_PLAIN: Final = (
    (call, "caller_name"), (call, "channel"), (command, "answer"), (lost_caller, "note"),
    (dead_letter, "error"),
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
class Place:
    """A text in which the number stands: of which row."""

    table: Table
    column: str
    key: dict[str, Any]


def texts_with(connection: Connection, eraser: Eraser) -> list[Place]:
    """All texts in which the number stands, and from which it can be taken; reads much."""
    if not eraser.digits:
        return []
    return [
        Place(table, column, key)
        for table, column in (*_PLAIN, *_JSON)
        for key, text in _texts(connection, table, column, eraser.digits)
        if _without(table, column, text, eraser) != text
    ]


def clear(connection: Connection, places: Sequence[Place], eraser: Eraser) -> Counter[str]:
    """Take the number out of texts where it still stands; how many, by table."""
    done: Counter[str] = Counter()
    for one in places:
        where = [one.table.c[name] == value for name, value in one.key.items()]
        said = one.table.c[one.column]
        text = connection.execute(select(said).where(*where)).scalar()
        if text is None:
            continue
        after = _without(one.table, one.column, text, eraser)
        if after != text:
            connection.execute(update(one.table).where(*where).values({said: after}))
            done[str(one.table.name)] += 1
    return done


def _texts(
    connection: Connection, table: Table, column: str, digits: str
) -> Iterator[tuple[dict[str, Any], str]]:
    keys = [one.name for one in table.primary_key]
    said = table.c[column]
    wanted = said != "" if table.name in _SPELT else said.contains(digits)
    query = select(*table.c[tuple(keys)], said.label("said")).where(wanted)
    for row in connection.execute(query.execution_options(yield_per=1_000)).mappings():
        yield {name: row[name] for name in keys}, row["said"]


def _without(table: Table, column: str, text: str, eraser: Eraser) -> str:
    if (table, column) in _PLAIN:
        return eraser.text(text)
    before = orjson.loads(text)
    after = eraser.within(before)
    return text if after == before else orjson.dumps(after).decode()
