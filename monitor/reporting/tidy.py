"""A report as one tidy table: a row for each figure, for spreadsheets and programs.

Excel takes the separators from the country of its user and asks for a mark of UTF-8: so French
files have semicolons and decimal commas, English ones commas and points, and all have the mark.
Codes and columns are the same in both.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Final

from monitor.core.clock import SECOND
from monitor.core.indicators import Ratio
from monitor.reporting.agent_model import AgentResults
from monitor.reporting.channel_model import ContactResults, Satisfaction, SatisfactionMonth
from monitor.reporting.model import (
    CallResults,
    Level,
    Report,
    Results,
    VisitResults,
    Waits,
    iso,
)
from monitor.reporting.values import Span
from monitor.reporting.words import Lang
from monitor.spreadsheets import BOM, plain_text

COLUMNS: Final = (
    "section", "pbx", "queue", "month", "indicator", "numerator", "denominator", "value", "unit",
)  # fmt: skip
"""In this order; new ones come last."""

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A figure; ``section`` says of what. Shares are from 0 to 1, spans in seconds."""

    section: str
    indicator: str
    value: Cell
    unit: str
    pbx: str = ""
    queue: str = ""
    month: str = ""
    numerator: int | None = None
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    section: str
    pbx: str = ""
    queue: str = ""
    month: str = ""

    def row(self, indicator: str, value: Cell, unit: str) -> Row:
        return Row(self.section, indicator, value, unit, self.pbx, self.queue, self.month)

    def count(self, indicator: str, value: int) -> Row:
        return self.row(indicator, value, "count")

    def span(self, indicator: str, value: Span | None) -> Row:
        return self.row(indicator, None if value is None else value / SECOND, "s")

    def ratio(self, indicator: str, ratio: Ratio) -> Row:
        return Row(
            self.section, indicator, ratio.value, "share", self.pbx, self.queue, self.month,
            ratio.numerator, ratio.denominator,
        )  # fmt: skip

    def level(self, indicator: str, level: Level) -> Iterator[Row]:
        yield self.ratio(indicator, level.ratio)
        yield self.ratio(f"{indicator}_low", level.range.low)
        yield self.ratio(f"{indicator}_high", level.range.high)


def as_csv(report: Report, lang: Lang) -> bytes:
    """The table as a file, with the separators of the language's country."""
    comma = lang == "fr"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if comma else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(report):
        writer.writerow(_cell(getattr(row, column), "," if comma else ".") for column in COLUMNS)
    return (BOM + out.getvalue()).encode()


def _cell(value: Cell, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", point)
    return plain_text(value) if isinstance(value, str) else str(value)


def rows(report: Report) -> Iterator[Row]:
    """All figures, section after section."""
    period = _Place("period")
    yield period.row("from", iso(report.period.from_), "moment")
    yield period.row("to", iso(report.period.to), "moment")
    yield period.row("zone", report.period.zone, "text")
    if report.centre:
        yield period.row("centre", report.centre, "text")
    if report.promise is not None:
        yield period.span("within", report.promise.within_s)
        yield period.row("target", report.promise.target, "share")
    yield from _results(_Place("total"), report.total)
    for queue in report.queues:
        yield from _results(_Place("queue", queue.pbx, queue.queue), queue.results)
    for month in report.months:
        yield from _results(_Place("month", month=month.month), month.results)
    for cell in report.queue_months:
        place = _Place("queue_month", cell.pbx, cell.queue, cell.month)
        for name in ("calls", "met", "breached", "unknown", "offered"):
            yield place.count(name, getattr(cell, name))
        yield from place.level("rate", cell.rate)
        yield from place.level("service_level", cell.service_level)
    yield from _rest(report)
    if report.previous is not None:
        yield from _results(_Place("previous"), report.previous.total)


def _rest(report: Report) -> Iterator[Row]:
    waits = _Place("waits")
    for one in report.waits:
        end = "longer" if one.to_s is None else f"to_{one.to_s}_s"
        yield waits.count(f"waited_{end}", one.calls)
    for why in report.exclusions:
        yield _Place("exclusions").count(why.reason, why.calls)
    for seen in report.coverage.pbxs:
        place = _Place("coverage", seen.pbx)
        yield place.span("open", seen.open_s)
        yield place.span("observed", seen.observed_s)
        yield place.row("coverage", seen.share.value, "share")
    for gap in report.blind.intervals:
        place = _Place("blind", gap.pbx)
        yield place.row("from", iso(gap.from_), "moment")
        yield place.row("to", iso(gap.to), "moment")
        yield place.span("open", gap.open_s)
    for command in report.overflow:
        yield _Place("overflow").count(f"{command.action}/{command.outcome}", command.commands)
    for server in report.voice_servers:
        for name in ("reached", "with_input", "inputs", "ended_there", "left_without"):
            yield _Place("voice_server").count(f"{server.name}/{name}", getattr(server, name))
    yield from _channels(report)
    yield from _agents(report)
    for version in report.policies:
        yield _Place("policy").count(f"version_{version.version}", version.calls)
    if report.sealed is not None:
        yield _Place("seals").row("head", report.sealed.head, "text")


_CONTACT_COUNTS: Final = (
    "registered", "pending", "met", "breached", "withdrawn", "excluded", "overdue", "answered",
    "corrected",
)  # fmt: skip


def _channels(report: Report) -> Iterator[Row]:
    contacts, surveys = report.contacts, report.satisfaction
    if contacts is not None:
        yield from _contacts(_Place("channels"), "all", contacts.total)
        for channel in contacts.channels:
            yield from _contacts(_Place("channels"), channel.channel, channel.results)
        for month in contacts.months:
            yield from _contacts(
                _Place("channel_months", month=month.month), month.channel, month.results
            )
        for promise in contacts.promises:
            span = "" if promise.span_s is None else f"_{promise.span_s // SECOND}_s"
            name = f"{promise.channel}/{promise.promise}{span}"
            yield from _contacts(_Place("promises"), name, promise.results)
        for why in contacts.exclusions:
            yield _Place("contact_exclusions").count(why.reason, why.contacts)
        yield _Place("callbacks").count("asked", contacts.callbacks.asked)
        yield _Place("callbacks").ratio("done", contacts.callbacks.done)
        yield _Place("callbacks").ratio("in_time", contacts.callbacks.in_time)
    if surveys is not None:
        yield from _answers(_Place("satisfaction"), surveys)
        for answers in surveys.months:
            yield from _answers(_Place("satisfaction_months", month=answers.month), answers)


_AGENT_SPANS: Final = tuple(f.name for f in fields(AgentResults) if f.name.endswith("_s"))


def _agents(report: Report) -> Iterator[Row]:
    found = report.agents
    if found is None:
        return
    yield from _time(_Place("agents"), "all", found.total)
    for team in found.teams:
        yield from _time(_Place("agents"), f"team:{team.team}", team.results)
    for month in (*found.months, *found.team_months):
        name = "all" if month.team is None else f"team:{month.team}"
        yield from _time(_Place("agent_months", month=month.month), name, month.results)
    for pause in found.pauses:
        yield _Place("agent_pauses").span(f"reason:{pause.reason}", pause.paused_s)


def _time(place: _Place, name: str, results: AgentResults) -> Iterator[Row]:
    yield place.ratio(f"{name}/occupancy", results.occupancy)
    yield place.count(f"{name}/conversations", results.conversations)
    for span in _AGENT_SPANS:
        yield place.span(f"{name}/{span.removesuffix('_s')}", getattr(results, span))


def _contacts(place: _Place, name: str, results: ContactResults) -> Iterator[Row]:
    for count in _CONTACT_COUNTS:
        yield place.count(f"{name}/{count}", getattr(results, count))
    yield place.ratio(f"{name}/rate", results.rate)
    yield place.span(f"{name}/average_answer", results.average_answer_s)


def _answers(place: _Place, found: Satisfaction | SatisfactionMonth) -> Iterator[Row]:
    yield place.ratio("response", found.response)
    for scale in found.scales:
        name = f"scale_{scale.best}"
        yield replace(place.ratio(f"{name}/mean", scale.mean), unit="score")
        yield place.ratio(f"{name}/satisfied", scale.satisfied)
        for score, many in scale.distribution.items():
            yield place.count(f"{name}/score_{score}", many)


_CALL_COUNTS: Final = (
    "calls", "pending", "met", "breached", "abandoned", "refused", "excluded", "unknown",
    "short_abandons", "breached_handled", "breached_abandoned", "breached_refused",
    "breached_otherwise", "handled_by_agent", "handled_by_voice_server", "partly_observed",
    "corrected", "corrections",
)  # fmt: skip
_VISIT_COUNTS: Final = (
    "offered", "answered", "answered_within", "abandoned", "abandoned_within", "abandoned_short",
    "left_otherwise", "turned_away", "unknown", "transferred",
)  # fmt: skip


def _results(place: _Place, results: Results) -> Iterator[Row]:
    yield from _calls(place, results.calls)
    yield from _visits(place, results.visits)


def _calls(place: _Place, calls: CallResults) -> Iterator[Row]:
    for name in _CALL_COUNTS:
        yield place.count(name, getattr(calls, name))
    yield from place.level("rate", calls.rate)
    yield place.ratio("repeats", calls.repeats)
    yield from _waits(place, "wait", calls.waits)


def _visits(place: _Place, visits: VisitResults) -> Iterator[Row]:
    for name in _VISIT_COUNTS:
        yield place.count(f"visits_{name}", getattr(visits, name))
    for formula, level in visits.service_levels.items():
        yield from place.level(formula, level)
    yield place.ratio("ring_no_answer", visits.ring_no_answer)
    yield from _waits(place, "asa", visits.waits)
    yield place.span("average_talk", visits.average_talk_s)
    yield place.span("average_hold", visits.average_hold_s)


def _waits(place: _Place, name: str, waits: Waits) -> Iterator[Row]:
    yield place.span(name, waits.mean_s)
    yield place.span(f"{name}_longest", waits.longest_s)
    for percent, seconds in waits.percentiles_s.items():
        yield place.row(f"{name}_p{percent}", seconds, "s")
