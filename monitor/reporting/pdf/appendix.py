"""The later sections of a printed report: how the figures came about, and how to check them."""

from datetime import date
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.indicators import Ratio
from monitor.reporting.blind_causes import OTHER
from monitor.reporting.changes import unit_of
from monitor.reporting.model import Blind, Change, PolicyInForce, Report
from monitor.reporting.pdf.blocks import Column, Section
from monitor.reporting.words import NOTHING, Language

MOST_BLIND: Final = 30
"""Blind intervals that are listed."""


def observation(report: Report, say: Language) -> Section:
    """Coverage and blind intervals."""
    section = Section("observation", say("s.observation"))
    coverage, blind = report.coverage, report.blind
    section.text(say("p.coverage"))
    if coverage.record_begins is not None:
        section.text(say("p.begins", at=say.moment(coverage.record_begins, report.period.zone)))
    section.table(
        say("t.coverage"),
        [Column(say("c.pbx"), "left", 1), Column(say("c.open_time")), Column(say("c.observed")),
         Column(say("c.share"))],
        [
            [one.pbx, say.duration(one.open_s), say.duration(one.observed_s), say.ratio(one.share)]
            for one in coverage.pbxs
        ],
        total=[say("total"), say.duration(coverage.open_s), say.duration(coverage.observed_s),
               say.ratio(coverage.share)],
    )  # fmt: skip
    section.text(
        say(
            "p.blind",
            count=say.number(blind.count),
            length=say.duration(blind.length_s),
            open=say.duration(blind.open_s),
        )
    )
    if not blind.intervals:
        return section
    longest = sorted(blind.intervals, key=lambda gap: (-gap.length_s, gap.from_))[:MOST_BLIND]
    if len(longest) < blind.count:
        section.text(say("p.blind_most", shown=say.number(len(longest))))
    zone = report.period.zone
    section.table(
        say("t.blind"),
        [Column(say("c.pbx"), "left"), Column(say("c.from"), "left"), Column(say("c.to"), "left"),
         Column(say("c.length")), Column(say("c.open")), Column(say("c.cause"), "left", 1)],
        [
            [gap.pbx, say.moment_short(gap.from_, zone), say.moment_short(gap.to, zone),
             say.duration(gap.length_s), say.duration(gap.open_s), _cause(say, gap)]
            for gap in sorted(longest, key=lambda gap: (gap.from_, gap.pbx))
        ],
        small=True,
    )  # fmt: skip
    return section


def _cause(say: Language, gap: Blind) -> str:
    """Why nobody looked, in the reader's words where they are known."""
    if OTHER in gap.codes:
        return gap.cause
    return " ".join(say(f"bc.{code}") for code in gap.codes)


def overflow(report: Report, say: Language) -> Section:
    """What was done for callers about to wait too long."""
    section = Section("overflow", say("s.overflow"))
    if report.queues_only is not None:
        return section
    section.text(say("p.overflow"))
    if not report.overflow:
        section.text(say("nothing"))
        return section
    section.table(
        say("t.overflow"),
        [Column(say("c.action"), "left", 1), Column(say("c.outcome"), "left", 1),
         Column(say("c.commands"))],
        [
            [say.code_word("a", one.action), say.code_word("o", one.outcome),
             say.number(one.commands)]
            for one in report.overflow
        ],
        total=[say("total"), "", say.number(sum(one.commands for one in report.overflow))],
    )  # fmt: skip
    return section


def previous(report: Report, say: Language) -> Section:
    """This period against the one before."""
    section = Section("previous", say("s.previous"))
    before = report.previous
    if before is None:
        section.text(say("p.no_previous"))
        return section
    period = say.period(before.period.first_day, before.period.last_day)
    section.text(say("p.previous", period=period))
    calls, then = report.total.calls, before.total.calls
    visits, visits_then = report.total.visits, before.total.visits
    shares: list[tuple[str, Ratio, Ratio]] = [
        (say("k.rate"), calls.rate.ratio, then.rate.ratio),
        *(
            (f"{say('k.level')} – {say(f'f.{name}')}", level.ratio,
             visits_then.service_levels[name].ratio)
            for name, level in visits.service_levels.items()
        ),
        (say("w.rna"), visits.ring_no_answer, visits_then.ring_no_answer),
        (say("w.repeats"), calls.repeats, then.repeats),
    ]  # fmt: skip
    rows = [
        [name, say.ratio(now), say.ratio(was), say.points(now.value, was.value)]
        for name, now, was in shares
    ]
    counts = [
        (say(f"v.{name}"), getattr(calls, name), getattr(then, name))
        for name in ("met", "breached", "abandoned", "refused", "excluded", "unknown")
    ]
    rows += [
        [name, say.number(now), say.number(was), say.change(now, was)]
        for name, now, was in [(say("c.calls"), calls.calls, then.calls), *counts]
    ]
    rows += [
        [name, say.seconds(now), say.seconds(was), _longer(say, now, was)]
        for name, now, was in [
            (f"{say('s.waits')} – {say('w.mean')}", calls.waits.mean_s, then.waits.mean_s),
            (f"ASA – {say('w.mean')}", visits.waits.mean_s, visits_then.waits.mean_s),
            (say("w.talk"), visits.average_talk_s, visits_then.average_talk_s),
        ]
    ]
    section.table(
        say("t.previous"),
        [Column(say("c.figure"), "left", 1), Column(say("c.now")), Column(say("c.before")),
         Column(say("c.change"))],
        rows,
    )  # fmt: skip
    return section


def _longer(say: Language, now: Ms | None, was: Ms | None) -> str:
    if now is None or was is None:
        return NOTHING
    sign = "±" if now == was else "+" if now > was else "−"
    return f"{sign}{say.seconds(abs(now - was))}"


def policies(report: Report, say: Language) -> Section:
    """The policy versions in force, and what each changed."""
    section = Section("policies", say("s.policies"))
    section.text(say("p.policies"))
    promise = report.promise
    if promise is not None:
        section.text(
            say(
                "p.starts",
                start=say(f"start.{promise.starts_on}"),
                short=say.threshold(promise.short_abandon_s),
            )
        )
        told = [
            say("p.threshold", within=say.threshold(one.within_s), calls=say.number(one.calls))
            for one in promise.thresholds
        ]
        if told:
            section.text(say("p.thresholds", list="; ".join(told)))
    if not report.policies:
        section.text(say("not_known"))
        return section
    section.table(
        say("t.policies"),
        [Column(say("c.version")), Column(say("c.since"), "left"), Column(say("c.calls")),
         Column(say("c.changed"), "left", 1)],
        [
            [str(one.version), say.moment_short(one.from_, report.period.zone),
             say.number(one.calls), _changed(say, one)]
            for one in report.policies
        ],
    )  # fmt: skip
    return section


def _changed(say: Language, version: PolicyInForce) -> str:
    if version.changes is None:
        return say("p.unknown_changes")
    if not version.changes:
        return say("p.first_version" if version.version == 1 else "p.no_changes")
    return "\n".join(_change(say, change) for change in version.changes)


def _change(say: Language, change: Change) -> str:
    what = say(f"ch.{change.what}", subject=change.subject)
    if change.before is None and change.after is None:
        return what
    unit = unit_of(change)
    before, after = (_value(say, value, unit) for value in (change.before, change.after))
    return say("ch.fromto", what=what, before=before, after=after)


def _value(say: Language, value: str | float | None, unit: str) -> str:
    if value is None:
        return NOTHING
    if unit == "formula":
        return say.code_word("f", str(value))
    if isinstance(value, str):
        return value
    if unit == "share":
        return say.exact_percent(value)
    return say.threshold(round(value * SECOND)) if unit == "s" else say.number(round(value))


def definitions(report: Report, say: Language) -> Section:
    """What each figure is."""
    section = Section("definitions", say("s.definitions"))
    section.text(say("d.legend"))
    rows = []
    for one in report.definitions:
        formula = say.words.get(f"n.{one.code}", say.words.get(f"dn.{one.code}", ""))
        name = say.words.get(f"f.{one.code}", say.words.get(f"df.{one.code}", one.code))
        level = f"n.{one.code}" in say.words
        rows.append([f"{say('k.level')} – {name}" if level else name, formula,
                     say.words.get(f"d.{one.code}", "")])  # fmt: skip
    section.table(
        say("t.definitions"),
        [Column(say("c.figure"), "left", 3), Column(say("c.formula"), "left", 4),
         Column(say("c.definition"), "left", 4)],
        rows,
        small=True,
    )  # fmt: skip
    return section


def seals(report: Report, say: Language) -> Section:
    """The chain of sealed days, and how to verify the figures without trusting anybody."""
    section = Section("seals", say("s.seals"))
    sealed = report.sealed
    if sealed is None:
        section.text(say("p.no_seals"))
        return section
    section.text(say("p.seals"))
    section.code(sealed.head)
    if sealed.first_day is not None and sealed.last_day is not None and sealed.days is not None:
        section.text(
            say(
                "p.sealed",
                first=say.day(date.fromisoformat(sealed.first_day)),
                last=say.day(date.fromisoformat(sealed.last_day)),
                days=say.number(sealed.days),
                open=say.number(sealed.open_days or 0),
            )
        )
    section.text(say("p.verify"))
    section.code(f"minuteur evidence verify PACK.zip --head {sealed.head}")
    section.text(say("p.verify_more"))
    section.text(say("p.not_in_pack"))
    return section
