"""Situations that the queue's own settings, its members and its callers make."""

from __future__ import annotations

from .caller_rows import CALLERS, VOICE
from .callers import Agent, Caller, never_answers
from .scenarios import A1, A2, Act, Call, Expected, Row, one_call
from .turn_rows import WHO_IS_NEXT
from .ways import abandoned, answered, asked, missed, pause, taken, way

A3 = "PJSIP/agent3"

RINGING: tuple[Row, ...] = (
    Row(
        "all-ring-one-answers",
        "three phones ring at once; one agent answers, and the others have missed nothing",
        one_call(Caller("q-everybody"), answered("everybody", 1, asked(1, 2, 3))),
        (Agent("agent1", ring=600, talk=700), never_answers("agent2"), never_answers("agent3")),
        {"everybody": (A1, A2, A3)},
    ),
    Row(
        "all-ring-one-declines",
        "three phones ring at once; one agent declines, another answers",
        one_call(Caller("q-everybody"), answered("everybody", 1, (*asked(1, 2, 3), *missed(2)))),
        (
            Agent("agent1", ring=900, talk=700),
            Agent("agent2", ring=200, declines=True),
            never_answers("agent3"),
        ),
        {"everybody": (A1, A2, A3)},
    ),
    Row(
        "all-ring-nobody-answers",
        "two phones ring at once, again and again; nobody answers",
        one_call(
            Caller("q-everybody-again", stay=2000),
            abandoned("everybody-again", *asked(1, 2), *missed(1, 2)),
        ),
        (never_answers("agent1"), never_answers("agent2")),
        {"everybody-again": (A1, A2)},
    ),
    Row(
        "declines-again",
        "the only agent declines each time; the caller gives up",
        one_call(Caller("support", stay=2000), abandoned("support", *asked(1), *missed(1))),
        (Agent("agent1", ring=200, declines=True),),
        {"support": (A1,)},
    ),
    Row(
        "member-delay",
        "the agent picks up in time, but the queue connects him a second later: too late",
        one_call(
            Caller("q-delayed"),
            Expected(
                "breached",
                (("delayed", "answered"),),
                "agent",
                A1,
                timeline=way(
                    *("joined delayed", *asked(1), "picked up by agent1", "breached"),
                    *("connected to agent1", "talk ended by agent"),
                ),
            ),
        ),
        (Agent("agent1", ring=2100, talk=2000),),
        {"delayed": (A1,)},
    ),
    Row(
        "autopaused",
        "the agent who does not answer is paused by the queue; his colleague answers",
        one_call(Caller("q-strict"), answered("strict", 2, (*asked(1), *missed(1), *asked(2)))),
        (never_answers("agent1"), Agent("agent2", ring=100, talk=700)),
        {"strict": (A1, A2)},
    ),
    Row(
        "told-things",
        "the caller hears announcements all the time until an agent answers",
        one_call(Caller("q-announcing"), answered("announcing")),
        (Agent("agent1", ring=1300, talk=700),),
        {"announcing": (A1,)},
    ),
)

WAYS_OUT: tuple[Row, ...] = (
    Row(
        "voicemail",
        "two queues in vain, then the caller may leave a message: nobody has taken care of him",
        one_call(
            Caller("to-voicemail", stay=4000),
            Expected(
                "breached",
                (("support", "timeout"), ("sales", "timeout")),
                timeline=way(
                    *("joined support", *asked(1), *missed(1), "left support (timeout)"),
                    *("joined sales", *asked(2), *missed(2), "left sales (timeout)"),
                    *("breached", "hung up"),
                ),
            ),
        ),
        (never_answers("agent1"), never_answers("agent2")),
        {"support": (A1,), "sales": (A2,)},
    ),
    Row(
        "same-queue-twice",
        "the queue's time is up; the caller enters the same queue again and is answered too late",
        one_call(
            Caller("again"),
            Expected(
                "breached",
                (("sales", "timeout"), ("sales", "answered")),
                "agent",
                A1,
                timeline=way(
                    *("joined sales", *asked(1), *missed(1), "left sales (timeout)"),
                    *("joined sales", *asked(1), "breached", *taken(1)),
                ),
            ),
        ),
        (Agent("agent1", ring=2600, talk=700),),
        {"sales": (A1,)},
    ),
    Row(
        "full-second-queue",
        "the queue is full, a second queue answers",
        (
            Call(Caller("full", stay=2500), abandoned("full", *asked(1), *missed(1))),
            Call(
                Caller("full-overflow"),
                Expected(
                    "met",
                    (("full", "full"), ("sales", "answered")),
                    "agent",
                    A2,
                    timeline=way("not let into full (full)", "joined sales", *asked(2), *taken(2)),
                ),
                start=600,
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=200, talk=700)),
        {"full": (A1,), "sales": (A2,)},
    ),
    Row(
        "leave-empty-second-queue",
        "the last member leaves and the queue sends its caller away; a second queue answers",
        one_call(
            Caller("leaving-overflow"),
            Expected(
                "met",
                (("leaving", "leave_empty"), ("sales", "answered")),
                "agent",
                A2,
                timeline=way(
                    *("joined leaving", *asked(1), *missed(1), "left leaving (leave_empty)"),
                    *("joined sales", *asked(2), *taken(2)),
                ),
            ),
        ),
        (never_answers("agent1"), Agent("agent2", ring=200, talk=700)),
        {"leaving": (A1,), "sales": (A2,)},
        (Act(800, "QueueRemove", {"Queue": "leaving", "Interface": A1}),),
    ),
    Row(
        "all-paused-at-the-door",
        "all members are paused: the queue refuses at the door",
        (
            Call(
                Caller("q-attended"),
                Expected(
                    "refused",
                    (("attended", "join_empty"),),
                    timeline=way("not let into attended (join_empty)"),
                ),
                start=300,
            ),
        ),
        (),
        {"attended": (A1,)},
        (pause(0, "attended"),),
    ),
    Row(
        "all-paused-while-waiting",
        "the last member goes on a break: the queue sends its caller away",
        one_call(
            Caller("q-attended"),
            Expected(
                "refused",
                (("attended", "leave_empty"),),
                timeline=way(
                    "joined attended", *asked(1), *missed(1), "left attended (leave_empty)"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"attended": (A1,)},
        (pause(800, "attended"),),
    ),
    Row(
        "no-such-queue",
        "the dialplan names a queue that does not exist, and hangs up",
        one_call(Caller("no-such-queue"), Expected("refused", timeline=way())),
    ),
    Row(
        "withdrawn-too-late",
        "the caller is to be withdrawn just when an agent has answered: nothing happens",
        one_call(Caller("support"), answered("support")),
        (Agent("agent1", ring=200, talk=1500),),
        {"support": (A1,)},
        (
            Act(
                1400,
                "QueueWithdrawCaller",
                {"Queue": "support", "Caller": "{caller}"},
                recorded=True,
                once="Event: AgentConnect",
            ),
        ),
    ),
)

QUEUE_WAYS: tuple[Row, ...] = (*RINGING, *WAYS_OUT, *WHO_IS_NEXT, *CALLERS, *VOICE)
