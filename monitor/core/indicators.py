"""Indicators as arithmetic: additive counts, and the named ratios made from them.

Counts of two records of disjoint calls may be added; the ratios are computed last. Live figures,
the API's ranges and reports all come through here, so a formula stands in one place.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

from monitor.core.clock import Ms
from monitor.core.records import Call, Exit, Verdict, Visit


def mean(total: int, many: int) -> int | None:
    """The mean, rounded half up to a whole number; None of nothing."""
    return (2 * total + many) // (2 * many) if many else None


@dataclass(slots=True)
class QueueTally:
    """Counts over the *ended* waits of visits to queues. Waits and talks in milliseconds.

    ``offered`` = ``answered`` + ``abandoned`` + ``left_otherwise`` (timeout, key, refused entry…)
    + ``unknown``. T is the queue's threshold at the time of joining (``Visit.within``);
    short is the commitment's short-abandon limit.
    """

    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    abandoned_within: int = 0
    abandoned_short: int = 0
    left_otherwise: int = 0
    unknown: int = 0
    answered_wait: Ms = 0
    longest_wait: Ms = 0
    talked: int = 0
    talk: Ms = 0

    def count(self, visit: Visit, by: int = 1) -> None:
        """Add a visit whose exit is known (``by`` -1 takes it out again, before a correction).

        ≤ T here, as the field's formulas say it; the commitment's own verdict is < T.
        """
        wait = visit.wait or 0
        self.offered += by
        self.longest_wait = max(self.longest_wait, wait)
        if visit.exit is Exit.ANSWERED and visit.wait is None:
            # Answered in a blind interval: nobody knows when, so it proves nothing either way.
            self.unknown += by
        elif visit.exit is Exit.ANSWERED:
            self.answered += by
            self.answered_wait += wait * by
            self.answered_within += by * (wait <= visit.within)
        elif visit.exit is Exit.ABANDONED:
            self.abandoned += by
            self.abandoned_within += by * (wait <= visit.within)
            self.abandoned_short += by * visit.short
        elif visit.exit is Exit.UNKNOWN:
            self.unknown += by
        else:
            self.left_otherwise += by

    def count_talk(self, visit: Visit, by: int = 1) -> None:
        """Add the conversation of an answered visit, once it has ended (``by`` -1: take out)."""
        if visit.talk is not None:
            self.talked += by
            self.talk += visit.talk * by

    def add(self, other: "QueueTally") -> None:
        """Add the counts of other visits."""
        for name in _QUEUE_SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest_wait = max(self.longest_wait, other.longest_wait)

    @property
    def average_speed_of_answer(self) -> Ms | None:
        """ASA: mean wait of answered visits (ms); None when none was answered."""
        return mean(self.answered_wait, self.answered)

    @property
    def average_talk(self) -> Ms | None:
        """Mean conversation (ms); None when none has ended."""
        return mean(self.talk, self.talked)


_QUEUE_SUMS = tuple(f.name for f in fields(QueueTally) if f.name != "longest_wait")


@dataclass(slots=True)
class CommitmentTally:
    """Counts of calls by verdict; ``pending`` are live calls not judged yet."""

    pending: int = 0
    met: int = 0
    breached: int = 0
    abandoned: int = 0
    refused: int = 0
    excluded: int = 0
    unknown: int = 0
    short_abandons: int = 0

    def count(self, verdict: Verdict, by: int = 1) -> None:
        """Add ``by`` calls of one verdict (negative to take them out again)."""
        setattr(self, verdict.value, getattr(self, verdict.value) + by)

    def count_call(self, call: Call) -> None:
        """Add one call as it stands."""
        self.count(call.verdict)
        self.short_abandons += call.short_abandon

    def add(self, other: "CommitmentTally") -> None:
        """Add the counts of other calls."""
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))

    def clear(self) -> None:
        """Start anew."""
        for f in fields(self):
            setattr(self, f.name, 0)

    @property
    def calls(self) -> int:
        """All calls counted."""
        return sum(getattr(self, verdict.value) for verdict in Verdict)

    @property
    def rate(self) -> "Ratio":
        """The commitment's own rate: met / (met + breached); the rest is shown beside it."""
        return Ratio(self.met, self.met + self.breached)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure that can be checked by hand: its numerator and its denominator."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """The quotient; None where the denominator is zero, which is not 0 % nor 100 %."""
        return self.numerator / self.denominator if self.denominator else None

    def bounds(self, unknown: int) -> "tuple[Ratio, Ratio]":
        """The lowest and the highest that the ratio may be, with so many of unknown outcome.

        All of them against it, all of them for it: nothing is guessed of a blind interval.
        """
        most = self.denominator + unknown
        return Ratio(self.numerator, most), Ratio(self.numerator + unknown, most)


class ServiceLevel(StrEnum):
    """The five service-level formulas in use (ICMI; Call Centre Helper), by what they do."""

    ABANDONED_WITHIN_COUNT_FOR = "abandoned_within_count_for"
    ANSWERED_ONLY = "answered_only"
    ABANDONED_COUNT_AGAINST = "abandoned_count_against"
    ABANDONED_WITHIN_LEFT_OUT = "abandoned_within_left_out"
    SHORT_ABANDONED_COUNT_FOR = "short_abandoned_count_for"

    @property
    def formula(self) -> str:
        """The formula as people write it."""
        return _FORMULAS[self]


_FORMULAS = {
    ServiceLevel.ABANDONED_WITHIN_COUNT_FOR: "(ans≤T + ab≤T) / (ans + ab)",
    ServiceLevel.ANSWERED_ONLY: "ans≤T / ans",
    ServiceLevel.ABANDONED_COUNT_AGAINST: "ans≤T / (ans + ab)",
    ServiceLevel.ABANDONED_WITHIN_LEFT_OUT: "ans≤T / (ans + ab>T)",
    ServiceLevel.SHORT_ABANDONED_COUNT_FOR: "(ans≤T + ab≤short) / (ans + ab)",
}


def service_levels(tally: QueueTally) -> dict[ServiceLevel, Ratio]:
    """Compute all five service levels from the same counts."""
    within, answered = tally.answered_within, tally.answered
    all_ = answered + tally.abandoned
    abandoned_late = tally.abandoned - tally.abandoned_within
    return {
        ServiceLevel.ABANDONED_WITHIN_COUNT_FOR: Ratio(within + tally.abandoned_within, all_),
        ServiceLevel.ANSWERED_ONLY: Ratio(within, answered),
        ServiceLevel.ABANDONED_COUNT_AGAINST: Ratio(within, all_),
        ServiceLevel.ABANDONED_WITHIN_LEFT_OUT: Ratio(within, answered + abandoned_late),
        ServiceLevel.SHORT_ABANDONED_COUNT_FOR: Ratio(within + tally.abandoned_short, all_),
    }
