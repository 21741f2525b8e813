"""The shapes of the live stream's messages, and of what is live; see :mod:`api.schemas`."""

from typing import Annotated, Literal

from pydantic import Field

from api.alert_schemas import (
    AlertChange,
    AlertGoneChange,
    AlertOut,
    TrendChange,
    TrendPoint,
)
from api.overflow_schemas import (
    CommandChange,
    CommandOut,
    DecisionChange,
    DecisionOut,
    LiveOverflow,
    OverflowChange,
)
from api.schemas import (
    CallOut,
    CommitmentFigures,
    LinkStateName,
    MemberStateName,
    Moment,
    QueueFigures,
    Schema,
    Seconds,
)


class LiveQueue(Schema):
    """A queue on the live board."""

    pbx: str
    name: str
    label: str
    within_s: Seconds
    at_risk_after_s: Seconds
    target: float | None = Field(
        description="The share of the queue's service level that is aimed at; null: nobody said one"
    )
    service_level: str = Field(description="The name of the formula that is shown first")
    waiting: int
    longest_wait_since: Moment | None = Field(description="When the longest waiting caller joined")
    today: QueueFigures


class LiveMember(Schema):
    """An agent's place in one queue; `interface` is the key."""

    pbx: str
    queue: str
    interface: str
    name: str
    state: MemberStateName
    since: Moment
    pause_reason: str
    penalty: int
    calls_taken: int
    missed: int = Field(description="Offers not taken since the monitor knows the member")
    missed_today: int = Field(description="Offers in this queue not taken today")
    answered_today: int = Field(description="Callers of this queue answered today")
    ringing_for: str = Field(description="The call this member is rung for; empty when none")
    call_id: str = Field(description="The call this member talks to; empty when none")


class LivePbx(Schema):
    """The link with one PBX."""

    name: str
    state: LinkStateName
    since: Moment
    detail: str = Field(description="What is wrong and what to do; empty when all is well")
    blind_since: Moment | None = Field(
        description="Since when the PBX is not observed, through all attempts; null while it is"
    )
    clock_offset_s: Seconds = Field(description="Monitor's clock minus PBX's")
    warnings: dict[str, str] = Field(description="By stable code: what is wrong with the set-up")


class LiveSystem(Schema):
    """The monitor's own state."""

    history: Literal["ok", "failing"]
    history_detail: str = Field(
        description="What is wrong with the database; empty when all is well"
    )


class SeenQueue(Schema):
    """A queue that an account sees."""

    pbx: str = Field(description="Empty: the queue of that name on every PBX")
    queue: str


class LiveScope(Schema):
    """What a snapshot, and the stream after it, is made of."""

    queues: list[SeenQueue] | None = Field(description="Null: all queues")
    sees_numbers: bool = Field(description="False: callers' numbers are hidden but for their ends")
    today_from: Literal["engine", "record"] = Field(
        description="Where `today` comes from. `engine`: all calls, as it happens. `record`: calls "
        "that visited these queues, counted in the record every few seconds"
    )
    today_as_of: Moment | None = Field(
        description="When the record was counted; null: not yet, or not from the record"
    )


class Snapshot(Schema):
    """All that is live, at one moment."""

    type: Literal["snapshot"] = "snapshot"
    seq: int = Field(description="The number of the last delta that is contained in this snapshot")
    server_time: Moment
    pbxs: list[LivePbx]
    queues: list[LiveQueue]
    calls: list[CallOut] = Field(description="Live calls")
    members: list[LiveMember]
    today: CommitmentFigures
    system: LiveSystem
    overflow: LiveOverflow
    decisions: list[DecisionOut] = Field(description="The last 20 of rules and people, in order")
    commands: list[CommandOut] = Field(description="Those of these decisions")
    alerts: list[AlertOut] = Field(description="The alerts on the board, the oldest first")
    trend: list[TrendPoint] = Field(
        description="The last 60 whole minutes of each queue, in order of time"
    )
    scope: LiveScope


class CallChange(Schema):
    """A live call is new or changed; replaces the one of the same id."""

    kind: Literal["call"] = "call"
    call: CallOut


class CallGoneChange(Schema):
    """A call ended; its final record is sent just before."""

    kind: Literal["call_gone"] = "call_gone"
    id: str


class QueueChange(Schema):
    """A queue is new or changed; replaces the one of the same pbx and name."""

    kind: Literal["queue"] = "queue"
    queue: LiveQueue


class MemberChange(Schema):
    """A member is new or changed; replaces the one of the same pbx, queue and interface."""

    kind: Literal["member"] = "member"
    member: LiveMember


class MemberGoneChange(Schema):
    """A member left a queue."""

    kind: Literal["member_gone"] = "member_gone"
    pbx: str
    queue: str
    interface: str


class PbxChange(Schema):
    """The link with a PBX changed."""

    kind: Literal["pbx"] = "pbx"
    pbx: LivePbx


class TodayChange(Schema):
    """Today's figures of the commitment changed."""

    kind: Literal["today"] = "today"
    today: CommitmentFigures
    as_of: Moment | None = Field(description="When the record was counted; null: as it happens")


class SystemChange(Schema):
    """The monitor's own state changed."""

    kind: Literal["system"] = "system"
    system: LiveSystem


Change = Annotated[
    CallChange | CallGoneChange | QueueChange | MemberChange | MemberGoneChange
    | PbxChange | TodayChange | SystemChange | OverflowChange | DecisionChange | CommandChange
    | AlertChange | AlertGoneChange | TrendChange,
    Field(discriminator="kind"),
]  # fmt: skip


class Delta(Schema):
    """Changes since the message before; `seq` grows by exactly one from message to message."""

    type: Literal["delta"] = "delta"
    seq: int
    server_time: Moment
    changes: list[Change]


class Heartbeat(Schema):
    """Sent every 2 seconds when nothing else is; `seq` is the last delta's. Silence is a fault."""

    type: Literal["heartbeat"] = "heartbeat"
    seq: int
    server_time: Moment


class Resync(Schema):
    """What a client sends when it sees a gap in `seq`; the answer is a snapshot."""

    type: Literal["resync"]


LiveMessage = Annotated[Snapshot | Delta | Heartbeat, Field(discriminator="type")]
"""What the server sends. A client that sees a gap sends `{"type":"resync"}`, gets a snapshot."""
