"""The lab's rows, played on the simulated centre: the same dialplan, the same queues and people.

So the simulation is held against captures of a real Asterisk that did the very same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from telephony_adapters.simulator.backfill import Tape
from telephony_adapters.simulator.centre import Centre, Site, Staff
from telephony_adapters.simulator.parts import Call, CallerPlan, Dialplan, QueueSetup, Step
from tests.asterisk_lab import scenarios
from tests.asterisk_lab.ami import Message, parse_stream
from tests.asterisk_lab.callers import FOREVER
from tests.asterisk_lab.scenarios import Act, Row

TRACES = Path(__file__).parents[1] / "traces" / "asterisk-22"
EXTENSIONS = Path(__file__).parents[1] / "asterisk_lab" / "conf" / "extensions.conf"
BEGIN = 1_795_293_000_000
MEMBERS_BY = 300
"""ms after the begin when the first caller comes, as in the lab: members are there."""

_LINE = re.compile(r"\s*(?:exten\s*=\s*([^,]+),1|same\s*=\s*n),(\w+)\((.*)\)\s*$")
_USUAL = QueueSetup("usual", ring=1000, retry=1000, linear=True)
QUEUES = (
    replace(_USUAL, name="support"),
    replace(_USUAL, name="sales", ring=30_000, linear=False),
    replace(_USUAL, name="empty", join_empty=False),
    replace(_USUAL, name="leaving", leave_when_empty=True),
    replace(_USUAL, name="full", max_callers=1),
    replace(_USUAL, name="keyed", key_context="exit-keys"),
)


def lab_dialplan(more: str = "") -> Dialplan:
    """Read the lab's own ``extensions.conf``, and what a test puts at its end."""
    steps: dict[tuple[str, str], list[Step]] = {}
    context = exten = ""
    for line in f"{EXTENSIONS.read_text()}{more}".splitlines():
        if line.startswith("["):
            context = line.strip("[]")
        elif found := _LINE.match(line):
            exten = found[1] or exten
            name = "BackGround" if found[2] == "Background" else found[2]
            steps.setdefault((context, exten), []).append(Step(name, found[3]))
    return {place: tuple(there) for place, there in steps.items()}


def lab_centre(tape: Tape, row: Row) -> Centre:
    """A centre like the lab, with the row's agents logged in."""
    staff = tuple(
        Staff(
            agent.interface,
            agent.name,
            tuple((queue, 0) for queue, there in row.members.items() if agent.interface in there),
        )
        for agent in row.agents
    )
    centre = Centre(
        Site(QUEUES, lab_dialplan(), staff), seed=1, begin=BEGIN, emit=tape, system_name="lab"
    )
    for agent in row.agents:
        phone = centre.phone(agent.interface)
        phone.declines = agent.declines
        phone.answers_after = agent.ring
        phone.never_answers = agent.ring == FOREVER
        phone.talks_for = agent.talk
        centre.agent(agent.interface).login()
    return centre


SLIPS = (0, 40, -40)
"""ms: so exact are a real caller's hang-ups, and rows exist in which that decides."""


def play(row: Row, slip: int = 0) -> list[Message]:
    """Play a row; returns all events from the first caller's arrival on.

    ``slip`` (ms): how much later than meant its callers hang up.
    """
    tape = Tape()
    centre = lab_centre(tape, row)
    tape.take()
    for number, call in enumerate(row.calls):
        when = BEGIN + MEMBERS_BY + call.start
        caller = f"06000000{number:02d}"
        centre.agenda.at(when, lambda call=call, caller=caller: _dial(centre, call, caller, slip))  # type: ignore[misc]
    for act in row.acts:
        centre.agenda.at(BEGIN + MEMBERS_BY + act.at, lambda act=act: _act(centre, act))  # type: ignore[misc]
    centre.run_until(BEGIN + 60_000)
    assert not centre.calls
    assert not centre.channels
    return parse_stream(b"banner\r\n" + tape.take())


def _dial(centre: Centre, call: scenarios.Call, number: str, slip: int) -> None:
    caller = call.caller
    keys = ((caller.digit_after, caller.digit),) if caller.digit else ()
    plan = CallerPlan(patience=FOREVER, talk=FOREVER, keys=keys)
    if call.via == "local":
        centre.originate(caller.exten, "incoming", number, number, caller.stay)
        return
    made = centre.call(number, caller.exten, name=f"Caller {number}", plan=plan)
    if caller.stay != FOREVER:
        centre.agenda.after(caller.stay + slip, lambda: centre.hang_up(made))


def _act(centre: Centre, act: Act) -> None:
    (call,) = centre.calls.values()
    if act.action == "Redirect":
        centre.redirect(call, act.fields["Context"], act.fields["Exten"], 1)
    elif act.action == "QueueWithdrawCaller":
        _withdraw(centre, call, act.fields["WithdrawInfo"])
    elif act.action == "QueueRemove":
        centre.agent(act.fields["Interface"]).logout()
    else:
        raise NotImplementedError(act.action)


def _withdraw(centre: Centre, call: Call, info: str) -> None:
    assert call.entry is not None
    centre.acd.withdraw(call.entry, info)


def captured(row: Row) -> list[Message]:
    """What the real Asterisk said in that row."""
    return parse_stream((TRACES / f"{row.name}.ami").read_bytes())


def story(messages: list[Message], wanted: frozenset[str]) -> dict[str, list[str]]:
    """The wanted events of each channel, in its own order, without ids and times.

    Callers are ``caller0``, ``caller1``…, an agent's legs in turn ``PJSIP/agent1#0``, ``…#1``.
    Only what one channel says has an order: Asterisk's threads run side by side.
    """
    roles: dict[str, str] = {}
    told: dict[str, list[str]] = {}
    for message in messages:
        if message.get("Event") == "Newchannel":
            roles[message["Channel"]] = _role(message, roles)
            told[roles[message["Channel"]]] = []
    for message in messages:
        name = message.get("Event", "")
        channel = message.get("Channel") or message.get("DestChannel", "")
        if name in wanted and channel in roles and not name.startswith("QueueMember"):
            told[roles[channel]] += _told(name, message)
    return told


def _role(message: Message, roles: dict[str, str]) -> str:
    name = message["Channel"].rpartition("-")[0]
    stem = "caller" if message["Context"] == "incoming" else name
    if message["Channel"].endswith(";1"):
        stem = "first-half"
    return f"{stem}#{sum(role.startswith(f'{stem}#') for role in roles.values())}"


_DETAILS = (
    *("Context", "Exten", "Extension", "Application", "AppData", "ChannelStateDesc", "Cause"),
    *("DialStatus", "Value", "Queue", "Position", "OriginalPosition", "Count", "Interface"),
    *("Reason", "Digit", "TechCause", "BridgeNumChannels"),
)
_FLOATING = {"AgentComplete"}
"""May come before or after what it belongs with, as the lab found; compared apart."""


def _told(name: str, message: Message) -> Iterator[str]:
    if name == "VarSet" and message["Variable"] != "QUEUESTATUS":
        return
    if name not in _FLOATING:
        yield " ".join([name, *(f"{key}={message[key]}" for key in _DETAILS if key in message)])


def device_story(messages: list[Message]) -> list[str]:
    """What the queues said about their members' devices: (queue, interface, state) in order."""
    return [
        f"{message['Queue']} {message['Interface']} {message['Status']}"
        for message in messages
        if message.get("Event") == "QueueMemberStatus"
    ]


def completions(messages: list[Message]) -> list[str]:
    """How conversations ended, as the queues said it."""
    return [
        f"{message['Queue']} {message['Interface']} {message['Reason']}"
        for message in messages
        if message.get("Event") == "AgentComplete"
    ]
