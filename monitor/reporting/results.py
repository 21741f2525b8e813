"""From counts to results: ratios with their ranges, means, percentiles."""

from typing import Final

from monitor.core.clock import Ms
from monitor.core.indicators import Ratio, mean, service_levels
from monitor.core.period import Part
from monitor.core.tallies import CallTally, Histogram, VisitTally
from monitor.reporting.model import (
    MAIN_PERCENTS,
    Bin,
    CallResults,
    Level,
    Range,
    Results,
    VisitResults,
    Waits,
)
from monitor.reporting.values import Span

BIN_S: Final = 5
LAST_BIN_S: Final = 120
"""Bins of 5 s up to here; then these."""
_LATER_S: Final = (180, 300, 600)


def results(part: Part) -> Results:
    """The results of one part of a period."""
    return Results(_calls(part.calls, part.commitment_waits), _visits(part))


def level(ratio: Ratio, unknown: int) -> Level:
    """A ratio with the range in which it lies."""
    return Level(ratio, Range(*ratio.bounds(unknown)))


def rate(tally: CallTally) -> Level:
    """The commitment's rate."""
    return level(tally.rate, tally.unknown)


def service_level_levels(tally: VisitTally) -> dict[str, Level]:
    """All service levels, by the name of their formula."""
    found = service_levels(tally)
    return {formula.value: level(ratio, tally.unknown) for formula, ratio in found.items()}


def _calls(tally: CallTally, waits: Histogram) -> CallResults:
    return CallResults(
        calls=tally.calls,
        pending=tally.pending,
        met=tally.met,
        breached=tally.breached,
        abandoned=tally.abandoned,
        refused=tally.refused,
        excluded=tally.excluded,
        unknown=tally.unknown,
        rate=rate(tally),
        short_abandons=tally.short_abandons,
        breached_handled=tally.breached_handled,
        breached_abandoned=tally.breached_abandoned,
        breached_refused=tally.breached_refused,
        breached_otherwise=tally.breached_otherwise,
        handled_by_agent=tally.handled_by_agent,
        handled_by_voice_server=tally.handled_by_voice_server,
        partly_observed=tally.partly_observed,
        corrected=tally.corrected,
        corrections=tally.corrections,
        waits=Waits(
            tally.waits, _span(tally.average_wait), Span(tally.longest_wait), percentiles(waits)
        ),
        repeats=tally.repeats(),
    )


def _visits(part: Part) -> VisitResults:
    tally = part.visits
    asa = mean(tally.answered_wait, tally.answered)
    return VisitResults(
        offered=tally.offered,
        answered=tally.answered,
        answered_within=tally.answered_within,
        abandoned=tally.abandoned,
        abandoned_within=tally.abandoned_within,
        abandoned_short=tally.abandoned_short,
        left_otherwise=tally.left_otherwise,
        turned_away=tally.turned_away,
        unknown=tally.unknown,
        service_levels=service_level_levels(tally),
        waits=Waits(
            tally.answered, _span(asa), Span(tally.longest_wait), percentiles(part.answered_waits)
        ),
        average_talk_s=_span(mean(tally.talk, tally.talked)),
        average_hold_s=_span(tally.average_hold),
        ring_no_answer=tally.ring_no_answer,
        transferred=tally.transferred,
    )


def _span(length: Ms | None) -> Span | None:
    return None if length is None else Span(length)


def percentiles(waits: Histogram) -> dict[str, int | None]:
    """The percentiles that are told (s)."""
    return {str(percent): s for percent, s in waits.percentiles(MAIN_PERCENTS).items()}


def bins(waits: Histogram) -> tuple[Bin, ...]:
    """How the waits spread: fine where it matters, all of them in one bin or another."""
    edges = [*range(0, LAST_BIN_S + 1, BIN_S), *_LATER_S]
    counts = dict.fromkeys(edges[1:], 0)
    longer, at = 0, 0
    uppers = edges[1:]
    for second, many in waits.counts.items():
        while at < len(uppers) and second > uppers[at]:
            at += 1
        if at < len(uppers):
            counts[uppers[at]] += many
        else:
            longer += many
    found = [Bin(low, high, counts[high]) for low, high in zip(edges, uppers, strict=False)]
    return (*found, Bin(edges[-1], None, longer))
