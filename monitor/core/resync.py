"""Losing sight of a PBX, and finding out afterwards what became of its calls.

Nothing is guessed: what happened in a blind interval is unknown unless the snapshot after it
proves it (rule 10). The order is: link lost; snapshot; the events that came during the resync;
``CONNECTED``. The PBX stays blind until then, so no verdict rests on a snapshot that the events
after it correct.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Final

from monitor.core import agents, clock_steps, on_behalf, queueing, voice
from monitor.core.clock import SECOND, Ms
from monitor.core.desk import REMEMBERED, Desk
from monitor.core.effects import BlindIntervalChanged, MemberGone, PbxUpdated
from monitor.core.events import (
    ChannelArrived,
    ChannelSeen,
    ClockMeasured,
    EntrySeen,
    Event,
    LinkChanged,
    LinkState,
    PbxSnapshot,
    QueueJoined,
    QueueLost,
    WarningRaised,
)
from monitor.core.journey import OUTGOING_LINE, begin_call, is_arriving_caller
from monitor.core.on_behalf import interface_of
from monitor.core.queueing import SNAPSHOT_PRECISION
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    FactKind,
    HandledBy,
    Observed,
    Reason,
    Visit,
)

JUST_BEFORE: Final[Ms] = SECOND
"""A caller's channel takes its first dialplan step this soon, also on a PBX under load."""


def on_link_changed(desk: Desk, event: LinkChanged) -> None:
    """The link changed; anything but connected means that the PBX is not observed."""
    pbx = desk.pbx
    if pbx.link is not event.state:
        pbx.since = event.at
    pbx.link, pbx.detail = event.state, event.detail
    desk.emit(PbxUpdated(pbx.name, pbx.link))
    if event.state is LinkState.CONNECTED:
        _end_blindness(desk, event.at)
    elif pbx.blind_since is None:
        since = _before_the_newest(desk, event.at)
        _begin_blindness(desk, since, event.detail or event.state.value)


def _before_the_newest(desk: Desk, at: Ms) -> Ms:
    """``at``, or when a caller's channel came just before it.

    Such a channel is no call yet: it may run its first step, and end, while nobody looks.
    """
    came = [
        channel.at
        for channel in desk.channels.values()
        if at - JUST_BEFORE <= channel.at <= at and is_arriving_caller(desk, channel)
    ]
    return min(came, default=at)


def _begin_blindness(desk: Desk, since: Ms, cause: str) -> None:
    """From ``since`` on nobody looked; it may lie a few seconds back, at the last sign of life."""
    pbx = desk.pbx
    pbx.blind_since, pbx.blind_cause = since, cause
    desk.emit(BlindIntervalChanged(BlindInterval(pbx.name, since, None, cause)))
    desk.met.update(desk.channels)
    for call in desk.calls.values():
        call.observed = Observed.PARTIAL
        desk.touch(call)
        desk.note(call, since, FactKind.BLIND_FROM)
        guessed = call.reason is Reason.WAITING_PAST_DEADLINE
        if guessed and call.deadline_at is not None and call.deadline_at >= since:
            # Raised after the last sign of life: the caller may have been answered by then.
            desk.unjudge(call)


def _end_blindness(desk: Desk, at: Ms) -> None:
    """All that was buffered during the resync has been said: what is known now is certain."""
    pbx = desk.pbx
    if pbx.blind_since is None:
        return
    # The PBX's clock may have been set back while the monitor was not running.
    ended = max(at, pbx.blind_since)
    interval = BlindInterval(pbx.name, pbx.blind_since, ended, pbx.blind_cause)
    pbx.blind_since, pbx.blind_cause, desk.stepped = None, "", None
    desk.emit(BlindIntervalChanged(interval))
    _lose_missing(desk, at)
    for call in list(desk.calls.values()):
        if call.observed is Observed.PARTIAL:
            desk.note(call, at, FactKind.BLIND_TO)
        deadline = call.deadline_at
        if call.handled_by is None and deadline is not None and deadline <= at:
            # Seen to be unhandled after the deadline: a breach, stamped with it.
            desk.judge(call, overdue=True)
        desk.arm(call)


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


def without_overtaken(snapshot: PbxSnapshot, buffered: Sequence[Event]) -> PbxSnapshot:
    """Leave out of a snapshot's queues who joined them while it was taken, as ``buffered`` tells.

    The events tell the joining to the millisecond, and what came before it; the list tells whole
    seconds, and would have the callers wait there while what came before is replayed.
    """
    joined = {
        (event.queue, event.logged_as or event.uniqueid): event.at
        for event in buffered
        if isinstance(event, QueueJoined)
    }

    def is_overtaken(queue: str, entry: EntrySeen) -> bool:
        at = joined.get((queue, entry.uniqueid))
        return at is not None and abs(snapshot.at - entry.waited - at) <= SNAPSHOT_PRECISION

    return replace(
        snapshot,
        queues=tuple(
            replace(q, entries=tuple(e for e in q.entries if not is_overtaken(q.queue, e)))
            for q in snapshot.queues
        ),
    )


def on_snapshot(desk: Desk, event: PbxSnapshot) -> None:
    """Make the record agree with what the PBX says now. Nothing is judged by it yet."""
    seen = {channel.uniqueid: channel for channel in event.channels}
    entries = {e.uniqueid: (q.queue, e) for q in event.queues for e in q.entries}
    desk.pbx.starts += event.restarted
    if event.restarted and desk.pbx.blind_since is not None:
        desk.pbx.blind_cause += " The PBX started anew."
    desk.missing.clear()
    desk.heard_since = event.at
    if event.complete:
        _forget_what_is_gone(desk, seen, entries, event.at)
    _rebuild_bridges(desk, event)
    _replace_members(desk, event)
    on_behalf.meet_in_snapshot(desk, event, entries)
    for channel in event.channels:
        _meet(desk, channel, queued=channel.uniqueid in entries, at=event.at)
    for call in list(desk.calls.values()):
        if call.uniqueid not in desk.missing:
            entry = entries.get(call.uniqueid)
            _recover(desk, call, seen.get(call.uniqueid), entry, event.at)
    if not event.complete:
        _lose_visits(desk, {queue.queue for queue in event.queues}, entries, event.at)
    if desk.pbx.blind_since is None:
        _lose_missing(desk, event.at)


def _forget_what_is_gone(
    desk: Desk, seen: Mapping[str, ChannelSeen], entries: Container[str], at: Ms
) -> None:
    for uniqueid in desk.channels.keys() - seen.keys():
        # Its Hangup may have been missed; a replayed Newchannel brings back one that is younger.
        del desk.channels[uniqueid]
        desk.met.discard(uniqueid)
    for call in list(desk.calls.values()):
        if call.uniqueid not in seen and call.uniqueid not in entries:
            _miss(desk, call, at)


def _rebuild_bridges(desk: Desk, event: PbxSnapshot) -> None:
    """Who talks to whom; parking, conferences and bridges of unknown kind are no conversations."""
    desk.bridges.clear()
    desk.bridge_of.clear()
    for channel in event.channels:
        if channel.bridge and channel.bridge_type == "basic":
            desk.bridges.setdefault(channel.bridge, {})[channel.uniqueid] = channel.channel
            desk.bridge_of[channel.uniqueid] = channel.bridge


def _miss(desk: Desk, call: Call, at: Ms) -> None:
    """The snapshot does not show the call; the events buffered meanwhile may tell of its end."""
    desk.missing.add(call.uniqueid)
    call.observed = Observed.PARTIAL
    desk.touch(call)
    if call.visit is None:
        call.in_doubt = True
    else:
        _lose_visit(desk, call, call.visit, at)


def _lose_missing(desk: Desk, at: Ms) -> None:
    """The calls whose end nothing told ended while nobody looked."""
    lost = desk.missing & desk.calls.keys()
    for uniqueid in lost:
        call = desk.calls[uniqueid]
        if call.visit is not None:
            # What was buffered had the caller join a queue; nothing said how that went on.
            _lose_visit(desk, call, call.visit, max(at, call.visit.joined_at))
        desk.note(call, at, FactKind.ENDED, observed=0)
        desk.close_call(call, None)
        desk.remember_until(call, at + REMEMBERED)
    ids = {f"{desk.pbx.name}:{uniqueid}" for uniqueid in lost}
    for member in desk.members.values():
        if member.call_id in ids:
            member.call_id = ""
            agents.settle(desk, member, at)
    desk.missing.clear()


def _lose_visit(desk: Desk, call: Call, visit: Visit, at: Ms) -> None:
    """The visit ended while nobody looked; an Abandon that is said from now on was buffered."""
    visit.given_up = visit.moved = False
    desk.exit_visit(call, visit, Exit.UNKNOWN, at)


def on_queue_lost(desk: Desk, event: QueueLost) -> None:
    """The caller waits there no more; what was buffered may tell how that ended."""
    call = desk.find(event.uniqueid)
    visit = None if call is None else call.visit
    if call is not None and visit is not None and visit.queue == event.queue:
        _lose_visit(desk, call, visit, event.at)


def _meet(desk: Desk, seen: ChannelSeen, *, queued: bool, at: Ms) -> None:
    """A channel that is not followed: follow it if it is a caller's, else remember it."""
    gone = desk.closed.get(seen.uniqueid)
    if gone is not None and gone.ended_at is None:
        desk.reopen(gone)
    if desk.find(seen.uniqueid) is not None:
        return
    channel = ChannelArrived(
        desk.pbx.name, clock_steps.began(desk, at, seen.age), seen.uniqueid, seen.linkedid,
        seen.channel, seen.context, seen.exten, seen.number, seen.name,
    )  # fmt: skip
    leg = seen.uniqueid in desk.locals.legs
    if queued or (not leg and _looks_like_caller(desk, seen)):
        begin_call(desk, channel, arrival_seen=False)
    elif seen.uniqueid not in desk.channels:
        desk.channels[seen.uniqueid] = channel
        desk.met.add(seen.uniqueid)


def _looks_like_caller(desk: Desk, seen: ChannelSeen) -> bool:
    """Whether a channel met in a snapshot is a caller's: its first, as far as can be seen.

    The snapshot says where the channel is, not where it came: the caller may have moved on. What
    still tells is that it runs Queue(), or that somebody called by a way on which callers come.
    """
    # The second half of a Local channel runs the dialplan under the first half's linkedid.
    own = seen.uniqueid == seen.linkedid or seen.channel.endswith(";2")
    dialled = seen.data == OUTGOING_LINE or seen.application.startswith("AppDial")
    if not own or dialled or seen.channel.endswith(";1"):
        return False
    if desk.rules.is_incoming(desk.pbx.name, seen.context) or seen.application == "Queue":
        return True
    if desk.rules.voice_server_of_context(seen.context) is not None:
        return True
    if voice.stasis_server(desk.rules, seen.application, seen.data):
        return True
    way = interface_of(seen.channel)
    if way.startswith("Local/"):
        return on_behalf.is_dialled_as_caller(desk, seen.channel)
    return bool(seen.dialled) and way in desk.ways


def _recover(
    desk: Desk, call: Call, seen: ChannelSeen | None, entry: tuple[str, EntrySeen] | None, at: Ms
) -> None:
    """A call that is still there: continue, move or answer its visit as the snapshot proves."""
    desk.touch(call)
    if desk.pbx.blind_since is not None:
        call.observed = Observed.PARTIAL
    agent = _partner(desk, call)
    if entry is not None:
        _recover_waiting(desk, call, *entry, at)
    elif agent:
        _recover_talking(desk, call, agent, seen, at)
    elif seen is not None:
        _recover_elsewhere(desk, call, seen, at)
    if seen is not None:
        call.context, call.exten = seen.context, seen.exten


def _lose_visits(desk: Desk, queues: set[str], entries: Container[str], at: Ms) -> None:
    """Channels may not be listed, but queues are: who is in no list of theirs waits no more.

    Of all others nothing is known: they may be with an agent, or gone.
    """
    for call in desk.calls.values():
        if call.uniqueid in entries:
            continue
        if desk.pbx.blind_since is not None and not call.in_doubt:
            call.in_doubt = True
            desk.touch(call)
        visit = call.visit
        if visit is not None and visit.left_at is None and visit.queue in queues:
            _lose_visit(desk, call, visit, at)


def _recover_waiting(desk: Desk, call: Call, queue: str, entry: EntrySeen, at: Ms) -> None:
    visit = call.visit
    going_on = visit is not None and visit.queue == queue and visit.left_at is None
    # Else somebody had them and sent them back to the queue.
    same = visit is not None and queueing.is_same_wait(call, visit, at - entry.waited)
    if visit is not None and going_on and same:
        visit.position = entry.position
        desk.queue(queue).join(call)
        return
    call.in_doubt = True  # on the way here somebody may have taken care of the caller
    joined_at = max(call.arrived_at, clock_steps.began(desk, at, entry.waited))
    joined = QueueJoined(
        desk.pbx.name, joined_at, call.uniqueid, queue, entry.position,
        logged_as="" if entry.uniqueid == call.uniqueid else entry.uniqueid,
    )  # fmt: skip
    if visit is not None:
        _lose_visit(desk, call, visit, joined.at)
    queueing.on_queue_joined(desk, joined, call)


def _recover_talking(desk: Desk, call: Call, agent: str, seen: ChannelSeen | None, at: Ms) -> None:
    """The caller talks to an agent, since an unknown moment before ``at`` if we did not know."""
    voice.leave(desk, call, at)
    if call.handled_by is None:
        call.in_doubt = True  # by which way, and by whom first, nobody saw
    visit = call.visit
    if visit is not None and _is_still_in(seen, visit.queue):
        name = _member_name(desk, visit.queue, agent)
        queueing.answered_unseen(desk, call, visit, name, agent, at)
        return
    if visit is not None:
        _lose_visit(desk, call, visit, at)
    if not call.agent:
        desk.handled_by_then(call, at, HandledBy.AGENT, agent)


def _is_still_in(seen: ChannelSeen | None, queue: str) -> bool:
    """Whether the caller's channel runs the application of this queue, as far as the PBX says."""
    if seen is None or not seen.application:
        return True
    named = seen.data.partition(",")[0]
    return seen.application == "Queue" and named in {"", queue}


def _member_name(desk: Desk, queue: str, interface: str) -> str:
    """The name of the member whose phone this is; else the interface itself."""
    for key in (interface, f"{interface}/n"):
        member = desk.members.get((queue, key))
        if member is not None:
            return member.name
    return interface


def _recover_elsewhere(desk: Desk, call: Call, seen: ChannelSeen, at: Ms) -> None:
    """The caller is in the dialplan, perhaps in a voice server."""
    if call.visit is not None:
        _lose_visit(desk, call, call.visit, at)
    call.in_doubt = True  # an agent, or a key in the voice server, may have come and gone
    voice.find(desk, call, seen, at)


def _partner(desk: Desk, call: Call) -> str:
    """The interface of whoever is bridged with the caller; empty when nobody is."""
    heard = on_behalf.heard(desk, desk.bridge_of.get(call.uniqueid, ""))
    return on_behalf.partner(heard, call)


def _replace_members(desk: Desk, event: PbxSnapshot) -> None:
    """Take the members as they are now; those whom the PBX no longer names are gone."""
    live_calls = {call.id for call in desk.calls.values()}
    named = {(m.queue, m.interface) for q in event.queues for m in q.members}
    for key in [key for key in desk.members if key not in named]:
        del desk.members[key]
        desk.emit(MemberGone(desk.pbx.name, *key, event.at))
    desk.announced = {queue.queue for queue in event.queues}
    for queue in event.queues:
        desk.queue(queue.queue)
        for changed in queue.members:
            known = desk.members.get((changed.queue, changed.interface))
            if known is not None:
                known.holding = False  # whether it still lasts, nobody saw
                if known.call_id not in live_calls:
                    known.call_id = ""
            agents.on_member_changed(desk, changed)
