"""A long AMI stream made of a short capture of a real Asterisk.

The capture is repeated. What names a moment, a channel or a bridge is made anew in each repetition
(uniqueids and Linkedids, timestamps, channel names, bridge ids); every other byte stays as the PBX
wrote it.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony_adapters.asterisk.ami_framing import BOUNDARY, EVENT

TRACE: Final = Path(__file__).parent.parent / "traces" / "asterisk-22" / "bench.ami.gz"
CHUNK: Final = 64 * 1024
"""How many bytes a busy TCP connection hands over at a time."""
PBX: Final = "lab"

CLASSES: Final = re.compile(rb"\r\nPrivilege: (?:system|call|agent|user|dialplan)\b")
"""The capture holds all classes; a monitor's account is sent these (the map, section 4)."""
LOGIN: Final = (b"FullyBooted", b"SuccessfulAuth")
"""Events of the capture's own login: they belong to the link, not to the calls."""

_STAMP: Final = re.compile(rb"\r\nTimestamp: (\d{10})\.\d{6}")
_FRESH: Final = re.compile(
    rb"(?P<moment>(?<!\d)\d{10}(?!\d))"
    rb"|(?P<bridge>[0-9a-f]{8})(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    rb"|(?<=-)(?P<channel>[0-9a-f]{8})(?![0-9a-f-])"
)
_CHANNELS: Final = 0x10000
"""More channels than a capture has: the distance between the names of two repetitions."""
_SCATTER: Final = 0x9E3779B1
"""Odd, so that no two repetitions get the same bridge ids."""


@dataclass(frozen=True, slots=True)
class Stream:
    """AMI bytes in chunks, as TCP gives them."""

    chunks: tuple[bytes, ...]
    events: int
    repetitions: int

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.chunks))


class Capture:
    """The events of one capture, ready to be repeated."""

    def __init__(self, path: Path = TRACE) -> None:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        frames = [frame for frame in raw.split(BOUNDARY) if _is_of_calls(frame)]
        if not frames:
            raise ValueError(f"{path} holds no AMI events")
        self.events = len(frames)
        body = BOUNDARY.join(frames) + BOUNDARY
        stamps = [int(stamp) for stamp in _STAMP.findall(body)]
        self.begin, self.end = min(stamps), max(stamps)
        self.span = self.end - self.begin + 1
        """Seconds, rounded up."""
        self._literals: list[bytes] = []
        self._names: list[tuple[str, bytes]] = []
        self._take_apart(body)

    def _take_apart(self, body: bytes) -> None:
        """Split the bytes into those that stay and those that are made anew."""
        done = 0
        for match in _FRESH.finditer(body):
            kind, text = match.lastgroup or "", match.group()
            if kind == "moment" and not self.begin - 60 <= int(text) <= self.end:
                continue
            self._literals.append(body[done : match.start()])
            self._names.append((kind, text))
            done = match.end()
        self._literals.append(body[done:])

    def repetition(self, number: int, later: int | None = None) -> bytes:
        """The capture's bytes with names of their own, ``later`` seconds after the original.

        By default repetitions follow one another without a pause.
        """
        shift = number * self.span if later is None else later
        fresh = {name: _rename(*name, number, shift) for name in set(self._names)}
        pieces = [b""] * (2 * len(self._names) + 1)
        pieces[::2] = self._literals
        pieces[1::2] = [fresh[name] for name in self._names]
        return b"".join(pieces)

    def frames(self, number: int, later: int | None = None) -> list[bytes]:
        """The messages of one repetition, each with its boundary."""
        data = self.repetition(number, later)
        return [frame + BOUNDARY for frame in data.split(BOUNDARY) if frame]

    def stream(self, events: int) -> Stream:
        """Repeat the capture until it holds at least ``events``."""
        repetitions = -(-events // self.events)
        data = b"".join(map(self.repetition, range(repetitions)))
        return Stream(tuple(chunks_of(data)), repetitions * self.events, repetitions)


def chunks_of(data: bytes) -> Iterator[bytes]:
    """Cut bytes as a busy TCP connection would."""
    return (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))


def restamped(frame: bytes, now: float) -> bytes:
    """The message, as if the PBX had sent it at ``now`` (s)."""
    return _STAMP.sub(b"\r\nTimestamp: %.6f" % now, frame, count=1)


def _is_of_calls(frame: bytes) -> bool:
    return (
        frame.startswith(EVENT)
        and CLASSES.search(frame) is not None
        and not frame[len(EVENT) :].startswith(LOGIN)
    )


def _rename(kind: str, text: bytes, number: int, shift: int) -> bytes:
    if kind == "moment":
        return b"%d" % (int(text) + shift)
    step = _CHANNELS if kind == "channel" else _SCATTER
    return b"%08x" % ((int(text, 16) + number * step) % 2**32)
