"""Overflow: rules, decisions, commands, standing actions, the switch, the audit trail, the outbox.

Revision: 0002. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables."""
    _create_rules()
    _create_decision()
    _create_command()
    _create_standing_and_switch()
    _create_audit_entry()
    _create_outbox()


def _text(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=null)


def _ms(name: str, *, null: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str, *, null: bool = False) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=null)


def _number() -> "sa.Column[int]":
    return sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _create_rules() -> None:
    op.create_table(
        "overflow_rule",
        _text("id"), _count("version"), _text("body"), _ms("created_at"), _text("created_by"),
        _ms("updated_at"), _text("updated_by"), _flag("deleted"), _flag("forced", null=True),
        _text("forced_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overflow_rule")),
    )  # fmt: skip
    op.create_table(
        "overflow_rule_version",
        _text("id"), sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        _text("body", null=True), _ms("at"), _text("by"),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_overflow_rule_version")),
    )  # fmt: skip


def _create_decision() -> None:
    table = "overflow_decision"
    op.create_table(
        table,
        _text("id"), _text("pbx"), _ms("at"), _text("asked_by"), _text("verb"), _text("reasons"),
        _text("queue"), _text("call_id"), _text("caller"), _text("rule_id"),
        _count("rule_version"), _text("destination", null=True), _flag("dry_run"),
        _flag("held_back"), _text("by"), _ms("expected_wait", null=True),
        sa.Column("miss_probability", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overflow_decision")),
        sqlite_with_rowid=False,
    )  # fmt: skip
    _index_pages(table, "at", ["pbx", "queue", "rule_id", "verb", "held_back"])
    at = ["at", "id", "rule_id", "verb", "held_back"]
    op.create_index("ix_overflow_decision_at", table, at)
    op.create_index("ix_overflow_decision_call_id", table, ["call_id", "at", "id"])


def _index_pages(table: str, moment: str, filters: list[str]) -> None:
    for chosen in filters:
        others = [name for name in filters if name != chosen]
        op.create_index(f"ix_{table}_{chosen}", table, [chosen, moment, "id", *others])


def _create_command() -> None:
    table = "overflow_command"
    op.create_table(
        table,
        _text("id"), _text("decision_id"), _text("pbx"), _text("queue"), _text("call_id"),
        _text("rule_id"), _text("kind"), _text("body"), _ms("issued_at"),
        _ms("answered_at", null=True), _flag("accepted", null=True), _text("answer"),
        _text("outcome"), _ms("observed_at", null=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overflow_command")),
        sqlite_with_rowid=False,
    )  # fmt: skip
    _index_pages(table, "issued_at", ["pbx", "queue", "rule_id", "outcome"])
    at = ["issued_at", "id", "kind", "outcome"]
    op.create_index("ix_overflow_command_issued_at", table, at)
    op.create_index("ix_overflow_command_call_id", table, ["call_id", "issued_at", "id"])
    op.create_index("ix_overflow_command_decision_id", table, ["decision_id", "issued_at", "id"])


def _create_standing_and_switch() -> None:
    op.create_table(
        "standing_action",
        _text("rule_id"), _text("pbx"), _text("queue"), _count("rule_version"), _ms("since"),
        _text("undo"), _text("decision_id"),
        sa.PrimaryKeyConstraint("rule_id", "pbx", "queue", name=op.f("pk_standing_action")),
    )  # fmt: skip
    op.create_table(
        "overflow_switch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _flag("on"), _text("by"), _ms("at"), _text("note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overflow_switch")),
    )  # fmt: skip


def _create_audit_entry() -> None:
    op.create_table(
        "audit_entry",
        _number(), _ms("at"), _text("by"), _text("via"), _text("what"), _text("subject"),
        _text("before", null=True), _text("after", null=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "seq"])
    op.create_index("ix_audit_entry_by", "audit_entry", ["by", "at", "seq"])
    op.create_index("ix_audit_entry_what", "audit_entry", ["what", "at", "seq"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        _number(), _text("id"), _text("topic"), _text("call_id"), _ms("at"), _text("payload"),
        _ms("noted_at"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_table(
        "outbox_cursor",
        _text("sink"), _ms("seq"), _ms("updated_at"),
        sa.PrimaryKeyConstraint("sink", name=op.f("pk_outbox_cursor")),
    )  # fmt: skip
    op.create_table(
        "dead_letter",
        _number(), _text("sink"), _text("message_id"), _text("topic"), _text("call_id"),
        _ms("message_at"), _text("payload"), _ms("at"), _count("tries"), _text("error"),
        _flag("again"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_dead_letter")),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("uq_dead_letter_message", "dead_letter", ["sink", "message_id"], unique=True)
