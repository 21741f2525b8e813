"""Agents' time: what agents were seen to do, by the hour. A record of its own.

Revision: 0013. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

COUNTS = (
    "talk", "hold", "wrap_up", "conversations", "ringing", "available", "busy", "paused",
    "unobserved",
)  # fmt: skip


def upgrade() -> None:
    """Create the tables, empty: no calls tell what agents did before."""
    _create("agent_time", ("pbx", "team", "agent", "queue"), COUNTS)
    _create("agent_pause", ("pbx", "team", "agent", "reason"), ("paused",))
    for name in ("agent_present", "agent_name"):
        op.create_table(
            name,
            *_texts("pbx", "agent", "name"),
            sa.PrimaryKeyConstraint("pbx", "agent", name=op.f(f"pk_{name}")),
        )
    op.create_table(
        "agent_time_mark",
        *_texts("pbx"),
        _number("until"),
        sa.PrimaryKeyConstraint("pbx", name=op.f("pk_agent_time_mark")),
    )


def _create(name: str, keys: tuple[str, ...], counts: tuple[str, ...]) -> None:
    op.create_table(
        name,
        _number("at"),
        *_texts(*keys),
        *(_number(count) for count in counts),
        sa.PrimaryKeyConstraint("at", *keys, name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False, autoincrement=False)
