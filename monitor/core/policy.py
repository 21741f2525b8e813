"""Policies: what is promised to a caller, as values.

A policy is immutable and carries a version. A verdict keeps the version that judged it, so a later
change never rewrites a closed call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum
from fnmatch import fnmatchcase

from monitor.core.calendars import ALWAYS, Calendar, Days, OpeningHours, is_open
from monitor.core.clock import SECOND, Ms
from monitor.core.indicators import ServiceLevel

DEFAULT_WITHIN: Ms = 60 * SECOND
"""« en moins d'une minute »: NF Service « Centre de relation client », NF 345."""
DEFAULT_AT_RISK_AFTER: Ms = 45 * SECOND
DEFAULT_SHORT_ABANDON: Ms = 5 * SECOND
DEFAULT_SERVICE_LEVEL = ServiceLevel.ABANDONED_WITHIN_COUNT_FOR


class ClockStart(StrEnum):
    """What starts the commitment's clock."""

    ARRIVAL = "arrival"
    WELCOME_END = "welcome_end"
    VOICE_SERVER_LEFT = "voice_server_left"
    QUEUE_JOINED = "queue_joined"


class CountsWhen(StrEnum):
    """When a voice server counts as having handled the caller."""

    REACHED = "reached"
    FIRST_INPUT = "first_input"


@dataclass(frozen=True, slots=True)
class VoiceServer:
    """A declared voice server: its name, dialplan contexts (patterns allowed), Stasis apps."""

    name: str
    contexts: tuple[str, ...] = ()
    stasis_apps: tuple[str, ...] = ()
    counts_when: CountsWhen = CountsWhen.REACHED


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise with a clock: handled in less than ``within`` after ``starts_on``. Spans in ms."""

    within: Ms = DEFAULT_WITHIN
    at_risk_after: Ms = DEFAULT_AT_RISK_AFTER
    short_abandon: Ms = DEFAULT_SHORT_ABANDON
    starts_on: ClockStart = ClockStart.ARRIVAL
    target: float | None = None
    """The share met / (met + breached) that is aimed at, from 0 to 1; None: nobody said one."""
    service_level: ServiceLevel = DEFAULT_SERVICE_LEVEL
    """The formula that is shown first."""


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """A declared queue: its label for people and the thresholds of its callers. Spans in ms."""

    queue: str
    label: str = ""
    within: Ms = DEFAULT_WITHIN
    at_risk_after: Ms = DEFAULT_AT_RISK_AFTER
    pbx: str = ""
    """Empty: the queue of that name on every PBX."""
    target: float | None = None
    """The share of the queue's service level that is aimed at; None: nobody said one."""
    service_level: ServiceLevel = DEFAULT_SERVICE_LEVEL
    """The formula of the queue's service level."""
    calendar: str = ""
    """The calendar that judges those whose first queue this is; empty: the centre's."""


class Exclusion(StrEnum):
    """Why a call is excluded from the commitment."""

    OUTSIDE_OPENING_HOURS = "outside_opening_hours"
    TEST_NUMBER = "test_number"
    INTERNAL_CALL = "internal_call"


@dataclass(frozen=True, slots=True)
class Policy:
    """All that judges a call, as of one version."""

    version: int = 1
    commitment: Commitment = Commitment()
    queues: tuple[QueuePolicy, ...] = ()
    voice_servers: tuple[VoiceServer, ...] = ()
    incoming_contexts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(PBX, dialplan contexts where its callers arrive; patterns allowed)."""
    welcome_contexts: tuple[str, ...] = ()
    """Contexts of the welcome message, for ``ClockStart.WELCOME_END``; patterns allowed."""
    opening_hours: OpeningHours = ALWAYS
    test_numbers: tuple[str, ...] = ()
    """Caller numbers of tests (patterns allowed); their calls are excluded."""
    internal_numbers: tuple[str, ...] = ()
    """Caller numbers of the house (patterns allowed); their calls are excluded."""
    zone: tzinfo = UTC
    """The centre's zone: its days, and its opening hours."""
    calendars: tuple[Calendar, ...] = ()
    calendar: str = ""
    """The centre's calendar, one of ``calendars``; empty: ``opening_hours``."""
    label: str = ""
    """What people call the centre; it judges nothing, and stands on reports."""


def matches(value: str, patterns: Iterable[str]) -> bool:
    """Whether ``value`` is one of ``patterns``, in which ``*`` and ``?`` are wildcards."""
    return any(fnmatchcase(value, pattern) for pattern in patterns)


class Rules:
    """A policy with its look-ups compiled, for the engine; answers are cached per name."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._queues = {(queue.pbx, queue.queue): queue for queue in policy.queues}
        self._calendars = {calendar.name: calendar for calendar in policy.calendars}
        self._centre: Days = self._calendars.get(policy.calendar, policy.opening_hours)
        self.has_calendars = any(queue.calendar in self._calendars for queue in policy.queues)
        """Whether a queue has opening hours of its own."""
        self._incoming = dict(policy.incoming_contexts)
        self._is_incoming: dict[tuple[str, str], bool] = {}
        self._voice_server_of_context: dict[str, VoiceServer | None] = {}
        self.has_stasis = any(server.stasis_apps for server in policy.voice_servers)
        """Whether any voice server is a Stasis application, of which ARI tells."""

    def is_incoming(self, pbx: str, context: str) -> bool:
        """Whether callers arrive in this dialplan context."""
        known = self._is_incoming.get((pbx, context))
        if known is None:
            known = matches(context, self._incoming.get(pbx, ()))
            self._is_incoming[pbx, context] = known
        return known

    def is_welcome(self, context: str) -> bool:
        """Whether the welcome message is played in this dialplan context."""
        return matches(context, self.policy.welcome_contexts)

    def voice_server_of_context(self, context: str) -> VoiceServer | None:
        """The voice server that a dialplan context belongs to."""
        if context not in self._voice_server_of_context:
            self._voice_server_of_context[context] = next(
                (vs for vs in self.policy.voice_servers if matches(context, vs.contexts)), None
            )
        return self._voice_server_of_context[context]

    def voice_server_named(self, name: str) -> VoiceServer:
        """The voice server of a name or Stasis application; undeclared ones count when reached."""
        for declared in self.policy.voice_servers:
            if name == declared.name or matches(name, declared.stasis_apps):
                return declared
        return VoiceServer(name)

    def voice_server_of_app(self, app: str) -> VoiceServer | None:
        """The voice server that declares a Stasis application; others are none."""
        servers = self.policy.voice_servers
        return next((server for server in servers if matches(app, server.stasis_apps)), None)

    def queue(self, pbx: str, queue: str) -> QueuePolicy:
        """The thresholds of a queue; the commitment's own where nobody declared it."""
        found = self._queues.get((pbx, queue)) or self._queues.get(("", queue))
        if found is None:
            promise = self.policy.commitment
            found = QueuePolicy(
                queue, queue, promise.within, promise.at_risk_after, pbx,
                promise.target, promise.service_level,
            )  # fmt: skip
            self._queues[pbx, queue] = found
        return found

    def calendar(self, pbx: str, queue: str = "") -> Days:
        """What says when a queue is open; without a queue, when the centre is."""
        name = self.queue(pbx, queue).calendar if queue else ""
        return self._calendars.get(name, self._centre)

    def exclusion(self, number: str, arrived_at: Ms, pbx: str, queue: str = "") -> Exclusion | None:
        """Why a call is excluded; None when it counts.

        Args:
            number: of the caller.
            arrived_at: on which the hours are judged, however long the caller waits.
            pbx: where they called.
            queue: the one that judges the call; empty while it has joined none.
        """
        policy = self.policy
        if matches(number, policy.test_numbers):
            return Exclusion.TEST_NUMBER
        if matches(number, policy.internal_numbers):
            return Exclusion.INTERNAL_CALL
        if not is_open(self.calendar(pbx, queue), arrived_at, policy.zone):
            return Exclusion.OUTSIDE_OPENING_HOURS
        return None

    def is_open_somewhere(self, pbx: str, at: Ms) -> bool:
        """Whether a queue of the PBX with a calendar of its own is open."""
        own = {
            queue.calendar
            for queue in self.policy.queues
            if queue.calendar in self._calendars and queue.pbx in ("", pbx)
        }
        return any(is_open(self._calendars[name], at, self.policy.zone) for name in own)
