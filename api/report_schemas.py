"""The shape of a report on the commitment: :mod:`monitor.reporting.model` as JSON."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.history_schemas import Share
from api.period_schemas import VoiceServerOut
from api.schemas import Moment, Schema, Seconds

Count = Annotated[int, Field(ge=0)]
Day = Annotated[str, Field(description="A day", examples=["2026-04-01"])]
Month = Annotated[str, Field(description="A month of the zone", examples=["2026-04"])]
ChannelName = Literal["email", "letter", "callback", "chat", "complaint", "other"]
Known = Annotated[Seconds | None, Field(description="Null where there is none")]


class ReportRatioOut(Schema):
    """A ratio that can be checked by hand."""

    numerator: Count
    denominator: Count
    value: Share


class MeanOut(Schema):
    """A mean that can be checked by hand."""

    numerator: Count
    denominator: Count
    value: float | None = Field(description="Null where there is nothing")


class RangeOut(Schema):
    """How low and how high a ratio may be: all of unknown outcome against it, or all for it."""

    low: ReportRatioOut
    high: ReportRatioOut


class LevelOut(Schema):
    """A ratio with the range in which it lies."""

    ratio: ReportRatioOut
    range: RangeOut


class WaitsOfReport(Schema):
    """Waits: the mean is exact, percentiles are whole seconds by nearest rank."""

    count: Count
    mean_s: Known
    longest_s: Seconds
    percentiles_s: dict[str, int | None] = Field(description="By percent: 50, 80, 90, 95")


class CallResultsOut(Schema):
    """Calls by when they arrived; each has one verdict."""

    calls: Count
    pending: Count = Field(description="Live when the report was made")
    met: Count
    breached: Count
    abandoned: Count = Field(description="Left before the deadline, unhandled")
    refused: Count
    excluded: Count
    unknown: Count
    rate: LevelOut = Field(description="The commitment's own: met / (met + breached)")
    short_abandons: Count
    breached_handled: Count
    breached_abandoned: Count
    breached_refused: Count
    breached_otherwise: Count
    handled_by_agent: Count
    handled_by_voice_server: Count
    partly_observed: Count
    corrected: Count = Field(description="Calls of which a verdict was corrected")
    corrections: Count
    waits: WaitsOfReport = Field(
        description="From the clock's start until handled; the longest also of those who gave up"
    )
    repeats: ReportRatioOut = Field(
        description="Calls whose caller had called in the 7 × 24 hours before / with a number"
    )


class VisitResultsOut(Schema):
    """Visits to queues by when they joined; T is the queue's threshold at that time."""

    offered: Count
    answered: Count
    answered_within: Count
    abandoned: Count
    abandoned_within: Count
    abandoned_short: Count
    left_otherwise: Count
    turned_away: Count = Field(description="Not let in: full, nobody there")
    unknown: Count
    service_levels: dict[str, LevelOut] = Field(description="By the name of the formula")
    waits: WaitsOfReport = Field(description="Until answered: the mean is the ASA")
    average_talk_s: Known
    average_hold_s: Known
    ring_no_answer: ReportRatioOut
    transferred: Count


class ResultsOut(Schema):
    """The results of one part of the period."""

    calls: CallResultsOut
    visits: VisitResultsOut


class QueueResultsOut(Schema):
    """A queue's; each call belongs to one queue, so these add up to the total."""

    pbx: str
    queue: str = Field(description="Empty: calls that tried none")
    label: str
    target: Share
    results: ResultsOut


class MonthResultsOut(Schema):
    """A month's, cut to the period."""

    month: Month
    from_: Moment = Field(alias="from")
    to: Moment
    results: ResultsOut

    model_config = ConfigDict(populate_by_name=True)


class QueueMonthOut(Schema):
    """A queue in a month."""

    pbx: str
    queue: str
    month: Month
    calls: Count
    met: Count
    breached: Count
    unknown: Count
    rate: LevelOut
    offered: Count
    service_level: LevelOut = Field(description="By the commitment's formula")


class WaitBinOfReport(Schema):
    """Calls that waited longer than `from_s` and at most `to_s`, rounded up to whole seconds."""

    from_s: int
    to_s: int | None = Field(description="Null: all that are longer")
    calls: Count


class ReasonCountOut(Schema):
    """Excluded calls by why."""

    reason: str
    calls: Count


class BlindOut(Schema):
    """A span in which a PBX was not observed, cut to the period."""

    pbx: str
    from_: Moment = Field(alias="from")
    to: Moment
    length_s: Seconds
    open_s: Seconds = Field(description="How much of it lies in opening hours")
    cause: str = Field(description="As it was recorded")
    codes: list[str] = Field(description="The same as stable codes", examples=[["closed"]])

    model_config = ConfigDict(populate_by_name=True)


class BlindTotalOut(Schema):
    """All blind intervals."""

    count: Count
    length_s: Seconds
    open_s: Seconds
    intervals: list[BlindOut]


class PbxCoverageOut(Schema):
    """How much of the opening time a PBX was observed; the ratio is of milliseconds."""

    pbx: str
    open_s: Seconds
    observed_s: Seconds
    share: ReportRatioOut


class CoverageOut(Schema):
    """How much of the opening time was observed, each PBX counted, by the centre's calendar."""

    open_s: Seconds
    observed_s: Seconds
    share: ReportRatioOut
    record_begins: Moment | None = Field(
        description="Where it begins after the period does: what lies before was not observed"
    )
    pbxs: list[PbxCoverageOut]


class OverflowCountOut(Schema):
    """Overflow commands of a kind, and what came of them."""

    action: str
    outcome: str
    commands: Count


class ContactResultsOut(Schema):
    """Contacts of other channels by when they were received; each has one verdict."""

    registered: Count
    pending: Count
    met: Count = Field(description="Answered before the announced deadline")
    breached: Count
    withdrawn: Count
    excluded: Count
    rate: ReportRatioOut = Field(description="met / (met + breached)")
    overdue: Count = Field(description="Of the breached, those whom nobody has answered")
    answered: Count = Field(description="In time or late, without the excluded")
    corrected: Count = Field(description="Contacts of which a verdict was corrected")
    average_answer_s: Known


class ChannelResultsOut(Schema):
    """A channel's."""

    channel: ChannelName
    results: ContactResultsOut


class ChannelMonthOut(Schema):
    """A channel's in a month."""

    channel: ChannelName
    month: Month
    results: ContactResultsOut


class PromiseResultsOut(Schema):
    """Those to whom the same was announced."""

    channel: ChannelName
    promise: Literal["moment", "span", "opening_hours"]
    span_s: Known
    results: ContactResultsOut


class ContactReasonCountOut(Schema):
    """Excluded contacts by why."""

    reason: str = Field(examples=["duplicate"])
    contacts: Count


class CallbackResultsOut(Schema):
    """Callbacks asked for (without the excluded), made at all, and made in time."""

    asked: Count
    done: ReportRatioOut
    in_time: ReportRatioOut


class ContactsOfReport(Schema):
    """The promises of other channels."""

    total: ContactResultsOut
    channels: list[ChannelResultsOut]
    months: list[ChannelMonthOut]
    promises: list[PromiseResultsOut]
    exclusions: list[ContactReasonCountOut]
    callbacks: CallbackResultsOut


class ScaleResultsOut(Schema):
    """Answers on one scale, 1 to `best`."""

    best: int
    answered: Count
    mean: MeanOut = Field(description="All scores added up / how many")
    satisfied: ReportRatioOut = Field(
        description="The two best scores (on a scale of 2 or 3 the best alone) / all given"
    )
    distribution: dict[str, Count] = Field(description="How many gave each score")


class SatisfactionMonthOut(Schema):
    """A month's answers."""

    month: Month
    response: ReportRatioOut
    scales: list[ScaleResultsOut]


class SatisfactionOfReport(Schema):
    """What callers answered after their call, by when it arrived."""

    response: ReportRatioOut = Field(description="Answered / asked")
    scales: list[ScaleResultsOut]
    months: list[SatisfactionMonthOut]


class AgentResultsOut(Schema):
    """Time of agents who were logged in, of all of them together; each moment is in one span."""

    occupancy: ReportRatioOut = Field(
        description="Talk, hold and wrap-up / time logged in less pauses, in milliseconds"
    )
    average_handle_s: Known = Field(description="AHT: talk, hold and wrap-up / conversations")
    average_talk_s: Known
    average_hold_s: Known
    average_wrap_up_s: Known
    conversations: Count
    logged_in_s: Seconds
    available_s: Seconds
    ringing_s: Seconds
    talk_s: Seconds = Field(description="Without hold")
    hold_s: Seconds
    wrap_up_s: Seconds
    busy_s: Seconds
    paused_s: Seconds
    unobserved_s: Seconds = Field(description="In no other figure")


class TeamResultsOut(Schema):
    """A team's; empty for agents of none."""

    team: str
    results: AgentResultsOut


class AgentMonthOut(Schema):
    """A month's, of a team or (null) of all."""

    team: str | None
    month: Month
    results: AgentResultsOut


class PauseTimeOut(Schema):
    """Time in pause by reason; empty for none."""

    reason: str
    paused_s: Seconds


class AgentsOfReport(Schema):
    """Agents' time; it is not sealed, and not made anew from a pack."""

    total: AgentResultsOut
    teams: list[TeamResultsOut]
    months: list[AgentMonthOut]
    team_months: list[AgentMonthOut]
    pauses: list[PauseTimeOut]


class ThresholdOut(Schema):
    """Calls that were judged by this threshold."""

    within_s: Seconds
    calls: Count


class PolicyChangeOut(Schema):
    """What a policy version has changed; numbers of callers are told as how many."""

    what: str = Field(examples=["queue_within"])
    subject: str = Field(description="A queue, a voice server, a calendar, a PBX; or empty")
    before: str | float | None
    after: str | float | None


class PolicyInForceOut(Schema):
    """A policy version that was in force in the period, or judged calls of it."""

    version: int
    from_: Moment = Field(alias="from")
    to: Moment | None = Field(description="Null: in force at the period's end")
    calls: Count
    changes: list[PolicyChangeOut] | None = Field(
        description="Against the version before; null: not known here"
    )

    model_config = ConfigDict(populate_by_name=True)


class PromiseOut(Schema):
    """The commitment as it stood at the period's end."""

    version: int
    within_s: Seconds
    starts_on: Literal["arrival", "welcome_end", "voice_server_left", "queue_joined"]
    short_abandon_s: Seconds
    target: Share
    service_level: str = Field(description="The formula that is shown first")
    thresholds: list[ThresholdOut]


class ReportPeriod(Schema):
    """`from` ≤ t < `to`; days are those of the zone."""

    from_: Moment = Field(alias="from")
    to: Moment
    zone: str = Field(examples=["Europe/Paris"])
    first_day: Day
    last_day: Day

    model_config = ConfigDict(populate_by_name=True)


class PreviousOut(Schema):
    """The period before, of equal length: as many months where it is whole months, else days."""

    period: ReportPeriod
    total: ResultsOut


class DefinitionOut(Schema):
    """What a figure is."""

    code: str
    formula: str
    unit: str


class SealedOut(Schema):
    """The chain of sealed days (UTC) when the report was made."""

    head: str
    first_day: Day | None
    last_day: Day | None
    days: int | None = Field(description="Sealed days of the period")
    open_days: int | None = Field(description="Days of the period that are not sealed")


class GeneratedOut(Schema):
    """When, by whom and with what the report was made; all else follows from the record."""

    at: Moment
    by: str
    program: str


class ReportOut(Schema):
    """A report on the commitment."""

    format: Literal["minuteur-report-1"]
    period: ReportPeriod
    centre: str = Field(description="What it was called at the period's end; empty: nobody said")
    queues_only: list[tuple[str, str]] | None = Field(
        description="Only of these (PBX, queue); null: of the whole centre"
    )
    promise: PromiseOut | None
    policies: list[PolicyInForceOut]
    total: ResultsOut
    pbxs: list[str]
    queues: list[QueueResultsOut]
    months: list[MonthResultsOut]
    queue_months: list[QueueMonthOut]
    waits: list[WaitBinOfReport]
    exclusions: list[ReasonCountOut]
    blind: BlindTotalOut
    coverage: CoverageOut
    voice_servers: list[VoiceServerOut]
    overflow: list[OverflowCountOut]
    contacts: ContactsOfReport | None = Field(
        description="Other channels, as they stand; null where they cannot be proved any more"
    )
    satisfaction: SatisfactionOfReport | None
    agents: AgentsOfReport | None = Field(
        description="Agents' time; null where none was seen, and of some queues alone"
    )
    previous: PreviousOut | None
    definitions: list[DefinitionOut]
    sealed: SealedOut | None
    generated: GeneratedOut | None
