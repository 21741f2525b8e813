"""The shapes of overflow in the REST interface and the live stream.

A rule's own shape is that of the settings file: :class:`config.overflow.OverflowRule`.
"""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.schemas import Moment, Schema, Seconds
from config.overflow import OverflowRule
from config.overflow_actions import Destination

VerbName = Literal["move", "prioritise", "turn_on", "turn_off", "stay"]
AskerName = Literal["pbx", "monitor", "person"]
OutcomeName = Literal[
    "pending", "done", "moved", "answered_meanwhile", "left_meanwhile", "still_waiting", "failed",
    "not_observed",
]  # fmt: skip
OrderName = Literal[
    "withdraw_caller", "redirect_channel", "change_priority", "add_member", "remove_member",
    "change_penalty", "set_global", "put_database", "change_lamp",
]  # fmt: skip
ViaName = Literal["session", "token", "mqtt", "cli", "monitor"]


class RuleOut(OverflowRule):
    """A rule in force, its version, and what people make it do."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    version: int = Field(description="Send it back as `If-Match` to change or delete the rule")
    created_at: Moment
    created_by: str
    updated_at: Moment
    updated_by: str
    forced: bool | None = Field(
        description="A person has it act (true) or rest (false) whatever its conditions say; null: "
        "they decide"
    )
    forced_by: str
    problem: str = Field(description="Why the rule cannot be put in force; empty when all is well")


class RuleList(Schema):
    """All rules, in the order in which they are asked."""

    items: list[RuleOut]


class RuleVersionOut(Schema):
    """A rule as it was."""

    version: int
    rule: OverflowRule | None = Field(description="Null: it was deleted")
    at: Moment
    by: str


class RuleVersions(Schema):
    """All versions of a rule, newest first."""

    items: list[RuleVersionOut]


class Force(Schema):
    """What a person makes a rule do."""

    on: bool | None = Field(
        strict=True,
        description="True: act, false: rest, whatever its conditions say; null: they decide again",
    )


class SwitchIn(Schema):
    """How the switch is to be."""

    on: bool = Field(strict=True, description="False: nothing is done for callers any more")
    note: str = Field(default="", max_length=500, description="Why, for the others")


class SwitchOut(Schema):
    """The big red switch. Off, nothing is decided for callers, and what lasts is undone."""

    on: bool
    by: str = Field(description="Who turned it; empty: nobody ever did")
    at: Moment | None = Field(description="When it was turned; null: never")
    note: str


class ReasonOut(Schema):
    """One part of why."""

    code: str = Field(description="Stable; see docs/overflow.md", examples=["condition"])
    detail: dict[str, str | float | int | None] = Field(description="The figures")


class DecisionOut(Schema):
    """What was decided, by which rule, and why."""

    id: str
    at: Moment
    pbx: str
    queue: str
    call_id: str = Field(description="Empty for what lasts, and for a caller not known yet")
    caller: str
    asked_by: AskerName = Field(description="Who wanted it: the dialplan, the monitor, a person")
    verb: VerbName
    rule: str = Field(description="The rule's id; empty: no rule applied")
    rule_version: int
    to: Destination | None
    dry_run: bool
    held_back: bool = Field(
        description="A rule applied, and `reasons` say what kept it from acting"
    )
    by: str = Field(description="The person who forced it")
    reason: str = Field(description="The reasons as one English sentence")
    reasons: list[ReasonOut]
    expected_wait_s: Seconds | None
    miss_probability: float | None = Field(description="0 to 1, by the forecast")


class DecisionPage(Schema):
    """A page of decisions, newest first."""

    items: list[DecisionOut]
    next_cursor: str | None = Field(
        description="Pass as `cursor` for the next page; null at the end"
    )


class CommandOut(Schema):
    """One order to one PBX, sent once, and what came of it."""

    id: str = Field(description="Sent along as the AMI `ActionID`")
    decision: str = Field(description="The decision's id")
    pbx: str
    queue: str
    call_id: str
    rule: str
    kind: OrderName
    order: dict[str, Any] = Field(description="What was sent, by field")
    issued_at: Moment
    answered_at: Moment | None
    accepted: bool | None = Field(description="Null: no answer, so it may have been carried out")
    answer: str = Field(description="The PBX's own words")
    outcome: OutcomeName
    observed_at: Moment | None


class CommandPage(Schema):
    """A page of commands, newest first."""

    items: list[CommandOut]
    next_cursor: str | None = Field(
        description="Pass as `cursor` for the next page; null at the end"
    )


class DecisionDetailOut(DecisionOut):
    """A decision with the commands that carried it out."""

    commands: list[CommandOut]


class StandingOut(Schema):
    """A lasting action that is on, and what will undo it."""

    rule: str
    rule_version: int
    pbx: str
    queue: str
    since: Moment
    decision: str
    undo: list[dict[str, Any]] = Field(description="Orders that restore what was before")


class StandingList(Schema):
    """The lasting actions that are on."""

    items: list[StandingOut]


class AuditEntryOut(Schema):
    """Who did what."""

    seq: int
    at: Moment
    by: str
    via: ViaName
    what: str = Field(
        description="Stable code: `rule_created`, `rule_changed`, `rule_deleted`, `rule_forced`, "
        "`switch_turned`…",
        examples=["rule_changed"],
    )
    subject: str = Field(description="Of what: a rule's id, say")
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditPage(Schema):
    """A page of the trail, newest first."""

    items: list[AuditEntryOut]
    next_cursor: str | None = Field(
        description="Pass as `cursor` for the next page; null at the end"
    )


class ScoreOut(Schema):
    """How the last forecasts of a queue turned out."""

    predictions: int = Field(description="Forecasts scored")
    hits: int = Field(description="On the right side of one half")
    hit_rate: float | None = Field(description="hits / predictions; null while there is none")
    missed: int = Field(description="Callers among them who missed the deadline")
    brier: float | None = Field(description="Mean of (probability − outcome)²; less is better")
    brier_of_the_share: float | None = Field(
        description="The same for always forecasting the share that missed: what is to be beaten"
    )
    mean_absolute_error_s: Seconds | None = Field(
        description="Of the expected wait, among those who were answered"
    )
    not_scored: dict[str, int] = Field(description="By reason")


class ForecastOut(Schema):
    """What the forecast says of a queue now, and what that rests on."""

    pbx: str
    queue: str
    waiting: int
    serving: int = Field(description="Members who take callers, busy or not")
    free: int
    handling_s: Seconds | None = Field(description="Mean time that a caller occupies an agent")
    handling_times: int = Field(description="How many answers that mean rests on")
    expected_wait_s: Seconds | None = Field(description="Of a caller who joins now; null: unknown")
    giving_up_per_minute: float
    at_joining: ScoreOut
    at_half_time: ScoreOut


class ForecastList(Schema):
    """The forecast, queue by queue."""

    items: list[ForecastOut]


# --- live ---------------------------------------------------------------------------------------


class ForcedOut(Schema):
    """A rule that a person has act (`on`) or rest."""

    rule: str
    on: bool
    by: str


class LiveOverflow(Schema):
    """The switch, what is forced, and the lasting actions that are on."""

    switch: SwitchOut
    forced: list[ForcedOut]
    standing: list[StandingOut]


class OverflowChange(Schema):
    """The switch, what is forced or what lasts changed; replaces all of it."""

    kind: Literal["overflow"] = "overflow"
    overflow: LiveOverflow


class DecisionChange(Schema):
    """A decision was made. Told are those of a rule or a person, not each question."""

    kind: Literal["decision"] = "decision"
    decision: DecisionOut


class CommandChange(Schema):
    """A command is new, or was answered, or its outcome is known; by `id`."""

    kind: Literal["command"] = "command"
    command: CommandOut
