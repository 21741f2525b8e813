"""Figures of some queues alone, for whoever may see only these."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from monitor.core.period import Part, PeriodFigures
from monitor.reporting.model import PolicyInForce


def narrowed(figures: PeriodFigures, sees: Callable[[str, str], bool]) -> PeriodFigures:
    """The figures of the calls and visits of some queues.

    What belongs to no queue is left out: voice servers, overflow commands, calls that tried none.
    Blind intervals are those of the queues' PBXs.

    Args:
        figures: by queue, and (where months are wanted) by queue and month.
        sees: whether a queue, of (PBX, queue), is one of them.
    """
    made = PeriodFigures(figures.since, figures.until, figures.zone)
    made.by_queue = {key: part for key, part in figures.by_queue.items() if key[1] and sees(*key)}
    made.total = _sum(made.by_queue.values())
    pbxs = {pbx for pbx, _ in made.by_queue}
    made.by_pbx = {
        pbx: _sum(part for key, part in made.by_queue.items() if key[0] == pbx)
        for pbx in sorted(pbxs)
    }
    made.by_queue_month = {
        key: months for key, months in figures.by_queue_month.items() if key in made.by_queue
    }
    made.by_month = [
        (bucket, _sum(months[n][1] for months in made.by_queue_month.values()))
        for n, (bucket, _) in enumerate(figures.by_month)
    ]
    made.blind = [gap for gap in figures.blind if gap.pbx in pbxs]
    made.access.refused = made.total.calls.refused_or_cut
    return made


def without_other_queues(version: PolicyInForce, figures: PeriodFigures) -> PolicyInForce:
    """A policy version without what it changed of other queues, of calendars and of PBXs."""
    if version.changes is None:
        return version
    names = {queue for _, queue in figures.by_queue}
    seen = [
        change
        for change in version.changes
        if not change.subject
        or change.what.startswith("voice_server_")
        or (change.what.startswith("queue_") and change.subject.rpartition(":")[2] in names)
    ]
    return replace(version, changes=tuple(seen))


def _sum(parts: Iterable[Part]) -> Part:
    total = Part()
    for part in parts:
        total.add(part)
    return total
