"""The newest lines of a queue log that Asterisk is writing.

Nothing is kept between two readings, so it does not matter whether the file was rotated, cut or
made anew meanwhile. A line that is being written is left for the next time.
"""

import io
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from monitor.core.clock import SECOND, Ms
from telephony_adapters.asterisk.queue_log import (
    ForeignFileError,
    Line,
    QueueLogError,
    decompressed,
    parse,
    with_rotated,
)

_NEAR_BY: Final = 65_536
"""Bytes that are quicker read than searched."""


def recent_lines(path: Path, since: Ms) -> Iterator[Line]:
    """The finished lines since ``since`` (ms), also of what was rotated away meanwhile.

    Raises:
        QueueLogError: the log is absent, or cannot be read.
    """
    try:
        path.open("rb").close()
        changed = {file: file.stat().st_mtime for file in with_rotated(path)}
        for file in sorted(changed, key=lambda file: (file == path, changed[file])):
            if changed[file] * SECOND >= since:
                yield from _lines_since(file, since)
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise QueueLogError(f"{path}, or a rotated part of it, is damaged: {error}.") from None
    except OSError as error:
        raise QueueLogError(f"{error.filename or path}: {error.strerror or error}.") from None


def check(path: Path) -> None:
    """Look whether a log is there and is one; an empty one is.

    Raises:
        QueueLogError: the log is absent, cannot be read, or is no queue log.
    """
    try:
        with path.open("rb") as raw:
            rows = decompressed(raw).read(_NEAR_BY).split(b"\n")[:-1]
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise QueueLogError(f"{path} is damaged: {error}.") from None
    except OSError as error:
        raise QueueLogError(f"{path}: {error.strerror or error}.") from None
    if rows and not any(map(_parsed, rows)):
        raise ForeignFileError(f"{path} is no queue log.")


def _lines_since(file: Path, since: Ms) -> Iterator[Line]:
    with file.open("rb") as raw:
        text = decompressed(raw)
        if text is raw:
            _skip_to(raw, since)
        for row in text:
            line = _parsed(row) if row.endswith(b"\n") else None
            if line is not None and line.at >= since:
                yield line


def _parsed(row: bytes) -> Line | None:
    return parse(row.decode("utf-8", "replace"))


def _skip_to(raw: IO[bytes], at: Ms) -> None:
    """Move to a place in a plain file before which all lines are older than ``at`` (ms).

    By halving: a log that was never rotated is not read as a whole for its last hour.
    """
    low, high = 0, raw.seek(0, io.SEEK_END)
    while high - low > _NEAR_BY:
        middle = (low + high) // 2
        raw.seek(middle)
        raw.readline()
        line = next(
            (found for row in raw if (found := parse(row.decode("utf-8", "replace")))), None
        )
        if line is not None and line.at < at:
            low = middle
        else:
            high = middle
    raw.seek(low)
    if low:
        raw.readline()
