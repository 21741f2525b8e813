"""The tables of rollups: what an hour's calls, visits and voice server stays add up to.

``hour`` is the number of the hour since the epoch, UTC. A call belongs to the hour in which it
arrived, a visit to the one in which it joined. A row may be made anew from the calls at any time,
the same in every byte. What each column counts is said by the field of that name in
:mod:`monitor.core.tallies`.

Whoever writes calls marks the hours that change, in the same transaction
(:mod:`monitor.history.rollup_marks`): their rows are not believed until they are rolled. Beside the
hours stand the sums of whole days (``day``, since the epoch, UTC), believed where no hour of the
day is marked.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from monitor.core.records import Exit, Reason
from monitor.history.migrations.versions.r0008_rollups import (
    CALL_COUNTS,
    VISIT_COUNTS,
    VOICE_COUNTS,
)
from monitor.history.tables import HistoryTable

REASONS: Final = tuple(reason for reason in Reason if reason is not Reason.NONE)
EXITS: Final = tuple(Exit)
COMMITMENT_WAITS: Final = "commitment"
"""``kind`` of the waits of calls met, or breached and handled late."""
ANSWERED_WAITS: Final = "answered"
"""``kind`` of the waits of answered visits."""
LONGEST: Final = "longest_wait"
"""The one count that is a maximum, not a sum."""


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger(), nullable=False, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text(), nullable=False)


def _rollup(
    name: str,
    counts: tuple[str, ...],
    *keys: Column[int] | Column[str],
    rest: Sequence[Column[Any]] = (),
) -> Table:
    return Table(
        name,
        HistoryTable.metadata,
        _number("hour"),
        *keys,
        *(Column(count, BigInteger(), nullable=False) for count in counts),
        *rest,
        PrimaryKeyConstraint("hour", *(key.name for key in keys)),
        sqlite_with_rowid=False,
    )


rollup_call = _rollup(
    "rollup_call",
    CALL_COUNTS,
    *(_text("pbx"), _text("queue"), _number("policy_version"), _number("within")),
)
"""Calls by the queue that judges them, their policy version and threshold."""
rollup_visit = _rollup("rollup_visit", VISIT_COUNTS, _text("pbx"), _text("queue"))
rollup_voice = _rollup("rollup_voice", VOICE_COUNTS, _text("pbx"), _text("name"))
rollup_waits = _rollup(
    "rollup_waits",
    (),
    *(_text("pbx"), _text("queue"), _text("kind")),
    rest=(Column("seconds", LargeBinary(), nullable=False), _text("longer")),
)
"""How many waits took how many seconds, see :class:`monitor.core.tallies.Histogram`: ``seconds``
holds a number of 32 bits (little end first) for each, ``longer`` a JSON object of those beyond."""


def _of_days(hours: Table) -> Table:
    first, *others = hours.primary_key
    columns = [column for column in hours.c if column is not first]
    return Table(
        f"{hours.name}_day",
        HistoryTable.metadata,
        _number("day"),
        *(Column(c.name, c.type, nullable=False, autoincrement=False) for c in columns),
        PrimaryKeyConstraint("day", *(key.name for key in others)),
        sqlite_with_rowid=False,
    )


BY_DAY: Final = {
    table: _of_days(table) for table in (rollup_call, rollup_visit, rollup_voice, rollup_waits)
}
"""By each table of hours, that of days; its other columns are the same."""

rollup_due = Table(
    "rollup_due",
    HistoryTable.metadata,
    Column(
        "mark",
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    _number("hour"),
)
"""Marks: the calls of these hours have changed since their rows were made."""
Index("ix_rollup_due_hour", rollup_due.c.hour)

rollup_kept = Table(
    "rollup_kept", HistoryTable.metadata, _number("hour"), PrimaryKeyConstraint("hour")
)
"""One row: the rows of hours before this one stand as they are, as calls of them were removed."""

rollup_writer = Table(
    "rollup_writer", HistoryTable.metadata, _text("writer"), PrimaryKeyConstraint("writer")
)
"""One row: who marked last; whoever else does must not trust what it remembers of calls."""
