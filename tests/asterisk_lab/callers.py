"""Callers and agents of the lab: sipp for real SIP, AMI ``Originate`` for calls inside Asterisk.

All times here are milliseconds. sipp's scenario files are the templates in ``sipp/``; the
numbers are put in at run time, because sipp takes only one pause from its command line.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from .ami import LabAmi
from .server import AsteriskLab, LabError

SIPP = Path(__file__).parent / "sipp"
LISTENS_WITHIN = 60.0
"""Seconds until a phone is there; a busy machine takes long."""
FOREVER = 3_600_000
"""One hour: a ring or a talk that the other side ends."""


@dataclass(frozen=True)
class Caller:
    """One caller, and the number dialled.

    ``stay`` counts from the answer by the PBX, or, when the caller never gets one
    (``cancels``), from the first ring; the far end may hang up earlier.
    ``digit`` is pressed ``digit_after`` ms after the answer (SIP INFO).
    ``name`` and ``number`` are what the caller shows (empty: nothing); when ``None`` the number
    is the caller's own and the name says it. ``withheld``: the network tells the caller's own
    number in confidence (``P-Asserted-Identity`` with ``Privacy: id``).
    """

    exten: str
    stay: int = FOREVER
    cancels: bool = False
    digit: str = ""
    digit_after: int = 0
    name: str | None = None
    number: str | None = None
    withheld: bool = False

    def from_name(self) -> str:
        """The display name in the ``From`` header, quoted as SIP wants it."""
        if self.withheld:
            return '"Anonymous" '
        if self.name is None:
            return '"Caller [field0]" '
        quoted = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" ' if quoted else ""


@dataclass(frozen=True)
class Agent:
    """One agent's phone, ``PJSIP/name``.

    It rings ``ring`` ms, answers, and hangs up after ``talk`` ms unless the caller did.
    ``declines``: it answers 486 (busy) instead. ``deflects_to``: it answers 302 and names this
    extension instead. ``refers_to``: ``meanwhile`` ms after the answer it hands the caller over to
    this extension (REFER). ``holds``: it puts the caller on hold for so many ms, ``meanwhile`` ms
    after the answer. ``speaks``: it sends audio (silence), without which Asterisk never takes a
    Local channel out of a conversation.
    """

    name: str
    ring: int = 200
    talk: int = FOREVER
    declines: bool = False
    deflects_to: str = ""
    refers_to: str = ""
    holds: int = 0
    meanwhile: int = 500
    speaks: bool = False

    @property
    def interface(self) -> str:
        """The queue member's interface."""
        return f"PJSIP/{self.name}"


def never_answers(name: str) -> Agent:
    """Return an agent whose phone rings until the PBX gives up."""
    return Agent(name, ring=FOREVER)


class Sipp:
    """A running sipp process, with the directory where it writes."""

    def __init__(self, lab: AsteriskLab, scenario: str, arguments: Sequence[str]) -> None:
        self.dir = Path(mkdtemp(prefix="sipp-", dir=lab.dir))
        file = self.dir / "scenario.xml"
        file.write_text(scenario)
        self._output = (self.dir / "output").open("wb")
        media_port = lab.ports.take(4)
        self.process = subprocess.Popen(
            [
                *("sipp", "-sf", str(file), "-i", "127.0.0.1", "-mi", "127.0.0.1"),
                *("-mp", str(media_port), "-nostdin"),
                *("-trace_err", "-error_file", str(self.dir / "errors")),
                *arguments,
            ],
            cwd=self.dir,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def wait(self, timeout: float) -> None:
        """Wait until all calls of this process are over; raise :class:`LabError` when one failed.

        ``timeout`` in seconds.
        """
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise LabError(f"sipp did not end in {timeout} s: {self.errors()}") from None
        self._output.close()
        if code != 0:
            raise LabError(f"sipp ended with {code}: {self.errors()}")

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._output.close()

    def errors(self) -> str:
        """What sipp complained about."""
        with contextlib.suppress(FileNotFoundError):
            return (self.dir / "errors").read_text(errors="replace")[-2000:]
        return (self.dir / "output").read_text(errors="replace")[-2000:]


def _filled(name: str, **values: str) -> str:
    text = (SIPP / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def call(
    lab: AsteriskLab,
    caller: Caller,
    numbers: Sequence[str],
    rate: int = 50,
    *,
    period: int = 1000,
    extens: Sequence[str] = (),
) -> Sipp:
    """Start one call for each number, ``rate`` of them per ``period`` ms; returns at once.

    ``extens``: what each number dials, where it is not the same for all.
    """
    extra: list[str] = []
    if caller.cancels:
        scenario = _filled("caller_cancels.xml", STAY_MS=str(caller.stay))
        # a second 180 may come at any time and must not end the call
        extra = ["-default_behaviors", "all,-abortunexp"]
    else:
        digit = ""
        if caller.digit:
            digit = _filled("digit.xml", DIGIT=caller.digit, DIGIT_MS=str(caller.digit_after))
        stay = max(1, caller.stay - caller.digit_after)
        scenario = _filled(
            "caller.xml",
            DIGIT_PART=digit,
            STAY_MS=str(stay),
            NAME=caller.from_name(),
            USER=_user(caller),
            HEADERS=_IN_CONFIDENCE if caller.withheld else "",
        )
    with_numbers = Path(mkdtemp(prefix="numbers-", dir=lab.dir)) / "numbers.csv"
    dialled = extens or [caller.exten] * len(numbers)
    rows = "".join(f"{row[0]};{row[1]}\n" for row in zip(numbers, dialled, strict=True))
    with_numbers.write_text(f"SEQUENTIAL\n{rows}")
    port = lab.ports.take()
    count = str(len(numbers))
    return Sipp(
        lab,
        scenario,
        [
            *("-inf", str(with_numbers), "-p", str(port)),
            *("-m", count, "-l", count, "-r", str(rate), "-rp", str(period)),
            *extra,
            f"127.0.0.1:{lab.sip_port}",
        ],
    )


def _user(caller: Caller) -> str:
    if caller.withheld:
        return "anonymous@"
    return "" if caller.number == "" else "[field0]@"


_IN_CONFIDENCE = """
      P-Asserted-Identity: "Caller [field0]" <sip:[field0]@[local_ip]>
      Privacy: id"""


def ring(lab: AsteriskLab, agent: Agent) -> Sipp:
    """Start an agent's phone; it serves calls until :meth:`Sipp.stop`."""
    if agent.declines:
        status, after = "486 Busy Here", ' next="8"'
        body = "Content-Length: 0\n"
    elif agent.deflects_to:
        status, after = "302 Moved Temporarily", ' next="8"'
        body = f"Contact: <sip:{_address(lab, agent.deflects_to)}>\n      Content-Length: 0\n"
    else:
        status, after = "200 OK", ""
        body = _ANSWER
    scenario = _filled(
        "agent.xml",
        RING_MS=str(agent.ring),
        TALK_MS=str(agent.talk),
        STATUS=status,
        BODY=body,
        AFTER_ACK=after,
        MEANWHILE=_meanwhile(lab, agent),
    )
    port = lab.trunk_port if agent.name == "trunk" else lab.phone_ports[agent.name]
    phone = Sipp(lab, scenario, ["-p", str(port)])
    _wait_listening(port, phone)
    return phone


def _address(lab: AsteriskLab, exten: str) -> str:
    return f"{exten}@127.0.0.1:{lab.sip_port}"


def _meanwhile(lab: AsteriskLab, agent: Agent) -> str:
    """What the phone does while it talks."""
    after = str(agent.meanwhile)
    if agent.refers_to:
        return _filled("refer.xml", AFTER_MS=after, TARGET=_address(lab, agent.refers_to))
    if agent.speaks:
        speech = lab.dir / "speech.alaw"
        speech.write_bytes(b"\xd5" * 8000)
        return f'<nop><action><exec rtp_stream="{speech},-1,8"/></action></nop>'
    if agent.holds:
        return _filled("hold.xml", AFTER_MS=after, CSEQ="1", DIRECTION="sendonly") + _filled(
            "hold.xml", AFTER_MS=str(agent.holds), CSEQ="2", DIRECTION="sendrecv"
        )
    return ""


_ANSWER = """Contact: <sip:[local_ip]:[local_port]>
      Content-Type: application/sdp
      Content-Length: [len]

      v=0
      o=agent 1 1 IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 8
      a=rtpmap:8 PCMA/8000"""


def _wait_listening(port: int, phone: Sipp) -> None:
    """Wait until the phone's UDP port is open, as the kernel's own table shows it."""
    wanted = f"0100007F:{port:04X}"
    deadline = time.monotonic() + LISTENS_WITHIN
    while wanted not in Path("/proc/net/udp").read_text():
        if phone.process.poll() is not None or time.monotonic() > deadline:
            phone.stop()
            raise LabError(f"sipp did not listen on {port}: {phone.errors()}")
        time.sleep(0.01)


def originate(
    ami: LabAmi,
    exten: str,
    number: str,
    stay: int,
    context: str = "incoming",
    *,
    rings_for: int = FOREVER,
) -> None:
    """Make a call inside Asterisk: the half ``;2`` is the caller and runs ``context``.

    The half ``;1`` waits ``stay`` ms in ``Wait`` and then hangs up: the caller's patience; it
    counts from the answer. ``rings_for`` is how long (ms) the caller waits for that.
    """
    ami.action(
        "Originate",
        Channel=f"Local/{exten}@{context}/n",
        Application="Wait",
        Data=f"{stay / 1000:.3f}",
        CallerID=f'"Caller {number}" <{number}>',
        Async="true",
        Timeout=str(rings_for),
    )


def give_up(ami: LabAmi, queue: str) -> None:
    """Have all who were called in by :func:`originate` and wait in a queue hang up, as callers do.

    The half ``;1`` ends, which is to the half ``;2`` what a caller's own hangup is.
    """
    for one in ami.listing("QueueStatus", Queue=queue):
        if one["Event"] == "QueueEntry" and one["Channel"].startswith("Local/"):
            ami.action("Hangup", Channel=one["Channel"].removesuffix(";2") + ";1")
