"""Conditions of an overflow rule: a metric, and what it must be.

A number has ``at_least`` and/or ``at_most``, words have ``one_of`` and/or ``none_of``. For an
action that lasts, ``release_below`` and ``release_above`` say when it ends.
"""

from difflib import get_close_matches
from typing import Annotated, Final, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from config.faults import Complaint, FaultError, Wrong, fault
from config.overflow_actions import Strict
from config.words import line

SPANS: Final = ("waited", "waited_in_queue", "time_left", "expected_wait", "longest_wait")
SHARES: Final = ("miss_probability", "service_level")
COUNTS: Final = (
    "position", "waiting", "agents_available", "agents_logged_in", "agents_paused",
)  # fmt: skip
WORDS: Final = ("caller", "inputs", "voice_server")
YES_OR_NO: Final = ("open",)
METRICS: Final = (
    "waited", "waited_in_queue", "time_left", "position", "expected_wait", "miss_probability",
    "caller", "inputs", "voice_server", "waiting", "longest_wait", "agents_available",
    "agents_logged_in", "agents_paused", "service_level", "open",
)  # fmt: skip
OF_THE_CALLER: Final = frozenset(METRICS[: METRICS.index("waiting")])
_LONGEST: Final = 3_600
"""Seconds; nobody waits as long, so a number above it was meant as milliseconds."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Text = Annotated[str, line(100)]
Texts = Annotated[list[Text], Field(max_length=1_000)]


class Condition(Strict):
    """One thing that must hold. A number that is not known makes the condition false."""

    metric: str = Field(
        description='what is looked at: "time_left"', json_schema_extra={"enum": list(METRICS)}
    )
    at_least: Number | None = Field(
        default=None, description="a number: seconds, a count, or a share from 0 to 1"
    )
    at_most: Number | None = Field(
        default=None, description="a number: seconds, a count, or a share from 0 to 1"
    )
    release_below: Number | None = Field(
        default=None,
        description="a number (with at_least, for what lasts): once on, it ends below this",
    )
    release_above: Number | None = Field(
        default=None,
        description="a number (with at_most, for what lasts): once on, it ends above this",
    )
    one_of: Texts = Field(
        default=[], description='patterns of which one must match: ["01*", "+33*"]'
    )
    none_of: Texts = Field(default=[], description='patterns of which none may match: ["anon*"]')

    @field_validator("metric")
    @classmethod
    def _known(cls, value: str) -> str:
        if value in METRICS:
            return value
        close = get_close_matches(value, METRICS, n=1)
        hint = f"did you mean {close[0]!r}? Known are" if close else "known are"
        text = f"there is no metric {value[:40]!r}; {hint} {', '.join(METRICS)}"
        raise FaultError(Wrong.NO_METRIC, text)

    @field_validator("at_least", "at_most", "release_below", "release_above")
    @classmethod
    def _number(cls, value: float | None, info: ValidationInfo) -> float | None:
        metric = info.data.get("metric")
        if value is None or metric is None:
            return value
        problem = _not_a_value_of(metric, value) or _wrong_side(
            str(info.field_name), value, info.data
        )
        if problem:
            raise fault(problem)
        return value

    @field_validator("one_of", "none_of")
    @classmethod
    def _list(cls, value: list[str], info: ValidationInfo) -> list[str]:
        metric = info.data.get("metric")
        if value and metric is not None and metric not in WORDS:
            raise FaultError(Wrong.IS_A_NUMBER, f"{metric} is a number; use at_least or at_most")
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.metric in WORDS:
            if not self.one_of and not self.none_of:
                raise FaultError(Wrong.PATTERNS_NEEDED, f"{self.metric} needs one_of or none_of")
        elif self.at_least is None and self.at_most is None:
            raise FaultError(Wrong.LIMITS_NEEDED, f"{self.metric} needs at_least or at_most")
        return self


def _not_a_value_of(metric: str, value: float) -> str:
    """Why a metric can never be compared with this number; empty when it can."""
    if metric in WORDS:
        return Complaint(Wrong.IS_WORDS, f"{metric} is words, not a number; use one_of or none_of")
    if metric in SHARES and not 0 <= value <= 1:
        text = f"{metric} is a share from 0 to 1; write 0.8 for 80 %"
        return Complaint(Wrong.AT_MOST if value > 1 else Wrong.AT_LEAST, text, limit=int(value > 1))
    if metric in SPANS:
        if metric != "time_left" and value < 0:
            return Complaint(Wrong.AT_LEAST, f"{metric} is in seconds, 0 or more", limit=0)
        if abs(value) > _LONGEST:
            text = f"{metric} is in seconds (not ms), an hour (3600) at most; write 20 for 20 s"
            return Complaint(Wrong.AT_MOST, text, limit=_LONGEST)
    if metric in COUNTS and (value < 0 or not value.is_integer()):
        text = f"{metric} is a count: a whole number, 0 or more"
        return Complaint(Wrong.NOT_A_WHOLE_NUMBER, text)
    if metric in YES_OR_NO and value not in (0, 1):
        return f"{metric} is 1 or 0"
    return ""


def _wrong_side(name: str, value: float, others: dict[str, float | None]) -> str:
    """Why a limit does not go with those before it; empty when it does."""
    at_least, at_most = others.get("at_least"), others.get("at_most")
    match name:
        case "at_most" if at_least is not None and value < at_least:
            text = f"it is below at_least = {at_least:g}, so nothing could be both"
            return Complaint(Wrong.AT_LEAST, text, limit=at_least)
        case "release_below" if at_least is None:
            return Complaint(Wrong.LIMITS_NEEDED, "it belongs to at_least, which is missing")
        case "release_below" if value > (at_least or 0):
            return (
                f"it must not be above at_least = {at_least:g}: the action begins at at_least, and "
                "ends below release_below"
            )
        case "release_above" if at_most is None:
            return Complaint(Wrong.LIMITS_NEEDED, "it belongs to at_most, which is missing")
        case "release_above" if value < (at_most or 0):
            return (
                f"it must not be below at_most = {at_most:g}: the action begins at at_most, and "
                "ends above release_above"
            )
    return ""
