"""Contacts: e-mails, letters, callbacks, complaints and their deadlines; satisfaction of callers.

Revision: 0010. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns, empty for old calls (not asked), and the tables."""
    op.add_column("call", sa.Column("satisfaction", sa.Integer(), nullable=True))
    op.add_column("call", sa.Column("satisfaction_best", sa.Integer(), nullable=True))
    _index("satisfaction", "call", "arrived_at", "satisfaction", "satisfaction_best",
           where=sa.column("satisfaction").is_not(None))  # fmt: skip
    op.create_table(
        "contact",
        *_texts("id", "source", "reference", "channel", "pbx", "queue", "team", "call_id"),
        _ms("received_at"), _text("promise"), _ms("announced_at", null=True),
        _ms("span", null=True), _text("calendar"), _int("policy_version"), _ms("deadline_at"),
        _ms("at_risk_at"), sa.Column("at_risk", sa.Boolean(), nullable=False),
        _ms("answered_at", null=True), _text("answered_by"), _ms("withdrawn_at", null=True),
        *_texts("excluded", "verdict", "reason"), _ms("verdict_at", null=True),
        _int("corrections"), _int("version"), _ms("due_at", null=True),
        *_texts("statement", "contact_key"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )  # fmt: skip
    op.create_index("uq_contact_reference", "contact", ["source", "reference"], unique=True)
    _index("received", "contact", "received_at", "id")
    _index("figures", "contact", "received_at", "pbx", "queue", "channel", "promise", "span",
           "verdict", "reason", "corrections", "answered_at")  # fmt: skip
    for name in ("queue", "verdict", "channel"):
        _index(name, "contact", name, "received_at", "id")
    _index("due", "contact", "due_at", where=sa.column("due_at").is_not(None))
    _index("overdue", "contact", "deadline_at", "pbx", "queue", "channel",
           where=sa.column("reason", sa.Text()) == "not_answered")  # fmt: skip
    _index("call", "contact", "call_id", where=sa.column("call_id", sa.Text()) != "")
    _index("key", "contact", "contact_key", "received_at",
           where=sa.column("contact_key", sa.Text()) != "")  # fmt: skip
    _create_parts()


def _create_parts() -> None:
    op.create_table(
        "contact_person",
        *_texts("contact_id", "number", "name", "email", "subject", "note"), _ms("updated_at"),
        _of_contact("contact_person"),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contact_person")),
    )  # fmt: skip
    known = sa.column("number", sa.Text()) != ""
    _index("person_number", "contact_person", "number", where=known)
    _index("person_updated", "contact_person", "updated_at")
    op.create_table(
        "contact_change",
        _text("contact_id"), sa.Column("version", sa.Integer(), nullable=False,
                                       autoincrement=False),
        _ms("at"), *_texts("by", "via", "what", "before", "after"),
        _of_contact("contact_change"),
        sa.PrimaryKeyConstraint("contact_id", "version", name=op.f("pk_contact_change")),
    )  # fmt: skip
    _index("change_at", "contact_change", "at", "contact_id", "version")


def _index(
    name: str, table: str, *columns: str, where: "sa.ColumnElement[bool] | None" = None
) -> None:
    name = f"ix_call_{name}" if table == "call" else f"ix_contact_{name}"
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)


def _of_contact(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_contact_id")
    return sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=name, ondelete="CASCADE")


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [_text(name) for name in names]


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _ms(name: str, *, null: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _int(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)
