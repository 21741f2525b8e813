"""AMI actions: what each does to the centre, and what Asterisk 22.10.1 answers, word for word."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol

from monitor.core.clock import SECOND

from . import lists
from .centre import PATIENT, Centre
from .parts import Call, Channel, ChannelState, Member
from .requests import Request


class Session(Protocol):
    """The connection that an action came in on."""

    @property
    def centre(self) -> Centre:
        """The centre behind it."""

    def success(self, request: Request, message: str = "", more: str = "") -> None:
        """Answer ``Success``."""

    def error(self, request: Request, message: str) -> None:
        """Answer ``Error``."""

    def listing(self, request: Request, message: str, items: list[str], end: str) -> None:
        """Answer with a list, closed by the event ``end``."""


Action = Callable[[Session, Request], None]

VERSION: Final = "22.10.1"
AMI_VERSION: Final = "11.0.0"


# --- the PBX ------------------------------------------------------------------------------------


def ping(session: Session, request: Request) -> None:
    """Say that the PBX lives, and what time it has."""
    stamp = session.centre.frames.stamps.next()
    session.success(request, more=f"Ping: Pong\r\nTimestamp: {stamp}\r\n")


def core_status(session: Session, request: Request) -> None:
    """When the PBX started and what it carries."""
    centre = session.centre
    begin = datetime.fromtimestamp(centre.begin / SECOND, UTC)
    day, time = begin.strftime("%Y-%m-%d"), begin.strftime("%H:%M:%S")
    session.success(
        request,
        more=f"CoreStartupDate: {day}\r\nCoreStartupTime: {time}\r\nCoreReloadDate: {day}\r\n"
        f"CoreReloadTime: {time}\r\nCoreCurrentCalls: {len(centre.calls)}\r\n"
        f"CoreProcessedCalls: {centre.processed}\r\n",
    )


def core_settings(session: Session, request: Request) -> None:
    """Which PBX it is."""
    session.success(
        request,
        more=f"AMIversion: {AMI_VERSION}\r\nAsteriskVersion: {VERSION}\r\n"
        f"SystemName: {session.centre.system_name}\r\nCoreMaxCalls: 0\r\n"
        "CoreMaxLoadAvg: 0.000000\r\nCoreRunUser: \r\nCoreRunGroup: \r\n"
        "CoreMaxFilehandles: 0\r\nCoreRealTimeEnabled: Yes\r\nCoreCDRenabled: Yes\r\n"
        "CoreHTTPenabled: No\r\nSoundsSearchCustomDir: No\r\n",
    )


def user_event(session: Session, request: Request) -> None:
    """Send an event of the client's own."""
    session.success(request, "Event Sent")
    body = f"UserEvent: {request.get('userevent')}\r\n"
    if request.action_id:
        body += f"ActionID: {request.action_id}\r\n"
    for name, value in request.headers:
        if name.lower() not in ("action", "actionid", "userevent"):
            body += f"{name}: {value}\r\n"
    session.centre.frames.event("UserEvent", "user", body)


def set_variable(session: Session, request: Request) -> None:
    """Set a variable of a channel, or a global one."""
    name, value, centre = request.get("variable"), request.get("value"), session.centre
    if not name:
        session.error(request, "No variable specified")
        return
    channel = _channel(session, request)
    if request.get("channel") and channel is None:
        session.error(request, "No such channel")
        return
    session.success(request, "Variable Set")
    if channel is not None:
        centre.frames.variable(channel, name, value)
        return
    centre.variables[name] = value
    body = f"Channel: none\r\nUniqueid: none\r\nVariable: {name}\r\nValue: {value}\r\n"
    centre.frames.event("VarSet", "dialplan", body)


def get_variable(session: Session, request: Request) -> None:
    """Read a variable of a channel, or a global one."""
    name = request.get("variable")
    if not name:
        session.error(request, "No variable specified")
        return
    channel = _channel(session, request)
    if request.get("channel") and channel is None:
        session.error(request, "No such channel")
        return
    source = session.centre.variables if channel is None else channel.variables
    session.success(request, more=f"Variable: {name}\r\nValue: {source.get(name, '')}\r\n")


# --- channels -----------------------------------------------------------------------------------


def bridge_list(session: Session, request: Request) -> None:
    """List the bridges."""
    items = lists.bridges(session.centre, _id_line(request))
    session.listing(request, "Bridge listing will follow", items, "BridgeListComplete")


def core_show_channels(session: Session, request: Request) -> None:
    """List the channels."""
    items = lists.channels(session.centre, _id_line(request))
    session.listing(request, "Channels will follow", items, "CoreShowChannelsComplete")


def redirect(session: Session, request: Request) -> None:
    """Send a channel elsewhere in the dialplan."""
    name, exten, context = (request.get(key) for key in ("channel", "exten", "context"))
    priority = request.get("priority")
    for value, word in ((name, "Channel"), (context, "Context"), (exten, "Exten")):
        if not value:
            session.error(request, f"{word} not specified")
            return
    if not priority.isdigit():
        session.error(request, f"Invalid priority: {priority}")
        return
    call = _call(session, request)
    if call is None:
        known = _channel(session, request) is not None
        text = "Redirect failed" if known else f"Channel does not exist: {name}"
        session.error(request, text)
        return
    session.success(request, "Redirect successful")
    session.centre.redirect(call, context, exten, int(priority))


def hangup(session: Session, request: Request) -> None:
    """End a channel, or all whose name matches ``/regex/``."""
    name = request.get("channel")
    if not name:
        session.error(request, "No channel specified")
        return
    if len(name) > 1 and name.startswith("/") and name.endswith("/"):
        pattern = re.compile(name[1:-1])
        found = [one for one in session.centre.channels.values() if pattern.search(one.name)]
        line = _id_line(request)
        items = [f"Event: ChannelHungup\r\nChannel: {one.name}\r\n{line}\r\n" for one in found]
        session.listing(
            request, "Channels hung up will follow", items, "ChannelsHungupListComplete"
        )
    else:
        channel = _channel(session, request)
        if channel is None:
            session.error(request, "No such channel")
            return
        found = [channel]
        session.success(request, "Channel Hungup")
    for channel in found:
        _end(session.centre, channel)


def _end(centre: Centre, channel: Channel) -> None:
    call = centre.calls.get(channel.name)
    if call is not None:
        centre.hang_up(call, asked=False)
        return
    for call in list(centre.calls.values()):
        if call.talk is not None and call.talk.leg is channel:
            centre.acd.finish(call.talk, agent_ends=True)
        elif call.twin is channel:
            centre.hang_up(call)


_LOCAL: Final = re.compile(r"Local/([^@/]+)@([^/]+)(?:/\w*)?")
_CALLER_ID: Final = re.compile(r'\s*"?([^"<]*?)"?\s*<([^>]*)>\s*')


def originate(session: Session, request: Request) -> None:
    """Make a call inside the PBX: ``Local/EXTEN@CONTEXT``, whose ``;2`` is the caller."""
    channel, application = request.get("channel"), request.get("application")
    if not channel or not (application or request.get("exten")):
        session.error(request, "Channel not specified")
        return
    if not application and not (request.get("context") and request.get("priority")):
        session.error(request, "Originate with 'Exten' requires 'Context' and 'Priority'")
        return
    if "/" not in channel:
        session.error(request, "Invalid channel")
        return
    local = _LOCAL.fullmatch(channel)
    if local is None:
        session.error(request, "Originate failed")
        return
    session.success(request, "Originate successfully queued")
    found = _CALLER_ID.fullmatch(request.get("callerid"))
    name, number = found.groups() if found else ("", request.get("callerid"))
    wait = request.get("data") if application == "Wait" else ""
    stay = round(float(wait) * SECOND) if wait else PATIENT
    centre = session.centre
    call = centre.originate(local[1], local[2], number or "<unknown>", name or "<unknown>", stay)
    waits_for_it = request.get("async").lower() in ("true", "yes", "1")
    if waits_for_it and call.twin is not None and call.twin.state is ChannelState.UP:
        _originated(centre, request, call.twin)


def _originated(centre: Centre, request: Request, first: Channel) -> None:
    body = _id_line(request) + f"Response: Success\r\nChannel: {first.name}\r\n"
    body += f"Application: {request.get('application')}\r\nData: {request.get('data')}\r\n"
    body += f"Reason: 4\r\nUniqueid: {first.uniqueid}\r\n"
    body += f"CallerIDNum: {first.number}\r\nCallerIDName: {first.caller_name}\r\n"
    centre.frames.event("OriginateResponse", "call", body)


# --- queues -------------------------------------------------------------------------------------


def queue_status(session: Session, request: Request) -> None:
    """List queues with their members and waiting callers."""
    queue, member = request.get("queue"), request.get("member")
    items = lists.queue_status(session.centre, queue, member, _id_line(request))
    session.listing(request, "Queue status will follow", items, "QueueStatusComplete")


def queue_summary(session: Session, request: Request) -> None:
    """List queues in one line each."""
    items = lists.queue_summary(session.centre, request.get("queue"), _id_line(request))
    session.listing(request, "Queue summary will follow", items, "QueueSummaryComplete")


def queue_add(session: Session, request: Request) -> None:
    """Make a device a member of a queue."""
    queue, interface, centre = request.get("queue"), request.get("interface"), session.centre
    for value, word in ((queue, "Queue"), (interface, "Interface")):
        if not value:
            session.error(request, f"'{word}' not specified.")
            return
    if queue not in centre.queues:
        session.error(request, "Unable to add interface to queue: No such queue")
    elif interface in centre.queues[queue].members:
        session.error(request, "Unable to add interface: Already there")
    else:
        session.success(request, "Added interface to queue")
        phone = centre.phone(interface)
        penalty = request.get("penalty")
        paused = request.get("paused").lower() in ("true", "yes", "1")
        name = request.get("membername") or phone.agent
        number = int(penalty) if penalty.isdigit() else 0
        reason = request.get("reason") if paused else ""
        centre.add_member(queue, phone, name, number, paused=paused, reason=reason)


def queue_remove(session: Session, request: Request) -> None:
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


def queue_pause(session: Session, request: Request) -> None:
    """Pause or unpause a member, in one queue or in all."""
    if not request.get("interface") or not request.get("paused"):
        session.error(request, "Need 'Interface' and 'Paused' parameters.")
        return
    places = _places(session, request)
    if not places:
        session.error(request, "Interface not found")
    elif request.get("paused").lower() in ("true", "yes", "1", "on"):
        session.success(request, "Interface paused successfully")
        session.centre.acd.pause(places, request.get("reason"))
    else:
        session.success(request, "Interface unpaused successfully")
        session.centre.acd.unpause(places)


def queue_penalty(session: Session, request: Request) -> None:
    """Set a member's penalty."""
    penalty = request.get("penalty")
    if not request.get("interface") or not penalty:
        session.error(request, "Need 'Interface' and 'Penalty' parameters.")
        return
    places = _places(session, request)
    if not places or not penalty.isdigit():
        session.error(request, "Invalid interface, queuename or penalty")
        return
    session.success(request, "Interface penalty set successfully")
    for place in places:
        place.penalty = int(penalty)
        session.centre.tell.member_changed("QueueMemberPenalty", place)


def queue_withdraw(session: Session, request: Request) -> None:
    """Ask for a waiting caller to be sent back to the dialplan."""
    queue, caller = request.get("queue"), request.get("caller")
    for value, word in ((queue, "Queue"), (caller, "Caller")):
        if not value:
            session.error(request, f"'{word}' not specified.")
            return
    failed = "Unable to request withdraw from queue: "
    found = session.centre.queues.get(queue)
    if found is None:
        session.error(request, f"{failed}No such queue")
        return
    for entry in found.entries:
        if entry.call.channel.name == caller:
            if entry.withdraw:
                session.error(request, f"{failed}Already requested")
                return
            session.success(request, "Withdraw requested successfully")
            session.centre.acd.withdraw(entry, request.get("withdrawinfo"))
            return
    session.error(request, f"{failed}No such caller")


# --- inside -------------------------------------------------------------------------------------


def _id_line(request: Request) -> str:
    return f"ActionID: {request.action_id}\r\n" if request.action_id else ""


def _channel(session: Session, request: Request) -> Channel | None:
    return lists.channel_by_name(session.centre, request.get("channel"))


def _call(session: Session, request: Request) -> Call | None:
    channel = _channel(session, request)
    return None if channel is None else session.centre.calls.get(channel.name)


def _places(session: Session, request: Request) -> list[Member]:
    queue, interface = request.get("queue"), request.get("interface")
    queues = session.centre.queues
    return [
        one.members[interface]
        for one in queues.values()
        if interface in one.members and (not queue or one.name == queue)
    ]


ACTIONS: Final[Mapping[str, tuple[str, str, str, Action]]] = {
    name.lower(): (name, text, privileges, action)
    for name, text, privileges, action in (
        ("BridgeList", "Get a list of bridges in the system.", "", bridge_list),
        (
            "CoreSettings",
            "Show PBX core settings (version etc).",
            "system,reporting",
            core_settings,
        ),
        (
            "CoreShowChannels",
            "List currently active channels.",
            "system,reporting",
            core_show_channels,
        ),
        ("CoreStatus", "Show PBX core status variables.", "system,reporting", core_status),
        ("Getvar", "Gets a channel variable or function value.", "call,reporting", get_variable),
        ("Hangup", "Hangup channel.", "system,call", hangup),
        ("Originate", "Originate a call.", "originate", originate),
        ("Ping", "Keepalive command.", "", ping),
        ("QueueAdd", "Add interface to queue.", "agent", queue_add),
        ("QueuePause", "Makes a queue member temporarily unavailable.", "agent", queue_pause),
        ("QueuePenalty", "Set the penalty for a queue member.", "agent", queue_penalty),
        ("QueueRemove", "Remove interface from queue.", "agent", queue_remove),
        ("QueueStatus", "Show queue status.", "", queue_status),
        ("QueueSummary", "Show queue summary.", "", queue_summary),
        (
            "QueueWithdrawCaller",
            "Request to withdraw a caller from the queue back to the dialplan.",
            "",
            queue_withdraw,
        ),
        ("Redirect", "Redirect (transfer) a call.", "call", redirect),
        ("Setvar", "Sets a channel variable or function value.", "call", set_variable),
        ("UserEvent", "Send an arbitrary event.", "user", user_event),
    )
}
"""Small letters → (name, its line in ``ListCommands``, write classes of which one is needed, …)."""
