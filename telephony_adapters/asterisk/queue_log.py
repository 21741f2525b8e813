"""Asterisk's ``queue_log``: its lines, its files, plain, rotated and compressed.

A line is ``time|callid|queue|agent|event|data…``; the time is in whole seconds since 1970, or with
a fraction where a site writes the file itself. Sources: Asterisk's ``apps/app_queue.c`` and
``main/logger.c``, and its documentation of the queue log.
"""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from heapq import heapify, heappop, heapreplace
from pathlib import Path
from typing import IO, Final, NamedTuple

from monitor.core.clock import SECOND, Ms

EVENTS: Final = frozenset(
    {
        "ABANDON", "ADDMEMBER", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF", "AGENTDUMP",
        "AGENTLOGIN", "AGENTLOGOFF", "ATTENDEDTRANSFER", "BLINDTRANSFER", "CALLERID",
        "COMPLETEAGENT", "COMPLETECALLER", "CONFIGRELOAD", "CONNECT", "DID", "ENTERQUEUE",
        "EXITEMPTY", "EXITWITHKEY", "EXITWITHTIMEOUT", "HOLD", "INFO", "MEMBERPENALTY", "PAUSE",
        "PAUSEALL", "PAUSEREASON", "PENALTY", "QUEUEPRIORITY", "QUEUESTART", "REMOVEMEMBER",
        "RINGCANCELED", "RINGINUSE", "RINGNOANSWER", "SYSCOMPAT", "TRANSFER", "UNHOLD", "UNPAUSE",
        "UNPAUSEALL", "WITHDRAW",
    }
)  # fmt: skip
"""Events that Asterisk writes; the dialplan's ``QueueLog()`` may add names of its own."""
SHOWN: Final = 5
"""So many malformed lines are kept, to be shown."""
_FIELDS: Final = 5
_DIGITS: Final = 11
"""No second of the next 3,000 years has more."""
_TELLS: Final = 200
"""After so many lines it is clear whether a file is a queue log at all."""
_STEP: Final = 2_000
"""Lines between two words about the progress."""

Progress = Callable[[int], None]
"""Told how many more bytes of the files were read."""


class QueueLogError(Exception):
    """A queue log cannot be read; the message says which file, and why."""


class ForeignFileError(QueueLogError):
    """A file is no queue log at all."""


class Line(NamedTuple):
    """One line. ``at`` in ms since 1970, as precise as the file."""

    at: Ms
    callid: str
    queue: str
    agent: str
    event: str
    data: list[str]


@dataclass(slots=True)
class Malformed:
    """Lines that are none: how many, and the first of them as ``file, line N: text``."""

    count: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, place: str, text: str) -> None:
        """Note one."""
        self.count += 1
        if len(self.shown) < SHOWN:
            self.shown.append(f"{place}: {text.rstrip()[:120]!r}")


def parse(text: str) -> Line | None:
    """Read one line; None when it is malformed.

    An agent's name may hold a ``|``: then the event is the first field of a name that Asterisk
    writes, and what stands before it belongs to the agent.
    """
    parts = text.rstrip("\r\n").replace("\0", "\ufffd").split("|")
    if len(parts) < _FIELDS:
        return None
    at = _moment(parts[0])
    if at is None:
        return None
    event = parts[4]
    place = 4
    if event not in EVENTS:
        place = next((n for n, part in enumerate(parts) if n > place and part in EVENTS), place)
        event = parts[place]
        if not event or not event.replace("_", "").isalnum():
            return None
    agent = parts[3] if place == _FIELDS - 1 else "|".join(parts[3:place])
    return Line(at, parts[1], parts[2], agent, event, parts[place + 1 :])


def _moment(text: str) -> Ms | None:
    if text.isdecimal():
        return int(text) * SECOND if len(text) <= _DIGITS else None
    whole, _, fraction = text.partition(".")
    if not (whole.isdecimal() and fraction.isdecimal()) or len(whole) > _DIGITS:
        return None
    return int(whole) * SECOND + int(f"{fraction:0<3}"[:3])


# --- files --------------------------------------------------------------------------------------


def find_files(named: Iterable[str | Path]) -> list[Path]:
    """The files that arguments name: a file, a pattern, or a folder with its ``queue_log*``.

    Raises:
        QueueLogError: there is none of that name.
    """
    found: dict[Path, None] = {}
    for name in named:
        path = Path(name)
        if path.is_dir():
            inside = sorted(p for p in path.glob("queue_log*") if p.is_file())
            if not inside:
                raise QueueLogError(f"{path}: there is no queue_log* in this folder.")
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        elif any(sign in path.name for sign in "*?["):
            matching = sorted(p for p in path.parent.glob(path.name) if p.is_file())
            if not matching:
                raise QueueLogError(f"{path}: nothing matches.")
            found.update(dict.fromkeys(matching))
        else:
            raise QueueLogError(f"{path}: there is no such file.")
    return list(found)


def with_rotated(path: Path) -> list[Path]:
    """A live log with what was rotated away from it: ``queue_log.1``, ``queue_log-20260101.gz``."""
    beside = (
        p
        for p in path.parent.glob(f"{path.name}*")
        if p.is_file() and p.name[len(path.name) :][:1] in {"", ".", "-", "_"}
    )
    return sorted(beside)


class _File:
    """One file, with the time of its first line."""

    def __init__(self, path: Path, malformed: Malformed, progress: Progress | None) -> None:
        self.path = path
        self._malformed = malformed
        self._progress = progress
        with closing(self._lines(quiet=True)) as lines:
            first = next(lines, None)
        self.first_at: Ms | None = None if first is None else first.at

    def lines(self) -> Iterator[Line]:
        """All its lines."""
        return self._lines(quiet=False)

    def _lines(self, *, quiet: bool) -> Generator[Line, None, None]:
        try:
            with self.path.open("rb") as raw:
                yield from self._read(raw, quiet=quiet)
        except (EOFError, zlib.error, lzma.LZMAError) as error:
            raise QueueLogError(
                f"{self.path} is damaged: {error}. Leave it out to read the others."
            ) from None
        except OSError as error:
            raise QueueLogError(f"{self.path}: {error.strerror or error}.") from None

    def _read(self, raw: IO[bytes], *, quiet: bool) -> Iterator[Line]:
        good = done = 0
        progress = None if quiet else self._progress
        with io.TextIOWrapper(decompressed(raw), "utf-8", "replace", "\n") as text:
            for number, row in enumerate(text, 1):
                if progress is not None and number % _STEP == 0:
                    done, before = raw.tell(), done
                    progress(done - before)
                line = parse(row)
                if line is not None:
                    good += 1
                    yield line
                elif row.strip():
                    if not quiet:
                        self._malformed.add(f"{self.path}, line {number}", row)
                    if not good and number >= _TELLS:
                        break
            if not good and raw.tell():
                raise ForeignFileError(f"{self.path} is no queue log.")
            if progress is not None:
                progress(raw.tell() - done)


def decompressed(raw: IO[bytes]) -> IO[bytes]:
    """The text of a file, whatever it was compressed with; its name does not matter."""
    start = raw.read(6)
    raw.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]  # reads like any other
    if start.startswith(b"BZh"):
        return bz2.BZ2File(raw)
    if start == b"\xfd7zXZ\0":
        return lzma.LZMAFile(raw)
    return raw


class QueueLogFiles:
    """The lines of some files in order of time; parts of one log, or copies that overlap.

    Args:
        paths: the files, in any order.
        progress: told of the bytes read, now and then.
        skip_foreign: leave out what is no queue log, and list it in ``foreign``.

    Raises:
        QueueLogError: a file cannot be read, is no queue log, or all of them are empty.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        progress: Progress | None = None,
        *,
        skip_foreign: bool = False,
    ) -> None:
        self.malformed = Malformed()
        self.foreign: list[Path] = []
        self.size = sum(path.stat().st_size for path in paths)
        files = []
        for path in paths:
            try:
                files.append(_File(path, self.malformed, progress))
            except ForeignFileError:
                if not skip_foreign or len(paths) == 1:
                    raise
                self.foreign.append(path)
        self.empty = [file.path for file in files if file.first_at is None]
        if len(self.empty) == len(files):
            names = ", ".join(map(str, self.empty)) or "nothing"
            raise QueueLogError(f"{names}: there is not a line in it.")
        self._files = sorted(
            ((file.first_at, number, file) for number, file in enumerate(files) if file.first_at),
        )

    def lines(self) -> Iterator[Line]:
        """All lines; a file is opened when its turn comes, so there may be thousands of them."""
        waiting = list(reversed(self._files))
        active: list[tuple[Ms, int, Line, Iterator[Line]]] = []
        while waiting or active:
            if waiting and (not active or waiting[-1][0] <= active[0][0]):
                _, number, file = waiting.pop()
                rest = file.lines()
                first = next(rest, None)
                if first is not None:
                    active.append((first.at, number, first, rest))
                    heapify(active)
                continue
            _, number, line, rest = active[0]
            limit = waiting[-1][0] if waiting else None
            if len(active) == 1:
                yield line
                following = yield from _until(rest, limit)
            else:
                yield line
                following = next(rest, None)
            if following is None:
                heappop(active)
            else:
                heapreplace(active, (following.at, number, following, rest))


def _until(lines: Iterator[Line], limit: Ms | None) -> Generator[Line, None, Line | None]:
    """Yield lines before ``limit``; returns the first that is not, None at the end."""
    for line in lines:
        if limit is not None and line.at >= limit:
            return line
        yield line
    return None
