"""Local channels between caller and agent, and channels pulled out of their conversation."""

from __future__ import annotations

from .callers import Agent, Caller, never_answers
from .moving import (
    CONNECTED,
    FIRST,
    FIRST_HAS,
    ONE,
    SECOND,
    SECOND_HAS,
    SPEAKING,
    TWICE,
    blind,
    dial,
    hang_up,
    met,
)
from .scenarios import A1, A2, Act, Expected, Row, one_call
from .ways import way

PHONE, PHONE_N = "Local/call_agent1@agents", "Local/call_agent1@agents/n"


def _both_ways(caller: str) -> dict[str, str]:
    return {
        "Channel": caller,
        "ExtraChannel": "{agent1}",
        "Context": "internal",
        "Exten": "to-message",
        "Priority": "1",
        "ExtraContext": "internal",
        "ExtraExten": "wait",
        "ExtraPriority": "1",
    }


CHANNELS: tuple[Row, ...] = (
    Row(
        "local-agent",
        "the member is a Local channel that rings a phone, and is optimised away",
        one_call(
            Caller("support", stay=2500),
            met(
                "joined support",
                "offered to call_agent1",
                "rang agent1",
                "picked up by agent1",
                "picked up by call_agent1",
                "connected to call_agent1",
                "bridged with agent1",
                "hung up",
                "talk ended by caller",
                agent=PHONE,
            ),
        ),
        (SPEAKING,),
        {"support": (PHONE,)},
    ),
    Row(
        "local-agent-kept",
        "the member is a Local channel that rings a phone, and stays (/n)",
        one_call(
            Caller("support", stay=2500),
            met(
                "joined support",
                "offered to call_agent1",
                "rang agent1",
                "picked up by agent1",
                "picked up by call_agent1",
                "connected to call_agent1",
                "bridged with agent1",
                "hung up",
                "talk ended by caller",
                agent=PHONE_N,
            ),
        ),
        (SPEAKING,),
        {"support": (PHONE_N,)},
    ),
    Row(
        "local-agent-transfers",
        "an agent behind a Local channel hands the caller over to a second queue",
        one_call(
            Caller("support", stay=6500),
            met(
                "joined support",
                "offered to call_agent1",
                "rang agent1",
                "picked up by agent1",
                "picked up by call_agent1",
                "connected to call_agent1",
                "bridged with agent1",
                "transferred to 7020 (blind)",
                "talk ended by transfer",
                *SECOND_HAS,
                "talk ended by agent",
                visits=TWICE,
                agent=PHONE,
            ),
        ),
        (SPEAKING, SECOND),
        {"support": (PHONE,), "sales": (A2,)},
        (blind("7020", once="Event: LocalOptimizationEnd"),),
    ),
    Row(
        "local-agent-kept-transfers",
        "an agent behind a Local channel that stays hands the caller over to a second queue",
        one_call(
            Caller("support", stay=6500),
            met(
                "joined support",
                "offered to call_agent1",
                "rang agent1",
                "picked up by agent1",
                "picked up by call_agent1",
                "connected to call_agent1",
                "bridged with agent1",
                "transferred to 7020 (blind)",
                *SECOND_HAS,
                "talk ended by agent",
                "talk ended by agent",
                visits=TWICE,
                agent=PHONE_N,
            ),
        ),
        (SPEAKING, SECOND),
        {"support": (PHONE_N,), "sales": (A2,)},
        (blind("7020"),),
    ),
    Row(
        "chained",
        "the dialplan reaches the queue through a Local channel",
        one_call(
            Caller("chained", stay=2500),
            met(
                "rang support-chained",
                "joined support",
                "offered to agent1",
                "picked up by agent1",
                "picked up by support-chained",
                "connected to agent1",
                "hung up",
                "talk ended by caller",
            ),
        ),
        (FIRST,),
        ONE,
    ),
    Row(
        "chained-optimised",
        "the same, where the Local channel is taken out of the conversation",
        one_call(
            Caller("chained-answered", stay=5000),
            met(
                "rang sales-answered",
                "picked up by sales-answered",
                "joined sales",
                "offered to agent1",
                "picked up by agent1",
                "connected to agent1",
                "hung up",
                "talk ended by caller",
                visits=(("sales", "answered"),),
            ),
        ),
        (Agent("agent1", ring=1000, speaks=True),),
        {"sales": (A1,)},
    ),
    Row(
        "chained-answered",
        "a Local channel answers before anybody is there: the caller still waits, too long",
        one_call(
            Caller("chained-answered", stay=6000),
            Expected(
                "breached",
                (("sales", "answered"),),
                "agent",
                A1,
                timeline=way(
                    "rang sales-answered",
                    "picked up by sales-answered",
                    "joined sales",
                    "offered to agent1",
                    "breached",
                    "picked up by agent1",
                    "connected to agent1",
                    "hung up",
                    "talk ended by caller",
                ),
            ),
        ),
        (Agent("agent1", ring=3500),),
        {"sales": (A1,)},
    ),
    Row(
        "chained-abandoned",
        "a Local channel answers before anybody is there; the caller gives up",
        one_call(
            Caller("chained-answered", stay=1500),
            Expected(
                "abandoned",
                (("sales", "abandoned"),),
                timeline=way(
                    "rang sales-answered",
                    "picked up by sales-answered",
                    "joined sales",
                    "offered to agent1",
                    "hung up",
                    "left sales (abandoned)",
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"sales": (A1,)},
    ),
    Row(
        "pair-redirected",
        "caller and agent are pulled out of their talk, each to an extension of its own",
        one_call(Caller("support", stay=3000), met(*FIRST_HAS, "talk ended by agent", "hung up")),
        (FIRST,),
        ONE,
        (
            Act(1300, "Redirect", _both_ways("{caller}"), once=CONNECTED),
            hang_up(2200),
        ),
    ),
    Row(
        "agent-redirected",
        "the agent's channel is pulled out of the talk: the caller goes on in the dialplan",
        one_call(Caller("continue", stay=3000), met(*FIRST_HAS, "talk ended by agent", "hung up")),
        (FIRST,),
        ONE,
        (
            Act(
                1300,
                "Redirect",
                {"Channel": "{agent1}", "Context": "internal", "Exten": "wait", "Priority": "1"},
                once=CONNECTED,
            ),
            hang_up(2200),
        ),
    ),
    Row(
        "bridged-from-queue",
        "a waiting caller is joined with an idle agent by AMI, without the queue",
        one_call(
            Caller("sales", stay=3000),
            met(
                "joined sales",
                "offered to agent1",
                "bridged with agent2",
                "left sales (redirected)",
                "hung up",
                visits=(("sales", "redirected"),),
                agent=A2,
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=100)),
        {"sales": (A1,)},
        (
            dial(300, "agent2", "wait"),
            Act(1300, "Bridge", {"Channel1": "{caller}", "Channel2": "{agent2}"}),
        ),
    ),
)
