"""What AMI events mean: one table from an event's name to a short pure function.

Each function takes the PBX's name, the moment (ms) and the event's headers, and returns a core
event, or None when this particular one says nothing that we follow. A missing header that the
event cannot do without is a ``KeyError``; the translator counts those.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from monitor.core.clock import SECOND, Ms
from monitor.core.events import (
    AgentCompleted,
    AgentConnected,
    AgentDumped,
    AgentMissed,
    AgentOffered,
    BridgeEntered,
    BridgeLeft,
    CallerIdChanged,
    ChannelArrived,
    ChannelGone,
    DialEnded,
    DialplanStep,
    DialStarted,
    DigitPressed,
    Event,
    HangupRequested,
    HoldChanged,
    MemberChanged,
    MemberRemoved,
    QueueGivenUp,
    QueueJoined,
    QueueLeft,
    QueueStatusSet,
    StasisRefused,
    Transferred,
)
from telephony_adapters.asterisk import ami_user_events
from telephony_adapters.asterisk.ami_values import device_state, number, said, said_name

Fields: TypeAlias = Mapping[str, str]
Rule: TypeAlias = Callable[[str, Ms, Fields], Event | None]

HEADERS: Final = frozenset(
    {
        *("Event", "Timestamp", "Channel", "Uniqueid", "Linkedid", "Context", "Exten"),
        *("CallerIDNum", "CallerIDName", "Extension", "Application", "AppData", "Cause"),
        *("DestUniqueid", "DestChannel", "DialStatus", "BridgeUniqueid", "BridgeType"),
        *("Result", "TransfereeUniqueid", "TransfererUniqueid", "OrigTransfererUniqueid"),
        *("TransferTargetChannel", "SecondTransfererChannel", "SecondTransfererUniqueid"),
        *("Queue", "Position", "Variable", "Value", "Interface", "MemberName", "Reason"),
        *(
            "RingTime",
            "HoldTime",
            "Status",
            "Paused",
            "PausedReason",
            "InCall",
            "Penalty",
            "CallsTaken",
        ),
        *("LastCall", "Wrapuptime", "Direction", "Digit", "Uptime"),
        *ami_user_events.HEADERS,
    }
)
"""The headers that the functions below read (and ``Uptime``, for the link): no other is decoded."""

# --- channels -----------------------------------------------------------------------------------


def newchannel(pbx: str, at: Ms, f: Fields) -> Event:
    """A channel came into being: a caller arrived, or the PBX begins to ring someone."""
    return ChannelArrived(
        pbx,
        at,
        f["Uniqueid"],
        f.get("Linkedid", ""),
        f["Channel"],
        f.get("Context", ""),
        f.get("Exten", ""),
        said(f.get("CallerIDNum", "")),
        said_name(f.get("CallerIDName", "")),
    )


def new_caller_id(pbx: str, at: Ms, f: Fields) -> Event:
    """The PBX learnt who is on the channel, or the dialplan decided it."""
    return CallerIdChanged(
        pbx,
        at,
        f["Uniqueid"],
        said(f.get("CallerIDNum", "")),
        said_name(f.get("CallerIDName", "")),
    )


def newexten(pbx: str, at: Ms, f: Fields) -> Event:
    """The channel runs one step of the dialplan; ``Extension`` is where the step stands."""
    return DialplanStep(
        pbx,
        at,
        f["Uniqueid"],
        f.get("Context", ""),
        f.get("Extension") or f.get("Exten", ""),
        f.get("Application", ""),
        f.get("AppData", ""),
    )


def hangup_request(pbx: str, at: Ms, f: Fields) -> Event:
    """The far end asked to hang up: the person did it, not the PBX."""
    return HangupRequested(pbx, at, f["Uniqueid"])


def hangup(pbx: str, at: Ms, f: Fields) -> Event:
    """The channel ended, whoever wanted it."""
    return ChannelGone(pbx, at, f["Uniqueid"], number(f.get("Cause", "")))


def dial_begin(pbx: str, at: Ms, f: Fields) -> Event:
    """The PBX rings someone, on behalf of a channel or (no ``Uniqueid``) by its own will."""
    return DialStarted(pbx, at, f.get("Uniqueid", ""), f["DestUniqueid"], f.get("DestChannel", ""))


def dial_end(pbx: str, at: Ms, f: Fields) -> Event:
    """The rung party answered, was busy, did not answer, or the ringing was given up."""
    return DialEnded(
        pbx,
        at,
        f.get("Uniqueid", ""),
        f["DestUniqueid"],
        f.get("DestChannel", ""),
        f.get("DialStatus", ""),
    )


def bridge_enter(pbx: str, at: Ms, f: Fields) -> Event:
    """The channel joined a conversation, or the place where one will be."""
    return BridgeEntered(
        pbx, at, f["Uniqueid"], f.get("Channel", ""), f["BridgeUniqueid"], f.get("BridgeType", "")
    )


def bridge_leave(pbx: str, at: Ms, f: Fields) -> Event:
    """The channel left a conversation."""
    return BridgeLeft(pbx, at, f["Uniqueid"], f["BridgeUniqueid"])


def hold(pbx: str, at: Ms, f: Fields) -> Event:
    """The party on this channel put the other one on hold."""
    return HoldChanged(pbx, at, f["Uniqueid"], held=True)


def unhold(pbx: str, at: Ms, f: Fields) -> Event:
    """The party on this channel took the other one off hold."""
    return HoldChanged(pbx, at, f["Uniqueid"], held=False)


def blind_transfer(pbx: str, at: Ms, f: Fields) -> Event | None:
    """The transferer sent the other party to an extension; nothing happened unless it worked."""
    if f.get("Result", "Success") != "Success":
        return None
    return Transferred(
        pbx,
        at,
        # With several parties in the conversation Asterisk names no transferee.
        f.get("TransfereeUniqueid", ""),
        f["TransfererUniqueid"],
        attended=False,
        target=f"{f.get('Extension', '')}@{f.get('Context', '')}",
    )


def attended_transfer(pbx: str, at: Ms, f: Fields) -> Event | None:
    """The transferer asked the target first, then joined the two; nothing unless it worked."""
    if f.get("Result", "Success") != "Success":
        return None
    return Transferred(
        pbx,
        at,
        f.get("TransfereeUniqueid", ""),
        f["OrigTransfererUniqueid"],
        attended=True,
        target=f.get("TransferTargetChannel") or f.get("SecondTransfererChannel", ""),
        second_uniqueid=f.get("SecondTransfererUniqueid", ""),
    )


# --- queues: callers ----------------------------------------------------------------------------


def queue_join(pbx: str, at: Ms, f: Fields) -> Event:
    """The caller waits in the queue from now on."""
    return QueueJoined(
        pbx,
        at,
        f["Uniqueid"],
        f["Queue"],
        number(f.get("Position", "")),
        said(f.get("CallerIDNum", "")),
        said_name(f.get("CallerIDName", "")),
        f.get("Channel", ""),
        f.get("Context", ""),
        f.get("Exten", ""),
    )


def queue_leave(pbx: str, at: Ms, f: Fields) -> Event:
    """The caller waits no more; *why* comes in another event, before or after."""
    return QueueLeft(pbx, at, f["Uniqueid"], f["Queue"])


def queue_abandon(pbx: str, at: Ms, f: Fields) -> Event:
    """The caller leaves unanswered: hung up, but also timed out, withdrawn and so on."""
    return QueueGivenUp(pbx, at, f["Uniqueid"], f["Queue"])


def var_set(pbx: str, at: Ms, f: Fields) -> Event | None:
    """A channel variable was set: ``QUEUESTATUS`` tells why a wait ended.

    ``STASISSTATUS`` tells that ``Stasis()`` found nobody behind its application.
    """
    # The dialplan may empty the variable before it calls Queue(): that says nothing.
    if f["Variable"] == "QUEUESTATUS" and f["Value"]:
        return QueueStatusSet(pbx, at, f["Uniqueid"], f["Value"])
    if f["Variable"] == "STASISSTATUS" and f["Value"] == "FAILED":
        return StasisRefused(pbx, at, f["Uniqueid"])
    return None


# --- queues: agents -----------------------------------------------------------------------------


def agent_called(pbx: str, at: Ms, f: Fields) -> Event:
    """The queue rings a member for this caller."""
    return AgentOffered(pbx, at, f["Uniqueid"], f["Queue"], f["Interface"], f["MemberName"])


def agent_connect(pbx: str, at: Ms, f: Fields) -> Event:
    """Caller and member are connected: the caller is handled."""
    return AgentConnected(
        pbx,
        at,
        f["Uniqueid"],
        f["Queue"],
        f["Interface"],
        f["MemberName"],
        f.get("DestUniqueid", ""),
        number(f["HoldTime"]) * SECOND if f.get("HoldTime") else None,
    )


def agent_complete(pbx: str, at: Ms, f: Fields) -> Event:
    """The conversation ended; after some transfers the caller's headers are missing."""
    return AgentCompleted(
        pbx,
        at,
        f.get("Uniqueid", ""),
        f["Queue"],
        f["Interface"],
        f["MemberName"],
        f.get("Reason", ""),
    )


def agent_dump(pbx: str, at: Ms, f: Fields) -> Event:
    """The member hung up during the announcement; the caller still waits."""
    return AgentDumped(pbx, at, f["Uniqueid"], f["Queue"], f["Interface"], f["MemberName"])


def agent_ring_no_answer(pbx: str, at: Ms, f: Fields) -> Event:
    """The member let it ring, or refused. ``RingTime`` is in ms here, unlike elsewhere."""
    return AgentMissed(
        pbx,
        at,
        f["Uniqueid"],
        f["Queue"],
        f["Interface"],
        f["MemberName"],
        number(f.get("RingTime", "")),
    )


def member_changed(pbx: str, at: Ms, f: Fields) -> MemberChanged:
    """The member as the queue sees it now; the same headers come with every kind of change."""
    return member(pbx, at, f, f["Interface"], f["MemberName"])


def member(pbx: str, at: Ms, f: Fields, interface: str, name: str) -> MemberChanged:
    """Read a member's headers; lists and events name the interface and the member differently."""
    return MemberChanged(
        pbx,
        at,
        f["Queue"],
        interface,
        name,
        device_state(f["Status"]),
        f["Paused"] == "1",
        f.get("PausedReason", ""),
        f.get("InCall") == "1",
        number(f.get("Penalty", "")),
        number(f.get("CallsTaken", "")),
        number(f.get("LastCall", "")) * SECOND,
        number(f.get("Wrapuptime", "")) * SECOND,
    )


def member_removed(pbx: str, at: Ms, f: Fields) -> Event:
    """The member serves the queue no more."""
    return MemberRemoved(pbx, at, f["Queue"], f["Interface"])


# --- voice servers ------------------------------------------------------------------------------


def dtmf_end(pbx: str, at: Ms, f: Fields) -> Event | None:
    """A key was released; only one that the person pressed, not one that the PBX plays."""
    if f.get("Direction") != "Received":
        return None
    return DigitPressed(pbx, at, f["Uniqueid"], f["Digit"])


TABLE: Final[Mapping[str, Rule]] = {
    "Newchannel": newchannel,
    "NewCallerid": new_caller_id,
    "Newexten": newexten,
    "HangupRequest": hangup_request,
    "Hangup": hangup,
    "DialBegin": dial_begin,
    "DialEnd": dial_end,
    "BridgeEnter": bridge_enter,
    "BridgeLeave": bridge_leave,
    "Hold": hold,
    "Unhold": unhold,
    "BlindTransfer": blind_transfer,
    "AttendedTransfer": attended_transfer,
    "QueueCallerJoin": queue_join,
    "QueueCallerLeave": queue_leave,
    "QueueCallerAbandon": queue_abandon,
    "VarSet": var_set,
    "AgentCalled": agent_called,
    "AgentConnect": agent_connect,
    "AgentComplete": agent_complete,
    "AgentDump": agent_dump,
    "AgentRingNoAnswer": agent_ring_no_answer,
    "QueueMemberStatus": member_changed,
    "QueueMemberAdded": member_changed,
    "QueueMemberPause": member_changed,
    "QueueMemberPenalty": member_changed,
    "QueueMemberRemoved": member_removed,
    "UserEvent": ami_user_events.user_event,
    "DTMFEnd": dtmf_end,
}
