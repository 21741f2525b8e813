"""From a stream of bytes to AMI messages: framing, dropping what nobody wants, decoding.

An AMI message is a block of ``Name: value`` lines closed by an empty line. A call makes about a
hundred of them and a dozen matter, so this module works on bytes, lets C code split whole chunks,
and decodes only what is wanted.
"""

import re
from collections.abc import Mapping
from typing import Final

BOUNDARY: Final = b"\r\n\r\n"
EVENT: Final = b"Event: "
RESPONSE: Final = b"Response: "
BANNER: Final = b"Asterisk Call Manager/"

MAX_FRAME: Final = 256 * 1024
"""The longest message (bytes) that is taken; Asterisk's own limits keep real ones far below."""

_PREFIX: Final = len(EVENT) + len("Hold\r\n")
"""How many bytes tell most names apart: the shortest wanted name with the end of its line."""

WANTED: Final[Mapping[bytes, bytes]] = {
    **dict.fromkeys(
        (
            b"Newchannel",
            b"NewCallerid",
            b"Newexten",
            b"HangupRequest",
            b"Hangup",
            b"DialBegin",
            b"DialEnd",
            b"BridgeEnter",
            b"BridgeLeave",
            b"Hold",
            b"Unhold",
            b"BlindTransfer",
            b"AttendedTransfer",
            b"QueueCallerJoin",
            b"QueueCallerLeave",
            b"QueueCallerAbandon",
            b"AgentCalled",
            b"AgentConnect",
            b"AgentComplete",
            b"AgentDump",
            b"AgentRingNoAnswer",
            b"QueueMemberStatus",
            b"QueueMemberAdded",
            b"QueueMemberRemoved",
            b"QueueMemberPause",
            b"QueueMemberPenalty",
            b"FullyBooted",
            b"Shutdown",
        ),
        b"",
    ),
    b"VarSet": b"STATUS\r\nValue: ",  # QUEUESTATUS and STASISSTATUS, and few others
    b"UserEvent": b"\r\nUserEvent: Minuteur",
    b"DTMFEnd": b"\r\nDirection: Received",
}
"""Names of the events that we use, each with bytes that it must hold (empty: always taken)."""


class FrameSplitter:
    """Cuts a byte stream into AMI messages, however the network cut it, and drops the unwanted.

    Attributes:
        banner: the server's greeting (``Asterisk Call Manager/11.0.0``), empty until it was seen.
        garbage: how many blocks were not AMI messages at all.
        oversized: how many messages were longer than the limit, and were dropped.
        keep_answers: while true, events that answer an action (``ActionID``) are kept whatever
            their name, so that a list reaches whoever asked for it.
    """

    def __init__(
        self, wanted: Mapping[bytes, bytes] | None = WANTED, max_frame: int = MAX_FRAME
    ) -> None:
        """``wanted`` is like :data:`WANTED`; None keeps every event. ``max_frame`` in bytes."""
        self.banner = ""
        self.garbage = 0
        self.oversized = 0
        self.keep_answers = False
        self._max_frame = max_frame
        self._rules: dict[bytes, list[tuple[bytes, bytes]]] | None = None
        self._always: set[bytes] = set()
        self._needles: dict[bytes, bytes] = {}
        self._first_lines: dict[bytes, tuple[bytes, ...]] = {}
        if wanted is not None:
            self._take(wanted)
        self._pieces: list[bytes] = []
        self._pending = 0
        self._seam = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes; return the wanted messages that they complete, without boundary."""
        if self._pieces:
            seam = self._seam + data[:3]
            if BOUNDARY not in seam and data.find(BOUNDARY) < 0:
                self._hold(data)
                return []
            self._pieces.append(data)
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._pending = 0
        frames = data.split(BOUNDARY)
        rest = frames.pop()
        if frames and self._skipping:
            self._skipping = False
            del frames[0]
        if len(data) > self._max_frame:
            frames = self._without_oversized(frames)
        if rest:
            self._hold(rest)
        return self._select(frames)

    def _take(self, wanted: Mapping[bytes, bytes]) -> None:
        """Prepare the tests for the names in ``wanted``."""
        self._rules = {}
        for name, needle in wanted.items():
            line = EVENT + name + b"\r\n"
            self._rules.setdefault(line[:_PREFIX], []).append((line, needle))
        for head, rules in self._rules.items():
            needles = {needle for _, needle in rules}
            if len(needles) > 1:
                self._always.add(head)
                continue
            self._first_lines[head] = tuple(line for line, _ in rules)
            if needles == {b""}:
                self._always.add(head)
            else:
                self._needles[head] = needles.pop()

    def _hold(self, data: bytes) -> None:
        """Keep the beginning of a message; of one that is too long, only what may end it."""
        self._pieces.append(data)
        self._pending += len(data)
        self._seam = (self._seam + data)[-3:] if self._pending > len(data) else data[-3:]
        # A boundary may have begun: three bytes of it do not make the message too long.
        if self._pending > self._max_frame + 3 or self._skipping:
            if not self._skipping:
                self.oversized += 1
                self._skipping = True
            self._pieces = [self._seam]
            self._pending = len(self._seam)

    def _without_oversized(self, frames: list[bytes]) -> list[bytes]:
        kept = [frame for frame in frames if len(frame) <= self._max_frame]
        self.oversized += len(frames) - len(kept)
        return kept

    def _select(self, frames: list[bytes]) -> list[bytes]:
        """Return those of ``frames`` that are wanted; count those that are not AMI."""
        if self._rules is None or self.keep_answers:
            return [kept for frame in frames if (kept := self._considered(frame))]
        always, needles = self._always, self._needles
        # One pass of 0.2 µs a frame, after which four fifths of a real stream are gone. rfind,
        # not `in`: it is faster, and what is looked for stands near the end.
        candidates = [
            frame
            for frame in frames
            if (head := frame[:_PREFIX]) in always
            or (frame.rfind(needles[head]) >= 0 if head in needles else head[:7] != EVENT)
        ]
        first_lines = self._first_lines
        wanted = []
        for frame in candidates:
            lines = first_lines.get(frame[:_PREFIX])
            if lines is None:
                if considered := self._considered(frame):
                    wanted.append(considered)
            elif frame.startswith(lines):
                wanted.append(frame)
        return wanted

    def _considered(self, frame: bytes) -> bytes:
        """Return the message if it is wanted, else nothing: the slow and thorough way."""
        if frame.startswith(EVENT):
            return frame if self._is_wanted(frame) else b""
        frame = frame.lstrip(b"\r\n")
        if frame.startswith(BANNER):
            greeting, _, frame = frame.partition(b"\r\n")
            self.banner = greeting.decode("ascii", "replace").strip()
            frame = frame.lstrip(b"\r\n")
        if frame.startswith(EVENT):
            return frame if self._is_wanted(frame) else b""
        if frame.startswith(RESPONSE):
            return frame
        if frame:
            self.garbage += 1
        return b""

    def _is_wanted(self, frame: bytes) -> bool:
        if self._rules is None or (self.keep_answers and b"\r\nActionID: " in frame):
            return True
        return any(
            frame.startswith(line) and (not needle or frame.rfind(needle) >= 0)
            for line, needle in self._rules.get(frame[:_PREFIX], ())
        )


def parse_frame(frame: bytes) -> dict[str, str]:
    """Decode one whole message into its headers; of a repeated header the last value stays.

    The lines that a command printed come as one ``Output`` each; all of them stay.
    The message is decoded as a whole, so a character that the network cut in two is whole again;
    bytes that are not UTF-8 become U+FFFD.
    """
    fields: dict[str, str] = {}
    for line in frame.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(": ")
        if name == "Output" and name in fields:
            value = f"{fields[name]}\n{value}"
        fields[name] = value
    return fields


class FrameParser:
    """Decodes messages like :func:`parse_frame`, but only the headers that somebody reads.

    Events of one name nearly always have the same headers in the same order. For each such layout
    the parser makes a pattern, so that C code finds the wanted values; a message with any other
    header does not match, and is decoded line by line.
    """

    _MAX_LAYOUTS: Final = 512
    _MAX_ALIKE: Final = 4
    _NAME: Final = 24
    """How many characters of a message tell names apart well enough to find likely layouts."""

    def __init__(self, headers: frozenset[str]) -> None:
        self._headers = headers
        self._layouts: dict[tuple[str, int], list[re.Pattern[str]]] = {}

    def parse(self, frame: bytes) -> dict[str, str]:
        """Return the wanted headers of one whole message, and maybe others."""
        text = frame.decode("utf-8", "replace")
        key = (text[: self._NAME], text.count("\r\n"))
        for layout in self._layouts.get(key, ()):
            if found := layout.fullmatch(text):
                return found.groupdict()
        return self._learn(key, text)

    def _learn(self, key: tuple[str, int], text: str) -> dict[str, str]:
        """Decode line by line, and remember the layout for the next message."""
        fields, pattern = {}, []
        for line in text.split("\r\n"):
            name, colon, value = line.partition(": ")
            fields[name] = value
            group = f"(?P<{name}>[^\r]*+)" if name in self._headers else "[^\r]*+"
            pattern.append(re.escape(name + colon) + group)
        # A pattern cannot repeat a header; and a peer that invents layouts without end must not
        # fill the memory.
        if len(fields) == len(pattern) and len(self._layouts) < self._MAX_LAYOUTS:
            alike = self._layouts.setdefault(key, [])
            if len(alike) < self._MAX_ALIKE:
                alike.append(re.compile("\r\n".join(pattern)))
        return fields
