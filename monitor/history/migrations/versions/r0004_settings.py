"""Settings: what admins set, each version of it, and secrets apart.

Revision: 0004. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "setting",
        _text("kind"), _text("id"), sa.Column("version", sa.Integer(), nullable=False),
        _text("body"), _flag("from_file"), _ms("created_at"), _text("created_by"),
        _ms("updated_at"), _text("updated_by"), _flag("deleted"),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_setting")),
    )  # fmt: skip
    op.create_table(
        "setting_version",
        _text("kind"), _text("id"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        _text("body", null=True), _ms("at"), _text("by"),
        sa.PrimaryKeyConstraint("kind", "id", "version", name=op.f("pk_setting_version")),
    )  # fmt: skip
    op.create_table(
        "secret",
        _text("kind"), _text("id"), _text("field"), _text("encrypted"), _ms("updated_at"),
        sa.PrimaryKeyConstraint("kind", "id", "field", name=op.f("pk_secret")),
    )  # fmt: skip
    op.create_table(
        "undone",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False), _ms("by_seq"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_undone")),
    )  # fmt: skip
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "at", "seq"])


def _text(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=null)


def _ms(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=False)
