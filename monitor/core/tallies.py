"""Counts of a period: of calls, visits and voice server stays, one record at a time.

Each tally is a list of whole numbers that may be added to another's of other records; ratios and
means come last. What is counted here from records is what the database adds up from its rows
(:mod:`monitor.history.period`), and what an evidence pack is checked with.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from monitor.core.clock import DAY, SECOND, Ms
from monitor.core.indicators import CommitmentTally, QueueTally, Ratio, mean
from monitor.core.records import (
    TURNED_AWAY,
    Call,
    Exit,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)

REPEAT_DAYS: Final = (1, 7, 30)
"""Within how many times 24 hours a further call of a caller can be asked for as a repeat."""
REPEAT: Final = 7
"""The one that is meant where none is said."""

JUDGED: Final = frozenset({Verdict.MET, Verdict.BREACHED})


def has_number(caller: str) -> bool:
    """Whether a caller is known by a number; "anonymous" and the like hold no digit."""
    return any("0" <= character <= "9" for character in caller)


@dataclass(slots=True)
class CallTally(CommitmentTally):
    """Counts of calls, by when they arrived. Spans in milliseconds.

    ``breached`` is ``breached_handled`` + ``breached_abandoned`` + ``breached_refused`` +
    ``breached_otherwise``; ``reasons`` splits every verdict so.
    """

    handled_by_agent: int = 0
    """Taken care of by an agent, in time or late; whatever the verdict."""
    handled_by_voice_server: int = 0
    partly_observed: int = 0
    corrected: int = 0
    """Calls of which a verdict was corrected, at least once."""
    corrections: int = 0
    transferred: int = 0
    """Calls that were passed on, at least once."""
    transfers: int = 0
    transfers_unknown: int = 0
    """Calls of a time in which transfers were not counted."""
    waits: int = 0
    """Calls met, or breached and handled late, of which the wait is known."""
    wait: Ms = 0
    """Their waits, from the clock's start to handled."""
    longest_wait: Ms = 0
    """The longest wait of a call met, breached or abandoned: to handled, else to the end."""
    with_number: int = 0
    """Calls that are not excluded, of callers with a number: of whom a repeat can be known."""
    repeats_1: int = 0
    """Of these, the calls whose caller had arrived before, at most 1 × 24 hours earlier."""
    repeats_7: int = 0
    repeats_30: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Calls by the reason of their verdict."""

    def count_record(self, call: Call, previous_at: Ms | None = None) -> None:
        """Add a call as it stands.

        Args:
            call: the record.
            previous_at: when the caller's call before this one arrived, on any PBX; None: none
                is known in the days before.
        """
        self.count_call(call)
        self.handled_by_agent += call.handled_by is HandledBy.AGENT
        self.handled_by_voice_server += call.handled_by is HandledBy.VOICE_SERVER
        self.partly_observed += call.observed is Observed.PARTIAL
        self.corrected += call.corrections > 0
        self.corrections += call.corrections
        if call.transfers is None:
            self.transfers_unknown += 1
        else:
            self.transferred += call.transfers > 0
            self.transfers += call.transfers
        if call.reason is not Reason.NONE:
            self.reasons[call.reason] += 1
        wait = commitment_wait(call)
        if wait is not None:
            self.waits += 1
            self.wait += wait
        if call.verdict in JUDGED or call.verdict is Verdict.ABANDONED:
            self.longest_wait = max(self.longest_wait, call.wait or 0)
        self._count_repeat(call, previous_at)

    def _count_repeat(self, call: Call, previous_at: Ms | None) -> None:
        known = call.caller_key or has_number(call.caller)
        if call.verdict is Verdict.EXCLUDED or not known:
            return
        self.with_number += 1
        if previous_at is not None:
            since = call.arrived_at - previous_at
            self.repeats_1 += since <= DAY
            self.repeats_7 += since <= 7 * DAY
            self.repeats_30 += since <= 30 * DAY

    def add(self, other: CommitmentTally) -> None:
        """Add the counts of other calls."""
        longest = self.longest_wait
        for f in fields(other):
            if f.name != "reasons":
                setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))
        if isinstance(other, CallTally):
            self.longest_wait = max(longest, other.longest_wait)
            self.reasons.update(other.reasons)

    def clear(self) -> None:
        """Start anew."""
        for f in fields(self):
            setattr(self, f.name, Counter() if f.name == "reasons" else 0)

    @property
    def breached_handled(self) -> int:
        """Handled, at the deadline or later."""
        return self.reasons[Reason.HANDLED_LATE]

    @property
    def breached_abandoned(self) -> int:
        """Left by the caller at the deadline or later, unhandled."""
        return self.reasons[Reason.ABANDONED_LATE]

    @property
    def breached_refused(self) -> int:
        """Turned away by the PBX at the deadline or later, unhandled."""
        return self.reasons[Reason.REFUSED_LATE]

    @property
    def breached_otherwise(self) -> int:
        """Breached, and waiting still, or the end was not observed."""
        late = self.breached_handled + self.breached_abandoned + self.breached_refused
        return self.breached - late

    @property
    def exclusions(self) -> dict[Reason, int]:
        """Excluded calls by why, in the order of the reasons."""
        return {why: self.reasons[why] for why in EXCLUDING if self.reasons[why]}

    @property
    def refused_or_cut(self) -> int:
        """Unhandled calls that the PBX ended, not the caller: in time and late."""
        return self.refused + self.breached_refused

    @property
    def average_wait(self) -> Ms | None:
        """Mean wait until handled (ms); None when nobody was."""
        return mean(self.wait, self.waits)

    def repeats(self, days: int = REPEAT) -> Ratio:
        """Calls of callers who had called in the ``days`` × 24 hours before / calls with a number.

        A proxy for first-contact resolution: nobody says that the caller called for the same.

        Raises:
            KeyError: ``days`` is none of ``REPEAT_DAYS``.
        """
        counts = {1: self.repeats_1, 7: self.repeats_7, 30: self.repeats_30}
        return Ratio(counts[days], self.with_number)


EXCLUDING: Final = (
    Reason.OUTSIDE_OPENING_HOURS,
    Reason.TEST_NUMBER,
    Reason.INTERNAL_CALL,
    Reason.LEFT_BEFORE_THE_CLOCK,
)
"""The reasons of excluded calls."""


def commitment_wait(call: Call) -> Ms | None:
    """The wait of a call that was handled, in time or late; None for any other."""
    if call.verdict not in JUDGED or call.handled_by is None:
        return None
    return call.wait


@dataclass(slots=True)
class VisitTally(QueueTally):
    """Counts of visits whose exit is known, by when they joined. Spans in milliseconds."""

    offers: int = 0
    """Offers to members."""
    missed: int = 0
    """Offers that a member let ring: ring-no-answer."""
    held: int = 0
    """Conversations in which the agent put the caller on hold."""
    hold: Ms = 0
    """How long, in all; a part of ``talk``."""
    hold_known: int = 0
    """Ended conversations of which the hold is known: seen from begin to end."""
    transferred: int = 0
    """Conversations that ended with the caller passed on."""
    exits: Counter[Exit] = field(default_factory=Counter)
    """Visits by exit."""

    def count_visit(self, visit: Visit) -> None:
        """Add a visit; nothing while its exit is not known."""
        if visit.exit is None:
            return
        self.count(visit)
        self.count_talk(visit)
        self.exits[visit.exit] += 1
        self.offers += visit.offers
        self.missed += visit.missed
        if visit.talk is not None and visit.hold is not None:
            self.hold_known += 1
            self.hold += visit.hold
            self.held += visit.hold > 0
        self.transferred += bool(visit.transfers)

    def add(self, other: QueueTally) -> None:
        """Add the counts of other visits."""
        longest = max(self.longest_wait, other.longest_wait)
        for f in fields(other):
            if f.name != "exits":
                setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))
        self.longest_wait = longest
        if isinstance(other, VisitTally):
            self.exits.update(other.exits)

    @property
    def turned_away(self) -> int:
        """Visits that were none: the queue was full, or nobody there."""
        return sum(self.exits[exit_] for exit_ in TURNED_AWAY)

    @property
    def average_hold(self) -> Ms | None:
        """Mean hold of the conversations of which it is known, also of those without (ms)."""
        return mean(self.hold, self.hold_known)

    @property
    def ring_no_answer(self) -> Ratio:
        """Offers that a member let ring / all offers."""
        return Ratio(self.missed, self.offers)


@dataclass(slots=True)
class VoiceTally:
    """Counts of stays in one voice server, by when their call arrived. Spans in milliseconds."""

    reached: int = 0
    """Stays: a caller may come twice."""
    with_input: int = 0
    """Stays in which the caller entered something."""
    inputs: int = 0
    """Digits entered."""
    ended_there: int = 0
    """Stays in which the call ended."""
    left_without: int = 0
    """Of these, the calls that nobody had handled: neither an agent nor, by its rule, this."""
    timed: int = 0
    """Stays of which the end is known."""
    time: Ms = 0
    """How long these lasted."""

    def count_stay(self, call: Call, stay: VoiceServerStay) -> None:
        """Add a stay of a call."""
        self.reached += 1
        self.with_input += bool(stay.inputs)
        self.inputs += len(stay.inputs)
        ended = stay.left_at is not None and stay.left_at == call.ended_at
        self.ended_there += ended
        self.left_without += ended and call.handled_by is None
        if stay.left_at is not None:
            self.timed += 1
            self.time += max(0, stay.left_at - stay.entered_at)

    def add(self, other: "VoiceTally") -> None:
        """Add the counts of other stays."""
        for f in fields(self):
            setattr(self, f.name, getattr(self, f.name) + getattr(other, f.name))

    @property
    def average_time(self) -> Ms | None:
        """Mean stay (ms); None of none."""
        return mean(self.time, self.timed)


class Histogram:
    """How many waits took how many seconds, each rounded up to a whole second.

    Kept as one long number whose digits of 32 bits are the counts of 0 s, 1 s, 2 s…: two
    histograms are added by one addition. Waits beyond the last digit are in a dictionary.
    """

    LONGEST: Final = 3_600
    """Up to this second there is a digit for each."""
    _BITS: Final = 32

    __slots__ = ("_longer", "_packed")

    def __init__(self, packed: int = 0, longer: dict[int, int] | None = None) -> None:
        self._packed = packed
        self._longer: dict[int, int] = dict(longer) if longer else {}

    @classmethod
    def of(cls, counts: dict[int, int]) -> "Histogram":
        """A histogram of counts by second."""
        made = cls()
        for second, many in counts.items():
            made.add_seconds(second, many)
        return made

    def count(self, wait: Ms, by: int = 1) -> None:
        """Add a wait (ms)."""
        self.add_seconds(-(-wait // SECOND), by)

    def add_seconds(self, second: int, by: int) -> None:
        """Add waits of one whole second."""
        if second <= self.LONGEST:
            self._packed += by << (self._BITS * second)
        else:
            self._longer[second] = self._longer.get(second, 0) + by

    def add(self, other: "Histogram") -> None:
        """Add the waits of another."""
        self._packed += other._packed
        for second, many in other._longer.items():
            self._longer[second] = self._longer.get(second, 0) + many

    @property
    def packed(self) -> int:
        """The long number."""
        return self._packed

    @property
    def longer(self) -> dict[int, int]:
        """Counts of the seconds beyond the long number."""
        return dict(self._longer)

    @property
    def counts(self) -> dict[int, int]:
        """Waits by second, from the shortest; only those that there are."""
        size = self._BITS // 8
        length = -(-self._packed.bit_length() // self._BITS)
        data = self._packed.to_bytes(length * size, "little")
        found = {
            second: many
            for second in range(length)
            if (many := int.from_bytes(data[second * size : (second + 1) * size], "little"))
        }
        return found | dict(sorted(self._longer.items()))

    @property
    def total(self) -> int:
        """How many waits there are."""
        return sum(self.counts.values())

    def percentile(self, percent: int) -> int | None:
        """The smallest whole second that at least ``percent`` % of the waits do not exceed.

        Nearest rank, over waits rounded up to whole seconds; None of no wait.
        """
        return self.percentiles((percent,))[percent]

    def percentiles(self, percents: Sequence[int]) -> dict[int, int | None]:
        """Several of them, from the lowest, in one pass."""
        counts = self.counts
        total, seen = sum(counts.values()), 0
        found: dict[int, int | None] = dict.fromkeys(percents)
        waiting = list(percents)
        for second, many in counts.items():
            seen += many
            while waiting and seen * 100 >= waiting[0] * total:
                found[waiting.pop(0)] = second
        return found

    def within(self, seconds: int) -> int:
        """How many waits did not exceed so many seconds."""
        return sum(many for second, many in self.counts.items() if second <= seconds)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Histogram({self.counts})"
