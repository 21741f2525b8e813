"""The chain: each day is sealed with the head of the day before, so no past can change alone.

All of it can be checked with ``sha256sum``:

- a document is one line of canonical JSON; its *digest* is the SHA-256 of that line;
- the *root* of a list of documents is the SHA-256 of their digests, in hexadecimal, one a line;
- a *seal* is one line of canonical JSON which holds the roots of a day and the head of the seal
  before it; its SHA-256 is the new *head*.

A tree (RFC 6962) would prove one call of a day without the others. Nobody asks for that here: an
auditor is given whole days, and a list is checked with less to understand.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from monitor.core.clock import DAY, SECOND, Ms

SEAL_FORMAT: Final = "minuteur-seal-1"
DIGEST: Final = 32
"""Bytes of a digest."""
GENESIS: Final = "0" * 64
"""What the first seal has in place of the head before it."""
CALLS: Final = "calls"
FACTS: Final = "facts"
BLIND: Final = "blind"
POLICIES: Final = "policies"
COMMANDS: Final = "commands"
PARTS: Final = (CALLS, FACTS, BLIND, POLICIES, COMMANDS)
"""The parts of a day's telephone calls, in the order in which they stand in a pack."""
CONTACTS: Final = "contacts"
"""What became of contacts of other channels on a day; only in seals of days with some."""
ALL_PARTS: Final = (*PARTS, CONTACTS)
EPOCH: Final = date(1970, 1, 1)


class ChainError(ValueError):
    """What should be a seal is none; the message says what is wrong with it."""


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """A value as JSON: keys in order, no spaces, UTF-8; the same bytes for the same value."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest_of(line: bytes) -> bytes:
    """The digest of a document or of a seal: the SHA-256 of its line, without the line's end."""
    return hashlib.sha256(line).digest()


class Root:
    """The root of a list of documents, digest after digest."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.count = 0

    def add(self, digest: bytes) -> None:
        """Add the digest of the next document."""
        self._hash.update(digest.hex().encode() + b"\n")
        self.count += 1

    def hex(self) -> str:
        """The root of what was added up to now."""
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sealed day: how many documents it holds, and their root (hexadecimal)."""

    count: int
    root: str


def part_of(digests: Iterable[bytes]) -> Part:
    """The part that some documents make, given their digests in order."""
    root = Root()
    for digest in digests:
        root.add(digest)
    return Part(root.count, root.hex())


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed day (UTC). ``number`` counts from 1, one more each day; ``previous`` is a head.

    ``amendments`` are of calls of earlier, sealed days. ``removed`` says what retention took out of
    the record since the seal before: ``(day, part)``. ``key`` names the key of the pseudonyms.
    """

    day: date
    number: int
    previous: str
    key: str
    parts: Mapping[str, Part]
    amendments: Part
    removed: tuple[tuple[date, str], ...] = field(default=())

    def line(self) -> bytes:
        """The seal as canonical JSON."""
        return canonical(
            {
                "format": SEAL_FORMAT,
                "day": self.day.isoformat(),
                "number": self.number,
                "previous": self.previous,
                "key": self.key,
                "parts": {name: _plain(part) for name, part in self.parts.items()},
                "amendments": _plain(self.amendments),
                "removed": [[day.isoformat(), part] for day, part in self.removed],
            }
        )

    @property
    def head(self) -> str:
        """The head of the chain after this seal."""
        return digest_of(self.line()).hex()


def seal_of(line: bytes) -> Seal:
    """Read a seal.

    Raises:
        ChainError: it is none, or not written as a seal is written.
    """
    try:
        plain = orjson.loads(line)
        seal = Seal(
            day=date.fromisoformat(plain["day"]),
            number=_int(plain["number"]),
            previous=_head(plain["previous"]),
            key=str(plain["key"]),
            parts={str(name): _part(part) for name, part in plain["parts"].items()},
            amendments=_part(plain["amendments"]),
            removed=tuple((date.fromisoformat(day), str(part)) for day, part in plain["removed"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ChainError("it is no seal") from error
    if seal.line() != line:
        raise ChainError("it is not written as a seal is written")
    return seal


def follows(seal: Seal, before: Seal | None) -> str:
    """Why a seal cannot come after another (None: it is the first); empty when it can."""
    if before is None:
        if seal.number == 1 and seal.previous != GENESIS:
            return "it is the first, yet names a seal before it"
        return ""
    if seal.number != before.number + 1:
        return f"it has number {seal.number} after number {before.number}"
    if seal.day != before.day + timedelta(days=1):
        return f"it is of {seal.day} after {before.day}"
    if seal.previous != before.head:
        return f"it does not name the head of {before.day} ({before.head})"
    return ""


def day_of(moment: Ms) -> date:
    """The day (UTC) of a moment."""
    return EPOCH + timedelta(days=moment // DAY)


def begin_of(day: date) -> Ms:
    """The first moment (ms) of a day (UTC)."""
    return (day - EPOCH).days * DAY


def end_of(day: date) -> Ms:
    """The first moment (ms) after a day (UTC)."""
    return begin_of(day) + DAY


def first_whole_day(sealed: date, zone: ZoneInfo) -> date:
    """The first day in a zone that begins no earlier than a day of UTC."""
    begin = datetime.fromtimestamp(begin_of(sealed) / SECOND, zone)
    return begin.date() + timedelta(days=begin.time() > time())


def last_whole_day(sealed: date, zone: ZoneInfo) -> date:
    """The last day in a zone that ends no later than a day of UTC."""
    return datetime.fromtimestamp(end_of(sealed) / SECOND, zone).date() - timedelta(days=1)


def iso(moment: Ms) -> str:
    """A moment as ISO 8601 in UTC with milliseconds."""
    at = datetime.fromtimestamp(moment // 1000, UTC).replace(microsecond=moment % 1000 * 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(part: Part) -> dict[str, Any]:
    return {"count": part.count, "root": part.root}


def _part(plain: Mapping[str, Any]) -> Part:
    return Part(_int(plain["count"]), _head(plain["root"]))


def _int(value: object) -> int:
    if type(value) is not int:
        raise ChainError("a number is none")
    return value


def _head(value: object) -> str:
    if not isinstance(value, str) or len(value) != len(GENESIS) or set(value) - set(_HEX):
        raise ChainError("a digest is none")
    return value


_HEX: Final = "0123456789abcdef"
