"""Agents' time in a report: by team and month, of nobody alone."""

from typing import Final

from monitor.core.agent_time import AgentDimension, AgentTime, AgentTimeFigures
from monitor.core.buckets import Bucket
from monitor.core.clock import Ms
from monitor.core.indicators import mean
from monitor.reporting.agent_model import AgentMonth, AgentResults, Agents, PauseTime, TeamResults
from monitor.reporting.values import Span

NEEDED_OF_AGENTS: Final = (AgentDimension.TEAM, AgentDimension.MONTH, AgentDimension.TEAM_MONTH)
"""The parts of agents' time that a report is made of."""


def agents_of(figures: AgentTimeFigures, names: dict[Ms, str]) -> Agents | None:
    """Agents' time of a period; None where none was seen.

    Args:
        figures: split by :data:`NEEDED_OF_AGENTS`.
        names: the names of the period's months, by their begin.
    """
    if not figures.total.logged_in and not figures.total.unobserved:
        return None

    def months(found: list[tuple[Bucket, AgentTime]], team: str | None) -> list[AgentMonth]:
        return [AgentMonth(team, names[bucket.begin], _results(time)) for bucket, time in found]

    return Agents(
        total=_results(figures.total),
        teams=tuple(TeamResults(team, _results(time)) for team, time in figures.by_team.items()),
        months=tuple(months(figures.by_month, None)),
        team_months=tuple(
            month for team, found in figures.by_team_month.items() for month in months(found, team)
        ),
        pauses=tuple(
            PauseTime(reason, Span(spent)) for reason, spent in sorted(figures.total.pauses.items())
        ),
    )


def _results(time: AgentTime) -> AgentResults:
    return AgentResults(
        occupancy=time.occupancy,
        average_handle_s=_mean(time.handling, time),
        average_talk_s=_mean(time.talk, time),
        average_hold_s=_mean(time.hold, time),
        average_wrap_up_s=_mean(time.wrap_up, time),
        conversations=time.conversations,
        **{f"{name}_s": Span(getattr(time, name)) for name in _SPANS},
    )


def _mean(spent: Ms, time: AgentTime) -> Span | None:
    average = mean(spent, time.conversations)
    return None if average is None else Span(average)


_SPANS: Final = (
    "logged_in", "available", "ringing", "talk", "hold", "wrap_up", "busy", "paused", "unobserved",
)  # fmt: skip
