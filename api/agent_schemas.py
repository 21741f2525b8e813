"""The shapes of agents' time."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas import BlindIntervalOut, Moment, Schema, Seconds

AgentDimensionName = Literal["pbx", "team", "queue", "month", "week", "day", "team_month", "agent"]


class AgentIndicatorOut(Schema):
    """What a figure of agents' time is made of."""

    code: str = Field(description="Stable", examples=["occupancy"])
    unit: Literal["ratio", "s", "count"]
    numerator: str = Field(description="What is counted or added up")
    denominator: str = Field(description="Out of what; empty where it is a sum or a count")
    of_queues: bool = Field(
        description="Made of what conversations took: there also by queue, and for accounts that "
        "see some queues only"
    )


class AgentValueOut(Schema):
    """A figure that can be checked by hand: times in seconds, conversations as a number."""

    value: float | None = Field(description="Null: there is none, which is not zero")
    numerator: float | None = None
    denominator: float | None = None


class AgentPartOut(Schema):
    """Agents' time of a part of the period."""

    pbx: str | None = None
    team: str | None = Field(default=None, description="Empty: agents of no team at that time")
    queue: str | None = None
    agent: str | None = Field(default=None, description="The interface")
    name: str | None = Field(default=None, description="What the agent is called")
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    values: dict[str, AgentValueOut] = Field(description="By the indicator's code")
    pauses: dict[str, Seconds] | None = Field(
        default=None, description="Time paused by the reason that was given, empty for none"
    )


class AgentTimeOut(Schema):
    """Agents' time of a range."""

    from_: Moment = Field(alias="from")
    to: Moment
    zone: str = Field(description="The centre's zone", examples=["Europe/Paris"])
    by: AgentDimensionName | None
    per_agent: bool = Field(description="Whether the time of each agent is kept, and told to you")
    total: AgentPartOut
    parts: list[AgentPartOut]
    blind_intervals: list[BlindIntervalOut]

    model_config = ConfigDict(populate_by_name=True)
