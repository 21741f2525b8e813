"""The shapes of figures over time, of distributions of waits, and of lost callers."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.schemas import (
    BlindIntervalOut,
    Figures,
    Moment,
    QueueFigures,
    Schema,
    Seconds,
    VerdictName,
)

StepName = Literal["hour", "day", "week", "month"]
CallBackStatus = Literal["to_call", "in_progress", "no_answer", "reached", "dismissed"]
Share = Annotated[float | None, Field(description="From 0 to 1; null where there is none")]


class Bounds(Schema):
    """How low and how high a ratio may be, with what is unknown all against it, or all for it."""

    low: float | None
    high: float | None


class Period(Figures):
    """Figures with the range in which each ratio lies, where the outcome of some is unknown."""

    rate_bounds: Bounds
    service_level_bounds: dict[str, Bounds] = Field(description="By the name of the formula")


class SeriesBucket(Period):
    """An hour, a day, a week or a month, cut to the range that was asked for."""

    starts_at: Moment
    ends_at: Moment


class SeriesQueue(Schema):
    """A queue's visits over the whole range."""

    pbx: str
    queue: str
    label: str
    target: Share
    figures: QueueFigures


class Series(Schema):
    """Figures of a range, step by step in the centre's zone."""

    from_: Moment = Field(alias="from")
    to: Moment
    step: StepName
    zone: str = Field(description="The centre's zone", examples=["Europe/Paris"])
    service_level: str = Field(description="The formula that is shown first")
    service_level_target: Share
    commitment_target: Share
    within_s: Seconds = Field(description="The threshold in force now")
    total: Period
    by_queue: list[SeriesQueue]
    buckets: list[SeriesBucket] = Field(description="All of them, empty ones too, without a gap")
    blind_intervals: list[BlindIntervalOut]

    model_config = ConfigDict(populate_by_name=True)


class WaitBinOut(Schema):
    """How many waited so long: `from_s` ≤ wait < `to_s`."""

    from_s: Seconds
    to_s: Seconds | None = Field(description="Null: all that is longer")
    answered: int = Field(description="Handled, for `of=call`")
    abandoned: int
    other: int = Field(description="Turned away, timed out, sent elsewhere…")


class WaitThreshold(Schema):
    """A threshold under which some of the waits were judged."""

    within_s: Seconds
    waits: int


class WaitsOut(Schema):
    """A distribution of waits."""

    from_: Moment = Field(alias="from")
    to: Moment
    of: Literal["call", "visit"]
    bins: list[WaitBinOut]
    thresholds: list[WaitThreshold] = Field(description="The most frequent one first")
    unseen: int = Field(description="Waits whose length was not observed; in no bin")

    model_config = ConfigDict(populate_by_name=True)


class WeekCell(Figures):
    """One hour of the week, in the centre's zone, over the whole range."""

    weekday: int = Field(description="0 is Monday", ge=0, le=6)
    hour: int = Field(ge=0, le=23)


class WeekOut(Schema):
    """The hours of the week."""

    from_: Moment = Field(alias="from")
    to: Moment
    zone: str
    cells: list[WeekCell] = Field(description="Hours without a call are left out")

    model_config = ConfigDict(populate_by_name=True)


class CallBackOut(Schema):
    """What was done about a lost caller."""

    version: int = Field(description="Say it back when you change it; 0: nothing was done yet")
    status: CallBackStatus
    tries: int = Field(description="How often nobody answered")
    note: str = Field(description="Empty, too, where a queue is not seen in which it was written")
    by: str = Field(description="Who changed it last")
    at: Moment | None


class CallBackChange(Schema):
    """What was done about a lost caller; what is left out stays."""

    version: int = Field(description="The version that you have read", ge=0, lt=2**31)
    status: CallBackStatus | None = None
    note: str | None = Field(default=None, max_length=500)


class LostCallerOut(Schema):
    """A caller who was not taken care of, and their lost calls of the range."""

    id: str = Field(description="Of the last lost call", examples=["lab:1763718067.42"])
    caller: str
    name: str
    pbx: str
    queue: str = Field(description="The last one visited; empty: none")
    queue_label: str
    verdict: VerdictName = Field(description="Of the last lost call")
    first_at: Moment
    last_at: Moment
    attempts: int = Field(description="Lost calls in the range")
    longest_wait_s: Seconds
    waiting_now: bool = Field(description="The caller is in a live call, not taken care of yet")
    got_through_at: Moment | None = Field(description="Arrival of the call that was handled since")
    call_back: CallBackOut


class LostCounts(Schema):
    """How many callers there are, each in one of these."""

    to_call: int
    in_progress: int
    no_answer: int
    reached: int
    dismissed: int
    got_through: int


class LostCallersOut(Schema):
    """Lost callers, the last to be lost first."""

    from_: Moment = Field(alias="from")
    to: Moment
    counts: LostCounts
    anonymous: int = Field(description="Lost calls without a number: nobody can be called back")
    total: int = Field(description="How many `items` would be without `limit`")
    items: list[LostCallerOut]

    model_config = ConfigDict(populate_by_name=True)
