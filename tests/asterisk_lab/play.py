"""Plays one row on a lab: agents, members, callers, and waits until all is over."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import queue_log
from .ami import AmiTap, LabAmi, Message, parse_stream
from .callers import Agent, Sipp, call, originate, ring
from .refer import join_calls
from .rows import PLACES
from .scenarios import INCOMING_CONTEXT, JOIN_CALLS, Act, Call, Row
from .server import AsteriskLab, LabError

OVER_WITHIN = 120.0
"""No row takes longer, in seconds, on the busiest machine; then something hangs."""


@dataclass(frozen=True)
class PlayedCall:
    """One call that was made: the caller's number (unique to it) and Asterisk's id of it."""

    call: Call
    number: str
    uniqueid: str


@dataclass(frozen=True)
class Played:
    """What was played: ``started`` and ``ended`` are in seconds since 1970.

    ``ami`` is the raw AMI stream of the row, ``queue_log_text`` the lines that the row added to
    the queue log (whole seconds), ``lines`` the same with microseconds.
    """

    row: Row
    calls: tuple[PlayedCall, ...]
    started: float
    ended: float
    ami: Path
    queue_log_text: str
    lines: list[queue_log.Line]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The callers' numbers."""
        return tuple(played.number for played in self.calls)

    def frames(self) -> list[Message]:
        """The AMI messages of the row, parsed by the lab's own parser."""
        return parse_stream(self.ami.read_bytes())

    def visits(self) -> dict[str, list[queue_log.LoggedVisit]]:
        """The oracle's visits of each call, by Uniqueid."""
        return queue_log.visits(self.lines)


def numbers_of(row: Row) -> dict[Call, list[str]]:
    """Return the callers' numbers of each of the row's calls: unique among all rows.

    Only a caller who shows a given number may share it, with calls that start later.
    """
    place = PLACES.get(row.name, 999)
    return {
        one: [
            f"06{place:03d}{group:02d}{n:03d}" if one.caller.number is None else one.caller.number
            for n in range(one.count)
        ]
        for group, one in enumerate(row.calls)
    }


def play(lab: AsteriskLab, row: Row) -> Played:
    """Play a row and return when all its channels are gone and AMI has gone quiet."""
    numbers = numbers_of(row)
    log_start = lab.queue_log().stat().st_size
    lines_start = len(queue_log.read_database(lab.queue_log_database()))
    path = lab.dir / f"{row.name}.ami"
    started = time.time()
    with _tap(lab, path) as tap, lab.ami() as ami, _phones(lab, row), _members(ami, row):
        began = time.monotonic()
        running: list[Sipp] = []
        try:
            _run(lab, ami, tap, row, numbers, began, running)
            for one in running:
                one.wait(OVER_WITHIN)
            _wait_no_channels(ami)
            _wait_heard(ami, tap)
        finally:
            for one in running:
                one.stop()
    ended = time.time()
    return Played(
        row,
        tuple(_find(path, numbers)),
        started,
        ended,
        path,
        lab.queue_log().read_bytes()[log_start:].decode(errors="replace"),
        queue_log.read_database(lab.queue_log_database())[lines_start:],
    )


@contextlib.contextmanager
def _tap(lab: AsteriskLab, path: Path) -> Iterator[AmiTap]:
    tap = AmiTap(lab.ami_port, path)
    try:
        tap.wait_for(b"Event: FullyBooted")
        yield tap
        tap.wait_quiet(0.3)
    finally:
        tap.close()


@contextlib.contextmanager
def _phones(lab: AsteriskLab, row: Row) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for agent in row.agents:
            stack.callback(ring(lab, agent).stop)
        if any(one.via == "outgoing" for one in row.calls):
            stack.callback(ring(lab, Agent("trunk", ring=300)).stop)
        yield


@contextlib.contextmanager
def _members(ami: LabAmi, row: Row) -> Iterator[None]:
    for queue, interfaces in row.members.items():
        for interface in interfaces:
            name = interface.partition("/")[2].partition("@")[0]
            ami.action("QueueAdd", Queue=queue, Interface=interface, MemberName=f"Agent {name}")
    try:
        yield
    finally:
        for queue, interfaces in row.members.items():
            for interface in interfaces:
                # a row may have removed it already
                ami.request("QueueRemove", Queue=queue, Interface=interface)


def _run(
    lab: AsteriskLab,
    ami: LabAmi,
    tap: AmiTap,
    row: Row,
    numbers: dict[Call, list[str]],
    began: float,
    running: list[Sipp],
) -> None:
    """Start the calls and send the acts, each at its time; add the sipp processes."""
    todo: list[tuple[int, Call | Act]] = [(one.start, one) for one in row.calls]
    todo += [(act.at, act) for act in row.acts]
    for at, what in sorted(todo, key=lambda item: item[0]):
        # the row's own clock, not a wait for something to happen
        time.sleep(max(0.0, began + at / 1000 - time.monotonic()))
        if isinstance(what, Act):
            _act(lab, ami, tap, what, next(iter(numbers.values()))[0])
        elif what.via == "sip":
            running.append(call(lab, what.caller, numbers[what]))
        elif what.via == "local":
            for number in numbers[what]:
                originate(ami, what.caller.exten, number, what.caller.stay)
        else:
            _call_out(ami, what)
    for one, own in numbers.items():
        if one.via == "local":
            # Originate answers before the channel is there
            for number in own:
                tap.wait_for(f"CallerIDNum: {number}\r\n".encode())


def _call_out(ami: LabAmi, one: Call) -> None:
    ami.action(
        "Originate",
        Channel="PJSIP/agent1",
        Context="internal",
        Exten=one.caller.exten,
        Priority="1",
        CallerID="agent1 <agent1>",
        Async="true",
    )
    _wait_for(lambda: len(ami.listing("CoreShowChannels")) >= 2, "the outgoing call")
    ami.action(
        "Setvar",
        Channel=_channel(ami, "PJSIP/agent1-"),
        Variable="TIMEOUT(absolute)",
        Value=f"{one.caller.stay / 1000:.3f}",
    )


def _channel(ami: LabAmi, prefix: str = "", number: str = "") -> str:
    for item in sorted(ami.listing("CoreShowChannels"), key=lambda item: item["Channel"]):
        if prefix and item["Channel"].startswith(prefix):
            return item["Channel"]
        if number and item["CallerIDNum"] == number and item["Channel"].startswith("PJSIP/trunk"):
            return item["Channel"]
    raise LabError(f"no live channel is {prefix or number}")


def _act(lab: AsteriskLab, ami: LabAmi, tap: AmiTap, act: Act, caller: str) -> None:
    if act.once:
        tap.wait_for(act.once.encode())
    fields = dict(act.fields)
    for name, value in fields.items():
        if value == "{caller}":
            fields[name] = _channel(ami, number=caller)
        elif value.startswith("{agent"):
            fields[name] = _channel(ami, f"PJSIP/{value.strip('{}')}-")
    if act.action == JOIN_CALLS:
        talk, consultation = _phones_calls(ami, act.fields["Phone"])
        join_calls(lab, ami, talk, consultation)
    elif act.recorded:
        tap.send(act.action, **fields)
    else:
        ami.action(act.action, **fields)


def _phones_calls(ami: LabAmi, phone: str) -> list[str]:
    """A phone's two channels, the older one first."""
    channels = [item["Channel"] for item in ami.listing("CoreShowChannels")]
    return sorted(channel for channel in channels if channel.startswith(f"PJSIP/{phone}-"))


def _wait_no_channels(ami: LabAmi) -> None:
    _wait_for(lambda: not ami.listing("CoreShowChannels"), "the end of all channels")


def _wait_heard(ami: LabAmi, tap: AmiTap) -> None:
    """Wait until the recording has all that was said up to now, however slow the machine is."""
    ami.action("UserEvent", UserEvent="LabOver")
    tap.wait_for(b"UserEvent: LabOver", OVER_WITHIN)


def _wait_for(happened: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + OVER_WITHIN
    while not happened():
        if time.monotonic() > deadline:
            raise LabError(f"waited {OVER_WITHIN:.0f} s for {what}")
        time.sleep(0.05)


def _find(path: Path, numbers: dict[Call, list[str]]) -> Iterator[PlayedCall]:
    """Find each caller's channel in the stream, by number, in the context of callers."""
    arrivals: dict[str, list[str]] = {}
    for frame in parse_stream(path.read_bytes()):
        # Newexten: at Newchannel a Local channel has no number yet. Of a Local pair only ;2
        # runs the dialplan; a leg that the PBX dials says (Outgoing Line).
        if (
            frame.get("Event") == "Newexten"
            and frame["Context"] == INCOMING_CONTEXT
            and frame["AppData"] != "(Outgoing Line)"
        ):
            number = frame["CallerIDNum"].replace("<unknown>", "")
            known = arrivals.setdefault(number, [])
            if frame["Uniqueid"] not in known:
                known.append(frame["Uniqueid"])
    for one, own in numbers.items():
        if one.via == "outgoing":
            continue
        for number in own:
            if not arrivals.get(number):
                raise LabError(f"the call of {number} to {one.caller.exten} never arrived")
            yield PlayedCall(one, number, arrivals[number].pop(0))
