"""AMI actions: what each does to the centre, and what Asterisk 22.10.1 answers, word for word.

Those of queues are in ``queue_actions``, those of variables and of the database in
``store_actions``; the table of all is here.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from monitor.core.clock import SECOND

from . import lists, queue_actions, store_actions
from .centre import PATIENT, Centre
from .parts import Channel, ChannelState
from .requests import Request
from .session import Action, Session, call_of, channel_of, id_line, is_true

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


# --- channels -----------------------------------------------------------------------------------


def bridge_list(session: Session, request: Request) -> None:
    """List the bridges."""
    items = lists.bridges(session.centre, id_line(request))
    session.listing(request, "Bridge listing will follow", items, "BridgeListComplete")


def core_show_channels(session: Session, request: Request) -> None:
    """List the channels."""
    items = lists.channels(session.centre, id_line(request))
    session.listing(request, "Channels will follow", items, "CoreShowChannelsComplete")


def status(session: Session, request: Request) -> None:
    """List the channels, or one, with more of each."""
    name = request.get("channel")
    items = lists.status(session.centre, name, id_line(request))
    if name and not items:
        session.error(request, "No such channel")
        return
    end = f"Items: {len(items)}\r\n"
    session.listing(request, "Channel status will follow", items, "StatusComplete", end)


def redirect(session: Session, request: Request) -> None:
    """Send a channel elsewhere in the dialplan."""
    name, exten, context = (request.get(key) for key in ("channel", "exten", "context"))
    priority = request.get("priority")
    for value, word in ((name, "Channel"), (context, "Context"), (exten, "Exten")):
        if not value:
            session.error(request, f"{word} not specified")
            return
    if not priority:
        session.error(request, "Priority not specified")
        return
    if not priority.isdigit() or not int(priority):
        session.error(request, "Priority is invalid")
        return
    call = call_of(session, request)
    if call is None:
        known = channel_of(session, request) is not None
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
        line = id_line(request)
        items = [f"Event: ChannelHungup\r\nChannel: {one.name}\r\n{line}\r\n" for one in found]
        session.listing(
            request, "Channels hung up will follow", items, "ChannelsHungupListComplete"
        )
    else:
        channel = channel_of(session, request)
        if channel is None:
            session.error(request, "No such channel")
            return
        found = [channel]
        session.success(request, "Channel Hungup")
    cause = request.get("cause")
    for channel in found:
        _end(session.centre, channel, int(cause) if cause.isdigit() else 0)


def _end(centre: Centre, channel: Channel, cause: int) -> None:
    call = centre.calls.get(channel.name)
    if call is not None:
        centre.hang_up(call, asked=False, cause=cause)
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
    waits_for_it = is_true(request.get("async"))
    if waits_for_it and call.twin is not None and call.twin.state is ChannelState.UP:
        _originated(centre, request, call.twin)


def _originated(centre: Centre, request: Request, first: Channel) -> None:
    body = id_line(request) + f"Response: Success\r\nChannel: {first.name}\r\n"
    body += f"Application: {request.get('application')}\r\nData: {request.get('data')}\r\n"
    body += f"Reason: 4\r\nUniqueid: {first.uniqueid}\r\n"
    body += f"CallerIDNum: {first.number}\r\nCallerIDName: {first.caller_name}\r\n"
    centre.frames.event("OriginateResponse", "call", body)


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
        ("DBDel", "Delete DB entry.", "system", store_actions.database_delete),
        ("DBGet", "Get DB Entry.", "system,reporting", store_actions.database_get),
        ("DBPut", "Put DB entry.", "system", store_actions.database_put),
        (
            "Getvar",
            "Gets a channel variable or function value.",
            "call,reporting",
            store_actions.get_variable,
        ),
        ("Hangup", "Hangup channel.", "system,call", hangup),
        ("Originate", "Originate a call.", "originate", originate),
        ("Ping", "Keepalive command.", "", ping),
        ("QueueAdd", "Add interface to queue.", "agent", queue_actions.add),
        (
            "QueueChangePriorityCaller",
            "Change priority of a caller on queue.",
            "",
            queue_actions.change_priority,
        ),
        (
            "QueuePause",
            "Makes a queue member temporarily unavailable.",
            "agent",
            queue_actions.pause,
        ),
        ("QueuePenalty", "Set the penalty for a queue member.", "agent", queue_actions.penalty),
        ("QueueRemove", "Remove interface from queue.", "agent", queue_actions.remove),
        ("QueueStatus", "Show queue status.", "", queue_actions.status),
        ("QueueSummary", "Show queue summary.", "", queue_actions.summary),
        (
            "QueueWithdrawCaller",
            "Request to withdraw a caller from the queue back to the dialplan.",
            "",
            queue_actions.withdraw,
        ),
        ("Redirect", "Redirect (transfer) a call.", "call", redirect),
        (
            "Setvar",
            "Sets a channel variable or function value.",
            "call",
            store_actions.set_variable,
        ),
        ("Status", "List channel status.", "system,call,reporting", status),
        ("UserEvent", "Send an arbitrary event.", "user", user_event),
    )
}
"""Small letters → (name, its line in ``ListCommands``, write classes of which one is needed, …)."""
