"""Single AMI events as bytes, header for header as a real Asterisk 22.10.1 sends them.

The order of events within a happening is in ``happenings``; here is only what one event looks
like. Header order was read off captures of a real PBX (``tests/traces/asterisk-22``).
"""

from collections.abc import Callable
from typing import Final

from monitor.core.clock import Ms

from .agenda import Agenda
from .parts import STATE_WORDS, Call, Channel, Member, Phone

Emit = Callable[[str, str, bytes], None]
"""Called with each event's name, class (``call``, ``agent``, ``dialplan``…) and bytes."""

_TICK_US: Final = 11
"""Between two events of one moment: real ones are some 5 to 50 µs apart."""

CAUSES: Final = {
    0: "Unknown",
    16: "Normal Clearing",
    17: "User busy",
    127: "Interworking, unspecified",
}
SIP_CAUSES: Final = {17: "486", 127: "487"}
"""The SIP status that goes with a cause when the call was never answered."""


class Stamps:
    """Timestamps with microseconds, strictly increasing within virtual time."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._last = 0

    def next(self) -> str:
        """The stamp of the next event: seconds and six digits, as ``timestampevents`` has it."""
        self._last = max(self._agenda.now * 1000, self._last + _TICK_US)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


def snapshot(channel: Channel, prefix: str = "") -> str:
    """The headers that describe a channel in nearly every event."""
    state = channel.state
    return (
        f"{prefix}Channel: {channel.name}\r\n"
        f"{prefix}ChannelState: {state.value}\r\n"
        f"{prefix}ChannelStateDesc: {STATE_WORDS[state]}\r\n"
        f"{prefix}CallerIDNum: {channel.number}\r\n"
        f"{prefix}CallerIDName: {channel.caller_name}\r\n"
        f"{prefix}ConnectedLineNum: {channel.connected_number}\r\n"
        f"{prefix}ConnectedLineName: {channel.connected_name}\r\n"
        f"{prefix}Language: en\r\n"
        f"{prefix}AccountCode: \r\n"
        f"{prefix}Context: {channel.context}\r\n"
        f"{prefix}Exten: {channel.exten}\r\n"
        f"{prefix}Priority: {channel.priority}\r\n"
        f"{prefix}Uniqueid: {channel.uniqueid}\r\n"
        f"{prefix}Linkedid: {channel.linkedid}\r\n"
    )


def member_state(member: Member) -> str:
    """A member's own headers, from Membership to Paused reason, as events and lists share them."""
    return (
        f"StateInterface: {member.state_interface or member.phone.interface}\r\n"
        "Membership: dynamic\r\n"
        f"Penalty: {member.penalty}\r\n"
        f"CallsTaken: {member.calls_taken}\r\n"
        f"LastCall: {member.last_call // 1000}\r\n"
        f"LastPause: {member.last_pause // 1000}\r\n"
        f"LoginTime: {member.login_at // 1000}\r\n"
        f"InCall: {member.in_call:d}\r\n"
        f"Status: {member.phone.device.value}\r\n"
        f"Paused: {member.paused:d}\r\n"
        f"PausedReason: {member.pause_reason}\r\n"
    )


class Frames:
    """Builds events and hands them on. ``noise`` says whether also those that nobody needs."""

    def __init__(self, agenda: Agenda, emit: Emit, system_name: str = "") -> None:
        self.stamps = Stamps(agenda)
        self.emit = emit
        self.noise = True
        self._agenda = agenda
        self._system = f"SystemName: {system_name}\r\n" if system_name else ""

    @property
    def now(self) -> Ms:
        """The virtual moment, ms since the epoch."""
        return self._agenda.now

    def event(self, name: str, kind: str, body: str) -> None:
        """Send one event; ``body`` is its own headers, each with its line end."""
        text = (
            f"Event: {name}\r\nPrivilege: {kind},all\r\nTimestamp: {self.stamps.next()}\r\n"
            f"{self._system}{body}\r\n"
        )
        self.emit(name, kind, text.encode())

    # --- channels -------------------------------------------------------------------------------

    def on_channel(self, name: str, channel: Channel, more: str = "", kind: str = "call") -> None:
        """Send an event about one channel."""
        self.event(name, kind, snapshot(channel) + more)

    def extension(self, channel: Channel, application: str | None = None) -> None:
        """``Newexten``: the channel runs a step. ``application`` where it is not its own."""
        app = channel.application if application is None else application
        more = f"Extension: {channel.exten}\r\nApplication: {app}\r\nAppData: {channel.data}\r\n"
        self.on_channel("Newexten", channel, more, "dialplan")

    def variable(self, channel: Channel, name: str, value: str) -> None:
        """``VarSet`` that somebody needs."""
        channel.variables[name] = value
        self.on_channel("VarSet", channel, f"Variable: {name}\r\nValue: {value}\r\n", "dialplan")

    def variables(self, channel: Channel, **values: object) -> None:
        """``VarSet`` that nobody needs, one for each of ``values``."""
        for name, value in values.items():
            text = str(value)
            channel.variables[name] = text
            if self.noise:
                more = f"Variable: {name}\r\nValue: {text}\r\n"
                self.on_channel("VarSet", channel, more, "dialplan")

    def whispered(self, name: str, channel: Channel, more: str = "") -> None:
        """Send an event about a channel that nobody needs."""
        if self.noise:
            self.event(name, "call", snapshot(channel) + more)

    def caller_id(self, channel: Channel) -> None:
        """``NewCallerid``."""
        more = "CID-CallingPres: 0 (Presentation Allowed, Not Screened)\r\n"
        self.on_channel("NewCallerid", channel, more)

    def hangup(self, channel: Channel, cause: int, tech_cause: str = "") -> None:
        """``Hangup``: the channel is gone."""
        more = f"Cause: {cause}\r\nCause-txt: {CAUSES.get(cause, 'Unknown')}\r\n"
        if tech_cause:
            more += f"TechCause: {tech_cause}\r\n"
        self.on_channel("Hangup", channel, more)

    def device(self, device: str, state: str) -> None:
        """``DeviceStateChange``."""
        if self.noise:
            self.event("DeviceStateChange", "call", f"Device: {device}\r\nState: {state}\r\n")

    # --- two channels ---------------------------------------------------------------------------

    def dial(self, name: str, call: Channel, leg: Channel, more: str) -> None:
        """``DialBegin``, ``DialState`` or ``DialEnd`` from the caller to an agent's leg."""
        self.event(name, "call", snapshot(call) + snapshot(leg, "Dest") + more)

    def bridge(self, name: str, bridge: str, count: int, channel: Channel | None = None) -> None:
        """An event of a bridge that now holds ``count`` channels."""
        technology = "native_rtp" if name in ("BridgeLeave", "BridgeDestroy") else "simple_bridge"
        body = (
            f"BridgeUniqueid: {bridge}\r\nBridgeType: basic\r\n"
            f"BridgeTechnology: {technology}\r\nBridgeCreator: <unknown>\r\n"
            f"BridgeName: <unknown>\r\nBridgeNumChannels: {count}\r\n"
            "BridgeVideoSourceMode: none\r\n"
        )
        if channel is not None:
            body += snapshot(channel)
        if channel is not None or self.noise:
            self.event(name, "call", body)

    # --- queues ---------------------------------------------------------------------------------

    def queue_caller(self, name: str, call: Call, queue: str, more: str) -> None:
        """``QueueCallerJoin``, ``…Leave`` or ``…Abandon``."""
        self.on_channel(name, call.channel, f"Queue: {queue}\r\n{more}", "agent")

    def agent(self, name: str, call: Channel, leg: Channel, member: Member, more: str = "") -> None:
        """``AgentCalled``, ``…Connect``, ``…Complete`` and so on."""
        body = snapshot(call) + snapshot(leg, "Dest")
        self.event(
            name,
            "agent",
            f"{body}Queue: {member.queue}\r\nInterface: {member.phone.interface}\r\n"
            f"MemberName: {member.name}\r\n{more}",
        )

    def member(self, name: str, member: Member) -> None:
        """``QueueMemberStatus``, ``…Added``, ``…Removed``, ``…Pause``, ``…Penalty``."""
        self.event(
            name,
            "agent",
            f"Queue: {member.queue}\r\nMemberName: {member.name}\r\n"
            f"Interface: {member.phone.interface}\r\n{member_state(member)}"
            f"Ringinuse: 0\r\nWrapuptime: {member.wrap_up // 1000}\r\n",
        )

    def phone(self, phone: Phone, word: str) -> None:
        """``DeviceStateChange`` of an agent's phone."""
        self.device(phone.interface, word)
