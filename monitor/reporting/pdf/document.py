"""A report as texts, tables and charts in one language, for the template to set."""

from typing import Any, Final

from monitor.core.clock import SECOND
from monitor.core.indicators import Ratio
from monitor.reporting.model import CallResults, QueueResults, Report, Results
from monitor.reporting.pdf.agents import agents
from monitor.reporting.pdf.appendix import (
    definitions,
    observation,
    overflow,
    policies,
    previous,
    seals,
)
from monitor.reporting.pdf.blocks import Column, Section
from monitor.reporting.pdf.channels import channels, satisfaction
from monitor.reporting.pdf.charts import rates, verdicts, waits
from monitor.reporting.words import NOTHING, Language

VERDICTS: Final = ("met", "breached", "abandoned", "refused", "excluded", "unknown", "pending")
MONTHS_BESIDE: Final = 6
"""Months that fit side by side."""


def document(report: Report, say: Language) -> dict[str, Any]:
    """All that is printed."""
    period = say.period(report.period.first_day, report.period.last_day)
    sections = [
        summary(report, say), queues(report, say), months(report, say), queue_months(report, say),
        waiting(report, say), exclusions(report, say), observation(report, say),
        corrections(report, say), overflow(report, say), voice_servers(report, say),
        channels(report, say), satisfaction(report, say), agents(report, say),
        previous(report, say), policies(report, say), definitions(report, say), seals(report, say),
    ]  # fmt: skip
    return {
        "lang": say.code,
        "title": say("title"),
        "header": say("header", period=period),
        "contents": say("contents"),
        "cover": _cover(report, say, period),
        "sections": [
            {"id": s.id, "title": s.title, "blocks": s.blocks} for s in sections if s.blocks
        ],
    }


def _cover(report: Report, say: Language, period: str) -> dict[str, Any]:
    calls, promise = report.total.calls, report.promise
    within = 60 * SECOND if promise is None else promise.within_s
    minute = say("one_minute") if within == 60 * SECOND else _of(say, say.threshold(within))
    scope = say("whole")
    if report.queues_only is not None:
        named = ", ".join(queue for _, queue in report.queues_only)
        scope = say("only", queues=named or say("none"))
    made = report.generated
    return {
        "centre": report.centre,
        "period": period[:1].upper() + period[1:],
        "scope": scope,
        "pbxs": say("pbxs", pbxs=", ".join(report.pbxs)) if report.pbxs else "",
        "sentence": say("sentence", within=minute),
        "measures": say("measures"),
        "figures": _key_figures(report, say, calls),
        "verdicts": verdicts(report, say),
        "made": say("made_bare", zone=report.period.zone)
        if made is None
        else say(
            "made",
            at=say.moment(made.at, report.period.zone),
            by=made.by,
            program=made.program,
            zone=report.period.zone,
        ),
    }


def _of(say: Language, threshold: str) -> str:
    """French joins a threshold by « de »."""
    return f"de {threshold}" if say.code == "fr" else threshold


def _key_figures(report: Report, say: Language, calls: CallResults) -> list[dict[str, str]]:
    promise, rate = report.promise, calls.rate
    judged = calls.met + calls.breached
    note = say("k.rate_note", met=say.number(calls.met), judged=say.number(judged))
    if rate.range.low != rate.range.high:
        note = f"{note}, {say.range(rate.range)}"
    target = None if promise is None else promise.target
    formula = "abandoned_within_count_for" if promise is None else promise.service_level
    level = report.total.visits.service_levels[formula]
    gaps = report.blind.count
    one = gaps == 1 or (say.code == "fr" and gaps == 0)
    count = "k.coverage_note_one" if one else "k.coverage_note"
    return [
        {
            "label": say("k.rate"), "value": say.ratio(rate.ratio), "note": note,
            "extra": "" if target is None else say("k.target", target=say.exact_percent(target)),
        },
        {
            "label": say("k.level"), "value": say.ratio(level.ratio),
            "note": f"{say(f'f.{formula}')}, {say(f'n.{formula}')}", "extra": "",
        },
        {
            "label": say("k.calls"), "value": say.number(calls.calls),
            "note": say("k.calls_note", unknown=say.number(calls.unknown)), "extra": "",
        },
        {
            "label": say("k.coverage"), "value": say.ratio(report.coverage.share),
            "note": say(count, count=say.number(gaps)), "extra": "",
        },
        *_further_figures(report, say),
    ]  # fmt: skip


def _further_figures(report: Report, say: Language) -> list[dict[str, str]]:
    """Of other channels and of callers' answers, where there are some."""
    found = []
    contacts, surveys = report.contacts, report.satisfaction
    if contacts is not None and contacts.total.registered:
        total = contacts.total
        judged = say.number(total.rate.denominator)
        note = say("k.channels_note", met=say.number(total.met), judged=judged)
        found.append((say("k.channels"), say.ratio(total.rate), note))
    if surveys is not None and len(surveys.scales) == 1 and surveys.scales[0].answered:
        scale = surveys.scales[0]
        answers = say.number(scale.answered)
        mean = f"{say.decimal(scale.mean.value or 0, 2)} / {scale.best}"
        found.append((say("k.satisfaction"), mean, say("k.satisfaction_note", answers=answers)))
    return [{"label": label, "value": v, "note": note, "extra": ""} for label, v, note in found]


# --- results --------------------------------------------------------------------------------------


def summary(report: Report, say: Language) -> Section:
    """The results of the whole period."""
    section = Section("summary", say("s.summary"))
    calls, visits = report.total.calls, report.total.visits
    numbers = {name: say.number(getattr(calls, name)) for name in ("calls", *VERDICTS)}
    section.text(say("p.summary", judged=say.number(calls.met + calls.breached), **numbers))
    if calls.unknown:
        section.text(
            say("p.range", unknown=say.number(calls.unknown), range=say.range(calls.rate.range))
        )
    else:
        section.text(say("p.no_unknown"))
    details = {
        "handled": calls.breached_handled, "abandoned": calls.breached_abandoned,
        "refused": calls.breached_refused, "otherwise": calls.breached_otherwise,
        "short": calls.short_abandons,
    }  # fmt: skip
    told = {name: say.number(count) for name, count in details.items()}
    section.table(
        say("t.verdicts"),
        [Column(say("c.verdict"), "left"), Column(say("c.calls")), Column(say("c.share")),
         Column(say("c.meaning"), "left", 1)],
        [
            [say(f"v.{name}"), numbers[name],
             say.ratio(Ratio(getattr(calls, name), calls.calls)), say(f"vh.{name}", **told)]
            for name in VERDICTS
            if name != "pending" or calls.pending
        ],
        total=[say("total"), numbers["calls"], "", ""],
    )  # fmt: skip
    section.text(say("p.levels", unknown=say.number(visits.unknown)))
    section.table(
        say("t.levels"),
        [Column(say("c.formula"), "left", 1), Column(say("c.numerator")),
         Column(say("c.denominator")), Column(say("c.value")), Column(say("c.range"))],
        [
            [f"{say(f'f.{formula}')}\n{say(f'n.{formula}')}", say.number(level.ratio.numerator),
             say.number(level.ratio.denominator), say.ratio(level.ratio),
             say.range_short(level.range)]
            for formula, level in visits.service_levels.items()
        ],
    )  # fmt: skip
    return section


_QUEUE_COLUMNS: Final = (
    "calls", "met", "breached", "abandoned", "refused", "excluded", "unknown",
)  # fmt: skip


def queues(report: Report, say: Language) -> Section:
    """The results of each queue."""
    section = Section("queues", say("s.queues"))
    section.text(say("p.queues"))

    def row(name: str, calls: CallResults, target: str, level: str, asa: str) -> list[str]:
        counts = [say.number(getattr(calls, column)) for column in _QUEUE_COLUMNS]
        return [name, *counts, say.ratio(calls.rate.ratio), level, target, asa]

    formula = _formula(report)
    rows = []
    for queue, name in _named(report, say):
        results = queue.results
        level = results.visits.service_levels[formula].ratio
        target = NOTHING if queue.target is None else say.exact_percent(queue.target)
        asa = say.seconds(results.visits.waits.mean_s)
        rows.append(row(name, results.calls, target, say.ratio(level), asa))
    total = report.total
    section.table(
        say("t.queues"),
        [Column(say("c.queue"), "left", 1), *(Column(say(f"c.{name}")) for name in _QUEUE_COLUMNS),
         Column(say("c.rate")), Column(say("c.level")), Column(say("c.target")),
         Column(say("c.asa"))],
        rows,
        total=row(
            say("total"), total.calls, "",
            say.ratio(total.visits.service_levels[formula].ratio),
            say.seconds(total.visits.waits.mean_s),
        ),
        small=True,
    )  # fmt: skip
    return section


def _named(report: Report, say: Language) -> list[tuple[QueueResults, str]]:
    """The queues with their names, those calls that tried none at last."""
    several = len(report.pbxs) > 1
    ordered = sorted(report.queues, key=lambda q: (q.pbx, not q.queue, q.label))
    return [
        (q, f"{name}\n{q.pbx}" if several else name)
        for q in ordered
        if (name := q.label or say("no_queue"))
    ]


def _formula(report: Report) -> str:
    return report.definitions[1].code if report.promise is None else report.promise.service_level


def months(report: Report, say: Language) -> Section:
    """The results of each month, with a chart."""
    section = Section("months", say("s.months"))
    section.text(say("p.months"))
    rates(section, report, say)
    formula = _formula(report)

    def row(name: str, results: Results) -> list[str]:
        counts = [say.number(getattr(results.calls, column)) for column in _QUEUE_COLUMNS]
        rate = results.calls.rate
        return [
            name, *counts, say.ratio(rate.ratio), say.range_short(rate.range),
            say.ratio(results.visits.service_levels[formula].ratio),
        ]  # fmt: skip

    section.table(
        say("t.months"),
        [Column(say("c.month"), "left", 1), *(Column(say(f"c.{name}")) for name in _QUEUE_COLUMNS),
         Column(say("c.rate")), Column(say("c.range")), Column(say("c.level"))],
        [row(say.month(month.month), month.results) for month in report.months],
        total=row(say("total"), report.total),
        small=True,
    )  # fmt: skip
    return section


def queue_months(report: Report, say: Language) -> Section:
    """The rate of each queue in each month, six months side by side."""
    section = Section("queue_months", say("s.queue_months"))
    names = [month.month for month in report.months]
    if len(names) < 2 or not report.queue_months:  # noqa: PLR2004 - one month is the total
        return section
    section.text(say("p.queue_months"))
    cells = {(c.pbx, c.queue, c.month): c for c in report.queue_months}
    for start in range(0, len(names), MONTHS_BESIDE):
        shown = names[start : start + MONTHS_BESIDE]
        rows = []
        for queue, name in _named(report, say):
            row = [name]
            for month in shown:
                ratio = cells[queue.pbx, queue.queue, month].rate.ratio
                judged = say.number(ratio.denominator)
                row.append(f"{say.ratio(ratio)}\n{judged}" if ratio.denominator else NOTHING)
            rows.append(row)
        section.table(
            say("t.queue_months"),
            [Column(say("c.queue"), "left", 1),
             *(Column(say.month(month, short=True)) for month in shown)],
            rows,
            small=True,
        )  # fmt: skip
    return section


def waiting(report: Report, say: Language) -> Section:
    """How long callers waited."""
    section = Section("waits", say("s.waits"))
    section.text(say("p.waits"))
    waits(section, report, say)
    calls, visits = report.total.calls, report.total.visits

    def whole(seconds: int | None) -> str:
        return NOTHING if seconds is None else say.seconds(seconds * SECOND, 0)

    rows = [
        [say("w.mean"), say.seconds(calls.waits.mean_s), say.seconds(visits.waits.mean_s)],
        *(
            [say("w.percentile", p=p), whole(seconds), whole(visits.waits.percentiles_s[p])]
            for p, seconds in calls.waits.percentiles_s.items()
        ),
        [say("w.longest"), *(
            say.duration(told.longest_s) if told.count or told.longest_s else NOTHING
            for told in (calls.waits, visits.waits)
        )],
    ]  # fmt: skip
    section.table(
        say("t.waits"),
        [Column(say("c.figure"), "left", 1), Column(say("w.calls")), Column(say("w.visits"))],
        rows,
    )
    section.table(
        "",
        [Column(say("c.figure"), "left", 1), Column(say("c.value"))],
        [
            [say("w.agent"), say.number(calls.handled_by_agent)],
            [say("w.voice"), say.number(calls.handled_by_voice_server)],
            [say("w.talk"), say.seconds(visits.average_talk_s)],
            [say("w.hold"), say.seconds(visits.average_hold_s)],
            [say("w.rna"), say.ratio(visits.ring_no_answer)],
            [say("w.transfers"), say.number(visits.transferred)],
            [f"{say('w.repeats')} ({say('w.repeats_help')})", say.ratio(calls.repeats)],
        ],
    )
    return section


def exclusions(report: Report, say: Language) -> Section:
    """Why calls do not count."""
    section = Section("exclusions", say("s.exclusions"))
    section.text(say("p.exclusions"))
    if not report.exclusions:
        section.text(say("nothing"))
        return section
    whole = report.total.calls.calls
    section.table(
        say("t.exclusions"),
        [Column(say("c.reason"), "left", 1), Column(say("c.calls")), Column(say("c.share"))],
        [
            [say.code_word("r", why.reason), say.number(why.calls),
             say.ratio(Ratio(why.calls, whole))]
            for why in report.exclusions
        ],
        total=[say("total"), say.number(report.total.calls.excluded),
               say.ratio(Ratio(report.total.calls.excluded, whole))],
    )  # fmt: skip
    return section


def corrections(report: Report, say: Language) -> Section:
    """What was put right afterwards."""
    section = Section("corrections", say("s.corrections"))
    calls = report.total.calls
    section.text(
        say(
            "p.corrections",
            corrected=say.number(calls.corrected),
            corrections=say.number(calls.corrections),
            partly=say.number(calls.partly_observed),
        )
    )
    return section


def voice_servers(report: Report, say: Language) -> Section:
    """Stays in voice servers."""
    section = Section("voice", say("s.voice"))
    if report.queues_only is not None:
        return section
    if not report.voice_servers:
        section.text(say("nothing"))
        return section
    section.text(say("p.voice"))
    section.table(
        say("t.voice"),
        [Column(say("c.voice"), "left", 1), Column(say("c.reached")), Column(say("c.with_input")),
         Column(say("c.left_without")), Column(say("c.average"))],
        [
            [one.name, say.number(one.reached), say.number(one.with_input),
             say.number(one.left_without), say.seconds(one.average_s)]
            for one in report.voice_servers
        ],
    )  # fmt: skip
    return section
