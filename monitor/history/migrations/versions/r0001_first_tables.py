"""The first tables: calls, visits, stays, facts, blind intervals, policies, and access.

Revision: 0001. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    _create_call()
    _create_visit()
    _create_stay_and_fact()
    _create_blind_interval_and_policy_version()
    _create_access()


def _text(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=null)


def _ms(name: str, *, null: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=False)


def _create_call() -> None:
    op.create_table(
        "call",
        _text("id"), _text("pbx"), _text("uniqueid"), _ms("arrived_at"), _text("linkedid"),
        _text("channel"), _text("caller"), _text("caller_name"), _text("context"), _text("exten"),
        _count("policy_version"), _ms("within"), _ms("at_risk_after"),
        _ms("clock_started_at", null=True), _flag("at_risk"),
        _ms("handled_at", null=True), _text("handled_by", null=True), _text("agent"),
        _ms("picked_up_at", null=True), _ms("ended_at", null=True), _count("hangup_cause"),
        _flag("caller_hung_up"), _text("verdict"), _ms("verdict_at", null=True), _text("reason"),
        _flag("short_abandon"), _text("observed"), _flag("closed"),
        _flag("in_doubt"), _ms("start_blur"), _ms("handled_blur"), _ms("end_blur"),
        _count("corrections"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sqlite_with_rowid=False,
    )  # fmt: skip
    figures = ["arrived_at", "id", "verdict", "short_abandon"]
    op.create_index("ix_call_arrived", "call", figures)
    op.create_index("ix_call_pbx", "call", ["pbx", *figures])
    op.create_index("ix_call_verdict", "call", ["verdict", "arrived_at", "id"])
    op.create_index("ix_call_pbx_verdict", "call", ["pbx", "verdict", "arrived_at", "id"])
    for name in ("caller", "agent"):
        op.create_index(f"ix_call_{name}", "call", [name, "arrived_at", "id", "verdict", "pbx"])
    live = sa.column("closed", sa.Boolean()) == sa.false()
    op.create_index(
        "ix_call_live", "call", ["arrived_at"], sqlite_where=live, postgresql_where=live
    )


def _create_visit() -> None:
    op.create_table(
        "visit",
        _text("call_id"), _count("ordinal"), _ms("arrived_at"), _text("pbx"), _text("verdict"),
        _text("queue"), _ms("joined_at"), _ms("within"), _count("position"),
        _ms("left_at", null=True), _text("exit", null=True), _text("agent"), _text("interface"),
        _ms("answered_at", null=True), _ms("ended_at", null=True), _count("offers"),
        _count("missed"), _flag("given_up"), _flag("moved"), _flag("short"), _ms("blur"),
        _ms("wait", null=True), _ms("talk", null=True),
        sa.PrimaryKeyConstraint("call_id", "ordinal", name=op.f("pk_visit")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_visit_call_id"), ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_visit_queue", "visit", ["queue", "arrived_at", "call_id"])
    for name in ("pbx", "verdict"):
        op.create_index(f"ix_visit_{name}", "visit", ["queue", name, "arrived_at", "call_id"])
    op.create_index(
        "ix_visit_agent",
        "visit",
        ["agent", "arrived_at", "call_id", "queue", "verdict", "pbx"],
    )
    op.create_index(
        "ix_visit_joined",
        "visit",
        ["joined_at", "pbx", "queue", "exit", "wait", "within", "short", "talk"],
    )


def _create_stay_and_fact() -> None:
    op.create_table(
        "voice_server_stay",
        _text("call_id"), _count("ordinal"), _text("name"), _ms("entered_at"),
        _ms("left_at", null=True), _text("inputs"), _flag("explicit"),
        sa.PrimaryKeyConstraint("call_id", "ordinal", name=op.f("pk_voice_server_stay")),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_voice_server_stay_call_id"),
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "fact",
        _text("call_id"), _count("ordinal"), _ms("at"), _text("kind"), _text("detail"),
        sa.PrimaryKeyConstraint("call_id", "ordinal", name=op.f("pk_fact")),
        sqlite_with_rowid=False,
    )  # fmt: skip


def _create_blind_interval_and_policy_version() -> None:
    op.create_table(
        "blind_interval",
        _text("pbx"), _ms("started_at"), _ms("ended_at", null=True), _text("cause"),
        sa.PrimaryKeyConstraint("pbx", "started_at", name=op.f("pk_blind_interval")),
    )  # fmt: skip
    op.create_table(
        "observed",
        _text("pbx"), _ms("until"),
        sa.PrimaryKeyConstraint("pbx", name=op.f("pk_observed")),
    )  # fmt: skip
    op.create_table(
        "policy_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        _ms("created_at"), _text("created_by"), _text("policy"), _text("sha256"),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policy_version")),
    )  # fmt: skip


def _create_access() -> None:
    op.create_table(
        "user",
        _text("name"), _text("role"), _text("password_hash"), _ms("created_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user")),
    )  # fmt: skip
    op.create_table(
        "api_token",
        _text("name"), _text("role"), _text("token_hash"), _ms("created_at"),
        _ms("revoked_at", null=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )  # fmt: skip
    op.create_table(
        "web_session",
        _text("token_hash"), _text("user_name"), _ms("created_at"), _ms("expires_at"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
        sa.ForeignKeyConstraint(
            ["user_name"], ["user.name"], name=op.f("fk_web_session_user_name"),
            ondelete="CASCADE",
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_web_session_user_name"), "web_session", ["user_name"])
    op.create_index(op.f("ix_web_session_expires_at"), "web_session", ["expires_at"])
