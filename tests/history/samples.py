"""Records for tests: one with every field set, and any number of random ones."""

import random

from monitor.core.records import (
    Call,
    Exit,
    Fact,
    FactKind,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)

START = 1_763_718_067_000
"""2025-11-21T09:41:07Z."""


def full_call(uniqueid: str = "1763718067.42") -> Call:
    """A call of which no field has its default value."""
    at = START
    call = Call(
        pbx="lab", uniqueid=uniqueid, arrived_at=at, linkedid="1763718067.41",
        channel="PJSIP/trunk-00000001", caller="+33123456789", caller_name="Zoë « <b>' \\u0000",
        context="incoming", exten="100", policy_version=3, within=3_000, at_risk_after=2_000,
        clock_started_at=at + 5, at_risk=True, handled_at=at + 2_999, handled_by=HandledBy.AGENT,
        agent="Alice", picked_up_at=at + 2_500, ended_at=at + 90_001, hangup_cause=16,
        caller_hung_up=True, verdict=Verdict.MET, verdict_at=at + 2_999,
        reason=Reason.HANDLED_BY_AGENT, short_abandon=True, observed=Observed.PARTIAL, closed=True,
        in_doubt=True, corrections=2, transfers=1, start_blur=1_000, handled_blur=2_000,
        end_blur=3_000,
        caller_key="5d0f8e8e2d0b1c1f7a3b2c4d5e6f7081",
        satisfaction=4, satisfaction_best=5,
    )  # fmt: skip
    call.stays = [VoiceServerStay("welcome", at + 1, at + 900, "12#", explicit=True)]
    call.visits = [
        Visit("support", at + 1_000, 60_000, 4, at + 1_500, Exit.TIMEOUT, given_up=True, missed=1),
        Visit(
            queue="sales", joined_at=at + 1_600, within=30_000, position=1, left_at=at + 2_998,
            exit=Exit.ANSWERED, agent="Alice", interface="PJSIP/101", answered_at=at + 2_999,
            ended_at=at + 90_000, offers=2, missed=1, given_up=True, moved=True, short=True,
            blur=1_000, hold=4_000, transfers=1,
        ),
    ]  # fmt: skip
    call.facts = [
        Fact(at, FactKind.ARRIVED, {"caller": "Zoë", "position": 1, "queue": None}),
        Fact(at + 2_999, FactKind.AGENT_CONNECTED, {}),
    ]
    return call


def live_call(number: int, facts: int = 1) -> Call:
    """A caller who waits in the queue "support"."""
    at = START + number * 100
    call = Call("lab", f"{at // 1000}.{number}", at, caller=f"+33{number}", clock_started_at=at)
    call.visits = [Visit("support", at, 60_000, 1)]
    call.facts = [Fact(at + n, FactKind.QUEUE_JOINED, {"n": n}) for n in range(facts)]
    return call


def random_call(number: int, rng: random.Random) -> Call:
    """Any call: what the history must take, not what a PBX would plausibly do."""
    at = START + rng.randrange(0, 4_000_000)
    call = Call(rng.choice(["lab", "paris"]), f"{at // 1000}.{number}", at)
    call.caller = rng.choice(["anonymous", f"+33{rng.randrange(30)}"])
    call.verdict = rng.choice(list(Verdict))
    call.closed = rng.random() < 0.9
    call.short_abandon = call.verdict is Verdict.ABANDONED and rng.random() < 0.5
    call.agent = rng.choice(["", "Alice", "Bob", "Chloé"])
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        call.visits.append(random_visit(at, rng))
    return call


def random_visit(at: int, rng: random.Random) -> Visit:
    """Any visit."""
    joined = at + rng.randrange(0, 60_000)
    visit = Visit(rng.choice(["support", "sales", "vip"]), joined, rng.choice([3_000, 60_000]))
    if rng.random() < 0.1:
        return visit
    # Waits at, just below and just above the threshold, and a clock that stepped back.
    wait = rng.choice([-5, 0, visit.within - 1, visit.within, visit.within + 1])
    visit.exit = rng.choice(list(Exit))
    visit.left_at = rng.choice([None, joined + wait])
    if visit.exit is Exit.ANSWERED:
        visit.agent = rng.choice(["Alice", "Bob"])
        visit.answered_at = rng.choice([None, joined + wait])
        visit.ended_at = rng.choice([None, joined + wait + rng.randrange(-1, 300_000)])
    visit.short = visit.exit is Exit.ABANDONED and rng.random() < 0.5
    return visit
