"""What a report says of other channels, as values."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.indicators import Ratio
from monitor.reporting.values import Span


@dataclass(frozen=True, slots=True)
class ContactResults:
    """Contacts of other channels by when they were received, as they stand; one verdict each."""

    registered: int
    pending: int
    met: int
    breached: int
    withdrawn: int
    excluded: int
    rate: Ratio
    """met / (met + breached)."""
    overdue: int
    """Of the breached, those whom nobody has answered."""
    answered: int
    """In time or late; without the excluded."""
    corrected: int
    average_answer_s: Span | None
    """By the clock, not by opening hours."""


@dataclass(frozen=True, slots=True)
class ChannelResults:
    """A channel's."""

    channel: str
    results: ContactResults


@dataclass(frozen=True, slots=True)
class ChannelMonth:
    """A channel's in a month."""

    channel: str
    month: str
    results: ContactResults


@dataclass(frozen=True, slots=True)
class PromiseResults:
    """Those to whom the same was announced: a span, one in opening hours, or a moment (none)."""

    channel: str
    promise: str
    span_s: Span | None
    results: ContactResults


@dataclass(frozen=True, slots=True)
class ContactReasonCount:
    """Excluded contacts by why."""

    reason: str
    contacts: int


@dataclass(frozen=True, slots=True)
class CallbackResults:
    """Callbacks that were asked for (without the excluded), made at all, and made in time."""

    asked: int
    done: Ratio
    in_time: Ratio


@dataclass(frozen=True, slots=True)
class Contacts:
    """The promises of other channels."""

    total: ContactResults
    channels: tuple[ChannelResults, ...]
    months: tuple[ChannelMonth, ...]
    promises: tuple[PromiseResults, ...]
    exclusions: tuple[ContactReasonCount, ...]
    callbacks: CallbackResults


@dataclass(frozen=True, slots=True)
class ScaleResults:
    """Answers on one scale from 1 to ``best``; scales are never put together."""

    best: int
    answered: int
    mean: Ratio
    """All scores added up / how many."""
    satisfied: Ratio
    """The two best scores (on a scale of 2 or 3 the best alone) / all given."""
    distribution: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SatisfactionMonth:
    """A month's."""

    month: str
    response: Ratio
    scales: tuple[ScaleResults, ...]


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What callers answered after their call, by when it arrived."""

    response: Ratio
    """Answered / asked."""
    scales: tuple[ScaleResults, ...]
    months: tuple[SatisfactionMonth, ...]
