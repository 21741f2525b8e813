"""Local channels that wait or talk for somebody: what happens to them belongs to that call."""

from dataclasses import replace

import pytest

from monitor.core import events as ev
from monitor.core.policy import CountsWhen, VoiceServer
from monitor.core.records import Exit, FactKind, HandledBy, Verdict
from tests.core.story import AGENT, CALLER, PBX, POLICY, Story, ms

NEAR, FAR = "1763718000.7", "1763718000.8"
"""The halves ``;1`` and ``;2``."""
PHONE = f"{AGENT}-00000001"
NAME = "Local/7020@internal-00000001"


class LegStory(Story):
    """A story with a Local channel."""

    def local(self, at: float, linkedid: str = CALLER, context: str = "internal") -> "LegStory":
        for uniqueid, half in ((NEAR, ";1"), (FAR, ";2")):
            self.say(
                ev.ChannelArrived(
                    PBX, ms(at), uniqueid, linkedid, NAME + half, context, "7020", "", ""
                )
            )
        return self

    def leg_joins(self, at: float, queue: str = "sales") -> "LegStory":
        self.say(ev.DialplanStep(PBX, ms(at), FAR, "internal", "7020", "Queue", queue))
        self.say(ev.QueueJoined(PBX, ms(at), FAR, queue, 1, channel=f"{NAME};2"))
        return self

    def leg_connects(self, at: float, queue: str = "sales") -> "LegStory":
        self.say(ev.QueueLeft(PBX, ms(at), FAR, queue))
        self.say(ev.AgentConnected(PBX, ms(at), FAR, queue, "PJSIP/bob", "Bob"))
        return self

    def bridged(self, at: float, bridge: str, *channels: tuple[str, str]) -> "LegStory":
        for uniqueid, channel in channels:
            self.say(ev.BridgeEntered(PBX, ms(at), uniqueid, channel, bridge, "basic"))
        return self


THE_CALLER = (CALLER, "PJSIP/trunk-00000001")
THE_NEAR_HALF = (NEAR, f"{NAME};1")
THE_FAR_HALF = (FAR, f"{NAME};2")


def consulting() -> LegStory:
    """Anna has the caller, and asks in a second queue while the caller hears music."""
    story = LegStory()
    story.arrives().joins(1).connects(5)
    story.bridged(5, "b1", (NEAR + "1", PHONE), THE_CALLER)
    story.local(10).leg_joins(10)
    story.say(ev.BridgeLeft(PBX, ms(10), NEAR + "1", "b1"))
    return story.bridged(10, "b2", THE_NEAR_HALF, (NEAR + "1", PHONE))


def transferred(story: LegStory, at: float) -> LegStory:
    story.say(ev.BridgeLeft(PBX, ms(at), NEAR + "1", "b2"))
    return story.bridged(at, "b1", THE_NEAR_HALF)


def test_an_agent_who_asks_in_a_queue_is_no_caller() -> None:
    story = consulting().leg_connects(12)
    assert story.engine.snapshot().calls.keys() == {f"{PBX}:{CALLER}"}
    assert [visit.queue for visit in story.call().visits] == ["support"]
    story.ends(20, FAR).ends(20, NEAR)
    assert [visit.queue for visit in story.call().visits] == ["support"]
    assert story.engine.snapshot().queues[PBX, "support"].today.offered == 1


def test_after_the_transfer_the_wait_in_the_second_queue_is_the_callers() -> None:
    story = transferred(consulting(), 13)
    second = story.call().visits[1]
    assert (second.queue, second.joined_at, second.exit) == ("sales", ms(10), None)
    assert CALLER in story.engine.snapshot().queues[PBX, "sales"].waiting
    story.leg_connects(15)
    assert (second.exit, second.agent, second.answered_at) == (Exit.ANSWERED, "Bob", ms(15))
    joined = [fact for fact in story.call().facts if fact.kind is FactKind.QUEUE_JOINED]
    assert joined[1].detail["logged_as"] == FAR


def test_a_transfer_after_the_second_queues_answer_brings_its_visit_along() -> None:
    story = transferred(consulting().leg_connects(12), 13)
    second = story.call().visits[1]
    assert (second.exit, second.answered_at) == (Exit.ANSWERED, ms(12))
    assert story.call().handled_at == ms(5)


def test_a_caller_who_gives_up_after_the_transfer_abandons_the_second_queue() -> None:
    story = transferred(consulting(), 13)
    story.say(ev.HangupRequested(PBX, ms(20), CALLER))
    story.gives_up(20, "sales", FAR).ends(20, FAR).ends(20.001)
    assert [visit.exit for visit in story.call().visits] == [Exit.ANSWERED, Exit.ABANDONED]
    assert story.call().verdict is Verdict.MET


def test_a_leg_that_the_dialplan_dials_waits_for_its_caller() -> None:
    story = LegStory()
    story.arrives()
    story.local(1).leg_joins(1, "support")
    # Two threads: the leg may be in the queue before the PBX says that it is dialled.
    story.say(ev.DialStarted(PBX, ms(1.001), CALLER, NEAR, f"{NAME};1"))
    assert story.call().visits[0].queue == "support"
    story.leg_connects(30, "support")
    assert (story.call().verdict, story.call().handled_at) == (Verdict.MET, ms(30))


@pytest.mark.parametrize("context", ["internal", "ivr"])
def test_a_leg_that_ends_takes_nobody_out_of_a_voice_server_but_its_own(context: str) -> None:
    menu = VoiceServer("menu", ("ivr",), (), CountsWhen.FIRST_INPUT)
    story = LegStory(replace(POLICY, voice_servers=(menu,)))
    story.arrives()
    story.local(1)
    story.say(ev.DialStarted(PBX, ms(1), CALLER, NEAR, f"{NAME};1"))
    story.say(ev.DialplanStep(PBX, ms(1.1), FAR, context, "7002", "Dial", "PJSIP/bob"))
    if context == "internal":
        story.steps(20, "ivr", "Read", "KEY")  # Dial() has timed out
    story.say(ev.DialplanStep(PBX, ms(20.001), FAR, "internal", "h", "NoOp"))
    story.presses(25, "1").until(61)
    (stay,) = story.call().stays
    own = context == "internal"
    assert (stay.left_at, stay.inputs) == ((None, "1") if own else (ms(20.001), ""))
    assert story.call().verdict is (Verdict.MET if own else Verdict.BREACHED)


@pytest.mark.parametrize("application", ["Answer", "Queue", "Dial", "Playback"])
def test_talking_to_a_leg_at_whose_end_nobody_is_is_not_handled(application: str) -> None:
    story = LegStory()
    story.arrives()
    story.local(1)
    story.say(ev.DialplanStep(PBX, ms(1), FAR, "internal", "7020", application, "x"))
    story.bridged(2, "b1", THE_NEAR_HALF, THE_CALLER)
    assert story.call().handled_by is None
    story.until(61)
    assert story.call().verdict is Verdict.BREACHED


def test_behind_a_leg_the_agent_who_is_bridged_with_its_far_half_counts() -> None:
    story = LegStory()
    story.arrives()
    story.local(1)
    story.say(ev.DialplanStep(PBX, ms(1), FAR, "internal", "7002", "Dial", "PJSIP/bob"))
    story.bridged(2, "b1", THE_NEAR_HALF, THE_CALLER)
    story.bridged(8, "b2", ("1763718000.9", "PJSIP/bob-00000002"), THE_FAR_HALF)
    call = story.call()
    assert (call.handled_by, call.handled_at) == (HandledBy.AGENT, ms(8))
    assert call.agent == "PJSIP/bob"


def test_whoever_joins_a_caller_with_an_answered_leg_handles_him_then_and_not_before() -> None:
    """The leg was answered before it was the caller's: its own talk was with somebody else."""
    story = LegStory()
    story.arrives()
    story.local(1, linkedid="1763718000.5").leg_joins(1).leg_connects(3)
    story.bridged(3, "b2", ("1763718000.9", "PJSIP/bob-00000002"), THE_FAR_HALF)
    story.bridged(40, "b1", THE_NEAR_HALF, THE_CALLER)
    assert story.call().visits[0].answered_at == ms(3)
    assert story.call().handled_at == ms(40)


def test_a_leg_that_goes_on_after_its_caller_leaves_nothing_behind() -> None:
    story = LegStory()
    story.arrives()
    story.local(1)
    story.say(ev.DialStarted(PBX, ms(1), CALLER, NEAR, f"{NAME};1"))
    story.ends(5)
    story.say(ev.DialplanStep(PBX, ms(5.1), FAR, "internal", "7020", "Queue", "sales"))
    for half in (NEAR, FAR):
        story.ends(6, half)
    story.until(1_000)
    desk = story.engine._desks[PBX]
    kept = [desk.calls, desk.closed, desk.channels, desk.queue_app, desk.marks, desk.early]
    kept += [desk.exclusions, desk.bridges, desk.bridge_of, desk.locals.legs, desk.locals.names]
    assert not any([*kept, desk.locals.halves, desk.locals.other, desk.met])


def test_a_local_channel_of_its_own_is_a_caller() -> None:
    story = LegStory().local(0, linkedid=NEAR, context="incoming")
    story.steps(0, uniqueid=FAR)
    assert story.call(FAR).uniqueid == FAR


def test_a_leg_whose_arrival_nobody_saw_is_not_taken_for_a_caller() -> None:
    story = LegStory()
    joined = ev.QueueJoined(PBX, ms(1), FAR, "sales", 1, channel=f"{NAME};2", context="internal")
    story.say(joined)
    assert story.engine.snapshot().calls == {}


def test_a_member_that_is_a_local_channel_leads_into_no_visit_of_its_own() -> None:
    story = LegStory()
    story.arrives().joins(1)
    story.local(2)
    story.say(ev.DialStarted(PBX, ms(2), CALLER, NEAR, f"{NAME};1"))
    story.say(ev.DialplanStep(PBX, ms(2), FAR, "internal", "x", "Dial", "PJSIP/bob"))
    story.leaves(6)
    story.say(ev.AgentConnected(PBX, ms(6), CALLER, "support", "Local/7020@internal", "Bob"))
    story.bridged(6, "b2", ("1763718000.9", "PJSIP/bob-00000002"), THE_FAR_HALF)
    story.bridged(6, "b1", THE_NEAR_HALF, THE_CALLER)
    visits = story.call().visits
    assert [(v.queue, v.exit, v.agent) for v in visits] == [("support", Exit.ANSWERED, "Bob")]


def test_a_snapshot_shows_a_leg_in_the_queue_and_for_whom_it_waits() -> None:
    story = LegStory()
    story.arrives()
    story.say(ev.LinkChanged(PBX, ms(2), ev.LinkState.LOST, "cut"))
    channels = (
        ev.ChannelSeen(
            CALLER, CALLER, "PJSIP/trunk-00000001", "incoming", "s", "Dial", "", "", 10_000, "b1",
            "Local/7020@internal", "basic",
        ),
        ev.ChannelSeen(
            NEAR, CALLER, f"{NAME};1", "internal", "7020", "AppDial", "", "", 9000, "b1",
            "(Outgoing Line)", "basic",
        ),
        ev.ChannelSeen(
            FAR, CALLER, f"{NAME};2", "internal", "7020", "Queue", "", "", 9000, "", "sales",
        ),
    )  # fmt: skip
    queues = (ev.QueueSeen("sales", (ev.EntrySeen(FAR, 1, 9000),)),)
    story.resync(ev.PbxSnapshot(PBX, ms(10), channels, queues))
    assert story.engine.snapshot().calls.keys() == {f"{PBX}:{CALLER}"}
    assert [visit.queue for visit in story.call().visits] == ["sales"]
    assert story.call().handled_by is None


def test_how_a_leg_left_the_queue_in_a_gap_is_unknown() -> None:
    story = consulting()
    story.say(ev.LinkChanged(PBX, ms(12), ev.LinkState.LOST, "cut"))
    seen = (
        (CALLER, "PJSIP/trunk-00000001", "b1"),
        (NEAR, f"{NAME};1", "b1"),
        (FAR, f"{NAME};2", "b3"),
    )
    channels = tuple(
        ev.ChannelSeen(uid, CALLER, name, "internal", "", "", "", "", 9000, bridge, "", "basic")
        for uid, name, bridge in (*seen, ("bob.1", "PJSIP/bob-00000001", "b3"))
    )
    story.resync(ev.PbxSnapshot(PBX, ms(20), channels))
    story.say(ev.ChannelGone(PBX, ms(30), FAR, 16)).ends(30)
    assert [(visit.queue, visit.exit) for visit in story.call().visits] == [
        ("support", Exit.ANSWERED), ("sales", Exit.UNKNOWN),
    ]  # fmt: skip


def test_a_waiting_caller_who_is_joined_with_an_agent_by_hand_left_the_queue() -> None:
    story = LegStory()
    story.arrives().joins(1)
    story.bridged(20, "b1", THE_CALLER, ("1763718000.9", "PJSIP/bob-00000002"))
    visit = story.call().visits[0]
    assert (visit.exit, visit.left_at) == (Exit.REDIRECTED, ms(20))
    assert (story.call().verdict, story.call().handled_at) == (Verdict.MET, ms(20))
    story.hangs_up(30)
    assert visit.exit is Exit.REDIRECTED


# --- an agent's phone that makes a second call --------------------------------------------------

SECOND_CALL = "1763718000.20"


def asking_by_phone(*, member: bool = True) -> LegStory:
    """Anna has the caller, and asks in a second queue by another call of her phone."""
    story = LegStory()
    if member:
        story.say(
            ev.MemberChanged(
                PBX, ms(0), "support", AGENT, "Anna", ev.DeviceState.NOT_IN_USE,
                paused=False, pause_reason="", in_call=False, penalty=0, calls_taken=0, last_call=0,
            )
        )  # fmt: skip
    story.arrives().joins(1).connects(5)
    story.bridged(5, "b1", (NEAR + "1", PHONE), THE_CALLER)
    second = f"{AGENT}-00000007"
    story.say(
        ev.ChannelArrived(
            PBX, ms(10), SECOND_CALL, SECOND_CALL, second, "internal", "7020", "anna", ""
        )
    )
    story.say(ev.DialplanStep(PBX, ms(10), SECOND_CALL, "internal", "7020", "Queue", "sales"))
    story.say(
        ev.QueueJoined(
            PBX, ms(10), SECOND_CALL, "sales", 1,
            channel=second, context="internal", exten="7020",
        )
    )  # fmt: skip
    return story


def joined(story: LegStory, at: float) -> LegStory:
    story.say(
        ev.Transferred(
            PBX, ms(at), CALLER, NEAR + "1", attended=True, target="", second_uniqueid=SECOND_CALL
        )
    )
    return story


def test_an_agent_who_asks_by_a_second_call_of_the_phone_is_no_caller() -> None:
    story = asking_by_phone()
    story.gives_up(15, "sales", SECOND_CALL).ends(15, SECOND_CALL)
    assert story.engine.snapshot().calls.keys() == {f"{PBX}:{CALLER}"}
    assert [visit.queue for visit in story.call().visits] == ["support"]


def test_the_caller_who_is_put_in_the_agents_place_waits_on_there() -> None:
    story = joined(asking_by_phone(), 13)
    # A masquerade: from now on the queue speaks of the caller's own channel.
    story.say(ev.DialplanStep(PBX, ms(13), CALLER, "internal", "7020", "Queue", "sales"))
    story.ends(13, SECOND_CALL)
    second = story.call().visits[1]
    assert (second.queue, second.joined_at, second.exit) == ("sales", ms(10), None)
    story.leaves(20, "sales")
    assert [visit.exit for visit in story.call().visits] == [Exit.ANSWERED, None]
    story.say(ev.AgentConnected(PBX, ms(20), CALLER, "sales", "PJSIP/bob", "Bob"))
    answered = story.call().visits[1]
    assert (answered.exit, answered.answered_at) == (Exit.ANSWERED, ms(20))


def test_joined_after_the_answer_the_caller_has_the_visit_and_its_conversation() -> None:
    story = asking_by_phone()
    story.leaves(12, "sales", SECOND_CALL)
    story.say(ev.AgentConnected(PBX, ms(12), SECOND_CALL, "sales", "PJSIP/bob", "Bob"))
    joined(story, 16)
    for reason in ("caller", "transfer"):  # Asterisk may say both
        story.say(ev.AgentCompleted(PBX, ms(16), SECOND_CALL, "sales", "PJSIP/bob", "Bob", reason))
    first, second = story.call().visits
    assert (first.queue, second.queue, second.exit) == ("support", "sales", Exit.ANSWERED)
    ends = [fact for fact in story.call().facts if fact.kind is FactKind.AGENT_COMPLETED]
    assert [fact.detail["ended_by"] for fact in ends] == ["caller"]
    assert story.call().handled_at == ms(5)


def test_a_phone_that_is_no_members_is_a_caller() -> None:
    story = asking_by_phone(member=False)
    assert f"{PBX}:{SECOND_CALL}" in story.engine.snapshot().calls
