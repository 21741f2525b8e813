"""The situations that must come out right, as data: how each is made and what it must end in.

The commitment of the tests is short so that a row takes seconds: handled in less than
:data:`WITHIN`, at risk from :data:`AT_RISK_AFTER`, a short abandon below :data:`SHORT_ABANDON`.

Names of verdicts and exits are those of the product's interface. The voice server ``ivr``
counts when *reached*, ``menu`` on the *first input*; each is the dialplan context of its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .callers import Agent, Caller, never_answers

WITHIN = 3.0
AT_RISK_AFTER = 2.0
SHORT_ABANDON = 0.5
"""The commitment of the tests, in seconds."""

INCOMING_CONTEXT = "incoming"
VOICE_SERVERS: Mapping[str, Literal["reached", "first_input"]] = {
    "ivr": "reached",
    "menu": "first_input",
}
"""Dialplan context → when reaching it counts as handled."""

Verdict = Literal["met", "breached", "abandoned", "refused"]
HandledBy = Literal["agent", "voice_server"]


@dataclass(frozen=True)
class Expected:
    """What the record of one call must say.

    ``visits`` are (queue, exit) in order; ``agent`` is the interface of the agent that the
    caller was first connected to; ``handled_by`` is who took care of the caller first, also
    when that was too late; ``stays`` are the voice servers with the digits pressed in each.
    """

    verdict: Verdict
    visits: tuple[tuple[str, str], ...] = ()
    handled_by: HandledBy | None = None
    agent: str | None = None
    short: bool = False
    stays: tuple[tuple[str, str], ...] = ()
    timeline: str = ""


@dataclass(frozen=True)
class Call:
    """``count`` alike calls. ``expected`` is ``None`` where only the oracle can tell.

    ``start`` is when they start, in ms after the row's start. ``via`` says how: by SIP through
    the trunk; as ``Local/exten@incoming`` inside Asterisk; or *outgoing*, an agent calling out
    through the trunk, which is no call in the product's sense and must leave no record.
    """

    caller: Caller
    expected: Expected | None
    count: int = 1
    start: int = 0
    via: Literal["sip", "local", "outgoing"] = "sip"


JOIN_CALLS = "JoinCalls"
"""No AMI action: the phone of the field ``Phone`` joins its two calls (REFER with Replaces)."""


@dataclass(frozen=True)
class Act:
    """An AMI action sent ``at`` ms after the row's start, while the calls live.

    In the fields ``{caller}`` stands for the first caller's channel and ``{agent1}`` for the
    channel of that phone. ``recorded``: it is sent on the recorded connection, so that the
    capture holds its answer. ``once``: not before the capture shows this text, however slow the
    machine is.
    """

    at: int
    action: str
    fields: Mapping[str, str] = field(default_factory=dict)
    recorded: bool = False
    once: str = ""


@dataclass(frozen=True)
class Row:
    """One situation. ``name`` is also the name of its capture; ``title`` says what happens.

    ``members``: queue → the interfaces that are its members, in order of being asked.
    ``unrecorded``: how many visits of the queue log are an agent's own, and no caller's.
    """

    name: str
    title: str
    calls: tuple[Call, ...]
    agents: tuple[Agent, ...] = ()
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    unrecorded: int = 0


def one_call(caller: Caller, expected: Expected) -> tuple[Call, ...]:
    """Return the calls of a row with a single SIP caller."""
    return (Call(caller, expected),)


A1, A2 = "PJSIP/agent1", "PJSIP/agent2"

REQUIRED: tuple[Row, ...] = (
    Row(
        "answered-at-once",
        "the first agent answers at once; the caller ends the talk",
        one_call(
            Caller("support", stay=1500),
            Expected(
                "met",
                (("support", "answered"),),
                "agent",
                A1,
                timeline=(
                    "arrived · joined support · offered to agent1 · picked up by agent1"
                    " · connected to agent1 · hung up · talk ended by caller · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=200),),
        {"support": (A1,)},
    ),
    Row(
        "answered-after-no-answer",
        "the first agent lets it ring, the second answers, still in time",
        one_call(
            Caller("support-now"),
            Expected(
                "met",
                (("support", "answered"),),
                "agent",
                A2,
                timeline=(
                    "arrived · joined support · offered to agent1 · missed by agent1"
                    " · offered to agent2 · picked up by agent2 · connected to agent2"
                    " · talk ended by agent · ended"
                ),
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=100, talk=700)),
        {"support": (A1, A2)},
    ),
    Row(
        "answered-late",
        "the agent answers after the threshold",
        one_call(
            Caller("sales"),
            Expected(
                "breached",
                (("sales", "answered"),),
                "agent",
                A1,
                timeline=(
                    "arrived · joined sales · offered to agent1 · breached · picked up by agent1"
                    " · connected to agent1 · talk ended by agent · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=3600, talk=700),),
        {"sales": (A1,)},
    ),
    Row(
        "abandoned-in-time",
        "the caller hangs up before the threshold",
        one_call(
            Caller("support", stay=2000),
            Expected(
                "abandoned",
                (("support", "abandoned"),),
                timeline=(
                    "arrived · joined support · offered to agent1 · missed by agent1 · hung up"
                    " · left support (abandoned) · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"support": (A1,)},
    ),
    Row(
        "abandoned-late",
        "the caller hangs up after the threshold",
        one_call(
            Caller("support", stay=4000),
            Expected(
                "breached",
                (("support", "abandoned"),),
                timeline=(
                    "arrived · joined support · offered to agent1 · missed by agent1 · breached"
                    " · hung up · left support (abandoned) · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"support": (A1,)},
    ),
    Row(
        "abandoned-short",
        "the caller hangs up almost at once",
        one_call(
            Caller("sales-early", stay=250, cancels=True),
            Expected(
                "abandoned",
                (("sales", "abandoned"),),
                short=True,
                timeline=(
                    "arrived · joined sales · offered to agent1 · hung up · left sales (abandoned)"
                    " · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"sales": (A1,)},
    ),
    Row(
        "timeout-hangup",
        "the queue's time is up and the dialplan hangs up",
        one_call(
            Caller("timeout"),
            Expected(
                "refused",
                (("support", "timeout"),),
                timeline=(
                    "arrived · joined support · offered to agent1 · missed by agent1"
                    " · left support (timeout) · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"support": (A1,)},
    ),
    Row(
        "timeout-second-queue",
        "the queue's time is up and a second queue answers",
        one_call(
            Caller("overflow"),
            Expected(
                "met",
                (("support", "timeout"), ("sales", "answered")),
                "agent",
                A2,
                timeline=(
                    "arrived · joined support · offered to agent1 · missed by agent1"
                    " · left support (timeout) · joined sales · offered to agent2"
                    " · picked up by agent2 · connected to agent2 · talk ended by agent · ended"
                ),
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=200, talk=700)),
        {"support": (A1,), "sales": (A2,)},
    ),
    Row(
        "voice-server-reached",
        "a voice server is reached in time; then the queue, then an agent",
        one_call(
            Caller("ivr", digit="1", digit_after=500),
            Expected(
                "met",
                (("support", "answered"),),
                "voice_server",
                A1,
                stays=(("ivr", "1"),),
                timeline=(
                    "arrived · entered ivr · pressed 1 · left ivr · joined support"
                    " · offered to agent1 · picked up by agent1 · connected to agent1"
                    " · talk ended by agent · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=200, talk=700),),
        {"support": (A1,)},
    ),
    Row(
        "voice-server-digit",
        "a voice server that counts on the first input gets a digit; the agent comes late",
        one_call(
            Caller("menu", digit="1", digit_after=500),
            Expected(
                "met",
                (("sales", "answered"),),
                "voice_server",
                A1,
                stays=(("menu", "1"),),
                timeline=(
                    "arrived · entered menu · pressed 1 · left menu · joined sales"
                    " · offered to agent1 · picked up by agent1 · connected to agent1"
                    " · talk ended by agent · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=3600, talk=700),),
        {"sales": (A1,)},
    ),
    Row(
        "voice-server-no-digit",
        "a voice server that counts on the first input gets none; the agent comes late",
        one_call(
            Caller("menu"),
            Expected(
                "breached",
                (("sales", "answered"),),
                "agent",
                A1,
                stays=(("menu", ""),),
                timeline=(
                    "arrived · entered menu · left menu · joined sales · offered to agent1"
                    " · breached · picked up by agent1 · connected to agent1 · talk ended by agent"
                    " · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=2500, talk=700),),
        {"sales": (A1,)},
    ),
    Row(
        "ringing-only",
        "the caller only hears ringing and hangs up",
        one_call(
            Caller("ringing", stay=1500, cancels=True),
            Expected("abandoned", timeline="arrived · hung up · ended"),
        ),
    ),
    Row(
        "joinempty-hangup",
        "the queue refuses at the door because nobody is there; the dialplan hangs up",
        one_call(
            Caller("closed"),
            Expected(
                "refused",
                (("empty", "join_empty"),),
                timeline="arrived · not let into empty (join_empty) · ended",
            ),
        ),
    ),
    Row(
        "exit-by-key",
        "the caller leaves the queue by a key and reaches an agent directly",
        one_call(
            Caller("exitkey", digit="1", digit_after=800),
            Expected(
                "met",
                (("keyed", "key"),),
                "agent",
                A1,
                timeline=(
                    "arrived · joined keyed · offered to agent2 · left keyed (key) · rang agent1"
                    " · picked up by agent1 · bridged with agent1 · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=200, talk=700), never_answers("agent2")),
        {"keyed": (A2,)},
    ),
    Row(
        "forty-at-once",
        "forty calls at once over two queues with six agents",
        (
            Call(Caller("support"), None, count=14),
            Call(Caller("sales"), None, count=14),
            Call(Caller("support", stay=1200), None, count=4),
            # after the others, so that these two are still waiting when they give up
            Call(Caller("support-early", stay=1800, cancels=True), None, count=2, start=600),
            Call(Caller("sales", stay=2200), None, count=4),
            Call(Caller("sales", stay=3900), None, count=2),
        ),
        (
            Agent("agent1", ring=150, talk=500),
            Agent("agent2", ring=300, talk=700),
            Agent("agent3", ring=450, talk=400),
            Agent("agent4", ring=150, talk=600),
            Agent("agent5", ring=250, talk=300),
            Agent("agent6", ring=500, talk=800),
        ),
        {
            "support": ("PJSIP/agent1", "PJSIP/agent2", "PJSIP/agent3"),
            "sales": ("PJSIP/agent4", "PJSIP/agent5", "PJSIP/agent6"),
        },
    ),
)
"""The rows that the project promises, in the order of the promise."""
