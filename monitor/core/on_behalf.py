"""Whose call a leg's events are about, and who hears whom through Local channels.

See :mod:`monitor.core.legs` for what a leg is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from monitor.core import clock_steps, queueing, voice
from monitor.core.clock import Ms
from monitor.core.desk import REMEMBERED, Desk
from monitor.core.events import (
    ChannelArrived,
    ChannelSeen,
    DialplanStep,
    DialStarted,
    EntrySeen,
    Event,
    PbxSnapshot,
    QueueJoined,
    QueueLost,
)
from monitor.core.legs import Leg
from monitor.core.records import Call
from monitor.core.timers import Timer


class Heard(NamedTuple):
    """Who hears each other: the calls, and the channels of other people, by their names."""

    calls: list[Call]
    people: list[str]
    legs: list[Leg]


# --- meeting legs -------------------------------------------------------------------------------


def meet(
    desk: Desk,
    channel: ChannelArrived | ChannelSeen,
    near: ChannelArrived | ChannelSeen | None = None,
) -> None:
    """A channel came, or was seen: it may be half of a Local channel, and that may be a leg.

    A Local channel that the PBX makes of its own will (``Originate``) has the id of its own first
    half as ``Linkedid``; one that is made on behalf of somebody has theirs. Where the first half
    was not seen, ``near`` is not known: then only a context of callers makes it a caller.
    """
    desk.locals.meet(channel.uniqueid, channel.channel)
    if not channel.channel.endswith(";2") or channel.uniqueid in desk.locals.legs:
        return
    first = desk.locals.other.get(channel.uniqueid, "")
    near = near or desk.channels.get(first)
    if near is not None:
        own = near.linkedid in {"", near.uniqueid}
    elif not channel.linkedid and not channel.context:
        # Known from a queue's list alone: its name says what it was made for.
        own = is_dialled_as_caller(desk, channel.channel)
    else:
        own = channel.linkedid in {"", channel.uniqueid, first} or (
            desk.find(channel.linkedid) is None
            and desk.rules.is_incoming(desk.pbx.name, channel.context)
        )
    if not own and desk.find(channel.uniqueid) is None:
        desk.locals.legs[channel.uniqueid] = Leg(channel.uniqueid)


def is_dialled_as_caller(desk: Desk, channel: str) -> bool:
    """Whether a Local channel was made to a context where callers arrive, by its name."""
    context = interface_of(channel).rpartition("@")[2]
    return desk.rules.is_incoming(desk.pbx.name, context)


def met_in_queue(desk: Desk, event: QueueJoined) -> bool:
    """Whether a channel that nobody saw arrive, and that joins a queue, is a leg."""
    incoming = desk.rules.is_incoming(desk.pbx.name, event.context)
    if not event.channel.endswith(";2") or incoming:
        return False
    desk.locals.meet(event.uniqueid, event.channel)
    leg = desk.locals.legs[event.uniqueid] = Leg(event.uniqueid)
    leg.note(event)
    leg.keep(event)
    return True


def meet_in_snapshot(
    desk: Desk, event: PbxSnapshot, entries: dict[str, tuple[str, EntrySeen]]
) -> None:
    """Find the legs among the channels; in ``entries`` their places become those of their calls."""
    seen = {channel.uniqueid: channel for channel in event.channels}
    desk.locals.listed_at = event.at
    _meet_locals(desk, seen, complete=event.complete)
    for leg in desk.locals.legs.values():
        if leg.waits and leg.uniqueid not in entries:
            leg.keep(QueueLost(desk.pbx.name, event.at, leg.uniqueid, leg.queue))
    for bridge in desk.bridges:
        found = heard(desk, bridge)
        for leg in found.legs if found.calls else ():
            adopt(desk, leg, found.calls[0], event.at)
    queued = {uniqueid for uniqueid, one in seen.items() if one.application == "Queue"}
    for uniqueid in (queued | entries.keys() & seen.keys()) - desk.locals.legs.keys():
        way = interface_of(seen[uniqueid].channel)
        if uniqueid not in desk.calls and _talks_to_a_caller(desk, way, uniqueid):
            desk.locals.legs[uniqueid] = Leg(uniqueid, phone=True)
    for uniqueid in entries.keys() & desk.locals.legs.keys():
        queue, entry = entries.pop(uniqueid)
        leg = desk.locals.legs[uniqueid]
        _waits_in_snapshot(desk, leg, seen, event.at)
        if leg.call:
            leg.queue = queue
            entries[leg.call] = (queue, entry)
        elif not any(isinstance(kept, QueueJoined) for kept in leg.kept):
            joined_at = clock_steps.began(desk, event.at, entry.waited)
            joined = QueueJoined(desk.pbx.name, joined_at, uniqueid, queue, entry.position)
            leg.note(joined)
            leg.keep(joined)


def _meet_locals(desk: Desk, seen: Mapping[str, ChannelSeen], *, complete: bool) -> None:
    """Remember all Local channels of a snapshot, and forget those that are gone."""
    if complete:
        for uniqueid in desk.locals.names.keys() - seen.keys():
            desk.locals.forget(uniqueid)
        for uniqueid in desk.locals.legs.keys() - seen.keys():
            del desk.locals.legs[uniqueid]
    for channel in seen.values():
        desk.locals.meet(channel.uniqueid, channel.channel)
    for channel in seen.values():
        meet(desk, channel, seen.get(desk.locals.other.get(channel.uniqueid, "")))
        leg = desk.locals.legs.get(channel.uniqueid)
        if leg is not None:
            leg.context = channel.context


def _waits_in_snapshot(desk: Desk, leg: Leg, seen: Mapping[str, ChannelSeen], at: Ms) -> None:
    """Find out for whom a leg waits that nobody talks to: for the caller whose dialplan dials it.

    An agent who asks in a queue is bridged with the leg, or at least is not in the dialplan.
    """
    first = seen.get(desk.locals.other.get(leg.uniqueid, ""))
    if leg.call or first is None or first.uniqueid in desk.bridge_of:
        return
    dialling = seen.get(first.linkedid)
    call = desk.calls.get(first.linkedid)
    if call is None or dialling is None or call.uniqueid in desk.bridge_of:
        return
    if dialling.application == "Dial":
        adopt(desk, leg, call, at)


def consults(desk: Desk, event: QueueJoined) -> bool:
    """Whether an agent asks in a queue by a second call of the phone on which a caller is held.

    The caller may be handed over to that queue; until then it is nobody's wait.
    """
    way = interface_of(event.channel)
    if not _talks_to_a_caller(desk, way, event.uniqueid):
        return False
    leg = desk.locals.legs[event.uniqueid] = Leg(event.uniqueid, phone=True)
    leg.note(event)
    leg.keep(event)
    return True


def _talks_to_a_caller(desk: Desk, way: str, but: str) -> bool:
    """Whether a member's phone is bridged with a caller, on another channel than ``but``."""
    if all(interface != way for _, interface in desk.members):
        return False
    return any(
        uniqueid != but and uniqueid not in desk.calls and interface_of(name) == way
        for inside in desk.bridges.values()
        if not desk.calls.keys().isdisjoint(inside)
        for uniqueid, name in inside.items()
    )


def transferred(desk: Desk, call: Call, second: str, at: Ms) -> None:
    """The agent joined the caller with what the agent's second channel was doing."""
    leg = desk.locals.legs.get(second)
    if leg is not None:
        adopt(desk, leg, call, at)


def gone(desk: Desk, uniqueid: str, at: Ms) -> None:
    """A channel ended; a leg's takes its wait with it, not the call."""
    desk.locals.forget(uniqueid)
    leg = desk.locals.legs.get(uniqueid)
    if leg is None:
        return
    call = desk.calls.get(leg.call) if leg.call and not leg.phone else None
    if call is not None and call.visits and call.visits[-1].queue == leg.queue:
        queueing.decide_by_end(desk, call, at)
    if call is not None and desk.rules_of(call).voice_server_of_context(leg.context) is not None:
        voice.leave(desk, call, at)
    desk.timers.set(at + REMEMBERED, Timer.FORGET, uniqueid)


# --- what is said of a leg ----------------------------------------------------------------------


def take(desk: Desk, leg: Leg, event: Event) -> Event | None:
    """What the event of a leg says of the call behind it; None where it says nothing (yet)."""
    came_from = leg.context
    leg.note(event)
    call = desk.find(leg.call) if leg.call else None
    if call is None:
        if not isinstance(event, DialplanStep) or _matters(desk, leg, event, came_from):
            leg.keep(event)
        return None
    if isinstance(event, DialplanStep):
        _step(desk, leg, call, event, came_from)
        return None
    if isinstance(event, QueueJoined):
        return replace(event, uniqueid=leg.call, logged_as=leg.uniqueid)
    return replace(event, uniqueid=leg.call)  # type: ignore[call-arg]


def _matters(desk: Desk, leg: Leg, step: DialplanStep, came_from: str) -> bool:
    """Whether a step could say anything of the call that the leg may turn out to act for.

    Most legs are phones of agents whose dialplan touches neither a queue nor a voice server.
    """
    if leg.queue or step.application == "Queue":
        return True
    server = desk.rules.voice_server_of_context
    return server(step.context) is not None or server(came_from) is not None


def _step(desk: Desk, leg: Leg, call: Call, step: DialplanStep, came_from: str) -> None:
    """A leg's dialplan goes on: the caller's stays where it is.

    A leg that ends may run an ``h`` while the caller is in a voice server already, on their own.
    """
    visit = call.visit
    if visit is not None and visit.queue == leg.queue and visit.left_at is not None:
        queueing.decide_by_dialplan(desk, call, step)
    if step.application == "Queue":
        desk.queue_app[call.uniqueid] = (step.data.partition(",")[0], step.at)
    inside = call.stay is not None and call.stay.left_at is None
    server = desk.rules_of(call).voice_server_of_context
    if server(step.context) is not None:
        voice.enter_context(desk, call, step.context, step.at)
    elif inside and server(came_from) is not None:
        voice.leave(desk, call, step.at)


# --- whose leg it is ----------------------------------------------------------------------------


def dialled(desk: Desk, event: DialStarted) -> None:
    """A caller is connected through, not offered to a member: the leg that is dialled is theirs."""
    leg = desk.locals.legs.get(desk.locals.other.get(event.dest_uniqueid, ""))
    call = desk.calls.get(event.uniqueid)
    if leg is not None and call is not None and call.visit is None:
        adopt(desk, leg, call, event.at)


def adopt(desk: Desk, leg: Leg, call: Call, at: Ms) -> None:
    """From ``at`` on the leg acts for this call; what was kept of it is told again."""
    if leg.call:
        return
    leg.call = call.uniqueid
    if leg.phone and leg.exten:
        # From here the caller goes on; the step that shows it is no way out of the queue.
        call.context, call.exten = leg.context, leg.exten
    kept, leg.kept = leg.kept, []
    if kept:
        desk.again.append((call, at, kept))


def heard(desk: Desk, bridge: str, at: Ms | None = None) -> Heard:
    """Everybody who hears each other: in a bridge, and behind the Local channels in it.

    At the end of a leg that is in no bridge runs a dialplan: it is a queue, a voice server, a
    greeting or a ringing phone, and no person.

    An event (``at``) that a snapshot has overtaken tells of one bridge, not of the others then.
    """
    through = at is None or at >= desk.locals.listed_at
    found = Heard([], [], [])
    for uniqueid, name in _reach(desk, bridge, through=through):
        call = desk.calls.get(uniqueid)
        other = desk.locals.other.get(uniqueid)
        leg = desk.locals.legs.get(other or "")
        if leg is not None:
            found.legs.append(leg)
        if call is not None:
            found.calls.append(call)
        elif leg is None and (other is None or other not in desk.bridge_of):
            found.people.append(name)
    return found


def partner(heard: Heard, call: Call) -> str:
    """The interface of whoever talks to a caller; empty when nobody does."""
    others = heard.people or [other.channel for other in heard.calls if other is not call]
    return interface_of(others[0]) if others else ""


def interface_of(channel: str) -> str:
    """The interface of a channel name: ``PJSIP/agent1-0000002a`` → ``PJSIP/agent1``."""
    return channel.rpartition("-")[0] or channel


def _reach(desk: Desk, start: str, *, through: bool) -> Iterator[tuple[str, str]]:
    todo, seen = [start], {start}
    while todo:
        for uniqueid, name in desk.bridges.get(todo.pop(), {}).items():
            yield uniqueid, name
            there = desk.bridge_of.get(desk.locals.other.get(uniqueid, ""), "")
            if through and there and there not in seen:
                seen.add(there)
                todo.append(there)
