"""Rollups by the day: the sums of each day's hours.

Revision: 0012. A released revision is never edited: what changes comes as a new one.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from monitor.history.migrations.versions.r0008_rollups import (
    CALL_COUNTS,
    VISIT_COUNTS,
    VOICE_COUNTS,
)

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the tables, and mark all hours: a day is added up when its hours are rolled."""
    _create("rollup_call", ("pbx", "queue"), ("policy_version", "within"), CALL_COUNTS)
    _create("rollup_visit", ("pbx", "queue"), (), VISIT_COUNTS)
    _create("rollup_voice", ("pbx", "name"), (), VOICE_COUNTS)
    waits = _column("seconds", sa.LargeBinary()), _column("longer", sa.Text())
    _create("rollup_waits", ("pbx", "queue", "kind"), (), (), waits)
    op.execute(
        "INSERT INTO rollup_due (hour) SELECT hour FROM rollup_call"
        " UNION SELECT hour FROM rollup_visit"
    )


def _create(
    name: str,
    texts: tuple[str, ...],
    numbers: tuple[str, ...],
    counts: tuple[str, ...],
    rest: "tuple[sa.Column[bytes] | sa.Column[str], ...]" = (),
) -> None:
    op.create_table(
        f"{name}_day",
        _column("day", sa.BigInteger()),
        *(_column(key, sa.Text()) for key in texts),
        *(_column(number, sa.BigInteger()) for number in (*numbers, *counts)),
        *rest,
        sa.PrimaryKeyConstraint("day", *texts, *numbers, name=op.f(f"pk_{name}_day")),
        sqlite_with_rowid=False,
    )


def _column(name: str, type_: "sa.types.TypeEngine[Any]") -> "sa.Column[Any]":
    return sa.Column(name, type_, nullable=False, autoincrement=False)
