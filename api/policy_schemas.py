"""The shape of a policy version: what was promised when, to explain the verdicts of then."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.schemas import Moment, Schema, Seconds
from config.settings import Formula


class PolicyPromise(Schema):
    """What was promised to callers."""

    within_s: Seconds
    at_risk_after_s: Seconds
    target: float | None = Field(description="The share that is aimed at; null: nobody said one")
    service_level: Formula = Field(description="The formula that is shown first")


class PolicyCommitment(PolicyPromise):
    """The commitment to every caller."""

    short_abandon_s: Seconds = Field(description="Who leaves sooner counts as a short abandon")
    starts_on: Literal["arrival", "welcome_end", "voice_server_left", "queue_joined"]


class PolicyQueue(PolicyPromise):
    """A queue that was declared."""

    pbx: str = Field(description="Empty: the queue of that name on every PBX")
    queue: str
    label: str
    calendar: str = Field(description="Empty: the centre's")


class PolicyVoiceServer(Schema):
    """A voice server that was declared."""

    name: str
    contexts: list[str]
    stasis_apps: list[str]
    counts_when: Literal["reached", "first_input"]


class PolicySpan(Schema):
    """Open from one time of the day to another, in the centre's zone."""

    start: str = Field(examples=["08:00"])
    end: str = Field(description="`24:00` for the end of the day", examples=["19:00"])


class PolicyWeekSpan(PolicySpan):
    """A span of each week."""

    weekday: int = Field(description="0: Monday", ge=0, le=6)


class PolicyOpening(PolicySpan):
    """An exceptional opening."""

    day: date


class PolicyClosed(Schema):
    """Closed days."""

    first: date
    last: date


class PolicyCalendar(Schema):
    """Opening hours as they were; without any of them: always open."""

    name: str = Field(description="Empty: the centre's own hours, which are no calendar")
    hours: list[PolicyWeekSpan]
    holidays: list[date]
    holiday_hours: list[PolicySpan] = Field(description="When open on holidays; none: closed")
    closed: list[PolicyClosed]
    openings: list[PolicyOpening]


class PolicyOut(Schema):
    """All that judged calls from one change of the settings to the next."""

    version: int
    set_at: Moment
    set_by: str
    replaced_at: Moment | None = Field(description="When the next version came; null: in force")
    sha256: str = Field(description="Of the policy as it is stored, as in exported evidence")
    zone: str = Field(description="The centre's zone, for its days and hours")
    commitment: PolicyCommitment
    queues: list[PolicyQueue] = Field(description="Those that you may see")
    voice_servers: list[PolicyVoiceServer]
    calendar: str = Field(description="The centre's calendar; empty: its own hours")
    calendars: list[PolicyCalendar]
    test_numbers: list[str] | None = Field(
        description="Calls of these were excluded; null: you may not see numbers"
    )
    internal_numbers: list[str] | None
