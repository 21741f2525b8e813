"""Core events: what a PBX says, in the field's words.

Adapters translate their source into these values; the engine knows nothing else. Each event names
its PBX and carries ``at``, the moment at which the PBX itself stamped it (milliseconds since the
Unix epoch). ``uniqueid`` is always the PBX's id of a channel; a call is keyed by the id of its
caller's channel.

An empty string means "the PBX did not say".
"""

from dataclasses import field
from enum import StrEnum

from monitor.core.clock import Ms
from monitor.core.contacts import Channel
from monitor.core.promises import Promise
from monitor.core.values import value


@value
class Event:
    """Something that a PBX said, or that happened to the link with it."""

    pbx: str
    at: Ms


# --- channels -----------------------------------------------------------------------------------


@value
class ChannelArrived(Event):
    """A channel came into being (AMI ``Newchannel``)."""

    uniqueid: str
    linkedid: str
    channel: str
    context: str
    exten: str
    number: str
    name: str


@value
class CallerIdChanged(Event):
    """The PBX learnt, or the dialplan set, who is on a channel (AMI ``NewCallerid``)."""

    uniqueid: str
    number: str
    name: str


@value
class DialplanStep(Event):
    """A channel runs a dialplan step (AMI ``Newexten``); ``data`` are the application's arguments.

    ``data`` is needed for ``Queue``: a refused caller joins no queue, so nothing else names it;
    and on a channel that Asterisk dialled it is ``(Outgoing Line)``.
    """

    uniqueid: str
    context: str
    exten: str
    application: str
    data: str = ""


@value
class HangupRequested(Event):
    """The far end of a channel asked to hang up (AMI ``HangupRequest``): the person did it."""

    uniqueid: str


@value
class ChannelGone(Event):
    """A channel ended (AMI ``Hangup``). ``cause`` is the Q.850 code, 0 when not said."""

    uniqueid: str
    cause: int


@value
class DialStarted(Event):
    """A channel began to ring another one (AMI ``DialBegin``).

    ``uniqueid`` is the ringing side's caller; empty when the PBX originated the call itself.
    """

    uniqueid: str
    dest_uniqueid: str
    dest_channel: str


@value
class DialEnded(Event):
    """A dialled channel answered or not (AMI ``DialEnd``); ``status`` is ANSWER, BUSY or such."""

    uniqueid: str
    dest_uniqueid: str
    dest_channel: str
    status: str


@value
class BridgeEntered(Event):
    """A channel joined a bridge (AMI ``BridgeEnter``); ``channel`` is its name."""

    uniqueid: str
    channel: str
    bridge: str
    bridge_type: str


@value
class BridgeLeft(Event):
    """A channel left a bridge (AMI ``BridgeLeave``)."""

    uniqueid: str
    bridge: str


@value
class HoldChanged(Event):
    """A party put the other on hold, or took them off it (AMI ``Hold``, ``Unhold``)."""

    uniqueid: str
    held: bool


@value
class Transferred(Event):
    """An agent passed the caller on (AMI ``BlindTransfer``, ``AttendedTransfer``).

    ``uniqueid`` is the transferred person's channel where the PBX says it; ``target`` is an
    extension@context for a blind transfer, a channel name for an attended one. On that
    ``second_uniqueid`` is the channel on which the agent asked before.
    """

    uniqueid: str
    by_uniqueid: str
    attended: bool
    target: str
    second_uniqueid: str = ""


# --- queues: callers ----------------------------------------------------------------------------


@value
class QueueJoined(Event):
    """A caller joined a queue (AMI ``QueueCallerJoin``). ``position`` counts from 1.

    ``logged_as``: the queue log knows this visit by the id of another channel, which waits in the
    caller's place (:mod:`monitor.core.legs`).
    """

    uniqueid: str
    queue: str
    position: int
    number: str = ""
    name: str = ""
    channel: str = ""
    context: str = ""
    exten: str = ""
    logged_as: str = ""


@value
class QueueLeft(Event):
    """A caller left a queue, answered or not (AMI ``QueueCallerLeave``); the exit comes later."""

    uniqueid: str
    queue: str


@value
class QueueLost(Event):
    """A snapshot shows that a caller waits in a queue no more; how that ended nobody saw."""

    uniqueid: str
    queue: str


@value
class QueueGivenUp(Event):
    """A caller leaves a queue unanswered (AMI ``QueueCallerAbandon``).

    Asterisk also says this on a timeout, on leave-empty, withdraw and redirect: it is **not** an
    abandon by itself.
    """

    uniqueid: str
    queue: str


@value
class QueueStatusSet(Event):
    """``QUEUESTATUS`` of a channel was set (AMI ``VarSet``): why ``Queue()`` ended."""

    uniqueid: str
    status: str


# --- queues: agents -----------------------------------------------------------------------------


@value
class AgentOffered(Event):
    """A member is being rung for a caller (AMI ``AgentCalled``)."""

    uniqueid: str
    queue: str
    interface: str
    member: str


@value
class AgentMissed(Event):
    """A member did not take an offered caller (AMI ``AgentRingNoAnswer``). ``rang`` in ms."""

    uniqueid: str
    queue: str
    interface: str
    member: str
    rang: Ms


@value
class AgentConnected(Event):
    """A member and the caller are connected (AMI ``AgentConnect``).

    ``waited`` (ms, whole seconds only) is the wait in this visit, None where the PBX does not say.
    """

    uniqueid: str
    queue: str
    interface: str
    member: str
    dest_uniqueid: str = ""
    waited: Ms | None = None


@value
class AgentCompleted(Event):
    """The conversation ended (AMI ``AgentComplete``). ``reason``: caller, agent or transfer.

    ``uniqueid`` may be empty: then the member's current conversation is meant.
    """

    uniqueid: str
    queue: str
    interface: str
    member: str
    reason: str


@value
class AgentDumped(Event):
    """The member hung up during the announcement; the caller still waits (AMI ``AgentDump``)."""

    uniqueid: str
    queue: str
    interface: str
    member: str


class DeviceState(StrEnum):
    """State of a member's device; the names of Asterisk's ``QueueMemberStatus`` codes 0 to 8."""

    UNKNOWN = "unknown"
    NOT_IN_USE = "not_in_use"
    IN_USE = "in_use"
    BUSY = "busy"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    RINGING = "ringing"
    RING_IN_USE = "ring_in_use"
    ON_HOLD = "on_hold"


@value
class MemberChanged(Event):
    """A queue's member as it is now (AMI ``QueueMemberStatus``, ``…Added``, ``…Pause``…).

    ``last_call`` is the moment (ms) at which the last conversation ended, 0 for never.
    ``wrap_up`` is the member's own wrap-up time in ms, 0 for none.
    """

    queue: str
    interface: str
    member: str
    device: DeviceState
    paused: bool
    pause_reason: str
    in_call: bool
    penalty: int
    calls_taken: int
    last_call: Ms
    wrap_up: Ms = 0


@value
class MemberRemoved(Event):
    """A member left a queue (AMI ``QueueMemberRemoved``)."""

    queue: str
    interface: str


# --- voice servers ------------------------------------------------------------------------------


class VoiceServerStep(StrEnum):
    """What an explicit voice server report says."""

    ENTERED = "entered"
    LEFT = "left"
    INPUT = "input"


@value
class VoiceServerReported(Event):
    """A voice server said itself what a caller does (``UserEvent(MinuteurVoiceServer,…)``, ARI).

    ``name`` is the declared name or Stasis application; ``value`` is what the caller entered.
    """

    uniqueid: str
    name: str
    step: VoiceServerStep
    value: str = ""


@value
class DigitPressed(Event):
    """The person on a channel pressed a key (AMI ``DTMFEnd``, received direction only)."""

    uniqueid: str
    digit: str


# --- voice servers in Stasis (ARI) --------------------------------------------------------------


@value
class StasisEntered(Event):
    """A channel entered a Stasis application (ARI ``StasisStart``)."""

    uniqueid: str
    app: str


@value
class StasisLeft(Event):
    """A channel left a Stasis application (ARI ``StasisEnd``)."""

    uniqueid: str
    app: str


@value
class StasisRefused(Event):
    """Nobody serves the Stasis application that a channel was sent to (AMI ``STASISSTATUS``).

    The dialplan goes on at once: the step that named the application was no entering.
    """

    uniqueid: str


@value
class StasisDigit(Event):
    """The person on a channel pressed a key, as ARI tells it (``ChannelDtmfReceived``).

    AMI may tell of the same key as :class:`DigitPressed`; neither is counted twice.
    """

    uniqueid: str
    digit: str


@value
class PlaybackChanged(Event):
    """A voice server began or ended to play something to a channel (ARI ``Playback…``)."""

    uniqueid: str
    media: str
    playing: bool


@value
class StasisSeen:
    """A channel that is in a Stasis application while ARI is asked for all channels."""

    uniqueid: str
    app: str


@value
class StasisSnapshot(Event):
    """All channels that are in a Stasis application at ``at``: what ARI says on a resync.

    Who is inside and was not known to be entered at an unknown moment before; who was known to be
    inside and is not listed left at one.
    """

    inside: tuple[StasisSeen, ...] = ()


# --- what callers ask for, and what they think --------------------------------------------------


class ContactStep(StrEnum):
    """What the dialplan says of a contact."""

    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


@value
class ContactReported(Event):
    """The dialplan says that a caller asks for a contact (``UserEvent(MinuteurContact,…)``).

    Or that one was answered: the callback was made. ``uniqueid`` is the channel that runs the
    dialplan, ``reference`` what the dialplan calls the contact; empty: made of the call and the
    channel. ``promise`` is None where nothing was announced.
    """

    uniqueid: str
    step: ContactStep
    channel: Channel
    reference: str = ""
    promise: Promise | None = None
    queue: str = ""
    team: str = ""
    number: str = ""
    name: str = ""
    subject: str = ""
    by: str = ""


@value
class SatisfactionReported(Event):
    """A caller was asked how satisfied they are (``UserEvent(MinuteurSatisfaction,…)``).

    ``score`` is 1 to ``best``; 0: asked, and nothing was answered (yet).
    """

    uniqueid: str
    score: int
    best: int


# --- the link with a PBX ------------------------------------------------------------------------


class LinkState(StrEnum):
    """State of the link with one PBX."""

    CONNECTING = "connecting"
    RESYNCING = "resyncing"
    CONNECTED = "connected"
    LOST = "lost"
    REFUSED = "refused"


@value
class LinkChanged(Event):
    """The link with a PBX changed its state; ``at`` is the monitor's time on the PBX's clock.

    ``detail`` says in one plain sentence what is wrong and what to do; empty when all is well.
    Anything but ``CONNECTED`` opens a blind interval, if none is open; ``CONNECTED`` closes it.
    """

    state: LinkState
    detail: str = ""


@value
class ClockMeasured(Event):
    """The offset between the clocks was measured: ``offset`` = monitor's clock minus PBX's (ms)."""

    offset: Ms


@value
class ClockStepped(Event):
    """The PBX's clock was set: ``by`` ms forward, or back when negative; ``at`` is in its new time.

    The offset between the clocks changes with it, by as much: no ``ClockMeasured`` is needed.
    """

    by: Ms


@value
class WarningRaised(Event):
    """Something is wrong with a PBX's set-up, in one plain sentence; an empty ``text`` clears it.

    ``code`` is stable: ``timestampevents``, ``read_class_call``, ``garbage``, ``oversized``…
    """

    code: str
    text: str


@value
class ChannelSeen:
    """A channel in a snapshot. ``age`` (ms, whole seconds only) counts back from the snapshot.

    ``data`` is as in :class:`DialplanStep`, ``bridge_type`` as in :class:`BridgeEntered`; empty
    where the PBX does not say. ``dialled`` is the number by which whoever is on the channel called
    the PBX (DNID); empty where the PBX itself called.
    """

    uniqueid: str
    linkedid: str
    channel: str
    context: str
    exten: str
    application: str
    number: str
    name: str
    age: Ms
    bridge: str
    data: str = ""
    bridge_type: str = ""
    dialled: str = ""


@value
class EntrySeen:
    """A waiting caller in a snapshot. ``waited`` (ms, whole seconds only)."""

    uniqueid: str
    position: int
    waited: Ms


@value
class QueueSeen:
    """A queue in a snapshot, with its waiting callers and members."""

    queue: str
    entries: tuple[EntrySeen, ...] = ()
    members: tuple[MemberChanged, ...] = ()


@value
class PbxSnapshot(Event):
    """All that a PBX says about itself at ``at``: the end of a resync.

    The adapter replays the events it buffered meanwhile *after* this one, then says ``CONNECTED``:
    only then is the PBX observed again. ``restarted``: the PBX started anew since it was last seen.
    ``complete``: ``channels`` are all there are, so a call that is not among them is over.
    """

    channels: tuple[ChannelSeen, ...] = field(default=())
    queues: tuple[QueueSeen, ...] = field(default=())
    restarted: bool = False
    complete: bool = True
