"""Pseudonyms for callers in recordings: same length, same for the same person, not reversible.

A number becomes another number by a keyed permutation of all numbers of its length, so two callers
never become one. Whoever has the key can link pseudonyms with numbers; throw it away.
"""

import hashlib
import re
from typing import Final

ROUNDS: Final = 8
MIN_NUMBER: Final = 6
"""So many digits in a row are taken for somebody's number, wherever they stand."""

HARMLESS: Final = frozenset(
    {
        *("Event", "Response", "Privilege", "Timestamp", "SystemName", "ActionID", "EventTV"),
        *("LastCall", "LastPause", "LoginTime", "SessionID", "SessionTV", "Uptime", "LastReload"),
        *("ChannelState", "Priority", "Cause", "HoldTime", "TalkTime", "RingTime", "Duration"),
        *("Variable", "BridgeId", "Queue", "Message"),
    }
)
"""Headers whose digits are nobody's number."""

_KEPT_VARIABLE: Final = re.compile(rb"\r\nVariable: (?:QUEUE|STASIS)STATUS\r\n")
_ARGUMENTS: Final = re.compile(rb"(\r\nAppData: [^,\r]*),[^\r]*")
_DIGITS: Final = re.compile(rf"\d{{{MIN_NUMBER},}}")
_SUFFIX: Final = re.compile(r"-[0-9a-f]{8}(;[12])?$")
_WORD: Final = re.compile(r"\w")


class Masker:
    """Replaces who called, in whole AMI messages.

    Caller ids, and the values that a dialplan works with (variables, application arguments), are
    replaced wholly; in all other headers but a few harmless ones, every long run of digits.
    Uniqueids, times, queues and members' names stay, so that the recording replays alike.
    """

    def __init__(self, key: bytes) -> None:
        """``key`` makes the pseudonyms; recordings made with the same key can be compared."""
        self._key = hashlib.blake2b(key, digest_size=32).digest()
        self._numbers: dict[str, str] = {}

    def frame(self, frame: bytes) -> bytes:
        """Return one message with pseudonyms; other bytes than UTF-8 are replaced."""
        kept = ""
        if _KEPT_VARIABLE.search(frame):
            kept = "Value"
        elif b"\r\nApplication: Queue\r\n" in frame:
            kept = "AppData"  # the queue's name
        elif b"\r\nApplication: Stasis\r\n" in frame:
            kept = "AppData"  # the application's name; its arguments may be about the caller
            frame = _ARGUMENTS.sub(rb"\1", frame)
        lines = frame.decode("utf-8", "replace").split("\r\n")
        return "\r\n".join([self._line(line, kept) for line in lines]).encode()

    def _line(self, line: str, kept: str) -> str:
        name, colon, value = line.partition(": ")
        if not colon or not value or name == kept or name in HARMLESS:
            return line
        return f"{name}: {self._value(name, value)}"

    def _value(self, name: str, value: str) -> str:
        if name.endswith(("Uniqueid", "Linkedid")) or value in ("<unknown>", "(Outgoing Line)"):
            return value
        if name.endswith(("CallerIDNum", "ConnectedLineNum")):
            return re.sub(r"\d+", self._number, value)
        if name.endswith(("CallerIDName", "ConnectedLineName")) or name in ("AppData", "Value"):
            return self.text(value)
        ending = _SUFFIX.search(value)
        end = ending.start() if ending else len(value)
        return _DIGITS.sub(self._number, value[:end]) + value[end:]

    def _number(self, match: re.Match[str]) -> str:
        return self.number(match.group())

    def number(self, digits: str) -> str:
        """Return the pseudonym of a number: another one of the same length."""
        known = self._numbers.get(digits)
        if known is None:
            known = self._numbers[digits] = self._permuted(digits)
        return known

    def _permuted(self, digits: str) -> str:
        """Shuffle all numbers of one length, both ways unique (a Feistel network in decimal)."""
        middle = len(digits) // 2
        left, right = digits[:middle], digits[middle:]
        for turn in range(ROUNDS):
            size = len(left)
            mixed = (int(left or "0") + self._pseudo_random(turn, right)) % 10**size
            left, right = right, f"{mixed:0{size}d}" if size else ""
        return left + right

    def _pseudo_random(self, turn: int, text: str) -> int:
        digest = hashlib.blake2b(f"{turn}:{text}".encode(), key=self._key, digest_size=16)
        return int.from_bytes(digest.digest(), "big")

    def text(self, value: str) -> str:
        """Return the pseudonym of a name: letters for letters, digits for digits."""
        seed = hashlib.blake2b(value.encode(), key=self._key, digest_size=64).digest()
        places = iter(range(len(value)))

        def other(match: re.Match[str]) -> str:
            byte = seed[next(places) % len(seed)]
            found = match.group()
            if found.isdigit():
                return str(byte % 10)
            letter = chr(ord("a") + byte % 26)
            return letter.upper() if found.isupper() else letter

        return _WORD.sub(other, value)
