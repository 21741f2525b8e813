"""Policies: what is promised to a caller, as values.

A policy is immutable and carries a version. A verdict keeps the version that judged it, so a later
change never rewrites a closed call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from enum import StrEnum
from fnmatch import fnmatchcase

from monitor.core.clock import SECOND, Ms

DEFAULT_WITHIN: Ms = 60 * SECOND
"""« en moins d'une minute »: NF Service « Centre de relation client », NF 345 / NF X 50-798."""
DEFAULT_AT_RISK_AFTER: Ms = 45 * SECOND
DEFAULT_SHORT_ABANDON: Ms = 5 * SECOND


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


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """A declared queue: its label for people and the thresholds of its callers. Spans in ms."""

    queue: str
    label: str = ""
    within: Ms = DEFAULT_WITHIN
    at_risk_after: Ms = DEFAULT_AT_RISK_AFTER
    pbx: str = ""
    """Empty: the queue of that name on every PBX."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Weekly opening hours in the centre's zone; ``spans`` holds (weekday 0 = Monday, from, to).

    No spans at all means: always open.
    """

    spans: tuple[tuple[int, time, time], ...] = ()

    def is_open(self, at: Ms, zone: tzinfo) -> bool:
        """Whether the centre is open at ``at``; the end of a span is outside it."""
        if not self.spans:
            return True
        local = datetime.fromtimestamp(at / SECOND, UTC).astimezone(zone)
        now = local.time()
        return any(
            day == local.weekday() and start <= now and (now < end or end == time.max)
            for day, start, end in self.spans
        )


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
    opening_hours: OpeningHours = OpeningHours()
    test_numbers: tuple[str, ...] = ()
    """Caller numbers of tests (patterns allowed); their calls are excluded."""
    internal_numbers: tuple[str, ...] = ()
    """Caller numbers of the house (patterns allowed); their calls are excluded."""
    zone: tzinfo = UTC
    """The centre's zone: its days, and its opening hours."""


def matches(value: str, patterns: Iterable[str]) -> bool:
    """Whether ``value`` is one of ``patterns``, in which ``*`` and ``?`` are wildcards."""
    return any(fnmatchcase(value, pattern) for pattern in patterns)


class Rules:
    """A policy with its look-ups compiled, for the engine; answers are cached per name."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._queues = {(queue.pbx, queue.queue): queue for queue in policy.queues}
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
            found = QueuePolicy(queue, queue, promise.within, promise.at_risk_after, pbx)
            self._queues[pbx, queue] = found
        return found

    def exclusion(self, number: str, arrived_at: Ms) -> Exclusion | None:
        """Why a call from ``number`` is excluded; None when it counts."""
        policy = self.policy
        if matches(number, policy.test_numbers):
            return Exclusion.TEST_NUMBER
        if matches(number, policy.internal_numbers):
            return Exclusion.INTERNAL_CALL
        if not policy.opening_hours.is_open(arrived_at, policy.zone):
            return Exclusion.OUTSIDE_OPENING_HOURS
        return None
