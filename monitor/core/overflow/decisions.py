"""Decisions, the commands that carry them out, and what came of them.

Moments are on the clock of the PBX concerned, as everywhere in the core.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from monitor.core.clock import Ms
from monitor.core.overflow.rules import Destination
from monitor.core.values import value


class Asker(StrEnum):
    """Who wanted a decision."""

    PBX = "pbx"
    """The dialplan, before it queues a caller."""
    MONITOR = "monitor"
    PERSON = "person"
    """Somebody forced it."""


class Verb(StrEnum):
    """What was decided."""

    MOVE = "move"
    """Withdraw or redirect the caller; asked by the PBX: go to the destination."""
    PRIORITISE = "prioritise"
    TURN_ON = "turn_on"
    TURN_OFF = "turn_off"
    STAY = "stay"
    """Asked, and no rule applies, or what applies is held back."""


class Because(StrEnum):
    """Codes of reasons, put into words by :mod:`monitor.core.overflow.words` and by the UI."""

    CONDITION = "condition"
    """A condition held: ``metric``, ``value``, ``limit`` (at_least or at_most)…"""
    NO_RULE = "no_rule"
    NOTHING_HOLDS = "nothing_holds"
    PAUSED = "paused"
    DRY_RUN = "dry_run"
    FORCED = "forced"
    RULE_PAUSED = "rule_paused"
    RULE_CHANGED = "rule_changed"
    NOT_ACTIVE_NOW = "not_active_now"
    COOL_DOWN = "cool_down"
    RATE_CAP = "rate_cap"
    HOPS = "hops"
    LOOP = "loop"
    """The caller was in the target already, or the target's own rules lead back."""
    TARGET_OVERFLOWS = "target_overflows"
    TARGET_NOT_BETTER = "target_not_better"
    TARGET_EMPTY = "target_empty"
    """Nobody is logged in there."""
    IN_FLIGHT = "in_flight"
    """A command for this caller has no answer yet."""
    NOT_CONNECTED = "not_connected"
    UNKNOWN_CALLER = "unknown_caller"
    CONDITIONS_ENDED = "conditions_ended"
    RESTORED = "restored"
    """Left on when the monitor stopped; undone now."""
    PBX_RESTARTED = "pbx_restarted"
    """The PBX started anew and forgot what was on; turned on again."""


Detail = str | float | int | None


@value
class Reason:
    """One part of why; ``detail`` holds the figures."""

    because: Because
    detail: dict[str, Detail] = field(default_factory=dict)


@value
class Decision:
    """What was decided, by which rule, and why.

    ``id`` is unique. ``call_id`` is empty for a lasting action, ``rule_id`` where no rule applied.
    ``held_back``: a rule applied, and ``reasons`` say what kept it from acting.
    """

    id: str
    pbx: str
    at: Ms
    asked_by: Asker
    verb: Verb
    reasons: tuple[Reason, ...]
    queue: str = ""
    call_id: str = ""
    caller: str = ""
    rule_id: str = ""
    rule_version: int = 0
    to: Destination | None = None
    dry_run: bool = False
    held_back: bool = False
    by: str = ""
    """The person who forced it."""
    expected_wait: Ms | None = None
    miss_probability: float | None = None


# --- commands ----------------------------------------------------------------------------------


@value
class WithdrawCaller:
    """Take a caller out of a queue.

    ``info`` becomes the channel variable ``QUEUE_WITHDRAW_INFO``.
    """

    queue: str
    channel: str
    info: str


@value
class RedirectChannel:
    """Send a channel to another place in the dialplan."""

    channel: str
    context: str
    exten: str
    priority: int


@value
class ChangePriority:
    """Give a waiting caller a priority in the queue."""

    queue: str
    channel: str
    priority: int


@value
class AddMember:
    """Put an agent into a queue."""

    queue: str
    interface: str
    name: str = ""
    penalty: int = 0
    state_interface: str = ""


@value
class RemoveMember:
    """Take an agent out of a queue."""

    queue: str
    interface: str


@value
class ChangePenalty:
    """Give a member of a queue another penalty."""

    queue: str
    interface: str
    penalty: int


@value
class SetGlobal:
    """Set a global variable of the dialplan."""

    name: str
    value: str


@value
class PutDatabase:
    """Put a key into Asterisk's own database; an empty ``value`` deletes the key."""

    family: str
    key: str
    value: str


@value
class ChangeLamp:
    """Give the device ``Custom:name`` a state."""

    name: str
    state: str


Order = (
    WithdrawCaller
    | RedirectChannel
    | ChangePriority
    | AddMember
    | RemoveMember
    | ChangePenalty
    | SetGlobal
    | PutDatabase
    | ChangeLamp
)
"""What one AMI action does."""


class Outcome(StrEnum):
    """What came of a command, as far as was observed."""

    PENDING = "pending"
    DONE = "done"
    """A lasting action or a priority: the PBX did it, and where events tell, they told."""
    MOVED = "moved"
    ANSWERED_MEANWHILE = "answered_meanwhile"
    LEFT_MEANWHILE = "left_meanwhile"
    """The caller hung up, or left by another way, before the command took effect."""
    STILL_WAITING = "still_waiting"
    """Taken by the PBX, and not seen to take effect within the time limit."""
    FAILED = "failed"
    """The PBX refused, or could not be asked; ``answer`` says why."""
    NOT_OBSERVED = "not_observed"
    """The link was lost before the effect could be seen. Never tried again."""


@dataclass(slots=True)
class Command:
    """One order to one PBX, sent once, and what came of it."""

    id: str
    """Unique, and sent along as the AMI ``ActionID``."""
    decision_id: str
    pbx: str
    order: Order
    issued_at: Ms
    queue: str = ""
    call_id: str = ""
    rule_id: str = ""
    answered_at: Ms | None = None
    accepted: bool | None = None
    answer: str = ""
    """The PBX's own words."""
    outcome: Outcome = Outcome.PENDING
    observed_at: Ms | None = None


@value
class Answer:
    """What the PBX said to a command.

    ``sent`` False: it surely never left us. Neither accepted nor refused (``accepted`` None): the
    link broke, so it may have been carried out.
    """

    accepted: bool | None
    text: str
    sent: bool = True


@dataclass(slots=True)
class Standing:
    """A lasting action that is on: what to undo, also after a crash.

    ``undo`` holds the orders that restore what was before; they are stored before the first order
    of the action is sent.
    """

    rule_id: str
    rule_version: int
    pbx: str
    queue: str
    since: Ms
    undo: tuple[Order, ...]
    decision_id: str = ""
