"""What a report says of agents' time, as values."""

from dataclasses import dataclass

from monitor.core.indicators import Ratio
from monitor.reporting.values import Span


@dataclass(frozen=True, slots=True)
class AgentResults:
    """Time of agents who were logged in, of all of them together.

    Each moment that was observed is in one of ``available`` to ``paused``; talk is without hold.
    """

    occupancy: Ratio
    """Talk, hold and wrap-up / the time logged in less pauses (both in milliseconds)."""
    average_handle_s: Span | None
    """AHT: talk, hold and wrap-up / conversations."""
    average_talk_s: Span | None
    average_hold_s: Span | None
    average_wrap_up_s: Span | None
    conversations: int
    logged_in_s: Span
    available_s: Span
    ringing_s: Span
    talk_s: Span
    hold_s: Span
    wrap_up_s: Span
    busy_s: Span
    """On the telephone, and not with a caller of a queue."""
    paused_s: Span
    unobserved_s: Span
    """Of agents who were logged in when nobody looked any more; in no other figure."""


@dataclass(frozen=True, slots=True)
class TeamResults:
    """A team's; empty for agents of none."""

    team: str
    results: AgentResults


@dataclass(frozen=True, slots=True)
class AgentMonth:
    """A month's, of a team or (None) of all."""

    team: str | None
    month: str
    results: AgentResults


@dataclass(frozen=True, slots=True)
class PauseTime:
    """Time in pause by the reason that was given; empty for none."""

    reason: str
    paused_s: Span


@dataclass(frozen=True, slots=True)
class Agents:
    """Agents' time. It is a record of its own: not sealed, and not made anew from a pack."""

    total: AgentResults
    teams: tuple[TeamResults, ...]
    months: tuple[AgentMonth, ...]
    team_months: tuple[AgentMonth, ...]
    pauses: tuple[PauseTime, ...]
