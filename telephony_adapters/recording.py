"""Record what a PBX sends, and feed it back through the shipped path.

A recording is a text file (gzipped if its name ends in ``.gz``): a first line about itself, then
one line for each piece that came, with the moment of its arrival (ms) and its bytes, each byte one
character. It can be cut anywhere: what is whole is read. Bare captures of an AMI connection
(``.ami``, ``.ami.gz``) are read too; there the events' own times are the only clock.
"""

import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, cast

from monitor.core.clock import Ms
from monitor.core.events import Event
from telephony_adapters.asterisk.ami_decode import EventDecoder
from telephony_adapters.asterisk.ami_framing import BOUNDARY, MAX_FRAME
from telephony_adapters.masking import Masker

VERSION: Final = 1
CHUNK: Final = 64 * 1024
MAGIC: Final = b'{"minuteur_recording":'


class Recorder:
    """Writes a recording; use it as a context manager, and its :meth:`write` as a link's tap.

    With a masker only whole messages are written, since a number may be cut in two.
    """

    def __init__(self, path: Path, pbx: str, started: Ms, masker: Masker | None = None) -> None:
        """Begin the recording of ``pbx`` at ``started`` (ms); an existing file is replaced."""
        self._masker = masker
        self._rest = b""
        self._file = _open(path, "wb")
        head = {"minuteur_recording": VERSION, "pbx": pbx, "started": started}
        self._line({**head, "masked": masker is not None})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, at: Ms, data: bytes) -> None:
        """Record bytes that came at ``at`` (ms)."""
        if self._masker is not None:
            data = self._masked(self._masker, data)
        if data:
            self._line({"at": at, "data": data.decode("latin-1")})

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def _masked(self, masker: Masker, data: bytes) -> bytes:
        *frames, rest = (self._rest + data).split(BOUNDARY)
        # What never ends is no message, and nobody can say what to mask in it.
        self._rest = rest if len(rest) <= MAX_FRAME else b""
        return b"".join(masker.frame(frame) + BOUNDARY for frame in frames)

    def _line(self, value: dict[str, Any]) -> None:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
        self._file.write(text.encode() + b"\n")
        if not isinstance(self._file, gzip.GzipFile):
            self._file.flush()


def read_recording(path: Path) -> Iterator[tuple[Ms | None, bytes]]:
    """Yield the pieces of a recording with their moments (ms, None in a bare capture).

    Lines that cannot be read are left out, and so is what follows a cut of a gzipped file.

    Raises:
        ValueError: if the recording was made by a newer version.
        OSError: if the file cannot be read.
    """
    with _open(path, "rb") as file:
        first = _read(file, len(MAGIC))
        if first != MAGIC:
            yield from _bare(first, file)
            return
        head = _parsed(first + _readline(file))
        if head is not None and head.get("minuteur_recording") != VERSION:
            raise ValueError(f"{path} was recorded by a newer version of Minuteur")
        while line := _readline(file):
            piece = _parsed(line)
            with contextlib.suppress(KeyError, TypeError, UnicodeError, AttributeError):
                if piece is not None:
                    yield int(piece["at"]), piece["data"].encode("latin-1")


def events_from(path: Path, pbx: str) -> Iterator[Event]:
    """Yield what a recording says, through the same framing and translation as a live link.

    Events without a time of their own are dated by their arrival; in a bare capture by the event
    before them.
    """
    decoder = EventDecoder(pbx)
    for at, data in read_recording(path):
        yield from decoder.feed(data, decoder.translator.last_at if at is None else at)


def _open(path: Path, mode: Literal["rb", "wb"]) -> io.BufferedIOBase:
    if path.name.endswith(".gz"):
        return gzip.GzipFile(path, mode)
    return cast("io.BufferedIOBase", path.open(mode))


def _bare(first: bytes, file: io.BufferedIOBase) -> Iterator[tuple[None, bytes]]:
    if first:
        yield None, first
    while data := _read(file, CHUNK):
        yield None, data


def _read(file: io.BufferedIOBase, size: int) -> bytes:
    """Read up to ``size`` bytes, what there is at once; nothing where a gzipped file was cut."""
    try:
        return file.read1(size)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""


def _readline(file: io.BufferedIOBase) -> bytes:
    try:
        return file.readline()
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
