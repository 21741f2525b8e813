"""The pack's file: a ZIP of which every byte is decided, written in one go and read in one go.

Any unzip program opens it. It is stricter than ZIP asks for, so that nothing hides in it and any
change shows: members stand one after the other without gaps, all times and flags are fixed, and
the archive's comment holds the SHA-256 of every byte before it. Nothing is ever written over, so
it can be streamed to whoever fetches it.
"""

import hashlib
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Final, Protocol

MAGIC_LOCAL: Final = b"PK\x03\x04"
MAGIC_CENTRAL: Final = b"PK\x01\x02"
MAGIC_END: Final = b"PK\x05\x06"
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_NEEDED: Final = 20
_UTF8: Final = 0x0800
_DEFLATED: Final = 8
_TIME, _DATE = 0, 0x0021  # 1980-01-01 00:00, the first moment that ZIP can tell
_MADE_BY: Final = 3 << 8 | _NEEDED
_MODE: Final = 0o100644 << 16
_LEVEL: Final = 6
COMMENT: Final = b"minuteur-evidence sha256 "
_COMMENT_LENGTH: Final = len(COMMENT) + 64
MOST: Final = 0xFFFF_FFFE
"""A member, and a pack, stay below 4 GiB; half a year of 2 million calls is a tenth of that."""
MOST_MEMBERS: Final = 0xFFFE
CHUNK: Final = 1 << 16
_IN_MEMORY: Final = 8 << 20


class ArchiveError(Exception):
    """The file is damaged, or was made otherwise; ``place`` says where.

    ``anywhere``: only the digest of it all tells; see :func:`damaged_member`.
    """

    def __init__(self, place: str, said: str, *, anywhere: bool = False) -> None:
        super().__init__(f"{place}: {said}")
        self.place = place
        self.said = said
        self.anywhere = anywhere


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the pack, as its headers describe it."""

    name: str
    crc: int
    packed: int
    size: int
    offset: int

    def local(self) -> bytes:
        """The header before its data."""
        name = self.name.encode()
        return (
            _LOCAL.pack(
                MAGIC_LOCAL, _NEEDED, _UTF8, _DEFLATED, _TIME, _DATE,
                self.crc, self.packed, self.size, len(name), 0,
            )
            + name
        )  # fmt: skip

    def central(self) -> bytes:
        """Its entry in the list at the end."""
        name = self.name.encode()
        return (
            _CENTRAL.pack(
                MAGIC_CENTRAL, _MADE_BY, _NEEDED, _UTF8, _DEFLATED, _TIME, _DATE,
                self.crc, self.packed, self.size, len(name), 0, 0, 0, 0, _MODE, self.offset,
            )
            + name
        )  # fmt: skip


def _end(members: int, size: int, offset: int) -> bytes:
    return _END.pack(MAGIC_END, 0, 0, members, members, size, offset, _COMMENT_LENGTH)


class ArchiveWriter:
    """Writes a pack, member after member.

    Args:
        write: takes the file's bytes in order.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._hash = hashlib.sha256()
        self._at = 0
        self._members: list[Member] = []

    def add(self, name: str, data: Iterable[bytes]) -> None:
        """Add a file; its data may come in any parts, and is never in memory as a whole.

        Raises:
            OSError: there is no room for it.
            ValueError: the pack would get too large.
        """
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
            packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
            crc = size = 0
            for part in data:
                crc = zlib.crc32(part, crc)
                size += len(part)
                spool.write(packer.compress(part))
            spool.write(packer.flush())
            packed = spool.tell()
            member = Member(name, crc, packed, size, self._at)
            if max(size, self._at + packed) > MOST or len(self._members) >= MOST_MEMBERS:
                raise ValueError("The pack gets larger than 4 GiB: take a shorter period.")
            self._put(member.local())
            spool.seek(0)
            while chunk := spool.read(CHUNK):
                self._put(chunk)
            self._members.append(member)

    def finish(self) -> None:
        """Write the list of files, and the digest of it all."""
        begin = self._at
        for member in self._members:
            self._put(member.central())
        self._put(_end(len(self._members), self._at - begin, begin))
        self._put(COMMENT)
        self._write(self._hash.hexdigest().encode())

    def _put(self, data: bytes) -> None:
        self._hash.update(data)
        self._at += len(data)
        self._write(data)


class Readable(Protocol):
    """What a pack is read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, or fewer at the end."""


class ArchiveReader:
    """Reads a pack from its first byte to its last.

    Args:
        file: the pack, open at its begin.
    """

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._at = 0
        self._members: list[Member] = []

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Each file's name and data, in order; the data has to be taken before the next file.

        Raises:
            ArchiveError: something is not as :class:`ArchiveWriter` writes it; also from the data.
        """
        place = "the pack's begin"
        while (magic := self._take(4, place)) == MAGIC_LOCAL:
            member = self._header(magic, place)
            yield member.name, self._data(member)
            place = f"what follows {member.name}"
        if not self._members:
            raise ArchiveError(place, "it is no pack")
        self._central(magic)

    def _header(self, magic: bytes, place: str) -> Member:
        rest = self._take(_LOCAL.size - 4, place)
        fields = _LOCAL.unpack(magic + rest)
        name = self._take(min(fields[9], 255), place)
        said = name.decode("utf-8", "replace")
        member = Member(said, fields[6], fields[7], fields[8], self._at - _LOCAL.size - len(name))
        if not name or member.local() != magic + rest + name:
            raise ArchiveError(
                f"the header of {said!r}",
                "it is not as a pack has it. If another program packed the files anew, take the "
                "ZIP as it was handed out, or check the files by themselves: README.txt says how",
            )
        self._members.append(member)
        return member

    def _data(self, member: Member) -> Iterator[bytes]:
        place = member.name
        unpacker = zlib.decompressobj(-15)
        crc = size = 0
        left = member.packed
        while left:
            chunk = self._take(min(CHUNK, left), place)
            left -= len(chunk)
            while chunk:
                try:
                    data = unpacker.decompress(chunk, CHUNK)
                except zlib.error:
                    raise ArchiveError(place, "its data is damaged") from None
                chunk = unpacker.unconsumed_tail
                crc = zlib.crc32(data, crc)
                size += len(data)
                if size > member.size:
                    raise ArchiveError(place, "it is longer than its header says")
                if data:
                    yield data
        if not unpacker.eof or unpacker.unused_data:
            raise ArchiveError(place, "its data is damaged")
        if size != member.size or crc != member.crc:
            raise ArchiveError(place, "its data is damaged, or its header is")

    def _central(self, magic: bytes) -> None:
        begin = self._at - 4
        place = "the list of files at the pack's end"
        expected = b"".join(member.central() for member in self._members)
        end = _end(len(self._members), len(expected), begin)
        self._expect(expected + end, place, taken=magic)
        self._expect(COMMENT, place)
        said = self._file.read(64)
        if said != self._hash.hexdigest().encode():
            raise ArchiveError(
                "the digest at the pack's end", "it is not that of the pack", anywhere=True
            )
        if self._file.read(1):
            raise ArchiveError("the pack's end", "something follows it")

    def _expect(self, expected: bytes, place: str, taken: bytes = b"") -> None:
        found = taken + self._take(len(expected) - len(taken), place)
        if found != expected:
            raise ArchiveError(place, "it is not as a pack has it")

    def _take(self, count: int, place: str) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise ArchiveError(place, "the file ends there")
        self._hash.update(data)
        self._at += count
        return data


def damaged_member(file: IO[bytes]) -> str:
    """Which member's data is packed otherwise than it would be packed; empty: none.

    For a pack of which all data comes out right and the digest does not: some bits of packed data
    say nothing. It packs all data anew, so it takes as long as making the pack.

    Args:
        file: the pack, open at its begin.
    """
    watched = _Watched(file)
    reader = ArchiveReader(watched)
    try:
        for name, data in reader.members():
            watched.taken = hashlib.sha256()
            packer, expected = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15), hashlib.sha256()
            for part in data:
                expected.update(packer.compress(part))
            expected.update(packer.flush())
            if watched.taken.digest() != expected.digest():
                return name
    except ArchiveError:
        return ""
    return ""


class _Watched:
    """A file of which the digest of what was read since a moment is known."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.taken = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Read on."""
        data = self._file.read(size)
        self.taken.update(data)
        return data
