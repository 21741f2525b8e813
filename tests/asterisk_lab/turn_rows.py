"""Situations that decide whose turn it is: weights, priorities, penalties, pauses, wrap-up."""

from __future__ import annotations

from .callers import Agent, Caller
from .scenarios import A1, A2, Call, Row
from .ways import abandoned, answered, pause, penalty

WHO_IS_NEXT: tuple[Row, ...] = (
    Row(
        "heavier-queue-first",
        "an agent of two queues is free again: who came later, but to the heavier queue, is next",
        (
            Call(Caller("q-heavy"), answered("heavy")),
            Call(Caller("q-light", stay=2600), abandoned("light"), start=400),
            Call(Caller("q-heavy"), answered("heavy"), start=700),
        ),
        (Agent("agent1", ring=200, talk=1000),),
        {"heavy": (A1,), "light": (A1,)},
    ),
    Row(
        "important-caller-first",
        "a caller of higher priority joins later and is answered first; the other one gives up",
        (
            Call(Caller("sales", stay=2600), abandoned("sales")),
            Call(Caller("important"), answered("sales"), start=500),
        ),
        (Agent("agent1", ring=200, talk=2500),),
        {"sales": (A1,)},
        (pause(0, "sales"), pause(1200, "sales", paused="false")),
    ),
    Row(
        "one-by-one",
        "autofill=no: the second caller waits though an agent is free, while the first one's rings",
        (
            Call(Caller("q-one-by-one"), answered("one-by-one")),
            Call(Caller("q-one-by-one", stay=900), abandoned("one-by-one"), start=300),
        ),
        (Agent("agent1", ring=2000, talk=700), Agent("agent2", ring=200)),
        {"one-by-one": (A1, A2)},
    ),
    Row(
        "member-of-two-queues",
        "an agent of two queues answers a caller of each, one after the other",
        (
            Call(Caller("support"), answered("support")),
            Call(Caller("sales"), answered("sales"), start=400),
        ),
        (Agent("agent1", ring=200, talk=600),),
        {"support": (A1,), "sales": (A1,)},
    ),
    Row(
        "low-penalty-first",
        "the member of the lower penalty is asked first, the other one only while that one is busy",
        (
            Call(Caller("q-skilled"), answered("skilled")),
            Call(Caller("q-skilled"), answered("skilled", 2), start=800),
        ),
        (Agent("agent1", ring=200, talk=2200), Agent("agent2", ring=200, talk=700)),
        {"skilled": (A2, A1)},
        (penalty("skilled", A2, 5),),
    ),
    Row(
        "penalty-too-high",
        "the only free member's penalty is above the caller's limit: nobody is asked",
        (Call(Caller("skilled-only", stay=1500), abandoned("skilled"), start=300),),
        (Agent("agent1", ring=200),),
        {"skilled": (A1,)},
        (penalty("skilled", A1, 5),),
    ),
    Row(
        "penalty-widened",
        "after a second the queue's rule lets members of a higher penalty be asked, too",
        (Call(Caller("widening"), answered("widening"), start=300),),
        (Agent("agent1", ring=100, talk=700),),
        {"widening": (A1,)},
        (penalty("widening", A1, 5),),
    ),
    Row(
        "back-from-a-break",
        "the only member is paused; back from the break, the member answers",
        (Call(Caller("support"), answered("support"), start=300),),
        (Agent("agent1", ring=200, talk=700),),
        {"support": (A1,)},
        (pause(0, "support"), pause(1200, "support", paused="false")),
    ),
    Row(
        "wrap-up",
        "the only agent has wrap-up time after a call: the next caller is not offered to him",
        (
            Call(Caller("q-resting"), answered("resting")),
            Call(Caller("q-resting", stay=1300), abandoned("resting"), start=1600),
        ),
        (Agent("agent1", ring=200, talk=500),),
        {"resting": (A1,)},
    ),
    Row(
        "two-at-one-phone",
        "ringinuse=yes: the agent takes a second caller while he talks to the first",
        (
            Call(Caller("q-busy-too"), answered("busy-too")),
            Call(Caller("q-busy-too"), answered("busy-too"), start=800),
        ),
        (Agent("agent1", ring=200, talk=1200),),
        {"busy-too": (A1,)},
    ),
)
