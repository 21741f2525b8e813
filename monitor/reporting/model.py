"""What a report is, as values; the same values always make the same JSON.

A figure that is a quotient carries its numerator and denominator. Where the outcome of some calls
is unknown, the range in which a ratio lies stands beside it: all of them against it, all for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, tzinfo
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from monitor.core.clock import SECOND
from monitor.core.indicators import Ratio
from monitor.core.period import Queue
from monitor.reporting.agent_model import Agents
from monitor.reporting.channel_model import Contacts, Satisfaction
from monitor.reporting.values import At, Span

FORMAT: Final = "minuteur-report-1"
MAIN_PERCENTS: Final = (50, 80, 90, 95)
"""The percentiles of waits that are told."""


@dataclass(frozen=True, slots=True)
class Range:
    """How low and how high a ratio may be; both are the ratio itself where nothing is unknown."""

    low: Ratio
    high: Ratio


@dataclass(frozen=True, slots=True)
class Level:
    """A ratio with the range in which it lies."""

    ratio: Ratio
    range: Range


@dataclass(frozen=True, slots=True)
class Waits:
    """Waits of so many: the mean is exact, percentiles are whole seconds (nearest rank)."""

    count: int
    mean_s: Span | None
    longest_s: Span
    percentiles_s: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class CallResults:
    """Calls, by when they arrived; each has one verdict."""

    calls: int
    pending: int
    met: int
    breached: int
    abandoned: int
    refused: int
    excluded: int
    unknown: int
    rate: Level
    """The commitment's own: met / (met + breached)."""
    short_abandons: int
    breached_handled: int
    breached_abandoned: int
    breached_refused: int
    breached_otherwise: int
    handled_by_agent: int
    handled_by_voice_server: int
    partly_observed: int
    corrected: int
    corrections: int
    waits: Waits
    """Of the calls met, or breached and handled late: from the clock's start to handled. The
    longest is that of all who waited, also of those who gave up."""
    repeats: Ratio
    """Calls of callers who had called in the 7 × 24 hours before / calls with a number."""


@dataclass(frozen=True, slots=True)
class VisitResults:
    """Visits to queues, by when they joined. T is the queue's threshold at that time."""

    offered: int
    answered: int
    answered_within: int
    abandoned: int
    abandoned_within: int
    abandoned_short: int
    left_otherwise: int
    turned_away: int
    unknown: int
    service_levels: Mapping[str, Level]
    """By the name of the formula."""
    waits: Waits
    """Of the answered visits, from joining to the answer: the mean is the ASA. The longest is that
    of all visits."""
    average_talk_s: Span | None
    average_hold_s: Span | None
    ring_no_answer: Ratio
    transferred: int


@dataclass(frozen=True, slots=True)
class Results:
    """The results of one part of the period."""

    calls: CallResults
    visits: VisitResults


@dataclass(frozen=True, slots=True)
class QueueResults:
    """A queue's; the queue is empty for calls that tried none."""

    pbx: str
    queue: str
    label: str
    target: float | None
    results: Results


@dataclass(frozen=True, slots=True)
class MonthResults:
    """A month's, cut to the period."""

    month: str
    """``2026-04``"""
    from_: At
    to: At
    results: Results


@dataclass(frozen=True, slots=True)
class QueueMonth:
    """What a table by queue and month shows."""

    pbx: str
    queue: str
    month: str
    calls: int
    met: int
    breached: int
    unknown: int
    rate: Level
    offered: int
    service_level: Level
    """By the formula of the commitment."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Calls whose wait was longer than ``from_s`` and at most ``to_s`` seconds, rounded up."""

    from_s: int
    to_s: int | None
    """None: all that are longer."""
    calls: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """Excluded calls by why."""

    reason: str
    calls: int


@dataclass(frozen=True, slots=True)
class Blind:
    """A span in which a PBX was not observed, cut to the period."""

    pbx: str
    from_: At
    to: At
    length_s: Span
    open_s: Span
    """How much of it lies in opening hours."""
    cause: str
    """As it was recorded."""
    codes: tuple[str, ...]
    """The same as stable codes; see :mod:`monitor.reporting.blind_causes`."""


@dataclass(frozen=True, slots=True)
class BlindTotal:
    """All blind intervals."""

    count: int
    length_s: Span
    open_s: Span
    intervals: tuple[Blind, ...]


@dataclass(frozen=True, slots=True)
class PbxCoverage:
    """How much of the opening time a PBX was observed."""

    pbx: str
    open_s: Span
    observed_s: Span
    share: Ratio


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the opening time was observed, each PBX counted; by the centre's calendar.

    The time before the first policy version (``record_begins``) counts as not observed.
    """

    open_s: Span
    observed_s: Span
    share: Ratio
    record_begins: At | None
    """Where that lies in the period, or after it."""
    pbxs: tuple[PbxCoverage, ...]


@dataclass(frozen=True, slots=True)
class OverflowCount:
    """Overflow commands of a kind, and what came of them."""

    action: str
    outcome: str
    commands: int


@dataclass(frozen=True, slots=True)
class VoiceServerResults:
    """Stays in a voice server, by when their calls arrived."""

    name: str
    reached: int
    with_input: int
    inputs: int
    ended_there: int
    left_without: int
    average_s: Span | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """Calls that were judged by this threshold."""

    within_s: Span
    calls: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a policy version has changed; ``subject`` names a queue, a voice server, a calendar.

    ``what`` is a stable code. Spans are seconds; numbers of callers are told as how many.
    """

    what: str
    subject: str
    before: str | float | None
    after: str | float | None


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A policy version that was in force in the period, or judged calls of it."""

    version: int
    from_: At
    to: At | None
    """None: still."""
    calls: int
    changes: tuple[Change, ...] | None
    """Against the version before; None: that is not known here."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The commitment as it stood at the period's end."""

    version: int
    within_s: Span
    starts_on: str
    short_abandon_s: Span
    target: float | None
    service_level: str
    """The formula that is shown first."""
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """``from`` ≤ t < ``to``; days are those of the zone."""

    from_: At
    to: At
    zone: str
    first_day: str
    last_day: str


@dataclass(frozen=True, slots=True)
class Previous:
    """The period before, of equal length: as many months where it is whole months, else days."""

    period: Period
    total: Results


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure is; ``formula`` with the names that this JSON has, or as people write it."""

    code: str
    formula: str
    unit: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """The chain of sealed days (UTC) when the report was made; see docs/evidence.md."""

    head: str
    first_day: str | None
    last_day: str | None
    days: int | None
    """Sealed days of the period."""
    open_days: int | None
    """Days of the period that are not sealed yet, or lie before the chain."""


@dataclass(frozen=True, slots=True)
class Generated:
    """When, by whom and with what the report was made; all else follows from the record."""

    at: At
    by: str
    program: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report. What is None was not known where it was made."""

    format: str
    period: Period
    centre: str
    """What the centre was called at the period's end; empty: nobody said."""
    queues_only: tuple[Queue, ...] | None
    """Only of these (PBX, queue); None: of the whole centre."""
    promise: Promise | None
    policies: tuple[PolicyInForce, ...]
    total: Results
    pbxs: tuple[str, ...]
    queues: tuple[QueueResults, ...]
    months: tuple[MonthResults, ...]
    queue_months: tuple[QueueMonth, ...]
    waits: tuple[Bin, ...]
    exclusions: tuple[ReasonCount, ...]
    blind: BlindTotal
    coverage: Coverage
    voice_servers: tuple[VoiceServerResults, ...]
    overflow: tuple[OverflowCount, ...]
    contacts: Contacts | None
    satisfaction: Satisfaction | None
    agents: Agents | None
    previous: Previous | None
    definitions: tuple[Definition, ...]
    sealed: Sealed | None
    generated: Generated | None


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    """A report, or a part of one, as JSON has it."""
    if isinstance(value, At):
        return iso(value)
    if isinstance(value, Span):
        return value / SECOND
    if isinstance(value, Ratio):
        return {
            "numerator": value.numerator, "denominator": value.denominator, "value": value.value,
        }  # fmt: skip
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name.rstrip("_"): plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def as_json(report: Report) -> bytes:
    """A report as JSON, ready to be read by people too; the same bytes for the same report."""
    return orjson.dumps(plain(report), option=orjson.OPT_INDENT_2) + b"\n"


def iso(moment: int) -> str:
    """A moment (ms) as ISO 8601 in UTC with milliseconds."""
    at = datetime.fromtimestamp(moment // SECOND, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{moment % SECOND:03d}Z"


def zone_name(zone: tzinfo) -> str:
    """The name of a zone."""
    return zone.key if isinstance(zone, ZoneInfo) and zone.key else str(zone)


def days_of(period: Period) -> tuple[date, date]:
    """The first and the last day of a period."""
    return date.fromisoformat(period.first_day), date.fromisoformat(period.last_day)
