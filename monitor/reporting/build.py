"""Making a report of counts: pure arithmetic, so whoever has the counts makes the same report."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from monitor.core.agent_time import AgentTimeFigures
from monitor.core.buckets import Bucket
from monitor.core.clock import SECOND, Ms
from monitor.core.contact_period import OtherChannels
from monitor.core.indicators import Ratio, service_levels
from monitor.core.period import Dimension, Part, PeriodFigures, Queue
from monitor.core.policy import DEFAULT_SERVICE_LEVEL, Policy, Rules
from monitor.reporting.agents import agents_of
from monitor.reporting.blind_causes import codes_of
from monitor.reporting.changes import changes
from monitor.reporting.channels import contacts_of, satisfaction_of
from monitor.reporting.definitions import DEFINITIONS
from monitor.reporting.model import (
    FORMAT,
    Blind,
    BlindTotal,
    Change,
    Coverage,
    Generated,
    MonthResults,
    OverflowCount,
    PbxCoverage,
    Period,
    PolicyInForce,
    Previous,
    Promise,
    QueueMonth,
    QueueResults,
    ReasonCount,
    Report,
    Sealed,
    Threshold,
    VoiceServerResults,
    zone_name,
)
from monitor.reporting.narrowing import narrowed, without_other_queues
from monitor.reporting.opening_time import OpenTime, blind_spans, less, open_spans
from monitor.reporting.results import bins, level, rate, results
from monitor.reporting.values import At, Span

NEEDED: Final = (Dimension.PBX, Dimension.QUEUE, Dimension.MONTH, Dimension.QUEUE_MONTH)
"""The parts of figures that a report is made of."""
NEEDED_BEFORE: Final = (Dimension.QUEUE,)
"""The same of the previous period."""
SeesQueue = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Version:
    """A policy version with the moment from which it was in force (ms)."""

    set_at: Ms
    policy: Policy


@dataclass(frozen=True, slots=True)
class Given:
    """What a report is made of.

    Args:
        figures: the period's, split by ``NEEDED`` at least.
        versions: the policy versions from the one in force at the period's begin on; those after
            the period do not matter.
        all_versions: whether ``versions`` are all there ever were: the first changed nothing then.
        previous: the figures of the period before, split by ``NEEDED_BEFORE``.
        others: contacts of other channels, and what callers answered.
        agents: agents' time, split by ``NEEDED_OF_AGENTS``; not told where only some queues are.
        sees: only these queues; None: all.
        sealed: the chain of sealed days.
        generated: when, by whom, with what.
    """

    figures: PeriodFigures
    versions: Sequence[Version]
    all_versions: bool = False
    previous: PeriodFigures | None = None
    others: OtherChannels | None = None
    agents: AgentTimeFigures | None = None
    sees: SeesQueue | None = None
    sealed: Sealed | None = None
    generated: Generated | None = None


def build(given: Given) -> Report:
    """Make a report."""
    figures, previous, others = given.figures, given.previous, given.others
    if given.sees is not None:
        others = None if others is None else others.narrowed(_on_any_pbx(given.sees, figures))
        figures = narrowed(figures, given.sees)
        previous = None if previous is None else narrowed(previous, given.sees)
    since, until, zone = figures.since, figures.until, figures.zone
    versions = sorted(given.versions, key=lambda v: (v.set_at, v.policy.version))
    in_force = _in_force(versions, figures)
    promised = in_force[-1].policy if in_force else None
    rules = Rules(promised or Policy())
    opened = _opened(versions, since, until, figures.by_pbx)
    told = tuple(_policies(versions, in_force, figures, known=given.all_versions))
    if given.sees is not None:
        opened = {pbx: times for pbx, times in opened.items() if pbx in figures.by_pbx}
        told = tuple(without_other_queues(version, figures) for version in told)
    coverage = _coverage(versions, figures, opened)
    return Report(
        format=FORMAT,
        period=period_of(since, until, zone),
        centre="" if promised is None else promised.label,
        queues_only=tuple(figures.by_queue) if given.sees is not None else None,
        promise=None if promised is None else _promise(promised, figures),
        policies=told,
        total=results(figures.total),
        pbxs=tuple(entry.pbx for entry in coverage.pbxs),
        queues=tuple(_queues(figures, rules)),
        months=tuple(_months(figures)),
        queue_months=tuple(_queue_months(figures, promised)),
        waits=bins(figures.total.commitment_waits),
        exclusions=tuple(ReasonCount(why, n) for why, n in figures.exclusions.items()),
        blind=_blind(figures, opened),
        coverage=coverage,
        voice_servers=tuple(_voice_servers(figures)),
        overflow=tuple(OverflowCount(*key, n) for key, n in sorted(figures.overflow.items())),
        contacts=contacts_of(others, _names(others)) if others and others.contacts_told else None,
        satisfaction=None if others is None else satisfaction_of(others, _names(others)),
        agents=None
        if given.agents is None or given.sees is not None
        else agents_of(given.agents, {b.begin: _month(b, zone) for b, _ in given.agents.by_month}),
        previous=None
        if previous is None
        else Previous(period_of(previous.since, previous.until, zone), results(previous.total)),
        definitions=DEFINITIONS,
        sealed=given.sealed,
        generated=given.generated,
    )


def _on_any_pbx(sees: SeesQueue, figures: PeriodFigures) -> SeesQueue:
    """Sees a queue of no PBX where it is seen on one."""
    pbxs = ("", *figures.by_pbx)
    return lambda pbx, queue: any(sees(one, queue) for one in ((pbx,) if pbx else pbxs))


def _names(others: OtherChannels) -> dict[int, str]:
    """The names of the months, by their place in the period."""
    return {number: _month(month, others.zone) for number, month in enumerate(others.months)}


# --- the period -----------------------------------------------------------------------------------


def period_of(since: Ms, until: Ms, zone: tzinfo) -> Period:
    """A period with its days."""
    first, last = (_local(at, zone).date() for at in (since, until - 1))
    return Period(At(since), At(until), zone_name(zone), first.isoformat(), last.isoformat())


def previous_period(since: Ms, until: Ms, zone: tzinfo) -> tuple[Ms, Ms]:
    """The period of equal length that ends where this begins.

    As many months where it is whole months of the zone, as many days where it is whole days, else
    as many milliseconds.
    """
    begin, end = _local(since, zone), _local(until, zone)
    naive, naive_end = begin.replace(tzinfo=None), end.replace(tzinfo=None)
    midnight = timedelta(0)
    if any(at - at.replace(hour=0, minute=0, second=0, microsecond=0) != midnight
           for at in (naive, naive_end)):  # fmt: skip
        return 2 * since - until, since
    if naive.day == naive_end.day == 1:
        months = (naive_end.year - naive.year) * 12 + naive_end.month - naive.month
        number = naive.year * 12 + naive.month - 1 - months
        before = naive.replace(year=number // 12, month=number % 12 + 1)
    else:
        before = naive - (naive_end - naive)
    return round(before.replace(tzinfo=zone).timestamp()) * SECOND, since


def _local(at: Ms, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(at / SECOND, zone)


# --- policies -------------------------------------------------------------------------------------


def _in_force(versions: Sequence[Version], figures: PeriodFigures) -> list[Version]:
    """The versions in force in the period, or that judged calls of it."""
    judged = figures.policy_versions
    first = max(0, bisect_right([v.set_at for v in versions], figures.since) - 1)
    return [
        version
        for n, version in enumerate(versions)
        if (n >= first and version.set_at < figures.until) or version.policy.version in judged
    ]


def _policies(
    versions: Sequence[Version],
    in_force: Iterable[Version],
    figures: PeriodFigures,
    *,
    known: bool,
) -> Iterable[PolicyInForce]:
    judged = figures.policy_versions
    for version in in_force:
        place = versions.index(version)
        before = versions[place - 1].policy if place else None
        after = versions[place + 1].set_at if place + 1 < len(versions) else None
        changed: tuple[Change, ...] | None = () if known else None
        if before is not None:
            changed = changes(before, version.policy)
        # What was set after the period is not told: the report of a past period stays as it was.
        ended = At(after) if after is not None and after < figures.until else None
        number = version.policy.version
        yield PolicyInForce(number, At(version.set_at), ended, judged.get(number, 0), changed)


def _promise(policy: Policy, figures: PeriodFigures) -> Promise:
    promise = policy.commitment
    return Promise(
        version=policy.version,
        within_s=Span(promise.within),
        starts_on=promise.starts_on.value,
        short_abandon_s=Span(promise.short_abandon),
        target=promise.target,
        service_level=promise.service_level.value,
        thresholds=tuple(
            Threshold(Span(within), calls) for within, calls in figures.thresholds.items()
        ),
    )


# --- parts ----------------------------------------------------------------------------------------


def _queues(figures: PeriodFigures, rules: Rules) -> Iterable[QueueResults]:
    for (pbx, queue), part in figures.by_queue.items():
        declared = rules.queue(pbx, queue)
        yield QueueResults(
            pbx, queue, declared.label or queue, declared.target if queue else None, results(part)
        )


def _months(figures: PeriodFigures) -> Iterable[MonthResults]:
    for bucket, part in figures.by_month:
        yield MonthResults(
            _month(bucket, figures.zone), At(bucket.begin), At(bucket.end), results(part)
        )


def _month(bucket: Bucket, zone: tzinfo) -> str:
    return f"{_local(bucket.begin, zone):%Y-%m}"


def _queue_months(figures: PeriodFigures, policy: Policy | None) -> Iterable[QueueMonth]:
    formula = policy.commitment.service_level if policy else DEFAULT_SERVICE_LEVEL

    def told(key: Queue, bucket: Bucket, part: Part) -> QueueMonth:
        calls, visits = part.calls, part.visits
        return QueueMonth(
            *key,
            _month(bucket, figures.zone),
            calls.calls,
            calls.met,
            calls.breached,
            calls.unknown,
            rate(calls),
            visits.offered,
            level(service_levels(visits)[formula], visits.unknown),
        )

    for key, months in figures.by_queue_month.items():
        for bucket, part in months:
            yield told(key, bucket, part)


def _voice_servers(figures: PeriodFigures) -> Iterable[VoiceServerResults]:
    for name, tally in sorted(figures.total.voice.items()):
        average = tally.average_time
        yield VoiceServerResults(
            name, tally.reached, tally.with_input, tally.inputs, tally.ended_there,
            tally.left_without, None if average is None else Span(average),
        )  # fmt: skip


# --- observation ----------------------------------------------------------------------------------


def _opened(
    versions: Sequence[Version], since: Ms, until: Ms, pbxs: Collection[str]
) -> dict[str, OpenTime]:
    """The opening time of each PBX, by the centre's calendar of the version then in force.

    Before the first version the first one holds: what is not observed is still opening time.
    """
    spans: dict[str, list[tuple[Ms, Ms]]] = {}
    for n, version in enumerate(versions):
        begin = since if n == 0 else max(since, version.set_at)
        end = min(until, versions[n + 1].set_at) if n + 1 < len(versions) else until
        if begin >= end:
            continue
        policy = version.policy
        found = list(open_spans(Rules(policy).calendar(""), begin, end, policy.zone))
        for pbx in dict(policy.incoming_contexts) or pbxs:
            spans.setdefault(pbx, []).extend(found)
    return {pbx: OpenTime.of(found) for pbx, found in sorted(spans.items())}


def _coverage(
    versions: Sequence[Version], figures: PeriodFigures, opened: dict[str, OpenTime]
) -> Coverage:
    since, until = figures.since, figures.until
    gaps = blind_spans(figures.blind, since, until)
    begins = versions[0].set_at if versions else None
    if begins is not None and begins <= since:
        begins = None
    pbxs = []
    for pbx, times in opened.items():
        not_yet = [(since, min(begins, until))] if begins is not None else []
        unseen = OpenTime.of([*gaps.get(pbx, ()), *not_yet])
        blind = list(zip(unseen.begins, unseen.ends, strict=True))
        seen = less(times, blind)
        pbxs.append(PbxCoverage(pbx, Span(times.total), Span(seen), Ratio(seen, times.total)))
    whole, seen = sum(p.open_s for p in pbxs), sum(p.observed_s for p in pbxs)
    begin = None if begins is None else At(begins)
    return Coverage(Span(whole), Span(seen), Ratio(seen, whole), begin, tuple(pbxs))


def _blind(figures: PeriodFigures, opened: dict[str, OpenTime]) -> BlindTotal:
    since, until = figures.since, figures.until
    told = []
    for gap in figures.blind:
        begin = max(gap.started_at, since)
        end = until if gap.ended_at is None else min(gap.ended_at, until)
        if begin < end:
            times = opened.get(gap.pbx)
            inside = 0 if times is None else times.within(begin, end)
            told.append(
                Blind(
                    gap.pbx, At(begin), At(end), Span(end - begin), Span(inside), gap.cause,
                    codes_of(gap.cause),
                )
            )  # fmt: skip
    return BlindTotal(
        len(told),
        Span(sum(gap.length_s for gap in told)),
        Span(sum(gap.open_s for gap in told)),
        tuple(told),
    )
