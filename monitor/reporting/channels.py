"""Other channels in a report: their promises, callbacks, complaints, and what callers answered."""

from collections.abc import Iterable, Mapping

from monitor.core.contact_period import ContactPart, OtherChannels, added, answers_added
from monitor.core.contact_tallies import ContactTally, SatisfactionTally, ScaleTally
from monitor.core.contacts import Channel
from monitor.core.indicators import Ratio
from monitor.core.promises import PromiseKind
from monitor.reporting.channel_model import (
    CallbackResults,
    ChannelMonth,
    ChannelResults,
    ContactReasonCount,
    ContactResults,
    Contacts,
    PromiseResults,
    Satisfaction,
    SatisfactionMonth,
    ScaleResults,
)
from monitor.reporting.values import Span


def contacts_of(others: OtherChannels, months: Mapping[int, str]) -> Contacts:
    """The contacts of a period.

    Args:
        others: the counts.
        months: the names of the period's months, by their place in it.
    """
    parts = others.contacts
    channels = [channel for channel in Channel if any(p.channel is channel for p in parts)]

    def of(**wanted: object) -> ContactTally:
        return added(
            tally
            for part, tally in parts.items()
            if all(getattr(part, name) == value for name, value in wanted.items())
        )

    total = of()
    return Contacts(
        total=_results(total),
        channels=tuple(ChannelResults(c.value, _results(of(channel=c))) for c in channels),
        months=tuple(
            ChannelMonth(c.value, name, _results(of(channel=c, month=number)))
            for c in channels
            for number, name in months.items()
        ),
        promises=tuple(_promises(parts)),
        exclusions=tuple(
            ContactReasonCount(why.value, n) for why, n in sorted(total.exclusions.items())
        ),
        callbacks=_callbacks(of(channel=Channel.CALLBACK)),
    )


def _promises(parts: Mapping[ContactPart, ContactTally]) -> Iterable[PromiseResults]:
    """What was announced, by channel: the shortest span first, then opening hours, then moments."""
    found: dict[tuple[Channel, PromiseKind, int | None], list[ContactTally]] = {}
    for part, tally in parts.items():
        span = None if part.promise is PromiseKind.MOMENT else part.span
        found.setdefault((part.channel, part.promise, span), []).append(tally)
    channels, kinds = list(Channel), (PromiseKind.SPAN, PromiseKind.OPENING_HOURS)

    def order(key: tuple[Channel, PromiseKind, int | None]) -> tuple[int, int, int]:
        channel, kind, span = key
        return channels.index(channel), kinds.index(kind) if kind in kinds else 2, span or 0

    for key in sorted(found, key=order):
        channel, kind, span = key
        yield PromiseResults(
            channel.value,
            kind.value,
            None if span is None else Span(span),
            _results(added(found[key])),
        )


def _results(tally: ContactTally) -> ContactResults:
    average = tally.average_answer_time
    return ContactResults(
        registered=tally.registered,
        pending=tally.pending,
        met=tally.met,
        breached=tally.breached,
        withdrawn=tally.withdrawn,
        excluded=tally.excluded,
        rate=tally.rate,
        overdue=tally.overdue,
        answered=tally.answered,
        corrected=tally.corrected,
        average_answer_s=None if average is None else Span(average),
    )


def _callbacks(tally: ContactTally) -> CallbackResults:
    asked = tally.registered - tally.excluded
    return CallbackResults(asked, Ratio(tally.answered, asked), tally.rate)


def satisfaction_of(others: OtherChannels, months: Mapping[int, str]) -> Satisfaction:
    """What callers answered; see :func:`contacts_of`."""
    surveys = others.surveys
    total = answers_added(surveys.values())
    return Satisfaction(
        response=total.response,
        scales=_scales(total),
        months=tuple(
            _month(name, answers_added(t for part, t in surveys.items() if part.month == number))
            for number, name in months.items()
        ),
    )


def _month(name: str, tally: SatisfactionTally) -> SatisfactionMonth:
    return SatisfactionMonth(name, tally.response, _scales(tally))


def _scales(tally: SatisfactionTally) -> tuple[ScaleResults, ...]:
    return tuple(_scale(tally.scales[best]) for best in sorted(tally.scales))


def _scale(scale: ScaleTally) -> ScaleResults:
    return ScaleResults(
        scale.best,
        scale.answered,
        scale.average,
        scale.satisfied,
        {str(score): many for score, many in scale.distribution.items()},
    )
