"""Losing sight of a PBX, and finding out afterwards what became of its calls.

Nothing is guessed: what happened in a blind interval is unknown unless the snapshot after it
proves it (rule 10). Events replayed after the snapshot make the record more exact again.
"""

from monitor.core import agents, queueing
from monitor.core.clock import Ms
from monitor.core.desk import REMEMBERED, Desk
from monitor.core.effects import BlindIntervalChanged, MemberGone, PbxUpdated
from monitor.core.events import (
    ChannelArrived,
    ChannelSeen,
    ClockMeasured,
    EntrySeen,
    LinkChanged,
    LinkState,
    PbxSnapshot,
    QueueJoined,
    WarningRaised,
)
from monitor.core.journey import begin_call, interface_of
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    FactKind,
    HandledBy,
    Observed,
    Visit,
)


def on_link_changed(desk: Desk, event: LinkChanged) -> None:
    """The link changed; anything but connected means that the PBX is not observed."""
    pbx = desk.pbx
    if pbx.link is not event.state:
        pbx.since = event.at
    pbx.link, pbx.detail = event.state, event.detail
    desk.emit(PbxUpdated(pbx.name, pbx.link))
    if event.state is not LinkState.CONNECTED and pbx.blind_since is None:
        pbx.blind_since, pbx.blind_cause = event.at, event.detail or event.state.value
        interval = BlindInterval(pbx.name, event.at, None, pbx.blind_cause)
        desk.emit(BlindIntervalChanged(interval))
        for call in desk.calls.values():
            call.observed = Observed.PARTIAL
            desk.note(call, event.at, FactKind.BLIND_FROM)


def on_clock_measured(desk: Desk, event: ClockMeasured) -> None:
    """The clocks' offset is known better."""
    if desk.pbx.clock_offset != event.offset:
        desk.pbx.clock_offset = event.offset
        desk.emit(PbxUpdated(desk.pbx.name, desk.pbx.link))


def on_warning_raised(desk: Desk, event: WarningRaised) -> None:
    """Something is wrong with the PBX's set-up, or is right again."""
    if event.text:
        desk.pbx.warnings[event.code] = event.text
    else:
        desk.pbx.warnings.pop(event.code, None)
    desk.emit(PbxUpdated(desk.pbx.name, desk.pbx.link))


def on_snapshot(desk: Desk, event: PbxSnapshot) -> None:
    """Make the record agree with what the PBX says now; ends the blind interval."""
    seen = {channel.uniqueid: channel for channel in event.channels}
    entries = {e.uniqueid: (q.queue, e) for q in event.queues for e in q.entries}
    _rebuild_bridges(desk, event)
    for uniqueid in desk.channels.keys() - seen.keys():
        # Its Hangup may have been missed; a replayed Newchannel brings back one that is younger.
        del desk.channels[uniqueid]
    for call in list(desk.calls.values()):
        if call.uniqueid not in seen and call.uniqueid not in entries:
            _lose(desk, call, event.at)
    for uniqueid, channel in seen.items():
        if uniqueid not in desk.calls:
            _meet(desk, channel, entries.get(uniqueid), event.at)
    for call in list(desk.calls.values()):
        _recover(desk, call, entries.get(call.uniqueid), event.at)
    _replace_members(desk, event)
    pbx = desk.pbx
    if pbx.blind_since is not None:
        interval = BlindInterval(pbx.name, pbx.blind_since, event.at, pbx.blind_cause)
        pbx.blind_since, pbx.blind_cause = None, ""
        desk.emit(BlindIntervalChanged(interval))


def _rebuild_bridges(desk: Desk, event: PbxSnapshot) -> None:
    desk.bridges.clear()
    desk.bridge_of.clear()
    for channel in event.channels:
        if channel.bridge:
            desk.bridges.setdefault(channel.bridge, {})[channel.uniqueid] = channel.channel
            desk.bridge_of[channel.uniqueid] = channel.bridge


def _lose(desk: Desk, call: Call, at: Ms) -> None:
    """The call ended while nobody looked."""
    if call.visit is not None:
        desk.exit_visit(call, call.visit, Exit.UNKNOWN, at)
    call.observed = Observed.PARTIAL
    desk.note(call, at, FactKind.ENDED, observed=0)
    desk.close_call(call, None)
    desk.remember_until(call, at + REMEMBERED)


def _meet(desk: Desk, seen: ChannelSeen, entry: tuple[str, EntrySeen] | None, at: Ms) -> None:
    """A channel that was not known: remember it, and follow it if it is a caller's."""
    channel = ChannelArrived(
        desk.pbx.name, at - seen.age, seen.uniqueid, seen.linkedid, seen.channel,
        seen.context, seen.exten, seen.number, seen.name,
    )  # fmt: skip
    if entry is not None or _looks_like_caller(desk, seen):
        desk.channels.pop(seen.uniqueid, None)
        begin_call(desk, channel, observed=Observed.PARTIAL)
    else:
        desk.channels.setdefault(seen.uniqueid, channel)


def _looks_like_caller(desk: Desk, seen: ChannelSeen) -> bool:
    """Whether a channel met in a snapshot is a caller's: its first, in a context of callers."""
    # The second half of a Local channel runs the dialplan under the first half's linkedid.
    own = seen.uniqueid == seen.linkedid or seen.channel.endswith(";2")
    if not own or seen.channel.endswith(";1"):
        return False
    incoming = desk.rules.is_incoming(desk.pbx.name, seen.context)
    return incoming or desk.rules.voice_server_of_context(seen.context) is not None


def _recover(desk: Desk, call: Call, entry: tuple[str, EntrySeen] | None, at: Ms) -> None:
    """A call that is still there: continue, move or answer its visit as the snapshot proves."""
    if desk.pbx.blind_since is not None:
        call.observed = Observed.PARTIAL
        desk.note(call, at, FactKind.BLIND_TO)
    if entry is not None:
        _recover_waiting(desk, call, *entry, at)
    elif call.visit is not None:
        _recover_left(desk, call, call.visit, at)
    else:
        _recover_bridged(desk, call, at)
    deadline = call.deadline_at
    if call.handled_by is None and deadline is not None and deadline <= at:
        # Seen to be unhandled after the deadline: the breach is certain, stamped with it.
        desk.judge(call, overdue=True)
    desk.arm(call)


def _recover_waiting(desk: Desk, call: Call, queue: str, entry: EntrySeen, at: Ms) -> None:
    visit = call.visit
    if visit is not None and visit.queue == queue and visit.left_at is None:
        visit.position = entry.position
        desk.queue(queue).join(call)
        return
    joined = QueueJoined(
        desk.pbx.name, max(call.arrived_at, at - entry.waited), call.uniqueid, queue, entry.position
    )
    if visit is not None:
        desk.exit_visit(call, visit, Exit.UNKNOWN, joined.at)
    queueing.on_queue_joined(desk, joined, call)


def _recover_left(desk: Desk, call: Call, visit: Visit, at: Ms) -> None:
    agent = _partner(desk, call)
    if not agent:
        if visit.left_at is None:
            desk.exit_visit(call, visit, Exit.UNKNOWN, at)
        return
    visit.agent = visit.interface = agent
    desk.exit_visit(call, visit, Exit.ANSWERED, at)
    _handled_meanwhile(desk, call, agent, at)


def _recover_bridged(desk: Desk, call: Call, at: Ms) -> None:
    agent = _partner(desk, call)
    if agent and call.handled_by is not HandledBy.AGENT:
        _handled_meanwhile(desk, call, agent, at)


def _handled_meanwhile(desk: Desk, call: Call, agent: str, at: Ms) -> None:
    """The caller reached an agent at an unknown moment before ``at``.

    Before the deadline that is certainly in time, and ``at`` is the latest it can have been.
    After it nobody can tell, and the verdict says so.
    """
    deadline = call.deadline_at
    if deadline is None or at < deadline or call.handled_at is not None:
        desk.handled(call, at, HandledBy.AGENT, agent)
        return
    call.handled_by, call.agent = HandledBy.AGENT, call.agent or agent
    desk.judge(call)


def _partner(desk: Desk, call: Call) -> str:
    """The interface of whoever is bridged with the caller; empty when nobody is."""
    inside = desk.bridges.get(desk.bridge_of.get(call.uniqueid, ""), {})
    others = [name for uniqueid, name in inside.items() if uniqueid != call.uniqueid]
    return interface_of(others[0]) if others else ""


def _replace_members(desk: Desk, event: PbxSnapshot) -> None:
    """Take the members as they are now; those whom the PBX no longer names are gone."""
    live_calls = {call.id for call in desk.calls.values()}
    named = {(m.queue, m.interface) for q in event.queues for m in q.members}
    for key in [key for key in desk.members if key not in named]:
        del desk.members[key]
        desk.emit(MemberGone(desk.pbx.name, *key))
    for queue in event.queues:
        desk.queue(queue.queue)
        for changed in queue.members:
            known = desk.members.get((changed.queue, changed.interface))
            if known is not None and known.call_id not in live_calls:
                known.call_id = ""
            agents.on_member_changed(desk, changed)
