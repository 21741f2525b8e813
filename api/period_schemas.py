"""The shapes of a period's indicators and of their definitions."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.agent_schemas import AgentIndicatorOut
from api.schemas import BlindIntervalOut, Moment, Schema, Seconds

DimensionName = Literal["pbx", "queue", "month", "week", "day", "queue_month"]


class IndicatorOut(Schema):
    """What an indicator counts, out of what, and which calls it is made of."""

    code: str = Field(description="Stable", examples=["commitment_rate"])
    of: Literal["calls", "visits", "voice"] = Field(
        description="`calls` count by arrival and judging queue, `visits` by joining and their own "
        "queue, `voice` (stays in voice servers) by their call's arrival"
    )
    unit: Literal["count", "ratio", "s"]
    numerator: str = Field(description="What is counted, added up or measured")
    denominator: str = Field(description="Out of what; empty where it is no ratio")
    source: str = Field(description="Whose definition it is")
    calls: dict[str, str] | None = Field(
        description="The filters of `GET /calls` that list its calls, besides those of the range; "
        "of visits, the calls with such a visit. Null: no filter lists them"
    )


class IndicatorsOut(Schema):
    """Every indicator."""

    items: list[IndicatorOut]
    agents: list[AgentIndicatorOut] = Field(description="Figures of agents' time")


class ValueOut(Schema):
    """A figure that can be checked by hand.

    `value` is the quotient where there is a denominator, else the count, or the seconds.
    """

    value: float | None = Field(description="Null: there is none, which is not zero")
    numerator: int | None = None
    denominator: int | None = None
    low: float | None = Field(default=None, description="With all unknown against it")
    high: float | None = Field(default=None, description="With all unknown for it")


class PartOut(Schema):
    """The indicators of a part of the period."""

    pbx: str | None = None
    queue: str | None = Field(default=None, description="Empty: the calls that tried no queue")
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    values: dict[str, ValueOut] = Field(description="By the indicator's code")


class VoiceServerOut(Schema):
    """Stays in a voice server, by when their calls arrived."""

    name: str
    reached: int
    with_input: int
    inputs: int
    ended_there: int
    left_without: int = Field(description="Ended there, and nobody had handled the caller")
    average_s: Seconds | None = Field(description="Null where there is none")


class ThresholdCalls(Schema):
    """How many calls were judged under a threshold."""

    within_s: Seconds
    calls: int


class PeriodOut(Schema):
    """All indicators of a range."""

    from_: Moment = Field(alias="from")
    to: Moment
    zone: str = Field(description="The centre's zone", examples=["Europe/Paris"])
    by: DimensionName | None
    total: PartOut
    parts: list[PartOut] = Field(description="They add up to the total")
    voice_servers: list[VoiceServerOut]
    waits: dict[str, int] = Field(
        description="Waits until handled by whole second, rounded up: how many"
    )
    answered_waits: dict[str, int] = Field(description="The same of answered visits")
    exclusions: dict[str, int] = Field(description="Excluded calls by why")
    policy_versions: dict[str, int] = Field(description="Calls by the policy that judged them")
    thresholds: list[ThresholdCalls]
    blind_intervals: list[BlindIntervalOut]

    model_config = ConfigDict(populate_by_name=True)
