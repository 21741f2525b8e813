"""The parts of a simulated PBX: channels, phones, queues, their members and waiting callers.

Plain records; what they do is in ``acd`` (queues), ``dialplan`` (callers) and ``centre``.
All moments and spans are in virtual milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final

from monitor.core.clock import SECOND, Ms

from .agenda import Timer

UNKNOWN: Final = "<unknown>"
"""What Asterisk writes in a channel snapshot where it knows no number or name."""


class ChannelState(IntEnum):
    """Asterisk's channel states that occur here (``include/asterisk/channelstate.h``)."""

    DOWN = 0
    RING = 4
    RINGING = 5
    UP = 6


STATE_WORDS: Final[Mapping[int, str]] = {0: "Down", 4: "Ring", 5: "Ringing", 6: "Up"}


class Device(IntEnum):
    """A member's device as ``QueueMemberStatus`` numbers it."""

    NOT_IN_USE = 1
    IN_USE = 2
    UNAVAILABLE = 5
    RINGING = 6


DEVICE_WORDS: Final[Mapping[Device, str]] = {
    Device.NOT_IN_USE: "NOT_INUSE",
    Device.IN_USE: "INUSE",
    Device.UNAVAILABLE: "UNAVAILABLE",
    Device.RINGING: "RINGING",
}


class QueueExit(StrEnum):
    """The values of ``QUEUESTATUS`` that the simulation sets."""

    TIMEOUT = "TIMEOUT"
    JOIN_EMPTY = "JOINEMPTY"
    LEAVE_EMPTY = "LEAVEEMPTY"
    FULL = "FULL"
    WITHDRAW = "WITHDRAW"


@dataclass(slots=True)
class Channel:
    """One channel, with all that AMI shows of it."""

    name: str
    uniqueid: str
    linkedid: str
    created_at: Ms
    context: str
    exten: str
    priority: int = 1
    state: ChannelState = ChannelState.RING
    number: str = UNKNOWN
    caller_name: str = UNKNOWN
    connected_number: str = UNKNOWN
    connected_name: str = UNKNOWN
    application: str = ""
    data: str = ""
    bridge: str = ""
    dialled: str = ""
    """The number by which the caller reached the PBX; empty for what the PBX itself calls."""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def device(self) -> str:
        """The device that the channel belongs to: its name without the number at the end."""
        return self.name.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Step:
    """One priority of an extension: an application and its arguments."""

    application: str
    data: str = ""


Dialplan = Mapping[tuple[str, str], tuple[Step, ...]]
"""(context, extension) → its priorities, from 1."""


@dataclass(frozen=True, slots=True)
class QueueSetup:
    """A queue as ``queues.conf`` declares it. ``ring`` and ``retry`` in ms."""

    name: str
    ring: Ms = 15 * SECOND
    retry: Ms = 5 * SECOND
    wrap_up: Ms = 0
    join_empty: bool = True
    leave_when_empty: bool = False
    key_context: str = ""
    max_callers: int = 0
    service_level: Ms = 60 * SECOND
    linear: bool = False
    """``linear``: members are asked in their order; else ``rrmemory``: in turn."""


@dataclass(slots=True)
class Phone:
    """An agent's phone: a device that is rung, by whichever queue.

    ``answers_after`` and ``talks_for`` script what the agent does next, for tests; None leaves
    it to the agent's habits.
    """

    interface: str
    agent: str
    context: str = "internal"
    device: Device = Device.NOT_IN_USE
    last_rung: Ms = 0
    answers_after: Ms | None = None
    never_answers: bool = False
    declines: bool = False
    talks_for: Ms | None = None

    @property
    def extension(self) -> str:
        """The phone's own number, as in ``PJSIP/201``."""
        return self.interface.partition("/")[2]


@dataclass(slots=True)
class Member:
    """An agent's place in one queue. ``last_call`` and ``last_pause`` are 0 for never."""

    queue: str
    phone: Phone
    name: str
    penalty: int
    login_at: Ms
    wrap_up: Ms = 0
    state_interface: str = ""
    """The device that is told as the member's; empty for the phone itself."""
    paused: bool = False
    pause_reason: str = ""
    calls_taken: int = 0
    last_call: Ms = 0
    last_pause: Ms = 0
    in_call: bool = False


@dataclass(frozen=True, slots=True)
class CallerPlan:
    """What a caller means to do. Spans in ms from the arrival.

    ``patience``: hangs up then, unless talking with an agent. ``keys``: (when, digit).
    ``talk``: how long the conversation needs, from its start; ``agent_ends``: who hangs up.
    """

    patience: Ms
    talk: Ms = 180 * SECOND
    agent_ends: bool = False
    keys: tuple[tuple[Ms, str], ...] = ()


@dataclass(slots=True, eq=False)
class Call:
    """One caller: the channel that runs the dialplan, and where it stands."""

    channel: Channel
    plan: CallerPlan
    arrived_at: Ms
    twin: Channel | None = None
    """The other half of a ``Local`` channel: the side that called."""
    listening: bool = False
    """The running application takes digits."""
    pending: Timer | None = None
    """The end of the running application."""
    entry: "Entry | None" = None
    talk: "Talk | None" = None
    timers: list[Timer] = field(default_factory=list)
    ended: bool = False

    @property
    def uniqueid(self) -> str:
        """The id under which the monitor knows this call."""
        return self.channel.uniqueid


@dataclass(slots=True, eq=False)
class Offer:
    """A member being rung for a waiting caller."""

    entry: "Entry"
    member: Member
    leg: Channel
    started_at: Ms
    timer: Timer | None = None


@dataclass(slots=True, eq=False)
class Entry:
    """A caller waiting in a queue."""

    call: Call
    queue: str
    joined_at: Ms
    looks_from: Ms
    """Since when the caller has been waiting for a turn."""
    original_position: int = 0
    priority: int = 0
    expiry: Timer | None = None
    offer: Offer | None = None
    rest: Timer | None = None
    """The pause between two rings."""
    turn: int = 0
    """Whose turn it is among the members of a linear queue."""
    withdraw: bool = False
    withdraw_info: str = ""


@dataclass(slots=True, eq=False)
class Talk:
    """A caller and an agent in a bridge."""

    call: Call
    member: Member
    leg: Channel
    bridge: str
    started_at: Ms
    waited: Ms
    timer: Timer | None = None


@dataclass(slots=True, eq=False)
class Queue:
    """A queue with its members (by interface) and its waiting callers (head first)."""

    setup: QueueSetup
    members: dict[str, Member] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    completed: int = 0
    abandoned: int = 0
    completed_in_time: int = 0
    abandoned_in_time: int = 0
    hold_time: Ms = 0
    talk_time: Ms = 0
    """Asterisk's running averages: each new value weighs a quarter."""

    @property
    def name(self) -> str:
        """The queue's name."""
        return self.setup.name

    def reset(self) -> None:
        """Forget callers and counts, as a restart does."""
        self.entries.clear()
        self.completed = self.abandoned = 0
        self.completed_in_time = self.abandoned_in_time = 0
        self.hold_time = self.talk_time = 0
        for member in self.members.values():
            member.calls_taken = member.last_call = 0
            member.in_call = False
