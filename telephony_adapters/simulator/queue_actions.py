"""AMI actions of queues: their lists, their members, and their waiting callers."""

import re

from . import lists
from .parts import Entry, Member
from .requests import Request
from .session import Session, id_line, is_true


def status(session: Session, request: Request) -> None:
    """List queues with their members and waiting callers."""
    queue, member = request.get("queue"), request.get("member")
    items = lists.queue_status(session.centre, queue, member, id_line(request))
    session.listing(request, "Queue status will follow", items, "QueueStatusComplete")


def summary(session: Session, request: Request) -> None:
    """List queues in one line each."""
    items = lists.queue_summary(session.centre, request.get("queue"), id_line(request))
    session.listing(request, "Queue summary will follow", items, "QueueSummaryComplete")


def add(session: Session, request: Request) -> None:
    """Make a device a member of a queue."""
    queue, interface, centre = request.get("queue"), request.get("interface"), session.centre
    if not _specified(session, request, "Queue", "Interface"):
        return
    if queue not in centre.queues:
        session.error(request, "Unable to add interface to queue: No such queue")
    elif interface in centre.queues[queue].members:
        session.error(request, "Unable to add interface: Already there")
    else:
        session.success(request, "Added interface to queue")
        phone = centre.phone(interface)
        paused = is_true(request.get("paused"))
        centre.add_member(
            queue,
            phone,
            request.get("membername") or phone.agent,
            max(0, _number(request.get("penalty"))),
            state_interface=request.get("stateinterface"),
            paused=paused,
            reason=request.get("reason") if paused else "",
        )


def remove(session: Session, request: Request) -> None:
    """Take a member out of a queue."""
    queue, interface = request.get("queue"), request.get("interface")
    if not queue or not interface:
        session.error(request, "Need 'Queue' and 'Interface' parameters.")
        return
    found = session.centre.queues.get(queue)
    if found is None:
        session.error(request, "Unable to remove interface from queue: No such queue")
    elif interface not in found.members:
        session.error(request, "Unable to remove interface: Not there")
    else:
        session.success(request, "Removed interface from queue")
        session.centre.acd.remove(found.members[interface])


def pause(session: Session, request: Request) -> None:
    """Pause or unpause a member, in one queue or in all."""
    if not request.get("interface") or not request.get("paused"):
        session.error(request, "Need 'Interface' and 'Paused' parameters.")
        return
    places = _places(session, request)
    if not places:
        session.error(request, "Interface not found")
    elif is_true(request.get("paused")):
        session.success(request, "Interface paused successfully")
        session.centre.acd.pause(places, request.get("reason"))
    else:
        session.success(request, "Interface unpaused successfully")
        session.centre.acd.unpause(places)


def penalty(session: Session, request: Request) -> None:
    """Set a member's penalty."""
    wanted = request.get("penalty")
    if not request.get("interface") or not wanted:
        session.error(request, "Need 'Interface' and 'Penalty' parameters.")
        return
    places, number = _places(session, request), _number(wanted)
    if not places or number < 0:
        session.error(request, "Invalid interface, queuename or penalty")
        return
    session.success(request, "Interface penalty set successfully")
    for place in places:
        place.penalty = number
        session.centre.tell.member_changed("QueueMemberPenalty", place)


def withdraw(session: Session, request: Request) -> None:
    """Ask for a waiting caller to be sent back to the dialplan."""
    failed = "Unable to request withdraw from queue"
    if not _specified(session, request, "Queue", "Caller"):
        return
    entry = _entry(session, request, failed)
    if entry is None:
        return
    if entry.withdraw:
        session.error(request, f"{failed}: Already requested")
        return
    session.success(request, "Withdraw requested successfully")
    session.centre.acd.withdraw(entry, request.get("withdrawinfo"))


def change_priority(session: Session, request: Request) -> None:
    """Give a waiting caller another priority, and at once the place for it, if wanted."""
    if not _specified(session, request, "Queue", "Caller", "Priority"):
        return
    if not _NUMBER.match(request.get("priority")):
        session.error(request, "'Priority' need integer.")
        return
    entry = _entry(session, request, "Unable to change priority caller on queue")
    if entry is not None:
        session.success(request, "Priority change for caller on queue")
        session.centre.acd.reprioritise(
            entry, _number(request.get("priority")), immediate=is_true(request.get("immediate"))
        )


# --- inside -------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\s*[-+]?\d+")


def _number(text: str) -> int:
    """A number as C's ``atoi`` reads it: what is none is 0."""
    found = _NUMBER.match(text)
    return int(found[0]) if found else 0


def _specified(session: Session, request: Request, *names: str) -> bool:
    """Whether an action has these headers; says which one is missing."""
    missing = next((name for name in names if not request.get(name.lower())), None)
    if missing:
        session.error(request, f"'{missing}' not specified.")
    return missing is None


def _entry(session: Session, request: Request, failed: str) -> Entry | None:
    """The waiting caller that an action names; says so when there is none."""
    queue = session.centre.queues.get(request.get("queue"))
    if queue is None:
        session.error(request, f"{failed}: No such queue")
        return None
    name = request.get("caller")
    for entry in queue.entries:
        if entry.call.channel.name == name:
            return entry
    session.error(request, f"{failed}: No such caller")
    return None


def _places(session: Session, request: Request) -> list[Member]:
    queue, interface = request.get("queue"), request.get("interface")
    queues = session.centre.queues
    return [
        one.members[interface]
        for one in queues.values()
        if interface in one.members and (not queue or one.name == queue)
    ]
