"""The tables of overflow: rules, decisions, commands, what is on, who did what, and the outbox.

They follow the conventions of :mod:`monitor.history.tables`. Numbers that the database gives out
are never given out twice (``AUTOINCREMENT`` on SQLite): a sink remembers how far it came by them.
"""

from sqlalchemy import BigInteger, Float, Index, Integer, Table, Text
from sqlmodel import Field

from monitor.history.tables import HistoryTable

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""What numbers itself; SQLite does so for ``INTEGER`` only, which is as wide there."""
_NUMBERED = ({"sqlite_autoincrement": True},)


class OverflowRuleRow(HistoryTable, table=True):
    """A rule in force, or deleted; ``body`` is the JSON object that REST and the settings share.

    ``forced``: a person has it act (true) or rest (false) whatever its conditions say.
    """

    __tablename__ = "overflow_rule"

    id: str = Field(primary_key=True, sa_type=Text)
    version: int
    body: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)
    updated_by: str = Field(sa_type=Text)
    deleted: bool
    forced: bool | None
    forced_by: str = Field(sa_type=Text)


class OverflowRuleVersionRow(HistoryTable, table=True):
    """A rule as it was in force; rows are added, never changed. No body: it was deleted."""

    __tablename__ = "overflow_rule_version"

    id: str = Field(primary_key=True, sa_type=Text)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: str | None = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    by: str = Field(sa_type=Text)


class OverflowDecisionRow(HistoryTable, table=True):
    """A decision: the fields of :class:`monitor.core.overflow.decisions.Decision`.

    ``destination`` and ``reasons`` are JSON.
    """

    __tablename__ = "overflow_decision"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True, sa_type=Text)
    pbx: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    asked_by: str = Field(sa_type=Text)
    verb: str = Field(sa_type=Text)
    reasons: str = Field(sa_type=Text)
    queue: str = Field(sa_type=Text)
    call_id: str = Field(sa_type=Text)
    caller: str = Field(sa_type=Text)
    rule_id: str = Field(sa_type=Text)
    rule_version: int
    destination: str | None = Field(sa_type=Text)
    dry_run: bool
    held_back: bool
    by: str = Field(sa_type=Text)
    expected_wait: int | None = Field(sa_type=BigInteger)
    miss_probability: float | None = Field(sa_type=Float)


class OverflowCommandRow(HistoryTable, table=True):
    """A command and what came of it: :class:`monitor.core.overflow.decisions.Command`.

    ``kind`` names the order, ``body`` holds its fields as JSON.
    """

    __tablename__ = "overflow_command"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True, sa_type=Text)
    decision_id: str = Field(sa_type=Text)
    pbx: str = Field(sa_type=Text)
    queue: str = Field(sa_type=Text)
    call_id: str = Field(sa_type=Text)
    rule_id: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    issued_at: int = Field(sa_type=BigInteger)
    answered_at: int | None = Field(sa_type=BigInteger)
    accepted: bool | None
    answer: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    observed_at: int | None = Field(sa_type=BigInteger)


class StandingActionRow(HistoryTable, table=True):
    """A lasting action that is on, and the orders that undo it (JSON); gone once it is undone."""

    __tablename__ = "standing_action"

    rule_id: str = Field(primary_key=True, sa_type=Text)
    pbx: str = Field(primary_key=True, sa_type=Text)
    queue: str = Field(primary_key=True, sa_type=Text)
    rule_version: int
    since: int = Field(sa_type=BigInteger)
    undo: str = Field(sa_type=Text)
    decision_id: str = Field(sa_type=Text)


class OverflowSwitchRow(HistoryTable, table=True):
    """The big red switch: one row (``id`` 1), once somebody has turned it."""

    __tablename__ = "overflow_switch"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    on: bool
    by: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    note: str = Field(sa_type=Text)


class AuditEntryRow(HistoryTable, table=True):
    """Who did what, and what it was before and after (JSON); rows are added, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = _NUMBERED

    seq: int = Field(primary_key=True, sa_type=_NUMBER)
    at: int = Field(sa_type=BigInteger)
    by: str = Field(sa_type=Text)
    via: str = Field(sa_type=Text)
    what: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    before: str | None = Field(sa_type=Text)
    after: str | None = Field(sa_type=Text)


class OutboxRow(HistoryTable, table=True):
    """A message for the sinks (MQTT, webhooks), in the order in which they were stored.

    ``at`` is the moment of which it tells, on the PBX's clock, and may lie long back; ``noted_at``
    is when it was made, on the monitor's.
    """

    __tablename__ = "outbox"
    __table_args__ = _NUMBERED

    seq: int = Field(primary_key=True, sa_type=_NUMBER)
    id: str = Field(sa_type=Text, unique=True)
    topic: str = Field(sa_type=Text)
    call_id: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    payload: str = Field(sa_type=Text)
    noted_at: int = Field(sa_type=BigInteger)


class OutboxCursorRow(HistoryTable, table=True):
    """How far a sink came: all messages up to ``seq`` are delivered, or given up."""

    __tablename__ = "outbox_cursor"

    sink: str = Field(primary_key=True, sa_type=Text)
    seq: int = Field(sa_type=BigInteger)
    updated_at: int = Field(sa_type=BigInteger)


class DeadLetterRow(HistoryTable, table=True):
    """A message that a sink gave up. ``again``: a person wants it sent once more."""

    __tablename__ = "dead_letter"
    __table_args__ = _NUMBERED

    seq: int = Field(primary_key=True, sa_type=_NUMBER)
    sink: str = Field(sa_type=Text)
    message_id: str = Field(sa_type=Text)
    topic: str = Field(sa_type=Text)
    call_id: str = Field(sa_type=Text)
    message_at: int = Field(sa_type=BigInteger)
    payload: str = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    tries: int
    error: str = Field(sa_type=Text)
    again: bool


rule = OverflowRuleRow.__table__  # type: ignore[attr-defined]
rule_version = OverflowRuleVersionRow.__table__  # type: ignore[attr-defined]
decision = OverflowDecisionRow.__table__  # type: ignore[attr-defined]
command = OverflowCommandRow.__table__  # type: ignore[attr-defined]
standing = StandingActionRow.__table__  # type: ignore[attr-defined]
switch = OverflowSwitchRow.__table__  # type: ignore[attr-defined]
audit_entry = AuditEntryRow.__table__  # type: ignore[attr-defined]
outbox = OutboxRow.__table__  # type: ignore[attr-defined]
outbox_cursor = OutboxCursorRow.__table__  # type: ignore[attr-defined]
dead_letter = DeadLetterRow.__table__  # type: ignore[attr-defined]


def _index_pages(table: Table, moment: str, *filters: str) -> None:
    """Indexes for pages of a list, newest first, that keep to one of its filters.

    The first column chooses, the others are checked on the way in the same index, so that only the
    rows that are shown are read themselves.
    """
    for chosen in filters:
        others = (name for name in filters if name != chosen)
        columns = table.c[chosen, moment, "id", *others]
        Index(f"ix_{table.name}_{chosen}", *columns)


_index_pages(decision, "at", "pbx", "queue", "rule_id", "verb", "held_back")
Index("ix_overflow_decision_at", *decision.c["at", "id", "rule_id", "verb", "held_back"])
Index("ix_overflow_decision_call_id", *decision.c["call_id", "at", "id"])

_index_pages(command, "issued_at", "pbx", "queue", "rule_id", "outcome")
Index("ix_overflow_command_issued_at", *command.c["issued_at", "id", "kind", "outcome"])
Index("ix_overflow_command_call_id", *command.c["call_id", "issued_at", "id"])
Index("ix_overflow_command_decision_id", *command.c["decision_id", "issued_at", "id"])

Index("ix_audit_entry_at", *audit_entry.c["at", "seq"])
Index("ix_audit_entry_by", *audit_entry.c["by", "at", "seq"])
Index("ix_audit_entry_what", *audit_entry.c["what", "at", "seq"])
Index("ix_audit_entry_subject", *audit_entry.c["subject", "at", "seq"])

# A sink gives a message up once, also when it is killed before it could confirm that it did.
Index("uq_dead_letter_message", *dead_letter.c["sink", "message_id"], unique=True)
