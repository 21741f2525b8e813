"""The shapes of alerts and of the trend, in the live stream and in the REST interface."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Moment, Schema

AlertKindName = Literal[
    "caller_breached", "queue_unstaffed", "link_lost", "history_failing", "contacts_overdue"
]


class AlertOut(Schema):
    """Something that a person should see to; on the board until it is over and seen."""

    id: str = Field(description="Stable, also over a restart while it lasts")
    kind: AlertKindName
    pbx: str = Field(description="Empty: about the monitor itself")
    queue: str = Field(description="Where the caller is, or who lacks members; empty: no queue")
    call_id: str = Field(description="`pbx:uniqueid`; empty: not about one caller")
    raised_at: Moment = Field(description="Since when it is so: of a caller, the deadline")
    ended_at: Moment | None = Field(description="Null while it lasts")
    acknowledged_by: str = Field(description="Empty: nobody yet")
    acknowledged_at: Moment | None
    params: dict[str, str | int | None] = Field(
        description="By kind. `caller_breached`: `caller`, `within_ms`, and once over `outcome` "
        "(`handled`, `gone`, `corrected`). `queue_unstaffed`: `why` (`nobody_logged_in`, "
        "`all_paused`, `nobody_reachable`), `waiting`, `members`, `paused`. `link_lost`: `state`, "
        "`detail`. `history_failing`: `detail`. `contacts_overdue`: `overdue`, how many "
        "contacts of the queue; it began with the last deadline that passed"
    )


class AlertList(Schema):
    """Alerts, the oldest first."""

    items: list[AlertOut]


class AlertIds(Schema):
    """Which alerts are meant."""

    ids: list[Annotated[str, Field(max_length=400)]] = Field(min_length=1, max_length=500)


class TrendPoint(Schema):
    """One minute of one queue; a minute in which nothing was to tell has no point.

    `offered` counts who joined in this minute; the others count what happened in it. So the
    service level of a minute is that of the waits that ended in it.
    """

    pbx: str
    queue: str
    minute: Moment = Field(description="Its beginning")
    offered: int = Field(description="Callers who joined the queue")
    answered: int = Field(description="Waits that an agent ended")
    answered_within: int = Field(description="… within the queue's threshold")
    abandoned: int = Field(description="Waits that the caller gave up")
    abandoned_within: int = Field(description="… within the queue's threshold")
    breached: int = Field(description="Callers whose deadline passed while they waited here")
    waiting_max: int = Field(description="Most callers waiting at once")


class AlertChange(Schema):
    """An alert is new or changed; replaces the one of the same id."""

    kind: Literal["alert"] = "alert"
    alert: AlertOut


class AlertGoneChange(Schema):
    """An alert left the board: it is over, and acknowledged or old."""

    kind: Literal["alert_gone"] = "alert_gone"
    id: str


class TrendChange(Schema):
    """New and corrected minutes; each replaces the one of the same pbx, queue and minute."""

    kind: Literal["trend"] = "trend"
    points: list[TrendPoint]
