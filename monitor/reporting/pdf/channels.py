"""The sections of a printed report on other channels and on what callers answered."""

from typing import Final

from monitor.core.clock import DAY, HOUR
from monitor.core.indicators import Ratio
from monitor.core.promises import PromiseKind
from monitor.reporting.channel_model import (
    ContactResults,
    Contacts,
    PromiseResults,
    Satisfaction,
    SatisfactionMonth,
    ScaleResults,
)
from monitor.reporting.model import Report
from monitor.reporting.pdf.blocks import Column, Section
from monitor.reporting.words import NOTHING, Language

MOST_PROMISES: Final = 25
"""Announced deadlines that are listed."""
MONTHS_BESIDE: Final = 6
_SINGLE_BEST: Final = 3
"""On scales up to this one only the best score counts as satisfied."""
_COUNTS: Final = ("registered", "met", "breached", "pending", "withdrawn", "excluded")
_TITLES: Final = ("registered", "in_time", "late", "pending", "withdrawn", "excluded")


def channels(report: Report, say: Language) -> Section:
    """The promises of other channels."""
    section = Section("channels", say("s.channels"))
    contacts = report.contacts
    if contacts is None:
        section.text(say("p.contacts_removed"))
        return section
    if not contacts.total.registered:
        section.text(say("p.no_contacts"))
        return section
    section.text(say("p.channels"))
    section.table(
        say("t.channels"),
        [Column(say("c.channel"), "left", 1), *(Column(say(f"c.{name}")) for name in _TITLES),
         Column(say("c.share")), Column(say("c.answer_time"))],
        [_row(say, say(f"cn.{one.channel}"), one.results) for one in contacts.channels],
        total=_row(say, say("total"), contacts.total),
        small=True,
    )  # fmt: skip
    if contacts.total.overdue:
        section.text(say("p.overdue", overdue=say.number(contacts.total.overdue)))
    calls_back = contacts.callbacks
    if calls_back.asked:
        section.text(
            say(
                "p.callbacks",
                asked=say.number(calls_back.asked),
                done=say.number(calls_back.done.numerator),
                share=say.ratio(calls_back.done),
                in_time=f"{say.ratio(calls_back.in_time)} ({_parts(say, calls_back.in_time)})",
            )
        )
    _promises(section, contacts, say)
    _months(section, report, contacts, say)
    _exclusions(section, contacts, say)
    return section


def _row(say: Language, name: str, results: ContactResults) -> list[str]:
    average = results.average_answer_s
    return [
        name, *(say.number(getattr(results, count)) for count in _COUNTS),
        _counted(say, results.rate), NOTHING if average is None else say.duration(average),
    ]  # fmt: skip


def _counted(say: Language, ratio: Ratio) -> str:
    """A share with what it is made of."""
    if not ratio.denominator:
        return NOTHING
    return f"{say.ratio(ratio)}\n{_parts(say, ratio)}"


def _parts(say: Language, ratio: Ratio) -> str:
    return f"{say.number(ratio.numerator)} / {say.number(ratio.denominator)}"


def _promises(section: Section, contacts: Contacts, say: Language) -> None:
    told = contacts.promises
    most = sorted(told, key=lambda one: -one.results.registered)[:MOST_PROMISES]
    section.text(say("p.promises"))
    if len(most) < len(told):
        section.text(say("p.promises_most", shown=say.number(len(most))))
    section.table(
        say("t.promises"),
        [Column(say("c.channel"), "left"), Column(say("c.promise"), "left", 1),
         *(Column(say(f"c.{name}")) for name in _TITLES[:4]), Column(say("c.share"))],
        [
            [say(f"cn.{one.channel}"), _promise(say, one),
             *(say.number(getattr(one.results, count)) for count in _COUNTS[:4]),
             _counted(say, one.results.rate)]
            for one in told
            if one in most
        ],
        small=True,
    )  # fmt: skip


def _promise(say: Language, one: PromiseResults) -> str:
    if one.span_s is None:
        return say("pr.moment")
    if one.span_s % DAY == 0 and one.promise == PromiseKind.SPAN:
        days = one.span_s // DAY
        span = say("pr.day") if days == 1 else say("pr.days", days=say.number(days))
    elif one.span_s % HOUR == 0:
        span = f"{say.number(one.span_s // HOUR)}\u202fh"
    else:
        span = say.duration(one.span_s)
    return say(f"pr.{one.promise}", span=span)


def _months(section: Section, report: Report, contacts: Contacts, say: Language) -> None:
    names = [month.month for month in report.months]
    if len(names) < 2:  # noqa: PLR2004 - one month is the total
        return
    cells = {(one.channel, one.month): one.results.rate for one in contacts.months}
    for start in range(0, len(names), MONTHS_BESIDE):
        shown = names[start : start + MONTHS_BESIDE]
        section.table(
            say("t.channel_months"),
            [Column(say("c.channel"), "left", 1),
             *(Column(say.month(month, short=True)) for month in shown)],
            [
                [say(f"cn.{one.channel}"),
                 *(_counted(say, cells[one.channel, month]) for month in shown)]
                for one in contacts.channels
            ],
            small=True,
        )  # fmt: skip


def _exclusions(section: Section, contacts: Contacts, say: Language) -> None:
    if contacts.exclusions:
        section.table(
            say("t.contact_exclusions"),
            [Column(say("c.reason"), "left", 1), Column(say("c.contacts"))],
            [[say(f"xr.{why.reason}"), say.number(why.contacts)] for why in contacts.exclusions],
            total=[say("total"), say.number(contacts.total.excluded)],
        )


def satisfaction(report: Report, say: Language) -> Section:
    """What callers answered after their call; nothing where they were not asked."""
    section = Section("satisfaction", say("s.satisfaction"))
    found = report.satisfaction
    if found is None or not found.response.denominator:
        return section
    section.text(
        say(
            "p.satisfaction",
            asked=say.number(found.response.denominator),
            answered=say.number(found.response.numerator),
            share=say.ratio(found.response),
        )
    )
    for scale in found.scales:
        _scale(section, scale, say)
    if len(found.months) > 1:
        _satisfaction_months(section, found, say)
    return section


def _scale(section: Section, scale: ScaleResults, say: Language) -> None:
    section.text(
        say(
            "p.scale_short" if scale.best <= _SINGLE_BEST else "p.scale",
            best=scale.best,
            answers=say.number(scale.answered),
            mean=_mean(say, scale.mean),
            satisfied=f"{say.ratio(scale.satisfied)} ({_parts(say, scale.satisfied)})",
        )
    )
    section.table(
        say("t.scale", best=scale.best),
        [Column(say("c.score"), "left", 1), Column(say("c.answers")), Column(say("c.share"))],
        [
            [score, say.number(many), say.ratio(Ratio(many, scale.answered))]
            for score, many in scale.distribution.items()
        ],
        total=[say("total"), say.number(scale.answered), ""],
    )


def _satisfaction_months(section: Section, found: Satisfaction, say: Language) -> None:
    one = found.scales[0].best if len(found.scales) == 1 else None

    def row(month: SatisfactionMonth) -> list[str]:
        told = [
            say.month(month.month), say.number(month.response.denominator),
            say.number(month.response.numerator), say.ratio(month.response),
        ]  # fmt: skip
        if one is None:
            return told
        if not month.scales:
            return [*told, NOTHING, NOTHING]
        return [*told, _mean(say, month.scales[0].mean), say.ratio(month.scales[0].satisfied)]

    titles = ["asked", "answers", "response", *(["mean", "satisfied"] if one is not None else [])]
    section.table(
        say("t.satisfaction_months"),
        [Column(say("c.month"), "left", 1), *(Column(say(f"c.{title}")) for title in titles)],
        [row(month) for month in found.months],
    )


def _mean(say: Language, mean: Ratio) -> str:
    return NOTHING if mean.value is None else say.decimal(mean.value, 2)
