"""A period's indicators as JSON, in the shapes of :mod:`api.period_schemas`."""

from collections.abc import Iterator

from api import agent_views
from api.views import Json, iso, seconds, seconds_or_none
from monitor.core.buckets import Bucket
from monitor.core.definitions import INDICATORS, Indicator, Unit
from monitor.core.indicators import Ratio
from monitor.core.period import Part, PeriodFigures


def definitions() -> Json:
    """All indicators as ``IndicatorsOut``."""
    return {
        "items": [_definition(one) for one in INDICATORS],
        "agents": agent_views.definitions(),
    }


def _definition(one: Indicator) -> Json:
    return {
        "code": one.code,
        "of": one.of.value,
        "unit": "s" if one.unit is Unit.MS else one.unit.value,
        "numerator": one.numerator,
        "denominator": one.denominator,
        "source": one.source,
        "calls": None if one.calls is None else dict(one.calls),
    }


def value_of(one: Indicator, part: Part) -> Json:
    """The value of an indicator as ``ValueOut``."""
    found = one.value(part)
    if not isinstance(found, Ratio):
        return {"value": seconds_or_none(found) if one.unit is Unit.MS else found}
    shown: Json = {
        "value": found.value,
        "numerator": found.numerator,
        "denominator": found.denominator,
    }
    if one.unknown is not None:
        low, high = found.bounds(one.unknown(part))
        shown |= {"low": low.value, "high": high.value}
    return shown


def _values(part: Part) -> Json:
    return {one.code: value_of(one, part) for one in INDICATORS}


def period(figures: PeriodFigures, by: str | None) -> Json:
    """A period as ``PeriodOut``, but for its blind intervals."""
    total = figures.total
    return {
        "from": iso(figures.since),
        "to": iso(figures.until),
        "zone": str(figures.zone),
        "by": by,
        "total": {"values": _values(total)},
        "parts": [where | {"values": _values(part)} for where, part in _parts(figures)],
        "voice_servers": [
            {
                "name": name,
                "reached": tally.reached,
                "with_input": tally.with_input,
                "inputs": tally.inputs,
                "ended_there": tally.ended_there,
                "left_without": tally.left_without,
                "average_s": seconds_or_none(tally.average_time),
            }
            for name, tally in sorted(total.voice.items())
        ],
        "waits": {str(second): many for second, many in total.commitment_waits.counts.items()},
        "answered_waits": {str(s): many for s, many in total.answered_waits.counts.items()},
        "exclusions": {why.value: many for why, many in figures.exclusions.items()},
        "policy_versions": {str(key): many for key, many in figures.policy_versions.items()},
        "thresholds": [
            {"within_s": seconds(within), "calls": many}
            for within, many in figures.thresholds.items()
        ],
    }


def _parts(figures: PeriodFigures) -> Iterator[tuple[Json, Part]]:
    """The parts that were asked for, each with what it is of."""
    for pbx, part in figures.by_pbx.items():
        yield {"pbx": pbx}, part
    for (pbx, queue), part in figures.by_queue.items():
        yield {"pbx": pbx, "queue": queue}, part
    for list_ in (figures.by_month, figures.by_week, figures.by_day):
        for bucket, part in list_:
            yield _span(bucket), part
    for (pbx, queue), months in figures.by_queue_month.items():
        for bucket, part in months:
            yield {"pbx": pbx, "queue": queue} | _span(bucket), part


def _span(bucket: Bucket) -> Json:
    return {"starts_at": iso(bucket.begin), "ends_at": iso(bucket.end)}
