"""The PBX's clock was set: what is live goes over to the new time.

All moments of a call are the PBX's own stamps, and its waits are their differences. Once the PBX's
clock is set by an hour, a stamp of before and one of after it differ by an hour too much. So every
moment of each live call is moved by as much: the differences stay what they truly were, and so do
the deadlines. The timeline says so; the stamps that the PBX gave before are those shown, less
``by_ms``. Closed calls stay as they are.

A member's last call is *not* moved: Asterisk itself compares it with the clock that was set, so an
agent's wrap-up time really ends sooner or later by as much.
"""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Final

from monitor.core import agents
from monitor.core.clock import SECOND, Ms
from monitor.core.desk import Desk, Stepped
from monitor.core.effects import BlindIntervalChanged, ClockMoved, PbxUpdated
from monitor.core.events import ClockStepped
from monitor.core.records import BlindInterval, Call, FactKind, Visit, VoiceServerStay

Record = Call | Visit | VoiceServerStay

MOMENTS: Final = {
    kind: tuple(f.name for f in fields(kind) if f.name.endswith("_at"))
    for kind in (Call, Visit, VoiceServerStay)
}
"""The fields of a record that are moments on the PBX's clock: all that are named so."""


def on_clock_stepped(desk: Desk, event: ClockStepped) -> None:
    """Move what is live into the new time."""
    pbx, by = desk.pbx, event.by
    pbx.clock_offset -= by
    pbx.since += by
    desk.heard_since += by
    desk.locals.listed_at += by
    desk.timers.shift(by)
    desk.emit(ClockMoved(pbx.name, event.at, by))
    _move_blindness(desk, event)
    for uniqueid, channel in desk.channels.items():
        desk.channels[uniqueid] = replace(channel, at=channel.at + by)
    for uniqueid, until in desk.kept_until.items():
        desk.kept_until[uniqueid] = until + by
    for uniqueid, (queue, at) in desk.queue_app.items():
        desk.queue_app[uniqueid] = (queue, at + by)
    for uniqueid, early in desk.early.items():
        desk.early[uniqueid] = [replace(said, at=said.at + by) for said in early]
    for leg in desk.locals.legs.values():
        leg.kept = [replace(said, at=said.at + by) for said in leg.kept]
    # A call whose end was not seen may yet turn out to live.
    unseen = [call for call in desk.closed.values() if call.ended_at is None]
    for call in [*desk.calls.values(), *unseen]:
        _move_call(desk, call, event)
    for member in desk.members.values():
        member.since += by
        agents.settle(desk, member, event.at)
    desk.emit(PbxUpdated(pbx.name, pbx.link))


def began(desk: Desk, at: Ms, age: Ms) -> Ms:
    """When something began that a snapshot of ``at`` says to be ``age`` old.

    Asterisk counts ages by the clock that was set, so one from before the step is wrong by as much
    (it may be negative). Whatever is met after a blind interval began in it, which tells the two
    apart as long as the interval was shorter than the step.
    """
    told = at - age
    lost = desk.stepped
    if lost is None:
        return min(told, at)
    if lost.since <= told <= at:
        return told
    moved = told + lost.by
    return moved if lost.since <= moved <= at else min(told, at)


def _move_blindness(desk: Desk, event: ClockStepped) -> None:
    """End the blind interval in the old time and begin it again in the new one."""
    pbx, by = desk.pbx, event.by
    if pbx.blind_since is None:
        return
    if desk.stepped is None:
        desk.stepped = Stepped(pbx.blind_since)
    desk.stepped.since += by
    desk.stepped.by += by
    cause = pbx.blind_cause
    ended = max(pbx.blind_since, event.at - by)
    desk.emit(BlindIntervalChanged(BlindInterval(pbx.name, pbx.blind_since, ended, cause)))
    pbx.blind_since = event.at
    desk.emit(BlindIntervalChanged(BlindInterval(pbx.name, event.at, None, cause)))


def _move_call(desk: Desk, call: Call, event: ClockStepped) -> None:
    by = event.by
    arrived = call.arrived_at
    # It may be a call of another day now.
    desk.count_call(call, -1)
    records: list[Record] = [call, *call.visits, *call.stays]
    for record in records:
        _move(record, by)
    desk.count_call(call, 1)
    call.facts = [replace(fact, at=fact.at + by) for fact in call.facts]
    marks = desk.marks.get(call.uniqueid)
    if marks is not None:
        marks.move(by)
    desk.note(call, event.at, FactKind.CLOCK_STEPPED, by_ms=by, arrived_at=_iso(arrived))
    desk.rewrite(call)


def _move(record: Record, by: Ms) -> None:
    for name in MOMENTS[type(record)]:
        moment = getattr(record, name)
        if moment is not None:
            setattr(record, name, moment + by)


def _iso(moment: Ms) -> str:
    """The stamp as the PBX gave it, for the timeline."""
    text = datetime.fromtimestamp(moment / SECOND, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
