"""The shapes of the REST and stream interface; the TypeScript types are generated from them.

Moments are ISO 8601 UTC with milliseconds, spans are seconds (fractions to the millisecond).
Unknown text is an empty string, an unknown moment or span is null.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Moment = Annotated[
    str,
    Field(
        description="ISO 8601, UTC, milliseconds",
        examples=["2026-11-21T09:41:07.382Z"],
        json_schema_extra={"format": "date-time"},
    ),
]
Seconds = Annotated[
    float, Field(description="Seconds, exact to the millisecond", examples=[41.208])
]
VerdictName = Literal["pending", "met", "breached", "abandoned", "refused", "excluded", "unknown"]
ExitName = Literal[
    "answered", "abandoned", "timeout", "key", "join_empty", "leave_empty", "full",
    "withdrawn", "redirected", "continued", "unknown",
]  # fmt: skip
LinkStateName = Literal["connecting", "resyncing", "connected", "lost", "refused"]
MemberStateName = Literal[
    "available", "ringing", "talking", "on_hold", "wrap_up", "paused", "busy", "unavailable"
]


class Schema(BaseModel):
    """Base of all shapes: what is not declared is an error."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class VisitOut(Schema):
    """One stay of a call in one queue."""

    queue: str
    joined_at: Moment
    left_at: Moment | None
    exit: ExitName | None = Field(description="Null while the caller waits or it is undecided")
    agent: str
    wait_s: Seconds | None
    talk_s: Seconds | None
    within_s: Seconds = Field(description="The queue's threshold when the caller joined")
    position: int = Field(description="Position on joining, from 1; 0 when not said")
    offers: int = Field(description="How often a member was rung for the caller")
    missed: int = Field(description="How many of these were not taken")
    answered_at: Moment | None


class VoiceServerStayOut(Schema):
    """One stay of a call in a voice server (IVR)."""

    name: str
    entered_at: Moment
    left_at: Moment | None
    inputs: str = Field(description="What the caller entered, in order")


class CallOut(Schema):
    """One call: the whole journey of one caller."""

    id: str = Field(description="`pbx:uniqueid`", examples=["lab:1763718067.42"])
    pbx: str
    uniqueid: str
    linkedid: str
    caller: str
    caller_name: str
    arrived_at: Moment
    ended_at: Moment | None
    handled_at: Moment | None
    handled_by: Literal["agent", "voice_server"] | None
    agent: str
    wait_s: Seconds | None = Field(description="Clock start to handled, else to the end")
    within_s: Seconds = Field(description="The call's own threshold: handled in less is met")
    clock_started_at: Moment | None = Field(
        description="When the commitment's clock started; null before"
    )
    deadline_at: Moment | None = Field(description="Null before the commitment's clock started")
    at_risk_at: Moment | None
    verdict: VerdictName
    verdict_at: Moment | None
    reason: str = Field(description="Stable code of why the verdict is what it is")
    short_abandon: bool
    observed: Literal["full", "partial"]
    policy_version: int
    visits: list[VisitOut]
    voice_server_stays: list[VoiceServerStayOut]


class FactOut(Schema):
    """One fact of a call's timeline."""

    at: Moment
    kind: str
    detail: dict[str, str | int | None]


class FindingOut(Schema):
    """One thing that explains why a call was not handled in time; docs/api.md lists the codes."""

    code: str
    params: dict[str, str | int] = Field(description="Spans in ms, names as the PBX has them")


class BlindIntervalOut(Schema):
    """A span in which a PBX was not observed; nothing is guessed of it."""

    pbx: str
    started_at: Moment
    ended_at: Moment | None = Field(description="Null while it lasts")
    cause: str


class SurveyOut(Schema):
    """What a caller answered when they were asked how satisfied they are."""

    score: int = Field(description="From 1; 0: asked, and not answered")
    best: int = Field(description="The best score of that survey")


class CallDetailOut(CallOut):
    """One call with every fact in order."""

    timeline: list[FactOut]
    diagnosis: list[FindingOut] = Field(
        description="The weightiest first; empty where the call was handled in time"
    )
    blind_intervals: list[BlindIntervalOut] = Field(description="Those that lie in the call")
    previous_call: str | None = Field(
        description="The same caller's call before; null where there is none, or numbers are hidden"
    )
    next_call: str | None = Field(description="The one after it")
    satisfaction: SurveyOut | None = Field(
        description="What the caller answered after the call; null where nobody asked"
    )


class CallCount(Schema):
    """How many calls filters mean."""

    count: int
    more: bool = Field(description="There are, or may be, more than were counted")


class CallPage(Schema):
    """A page of calls, newest first."""

    items: list[CallOut]
    next_cursor: str | None = Field(
        description="Pass as `cursor` for the next page; null at the end"
    )
    searched_to: Moment | None = Field(
        description="The page ends early, as its time was over: no other call that is meant "
        "arrived since then. Null where the page is full, or the list at its end"
    )


class RatioOut(Schema):
    """A ratio with what it was made from."""

    name: str
    formula: str
    numerator: int
    denominator: int
    ratio: float | None = Field(description="Null where the denominator is zero")


class QueueFigures(Schema):
    """Counts over the ended waits of visits to queues."""

    offered: int
    answered: int
    answered_within: int
    abandoned: int
    abandoned_within: int
    abandoned_short: int
    left_otherwise: int
    unknown: int
    asa_s: Seconds | None
    longest_wait_s: Seconds
    average_talk_s: Seconds | None
    service_levels: list[RatioOut]


class CommitmentFigures(Schema):
    """Calls by verdict, and the commitment's own rate: met / (met + breached)."""

    calls: int
    pending: int
    met: int
    breached: int
    abandoned: int
    refused: int
    excluded: int
    unknown: int
    short_abandons: int
    rate: RatioOut


class Figures(Schema):
    """Both sides of a period: the commitment (by call) and the queues (by visit)."""

    commitment: CommitmentFigures
    queues: QueueFigures


class Bucket(Figures):
    """The figures of the calls that arrived, and visits that joined, in one time bucket."""

    starts_at: Moment


class Indicators(Schema):
    """Indicators of a range."""

    from_: Moment = Field(alias="from")
    to: Moment
    total: Figures
    by_queue: dict[str, QueueFigures]
    buckets: list[Bucket] = Field(description="15 minutes each; empty buckets are left out")
    blind_intervals: list[BlindIntervalOut] = Field(
        description="What in the range was not observed, whole, oldest first"
    )

    model_config = ConfigDict(populate_by_name=True)


# --- access -------------------------------------------------------------------------------------

RoleName = Literal["viewer", "lead", "admin"]


class FieldCodeOut(Schema):
    """What is wrong with one parameter, for programs and pages that say it in their own words."""

    code: str = Field(description="Stable", examples=["at_most"])
    params: dict[str, str | int | float] = Field(
        default_factory=dict, description="What the words need", examples=[{"limit": 200}]
    )


class ErrorOut(Schema):
    """What went wrong and what to do, in the one shape that all errors have."""

    code: str = Field(description="Stable, for programs", examples=["not_found"])
    message: str = Field(description="For people", examples=["No call has the id lab:1."])
    fields: dict[str, str] = Field(
        default_factory=dict, description="For bad input: what is wrong with which parameter"
    )
    field_codes: dict[str, FieldCodeOut] = Field(
        default_factory=dict,
        description="The same as codes, by the same names; what has no code is left out",
    )


class Problem(Schema):
    """Envelope of every error answer."""

    error: ErrorOut


class HealthOut(Schema):
    """The process runs."""

    status: Literal["ok"] = "ok"


class ReadyOut(Schema):
    """Whether the monitor can do its work; `problems` says why not, one sentence each."""

    status: Literal["ready", "degraded"]
    problems: list[str]
