"""Accounts: what each may see, sign-in by an identity provider, devices.

Revision: 0003. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COPIED = {
    "user": (
        "name, role, password_hash, created_at",
        # Viewers were shown numbers until now; from here on they are masked, unless an admin says.
        "created_by, sees_numbers, disabled",
        "'', role <> 'viewer', {false}",
    ),
    "api_token": (
        "name, role, token_hash, created_at, revoked_at",
        "kind, sees_numbers, label, created_by",
        "'program', {true}, '', ''",
    ),
    "web_session": (
        "token_hash, user_name, created_at, expires_at",
        "last_seen_at, address, agent",
        "created_at, '', ''",
    ),
}
"""By table: columns that stay, columns that come, and what these hold at first."""


def upgrade() -> None:
    """Make the three tables anew, with what they held: SQLite can alter little in place."""
    connection = op.get_bind()
    for table in _COPIED:
        connection.exec_driver_sql(
            f'CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM "{table}"'  # noqa: S608 - constants
        )
    # The sessions first: what goes with its user must not go here.
    for table in reversed(_COPIED):
        op.drop_table(table)
    _create_user()
    _create_api_token()
    _create_web_session()
    false, true = ("0", "1") if connection.dialect.name == "sqlite" else ("false", "true")
    for table, (kept, added, values) in _COPIED.items():
        filled = values.format(false=false, true=true)
        connection.exec_driver_sql(
            f'INSERT INTO "{table}" ({kept}, {added}) SELECT {kept}, {filled} FROM old_{table}'  # noqa: S608 - constants
        )
        connection.exec_driver_sql(f"DROP TABLE old_{table}")


def _text(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=null)


def _ms(name: str, *, null: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=False)


def _create_user() -> None:
    op.create_table(
        "user",
        _text("name"), _text("role"), _text("password_hash"), _ms("created_at"),
        _text("created_by"), _text("queues", null=True), _flag("sees_numbers"), _flag("disabled"),
        _text("issuer", null=True), _text("subject", null=True), _ms("last_sign_in_at", null=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_user")),
    )  # fmt: skip
    op.create_index("ix_user_issuer", "user", ["issuer", "subject"], unique=True)


def _create_api_token() -> None:
    op.create_table(
        "api_token",
        _text("name"), _text("role"), _text("token_hash"), _ms("created_at"),
        _ms("revoked_at", null=True), _text("kind"), _text("queues", null=True),
        _flag("sees_numbers"), _text("label"), _text("created_by"),
        _ms("last_used_at", null=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )  # fmt: skip


def _create_web_session() -> None:
    table = "web_session"
    op.create_table(
        table,
        _text("token_hash"), _text("user_name", null=True), _text("device_name", null=True),
        _ms("created_at"), _ms("expires_at"), _ms("last_seen_at"), _text("address"),
        _text("agent"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_session")),
        sa.ForeignKeyConstraint(
            ["user_name"], ["user.name"], name=op.f("fk_web_session_user_name"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_name"], ["api_token.name"], name=op.f("fk_web_session_device_name"),
            ondelete="CASCADE",
        ),
    )  # fmt: skip
    for column in ("user_name", "device_name", "expires_at"):
        op.create_index(op.f(f"ix_web_session_{column}"), table, [column])
