"""``[overflow]`` and ``[[overflow_rule]]``: when to help a caller, and how.

The same shape is the body of a rule in the REST interface and in the database. Spans are in
seconds, shares from 0 to 1. What contradicts itself is refused here, with what to do instead.
"""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from config.base import Table
from config.faults import FaultError, Wrong
from config.hours import OpeningHours
from config.overflow_actions import Action, Strict
from config.overflow_conditions import METRICS, OF_THE_CALLER, Condition
from config.words import line, one_of_slugs

HOWS: Final = ("ask", "tell", "both")
NOT_IN_A_QUEUE: Final = frozenset({"waited_in_queue"})
"""Metrics that nobody has who is not in a queue yet."""
OF_A_QUEUE: Final = frozenset(METRICS) - {
    "waited", "time_left", "caller", "inputs", "voice_server", "open",
}  # fmt: skip

Pattern = Annotated[str, line(200)]
Patterns = Annotated[list[Pattern], Field(max_length=200)]


class OverflowSettings(Table):
    """``[overflow]``: whether anything is done for callers, until somebody turns the switch."""

    model_config = ConfigDict(strict=True)

    enabled: bool = Field(default=True, description="true or false")


class OverflowRule(Strict):
    """A rule. All conditions of `when` must hold; the lowest `priority` is asked first."""

    id: Annotated[str, one_of_slugs()] = Field(
        description='small letters, digits, "-" and "_": "support-to-backup"'
    )
    name: Annotated[str, line(200, empty=True)] = Field(default="", description="a name for people")
    enabled: bool = Field(default=True, description="true, or false: the rule rests")
    dry_run: bool = Field(
        default=False, description="false, or true: decide and record, and do nothing"
    )
    priority: int = Field(
        default=100, ge=0, le=1_000_000, description="a whole number; the lowest is asked first"
    )
    pbx: Annotated[str, line(64, empty=True)] = Field(
        default="", description="the name of a PBX; empty: every PBX"
    )
    do: Action = Field(
        description='one action, such as { withdraw = { context = "overflow", queue = "backup" } }'
    )
    how: str = Field(
        default="tell",
        validate_default=True,
        description='"ask" (the dialplan asks before it queues a caller), "tell" (the monitor '
        'tells the PBX) or "both"',
        json_schema_extra={"enum": list(HOWS)},
    )
    queues: Patterns = Field(
        default=[],
        validate_default=True,
        description='the queues that it watches: ["support"], or ["*"] for all',
    )
    voice_servers: Patterns = Field(
        default=[],
        validate_default=True,
        description='for redirect: the voice servers whose callers it watches: ["welcome"]',
    )
    active: list[OpeningHours] = Field(
        default=[],
        max_length=100,
        description='the hours when it is active (none: always): [{ days = ["mon-fri"], from = '
        '"09:00", to = "18:00" }]',
    )
    when: list[Condition] = Field(
        default=[],
        validate_default=True,
        max_length=20,
        description='conditions, which must all hold: [{ metric = "time_left", at_most = 20 }]',
    )
    cool_down: float = Field(
        default=30,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="seconds, 0 or more: 30. A caller is left alone for so long; what lasts stays "
        "on or off for so long",
    )
    at_most: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="a whole number, 1 or more: so many callers are moved within `per` at most",
    )
    per: float = Field(
        default=60, gt=0, le=86_400, allow_inf_nan=False, description="seconds, more than 0: 60"
    )
    hops: int = Field(
        default=2,
        ge=1,
        le=20,
        description="a whole number, 1 or more: so often a caller is moved at most, by all rules "
        "together",
    )
    only_if_better: bool = Field(
        default=True,
        description="true: move only into a queue with a shorter expected wait, where both are "
        "known; or false",
    )

    @field_validator("how")
    @classmethod
    def _how(cls, value: str, info: ValidationInfo) -> str:
        if value not in HOWS:
            known = ", ".join(HOWS)
            text = f"there is no way {value!r}; known are {known}"
            raise FaultError(Wrong.NOT_ONE_OF, text, known=known)
        action: Action | None = info.data.get("do")
        if value != "tell" and action is not None and action.withdraw is None:
            raise FaultError(
                Wrong.ONLY_WITHDRAW,
                f"only withdraw can be asked for; with {action.kind} it is the monitor that tells "
                'the PBX: write "tell"',
            )
        return value

    @field_validator("queues")
    @classmethod
    def _queues(cls, value: list[str], info: ValidationInfo) -> list[str]:
        action: Action | None = info.data.get("do")
        if action is None:
            return value
        if action.redirect is not None:
            return _looked_at(value)
        if not value:
            raise FaultError(
                Wrong.NO_QUEUES,
                f'{action.kind} watches queues, and none is named; write ["support"], or '
                '["*"] for all',
            )
        if action.withdraw is not None and action.withdraw.queue in value:
            raise FaultError(
                Wrong.LEADS_BACK,
                f'"{action.withdraw.queue}" is both watched and the queue that callers are sent '
                "to; a rule cannot lead back to where its callers are",
                queue=action.withdraw.queue,
            )
        return value

    @field_validator("voice_servers")
    @classmethod
    def _voice_servers(cls, value: list[str], info: ValidationInfo) -> list[str]:
        action: Action | None = info.data.get("do")
        if action is None:
            return value
        if action.redirect is not None and not value:
            raise FaultError(
                Wrong.NO_VOICE_SERVERS,
                'redirect watches voice servers, and none is named; write ["welcome"], or ["*"] '
                "for all",
            )
        if action.redirect is None and value:
            raise FaultError(
                Wrong.ONLY_REDIRECT,
                f"only redirect watches voice servers, not {action.kind}; leave it out, or add a "
                "condition on the metric voice_server",
            )
        return value

    @field_validator("when")
    @classmethod
    def _fits_the_action(cls, value: list[Condition], info: ValidationInfo) -> list[Condition]:
        action: Action | None = info.data.get("do")
        queues: list[str] = info.data.get("queues", [])
        if not value and not info.data.get("active", True):
            raise FaultError(
                Wrong.ALWAYS,
                "without a condition (or the hours when it is active) the rule would always act; "
                'write one, such as { metric = "time_left", at_most = 20 }',
            )
        for number, condition in enumerate(value, 1):
            if action is not None:
                problem = _misfit(condition, action, str(info.data.get("how", ""))) or (
                    _unknown_queue(condition, action, queues)
                )
                if problem:
                    raise ValueError(f"condition {number}: {problem}")
        return value


def _looked_at(queues: list[str]) -> list[str]:
    """The queue whose numbers a redirect's conditions look at; none: the one that it leads into."""
    if queues == ["*"]:
        return []
    if len(queues) > 1 or any(_is_pattern(queue) for queue in queues):
        raise FaultError(
            Wrong.ONE_QUEUE,
            "redirect watches voice_servers, and its conditions look at one queue; name that one, "
            "or leave queues out for the queue that it leads into. For callers in a queue take "
            "withdraw",
        )
    return queues


def _is_pattern(queue: str) -> bool:
    return any(wildcard in queue for wildcard in "*?[")


def _unknown_queue(condition: Condition, action: Action, queues: list[str]) -> str:
    """Why it is not known which queue a redirect's condition looks at; empty when it is."""
    metric, redirect = condition.metric, action.redirect
    if redirect is None or redirect.queue or queues or metric not in OF_A_QUEUE:
        return ""
    return (
        f"{metric} is of a queue, and none is named; write the queue that redirect leads into, or "
        'queues = ["support"]'
    )


def _misfit(condition: Condition, action: Action, how: str) -> str:
    """Why a condition can never do what it says with this action; empty when it can."""
    metric = condition.metric
    if action.lasts and metric in OF_THE_CALLER:
        return (
            f"{metric} is of one caller, and {action.kind} is for the whole queue; look at the "
            "queue: waiting, longest_wait, agents_available, service_level…"
        )
    if not action.lasts and (condition.release_below, condition.release_above) != (None, None):
        return (
            f"release limits say when something that lasts ends, and {action.kind} is done once; "
            "leave them out"
        )
    if metric in NOT_IN_A_QUEUE and (action.redirect is not None or how == "ask"):
        return f"{metric} is not known of a caller who is in no queue yet; take waited"
    return ""
