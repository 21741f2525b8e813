"""The figures of other channels in a period: contacts and what callers answered after their calls.

Each record is counted in one part, of its queue and month and of what was announced; sums over the
parts are the figures. :class:`OtherChannels` is made of records one at a time, or of what a
database added up (:mod:`monitor.history.contact_period`): both come to the same.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from typing import NamedTuple

from monitor.core.buckets import Bucket, Step, bucket_of, buckets
from monitor.core.clock import Ms
from monitor.core.contact_tallies import ContactTally, SatisfactionTally
from monitor.core.contacts import Channel, Contact
from monitor.core.promises import PromiseKind
from monitor.core.records import Call

Sees = Callable[[str, str], bool]


class ContactPart(NamedTuple):
    """What contacts are counted by; ``month`` is its place in the period, ``span`` in ms."""

    pbx: str
    queue: str
    channel: Channel
    month: int
    promise: PromiseKind
    span: Ms | None


class SurveyPart(NamedTuple):
    """What answers of callers are counted by: the queue that judges the call, and the month."""

    pbx: str
    queue: str
    month: int


@dataclass(slots=True)
class OtherChannels:
    """The figures of ``since`` ≤ t < ``until`` (ms); months are those of ``zone``.

    A contact belongs to the month in which it was received, an answer to that of its call's
    arrival.

    Raises:
        TooManyBucketsError: the period has too many months.
    """

    since: Ms
    until: Ms
    zone: tzinfo
    contacts_told: bool = True
    """Whether contacts are known at all: retention may have taken their proof."""
    months: list[Bucket] = field(init=False)
    contacts: dict[ContactPart, ContactTally] = field(default_factory=dict)
    surveys: dict[SurveyPart, SatisfactionTally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.months = buckets(self.since, self.until, Step.MONTH, self.zone)

    def count_contact(self, contact: Contact) -> None:
        """Add a contact as it stands; one that was received at another time is left out."""
        if self.since <= contact.received_at < self.until:
            promise = contact.promise
            part = ContactPart(
                contact.pbx, contact.queue, contact.channel, self._month(contact.received_at),
                promise.kind, promise.span,
            )  # fmt: skip
            self.contacts.setdefault(part, ContactTally()).count(contact)

    def count_call(self, call: Call) -> None:
        """Add what a caller answered; a call in which nothing was asked is left out."""
        score, best = call.satisfaction, call.satisfaction_best
        if score is None or best is None or not self.since <= call.arrived_at < self.until:
            return
        part = SurveyPart(call.pbx, call.judging_queue, self._month(call.arrived_at))
        self.surveys.setdefault(part, SatisfactionTally()).count(score, best)

    def _month(self, at: Ms) -> int:
        return bucket_of([month.begin for month in self.months], at)

    def narrowed(self, sees: Sees) -> "OtherChannels":
        """What is of some queues alone; a contact of no PBX is of its queue on every PBX.

        Args:
            sees: whether a queue, of (PBX or nothing, queue), is one of them.
        """
        narrow = replace(self)
        narrow.contacts = {
            part: tally
            for part, tally in self.contacts.items()
            if part.queue and sees(part.pbx, part.queue)
        }
        narrow.surveys = {
            part: tally
            for part, tally in self.surveys.items()
            if part.queue and sees(part.pbx, part.queue)
        }
        return narrow


def added(tallies: Iterable[ContactTally]) -> ContactTally:
    """The sum of some tallies."""
    total = ContactTally()
    for tally in tallies:
        total.add(tally)
    return total


def answers_added(tallies: Iterable[SatisfactionTally]) -> SatisfactionTally:
    """The sum of some tallies."""
    total = SatisfactionTally()
    for tally in tallies:
        total.add(tally)
    return total
