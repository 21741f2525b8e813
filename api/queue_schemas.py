"""The shapes of queues for pages, and of what settings can be chosen from; see `api.schemas`."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from api.schemas import Moment, Schema, Seconds


class QueueInfo(Schema):
    """A queue as people know it, with what is promised to its callers."""

    pbx: str
    queue: str
    label: str
    declared: bool = Field(description="False: the PBX announced it, and nobody declared it")
    within_s: Seconds
    at_risk_after_s: Seconds
    target: float | None = Field(
        description="The share of the queue's service level that is aimed at; null: nobody said one"
    )
    service_level: str = Field(description="The name of the formula that is shown first")
    calendar: str = Field(
        description="The calendar that judges callers whose first queue this is; empty: the "
        "opening hours of the centre, which may be none"
    )
    open: bool = Field(description="Whether it is within its opening hours now")
    changes_at: Moment | None = Field(
        description="Until when it is open, or when it opens; null: not within 400 days"
    )


class CentreInfo(Schema):
    """The centre as a whole."""

    within_s: Seconds
    at_risk_after_s: Seconds
    target: float | None = Field(description="The share met / (met + breached) that is aimed at")
    service_level: str
    calendar: str
    open: bool
    changes_at: Moment | None


class QueuesOut(Schema):
    """The queues that the asker may see, by name, and the centre."""

    centre: CentreInfo
    items: list[QueueInfo]


class DiscoveredQueue(Schema):
    """A queue that a PBX has announced."""

    pbx: str
    queue: str
    declared: bool
    waiting: int
    members: int


class DiscoveredContext(Schema):
    """A dialplan context that channels passed since the link was made."""

    pbx: str
    context: str
    callers: int = Field(description="How many channels came to it that the PBX had not dialled")
    last_seen_at: Moment
    role: Literal["incoming", "voice_server", "welcome", ""]
    voice_server: str = Field(description="The voice server that it belongs to; empty: to none")


class DiscoveredApp(Schema):
    """A Stasis application that channels entered since the link was made."""

    pbx: str
    app: str
    callers: int
    last_seen_at: Moment
    voice_server: str = Field(description="The voice server that declares it; empty: none")


class DiscoveredOut(Schema):
    """What was seen on the PBXs, to be offered where it would have to be typed."""

    queues: list[DiscoveredQueue]
    contexts: list[DiscoveredContext] = Field(description="The most frequent ones first")
    stasis_apps: list[DiscoveredApp]


class HolidayOut(Schema):
    """A public holiday."""

    date: date
    name_en: str
    name_fr: str


class HolidaysOut(Schema):
    """The public holidays of a country, or of a part of it, in one year."""

    items: list[HolidayOut]
    subdivisions: list[str] = Field(
        description="The codes of the country's parts that may have holidays of their own"
    )


class CheckOut(Schema):
    """One thing that the connection test looked at; `docs/settings.md` lists the codes."""

    code: str
    status: Literal["ok", "warning", "failed", "skipped"]
    params: dict[str, Any]


class PbxTestOut(Schema):
    """What the connection test found, in order."""

    checks: list[CheckOut]
    version: str = Field(description="Asterisk's version; empty: it did not tell")
