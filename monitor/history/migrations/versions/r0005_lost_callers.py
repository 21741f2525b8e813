"""Lost callers: who calls them back, and what came of it.

Revision: 0005. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "lost_caller",
        _text("caller"), sa.Column("version", sa.Integer(), nullable=False), _text("status"),
        sa.Column("tries", sa.Integer(), nullable=False), _text("note"), _text("pbx"),
        _text("queue"), _ms("updated_at"), _text("updated_by"),
        sa.PrimaryKeyConstraint("caller", name=op.f("pk_lost_caller")),
    )  # fmt: skip
    op.create_index("ix_lost_caller_updated_at", "lost_caller", ["updated_at"])


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _ms(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)
