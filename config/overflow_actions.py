"""Actions of an overflow rule: what is done for one caller, or for a queue while the rule holds."""

from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from config.base import Table
from config.faults import FaultError, Wrong
from config.words import dialplan_word, line, variable_name

LAMP_STATES: Final = ("NOT_INUSE", "INUSE", "RINGING", "BUSY", "UNAVAILABLE", "ONHOLD")
LASTING: Final = ("add_members", "penalty", "variable", "database", "lamp")
ACTIONS: Final = ("withdraw", "redirect", "prioritise", *LASTING)

QueueName = Annotated[str, line(79, empty=True, commas=False)]
Interface = Annotated[str, line(79, commas=False)]
Value = Annotated[str, line(255, empty=True)]
Penalty = Annotated[int, Field(ge=0, le=1_000_000, description="a whole number, 0 or more")]


class Strict(Table):
    """Base of what may reach a PBX: a number is a number, true is true, and nothing is guessed."""

    model_config = ConfigDict(strict=True)


class Destination(Strict):
    """A place in the dialplan, and the queue that it leads into; empty: into none."""

    context: Annotated[str, dialplan_word()] = Field(
        description='the dialplan context that callers are sent to: "overflow"'
    )
    exten: Annotated[str, dialplan_word()] = Field(
        default="s", description='the extension there: "s"'
    )
    priority: int = Field(default=1, ge=1, le=9_999, description="the priority there: 1")
    queue: QueueName = Field(
        default="", description="the queue that the place leads into, for the checks of the target"
    )


class Helper(Strict):
    """An agent who helps out in a queue while the rule holds."""

    interface: Interface = Field(description='the member\'s interface: "PJSIP/alice"')
    name: Annotated[str, line(79, empty=True, commas=False)] = Field(
        default="", description="the agent's name"
    )
    penalty: Penalty = 0
    state_interface: Annotated[str, line(79, empty=True, commas=False)] = Field(
        default="", description="the device whose state counts, where it is another"
    )


class SetPenalty(Strict):
    """Members of the queue get this penalty while the rule holds, then the one that they had."""

    interfaces: list[Interface] = Field(
        min_length=1, max_length=200, description='patterns of interfaces: ["PJSIP/back*"]'
    )
    penalty: Penalty


class SetVariable(Strict):
    """A global variable of the dialplan is `on` while the rule holds, and `off` after."""

    name: Annotated[str, variable_name()] = Field(
        description='the variable\'s name, without ${ }: "SUPPORT_OVERFLOW"'
    )
    on: Value = Field(default="1", description='its value while the rule holds: "1"')
    off: Value = Field(default="0", description='its value otherwise: "0"')


class SetDatabase(Strict):
    """A key of Asterisk's own database is `on` while the rule holds, then `off`."""

    family: Annotated[str, dialplan_word()] = Field(description='the family: "overflow"')
    key: Annotated[str, dialplan_word()] = Field(description='the key: "support"')
    on: Annotated[str, line(255)] = Field(
        default="1", description='its value while the rule holds: "1"'
    )
    off: Value = Field(default="", description="its value otherwise; empty: the key is deleted")


class SetLamp(Strict):
    """The device `Custom:name` has a state: a lamp on the phones that watch its hint."""

    name: Annotated[str, dialplan_word()] = Field(
        description='the device\'s name after "Custom:": "support-overflow"'
    )
    on: str = Field(
        default="INUSE",
        description=f"its state while the rule holds, one of {', '.join(LAMP_STATES)}",
        json_schema_extra={"enum": list(LAMP_STATES)},
    )
    off: str = Field(
        default="NOT_INUSE",
        description=f"its state otherwise, one of {', '.join(LAMP_STATES)}",
        json_schema_extra={"enum": list(LAMP_STATES)},
    )

    @field_validator("name")
    @classmethod
    def _without_custom(cls, value: str) -> str:
        if value.lower().startswith("custom:"):
            raise FaultError(Wrong.LEAVE_CUSTOM_OUT, f'leave "Custom:" out: write "{value[7:]}"')
        return value

    @field_validator("on", "off")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in LAMP_STATES:
            known = ", ".join(LAMP_STATES)
            text = f"there is no state {value[:40]!r}; known: {known}"
            raise FaultError(Wrong.NOT_ONE_OF, text, known=known)
        return value


class Action(Strict):
    """What a rule does: exactly one of these."""

    withdraw: Destination | None = Field(
        default=None,
        description="take the caller out of the queue, to a place in the dialplan; asked before "
        "the caller is queued: go there instead",
    )
    redirect: Destination | None = Field(
        default=None, description="send a caller who is in a voice server to a place"
    )
    prioritise: int | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        description="give the waiting caller this priority in the queue: a whole number: 10",
    )
    add_members: list[Helper] | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description='agents who help out while the rule holds: [{ interface = "PJSIP/alice" }]',
    )
    penalty: SetPenalty | None = Field(
        default=None, description="give members of the queue another penalty while the rule holds"
    )
    variable: SetVariable | None = Field(
        default=None, description="set a global variable of the dialplan while the rule holds"
    )
    database: SetDatabase | None = Field(
        default=None, description="set a key of Asterisk's own database while the rule holds"
    )
    lamp: SetLamp | None = Field(
        default=None, description="set a custom device state while the rule holds"
    )

    @field_validator("add_members")
    @classmethod
    def _each_once(cls, value: list[Helper] | None) -> list[Helper] | None:
        seen: set[str] = set()
        for helper in value or ():
            if helper.interface in seen:
                text = f'"{helper.interface}" stands there twice; name each member once'
                raise FaultError(Wrong.TWICE, text, name=helper.interface)
            seen.add(helper.interface)
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name in ACTIONS if getattr(self, name) is not None]
        if not given:
            text = f"it says nothing to do; write one of {', '.join(ACTIONS)}"
            raise FaultError(Wrong.NOTHING_TO_DO, text)
        if len(given) > 1:
            raise FaultError(
                Wrong.MORE_THAN_ONE_ACTION,
                f"a rule does one thing, and this names {' and '.join(given)}; write a rule for "
                "each",
            )
        return self

    @property
    def kind(self) -> str:
        """The name of what is done, as it is written."""
        return next(name for name in ACTIONS if getattr(self, name) is not None)

    @property
    def lasts(self) -> bool:
        """Whether it is on while the rule holds, not done once for a caller."""
        return self.kind in LASTING

    @property
    def chosen(self) -> Any:  # noqa: ANN401 - whatever the action's own shape is
        """What is written for it."""
        return getattr(self, self.kind)
