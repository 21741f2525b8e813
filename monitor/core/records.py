"""Records: what is known of a call, its visits and stays, and of a queue's members.

The engine mutates them; edges read them, synchronously, when an effect names them. The same
records are rebuilt from the database, so a live call and a stored one are shown by the same code.
All moments and spans are in milliseconds.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from monitor.core.clock import Ms
from monitor.core.events import DeviceState
from monitor.core.values import value


class Verdict(StrEnum):
    """How a call stands under a commitment."""

    PENDING = "pending"
    MET = "met"
    BREACHED = "breached"
    ABANDONED = "abandoned"
    REFUSED = "refused"
    EXCLUDED = "excluded"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a verdict is what it is; a stable code that the UI puts into words."""

    NONE = ""
    HANDLED_BY_AGENT = "handled_by_agent"
    HANDLED_BY_VOICE_SERVER = "handled_by_voice_server"
    WAITING_PAST_DEADLINE = "waiting_past_deadline"
    HANDLED_LATE = "handled_late"
    ABANDONED_LATE = "abandoned_late"
    REFUSED_LATE = "refused_late"
    CALLER_HUNG_UP = "caller_hung_up"
    TURNED_AWAY = "turned_away"
    PBX_HUNG_UP = "pbx_hung_up"
    END_NOT_OBSERVED = "end_not_observed"
    MAY_HAVE_BEEN_HANDLED = "may_have_been_handled"
    ARRIVAL_NOT_OBSERVED = "arrival_not_observed"
    LEFT_BEFORE_THE_CLOCK = "left_before_the_clock"
    NOT_PRECISE_ENOUGH = "not_precise_enough"
    CALENDAR_UNKNOWN = "calendar_unknown"
    """Pending: the centre is closed, and the caller may still join a queue that is open."""
    OUTSIDE_OPENING_HOURS = "outside_opening_hours"
    TEST_NUMBER = "test_number"
    INTERNAL_CALL = "internal_call"


class HandledBy(StrEnum):
    """Who took care of the caller."""

    AGENT = "agent"
    VOICE_SERVER = "voice_server"


class Observed(StrEnum):
    """Whether the whole call was observed, or part of it fell into a blind interval."""

    FULL = "full"
    PARTIAL = "partial"


class Exit(StrEnum):
    """How a visit to a queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    TIMEOUT = "timeout"
    KEY = "key"
    JOIN_EMPTY = "join_empty"
    LEAVE_EMPTY = "leave_empty"
    FULL = "full"
    WITHDRAWN = "withdrawn"
    REDIRECTED = "redirected"
    CONTINUED = "continued"
    UNKNOWN = "unknown"


TURNED_AWAY: Final = frozenset({Exit.FULL, Exit.JOIN_EMPTY})
"""Exits of visits that were none: the queue did not let the caller in."""


@dataclass(slots=True)
class Visit:
    """One stay of a call in one queue.

    ``left_at`` is dated at the Leave; ``exit`` is decided when the deciding event arrives, so a
    visit may have left and not know its exit yet. ``ended_at`` is the end of the conversation.
    ``within`` is the queue's threshold at the time of joining.
    """

    queue: str
    joined_at: Ms
    within: Ms
    position: int = 0
    left_at: Ms | None = None
    exit: Exit | None = None
    agent: str = ""
    interface: str = ""
    answered_at: Ms | None = None
    ended_at: Ms | None = None
    offers: int = 0
    missed: int = 0
    given_up: bool = False
    """Asterisk said Abandon, which it also does on a timeout, a withdrawal, a redirect…"""
    moved: bool = False
    """The dialplan moved on while the caller was still in the queue: a redirect."""
    short: bool = False
    """Abandoned in less than the commitment's short-abandon limit of that day."""
    blur: Ms = 0
    """By how much a moment of it may be off, either way: those that a queue log told."""
    hold: Ms | None = None
    """How long the agent held the caller, a part of ``talk``; None until it ended, or unseen."""
    transfers: int | None = 0
    """How often the agent passed the caller on; None: of a time in which that was not counted."""

    @property
    def wait(self) -> Ms | None:
        """How long the caller waited: to the answer, else to the Leave; None while waiting."""
        end = self.answered_at if self.answered_at is not None else self.left_at
        return None if end is None else max(0, end - self.joined_at)

    @property
    def talk(self) -> Ms | None:
        """How long caller and agent talked; None unless answered and ended."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(0, self.ended_at - self.answered_at)


@dataclass(slots=True)
class VoiceServerStay:
    """One stay of a call in a voice server, with what the caller entered."""

    name: str
    entered_at: Ms
    left_at: Ms | None = None
    inputs: str = ""
    explicit: bool = False
    """Reported by the voice server itself, not derived from a dialplan context."""


class FactKind(StrEnum):
    """Kinds of timeline facts."""

    ARRIVED = "arrived"
    FOUND = "found"
    CALLER_ID = "caller_id"
    CLOCK_STARTED = "clock_started"
    VOICE_SERVER_ENTERED = "voice_server_entered"
    VOICE_SERVER_INPUT = "voice_server_input"
    VOICE_SERVER_LEFT = "voice_server_left"
    PLAYBACK_STARTED = "playback_started"
    PLAYBACK_ENDED = "playback_ended"
    QUEUE_JOINED = "queue_joined"
    QUEUE_LEFT = "queue_left"
    QUEUE_EXIT = "queue_exit"
    AGENT_OFFERED = "agent_offered"
    AGENT_MISSED = "agent_missed"
    AGENT_PICKED_UP = "agent_picked_up"
    AGENT_CONNECTED = "agent_connected"
    AGENT_DUMPED = "agent_dumped"
    AGENT_COMPLETED = "agent_completed"
    RINGING = "ringing"
    BRIDGED = "bridged"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"
    STAFFING = "staffing"
    AT_RISK = "at_risk"
    VERDICT = "verdict"
    CORRECTED = "corrected"
    BLIND_FROM = "blind_from"
    BLIND_TO = "blind_to"
    CLOCK_STEPPED = "clock_stepped"
    OVERFLOW_DECIDED = "overflow_decided"
    OVERFLOW_COMMANDED = "overflow_commanded"
    OVERFLOW_OUTCOME = "overflow_outcome"
    CONTACT_ASKED = "contact_asked"
    CONTACT_ANSWERED = "contact_answered"
    CONTACT_WITHDRAWN = "contact_withdrawn"
    SURVEY_ASKED = "survey_asked"
    SURVEY_ANSWERED = "survey_answered"
    HANGUP_REQUESTED = "hangup_requested"
    ENDED = "ended"


@value
class Fact:
    """One thing that happened to a call, in the order in which it became known.

    ``detail`` holds plain words and numbers (queue, agent, digit, verdict, previous…).
    """

    at: Ms
    kind: FactKind
    detail: dict[str, str | int | None]


@dataclass(slots=True)
class Call:
    """The whole journey of one caller."""

    pbx: str
    uniqueid: str
    arrived_at: Ms
    linkedid: str = ""
    channel: str = ""
    caller: str = ""
    caller_name: str = ""
    context: str = ""
    exten: str = ""

    policy_version: int = 1
    within: Ms = 60_000
    at_risk_after: Ms = 45_000
    clock_started_at: Ms | None = None
    at_risk: bool = False

    handled_at: Ms | None = None
    handled_by: HandledBy | None = None
    agent: str = ""
    picked_up_at: Ms | None = None
    ended_at: Ms | None = None
    hangup_cause: int = 0
    caller_hung_up: bool = False

    verdict: Verdict = Verdict.PENDING
    verdict_at: Ms | None = None
    reason: Reason = Reason.NONE
    short_abandon: bool = False
    observed: Observed = Observed.FULL
    closed: bool = False
    """The call is over; ``ended_at`` stays None where its end was not observed."""
    in_doubt: bool = False
    """Somebody may have taken care of the caller in a blind interval, unseen. Only who waits in
    the same queue before and after it is known not to have been."""
    start_blur: Ms = 0
    """By how much ``clock_started_at`` may be off, either way; 0 where it was observed."""
    handled_blur: Ms = 0
    """The same of ``handled_at``."""
    end_blur: Ms = 0
    """The same of ``ended_at``."""

    visits: list[Visit] = field(default_factory=list)
    stays: list[VoiceServerStay] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    corrections: int = 0
    transfers: int | None = 0
    """How often somebody passed the caller on; None: of a time in which that was not counted."""
    caller_key: str = ""
    """The pseudonym of the number, which stays when the number is purged; empty for none."""
    satisfaction: int | None = None
    """What the caller answered after the call, from 1; 0: asked, and no answer; None: not asked."""
    satisfaction_best: int | None = None
    """The best score of that survey."""

    @property
    def id(self) -> str:
        """The call's stable id for people and programs: ``pbx:uniqueid``."""
        return f"{self.pbx}:{self.uniqueid}"

    @property
    def deadline_at(self) -> Ms | None:
        """The moment at which the commitment is breached; None before its clock started."""
        return None if self.clock_started_at is None else self.clock_started_at + self.within

    @property
    def at_risk_at(self) -> Ms | None:
        """The moment from which the call is at risk; None before its clock started."""
        if self.clock_started_at is None:
            return None
        return self.clock_started_at + self.at_risk_after

    @property
    def wait(self) -> Ms | None:
        """From the clock's start to handled, else to the end; None while it runs, or unseen."""
        end = self.ended_at if self.handled_by is None else self.handled_at
        if self.clock_started_at is None or end is None:
            return None
        return max(0, end - self.clock_started_at)

    @property
    def visit(self) -> Visit | None:
        """The visit that the caller is in, or left without a known exit yet."""
        return self.visits[-1] if self.visits and self.visits[-1].exit is None else None

    @property
    def judging_queue(self) -> str:
        """The queue whose calendar judges the call: the first that let the caller in.

        The first of all where none did; empty where none was tried.
        """
        entered = (visit.queue for visit in self.visits if visit.exit not in TURNED_AWAY)
        return next(entered, self.visits[0].queue if self.visits else "")

    @property
    def stay(self) -> VoiceServerStay | None:
        """The voice server stay that the caller is in."""
        return self.stays[-1] if self.stays and self.stays[-1].left_at is None else None


class MemberState(StrEnum):
    """What an agent does in one queue, derived from the device and the queue's own record."""

    AVAILABLE = "available"
    RINGING = "ringing"
    TALKING = "talking"
    ON_HOLD = "on_hold"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"


@dataclass(slots=True)
class Member:
    """An agent's place in one queue; ``interface`` is the key, ``name`` only a name."""

    pbx: str
    queue: str
    interface: str
    name: str
    device: DeviceState
    paused: bool
    pause_reason: str
    in_call: bool
    penalty: int
    calls_taken: int
    last_call: Ms
    wrap_up: Ms
    state: MemberState
    since: Ms
    missed: int = 0
    call_id: str = ""
    """The call this member talks to, empty when none."""
    ringing_for: str = ""
    """The call this member is rung for, empty when none."""
    handled: int = 0
    """Conversations that ended, as far as it was said."""
    holding: bool = False
    """The agent put the caller on hold; what the caller's own phone does is not this."""
    told_at: Ms = 0
    """When something was said of it, or followed, last."""


@value
class BlindInterval:
    """A span in which a PBX was not observed; ``ended_at`` is None while it lasts."""

    pbx: str
    started_at: Ms
    ended_at: Ms | None
    cause: str
