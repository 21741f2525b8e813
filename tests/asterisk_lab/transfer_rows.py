"""The agent hands the caller over: blind, or after asking whoever is to take him."""

from __future__ import annotations

from .callers import Agent, Caller, never_answers
from .moving import (
    BOTH,
    CONNECTED,
    FIRST,
    FIRST_HAS,
    ONE,
    SECOND,
    SECOND_HAS,
    TWICE,
    blind,
    consult,
    dial,
    hang_up,
    join,
    met,
)
from .scenarios import A1, A2, Act, Expected, Row, one_call
from .ways import way

TRANSFERS: tuple[Row, ...] = (
    Row(
        "blind-to-agent",
        "the agent hands the caller over to a colleague",
        one_call(
            Caller("support", stay=6500),
            met(
                *FIRST_HAS,
                "transferred to 7002 (blind)",
                "talk ended by transfer",
                "rang agent2",
                "picked up by agent2",
                "bridged with agent2",
            ),
        ),
        (FIRST, SECOND),
        ONE,
        (blind("7002"),),
    ),
    Row(
        "blind-to-voice-server",
        "the agent sends the caller back to the voice server, which leads to the queue again",
        one_call(
            Caller("support", stay=6500),
            Expected(
                "met",
                (("support", "answered"), ("support", "answered")),
                "agent",
                A1,
                stays=(("ivr", ""),),
                timeline=way(
                    *FIRST_HAS,
                    "transferred to 7030 (blind)",
                    "talk ended by transfer",
                    "entered ivr",
                    "left ivr",
                    *FIRST_HAS,
                    "talk ended by agent",
                ),
            ),
        ),
        (Agent("agent1", ring=200, talk=2000),),
        ONE,
        (blind("7030"),),
    ),
    Row(
        "blind-to-nobody",
        "the agent hands the caller over to a colleague who does not answer",
        one_call(
            Caller("support", stay=6500),
            met(*FIRST_HAS, "transferred to 7009 (blind)", "talk ended by transfer", "rang agent3"),
        ),
        (FIRST, never_answers("agent3")),
        ONE,
        (blind("7009"),),
    ),
    Row(
        "blind-by-phone",
        "the agent's phone hands the caller over to a second queue (REFER)",
        one_call(
            Caller("support", stay=6500),
            met(
                *FIRST_HAS,
                "transferred to 7020 (blind)",
                "talk ended by transfer",
                *SECOND_HAS,
                "talk ended by agent",
                visits=TWICE,
            ),
        ),
        (Agent("agent1", ring=200, refers_to="7020"), SECOND),
        BOTH,
    ),
    Row(
        "blind-without-queue",
        "an agent who was dialled without a queue hands the caller over to a queue",
        one_call(
            Caller("direct", stay=6500),
            met(
                "rang agent1",
                "picked up by agent1",
                "bridged with agent1",
                "transferred to 7020 (blind)",
                *SECOND_HAS,
                "talk ended by agent",
                visits=(("sales", "answered"),),
                agent=A1,
            ),
        ),
        (FIRST, SECOND),
        {"sales": (A2,)},
        (
            Act(
                1200,
                "BlindTransfer",
                {"Channel": "{agent1}", "Context": "internal", "Exten": "7020"},
                once="Event: BridgeEnter",
            ),
        ),
    ),
    Row(
        "attended-to-agent",
        "the agent asks a colleague and joins him with the caller",
        one_call(
            Caller("support-moved", stay=6500),
            met(
                *FIRST_HAS,
                "on hold",
                "rang agent2",
                "picked up by agent2",
                "bridged with agent2",
                "transferred (attended)",
                "talk ended by transfer",
            ),
        ),
        (FIRST, Agent("agent2", ring=300, talk=2500)),
        ONE,
        (consult("7002"), hang_up(2500)),
    ),
    Row(
        "attended-while-ringing",
        "the agent hangs up while the colleague still rings: the caller reaches the colleague",
        one_call(
            Caller("support-moved", stay=6500),
            met(
                *FIRST_HAS,
                "on hold",
                "rang agent2",
                "transferred (attended)",
                "talk ended by transfer",
                "picked up by agent2",
                "bridged with agent2",
            ),
        ),
        (FIRST, Agent("agent2", ring=1500, talk=1500)),
        ONE,
        (consult("7002"), hang_up(2200)),
    ),
    Row(
        "attended-to-queue",
        "the agent asks in a second queue, and joins when somebody has answered there",
        one_call(
            Caller("support-moved", stay=6500),
            met(
                *FIRST_HAS,
                "on hold",
                *SECOND_HAS,
                "transferred (attended)",
                "talk ended by transfer",
                "talk ended by agent",
                visits=TWICE,
            ),
        ),
        (FIRST, Agent("agent2", ring=300, talk=2500)),
        BOTH,
        (consult("7020"), hang_up(2800)),
    ),
    Row(
        "attended-to-waiting",
        "the agent asks in a second queue and hangs up: the caller goes on waiting there",
        one_call(
            Caller("support-moved", stay=6500),
            met(
                *FIRST_HAS,
                "on hold",
                "joined sales",
                "offered to agent2",
                "transferred (attended)",
                "talk ended by transfer",
                "picked up by agent2",
                "connected to agent2",
                "talk ended by agent",
                visits=TWICE,
            ),
        ),
        (FIRST, Agent("agent2", ring=2000, talk=1500)),
        BOTH,
        (consult("7020"), hang_up(2500)),
    ),
    Row(
        "attended-to-voice-server",
        "the agent joins the caller with a voice server",
        one_call(
            Caller("support-moved", stay=6500),
            Expected(
                "met",
                (("support", "answered"), ("support", "answered")),
                "agent",
                A1,
                stays=(("ivr", ""),),
                timeline=way(
                    *FIRST_HAS,
                    "on hold",
                    "entered ivr",
                    "transferred (attended)",
                    "talk ended by transfer",
                    "left ivr",
                    *FIRST_HAS,
                    "hung up",
                    "talk ended by caller",
                ),
            ),
        ),
        (FIRST,),
        ONE,
        (consult("7030"), hang_up(2000)),
    ),
    Row(
        "consulted-only",
        "the agent asks in a second queue and comes back to the caller: no wait of the caller's",
        one_call(
            Caller("support-moved", stay=6500),
            met(*FIRST_HAS, "on hold", "off hold", "talk ended by agent"),
        ),
        (Agent("agent1", ring=200, talk=4000), Agent("agent2", ring=300, talk=700)),
        BOTH,
        (consult("7020"),),
        unrecorded=1,
    ),
)

BY_PHONE: tuple[Row, ...] = (
    Row(
        "attended-by-phone",
        "the agent's phone asks in a second queue by a call of its own, and joins the two at once",
        one_call(
            Caller("support", stay=6500),
            met(
                *FIRST_HAS,
                "joined sales",
                "offered to agent2",
                "transferred (attended)",
                "talk ended by transfer",
                "picked up by agent2",
                "connected to agent2",
                "talk ended by agent",
                visits=TWICE,
            ),
        ),
        (FIRST, Agent("agent2", ring=2000, talk=1500)),
        BOTH,
        (dial(1200, "agent1", "7020", once=CONNECTED), join(2300, once="Queue: sales")),
    ),
)
"""Not among the rows of the table: after a gap in which the phone's first call was answered, nobody
can tell its second call from a caller's (see ``test_attended_by_phone.py``)."""
