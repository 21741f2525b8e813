"""How each way of a call ends: the table of what the commitment says."""

import pytest

from monitor.core import events as ev
from monitor.core.policy import ClockStart, Commitment, CountsWhen, Policy, QueuePolicy, VoiceServer
from monitor.core.records import HandledBy, Reason, Verdict
from tests.core.story import CALLER, PBX, POLICY, Steps, Story, ms


def ends_as(story: Story) -> tuple[Verdict, Reason, float | None, list[str]]:
    call = story.call()
    wait = None if call.wait is None else call.wait / 1000
    return call.verdict, call.reason, wait, [v.exit.value for v in call.visits if v.exit]


WAYS: list[tuple[str, Steps, tuple[Verdict, Reason, float | None, list[str]]]] = [
    (
        "answered at once",
        lambda s: s.arrives(0).joins(1).rings(1).connects(4.2).completes(90).ends(90.1),
        (Verdict.MET, Reason.HANDLED_BY_AGENT, 4.2, ["answered"]),
    ),
    (
        "answered after a ring-no-answer",
        lambda s: s.arrives(0).joins(1).rings(1).misses(16).rings(21).connects(25).ends(60),
        (Verdict.MET, Reason.HANDLED_BY_AGENT, 25, ["answered"]),
    ),
    (
        "handled at 59.999 s is met",
        lambda s: s.arrives(0).joins(1).connects(59.999).ends(80),
        (Verdict.MET, Reason.HANDLED_BY_AGENT, 59.999, ["answered"]),
    ),
    (
        "handled at 60.000 s is breached",
        lambda s: s.arrives(0).joins(1).connects(60).ends(80),
        (Verdict.BREACHED, Reason.HANDLED_LATE, 60, ["answered"]),
    ),
    (
        "handled late, after the breach was raised",
        lambda s: s.arrives(0).joins(1).until(60).connects(74).ends(99),
        (Verdict.BREACHED, Reason.HANDLED_LATE, 74, ["answered"]),
    ),
    (
        "the caller hangs up before the threshold",
        lambda s: s.arrives(0).joins(1).gives_up(30).hangs_up(30.1),
        (Verdict.ABANDONED, Reason.CALLER_HUNG_UP, 30.1, ["abandoned"]),
    ),
    (
        "the caller hangs up after the threshold",
        lambda s: s.arrives(0).joins(1).until(60).gives_up(90).hangs_up(90),
        (Verdict.BREACHED, Reason.ABANDONED_LATE, 90, ["abandoned"]),
    ),
    (
        "a queue timeout, then the dialplan hangs up",
        lambda s: s.arrives(0).joins(1).gives_up(31).status(31, "TIMEOUT").steps(31).ends(31.2),
        (Verdict.REFUSED, Reason.PBX_HUNG_UP, 31.2, ["timeout"]),
    ),
    (
        "a queue timeout, then the caller hangs up in what follows",
        lambda s: s.arrives(0).joins(1).gives_up(31).status(31, "TIMEOUT").steps(31).hangs_up(40),
        (Verdict.ABANDONED, Reason.CALLER_HUNG_UP, 40, ["timeout"]),
    ),
    (
        "a queue timeout, then a second queue that answers; the clock goes on",
        lambda s: (
            s.arrives(0).joins(1).gives_up(31).status(31, "TIMEOUT")
            .joins(32, "sales").connects(50, "sales").ends(70)
        ),
        (Verdict.MET, Reason.HANDLED_BY_AGENT, 50, ["timeout", "answered"]),
    ),
    (
        "refused entry to an empty queue, then the dialplan hangs up",
        lambda s: (
            s.arrives(0).steps(1, application="Queue", data="closed,t,,,60")
            .status(1.1, "JOINEMPTY").steps(1.2).ends(2)
        ),
        (Verdict.REFUSED, Reason.TURNED_AWAY, 2, ["join_empty"]),
    ),
    (
        "refused entry, and the caller hangs up during the excuse",
        lambda s: (
            s.arrives(0).steps(1, application="Queue", data="closed").status(1.1, "FULL")
            .hangs_up(6)
        ),
        (Verdict.REFUSED, Reason.TURNED_AWAY, 6, ["full"]),
    ),
    (
        "the queue emptied of agents turns the caller away",
        lambda s: s.arrives(0).joins(1).gives_up(20).status(20, "LEAVEEMPTY").ends(21),
        (Verdict.REFUSED, Reason.TURNED_AWAY, 21, ["leave_empty"]),
    ),
    (
        "exit by key: Leave only, then the dialplan goes on",
        lambda s: s.arrives(0).joins(1).leaves(20).steps(20.1, "voicemail").hangs_up(40),
        (Verdict.ABANDONED, Reason.CALLER_HUNG_UP, 40, ["key"]),
    ),
    (
        "redirected: Abandon and Leave, then the dialplan goes on",
        lambda s: s.arrives(0).joins(1).gives_up(20).steps(20.1, "elsewhere").hangs_up(40),
        (Verdict.ABANDONED, Reason.CALLER_HUNG_UP, 40, ["redirected"]),
    ),
    (
        "redirected: the new place is shown first, as Asterisk 22 does",
        lambda s: (
            s.arrives(0).joins(1).steps(19.9, "elsewhere", "Queue").gives_up(20).hangs_up(40)
        ),
        (Verdict.ABANDONED, Reason.CALLER_HUNG_UP, 40, ["redirected"]),
    ),
    (
        "withdrawn by the monitor",
        lambda s: (
            s.arrives(0).joins(1).gives_up(50).status(50, "WITHDRAW").steps(50)
            .joins(51, "sales").connects(55, "sales").ends(80)
        ),
        (Verdict.MET, Reason.HANDLED_BY_AGENT, 55, ["withdrawn", "answered"]),
    ),
    (
        "only ringing, then the caller hangs up",
        lambda s: (
            s.arrives(0).say(ev.DialStarted(PBX, ms(1), CALLER, "a.1", "PJSIP/anna-01"))
            .hangs_up(20)
        ),
        (Verdict.ABANDONED, Reason.CALLER_HUNG_UP, 20, []),
    ),
    (
        "only ringing, past the threshold",
        lambda s: s.arrives(0).until(60).hangs_up(61),
        (Verdict.BREACHED, Reason.ABANDONED_LATE, 61, []),
    ),
    (
        "straight to an agent without a queue: the bridge counts",
        lambda s: (
            s.arrives(0).say(ev.DialEnded(PBX, ms(7), CALLER, "a.1", "PJSIP/anna-01", "ANSWER"))
            .in_bridge(7.1, "a.1", "PJSIP/anna-01").in_bridge(7.2, CALLER, "PJSIP/trunk-1")
            .ends(30)
        ),
        (Verdict.MET, Reason.HANDLED_BY_AGENT, 7.2, []),
    ),
    (
        "the member hangs up during the announcement; another answers",
        lambda s: (
            s.arrives(0).joins(1).rings(1)
            .say(ev.AgentDumped(PBX, ms(9), CALLER, "support", "PJSIP/anna", "Anna"))
            .connects(20).ends(30)
        ),
        (Verdict.MET, Reason.HANDLED_BY_AGENT, 20, ["answered"]),
    ),
    (
        "in a voice server to the end, past the threshold, without its rule being met",
        lambda s: s.arrives(0).steps(1, "ivr2").until(60).ends(90),
        (Verdict.BREACHED, Reason.REFUSED_LATE, 90, []),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "expected"), [w[1:] for w in WAYS], ids=[w[0] for w in WAYS])
def test_each_way_of_a_call_ends_in_its_verdict(
    steps: Steps, expected: tuple[Verdict, Reason, float | None, list[str]]
) -> None:
    story = Story()
    steps(story)
    assert ends_as(story) == expected
    assert story.engine.snapshot().calls == {}


@pytest.mark.parametrize(
    ("hangs_up_at", "short"), [(4.999, True), (5.0, False), (30.0, False), (61.0, False)]
)
def test_an_abandon_under_five_seconds_is_marked_short(hangs_up_at: float, short: bool) -> None:
    story = Story().arrives(0).joins(1).until(hangs_up_at)
    story.gives_up(hangs_up_at).hangs_up(hangs_up_at)
    assert story.call().short_abandon is short


def test_the_breach_is_raised_by_the_timer_and_stamped_with_the_deadline() -> None:
    story = Story().arrives(0).joins(1)
    assert story.engine.next_deadline() == ms(45)
    story.until(59.999)
    assert story.call().verdict is Verdict.PENDING
    story.until(63)
    call = story.call()
    assert (call.verdict, call.verdict_at) == (Verdict.BREACHED, ms(60))
    assert call.reason is Reason.WAITING_PAST_DEADLINE


def test_at_risk_is_raised_once_before_the_breach() -> None:
    story = Story().arrives(0).joins(1).until(44.999)
    assert not story.call().at_risk
    story.until(45).until(46)
    assert [type(e).__name__ for e in story.effects].count("AtRiskRaised") == 1


def test_a_late_event_that_proves_handling_in_time_corrects_the_breach() -> None:
    story = Story().arrives(0).joins(1).until(60).connects(59.5).ends(80)
    call = story.call()
    assert story.verdicts == [Verdict.BREACHED, Verdict.MET]
    assert (call.verdict, call.corrections, call.wait) == (Verdict.MET, 1, 59_500)
    assert [f.kind.value for f in call.facts].count("corrected") == 1


def test_another_queue_never_restarts_the_clock() -> None:
    story = Story().arrives(0).joins(1).gives_up(50).status(50, "TIMEOUT").joins(51, "sales")
    story.until(60)
    assert story.call().verdict is Verdict.BREACHED


def test_the_first_queue_brings_its_own_threshold() -> None:
    policy = Policy(
        incoming_contexts=POLICY.incoming_contexts,
        queues=(QueuePolicy("fast", within=20_000, at_risk_after=15_000),),
    )
    story = Story(policy).arrives(0).joins(5, "fast").until(20)
    assert (story.call().verdict, story.call().deadline_at) == (Verdict.BREACHED, ms(20))


@pytest.mark.parametrize(
    ("counts_when", "digit_at", "expected"),
    [
        (CountsWhen.REACHED, None, (Verdict.MET, HandledBy.VOICE_SERVER, 2.0)),
        (CountsWhen.REACHED, 5.0, (Verdict.MET, HandledBy.VOICE_SERVER, 2.0)),
        (CountsWhen.FIRST_INPUT, 5.0, (Verdict.MET, HandledBy.VOICE_SERVER, 5.0)),
        (CountsWhen.FIRST_INPUT, None, (Verdict.BREACHED, HandledBy.AGENT, 70.0)),
    ],
)
def test_a_voice_server_counts_by_its_own_rule(
    counts_when: CountsWhen, digit_at: float | None, expected: tuple[Verdict, HandledBy, float]
) -> None:
    policy = Policy(
        incoming_contexts=POLICY.incoming_contexts,
        voice_servers=(VoiceServer("welcome", ("ivr",), counts_when=counts_when),),
    )
    story = Story(policy).arrives(0).steps(2, "ivr")
    if digit_at is not None:
        story.presses(digit_at, "1")
    story.steps(10, "queues").joins(10).until(60).connects(70).ends(90)
    call = story.call()
    assert (call.verdict, call.handled_by, (call.wait or 0) / 1000) == expected
    assert call.stays[0].left_at == ms(10)
    assert call.stays[0].inputs == ("1" if digit_at else "")
    assert call.visits[0].wait == 60_000


@pytest.mark.parametrize(
    ("starts_on", "started_at"),
    [
        (ClockStart.ARRIVAL, 0.0),
        (ClockStart.WELCOME_END, 4.0),
        (ClockStart.VOICE_SERVER_LEFT, 9.0),
        (ClockStart.QUEUE_JOINED, 10.0),
    ],
)
def test_the_clock_starts_where_the_admin_says(starts_on: ClockStart, started_at: float) -> None:
    policy = Policy(
        commitment=Commitment(starts_on=starts_on),
        incoming_contexts=POLICY.incoming_contexts,
        welcome_contexts=("welcome",),
        voice_servers=(VoiceServer("menu", ("ivr",), counts_when=CountsWhen.FIRST_INPUT),),
    )
    story = Story(policy).arrives(0).steps(1, "welcome").steps(4, "ivr").steps(9, "queues")
    story.joins(10).until(started_at + 60)
    assert story.call().clock_started_at == ms(started_at)
    assert story.call().verdict is Verdict.BREACHED


def test_a_call_that_ends_before_its_clock_started_is_excluded_with_that_reason() -> None:
    policy = Policy(
        commitment=Commitment(starts_on=ClockStart.QUEUE_JOINED),
        incoming_contexts=POLICY.incoming_contexts,
    )
    story = Story(policy).arrives(0).hangs_up(300)
    assert story.call().verdict is Verdict.EXCLUDED
    assert story.call().reason is Reason.LEFT_BEFORE_THE_CLOCK


def test_an_excluded_call_is_said_with_its_reason_and_never_breaches() -> None:
    policy = Policy(incoming_contexts=POLICY.incoming_contexts, test_numbers=("0199*",))
    story = Story(policy).arrives(0).joins(1).until(90).connects(95).ends(99)
    assert story.verdicts == [Verdict.EXCLUDED]
    assert story.call().reason is Reason.TEST_NUMBER


def test_channels_that_are_no_callers_make_no_calls() -> None:
    story = Story()
    for uniqueid, channel, context, data in [
        ("o.1", "PJSIP/trunk-01", "incoming", "(Outgoing Line)"),
        ("l.1", "Local/support@incoming-01;1", "incoming", ""),
        ("a.1", "PJSIP/anna-01", "internal", ""),
    ]:
        story.say(ev.ChannelArrived(PBX, ms(0), uniqueid, uniqueid, channel, context, "s", "", ""))
        story.say(ev.DialplanStep(PBX, ms(0.1), uniqueid, context, "s", "NoOp", data))
    assert story.engine.snapshot().calls == {}
