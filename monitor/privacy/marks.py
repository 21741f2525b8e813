"""How far purging has come, kept beside the marks of evidence."""

from typing import Final

from sqlalchemy import Connection, delete, insert, select

from monitor.core.clock import Ms
from monitor.history.evidence_tables import evidence_mark

UNCLEAN: Final = "purge:unclean"
"""Since when (ms) unused parts of the files may hold what was removed; 0: they do not."""
REWRITTEN: Final = "purge:rewritten"
"""When the files were last written anew."""


def mark(connection: Connection, name: str) -> Ms:
    """A mark; 0 where there is none."""
    query = select(evidence_mark.c.value).where(evidence_mark.c.name == name)
    return connection.execute(query).scalar() or 0


def set_mark(connection: Connection, name: str, value: Ms) -> None:
    """Set a mark."""
    connection.execute(delete(evidence_mark).where(evidence_mark.c.name == name))
    connection.execute(insert(evidence_mark).values(name=name, value=value))


def note_removed(connection: Connection, now: Ms) -> None:
    """Note, in its transaction, that something is removed that unused parts may still hold."""
    if not mark(connection, UNCLEAN):
        set_mark(connection, UNCLEAN, now)
