"""The way of a caller's channel: arrival, dialplan, ringing, bridge, end."""

from monitor.core import agents, holds, on_behalf, queueing, voice
from monitor.core.clock import Ms
from monitor.core.desk import REMEMBERED, Desk
from monitor.core.events import (
    BridgeEntered,
    BridgeLeft,
    CallerIdChanged,
    ChannelArrived,
    ChannelGone,
    DialEnded,
    DialplanStep,
    DialStarted,
    HangupRequested,
    HoldChanged,
    LinkState,
    Transferred,
)
from monitor.core.legs import HALVES
from monitor.core.on_behalf import interface_of
from monitor.core.policy import ClockStart
from monitor.core.records import Call, FactKind, HandledBy, Observed

OUTGOING_LINE = "(Outgoing Line)"
"""What Asterisk gives as arguments of the pseudo-application on a channel that it dialled."""
MANY_WAYS = 500
"""More interfaces than any PBX has trunks."""


def on_channel_arrived(desk: Desk, event: ChannelArrived) -> None:
    """A channel came; whether it is a caller's shows when it runs the dialplan."""
    if event.channel.endswith(HALVES):
        on_behalf.meet(desk, event)
    call = desk.find(event.uniqueid)
    if call is None:
        desk.channels[event.uniqueid] = event
        desk.met.discard(event.uniqueid)
    elif not call.closed and call.facts[0].kind is FactKind.FOUND and call.arrived_at != event.at:
        if desk.pbx.link is not LinkState.CONNECTED:
            begin_anew(desk, call, event)
        arrive_earlier(desk, call, event)


def begin_anew(desk: Desk, call: Call, channel: ChannelArrived) -> None:
    """Clear a record: a snapshot showed the call, and now its whole way follows.

    The call came after the login of a resync, so each of its events was buffered and tells more
    exactly what the snapshot only showed.
    """
    desk.unjudge(call)
    for visit in call.visits:
        if visit.exit is not None:
            desk.count_visit(visit, -1)
        desk.unqueue(call, visit)
    call.visits.clear()
    call.stays.clear()
    voice.forget(desk, call)
    call.handled_at = call.handled_by = call.picked_up_at = None
    call.agent = ""
    call.in_doubt = call.at_risk = False
    call.observed = Observed.FULL
    call.context, call.exten = channel.context, channel.exten
    call.clock_started_at = None
    desk.exclude(call)


def arrive_earlier(desk: Desk, call: Call, channel: ChannelArrived) -> None:
    """Take the moment of arrival, which is told only now."""
    desk.count_call(call, -1)  # it may be of another day than was thought
    call.arrived_at = channel.at
    desk.count_call(call, 1)
    desk.judge_hours(call)
    desk.note(call, channel.at, FactKind.ARRIVED, context=channel.context, exten=channel.exten)
    if desk.rules_of(call).policy.commitment.starts_on is ClockStart.ARRIVAL:
        desk.start_clock(call, channel.at)


def is_arriving_caller(desk: Desk, channel: ChannelArrived) -> bool:
    """Whether a channel that runs the dialplan is a caller's.

    The first half of a Local channel never runs the dialplan of its context; the second does.
    """
    return desk.rules.is_incoming(desk.pbx.name, channel.context) and not channel.channel.endswith(
        ";1"
    )


def begin_call(desk: Desk, channel: ChannelArrived, *, arrival_seen: bool = True) -> Call:
    """Follow a channel as a caller's from its arrival on."""
    promise = desk.rules.policy.commitment
    know_way(desk, channel.channel, channel.context)
    desk.channels.pop(channel.uniqueid, None)
    full = arrival_seen and channel.uniqueid not in desk.met
    desk.met.discard(channel.uniqueid)
    call = Call(
        pbx=desk.pbx.name,
        uniqueid=channel.uniqueid,
        arrived_at=channel.at,
        linkedid=channel.linkedid,
        channel=channel.channel,
        caller=channel.number,
        caller_name=channel.name,
        context=channel.context,
        exten=channel.exten,
        policy_version=desk.rules.policy.version,
        within=promise.within,
        at_risk_after=promise.at_risk_after,
        observed=Observed.FULL if full else Observed.PARTIAL,
        in_doubt=not full,
    )
    kind = FactKind.ARRIVED if full else FactKind.FOUND
    desk.note(call, channel.at, kind, context=channel.context, exten=channel.exten)
    if promise.starts_on is ClockStart.ARRIVAL:
        desk.start_clock(call, channel.at)
    desk.open_call(call)
    voice.tell_early(desk, call)
    return call


def know_way(desk: Desk, channel: str, context: str) -> None:
    """Remember by which interface a caller came into an incoming context."""
    # Some technologies name a channel by the caller's number: there are too many of these.
    if desk.rules.is_incoming(desk.pbx.name, context) and len(desk.ways) < MANY_WAYS:
        desk.ways.add(interface_of(channel))


def on_caller_id_changed(desk: Desk, event: CallerIdChanged) -> None:
    """The caller became known by another number or name."""
    call = desk.calls.get(event.uniqueid)
    if call is None:
        channel = desk.channels.get(event.uniqueid)
        if channel is not None:
            # A Local channel arrives without a number and gets it before it runs the dialplan.
            desk.channels[event.uniqueid] = ChannelArrived(
                channel.pbx, channel.at, channel.uniqueid, channel.linkedid, channel.channel,
                channel.context, channel.exten, event.number, event.name,
            )  # fmt: skip
        return
    if call.caller == event.number and call.caller_name == event.name:
        return
    call.caller, call.caller_name = event.number, event.name
    desk.note(call, event.at, FactKind.CALLER_ID)
    desk.exclude(call)
    desk.judge(call)


def on_dialplan_step(desk: Desk, event: DialplanStep) -> None:
    """A step of the dialplan: where the caller is, and the end of an undecided visit."""
    call = desk.calls.get(event.uniqueid)
    if call is None:
        channel = desk.channels.get(event.uniqueid)
        if channel is None or event.data == OUTGOING_LINE:
            return
        if not is_arriving_caller(desk, channel):
            return
        call = begin_call(desk, channel)
        voice.enter_context(desk, call, event.context, event.at)
    queueing.decide_by_dialplan(desk, call, event)
    if event.application == "Queue":
        desk.queue_app[event.uniqueid] = (event.data.partition(",")[0], event.at)
    if (call.context, call.exten) != (event.context, event.exten):
        desk.touch(call)
    voice.on_step(desk, call, event)
    call.exten = event.exten


def on_hangup_requested(desk: Desk, event: HangupRequested) -> None:
    """The caller hung up."""
    call = desk.find(event.uniqueid)
    if call is None or call.caller_hung_up:
        return
    call.caller_hung_up = True
    desk.note(call, event.at, FactKind.HANGUP_REQUESTED)
    if call.closed:
        desk.judge(call)


def on_channel_gone(desk: Desk, event: ChannelGone) -> None:
    """A channel ended; a caller's takes the call with it."""
    leave_bridge(desk, event.uniqueid)
    if event.uniqueid in desk.locals.names:
        on_behalf.gone(desk, event.uniqueid, event.at)
    desk.channels.pop(event.uniqueid, None)
    desk.met.discard(event.uniqueid)
    desk.early.pop(event.uniqueid, None)
    call = desk.find(event.uniqueid)
    if call is None or call.ended_at is not None:
        return
    voice.leave(desk, call, event.at)
    queueing.decide_by_end(desk, call, event.at)
    if call.visits:
        desk.end_talk(call, call.visits[-1], max(event.at, call.visits[-1].answered_at or 0))
    call.hangup_cause = event.cause
    end_call(desk, call, event.at)


def end_call(desk: Desk, call: Call, at: Ms) -> None:
    """Close a call whose end was observed."""
    desk.note(call, at, FactKind.ENDED, cause=call.hangup_cause)
    desk.close_call(call, at)
    desk.remember_until(call, at + REMEMBERED)


def on_dial_started(desk: Desk, event: DialStarted) -> None:
    """Somebody is rung for a caller who is in no queue (a queue's offers say so themselves)."""
    call = desk.calls.get(event.uniqueid)
    on_behalf.dialled(desk, event)
    if call is not None and call.visit is None:
        desk.note(call, event.at, FactKind.RINGING, agent=interface_of(event.dest_channel))


def on_dial_ended(desk: Desk, event: DialEnded) -> None:
    """An agent picked up; the connection to the caller follows, and only that counts."""
    call = desk.find(event.uniqueid)
    if call is None or event.status != "ANSWER":
        return
    if call.picked_up_at is None:
        call.picked_up_at = event.at
    desk.note(call, event.at, FactKind.AGENT_PICKED_UP, agent=interface_of(event.dest_channel))


def on_bridge_entered(desk: Desk, event: BridgeEntered) -> None:
    """Two channels in one basic bridge talk; a caller among them has reached an agent."""
    if event.bridge_type != "basic":
        return
    leave_bridge(desk, event.uniqueid)
    inside = desk.bridges.setdefault(event.bridge, {})
    inside[event.uniqueid] = event.channel
    desk.bridge_of[event.uniqueid] = event.bridge
    desk.locals.meet(event.uniqueid, event.channel)
    heard = on_behalf.heard(desk, event.bridge, event.at)
    for call in heard.calls:
        connect_by_bridge(desk, call, heard, event.at)
    if heard.calls:
        for leg in heard.legs:
            on_behalf.adopt(desk, leg, heard.calls[0], event.at)


def connect_by_bridge(desk: Desk, call: Call, heard: on_behalf.Heard, at: Ms) -> None:
    """Count a caller in a bridge as connected to the agent there, if the queue did not say so."""
    agent = on_behalf.partner(heard, call)
    if not agent or any(agent == visit.interface for visit in call.visits):
        return
    if not _talks_on(call, agent):
        desk.note(call, at, FactKind.BRIDGED, agent=agent)
    voice.leave(desk, call, at)
    queueing.answer_by_bridge(desk, call, agent, at)
    if call.handled_at is None or not call.agent:
        desk.handled(call, at, HandledBy.AGENT, agent)


def _talks_on(call: Call, agent: str) -> bool:
    """Whether the caller was bridged with this agent last: a Local channel in between went away."""
    bridged = [fact for fact in call.facts if fact.kind is FactKind.BRIDGED]
    if not bridged or bridged[-1].detail["agent"] != agent:
        return False
    moved = {FactKind.TRANSFERRED, FactKind.RINGING, FactKind.AGENT_PICKED_UP}
    return not any(fact.kind in moved and fact.at > bridged[-1].at for fact in call.facts)


def on_bridge_left(desk: Desk, event: BridgeLeft) -> None:
    """A channel left its bridge."""
    if desk.bridge_of.get(event.uniqueid) == event.bridge:
        leave_bridge(desk, event.uniqueid)


def leave_bridge(desk: Desk, uniqueid: str) -> None:
    """Take a channel out of the bridge it is in; an empty bridge is forgotten."""
    bridge = desk.bridge_of.pop(uniqueid, None)
    if bridge is None:
        return
    inside = desk.bridges.get(bridge)
    if inside is not None:
        inside.pop(uniqueid, None)
        if not inside:
            del desk.bridges[bridge]


def on_hold_changed(desk: Desk, event: HoldChanged) -> None:
    """The caller was put on hold by the agent, or taken off it."""
    inside = desk.bridges.get(desk.bridge_of.get(event.uniqueid, ""), {})
    for uniqueid in inside or (event.uniqueid,):
        call = desk.calls.get(uniqueid)
        if call is not None:
            kind = FactKind.HELD if event.held else FactKind.RESUMED
            desk.note(call, event.at, kind, by_caller=int(uniqueid == event.uniqueid))
            _measure_hold(call, event.at)
            if uniqueid != event.uniqueid:
                agents.hold(desk, call, event.at, held=event.held)


def on_transferred(desk: Desk, event: Transferred) -> None:
    """An agent passed the caller on."""
    call = desk.calls.get(event.uniqueid)
    if call is not None:
        kind = "attended" if event.attended else "blind"
        if desk.note(call, event.at, FactKind.TRANSFERRED, how=kind, target=event.target):
            _count_transfer(call, event.at)
        agents.hold(desk, call, event.at, held=False)
        on_behalf.transferred(desk, call, event.second_uniqueid, event.at)


def _count_transfer(call: Call, at: Ms) -> None:
    if call.transfers is not None:
        call.transfers += 1
    visit = holds.conversation_at(call, at)
    if visit is not None and visit.transfers is not None:
        visit.transfers += 1
    _measure_hold(call, at)


def _measure_hold(call: Call, at: Ms) -> None:
    """Measure the hold of a conversation anew whose end was told before this."""
    visit = holds.conversation_at(call, at)
    if visit is not None:
        holds.measure(call, visit)
