"""Agents' time as JSON, in the shapes of :mod:`api.agent_schemas`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final
from zoneinfo import ZoneInfo

from api.views import Json, iso, seconds, seconds_or_none
from monitor.core.agent_time import (
    AGENT_INDICATORS,
    AgentIndicator,
    AgentTime,
    AgentTimeFigures,
    AgentUnit,
)
from monitor.core.buckets import Bucket
from monitor.core.clock import DAY, MINUTE, SECOND, Ms
from monitor.core.indicators import Ratio, mean


def definitions() -> list[Json]:
    """All figures of agents' time as ``AgentIndicatorOut``."""
    return [
        {
            "code": one.code,
            "unit": one.unit.value,
            "numerator": one.numerator,
            "denominator": one.denominator,
            "of_queues": one.of_queues,
        }
        for one in AGENT_INDICATORS
    ]


def figures(found: AgentTimeFigures, by: str | None, *, whole: bool) -> Json:
    """Agents' time as ``AgentTimeOut``, but for who sees what, and blind intervals.

    Args:
        found: the figures.
        by: into which parts they are split.
        whole: whether all time was counted, not only that of some queues.
    """
    return {
        "from": iso(found.since),
        "to": iso(found.until),
        "zone": str(found.zone),
        "by": by,
        "total": _part(found.total, whole=whole),
        "parts": [where | part for where, part in _parts(found, whole=whole)],
    }


def _parts(found: AgentTimeFigures, *, whole: bool) -> Iterator[tuple[Json, Json]]:
    for pbx, time in found.by_pbx.items():
        yield {"pbx": pbx}, _part(time, whole=whole)
    for team, time in found.by_team.items():
        yield {"team": team}, _part(time, whole=whole)
    for (pbx, queue), handling in found.by_queue.items():
        time = AgentTime(**asdict(handling))
        yield {"pbx": pbx, "queue": queue}, _part(time, whole=False)
    for list_ in (found.by_month, found.by_week, found.by_day):
        for bucket, time in list_:
            yield _span(bucket), _part(time, whole=whole)
    for team, months in found.by_team_month.items():
        for bucket, time in months:
            yield {"team": team} | _span(bucket), _part(time, whole=whole)
    for (pbx, agent), time in found.by_agent.items():
        name = found.names[pbx, agent]
        yield {"pbx": pbx, "agent": agent, "name": name}, _part(time, whole=whole)


def _part(time: AgentTime, *, whole: bool) -> Json:
    shown: Json = {
        "values": {
            one.code: value_of(one, time) for one in AGENT_INDICATORS if whole or one.of_queues
        }
    }
    if whole:
        shown["pauses"] = {why: seconds(spent) for why, spent in sorted(time.pauses.items())}
    return shown


def value_of(one: AgentIndicator, time: AgentTime) -> Json:
    """The value of a figure as ``AgentValueOut``."""
    found = one.value(time)
    if not isinstance(found, Ratio):
        return {"value": found if one.unit is AgentUnit.COUNT else seconds(found)}
    if one.unit is AgentUnit.RATIO:
        above, below = seconds(found.numerator), seconds(found.denominator)
        return {"value": found.value, "numerator": above, "denominator": below}
    value = seconds_or_none(mean(found.numerator, found.denominator))
    above = seconds(found.numerator)
    return {"value": value, "numerator": above, "denominator": found.denominator}


def _span(bucket: Bucket) -> Json:
    return {"starts_at": iso(bucket.begin), "ends_at": iso(bucket.end)}


_AT: Final[Ms] = 1_763_679_600_000
"""2025-11-21 in Paris."""


def _example() -> Json:
    time = AgentTime(
        talk=190 * 210 * SECOND, hold=40 * MINUTE, wrap_up=90 * MINUTE, conversations=190,
        ringing=45 * MINUTE, available=700 * MINUTE, busy=25 * MINUTE, paused=120 * MINUTE,
        pauses=Counter({"lunch": 90 * MINUTE, "": 30 * MINUTE}),
    )  # fmt: skip
    found = AgentTimeFigures(_AT, _AT + DAY, ZoneInfo("Europe/Paris"), time)
    found.by_team = {"Support": time}
    return figures(found, "team", whole=True) | {"per_agent": False, "blind_intervals": []}


EXAMPLE: Final = _example()
