"""The tables of the record, and of those who may read it.

All moments and spans are BIGINT milliseconds. The record's tables (call, visit, stay, fact) are
``WITHOUT ROWID`` on SQLite: rows of one call lie side by side in one tree, in order of arrival,
so writing appends and a page of calls is read in one place.

These classes document the schema and carry its metadata. The write path uses their columns through
Core only (:mod:`monitor.history.store`), reading goes through :mod:`monitor.history.reader`.
"""

from sqlalchemy import DDL, BigInteger, ForeignKey, Index, MetaData, Text, event, false, text
from sqlmodel import Field, SQLModel


class HistoryTable(SQLModel):
    """Base of all tables; its metadata is ours alone, with names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class CallRow(HistoryTable, table=True):
    """A call: the fields of :class:`monitor.core.records.Call`."""

    __tablename__ = "call"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True, sa_type=Text)
    pbx: str = Field(sa_type=Text)
    uniqueid: str = Field(sa_type=Text)
    arrived_at: int = Field(sa_type=BigInteger)
    linkedid: str = Field(sa_type=Text)
    channel: str = Field(sa_type=Text)
    caller: str = Field(sa_type=Text)
    caller_name: str = Field(sa_type=Text)
    context: str = Field(sa_type=Text)
    exten: str = Field(sa_type=Text)
    policy_version: int
    within: int = Field(sa_type=BigInteger)
    at_risk_after: int = Field(sa_type=BigInteger)
    clock_started_at: int | None = Field(sa_type=BigInteger)
    at_risk: bool
    handled_at: int | None = Field(sa_type=BigInteger)
    handled_by: str | None = Field(sa_type=Text)
    agent: str = Field(sa_type=Text)
    picked_up_at: int | None = Field(sa_type=BigInteger)
    ended_at: int | None = Field(sa_type=BigInteger)
    hangup_cause: int
    caller_hung_up: bool
    verdict: str = Field(sa_type=Text)
    verdict_at: int | None = Field(sa_type=BigInteger)
    reason: str = Field(sa_type=Text)
    short_abandon: bool
    observed: str = Field(sa_type=Text)
    closed: bool
    in_doubt: bool
    start_blur: int = Field(sa_type=BigInteger)
    handled_blur: int = Field(sa_type=BigInteger)
    end_blur: int = Field(sa_type=BigInteger)
    corrections: int
    transfers: int | None
    caller_key: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    satisfaction: int | None
    satisfaction_best: int | None


class VisitRow(HistoryTable, table=True):
    """One stay of a call in one queue: the fields of :class:`monitor.core.records.Visit`.

    ``arrived_at``, ``pbx`` and ``verdict`` repeat the call's, so that one index answers "calls of
    this queue with this verdict, newest first"; they are rewritten whenever the call is. ``wait``
    and ``talk`` are the record's own arithmetic, kept so that figures are sums.
    """

    __tablename__ = "visit"
    __table_args__ = ({"sqlite_with_rowid": False},)

    call_id: str = Field(
        primary_key=True, sa_type=Text, sa_column_args=[ForeignKey("call.id", ondelete="CASCADE")]
    )
    ordinal: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    arrived_at: int = Field(sa_type=BigInteger)
    pbx: str = Field(sa_type=Text)
    verdict: str = Field(sa_type=Text)
    queue: str = Field(sa_type=Text)
    joined_at: int = Field(sa_type=BigInteger)
    within: int = Field(sa_type=BigInteger)
    position: int
    left_at: int | None = Field(sa_type=BigInteger)
    exit: str | None = Field(sa_type=Text)
    agent: str = Field(sa_type=Text)
    interface: str = Field(sa_type=Text)
    answered_at: int | None = Field(sa_type=BigInteger)
    ended_at: int | None = Field(sa_type=BigInteger)
    offers: int
    missed: int
    given_up: bool
    moved: bool
    short: bool
    blur: int = Field(sa_type=BigInteger)
    hold: int | None = Field(sa_type=BigInteger)
    transfers: int | None
    wait: int | None = Field(sa_type=BigInteger)
    talk: int | None = Field(sa_type=BigInteger)


class VoiceServerStayRow(HistoryTable, table=True):
    """One stay of a call in a voice server."""

    __tablename__ = "voice_server_stay"
    __table_args__ = ({"sqlite_with_rowid": False},)

    call_id: str = Field(
        primary_key=True, sa_type=Text, sa_column_args=[ForeignKey("call.id", ondelete="CASCADE")]
    )
    ordinal: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(sa_type=Text)
    entered_at: int = Field(sa_type=BigInteger)
    left_at: int | None = Field(sa_type=BigInteger)
    inputs: str = Field(sa_type=Text)
    explicit: bool


class FactRow(HistoryTable, table=True):
    """One fact of a call's timeline; ``ordinal`` is its place in it, ``detail`` a JSON object.

    No foreign key: nine rows of ten are facts, and the one writer stores them with their call in
    one transaction, so the check would only cost.
    """

    __tablename__ = "fact"
    __table_args__ = ({"sqlite_with_rowid": False},)

    call_id: str = Field(primary_key=True, sa_type=Text)
    ordinal: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)


class BlindIntervalRow(HistoryTable, table=True):
    """A span in which a PBX was not observed; no end while it lasts."""

    __tablename__ = "blind_interval"

    pbx: str = Field(primary_key=True, sa_type=Text)
    started_at: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    ended_at: int | None = Field(sa_type=BigInteger)
    cause: str = Field(sa_type=Text)


class ObservedRow(HistoryTable, table=True):
    """Until when a PBX was observed; after a crash the blind interval begins here."""

    __tablename__ = "observed"

    pbx: str = Field(primary_key=True, sa_type=Text)
    until: int = Field(sa_type=BigInteger)


class PolicyVersionRow(HistoryTable, table=True):
    """A policy as it was in force; rows are added, never changed."""

    __tablename__ = "policy_version"

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(sa_type=Text)
    policy: str = Field(sa_type=Text)
    sha256: str = Field(sa_type=Text)


class UserRow(HistoryTable, table=True):
    """A person who may sign in; ``password_hash`` is Argon2id's own encoding, empty for none.

    ``queues`` is a JSON list, null for all queues. ``issuer`` and ``subject`` name the person at
    the identity provider that vouches for them.
    """

    __tablename__ = "user"

    name: str = Field(primary_key=True, sa_type=Text)
    role: str = Field(sa_type=Text)
    password_hash: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(sa_type=Text)
    queues: str | None = Field(sa_type=Text)
    sees_numbers: bool
    disabled: bool
    issuer: str | None = Field(sa_type=Text)
    subject: str | None = Field(sa_type=Text)
    last_sign_in_at: int | None = Field(sa_type=BigInteger)


class ApiTokenRow(HistoryTable, table=True):
    """A key of a program or a device, known by the SHA-256 of its secret only."""

    __tablename__ = "api_token"

    name: str = Field(primary_key=True, sa_type=Text)
    role: str = Field(sa_type=Text)
    token_hash: str = Field(sa_type=Text, unique=True)
    created_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    kind: str = Field(sa_type=Text)
    queues: str | None = Field(sa_type=Text)
    sees_numbers: bool
    label: str = Field(sa_type=Text)
    created_by: str = Field(sa_type=Text)
    last_used_at: int | None = Field(default=None, sa_type=BigInteger)


class WebSessionRow(HistoryTable, table=True):
    """A signed-in browser, of a user or of a device, known by the SHA-256 of its cookie only."""

    __tablename__ = "web_session"

    token_hash: str = Field(primary_key=True, sa_type=Text)
    user_name: str | None = Field(
        sa_type=Text, sa_column_args=[ForeignKey("user.name", ondelete="CASCADE")], index=True
    )
    device_name: str | None = Field(
        sa_type=Text, sa_column_args=[ForeignKey("api_token.name", ondelete="CASCADE")], index=True
    )
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger, index=True)
    last_seen_at: int = Field(sa_type=BigInteger)
    address: str = Field(sa_type=Text)
    agent: str = Field(sa_type=Text)


call = CallRow.__table__  # type: ignore[attr-defined]
visit = VisitRow.__table__  # type: ignore[attr-defined]
stay = VoiceServerStayRow.__table__  # type: ignore[attr-defined]
fact = FactRow.__table__  # type: ignore[attr-defined]
blind_interval = BlindIntervalRow.__table__  # type: ignore[attr-defined]
observed = ObservedRow.__table__  # type: ignore[attr-defined]
policy_version = PolicyVersionRow.__table__  # type: ignore[attr-defined]
user = UserRow.__table__  # type: ignore[attr-defined]
api_token = ApiTokenRow.__table__  # type: ignore[attr-defined]
web_session = WebSessionRow.__table__  # type: ignore[attr-defined]

# One account for each person of an identity provider; nulls are unlike one another.
Index("ix_user_issuer", *user.c["issuer", "subject"], unique=True)

# Calls, newest first, by each filter; trailing columns let an index answer alone: the commitment's
# figures, or a second filter that few of its calls pass.
Index("ix_call_arrived", *call.c["arrived_at", "id", "verdict", "short_abandon"])
Index("ix_call_pbx", *call.c["pbx", "arrived_at", "id", "verdict", "short_abandon"])
Index("ix_call_verdict", *call.c["verdict", "arrived_at", "id"])
Index("ix_call_pbx_verdict", *call.c["pbx", "verdict", "arrived_at", "id"])
Index("ix_call_caller", *call.c["caller", "arrived_at", "id", "verdict", "pbx"])
Index("ix_call_agent", *call.c["agent", "arrived_at", "id", "verdict", "pbx"])
Index(
    "ix_call_live",
    call.c.arrived_at,
    sqlite_where=call.c.closed == false(),
    postgresql_where=call.c.closed == false(),
)
Index(
    "ix_call_partial",
    *call.c["arrived_at", "id"],
    sqlite_where=call.c.observed == "partial",
    postgresql_where=call.c.observed == "partial",
)

# A caller's calls, also once the number is purged.
Index(
    "ix_call_caller_key",
    *call.c["caller_key", "arrived_at", "id"],
    sqlite_where=call.c.caller_key != "",
    postgresql_where=call.c.caller_key != "",
)

# What callers answered after their call, from the index alone.
Index(
    "ix_call_satisfaction",
    *call.c["arrived_at", "satisfaction", "satisfaction_best"],
    sqlite_where=call.c.satisfaction.is_not(None),
    postgresql_where=call.c.satisfaction.is_not(None),
)

# By the last digits of the caller's number: half of what is typed to find a call. An expression,
# so it is written for each database (and no tool compares it with the migrations).
for _dialect, _tail in (("sqlite", "substr(caller, -4)"), ("postgresql", "right(caller, 4)")):
    _ddl = f"CREATE INDEX ix_call_tail ON call ({_tail}, arrived_at, id)"
    _index = DDL(_ddl).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
    event.listen(call, "after_create", _index)

# Calls of a queue, newest first, alone and with each other filter.
Index("ix_visit_queue", *visit.c["queue", "arrived_at", "call_id"])
Index("ix_visit_pbx", *visit.c["queue", "pbx", "arrived_at", "call_id"])
Index("ix_visit_verdict", *visit.c["queue", "verdict", "arrived_at", "call_id"])
Index("ix_visit_agent", *visit.c["agent", "arrived_at", "call_id", "queue", "verdict", "pbx"])
# Calls by a way out of a queue; nine visits of ten are answered, and need no index for it.
Index(
    "ix_visit_exit",
    *visit.c["exit", "arrived_at", "call_id", "queue", "pbx", "verdict"],
    sqlite_where=visit.c.exit != "answered",
    postgresql_where=visit.c.exit != "answered",
)
# The queues' figures of a range, from the index alone.
Index(
    "ix_visit_joined",
    *visit.c["joined_at", "pbx", "queue", "exit", "wait", "within", "short", "talk"],
)
