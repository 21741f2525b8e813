"""The tables of agents' time.

``at`` is when an hour began (ms); time belongs to the hour in which it passed. ``team`` is the
agent's team of that time. ``agent`` is empty for all agents of the team together; where figures of
each agent were kept, theirs stand beside it under their interfaces, and may go without harm to it.
What each column counts is said by the field of that name in :mod:`monitor.core.agent_time`.

It is a record of its own: no calls are left from which it could be made anew. Without these tables
the figures of agents' time are missing, and nothing else.
"""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text

from monitor.history.migrations.versions.r0013_agent_time import COUNTS
from monitor.history.tables import HistoryTable


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger(), nullable=False, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text(), nullable=False)


def _hours(name: str, last: str, counts: tuple[str, ...]) -> Table:
    keys = ("pbx", "team", "agent", last)
    return Table(
        name,
        HistoryTable.metadata,
        _number("at"),
        *(_text(key) for key in keys),
        *(_number(count) for count in counts),
        PrimaryKeyConstraint("at", *keys),
        sqlite_with_rowid=False,
    )


def _names(name: str) -> Table:
    return Table(
        name,
        HistoryTable.metadata,
        *(_text(column) for column in ("pbx", "agent", "name")),
        PrimaryKeyConstraint("pbx", "agent"),
    )


agent_time = _hours("agent_time", "queue", COUNTS)
"""What agents did; ``queue`` is empty for what is of none, such as waiting for a caller."""
agent_pause = _hours("agent_pause", "reason", ("paused",))
"""``paused`` of the same hours by the reason that was given."""
agent_present = _names("agent_present")
"""Who was logged in when agents' time was stored last: after a restart they are unobserved."""
agent_name = _names("agent_name")
"""What the agents in ``agent_time`` are called; only where figures of each agent are kept."""
agent_time_mark = Table(
    "agent_time_mark",
    HistoryTable.metadata,
    _text("pbx"),
    _number("until"),
    PrimaryKeyConstraint("pbx"),
)
"""Up to when (the PBX's clock) agents' time is stored."""
