"""Agents' time: what they were seen to do, added up, and the figures that are made of it.

The counts are additive; :mod:`monitor.core.agent_ledger` makes them from what members do, and
:mod:`monitor.history.agent_time` reads those of a period. Nothing here is of a person unless
figures of each agent are switched on.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from monitor.core.buckets import Bucket
from monitor.core.clock import Ms
from monitor.core.indicators import Ratio

Queue = tuple[str, str]
"""(PBX, queue)."""
Agent = tuple[str, str]
"""(PBX, interface)."""


class AgentDimension(StrEnum):
    """By what agents' time is split; within each, but for queues, it adds up to the whole."""

    PBX = "pbx"
    TEAM = "team"
    QUEUE = "queue"
    """Only the time that is of a queue: conversations and what comes after them."""
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    TEAM_MONTH = "team_month"
    AGENT = "agent"


@dataclass(slots=True)
class HandlingTime:
    """What conversations took agents, in milliseconds; of all agents together.

    Time belongs to the hour in which it passed, a conversation to the hour in which it ended.
    """

    talk: Ms = 0
    """With a caller, hold not included."""
    hold: Ms = 0
    """The caller was on hold."""
    wrap_up: Ms = 0
    """After a conversation, until the queue may ring the agent again, or they ring, or pause."""
    conversations: int = 0
    """That ended, and were seen to."""

    @property
    def handling(self) -> Ms:
        """Talk, hold and wrap-up."""
        return self.talk + self.hold + self.wrap_up

    @property
    def average_handle_time(self) -> Ratio:
        """AHT: talk, hold and wrap-up (ms) / conversations."""
        return Ratio(self.handling, self.conversations)


@dataclass(slots=True)
class AgentTime(HandlingTime):
    """All time of agents who were logged in, in milliseconds; each moment is in one count."""

    ringing: Ms = 0
    available: Ms = 0
    busy: Ms = 0
    """On the telephone, and not with a caller of a queue."""
    paused: Ms = 0
    unobserved: Ms = 0
    """Nobody looked; of agents who were logged in when that began. It is in no other count."""
    pauses: Counter[str] = field(default_factory=Counter)
    """``paused`` by the reason that was given, empty for none."""

    @classmethod
    def of(cls, counts: Iterable[int]) -> "AgentTime":
        """Time by its counts, in the order of ``COUNTS``; without the reasons of pauses."""
        made = cls()
        for name, count in zip(COUNTS, counts, strict=True):
            setattr(made, name, int(count))
        return made

    @property
    def logged_in(self) -> Ms:
        """All that was observed."""
        return self.handling + self.ringing + self.available + self.busy + self.paused

    @property
    def occupancy(self) -> Ratio:
        """Talk, hold and wrap-up / the time logged in, less pauses (ms)."""
        return Ratio(self.handling, self.logged_in - self.paused)

    def add(self, other: "AgentTime") -> None:
        """Add other time."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.pauses.update(other.pauses)


HANDLING: Final = tuple(f.name for f in fields(HandlingTime))
"""The counts that are of a queue."""
COUNTS: Final = tuple(f.name for f in fields(AgentTime) if f.name != "pauses")
"""All counts but the reasons of pauses."""


class TimeKey(NamedTuple):
    """Of what the counts are: the hour (its begin, ms), the PBX and so on.

    ``agent`` is empty for all agents of the team together; beside that, each has their own where
    figures of each are kept. ``queue`` is empty for what is of none.
    """

    at: Ms
    pbx: str
    team: str
    agent: str
    queue: str


class PauseKey(NamedTuple):
    """Of what a pause's time is."""

    at: Ms
    pbx: str
    team: str
    agent: str
    reason: str


@dataclass(slots=True)
class AgentTimes:
    """What is to be added to the record; ``counts`` are in the order of ``COUNTS``.

    ``until`` is up to when it holds all, by PBX, on its clock; ``present`` who was logged in then,
    with their names. ``number`` tells it from others: stored once more, it changes nothing.
    """

    times: dict[TimeKey, list[int]] = field(default_factory=dict)
    pauses: dict[PauseKey, Ms] = field(default_factory=dict)
    until: dict[str, Ms] = field(default_factory=dict)
    present: dict[Agent, str] = field(default_factory=dict)
    number: int = 0

    def add(self, other: "AgentTimes") -> None:
        """Add what came after this."""
        for key, counts in other.times.items():
            mine = self.times.setdefault(key, [0] * len(COUNTS))
            for index, count in enumerate(counts):
                mine[index] += count
        for pause, spent in other.pauses.items():
            self.pauses[pause] = self.pauses.get(pause, 0) + spent
        self.until |= other.until
        self.present = other.present


@dataclass(slots=True)
class AgentTimeFigures:
    """Agents' time of ``since`` ≤ t < ``until`` (ms); what was not asked for is empty.

    Months, weeks and days are those of ``zone``, cut to the period, the empty ones there too.
    """

    since: Ms
    until: Ms
    zone: tzinfo
    total: AgentTime = field(default_factory=AgentTime)
    by_pbx: dict[str, AgentTime] = field(default_factory=dict)
    by_team: dict[str, AgentTime] = field(default_factory=dict)
    """By the team of that time; empty for agents of none."""
    by_queue: dict[Queue, HandlingTime] = field(default_factory=dict)
    by_month: list[tuple[Bucket, AgentTime]] = field(default_factory=list)
    by_week: list[tuple[Bucket, AgentTime]] = field(default_factory=list)
    by_day: list[tuple[Bucket, AgentTime]] = field(default_factory=list)
    by_team_month: dict[str, list[tuple[Bucket, AgentTime]]] = field(default_factory=dict)
    by_agent: dict[Agent, AgentTime] = field(default_factory=dict)
    """Of the time in which figures of each agent were switched on."""
    names: dict[Agent, str] = field(default_factory=dict)
    """What the agents of ``by_agent`` are called."""


class AgentUnit(StrEnum):
    """What a figure of agents' time is measured in."""

    RATIO = "ratio"
    SECONDS = "s"
    """Of a mean: what one conversation took."""
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class AgentIndicator:
    """A figure of agents' time, as :class:`monitor.core.definitions.Indicator` is one of calls.

    ``numerator`` and ``denominator`` say what is counted or added up; a figure without a
    denominator is a count or a span. ``of_queues``: it is made of what conversations took, so that
    a queue has it too.
    """

    code: str
    unit: AgentUnit
    numerator: str
    value: Callable[[AgentTime], Ms | Ratio]
    denominator: str = ""
    of_queues: bool = False


def _per_conversation(code: str, counts: str, name: str) -> AgentIndicator:
    return AgentIndicator(
        code, AgentUnit.SECONDS, counts, lambda t: Ratio(getattr(t, name), t.conversations),
        "conversations that ended", of_queues=True,
    )  # fmt: skip


def _time(code: str, counts: str, name: str) -> AgentIndicator:
    return AgentIndicator(
        code, AgentUnit.SECONDS, counts, lambda t: int(getattr(t, name)), of_queues=name in HANDLING
    )


AGENT_INDICATORS: Final[tuple[AgentIndicator, ...]] = (
    AgentIndicator(
        "occupancy", AgentUnit.RATIO, "talk + hold + wrap-up", lambda t: t.occupancy,
        "time logged in − pauses",
    ),
    _per_conversation("aht", "talk + hold + wrap-up", "handling"),
    _per_conversation("aht_talk", "talk, without hold", "talk"),
    _per_conversation("aht_hold", "time on hold", "hold"),
    _per_conversation("aht_wrap_up", "wrap-up", "wrap_up"),
    AgentIndicator("conversations", AgentUnit.COUNT, "conversations that ended",
                   lambda t: t.conversations, of_queues=True),
    _time("logged_in_time", "time in which agents were logged in, and observed", "logged_in"),
    _time("available_time", "of this, waiting for a caller", "available"),
    _time("ringing_time", "of this, ringing", "ringing"),
    _time("talk_time", "of this, with a caller, without hold", "talk"),
    _time("hold_time", "of this, with a caller on hold", "hold"),
    _time("wrap_up_time", "of this, in wrap-up", "wrap_up"),
    _time("busy_time", "of this, on the telephone with somebody else", "busy"),
    _time("paused_time", "of this, paused", "paused"),
    _time("unobserved_time", "in no other figure: nobody looked, of agents who were logged in when "
          "that began", "unobserved"),
)  # fmt: skip
AGENT_BY_CODE: Final = MappingProxyType({one.code: one for one in AGENT_INDICATORS})
