"""The shapes of personal data: what is kept, what is held of somebody, and what was removed."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.overflow_schemas import ViaName
from api.schemas import Moment, Schema

KindName = Literal[
    "numbers", "digits", "persons", "agents", "timelines", "calls", "decisions", "contacts",
    "audit", "alerts", "messages", "report_mails", "accounts", "sessions", "settings", "evidence",
    "live", "mqtt", "logs", "files", "keys",
]  # fmt: skip
_NUMBER = Field(
    min_length=1,
    max_length=80,
    description="As the PBX says it: `0123456789` and `+33123456789` are two numbers",
    examples=["0199001234"],
)


class PersonalKindOut(Schema):
    """A kind of personal data: what, where, why, how long."""

    kind: KindName = Field(description="Stable code")
    what: str = Field(description="What it is, in English")
    why: str = Field(description="What it is kept for, in English")
    ends: str = Field(description="What takes it away, in English")
    where: list[str] = Field(description="Tables and columns", examples=[["call.caller"]])
    settable: bool = Field(description="Its days are set in `PUT /settings/retention`")
    days: int | None = Field(
        description="For how many days it is kept as set now; null: without an end, or, where "
        "`settable` is false, as `ends` says"
    )
    default: int | None = Field(description="The days where nobody set any")
    minimum: int | None
    maximum: int | None = Field(description="Null: it may be kept without an end (0 in settings)")
    oldest: Moment | None = Field(description="The oldest that is kept; null: none, or not known")
    rows: int | None = Field(description="How many rows hold it; null: not counted")
    waiting_days: int = Field(
        description="Days (UTC) whose time is over, and that wait to be sealed first"
    )


class PurgeOut(Schema):
    """A purge that was made."""

    at: Moment
    by: str = Field(description="Who started it; `retention`: the monitor by itself")
    via: ViaName
    took_s: float
    removed: dict[str, int] = Field(description="Rows that were emptied or removed, by kind")
    rewritten: bool = Field(description="The database's files were written anew after it")


class PersonalDataOut(Schema):
    """What is kept of people, how long and why."""

    kinds: list[PersonalKindOut]
    last_purge: PurgeOut | None
    next_purge: Moment = Field(description="When the monitor purges next by itself")
    running: bool = Field(description="A purge is being made")
    rewrite_due: bool = Field(
        description="Unused parts of the database's files may still hold what was removed"
    )
    rewritten_at: Moment | None = Field(description="When the files were last written anew")
    problem: str = Field(description="Why nothing can be purged; empty: all is well")


class SubjectIn(Schema):
    """Whose data are asked for."""

    model_config = ConfigDict(strict=True)

    number: str = _NUMBER


class MentionOut(Schema):
    """Where else the number stands, and why it stays there."""

    where: str = Field(examples=["setting"])
    rows: int
    why: str


class SubjectOut(Schema):
    """All that is held of a number."""

    number: str
    pseudonym: str = Field(description="Empty where there is no key")
    at: Moment
    counts: dict[str, int] = Field(description="Rows by table")
    records: dict[str, list[dict[str, Any]]] = Field(
        description="The rows by table, as they are stored; moments in ms since 1970 (UTC)"
    )
    purged_calls: int = Field(
        description="Calls that are known by the pseudonym alone: their number is gone"
    )
    elsewhere: list[MentionOut] = Field(description="What an erasure would leave")


class ErasureIn(Schema):
    """Whose data are to go, and why."""

    model_config = ConfigDict(strict=True)

    number: str = _NUMBER
    reason: str = Field(
        default="", max_length=500, description="For the audit trail; no name and no number"
    )
    dry_run: bool = Field(default=False, description="Count what would go, and change nothing")


class ErasureOut(Schema):
    """What was removed."""

    pseudonym: str = Field(description="Stays in the sealed evidence; empty: there is no key")
    removed: dict[str, int] = Field(description="Rows that were emptied or removed, by table")
    left: list[MentionOut] = Field(description="Where the number still stands, and why")
    dry_run: bool
    rewrite_due: bool = Field(
        description="The database's files are written anew later: until then unused parts of them "
        "may still hold the number"
    )


class PurgeStarted(Schema):
    """A purge runs from now on."""

    started: bool
