"""Others take the call: before the answer, from the car park, after a hold."""

from __future__ import annotations

from .callers import Agent, Caller, never_answers
from .moving import FIRST, FIRST_HAS, ONE, SECOND, blind, dial, met
from .scenarios import A1, A2, Act, Expected, Row, one_call
from .ways import way

BEFORE_ANSWER: tuple[Row, ...] = (
    Row(
        "redirected-to-agent",
        "the caller is moved to another agent while the first one rings",
        one_call(
            Caller("support", stay=6500),
            met(
                "joined support",
                "offered to agent1",
                "left support (redirected)",
                "rang agent2",
                "picked up by agent2",
                "bridged with agent2",
                visits=(("support", "redirected"),),
                agent=A2,
            ),
        ),
        (never_answers("agent1"), SECOND),
        ONE,
        (
            Act(
                800,
                "Redirect",
                {"Channel": "{caller}", "Context": "internal", "Exten": "7002", "Priority": "1"},
                once="Event: AgentCalled",
            ),
        ),
    ),
    Row(
        "deflected",
        "the agent's phone answers 302: a colleague's phone rings in its place",
        one_call(
            Caller("sales", stay=6500),
            met(
                "joined sales",
                "offered to agent1",
                "rang agent2",
                "picked up by 7002",
                "picked up by agent2",
                "connected to agent1",
                "bridged with agent2",
                "talk ended by agent",
                visits=(("sales", "answered"),),
            ),
        ),
        (Agent("agent1", ring=200, deflects_to="7002"), SECOND),
        {"sales": (A1,)},
    ),
    Row(
        "picked-up",
        "a colleague picks up the call that rings at the first agent's phone",
        one_call(
            Caller("sales", stay=6500),
            met(
                "joined sales",
                "offered to agent1",
                "connected to agent1",
                "bridged with agent2",
                "talk ended by agent",
                visits=(("sales", "answered"),),
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=100, talk=1500)),
        {"sales": (A1,)},
        (dial(500, "agent2", "7052", once="Event: AgentCalled"),),
    ),
    Row(
        "picked-up-in-group",
        "a colleague of the same pickup group takes what rings",
        one_call(
            Caller("sales", stay=6500),
            met(
                "joined sales",
                "offered to agent1",
                "connected to agent1",
                "bridged with agent2",
                "talk ended by agent",
                visits=(("sales", "answered"),),
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=100, talk=1500)),
        {"sales": (A1,)},
        (dial(500, "agent2", "7053", once="Event: AgentCalled"),),
    ),
    Row(
        "picked-up-late",
        "the pickup of a call without a queue comes after the threshold",
        one_call(
            Caller("direct", stay=6500),
            Expected(
                "breached",
                (),
                "agent",
                A2,
                timeline=way(
                    "rang agent1", "breached", "picked up by agent2", "bridged with agent2"
                ),
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=100, talk=900)),
        {},
        (dial(3300, "agent2", "7052"),),
    ),
)

PARKING: tuple[Row, ...] = (
    Row(
        "parked-and-retrieved",
        "the agent parks the caller, a colleague takes him back",
        one_call(
            Caller("support", stay=6500),
            met(
                *FIRST_HAS,
                "transferred to 700 (blind)",
                "talk ended by transfer",
                "bridged with agent2",
            ),
        ),
        (FIRST, Agent("agent2", ring=100, talk=1500)),
        ONE,
        (blind("700"), dial(2000, "agent2", "701", once="Event: ParkedCall")),
    ),
    Row(
        "parked-too-long",
        "nobody takes the parked caller back: the agent who parked him is rung again",
        one_call(
            Caller("support", stay=6500),
            met(
                *FIRST_HAS,
                "transferred to 700 (blind)",
                "talk ended by transfer",
                "rang agent1",
                "picked up by agent1",
            ),
        ),
        (Agent("agent1", ring=200, talk=2000),),
        ONE,
        (blind("700"),),
    ),
    Row(
        "parked-unhandled",
        "the caller is parked before anybody took care of him; an agent takes him",
        one_call(Caller("parked", stay=6500), met("bridged with agent2", visits=(), agent=A2)),
        (Agent("agent2", ring=100, talk=900),),
        {},
        (dial(1000, "agent2", "701", once="Event: ParkedCall"),),
    ),
    Row(
        "parked-for-ever",
        "the caller is parked, nobody takes him, and he hangs up after the threshold",
        one_call(
            Caller("parked", stay=3500),
            Expected("breached", timeline=way("rang agent1", "breached", "hung up")),
        ),
        (never_answers("agent1"),),
    ),
    Row(
        "on-hold",
        "the agent puts the caller on hold and takes him off again",
        one_call(
            Caller("support", stay=3500),
            met(*FIRST_HAS, "on hold", "off hold", "hung up", "talk ended by caller"),
        ),
        (Agent("agent1", ring=200, holds=800),),
        ONE,
    ),
)
