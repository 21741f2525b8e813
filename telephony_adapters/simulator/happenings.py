"""What happens in the centre → the AMI events that tell it, in the order of a real Asterisk.

One method for each happening. The order of events is that of captures of a real 22.10.1 PBX; what
its threads do at the same moment (a device's state beside a channel's) is in the order seen most.
"""

from collections.abc import Iterable

from monitor.core.clock import Ms

from .frames import SIP_CAUSES, Frames, snapshot
from .parts import (
    DEVICE_WORDS,
    UNKNOWN,
    Call,
    Channel,
    ChannelState,
    Device,
    Entry,
    Member,
    Offer,
    Queue,
    QueueExit,
    Talk,
)

_QOS = "RTPAUDIOQOS", "RTPAUDIOQOSJITTER", "RTPAUDIOQOSLOSS", "RTPAUDIOQOSRTT", "RTPAUDIOQOSMES"
_QOS_VALUE = "ssrc=1;themssrc=0;lp=0;rxjitter=0.000000;rxcount=0;txjitter=0.000000;txcount=0"


class Happenings:
    """Tells happenings through :class:`~.frames.Frames`."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames

    # --- a caller's own channel -----------------------------------------------------------------

    def arrived(self, call: Call) -> None:
        """A caller's channel comes in through the trunk."""
        self.frames.on_channel("Newchannel", call.channel)
        self.frames.variables(call.channel, SIPDOMAIN="127.0.0.1")

    def arrived_locally(self, call: Call, first: Channel, number: str, name: str) -> None:
        """A caller made inside the PBX by ``Originate``: the two halves of a Local channel."""
        frames, second = self.frames, call.channel
        frames.on_channel("Newchannel", first)
        frames.on_channel("Newchannel", second)
        first.application, first.data = "AppDial2", "(Outgoing Line)"
        frames.extension(first)
        for half in (first, second):
            half.number, half.caller_name = number, name
            if half is second:
                half.connected_number, half.connected_name = number, name
            frames.caller_id(half)
            half.connected_number, half.connected_name = number, name
            frames.whispered("NewConnectedLine", half)
        if frames.noise:
            halves = snapshot(first, "LocalOne") + snapshot(second, "LocalTwo")
            more = (
                f"Context: {second.context}\r\nExten: {second.exten}\r\nLocalOptimization: No\r\n"
            )
            frames.event("LocalBridge", "call", halves + more)
        dialled = first.name.partition("/")[2].rpartition("-")[0] + "/n"
        frames.event("DialBegin", "call", f"{snapshot(first, 'Dest')}DialString: {dialled}\r\n")

    def answered(self, call: Call) -> None:
        """The PBX takes the call off the hook."""
        frames, channel = self.frames, call.channel
        channel.state = ChannelState.UP
        frames.whispered("Newstate", channel)
        if call.twin is not None:
            call.twin.state = ChannelState.UP
            frames.whispered("Newstate", call.twin)
            more = f"{snapshot(call.twin, 'Dest')}DialStatus: ANSWER\r\n"
            frames.event("DialEnd", "call", more)
        frames.device(channel.device, "INUSE")

    def digit(self, call: Call, digit: str) -> None:
        """The caller presses a key."""
        more = f"Digit: {digit}\r\nDurationMs: 120\r\nDirection: Received\r\n"
        self.frames.on_channel("DTMFEnd", call.channel, more, "dtmf")

    def hung_up(self, call: Call, cause: int, *, asked: bool) -> None:
        """A caller's channel ends. ``asked``: the person hung up, and it was not told yet."""
        frames, channel = self.frames, call.channel
        if asked:
            self.hangup_asked(call)
        frames.whispered("SoftHangupRequest", channel, "Cause: 16\r\n")
        self._twin_gone(call, cause)
        early = channel.state is not ChannelState.UP
        frames.hangup(channel, cause, SIP_CAUSES.get(cause, "") if early else "")
        frames.device(channel.device, "NOT_INUSE")

    def hangup_asked(self, call: Call) -> None:
        """The caller hangs up; what the channel was doing then unwinds."""
        if call.twin is None and call.channel.state is ChannelState.UP:
            self._qos(call.channel)
            self.frames.on_channel("HangupRequest", call.channel)
            return
        if call.twin is None:  # SIP's CANCEL
            self.frames.on_channel(
                "HangupRequest", call.channel, f"Cause: 127\r\nTechCause: {SIP_CAUSES[127]}\r\n"
            )
            return
        self.frames.on_channel("HangupRequest", call.channel, "Cause: 0\r\n")
        self._twin_gone(call, 0, asked=True)

    # --- waiting in a queue ---------------------------------------------------------------------

    def queue_begins(self, call: Call) -> None:
        """``Queue()`` clears what an earlier one left behind."""
        names = ["ANSWEREDTIME", "ANSWEREDTIME_MS", "DIALEDTIME", "DIALEDTIME_MS", "QUEUEWAIT"]
        names.append("QUEUEWAIT_MS")
        if call.channel.variables.get("ABANDONED"):
            names.append("ABANDONED")
        self.frames.variables(call.channel, **dict.fromkeys(names, ""))

    def joined(self, entry: Entry, queue: Queue) -> None:
        """A caller joins a queue."""
        count = len(queue.entries)
        if count == 1:
            self.frames.device(f"Queue:{queue.name}", "RINGING")
        more = f"Position: {entry.original_position}\r\nCount: {count}\r\n"
        self.frames.queue_caller("QueueCallerJoin", entry.call, queue.name, more)

    def refused(self, call: Call, status: QueueExit) -> None:
        """The queue does not let the caller in: no queue event at all, only ``QUEUESTATUS``."""
        self.frames.variable(call.channel, "QUEUESTATUS", status)

    def gave_up(self, entry: Entry, position: int, offer: Offer | None, *, asked: bool) -> None:
        """The caller hangs up while waiting. ``offer``: the agent being rung at that moment."""
        call = entry.call
        if asked:
            self.hangup_asked(call)
        if offer is not None:
            self._cancelled(offer)
        self._wait_ends(entry)
        self._abandoned(entry, position)
        if offer is not None:
            self._leg_gone(offer, 0)

    def timed_out(self, entry: Entry, position: int) -> None:
        """The queue's time is up, or it has become empty of agents."""
        self._abandoned(entry, position)
        self._wait_ends(entry)

    def withdrawn(self, entry: Entry, position: int) -> None:
        """The caller is taken out on request."""
        self._wait_ends(entry)
        self._abandoned(entry, position)
        if entry.withdraw_info:
            self.frames.variables(entry.call.channel, QUEUE_WITHDRAW_INFO=entry.withdraw_info)

    def key_leads_out(self, entry: Entry, offer: Offer | None, context: str, key: str) -> None:
        """A key leads out of the queue: the dialplan's place changes before the Leave."""
        channel = entry.call.channel
        if offer is None:
            self._wait_ends(entry)
        channel.context, channel.exten, channel.priority = context, key, 0
        if offer is not None:
            self._cancelled(offer)
            self._wait_ends(entry)
        self.frames.extension(channel)
        if offer is not None:
            self._leg_gone(offer, 0)

    def redirected(self, entry: Entry, position: int, offer: Offer | None) -> None:
        """``Redirect`` pulls a waiting caller out; the channel is already at its new place."""
        if offer is not None:
            self._cancelled(offer)
        self._wait_ends(entry)
        self.frames.extension(entry.call.channel)
        self._abandoned(entry, position)
        if offer is not None:
            self._leg_gone(offer, 0)

    def left(self, entry: Entry, queue: Queue, position: int) -> None:
        """A caller is out of the queue, for whatever reason."""
        count = len(queue.entries)
        if count == 0:
            self.frames.device(f"Queue:{queue.name}", "NOT_INUSE")
        more = f"Position: {position}\r\nCount: {count}\r\n"
        self.frames.queue_caller("QueueCallerLeave", entry.call, queue.name, more)
        self.frames.variables(entry.call.channel, QUEUEPOSITION=position)

    # --- agents ---------------------------------------------------------------------------------

    def offered(self, offer: Offer, members: Iterable[Member]) -> None:
        """An agent's phone begins to ring for a caller."""
        frames, caller, leg = self.frames, offer.entry.call.channel, offer.leg
        frames.on_channel("Newchannel", leg)
        frames.variables(leg, DIALEDPEERNUMBER=leg.number)
        leg.connected_number, leg.connected_name = caller.number, caller.caller_name
        leg.exten = caller.exten
        frames.agent("AgentCalled", caller, leg, offer.member)
        leg.connected_number = leg.connected_name = UNKNOWN
        leg.exten = "s"
        more = f"DialString: {offer.member.phone.interface}\r\n"
        frames.dial("DialBegin", caller, leg, more)
        leg.connected_number, leg.connected_name = caller.number, caller.caller_name
        leg.exten = caller.exten
        if caller.connected_number != leg.number:
            caller.connected_number, caller.connected_name = leg.number, leg.caller_name
            frames.whispered("NewConnectedLine", caller)
        leg.state = ChannelState.RINGING
        leg.application, leg.data = "AppQueue", "(Outgoing Line)"
        frames.whispered("Newstate", leg)
        frames.extension(leg)
        frames.whispered("NewConnectedLine", leg)
        self.device_changed(offer.member, members)
        if frames.noise:
            frames.dial("DialState", caller, leg, "DialStatus: RINGING\r\n")

    def missed(self, offer: Offer, rang: Ms) -> None:
        """An agent let it ring until the queue gave up on that phone."""
        frames, caller = self.frames, offer.entry.call.channel
        more = f"RingTime: {rang}\r\n"
        frames.agent("AgentRingNoAnswer", caller, offer.leg, offer.member, more)
        frames.dial("DialEnd", caller, offer.leg, "DialStatus: NOANSWER\r\n")
        frames.dial("DialEnd", caller, offer.leg, "DialStatus: CANCEL\r\n")
        self._leg_gone(offer, 0)

    def declined(self, offer: Offer) -> None:
        """An agent's phone says that it is busy."""
        frames, caller, leg = self.frames, offer.entry.call.channel, offer.leg
        frames.on_channel("HangupRequest", leg, "Cause: 17\r\nTechCause: 486\r\n")
        frames.dial("DialEnd", caller, leg, "DialStatus: NOANSWER\r\n")
        frames.agent("AgentRingNoAnswer", caller, leg, offer.member, "RingTime: 0\r\n")
        frames.hangup(leg, 17, "486")

    def picked_up(self, offer: Offer, members: Iterable[Member]) -> None:
        """An agent picks up."""
        frames, caller, leg, member = self.frames, offer.entry.call, offer.leg, offer.member
        leg.state = ChannelState.UP
        frames.whispered("Newstate", leg)
        self.device_changed(member, members)
        frames.dial("DialEnd", caller.channel, leg, "DialStatus: ANSWER\r\n")
        values = {
            "MEMBERINTERFACE": member.phone.interface,
            "MEMBERNAME": member.name,
            "MEMBERCALLS": member.calls_taken,
            "MEMBERLASTCALL": member.last_call // 1000,
            "MEMBERPENALTY": member.penalty,
            "MEMBERDYNAMIC": 1,
            "MEMBERREALTIME": 0,
        }
        frames.variables(caller.channel, **values)
        frames.variables(leg, **values)

    def connected(self, talk: Talk, rang: Ms) -> None:
        """Caller and agent are connected."""
        frames, caller, leg = self.frames, talk.call.channel, talk.leg
        waited = talk.waited // 1000
        frames.variables(caller, QUEUEWAIT=waited, QUEUEWAIT_MS=waited * 1000)
        more = f"HoldTime: {waited}\r\nRingTime: {rang // 1000}\r\n"
        frames.agent("AgentConnect", caller, leg, talk.member, more)
        frames.bridge("BridgeCreate", talk.bridge, 0)
        frames.bridge("BridgeEnter", talk.bridge, 1, leg)
        if caller.state is not ChannelState.UP:
            self.answered(talk.call)
        frames.bridge("BridgeEnter", talk.bridge, 2, caller)
        for _ in range(4):  # real ones come four times over, each side's in turn
            frames.variables(caller, BRIDGEPEER=leg.name, BRIDGEPVTCALLID=leg.uniqueid)
            frames.variables(leg, BRIDGEPEER=caller.name, BRIDGEPVTCALLID=caller.uniqueid)

    def caller_ends(self, talk: Talk, members: Iterable[Member], *, asked: bool) -> None:
        """The caller, or an action, ends the conversation."""
        frames, caller, leg = self.frames, talk.call.channel, talk.leg
        if asked:
            self.hangup_asked(talk.call)
        frames.variables(caller, BRIDGEPEER="", BRIDGEPVTCALLID="")
        frames.variables(leg, BRIDGEPEER="", BRIDGEPVTCALLID="")
        frames.bridge("BridgeLeave", talk.bridge, 1, caller)
        self._talk_times(talk)
        frames.bridge("BridgeLeave", talk.bridge, 0, leg)
        frames.bridge("BridgeDestroy", talk.bridge, 0)
        self._qos(leg)
        frames.whispered("SoftHangupRequest", caller, "Cause: 16\r\n")
        frames.hangup(leg, 16)
        self.device_changed(talk.member, members)
        self._completed(talk, "caller")
        self._twin_gone(talk.call, 16)
        frames.hangup(caller, 16)
        frames.device(caller.device, "NOT_INUSE")

    def agent_ends(self, talk: Talk, members: Iterable[Member]) -> None:
        """The agent hangs up; the caller's channel goes with it (no option ``c`` in Queue)."""
        frames, caller, leg = self.frames, talk.call.channel, talk.leg
        self._qos(leg)
        frames.on_channel("HangupRequest", leg)
        frames.variables(leg, BRIDGEPEER="", BRIDGEPVTCALLID="")
        frames.bridge("BridgeLeave", talk.bridge, 1, leg)
        frames.bridge("BridgeLeave", talk.bridge, 0, caller)
        frames.bridge("BridgeDestroy", talk.bridge, 0)
        self._talk_times(talk)
        frames.whispered("SoftHangupRequest", caller, "Cause: 16\r\n")
        self._twin_gone(talk.call, 16)
        frames.hangup(caller, 16)
        frames.device(caller.device, "NOT_INUSE")
        self._completed(talk, "agent")
        frames.hangup(leg, 16)
        self.device_changed(talk.member, members)

    def pulled_out(self, talk: Talk, members: Iterable[Member]) -> None:
        """``Redirect`` takes the caller out of the conversation."""
        frames, caller, leg = self.frames, talk.call.channel, talk.leg
        frames.bridge("BridgeLeave", talk.bridge, 1, caller)
        frames.bridge("BridgeLeave", talk.bridge, 0, leg)
        frames.bridge("BridgeDestroy", talk.bridge, 0)
        frames.hangup(leg, 16)
        self.device_changed(talk.member, members)
        self._completed(talk, "transfer")

    def device_changed(self, member: Member, members: Iterable[Member]) -> None:
        """A phone's state changed: each queue that has it says so."""
        self.frames.phone(member.phone, DEVICE_WORDS[member.phone.device])
        free = "NOT_INUSE" if member.phone.device is Device.NOT_IN_USE else "INUSE"
        for place in members:
            self.frames.member("QueueMemberStatus", place)
            self.frames.device(f"Queue:{place.queue}_avail", free)

    def member_changed(self, name: str, member: Member) -> None:
        """A member was added, removed, paused, unpaused or given a penalty."""
        if name in ("QueueMemberAdded", "QueueMemberPause"):
            word = "INUSE" if member.paused else "NOT_INUSE"
            device = f"Queue:{member.queue}_pause_{member.phone.interface}"
            self.frames.device(device, word)
        self.frames.member(name, member)

    # --- inside ---------------------------------------------------------------------------------

    def _twin_gone(self, call: Call, cause: int, *, asked: bool = False) -> None:
        """The other half ends; not ``asked``, it hears of that from the caller's half."""
        if call.twin is not None:
            if not asked:
                self.frames.on_channel("HangupRequest", call.twin, f"Cause: {cause}\r\n")
            self.frames.hangup(call.twin, cause)
            call.twin = None

    def _wait_ends(self, entry: Entry) -> None:
        channel, now = entry.call.channel, self.frames.now
        waited = (now - entry.joined_at) // 1000
        age = now - entry.call.arrived_at
        self.frames.variables(channel, QUEUEWAIT=waited, QUEUEWAIT_MS=waited * 1000)
        self.frames.variables(channel, DIALEDTIME=age // 1000, DIALEDTIME_MS=age)
        self.frames.variables(channel, ANSWEREDTIME=0, ANSWEREDTIME_MS=0)

    def _abandoned(self, entry: Entry, position: int) -> None:
        self.frames.variables(entry.call.channel, ABANDONED="TRUE")
        waited = (self.frames.now - entry.joined_at) // 1000
        more = (
            f"Position: {position}\r\nOriginalPosition: {entry.original_position}\r\n"
            f"HoldTime: {waited}\r\n"
        )
        self.frames.queue_caller("QueueCallerAbandon", entry.call, entry.queue, more)

    def _cancelled(self, offer: Offer) -> None:
        caller = offer.entry.call.channel
        for _ in range(2):  # app_queue and the bridging core both say it
            self.frames.dial("DialEnd", caller, offer.leg, "DialStatus: CANCEL\r\n")

    def _leg_gone(self, offer: Offer, cause: int) -> None:
        self.frames.hangup(offer.leg, cause)

    def _talk_times(self, talk: Talk) -> None:
        talked = self.frames.now - talk.started_at
        age = self.frames.now - talk.call.arrived_at
        values = {"ANSWEREDTIME": talked // 1000, "ANSWEREDTIME_MS": talked}
        self.frames.variables(talk.call.channel, **values)
        self.frames.variables(talk.call.channel, DIALEDTIME=age // 1000, DIALEDTIME_MS=age)

    def _completed(self, talk: Talk, reason: str) -> None:
        talked = (self.frames.now - talk.started_at) // 1000
        more = f"HoldTime: {talk.waited // 1000}\r\nTalkTime: {talked}\r\nReason: {reason}\r\n"
        self.frames.agent("AgentComplete", talk.call.channel, talk.leg, talk.member, more)

    def _qos(self, channel: Channel) -> None:
        self.frames.variables(channel, **dict.fromkeys(_QOS, _QOS_VALUE))
