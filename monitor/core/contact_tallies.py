"""Counts of contacts and of what callers answered after their call, one record at a time.

Each tally is whole numbers that may be added to another's of other records; ratios come last.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Final

from monitor.core.clock import Ms
from monitor.core.contacts import Contact, ContactReason, ContactVerdict, is_overdue
from monitor.core.indicators import Ratio
from monitor.core.tallies import Histogram

SCALES: Final = range(2, 11)
"""The best score that a survey may have; the worst is 1."""


@dataclass(slots=True)
class ContactTally:
    """Counts of contacts, by when they were received. Spans in milliseconds."""

    pending: int = 0
    met: int = 0
    breached: int = 0
    withdrawn: int = 0
    excluded: int = 0
    overdue: int = 0
    """Of the breached, those who still wait for an answer."""
    answered: int = 0
    """Answered, in time or late; without the excluded."""
    corrected: int = 0
    """Contacts of which a verdict was corrected, at least once."""
    answer_time: Ms = 0
    """From reception to answer, of the answered, added up."""
    answer_times: Histogram = field(default_factory=Histogram)
    """The same by whole seconds, rounded up."""
    exclusions: Counter[ContactReason] = field(default_factory=Counter)

    def count(self, contact: Contact) -> None:
        """Add a contact as it stands."""
        name = contact.verdict.value
        setattr(self, name, getattr(self, name) + 1)
        self.overdue += is_overdue(contact)
        self.corrected += contact.corrections > 0
        if contact.verdict is ContactVerdict.EXCLUDED:
            self.exclusions[contact.reason] += 1
        elif contact.answer_time is not None:
            self.answered += 1
            self.answer_time += contact.answer_time
            self.answer_times.count(contact.answer_time)

    def add(self, other: "ContactTally") -> None:
        """Add the counts of other contacts."""
        for name in _PLAIN:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.answer_times.add(other.answer_times)
        self.exclusions.update(other.exclusions)

    @property
    def registered(self) -> int:
        """All contacts counted."""
        return self.pending + self.met + self.breached + self.withdrawn + self.excluded

    @property
    def rate(self) -> Ratio:
        """Met / (met + breached); pending, withdrawn and excluded are shown beside it."""
        return Ratio(self.met, self.met + self.breached)

    @property
    def average_answer_time(self) -> Ms | None:
        """Mean time to the answer (ms), by the clock, not by opening hours."""
        if not self.answered:
            return None
        return (2 * self.answer_time + self.answered) // (2 * self.answered)


_PLAIN: Final = tuple(
    f.name for f in fields(ContactTally) if f.name not in {"answer_times", "exclusions"}
)


@dataclass(slots=True)
class ScaleTally:
    """What was answered on one scale: how many gave each score."""

    best: int
    scores: Counter[int] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        """How many gave a score."""
        return sum(self.scores.values())

    @property
    def average(self) -> Ratio:
        """All scores added up / how many: the mean as a ratio that can be checked."""
        return Ratio(sum(score * many for score, many in self.scores.items()), self.answered)

    @property
    def satisfied(self) -> Ratio:
        """The two best scores (4 and 5 of 5; on a scale of 2 or 3 the best alone) / all given."""
        least = self.best - 1 if self.best > 3 else self.best  # noqa: PLR2004
        top = sum(many for score, many in self.scores.items() if score >= least)
        return Ratio(top, self.answered)

    @property
    def distribution(self) -> dict[int, int]:
        """How many gave each score, also those that nobody gave."""
        return {score: self.scores[score] for score in range(1, self.best + 1)}


@dataclass(slots=True)
class SatisfactionTally:
    """What callers answered when they were asked after their call, by scale.

    Scores of different scales are never put together: a 4 of 5 is no 4 of 10.
    """

    asked: int = 0
    """Calls in which the question was put."""
    scales: dict[int, ScaleTally] = field(default_factory=dict)

    def count(self, score: int, best: int, many: int = 1) -> None:
        """Add calls in which the question was put; a score of 0: it was not answered."""
        self.asked += many
        if score:
            self.scales.setdefault(best, ScaleTally(best)).scores[score] += many

    def add(self, other: "SatisfactionTally") -> None:
        """Add the counts of other calls."""
        self.asked += other.asked
        for best, scale in other.scales.items():
            self.scales.setdefault(best, ScaleTally(best)).scores.update(scale.scores)

    @property
    def answered(self) -> int:
        """Calls in which a score was given."""
        return sum(scale.answered for scale in self.scales.values())

    @property
    def response(self) -> Ratio:
        """Answered / asked."""
        return Ratio(self.answered, self.asked)


def count_contacts(contacts: Iterable[Contact]) -> ContactTally:
    """The counts of contacts."""
    tally = ContactTally()
    for contact in contacts:
        tally.count(contact)
    return tally
