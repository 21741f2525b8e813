"""Evidence: the pseudonym of a call's number, the seals of days, and what sealed calls were.

Revision: 0009. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column, empty for now (it is filled before a day is sealed), and the tables."""
    op.add_column(
        "call", sa.Column("caller_key", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    known = sa.column("caller_key", sa.Text()) != ""
    op.create_index(
        "ix_call_caller_key",
        "call",
        ["caller_key", "arrived_at", "id"],
        sqlite_where=known,
        postgresql_where=known,
    )
    _create_seals()
    _create_changes()


def _create_seals() -> None:
    op.create_table(
        "seal",
        _int("number"), _text("day"), _ms("sealed_at"), _text("head"), _text("line"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )  # fmt: skip
    op.create_index("uq_seal_day", "seal", ["day"], unique=True)
    op.create_table(
        "seal_part",
        _text("day"), _text("part"), sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "part", name=op.f("pk_seal_part")),
    )  # fmt: skip
    op.create_table(
        "seal_removal",
        _text("day"), _text("part"), _ms("removed_at"),
        sa.Column("told_in", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("day", "part", name=op.f("pk_seal_removal")),
    )  # fmt: skip
    op.create_table(
        "evidence_mark",
        _text("name"), _ms("value"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_evidence_mark")),
    )  # fmt: skip
    # There from the start, so that whoever writes calls can lock it while they look at it.
    op.execute("INSERT INTO evidence_mark (name, value) VALUES ('until', 0)")


def _create_changes() -> None:
    op.create_table(
        "evidence_before",
        _text("call_id"), _int("amended_by"), _text("day"), _ms("arrived_at"), _ms("kept_at"),
        _text("document"), _text("facts"), _int("changes"),
        sa.PrimaryKeyConstraint("call_id", "amended_by", name=op.f("pk_evidence_before")),
    )  # fmt: skip
    op.create_index("ix_evidence_before_day", "evidence_before", ["day", "arrived_at", "call_id"])
    op.create_index("ix_evidence_before_amended_by", "evidence_before", ["amended_by", "call_id"])
    op.create_table(
        "evidence_amendment",
        _int("number"), _int("ordinal"), _text("call_id"), _text("line"),
        sa.PrimaryKeyConstraint("number", "ordinal", name=op.f("pk_evidence_amendment")),
    )  # fmt: skip
    op.create_index("ix_evidence_amendment_call_id", "evidence_amendment", ["call_id", "number"])


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _ms(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _int(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)
