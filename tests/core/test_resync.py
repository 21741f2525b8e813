"""What is known, and what is not, after the PBX was out of sight."""

import pytest

from monitor.core import events as ev
from monitor.core.records import Exit, HandledBy, MemberState, Observed, Verdict
from tests.core.story import AGENT, CALLER, PBX, Steps, Story, ms

OTHER = "1763718000.9"


def lost(at: float) -> ev.LinkChanged:
    return ev.LinkChanged(PBX, ms(at), ev.LinkState.LOST, "The link is down.")


def channel(uniqueid: str = CALLER, age: float = 0, bridge: str = "", name: str = "PJSIP/t-1",
            context: str = "incoming") -> ev.ChannelSeen:  # fmt: skip
    return ev.ChannelSeen(
        uniqueid,
        uniqueid,
        name,
        context,
        "s",
        "Queue",
        "0199",
        "",
        round(age * 1000),
        bridge,
        bridge_type="basic" if bridge else "",
    )


def waiting(uniqueid: str = CALLER, waited: float = 0, queue: str = "support") -> ev.QueueSeen:
    return ev.QueueSeen(queue, (ev.EntrySeen(uniqueid, 1, round(waited * 1000)),))


def back(
    at: float, *channels: ev.ChannelSeen, queues: tuple[ev.QueueSeen, ...] = ()
) -> ev.PbxSnapshot:
    return ev.PbxSnapshot(PBX, ms(at), channels, queues)


def test_a_caller_who_still_waits_keeps_the_same_deadline() -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    story.resync(back(20, channel(age=20), queues=(waiting(waited=19),))).until(60)
    call = story.call()
    assert (call.verdict, call.verdict_at) == (Verdict.BREACHED, ms(60))
    assert (call.visits[0].joined_at, len(call.visits)) == (ms(1), 1)
    assert call.observed is Observed.PARTIAL


def test_no_breach_is_guessed_while_nobody_looks_but_a_certain_one_is_raised_afterwards() -> None:
    story = Story().arrives(0).joins(1).say(lost(10)).until(75)
    assert story.call().verdict is Verdict.PENDING
    story.resync(back(80, channel(age=80), queues=(waiting(waited=79),)))
    assert (story.call().verdict, story.call().verdict_at) == (Verdict.BREACHED, ms(60))


@pytest.mark.parametrize(
    ("before", "gone_at", "expected"),
    [
        (lambda s: s.joins(1), 20, Verdict.UNKNOWN),
        (lambda s: s.joins(1).connects(5), 20, Verdict.MET),
        (lambda s: s.joins(1).until(60), 70, Verdict.BREACHED),
    ],
    ids=["waiting: unknown", "handled before: met", "breached before: breached"],
)
def test_a_call_that_ended_out_of_sight_keeps_only_what_was_proven(
    before: Steps, gone_at: float, expected: Verdict
) -> None:
    story = Story().arrives(0)
    before(story)
    story.say(lost(gone_at)).resync(back(gone_at + 30))
    assert (story.call().verdict, story.call().closed) == (expected, True)
    assert story.engine.snapshot().calls == {}


@pytest.mark.parametrize(
    ("seen_at", "verdict", "handled_at"),
    [(40, Verdict.MET, ms(40)), (70, Verdict.UNKNOWN, None)],
)
def test_a_caller_answered_out_of_sight_is_met_only_where_that_is_certain(
    seen_at: float, verdict: Verdict, handled_at: int | None
) -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    agent = channel("a.1", 5, "b1", "PJSIP/anna-01", "internal")
    story.resync(back(seen_at, channel(age=seen_at, bridge="b1"), agent)).ends(99)
    call = story.call()
    assert (call.verdict, call.handled_at) == (verdict, handled_at)
    assert (call.handled_by, call.visits[0].exit) == (HandledBy.AGENT, Exit.ANSWERED)


def test_a_replayed_connection_makes_the_record_exact_again() -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    agent = channel("a.1", 1, "b1", "PJSIP/anna-01", "internal")
    story.resync(back(20, channel(age=20, bridge="b1"), agent))
    story.connects(19.5)
    assert (story.call().handled_at, story.call().visits[0].agent) == (ms(19.5), "Anna")


def test_an_end_replayed_after_the_snapshot_replaces_the_unknown() -> None:
    story = Story().arrives(0).joins(1).say(lost(10)).resync(back(20))
    assert story.call().verdict is Verdict.UNKNOWN
    story.gives_up(19.8).hangs_up(19.8)
    call = story.call()
    assert (call.verdict, call.ended_at) == (Verdict.ABANDONED, ms(19.8))
    assert call.visits[0].exit is Exit.ABANDONED


def test_callers_who_came_meanwhile_are_found_with_the_age_that_the_pbx_tells() -> None:
    story = Story(connected=False)
    story.resync(back(100, channel(OTHER, 30), queues=(waiting(OTHER, 25),)))
    call = story.call(OTHER)
    assert (call.arrived_at, call.deadline_at) == (ms(70), ms(130))
    assert (call.visits[0].joined_at, call.observed) == (ms(75), Observed.PARTIAL)


def test_a_replayed_joining_refines_what_the_snapshot_rounded() -> None:
    story = Story(connected=False)
    story.resync(back(100, channel(OTHER, 30), queues=(waiting(OTHER, 25),)))
    story.say(ev.QueueJoined(PBX, ms(74.3), OTHER, "support", 1))
    visits = story.call(OTHER).visits
    assert (len(visits), visits[0].joined_at) == (1, ms(74.3))


def test_a_caller_who_moved_to_another_queue_is_there_now() -> None:
    story = Story().arrives(0).joins(1).say(lost(10))
    story.resync(back(30, channel(age=30), queues=(waiting(waited=8, queue="sales"),)))
    visits = [(v.queue, v.exit, v.joined_at) for v in story.call().visits]
    assert visits == [("support", Exit.UNKNOWN, ms(1)), ("sales", None, ms(22))]


def test_a_monitor_that_restarts_goes_on_with_the_same_calls_and_deadlines() -> None:
    before = Story().arrives(0).joins(1)
    after = Story(connected=False)
    after.engine.restore([before.call()])
    after.say(ev.LinkChanged(PBX, ms(20), ev.LinkState.CONNECTING))
    after.resync(back(30, channel(age=30), queues=(waiting(waited=29),)))
    assert list(after.engine.snapshot().calls) == [f"{PBX}:{CALLER}"]
    after.until(60)
    assert (after.call().verdict, after.call().verdict_at) == (Verdict.BREACHED, ms(60))
    assert after.engine.snapshot().today.breached == 1


def test_a_blind_interval_is_recorded_from_the_loss_to_the_end_of_the_resync() -> None:
    story = Story().say(lost(10)).say(ev.LinkChanged(PBX, ms(12), ev.LinkState.CONNECTING))
    story.resync(back(15))
    intervals = [e.interval for e in story.effects if hasattr(e, "interval")]
    assert [(i.started_at, i.ended_at, i.cause) for i in intervals] == [
        (ms(10), None, "The link is down."),
        (ms(10), ms(15), "The link is down."),
    ]


def test_members_are_as_the_snapshot_says_and_the_others_are_gone() -> None:
    story = Story()
    for name in ("anna", "bob"):
        story.say(a_member(f"PJSIP/{name}", 0))
    queue = ev.QueueSeen("support", (), (a_member(AGENT, 10, paused=True),))
    story.say(lost(5)).resync(back(10, queues=(queue,)))
    members = story.engine.snapshot().members
    assert {key[2]: m.state for key, m in members.items()} == {AGENT: MemberState.PAUSED}


def test_deadlines_follow_the_clock_of_the_pbx() -> None:
    story = Story().arrives(0).joins(1)
    story.say(ev.ClockMeasured(PBX, ms(1), 2_000))
    story.until(61.9)
    assert story.call().verdict is Verdict.PENDING
    story.until(62)
    assert (story.call().verdict, story.call().verdict_at) == (Verdict.BREACHED, ms(60))


def a_member(interface: str, at: float, *, paused: bool = False, last_call: int = 0,
             wrap_up: int = 0) -> ev.MemberChanged:  # fmt: skip
    return ev.MemberChanged(
        PBX, ms(at), "support", interface, interface, ev.DeviceState.NOT_IN_USE, paused, "",
        False, 0, 0, last_call, wrap_up,
    )  # fmt: skip


def test_an_agent_is_wrapping_up_until_the_time_is_over() -> None:
    story = Story().say(a_member(AGENT, 10, last_call=ms(10), wrap_up=15_000))
    state = story.engine.snapshot().members[PBX, "support", AGENT]
    assert state.state is MemberState.WRAP_UP
    story.until(25)
    assert (state.state, state.since) == (MemberState.AVAILABLE, ms(25))


def test_channels_that_ended_out_of_sight_are_not_kept() -> None:
    story = Story().say(
        ev.ChannelArrived(PBX, ms(1), "g.1", "g.1", "PJSIP/ghost-1", "incoming", "s", "", "")
    )
    story.say(lost(5)).resync(back(10))
    # Had it been kept, this step would make a caller of a channel that is long gone.
    story.say(ev.DialplanStep(PBX, ms(11), "g.1", "incoming", "s", "Answer"))
    assert story.engine.snapshot().calls == {}


def test_a_call_that_was_taken_for_over_is_kept_as_long_as_any_after_its_true_end() -> None:
    story = Story().arrives(0).joins(1).say(lost(5)).resync(back(10))
    story.say(lost(20)).resync(back(30, channel(age=30))).ends(128)
    story.until(200).say(ev.HangupRequested(PBX, ms(127), CALLER))
    assert story.call().caller_hung_up
    story.until(400)
    assert story.engine.handle(ev.HangupRequested(PBX, ms(127), CALLER)) == []
