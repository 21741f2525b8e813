"""What the rows have in common in which somebody moves the call."""

from __future__ import annotations

from .callers import Agent
from .scenarios import A1, A2, JOIN_CALLS, Act, Expected
from .ways import asked, way

CONNECTED = "Event: AgentConnect"
ANSWERED = (("support", "answered"),)
TWICE = (("support", "answered"), ("sales", "answered"))


FIRST_HAS = ("joined support", *asked(1), "picked up by agent1", "connected to agent1")
SECOND_HAS = ("joined sales", *asked(2), "picked up by agent2", "connected to agent2")


def met(*steps: str, visits: tuple[tuple[str, str], ...] = ANSWERED, agent: str = A1) -> Expected:
    """Return what most rows expect: taken care of in time, by these steps."""
    return Expected("met", visits, "agent", agent, timeline=way(*steps))


def blind(to: str, once: str = CONNECTED) -> Act:
    """Let agent 1 hand the caller over to an extension, without a word."""
    return Act(
        1200,
        "BlindTransfer",
        {"Channel": "{agent1}", "Context": "internal", "Exten": to},
        once=once,
    )


def consult(to: str, at: int = 1200, once: str = CONNECTED) -> Act:
    """Let agent 1 ask somebody first; the caller hears music meanwhile."""
    fields = {"Channel": "{agent1}", "Context": "internal", "Exten": to}
    return Act(at, "Atxfer", fields, once=once)


def hang_up(at: int, agent: str = "{agent1}", once: str = "") -> Act:
    """Let an agent hang up; in a consultation this joins the two others."""
    return Act(at, "Hangup", {"Channel": agent}, once=once)


def dial(at: int, phone: str, exten: str, once: str = "") -> Act:
    """Let an agent dial an extension; his own phone rings first and answers by itself."""
    fields = {
        "Channel": f"PJSIP/{phone}",
        "Context": "internal",
        "Exten": exten,
        "Priority": "1",
        "CallerID": f"{phone} <{phone}>",
        "Async": "true",
    }
    return Act(at, "Originate", fields, once=once)


def join(at: int, once: str = "") -> Act:
    """Let agent 1's phone join its two calls: the caller's and the one that it made itself."""
    return Act(at, JOIN_CALLS, {"Phone": "agent1"}, once=once)


FIRST = Agent("agent1", ring=200)
SPEAKING = Agent("agent1", ring=200, speaks=True)
SECOND = Agent("agent2", ring=300, talk=900)
BOTH = {"support": (A1,), "sales": (A2,)}
ONE = {"support": (A1,)}
