"""The shapes of simulations in the REST interface."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from api.overflow_schemas import ReasonOut
from api.parameters import Moment as MomentIn
from api.schemas import Moment, Schema, Seconds, VerdictName
from config.overflow import OverflowRule
from config.overflow_actions import Destination

RuleIn = Annotated[dict[str, Any], WithJsonSchema({"$ref": "#/components/schemas/OverflowRule"})]


class SimulationIn(Schema):
    """Which rule to try, and on which calls."""

    rule: RuleIn | None = Field(default=None, description="The rule to try, as it would be saved")
    rule_id: str | None = Field(
        default=None, max_length=100, description="Or the id of a rule that is in force"
    )
    since: MomentIn = Field(alias="from", description="Calls that arrived from this moment on")
    to: MomentIn = Field(description="… until before this moment")
    pbx: str | None = Field(default=None, max_length=64, description="Only of this PBX")
    queue: str | None = Field(
        default=None, max_length=80, description="Only callers of this queue, of those watched"
    )
    limit: int = Field(
        default=200, ge=0, le=5_000, description="How many calls of each list to answer at most"
    )


class VerdictCounts(Schema):
    """Calls by verdict."""

    met: int
    breached: int
    abandoned: int
    refused: int
    excluded: int
    unknown: int


class VerdictsBeside(Schema):
    """What the record says beside what would have been."""

    recorded: VerdictCounts
    estimated: VerdictCounts


class HeldBackOut(Schema):
    """What kept callers from being moved for whom the conditions held."""

    because: str = Field(description="Stable; see docs/overflow.md", examples=["rate_cap"])
    words: str
    callers: int


class NotConsideredOut(Schema):
    """What a simulation does not know."""

    code: str = Field(examples=["logins"])
    words: str


class AffectedCall(Schema):
    """A caller who was not moved, and would have got another verdict."""

    call_id: str
    pbx: str
    queue: str = Field(description="Where they waited; of who is moved: where they were taken from")
    arrived_at: Moment
    waited_s: Seconds | None = Field(description="How long they really waited until handled")
    before: VerdictName = Field(description="As recorded")
    after: VerdictName = Field(description="As estimated; `unknown` where nothing can be said")


class MovedCall(AffectedCall):
    """A caller whom the rule would have moved."""

    voice_server: str = Field(description="Where they were redirected from; empty: from the queue")
    to: Destination
    moved_at: Moment
    wait_there_s: Seconds | None = Field(description="Estimated; null: not answered, or unknown")
    why: str = Field(description="In words")
    reasons: list[ReasonOut]


class SimulationOut(Schema):
    """What a rule would have done."""

    rule: OverflowRule
    since: Moment = Field(alias="from")
    to: Moment
    pbx: str | None
    calls: int = Field(description="Recorded calls that were run again")
    verdicts: VerdictsBeside
    moved: int = Field(description="Callers who would have been moved")
    affected: int = Field(description="Others who would have got another verdict")
    breaches_avoided: int = Field(description="Of those moved and of those behind them")
    breaches_caused: int = Field(description="In the target queue, or of those moved")
    unknown: int = Field(description="Of those moved, whose outcome cannot be told")
    held_back: list[HeldBackOut]
    not_considered: list[NotConsideredOut]
    partly_observed: int = Field(description="Calls that touch a blind interval")
    unclear_visits: int = Field(description="Visits of which nobody saw the end; left out")
    took_s: Seconds
    moved_calls: list[MovedCall] = Field(description="By arrival; the first `limit`")
    affected_calls: list[AffectedCall] = Field(description="By arrival; the first `limit`")
