"""What really happened, from the lab's own AMI connection, which no fault of a soak touches.

Nothing of the product is used here: the rules of the clock are written down a second time, as
plain arithmetic over a call's whole stream of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from tests.asterisk_lab.ami import Message, parse_message
from tests.asterisk_lab.scenarios import INCOMING_CONTEXT, VOICE_SERVERS, WITHIN

RING = "4"
"""ChannelState of a caller's channel when it comes; a leg that the PBX dials is Down."""
REACHED, FIRST_INPUT = "reached", "first_input"
TURNED_AWAY = {"FULL", "JOINEMPTY", "JOINUNAVAIL", "LEAVEEMPTY", "LEAVEUNAVAIL"}

READ = frozenset(
    {
        *("Newchannel", "Newexten", "HangupRequest", "Hangup", "DTMFEnd", "VarSet"),
        *("AgentConnect", "BridgeEnter", "BridgeLeave"),
        *("QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon"),
    }
)


def milliseconds(stamp: str) -> int:
    """A timestamp of AMI as milliseconds since 1970, cut."""
    return int(Decimal(stamp) * 1000)


def frames(path: Path) -> Iterator[bytes]:
    """The messages of a recorded stream, not parsed."""
    raw = path.read_bytes()
    for message in raw.split(b"\r\n", 1)[1].split(b"\r\n\r\n")[:-1]:
        # some of Asterisk's TestEvents end with an empty line too many
        yield message.removeprefix(b"\r\n")


@dataclass
class TrueCall:
    """One caller who came, in the PBX's own words; moments in ms since 1970."""

    uniqueid: str
    arrived: int
    linkedid: str = ""
    handled: int | None = None
    ended: int | None = None
    hung_up: bool = False
    turned_away: bool = False
    waiting: bool = False
    waits: list[tuple[int, int]] = field(default_factory=list)
    """Of each visit: joined, and answered or left, as AMI stamped it."""
    redirected: bool = False
    """Taken out of a queue by a redirect, which the queue log calls an abandon."""
    context: str = ""

    @property
    def verdict(self) -> str:
        """The verdict under the commitment of the tests."""
        deadline = self.arrived + round(WITHIN * 1000)
        if self.handled is not None:
            return "met" if self.handled < deadline else "breached"
        assert self.ended is not None
        if self.ended >= deadline:
            return "breached"
        if self.waiting:
            return "abandoned"
        return "refused" if self.turned_away or not self.hung_up else "abandoned"

    def handle(self, at: int) -> None:
        """Somebody takes care of the caller; the first time counts."""
        if self.handled is None:
            self.handled = at


@dataclass
class Truth:
    """Reads a stream of events; afterwards :attr:`calls` holds every caller."""

    calls: dict[str, TrueCall] = field(default_factory=dict)
    stand_ins: dict[str, str] = field(default_factory=dict)
    """Local channels that joined a queue for a caller: Uniqueid → Linkedid, the caller's too."""
    _bridges: dict[str, set[str]] = field(default_factory=dict)

    def read(self, messages: Iterable[bytes]) -> None:
        """Take a whole stream."""
        for raw in messages:
            first, _, _ = raw.partition(b"\r\n")
            name = first.removeprefix(b"Event: ").decode(errors="replace")
            if name in READ:
                self._take(name, parse_message(raw))

    def _take(self, name: str, frame: Message) -> None:
        at = milliseconds(frame["Timestamp"])
        if name == "Newchannel":
            if frame["Context"] == INCOMING_CONTEXT and frame["ChannelState"] == RING:
                uniqueid = frame["Uniqueid"]
                self.calls[uniqueid] = TrueCall(uniqueid, at, frame["Linkedid"])
        elif name == "BridgeEnter":
            self._enter(frame, at)
        elif name == "BridgeLeave":
            self._bridges.get(frame["BridgeUniqueid"], set()).discard(frame["Uniqueid"])
        elif (call := self.calls.get(frame.get("Uniqueid", ""))) is not None:
            _follow(call, name, frame, at)
        elif name == "QueueCallerJoin":
            self.stand_ins[frame["Uniqueid"]] = frame["Linkedid"]

    def _enter(self, frame: Message, at: int) -> None:
        """Two in one bridge talk."""
        inside = self._bridges.setdefault(frame["BridgeUniqueid"], set())
        inside.add(frame["Uniqueid"])
        if len(inside) > 1:
            for uniqueid in inside & self.calls.keys():
                self.calls[uniqueid].handle(at)


def _follow(call: TrueCall, name: str, frame: Message, at: int) -> None:
    """Fold one event of the caller's own channel into what happened."""
    if _takes_care(call, name, frame):
        call.handle(at)
    if name in {"QueueCallerLeave", "AgentConnect"} and call.waits:
        call.waits[-1] = (call.waits[-1][0], at)
    match name:
        case "Newexten":
            call.context = frame["Context"]
        case "QueueCallerJoin":
            call.waiting, call.turned_away = True, False
            call.waits.append((at, at))
        case "QueueCallerAbandon" if not call.hung_up:
            call.redirected = True  # unless QUEUESTATUS says otherwise at once
        case "QueueCallerLeave":
            call.waiting = call.hung_up
        case "VarSet" if frame["Variable"] == "QUEUESTATUS":
            call.turned_away, call.redirected = frame["Value"] in TURNED_AWAY, False
        case "HangupRequest":
            call.hung_up = True
        case "Hangup":
            call.ended = at


def _takes_care(call: TrueCall, name: str, frame: Message) -> bool:
    """Whether the event says that the caller reaches an agent, or a voice server by its rule."""
    if name == "Newexten":
        context = frame["Context"]
        return context != call.context and VOICE_SERVERS.get(context) == REACHED
    if name == "DTMFEnd":
        pressed = frame["Direction"] == "Received"
        return pressed and VOICE_SERVERS.get(call.context) == FIRST_INPUT
    return name == "AgentConnect"


def read_truth(path: Path) -> Truth:
    """All callers of a recorded stream."""
    truth = Truth()
    truth.read(frames(path))
    return truth


def story(path: Path, uniqueid: str) -> list[Message]:
    """The events of one call and of all that belongs to it, in the order in which they came."""
    mark = uniqueid.encode()
    return [
        parse_message(raw)
        for raw in frames(path)
        if any(line.endswith(b": " + mark) for line in raw.split(b"\r\n"))
    ]
