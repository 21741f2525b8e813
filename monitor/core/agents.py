"""Agents: what a queue says of its members, and of each caller offered to them."""

from monitor.core import queueing, voice
from monitor.core.clock import SECOND, Ms
from monitor.core.desk import Desk
from monitor.core.effects import MemberGone, TalkEnded
from monitor.core.events import (
    AgentCompleted,
    AgentConnected,
    AgentDumped,
    AgentMissed,
    AgentOffered,
    DeviceState,
    MemberChanged,
    MemberRemoved,
)
from monitor.core.records import Call, Exit, FactKind, HandledBy, Member, MemberState, Visit
from monitor.core.timers import Timer

MemberKey = tuple[str, str]
"""(queue, interface); a member's name is only a name."""

_OF_DEVICE = {
    DeviceState.RINGING: MemberState.RINGING,
    DeviceState.RING_IN_USE: MemberState.RINGING,
    DeviceState.ON_HOLD: MemberState.ON_HOLD,
    DeviceState.BUSY: MemberState.BUSY,
    DeviceState.UNAVAILABLE: MemberState.UNAVAILABLE,
    DeviceState.INVALID: MemberState.UNAVAILABLE,
}


def state_of(member: Member, at: Ms) -> MemberState:
    """What a member does at ``at``: the conversation first, then the device, pause, wrap-up."""
    if member.device is DeviceState.ON_HOLD or member.holding:
        return MemberState.ON_HOLD
    if member.call_id or member.in_call:
        return MemberState.TALKING
    if member.device is DeviceState.IN_USE:
        return MemberState.BUSY
    from_device = _OF_DEVICE.get(member.device)
    if from_device is not None:
        return from_device
    if member.paused:
        return MemberState.PAUSED
    if at < member.last_call + member.wrap_up:
        return MemberState.WRAP_UP
    return MemberState.AVAILABLE


def settle(desk: Desk, member: Member, at: Ms) -> None:
    """Derive a member's state anew; ``since`` moves only when it changed."""
    state = state_of(member, at)
    member.told_at = at
    if state is not member.state:
        member.state, member.since = state, at
        if state is not MemberState.RINGING:
            member.ringing_for = ""
    if state is MemberState.WRAP_UP:
        end = member.last_call + member.wrap_up
        desk.timers.set(end, Timer.WRAP_UP_END, timer_key(member.queue, member.interface))
    desk.touch_member(member)


def timer_key(queue: str, interface: str) -> str:
    """The key of a member's timers."""
    return f"{queue}\n{interface}"


def on_wrap_up_end(desk: Desk, key: str, at: Ms) -> None:
    """A member's wrap-up time is over."""
    queue, _, interface = key.partition("\n")
    member = desk.members.get((queue, interface))
    if member is not None and member.state is MemberState.WRAP_UP:
        settle(desk, member, at)


def on_member_changed(desk: Desk, event: MemberChanged) -> None:
    """A member as it is now."""
    key = (event.queue, event.interface)
    member = desk.members.get(key)
    if member is None:
        desk.queue(event.queue)
        member = desk.members[key] = Member(
            desk.pbx.name, event.queue, event.interface, event.member,
            DeviceState.UNKNOWN, paused=False, pause_reason="", in_call=False, penalty=0,
            calls_taken=0, last_call=0, wrap_up=0, state=MemberState.AVAILABLE, since=event.at,
        )  # fmt: skip
    member.name, member.device = event.member, event.device
    member.paused, member.pause_reason = event.paused, event.pause_reason
    member.in_call, member.penalty = event.in_call, event.penalty
    member.calls_taken, member.last_call = event.calls_taken, event.last_call
    member.wrap_up = event.wrap_up or desk.rest_after(event.queue)
    if member.call_id and member.call_id.partition(":")[2] not in desk.calls:
        member.call_id, member.holding = "", False
    settle(desk, member, event.at)


def on_member_removed(desk: Desk, event: MemberRemoved) -> None:
    """A member left a queue."""
    if desk.members.pop((event.queue, event.interface), None) is not None:
        desk.emit(MemberGone(desk.pbx.name, event.queue, event.interface, event.at))


def on_agent_offered(desk: Desk, event: AgentOffered) -> None:
    """A member is rung for a caller."""
    call = desk.calls.get(event.uniqueid)
    visit = None if call is None else call.visit
    if call is None or visit is None:
        return
    if desk.note(call, event.at, FactKind.AGENT_OFFERED, queue=event.queue, agent=event.member):
        visit.offers += 1
    member = desk.members.get((event.queue, event.interface))
    if member is not None:
        member.ringing_for = call.id
        desk.touch_member(member)


def on_agent_missed(desk: Desk, event: AgentMissed) -> None:
    """A member did not take the caller."""
    call = desk.find(event.uniqueid)
    if call is None or not call.visits:
        return
    new = desk.note(
        call, event.at, FactKind.AGENT_MISSED,
        queue=event.queue, agent=event.member, rang_ms=event.rang,
    )  # fmt: skip
    if not new:
        return
    call.visits[-1].missed += 1
    member = desk.members.get((event.queue, event.interface))
    if member is not None:
        member.missed += 1
        member.ringing_for = ""
        desk.touch_member(member)


def on_agent_connected(desk: Desk, event: AgentConnected) -> None:
    """A member and the caller are connected: the caller is handled (rule 3)."""
    call = desk.find(event.uniqueid)
    if call is None:
        return
    visit = queueing.newest_visit(call, event.queue, event.at)
    if visit is None:
        thresholds = desk.rules_of(call).queue(desk.pbx.name, event.queue)
        visit = Visit(event.queue, event.at, thresholds.within)
        if call.visit is not None and call.visit.joined_at <= event.at:
            queueing.decide_before_next(desk, call, event.at)
        queueing.insert_in_order(call, visit)
        desk.judge_hours(call)
    elif _is_known(visit, event):
        return
    elif visit.exit is Exit.UNKNOWN and not _is_same_wait(call, visit, event):
        call.in_doubt = True  # somebody may have had the caller, and sent them back to the queue
    voice.leave(desk, call, event.at)
    queueing.answer(desk, call, visit, event.member, event.interface, event.at)
    desk.note(call, event.at, FactKind.AGENT_CONNECTED, queue=event.queue, agent=event.member)
    if call.agent == event.interface:
        call.agent = event.member
    if not call.closed:
        _set_talking(desk, event, call)
    elif call.ended_at is not None:
        desk.end_talk(call, visit, max(event.at, call.ended_at))
    desk.handled(call, event.at, HandledBy.AGENT, event.member)


def _is_known(visit: Visit, event: AgentConnected) -> bool:
    """Whether this connection was said already, not just inferred from a later moment."""
    same = visit.exit is Exit.ANSWERED and visit.interface == event.interface
    return same and visit.answered_at is not None and visit.answered_at <= event.at


def _is_same_wait(call: Call, visit: Visit, event: AgentConnected) -> bool:
    """Whether the wait that ends here began when the visit did, as far as whole seconds tell."""
    if event.waited is None:
        return False
    return queueing.is_same_wait(call, visit, event.at - event.waited)


def _set_talking(desk: Desk, event: AgentConnected, call: Call) -> None:
    member = desk.members.get((event.queue, event.interface))
    if member is not None:
        member.call_id, member.ringing_for, member.holding = call.id, "", False
        settle(desk, member, event.at)


def hold(desk: Desk, call: Call, at: Ms, *, held: bool) -> None:
    """The agent who talks to this caller held them, or took them off hold, or passed them on."""
    for visit in reversed(call.visits):
        member = desk.members.get((visit.queue, visit.interface))
        if member is not None and member.call_id == call.id:
            if member.holding is not held:
                member.holding = held
                settle(desk, member, at)
            return


def on_agent_completed(desk: Desk, event: AgentCompleted) -> None:
    """The conversation ended; without the caller's id, what just ended says whose."""
    member = desk.members.get((event.queue, event.interface))
    if member is None:
        desk.emit(TalkEnded(desk.pbx.name, event.queue, event.interface, event.at))
    call = desk.find(event.uniqueid) if event.uniqueid else _whose_talk(desk, member, event)
    # With `ringinuse` an agent may talk to two callers: the other conversation goes on.
    if member is not None and member.call_id and (call is None or call.id == member.call_id):
        member.call_id, member.holding = "", False
        settle(desk, member, event.at)
    if call is None:
        return
    visit = _talk_of(call, event)
    if visit is None:
        return
    if visit.exit in {None, Exit.UNKNOWN}:
        queueing.answered_unseen(desk, call, visit, event.member, event.interface, event.at)
    desk.end_talk(call, visit, event.at)
    if _is_told(call, visit, event):
        return
    new = desk.note(
        call, event.at, FactKind.AGENT_COMPLETED,
        queue=event.queue, agent=event.member, ended_by=event.reason,
    )  # fmt: skip
    if new and member is not None:
        member.handled += 1
        member.told_at = event.at
        desk.touch_member(member)


def _whose_talk(desk: Desk, member: Member | None, event: AgentCompleted) -> Call | None:
    """The call that an end of a conversation without its id is about.

    Asterisk leaves the id out when the caller's channel was gone already.
    """
    call = _just_ended(desk, event)
    if call is None and member is not None:
        call = desk.find(member.call_id.partition(":")[2])
    return call


def _is_told(call: Call, visit: Visit, event: AgentCompleted) -> bool:
    """Whether the end of this conversation was said: a transfer may make Asterisk say it twice."""
    since = visit.answered_at or visit.joined_at
    told = [f for f in call.facts if f.kind is FactKind.AGENT_COMPLETED and f.at >= since]
    who = (event.queue, event.member)
    return any((fact.detail["queue"], fact.detail["agent"]) == who for fact in told)


def _just_ended(desk: Desk, event: AgentCompleted) -> Call | None:
    """The call whose end was said just before the end of its conversation, without its id."""
    for call in reversed(desk.closed.values()):
        if call.ended_at is not None and event.at - call.ended_at > SECOND:
            return None
        for visit in call.visits:
            # A talk through a Local channel lasts until the caller is gone, whoever came after it.
            may_end = visit.ended_at is None or visit is call.visits[-1]
            if may_end and (visit.queue, visit.interface) == (event.queue, event.interface):
                return call
    return None


def _talk_of(call: Call, event: AgentCompleted) -> Visit | None:
    """The visit whose conversation ended: this agent's, where it was seen to begin.

    A caller who was passed on into the same queue waits there again before Asterisk says so.
    """
    for visit in reversed(call.visits):
        same = visit.queue == event.queue and visit.interface == event.interface
        if same and visit.exit is Exit.ANSWERED and visit.ended_at in {None, event.at}:
            return visit
    return queueing.newest_visit(call, event.queue, event.at)


def on_agent_dumped(desk: Desk, event: AgentDumped) -> None:
    """The member hung up during the announcement; the caller still waits."""
    call = desk.calls.get(event.uniqueid)
    if call is not None:
        desk.note(call, event.at, FactKind.AGENT_DUMPED, queue=event.queue, agent=event.member)
