"""Overflow rules, as values: when to act, for whom, how, and how often at most.

Spans are in ms, shares from 0 to 1. A rule is immutable and carries a version; a decision keeps
the version that made it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from monitor.core.calendars import OpeningHours
from monitor.core.clock import MINUTE, SECOND, Ms


class Metric(StrEnum):
    """What a condition looks at; of the caller, or (from ``WAITING`` on) of the queue."""

    WAITED = "waited"
    """Ms since the commitment's clock started."""
    WAITED_IN_QUEUE = "waited_in_queue"
    """Ms since the caller joined this queue."""
    TIME_LEFT = "time_left"
    """Ms until the deadline; negative after it."""
    POSITION = "position"
    """1 for the caller who is next; one more than wait, for a caller who asks before joining."""
    EXPECTED_WAIT = "expected_wait"
    """Ms that the caller will still wait, by the forecast."""
    MISS_PROBABILITY = "miss_probability"
    """Share: how likely the deadline passes before anybody answers, by the forecast."""
    CALLER = "caller"
    """The caller's number, by patterns."""
    INPUTS = "inputs"
    """What the caller entered in the voice server, by patterns."""
    VOICE_SERVER = "voice_server"
    """The name of the voice server that the caller is in, or was in last, by patterns."""
    WAITING = "waiting"
    """How many callers wait in the queue."""
    LONGEST_WAIT = "longest_wait"
    """Ms for which the first of them has waited in the queue."""
    AGENTS_AVAILABLE = "agents_available"
    AGENTS_LOGGED_IN = "agents_logged_in"
    """Members of the queue whose device can be reached, paused or not."""
    AGENTS_PAUSED = "agents_paused"
    SERVICE_LEVEL = "service_level"
    """Share of the queue's visits decided in the last quarter of an hour that were answered in
    less than the threshold, of those answered or abandoned (all but short abandons)."""
    OPEN = "open"
    """1 within the centre's opening hours, else 0."""


OF_THE_CALLER: Final = frozenset(
    {
        Metric.WAITED, Metric.WAITED_IN_QUEUE, Metric.TIME_LEFT, Metric.POSITION,
        Metric.EXPECTED_WAIT, Metric.MISS_PROBABILITY, Metric.CALLER, Metric.INPUTS,
        Metric.VOICE_SERVER,
    }
)  # fmt: skip
OF_WORDS: Final = frozenset({Metric.CALLER, Metric.INPUTS, Metric.VOICE_SERVER})
"""Metrics that are words, for ``one_of`` and ``none_of``; all others are numbers."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold. Numbers: ``at_least`` and/or ``at_most``; words: the lists.

    A number that is not known (no forecast yet) makes the condition false.

    ``release_below`` and ``release_above`` are the hysteresis of an action that lasts: once on, the
    condition holds until the number is below (above) them. None: the limit itself.
    """

    metric: Metric
    at_least: float | None = None
    at_most: float | None = None
    release_below: float | None = None
    release_above: float | None = None
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """A place in the dialplan, and the queue that it leads into (empty: none, a message say).

    The queue is what target checks look at; that the dialplan leads there is the admin's word.
    """

    context: str
    exten: str = "s"
    priority: int = 1
    queue: str = ""

    @property
    def place(self) -> str:
        """``context,exten,priority``, as ``Goto`` takes it."""
        return f"{self.context},{self.exten},{self.priority}"


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the caller out of the queue; the dialplan goes on at ``to`` (AMI QueueWithdrawCaller).

    Asked by the PBX (``How.ASK``) it is an advice: do not even join, go to ``to``.
    """

    to: Destination


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send a caller who is in a voice server to ``to`` (AMI Redirect); never one in a queue."""

    to: Destination


@dataclass(frozen=True, slots=True)
class Prioritise:
    """Give the waiting caller this priority in the queue (AMI QueueChangePriorityCaller)."""

    priority: int


@dataclass(frozen=True, slots=True)
class Helper:
    """An agent who helps out in a queue while a rule holds."""

    interface: str
    name: str = ""
    penalty: int = 0
    state_interface: str = ""


@dataclass(frozen=True, slots=True)
class AddMembers:
    """Have helpers in the queue as long as the rule holds; those already there are left alone."""

    members: tuple[Helper, ...]


@dataclass(frozen=True, slots=True)
class SetPenalty:
    """Give members of the queue this penalty while the rule holds, then the one they had."""

    interfaces: tuple[str, ...]
    """Patterns."""
    penalty: int


@dataclass(frozen=True, slots=True)
class SetVariable:
    """Set a global variable of the dialplan to ``on`` while the rule holds, to ``off`` after."""

    name: str
    on: str = "1"
    off: str = "0"


@dataclass(frozen=True, slots=True)
class SetDatabase:
    """Set a key of Asterisk's own database (AstDB) to ``on``, then to ``off`` (empty: delete)."""

    family: str
    key: str
    on: str = "1"
    off: str = ""


class LampState(StrEnum):
    """States of a custom device, as ``DEVICE_STATE()`` takes them."""

    NOT_INUSE = "NOT_INUSE"
    INUSE = "INUSE"
    RINGING = "RINGING"
    BUSY = "BUSY"
    UNAVAILABLE = "UNAVAILABLE"
    ONHOLD = "ONHOLD"


@dataclass(frozen=True, slots=True)
class SetLamp:
    """Set the custom device state ``Custom:name``: a lamp on the phones that watch its hint."""

    name: str
    on: LampState = LampState.INUSE
    off: LampState = LampState.NOT_INUSE


CallerAction = Withdraw | Redirect | Prioritise
"""Done once for one caller."""
LastingAction = AddMembers | SetPenalty | SetVariable | SetDatabase | SetLamp
"""On while the rule holds for the queue, and undone after."""
Action = CallerAction | LastingAction


class How(StrEnum):
    """Who begins: the PBX asks before it queues a caller, or the monitor tells the PBX."""

    ASK = "ask"
    TELL = "tell"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class OverflowRule:
    """A rule. All conditions must hold; of several rules the lowest ``priority`` is asked first.

    ``queues`` are patterns of the queues it watches. A rule with a ``Redirect`` watches callers in
    the voice servers of ``voice_servers`` (patterns) instead. A rule with a lasting action looks at
    conditions of the queue only.
    """

    id: str
    """A slug, unique among rules."""
    action: Action
    conditions: tuple[Condition, ...] = ()
    version: int = 1
    name: str = ""
    enabled: bool = True
    dry_run: bool = False
    """Decide and record, and do nothing."""
    priority: int = 100
    pbx: str = ""
    """Empty: every PBX."""
    queues: tuple[str, ...] = ("*",)
    voice_servers: tuple[str, ...] = ()
    how: How = How.TELL
    cool_down: Ms = 30 * SECOND
    """For a caller: at least so long until anything else is done for them. For a lasting action:
    at least so long between on and off, and off and on."""
    at_most: int = 20
    """Rate cap: so many callers are moved within ``per`` by this rule, on one PBX."""
    per: Ms = MINUTE
    hops: int = 2
    """A caller is moved by rules no more often than this, by all rules together."""
    only_if_better: bool = True
    """Move only into a queue whose expected wait is shorter than the caller's here, where both are
    known. It does not ask where the destination has no queue."""
    active: OpeningHours = field(default_factory=OpeningHours)
    """When the rule is active, in the centre's zone; no spans: always."""


def is_lasting(action: Action) -> bool:
    """Whether an action is on for a while, not done once."""
    return isinstance(action, AddMembers | SetPenalty | SetVariable | SetDatabase | SetLamp)


def destination_of(rule: OverflowRule) -> Destination | None:
    """Where a rule sends callers; None for one that moves nobody."""
    action = rule.action
    return action.to if isinstance(action, Withdraw | Redirect) else None
