"""Further situations: every other way out of a queue, and traps that look like calls."""

from __future__ import annotations

from .callers import Agent, Caller, never_answers
from .scenarios import A1, A2, Act, Call, Expected, Row, one_call

LOCAL_AGENT = "Local/a_200_700_1@agents/n"

MORE: tuple[Row, ...] = (
    Row(
        "abandoned-by-cancel",
        "the caller hears ringing while he waits in the queue and hangs up by CANCEL",
        one_call(
            Caller("support-early", stay=1500, cancels=True),
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
        "answered-agent-hangs-up",
        "the agent answers the ringing caller and ends the talk",
        one_call(
            Caller("support-early"),
            Expected(
                "met",
                (("support", "answered"),),
                "agent",
                A1,
                timeline=(
                    "arrived · joined support · offered to agent1 · picked up by agent1"
                    " · connected to agent1 · talk ended by agent · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=200, talk=700),),
        {"support": (A1,)},
    ),
    Row(
        "answered-after-busy",
        "the first agent declines, the second answers",
        one_call(
            Caller("support"),
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
        (Agent("agent1", ring=200, declines=True), Agent("agent2", ring=200, talk=700)),
        {"support": (A1, A2)},
    ),
    Row(
        "announced-agent-leaves",
        "the agent hangs up during his announcement; the caller still waits and then gives up",
        one_call(
            Caller("announced", stay=2500),
            Expected(
                "abandoned",
                (("announced", "abandoned"),),
                timeline=(
                    "arrived · joined announced · offered to agent1 · picked up by agent1"
                    " · dropped by agent1 · hung up · left announced (abandoned) · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=1000, talk=500),),
        {"announced": (A1,)},
    ),
    Row(
        "timeout-message",
        "the queue's time is up; the caller hangs up in the message that follows",
        one_call(
            Caller("timeout-message", stay=2500),
            Expected(
                "abandoned",
                (("support", "timeout"),),
                timeline=(
                    "arrived · joined support · offered to agent1 · missed by agent1"
                    " · left support (timeout) · hung up · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"support": (A1,)},
    ),
    Row(
        "joinempty-unanswered",
        "the queue refuses at the door; the call is cleared as busy, never answered",
        one_call(
            Caller("closed-early"),
            Expected(
                "refused",
                (("empty", "join_empty"),),
                timeline="arrived · not let into empty (join_empty) · ended",
            ),
        ),
    ),
    Row(
        "leave-empty",
        "the last member leaves, the queue sends its caller away, the dialplan hangs up",
        one_call(
            Caller("leaving"),
            Expected(
                "refused",
                (("leaving", "leave_empty"),),
                timeline=(
                    "arrived · joined leaving · offered to agent1 · missed by agent1"
                    " · left leaving (leave_empty) · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"leaving": (A1,)},
        (Act(800, "QueueRemove", {"Queue": "leaving", "Interface": A1}),),
    ),
    Row(
        "queue-full",
        "the queue holds one caller at most: the second is refused",
        (
            Call(
                Caller("full", stay=2000),
                Expected(
                    "abandoned",
                    (("full", "abandoned"),),
                    timeline=(
                        "arrived · joined full · offered to agent1 · missed by agent1 · hung up"
                        " · left full (abandoned) · ended"
                    ),
                ),
            ),
            Call(
                Caller("full"),
                Expected(
                    "refused",
                    (("full", "full"),),
                    timeline="arrived · not let into full (full) · ended",
                ),
                start=600,
            ),
        ),
        (never_answers("agent1"),),
        {"full": (A1,)},
    ),
    Row(
        "withdrawn",
        "the caller is withdrawn by AMI; the dialplan hangs up",
        one_call(
            Caller("support-now"),
            Expected(
                "refused",
                (("support", "withdrawn"),),
                timeline=(
                    "arrived · joined support · offered to agent1 · missed by agent1"
                    " · left support (withdrawn) · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"support": (A1,)},
        (
            Act(
                700,
                "QueueWithdrawCaller",
                {"Queue": "support", "Caller": "{caller}", "WithdrawInfo": "minuteur"},
                once="Event: QueueCallerJoin",
            ),
        ),
    ),
    Row(
        "redirected",
        "the caller is redirected out of the queue by AMI and hangs up there",
        one_call(
            Caller("support", stay=2000),
            Expected(
                "abandoned",
                (("support", "redirected"),),
                timeline=(
                    "arrived · joined support · offered to agent1 · left support (redirected)"
                    " · hung up · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"support": (A1,)},
        (
            Act(
                1000,
                "Redirect",
                {
                    "Channel": "{caller}",
                    "Context": "internal",
                    "Exten": "to-message",
                    "Priority": "1",
                },
            ),
        ),
    ),
    Row(
        "one-round",
        "one round without an answer (option n of Queue): Asterisk calls this a timeout too",
        one_call(
            Caller("oneround"),
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
        "continued",
        "the agent hangs up and the caller goes on in the dialplan (option c of Queue)",
        one_call(
            Caller("continue", stay=2500),
            Expected(
                "met",
                (("support", "answered"),),
                "agent",
                A1,
                timeline=(
                    "arrived · joined support · offered to agent1 · picked up by agent1"
                    " · connected to agent1 · talk ended by agent · hung up · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=200, talk=700),),
        {"support": (A1,)},
    ),
    Row(
        "exit-by-key-hangup",
        "the caller leaves the queue by a key and hangs up",
        one_call(
            Caller("exitkey", stay=2000, digit="2", digit_after=800),
            Expected(
                "abandoned",
                (("keyed", "key"),),
                timeline=(
                    "arrived · joined keyed · offered to agent1 · left keyed (key) · hung up"
                    " · ended"
                ),
            ),
        ),
        (never_answers("agent1"),),
        {"keyed": (A1,)},
    ),
    Row(
        "voice-server-hangup",
        "the caller hangs up in a voice server that counts on the first input",
        one_call(
            Caller("menu", stay=900),
            Expected(
                "abandoned",
                stays=(("menu", ""),),
                timeline="arrived · entered menu · hung up · left menu · ended",
            ),
        ),
    ),
    Row(
        "direct-dial",
        "the caller reaches an agent with no queue",
        one_call(
            Caller("direct"),
            Expected(
                "met",
                (),
                "agent",
                A1,
                timeline=(
                    "arrived · rang agent1 · picked up by agent1 · bridged with agent1 · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=300, talk=700),),
    ),
    Row(
        "refused-busy",
        "the dialplan refuses the call at once",
        one_call(Caller("busy"), Expected("refused", timeline="arrived · ended")),
    ),
    Row(
        "local-caller",
        "a caller made by Originate Local/support@incoming; the agent is a Local channel too",
        (
            Call(
                Caller("support", stay=5000),
                Expected(
                    "met",
                    (("support", "answered"),),
                    "agent",
                    LOCAL_AGENT,
                    timeline=(
                        "arrived · joined support · offered to a_200_700_1"
                        " · picked up by a_200_700_1 · connected to a_200_700_1"
                        " · talk ended by agent · ended"
                    ),
                ),
                via="local",
            ),
        ),
        (),
        {"support": (LOCAL_AGENT,)},
    ),
    Row(
        "local-caller-abandons",
        "a caller made by Originate Local/support@incoming gives up",
        (
            Call(
                Caller("support", stay=2000),
                Expected(
                    "abandoned",
                    (("support", "abandoned"),),
                    timeline=(
                        "arrived · joined support · offered to r_1 · missed by r_1 · hung up"
                        " · left support (abandoned) · ended"
                    ),
                ),
                via="local",
            ),
        ),
        (),
        {"support": ("Local/r_1@agents/n",)},
    ),
    Row(
        "outgoing-call",
        "an agent calls out through the trunk whose context is incoming: no call of ours",
        (Call(Caller("0612345678", stay=1500), None, via="outgoing"),),
        (Agent("agent1", ring=100),),
    ),
    Row(
        "blind-transfer",
        "the agent hands the caller over to a second queue, whose agent answers",
        one_call(
            Caller("support"),
            Expected(
                "met",
                (("support", "answered"), ("sales", "answered")),
                "agent",
                A1,
                timeline=(
                    "arrived · joined support · offered to agent1 · picked up by agent1"
                    " · connected to agent1 · transferred to to-sales (blind)"
                    " · talk ended by transfer · joined sales · offered to agent2"
                    " · picked up by agent2 · connected to agent2 · talk ended by agent · ended"
                ),
            ),
        ),
        (Agent("agent1", ring=200), Agent("agent2", ring=200, talk=700)),
        {"support": (A1,), "sales": (A2,)},
        (
            Act(
                1200,
                "BlindTransfer",
                {"Channel": "{agent1}", "Context": "internal", "Exten": "to-sales"},
            ),
        ),
    ),
    Row(
        "snapshot",
        "a resync: one caller waits, one talks, while QueueStatus and CoreShowChannels are asked",
        (
            Call(
                Caller("support"),
                Expected(
                    "met",
                    (("support", "answered"),),
                    "agent",
                    A1,
                    timeline=(
                        "arrived · joined support · offered to agent1 · picked up by agent1"
                        " · connected to agent1 · talk ended by agent · ended"
                    ),
                ),
            ),
            Call(
                Caller("sales", stay=2000),
                Expected(
                    "abandoned",
                    (("sales", "abandoned"),),
                    timeline=(
                        "arrived · joined sales · offered to agent2 · hung up"
                        " · left sales (abandoned) · ended"
                    ),
                ),
                start=300,
            ),
        ),
        (Agent("agent1", ring=200, talk=2000), never_answers("agent2")),
        {"support": (A1,), "sales": (A2,)},
        (
            Act(1000, "QueueStatus", {"ActionID": "status-1", "Queue": "support"}, True),
            Act(1050, "QueueStatus", {"ActionID": "status-2", "Queue": "sales"}, True),
            Act(1100, "CoreShowChannels", {"ActionID": "channels-1"}, True),
            Act(1150, "QueueSummary", {"ActionID": "summary-1", "Queue": "sales"}, True),
            Act(1200, "Ping", {"ActionID": "ping-1"}, True),
            Act(1250, "CoreSettings", {"ActionID": "settings-1"}, True),
            Act(1300, "CoreStatus", {"ActionID": "core-1"}, True),
            Act(1350, "QueuePause", {"Interface": A2, "Paused": "true", "Reason": "lunch"}, True),
        ),
    ),
)
