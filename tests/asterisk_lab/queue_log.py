"""The oracle: Asterisk's own ``queue_log``, parsed into visits.

Two forms of the same record exist in the lab.

The file ``queue_log``
    one line per event, ``epoch|callid|queue|agent|event|data1|…``, in **whole seconds**: the
    time is cut (not rounded) to the second, and the waits in its data fields are differences
    of such cut seconds. So a wait that is computed from the file, or read in it, may differ
    from the true one by less than 1 s either way. Compare with ``abs(ours - theirs) < 1.0``.

The realtime table ``queue_log`` (SQLite, ``AsteriskLab.queue_log_database()``)
    the same events with **microseconds** in ``time`` (UTC); the data fields stay whole seconds.
    ``joined`` is within some milliseconds of QueueCallerJoin and, when answered, ``left`` of
    QueueCallerLeave. For every other exit the line is written at QueueCallerAbandon (key: just
    before the Leave), and the Leave follows when Asterisk gets the queue's lock: 1 to 7 ms
    later in a calm lab, some tens of ms with many callers, or while the disk is slow.

``callid`` is the Uniqueid of the caller's channel. A refusal at the door (joinempty, queue
full) writes **nothing**: such visits exist only as QUEUESTATUS.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

NO_CALL = "NONE"
"""What stands in ``callid``, ``queue`` and ``agent`` when there is none."""

COLUMNS = ("time", "callid", "queuename", "agent", "event")
DATA = tuple(f"data{n}" for n in range(1, 6))

_LEFT = {
    "CONNECT": "answered",
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "timeout",
    "EXITWITHKEY": "key",
    "EXITEMPTY": "leave_empty",
    "WITHDRAW": "withdrawn",
}
"""The event that ends the wait → the name of the exit in the product's vocabulary."""

_WAIT_FIELD = {"CONNECT": 0, "ABANDON": 2, "EXITWITHTIMEOUT": 2, "EXITWITHKEY": 3, "EXITEMPTY": 2}
"""Which data field of the event holds the wait, in whole seconds."""

_OVER = ("COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER")


@dataclass(frozen=True)
class Line:
    """One event of the queue log. ``time`` is in seconds since 1970, cut as the source cuts it."""

    time: float
    callid: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]


@dataclass
class LoggedVisit:
    """One stay of one call in one queue, as Asterisk logged it.

    ``exit`` is ``None`` while nothing said how the wait ended. ``wait_s`` and ``talk_s`` are
    Asterisk's own whole seconds; ``joined`` and ``left`` are as precise as the source.
    """

    callid: str
    queue: str
    joined: float
    left: float | None = None
    exit: str | None = None
    agent: str | None = None
    wait_s: int | None = None
    talk_s: int | None = None
    ring_no_answers: list[str] = field(default_factory=list)
    ended_by: str | None = None


def create_database(path: Path) -> None:
    """Create the empty realtime table that Asterisk fills."""
    with sqlite3.connect(path) as connection:
        # fewer waits for the disk inside Asterisk
        connection.execute("PRAGMA journal_mode = WAL")
        columns = ", ".join(f'"{name}" TEXT' for name in COLUMNS + DATA)
        connection.execute(f"CREATE TABLE queue_log (id INTEGER PRIMARY KEY, {columns})")
    connection.close()


def parse_file(text: str) -> list[Line]:
    """Parse the text of a ``queue_log`` file (whole seconds)."""
    lines = []
    for row in text.splitlines():
        parts = row.split("|")
        if len(parts) < 5:
            continue
        time, callid, queue, agent, event, *data = parts
        lines.append(Line(float(time), callid, queue, agent, event, tuple(data)))
    return lines


def read_file(path: Path) -> list[Line]:
    """Read a ``queue_log`` file (whole seconds); an absent file has no lines."""
    return parse_file(path.read_text(errors="replace")) if path.exists() else []


def read_database(path: Path) -> list[Line]:
    """Read the realtime table (microseconds)."""
    names = ", ".join(COLUMNS + DATA)
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        rows = connection.execute(f"SELECT {names} FROM queue_log ORDER BY id").fetchall()
    connection.close()
    lines = []
    for time, callid, queue, agent, event, *data in rows:
        moment = datetime.fromisoformat(time).replace(tzinfo=UTC).timestamp()
        lines.append(Line(moment, callid, queue, agent, event, tuple(d or "" for d in data)))
    return lines


def format_lines(lines: Iterable[Line]) -> str:
    """Write lines in the form of the file, with microseconds in the time."""
    return "".join(
        "|".join((f"{one.time:.6f}", one.callid, one.queue, one.agent, one.event, *one.data)) + "\n"
        for one in lines
    )


def visits(lines: Iterable[Line]) -> dict[str, list[LoggedVisit]]:
    """Group the lines into visits: callid → its visits in the order of joining."""
    calls: dict[str, list[LoggedVisit]] = {}
    for line in lines:
        if line.callid == NO_CALL:
            continue
        stays = calls.setdefault(line.callid, [])
        if line.event == "ENTERQUEUE":
            stays.append(LoggedVisit(line.callid, line.queue, line.time))
            continue
        if line.event in _LEFT and all(visit.queue != line.queue for visit in stays):
            _changed_hands(calls, line)
            continue
        # the end of a talk may be logged after the caller has joined the next queue
        for visit in reversed(stays):
            if visit.queue == line.queue:
                _apply(visit, line)
                break
    return {callid: stays for callid, stays in calls.items() if stays}


def _changed_hands(calls: dict[str, list[LoggedVisit]], line: Line) -> None:
    """Fold in the end of a wait that is logged under an id which never joined that queue.

    Masquerades do this. Who is taken out of the queue (AMI ``Bridge``) takes the id along, and what
    is left behind has a new one; who is put into the place of an agent who asked there (REFER with
    Replaces) keeps their own. Queue and wait say whose it was.
    """
    if line.event not in _WAIT_FIELD:
        return
    wait = int(line.data[_WAIT_FIELD[line.event]])
    for visit in (visit for stays in calls.values() for visit in stays):
        near = abs(visit.joined + wait - line.time) < 2
        if visit.queue == line.queue and visit.exit is None and near:
            _apply(visit, line)
            return


def _apply(visit: LoggedVisit, line: Line) -> None:
    """Fold one later line of the same call and queue into the visit."""
    if line.event == "RINGNOANSWER":
        visit.ring_no_answers.append(line.agent)
    elif line.event in _LEFT:
        visit.left, visit.exit = line.time, _LEFT[line.event]
        if line.event == "CONNECT":
            visit.agent = line.agent
        if line.event in _WAIT_FIELD:
            visit.wait_s = int(line.data[_WAIT_FIELD[line.event]])
    elif line.event in _OVER:
        visit.ended_by = line.event
        if line.event in ("COMPLETECALLER", "COMPLETEAGENT"):
            visit.talk_s = int(line.data[1])
