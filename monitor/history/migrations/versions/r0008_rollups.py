"""Rollups: what a call and a visit did not say yet, and counts by the hour.

Revision: 0008. A released revision is never edited: what changes comes as a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

REASONS = (
    "handled_by_agent", "handled_by_voice_server", "waiting_past_deadline", "handled_late",
    "abandoned_late", "refused_late", "caller_hung_up", "turned_away", "pbx_hung_up",
    "end_not_observed", "may_have_been_handled", "arrival_not_observed", "left_before_the_clock",
    "not_precise_enough", "calendar_unknown", "outside_opening_hours", "test_number",
    "internal_call",
)  # fmt: skip
CALL_COUNTS = (
    "pending", "met", "breached", "abandoned", "refused", "excluded", "unknown", "short_abandons",
    "handled_by_agent", "handled_by_voice_server", "partly_observed", "corrected", "corrections",
    "transferred", "transfers", "transfers_unknown", "waits", "wait", "longest_wait",
    "with_number", "repeats_1", "repeats_7", "repeats_30",
    *(f"because_{reason}" for reason in REASONS),
)  # fmt: skip
EXITS = (
    "answered", "abandoned", "timeout", "key", "join_empty", "leave_empty", "full", "withdrawn",
    "redirected", "continued", "unknown",
)  # fmt: skip
VISIT_COUNTS = (
    "offered", "answered", "answered_within", "abandoned", "abandoned_within", "abandoned_short",
    "left_otherwise", "unknown", "answered_wait", "longest_wait", "talked", "talk", "offers",
    "missed", "held", "hold", "hold_known", "transferred", *(f"left_{exit_}" for exit_ in EXITS),
)  # fmt: skip
VOICE_COUNTS = ("reached", "with_input", "inputs", "ended_there", "left_without", "timed", "time")

_HOUR = 3_600_000


def upgrade() -> None:
    """Add columns, empty for old calls (not known): a table is not rewritten for it.

    The hours of all calls are marked: they are counted beside the work, once it runs.
    """
    op.add_column("call", sa.Column("transfers", sa.Integer(), nullable=True))
    op.add_column("visit", sa.Column("hold", sa.BigInteger(), nullable=True))
    op.add_column("visit", sa.Column("transfers", sa.Integer(), nullable=True))
    numbers = _number("policy_version"), _number("within")
    _create("rollup_call", CALL_COUNTS, _text("pbx"), _text("queue"), *numbers)
    _create("rollup_visit", VISIT_COUNTS, _text("pbx"), _text("queue"))
    _create("rollup_voice", VOICE_COUNTS, _text("pbx"), _text("name"))
    _create("rollup_waits", (), _text("pbx"), _text("queue"), _text("kind"), rest=_waits())
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "rollup_due",
        sa.Column("mark", number, autoincrement=True, nullable=False),
        _number("hour"),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_rollup_due")),
    )
    op.create_index("ix_rollup_due_hour", "rollup_due", ["hour"])
    op.create_table(
        "rollup_kept", _number("hour"), sa.PrimaryKeyConstraint("hour", name=op.f("pk_rollup_kept"))
    )
    op.create_table(
        "rollup_writer",
        _text("writer"),
        sa.PrimaryKeyConstraint("writer", name=op.f("pk_rollup_writer")),
    )
    op.execute(
        f"INSERT INTO rollup_due (hour) SELECT arrived_at / {_HOUR} FROM call"  # noqa: S608
        f" UNION SELECT joined_at / {_HOUR} FROM visit"
    )


def _create(
    name: str,
    counts: tuple[str, ...],
    *keys: "sa.Column[int] | sa.Column[str]",
    rest: "tuple[sa.Column[bytes] | sa.Column[str], ...]" = (),
) -> None:
    op.create_table(
        name,
        _number("hour"),
        *keys,
        *(sa.Column(count, sa.BigInteger(), nullable=False) for count in counts),
        *rest,
        sa.PrimaryKeyConstraint("hour", *(key.name for key in keys), name=op.f(f"pk_{name}")),
        sqlite_with_rowid=False,
    )


def _waits() -> "tuple[sa.Column[bytes] | sa.Column[str], ...]":
    return sa.Column("seconds", sa.LargeBinary(), nullable=False), _text("longer")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False, autoincrement=False)
