"""Answers that are lists: channels, queues, members and waiting callers as they are now.

List items carry no Timestamp and no Privilege, as with a real Asterisk.
"""

from collections import Counter
from collections.abc import Iterable

from monitor.core.clock import Ms

from .centre import Centre
from .frames import member_state, snapshot
from .parts import Channel, Device, Member, Queue


def channels(centre: Centre, action_id: str) -> list[str]:
    """The items of ``CoreShowChannels``; the channel that came last is the first."""
    return [
        f"Event: CoreShowChannel\r\n{action_id}{snapshot(channel)}"
        f"Application: {channel.application}\r\nApplicationData: {channel.data}\r\n"
        f"Duration: {_clock(centre.now - channel.created_at)}\r\n"
        f"BridgeId: {channel.bridge}\r\n\r\n"
        for channel in reversed(list(centre.channels.values()))
    ]


def status(centre: Centre, name: str, action_id: str) -> list[str]:
    """The items of ``Status``: of one channel, or of all as ``CoreShowChannels`` has them."""
    found = [one for one in centre.channels.values() if not name or one.name == name]
    return [_status(centre, channel, action_id) for channel in reversed(found)]


def _status(centre: Centre, channel: Channel, action_id: str) -> str:
    return (
        f"Event: Status\r\nPrivilege: Call\r\n{snapshot(channel)}"
        f"Type: {channel.name.partition('/')[0]}\r\nDNID: {channel.dialled}\r\n"
        f"EffectiveConnectedLineNum: {channel.connected_number}\r\n"
        f"EffectiveConnectedLineName: {channel.connected_name}\r\n"
        f"TimeToHangup: 0\r\nBridgeID: {channel.bridge}\r\n"
        f"Application: {channel.application}\r\nData: {channel.data}\r\n"
        "Nativeformats: (alaw)\r\nReadformat: alaw\r\nReadtrans: \r\nWriteformat: alaw\r\n"
        "Writetrans: \r\nCallgroup: 0\r\nPickupgroup: 0\r\n"
        f"Seconds: {(centre.now - channel.created_at) // 1000}\r\n{action_id}\r\n"
    )


def bridges(centre: Centre, action_id: str) -> list[str]:
    """The items of ``BridgeList``: each conversation is a basic bridge of two."""
    members = Counter(one.bridge for one in centre.channels.values() if one.bridge)
    return [
        f"Event: BridgeListItem\r\n{action_id}BridgeUniqueid: {bridge}\r\nBridgeType: basic\r\n"
        "BridgeTechnology: simple_bridge\r\nBridgeCreator: <unknown>\r\n"
        f"BridgeName: <unknown>\r\nBridgeNumChannels: {count}\r\n"
        "BridgeVideoSourceMode: none\r\n\r\n"
        for bridge, count in members.items()
    ]


def _clock(span: Ms) -> str:
    """A span as hours, minutes and seconds."""
    seconds = span // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def queue_status(centre: Centre, queue: str, member: str, action_id: str) -> list[str]:
    """The items of ``QueueStatus``, for one queue or all; of one member or all."""
    items = []
    for one in _chosen(centre, queue):
        items.append(_params(one, action_id))
        items += [
            _member(place, action_id)
            for place in one.members.values()
            if not member or place.phone.interface == member
        ]
        items += _entries(centre, one, action_id)
    return items


def _chosen(centre: Centre, queue: str) -> Iterable[Queue]:
    return [one for one in centre.queues.values() if not queue or one.name == queue]


def _params(queue: Queue, action_id: str) -> str:
    setup, done, lost = queue.setup, queue.completed, queue.abandoned
    perf = 100 * queue.completed_in_time / done if done else 0.0
    all_in_time = queue.completed_in_time + queue.abandoned_in_time
    perf2 = 100 * all_in_time / (done + lost) if done + lost else 0.0
    return (
        f"Event: QueueParams\r\nQueue: {queue.name}\r\nMax: {setup.max_callers}\r\n"
        f"Strategy: {'linear' if setup.linear else 'rrmemory'}\r\n"
        f"Calls: {len(queue.entries)}\r\nHoldtime: {queue.hold_time // 1000}\r\n"
        f"TalkTime: {queue.talk_time // 1000}\r\nCompleted: {done}\r\nAbandoned: {lost}\r\n"
        f"ServiceLevel: {setup.service_level // 1000}\r\nServicelevelPerf: {perf:.1f}\r\n"
        f"ServicelevelPerf2: {perf2:.1f}\r\nWeight: 0\r\n{action_id}\r\n"
    )


def _member(member: Member, action_id: str) -> str:
    return (
        f"Event: QueueMember\r\nQueue: {member.queue}\r\nName: {member.name}\r\n"
        f"Location: {member.phone.interface}\r\n{member_state(member)}"
        f"Wrapuptime: {member.wrap_up // 1000}\r\n{action_id}\r\n"
    )


def _entries(centre: Centre, queue: Queue, action_id: str) -> list[str]:
    items = []
    for position, entry in enumerate(queue.entries, 1):
        channel = entry.call.channel
        items.append(
            f"Event: QueueEntry\r\nQueue: {queue.name}\r\nPosition: {position}\r\n"
            f"Channel: {channel.name}\r\nUniqueid: {channel.uniqueid}\r\n"
            f"CallerIDNum: {_known(channel.number)}\r\n"
            f"CallerIDName: {_known(channel.caller_name)}\r\n"
            f"ConnectedLineNum: {_known(channel.connected_number)}\r\n"
            f"ConnectedLineName: {_known(channel.connected_name)}\r\n"
            f"Wait: {(centre.now - entry.joined_at) // 1000}\r\n"
            f"Priority: {entry.priority}\r\n{action_id}\r\n"
        )
    return items


def _known(value: str) -> str:
    """This list alone writes ``unknown`` without brackets."""
    return value.strip("<>")


def queue_summary(centre: Centre, queue: str, action_id: str) -> list[str]:
    """The items of ``QueueSummary``."""
    items = []
    for one in _chosen(centre, queue):
        logged_in = [m for m in one.members.values() if m.phone.device is not Device.UNAVAILABLE]
        free = [m for m in logged_in if not m.paused and m.phone.device is Device.NOT_IN_USE]
        longest = max((centre.now - entry.joined_at for entry in one.entries), default=0)
        items.append(
            f"Event: QueueSummary\r\nQueue: {one.name}\r\nLoggedIn: {len(logged_in)}\r\n"
            f"Available: {len(free)}\r\nCallers: {len(one.entries)}\r\n"
            f"HoldTime: {one.hold_time // 1000}\r\nTalkTime: {one.talk_time // 1000}\r\n"
            f"LongestHoldTime: {longest // 1000}\r\n{action_id}\r\n"
        )
    return items


def channel_by_name(centre: Centre, name: str) -> Channel | None:
    """A channel by its name or its id, as Asterisk looks for it."""
    found = centre.channels.get(name)
    if found is not None:
        return found
    return next((one for one in centre.channels.values() if one.uniqueid == name), None)
