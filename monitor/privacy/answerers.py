"""Pseudonyms in place of agents outside calls: in their time, and where they answered contacts."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson
from sqlalchemy import Table, and_, delete, or_, select, update

from monitor.core.clock import Ms
from monitor.core.contacts import ContactVerdict
from monitor.evidence.pseudonyms import MARK
from monitor.history.agent_tables import agent_name, agent_pause, agent_time
from monitor.history.audit import json_text
from monitor.history.contact_rows import as_text
from monitor.history.contact_tables import contact, contact_change
from monitor.history.database import History
from monitor.history.overflow_tables import audit_entry
from monitor.privacy.marks import note_removed
from monitor.privacy.scrubbing import Pseudonym, purged_agent

AT_ONCE: Final = 500
ANSWERED_BY: Final = "answered_by"
Told = Callable[[int], None]


def is_name(column: Any) -> Any:  # noqa: ANN401 - a column, and a condition of it
    """Whether a name stands there, and no pseudonym."""
    return and_(column != "", ~column.startswith(MARK))


def name_nobody(
    history: History, before: Ms, agent: Pseudonym, now: Ms, told: Told
) -> Iterator[int]:
    """Put pseudonyms in place of all agents before a moment, outside calls.

    Args:
        history: the record.
        before: the moment (ms).
        agent: makes pseudonyms.
        now: the present moment (ms).
        told: is told after each transaction how many rows changed.

    Yields:
        How many rows changed, step by step.
    """
    over = contact.c.verdict != ContactVerdict.PENDING.value
    for table, column, old in (
        (agent_time, "agent", agent_time.c.at < before),
        (agent_pause, "agent", agent_pause.c.at < before),
        (contact, ANSWERED_BY, and_(contact.c.received_at < before, over)),
    ):
        said = table.c[column]
        with history.reading() as connection:
            known = select(said).where(old, is_name(said)).distinct()
            names = list(connection.execute(known).scalars())
        for name in names:
            with history.writing() as connection:
                change = update(table).where(old, said == name)
                changed = connection.execute(
                    change.values({column: purged_agent(name, agent)})
                ).rowcount
                note_removed(connection, now)
            told(changed)
            yield changed
    for table, moment in ((contact_change, "at"), (audit_entry, "at")):
        while changed := _in_histories(history, table, table.c[moment] < before, agent, now):
            told(changed)
            yield changed
    with history.writing() as connection:
        own = select(agent_time.c.agent).where(agent_time.c.agent == agent_name.c.agent)
        connection.execute(delete(agent_name).where(~own.exists()))


def _in_histories(history: History, table: Table, old: Any, agent: Pseudonym, now: Ms) -> int:  # noqa: ANN401
    """Some versions of contacts, or entries of the trail about them, that name who answered."""
    c = table.c
    named = [
        and_(column.contains(f'"{ANSWERED_BY}":"'), ~column.contains(f'"{ANSWERED_BY}":"{MARK}'),
             ~column.contains(f'"{ANSWERED_BY}":""'))
        for column in (c.before, c.after)
    ]  # fmt: skip
    write = json_text if table is audit_entry else as_text
    keys = [one.name for one in table.primary_key]
    query = select(table).where(old, or_(*named)).limit(AT_ONCE)
    with history.writing() as connection:
        rows = connection.execute(query).mappings().all()
        for row in rows:
            texts = {
                name: write(_unnamed(orjson.loads(row[name]), agent))
                for name in ("before", "after")
                if row[name] is not None
            }
            where = [c[name] == row[name] for name in keys]
            connection.execute(update(table).where(*where).values(texts))
        if rows:
            note_removed(connection, now)
    return len(rows)


def _unnamed(facts: dict[str, Any], agent: Pseudonym) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            found[name] = _unnamed(value, agent)
        elif name == ANSWERED_BY and isinstance(value, str) and value:
            found[name] = purged_agent(value, agent)
        else:
            found[name] = value
    return found
