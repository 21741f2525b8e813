"""What record and queue log may tell differently of one call, and why; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.logged import LoggedCall, LoggedVisit
from monitor.core.records import Call, Exit, Visit
from monitor.core.recovery import Span

NEAR: Final[Ms] = 2 * SECOND
"""Moments that are this near are the same: cut seconds, and a line written a second late."""
NEAR_SNAPSHOT: Final[Ms] = 3 * SECOND
"""The same where a snapshot, in whole seconds too, is all that was seen."""
UNLOGGED: Final = frozenset({Exit.JOIN_EMPTY, Exit.FULL})
"""Refusals at the door: Asterisk logs nothing of them."""


class Explanation(StrEnum):
    """Why record and log tell, or told, something different; a stable code."""

    RECOVERED = "recovered"
    REFUSED_AT_THE_DOOR = "refused_at_the_door"
    REDIRECT = "redirect"
    CONSULTATION = "consultation"
    LOCAL_CHANNEL = "local_channel"
    BEFORE_OBSERVATION = "before_observation"
    OUTSIDE_RANGE = "outside_range"
    NOT_TOLD_TO_ITS_END = "not_told_to_its_end"
    CLOCK_STEPPED = "clock_stepped"
    UNEXPLAINED = "unexplained"

    @property
    def words(self) -> str:
        """The explanation as people read it."""
        return _WORDS[self]


_WORDS: Final = {
    Explanation.RECOVERED: "not observed; now filled from the queue log",
    Explanation.REFUSED_AT_THE_DOOR: "turned away at the queue's door, which Asterisk never logs",
    Explanation.REDIRECT: "moved out of the queue by a redirect, which Asterisk logs as an abandon",
    Explanation.CONSULTATION: "an agent asking in a queue before a transfer, who is no caller",
    Explanation.LOCAL_CHANNEL: "logged under the id of a Local channel that waited for the caller",
    Explanation.BEFORE_OBSERVATION: "before the PBX was first observed (import it instead)",
    Explanation.OUTSIDE_RANGE: "partly outside the range that was compared",
    Explanation.NOT_TOLD_TO_ITS_END: "the log ends, or the PBX started anew, before the end",
    Explanation.CLOCK_STEPPED: "the PBX's clock was set during the call; the log mixes both times",
    Explanation.UNEXPLAINED: "nothing explains it",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that record and log tell, or told, differently; ``what`` is a short sentence."""

    call_id: str
    at: Ms
    what: str
    explanation: Explanation

    def __str__(self) -> str:
        return f"{self.call_id}: {self.what}: {self.explanation.words}"


@dataclass(slots=True)
class Reconciled:
    """A record made to agree with the log; ``after`` is None where nothing was to be filled."""

    after: Call | None = None
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sight:
    """When a PBX was observed: since ``first``, but for the ``blind`` spans, oldest first.

    ``compared`` is the span that the log covers; None: all that there is.
    """

    first: Ms | None
    blind: Sequence[Span] = ()
    compared: Span | None = None

    def is_compared(self, at: Ms) -> bool:
        """Whether the log would tell what happened at ``at``."""
        if self.compared is None:
            return True
        return self.compared[0] + NEAR <= at <= self.compared[1] - NEAR

    def may_know(self, logged: LoggedCall) -> bool:
        """Whether a monitor looked when the call joined its first queue, or after it had begun."""
        return self.first is not None and logged.visits[0].joined_at >= self.first - NEAR

    def is_blind(self, start: Ms, end: Ms) -> bool:
        """Whether a part of ``start`` to ``end``, as a log tells them, may lie in a blind span."""
        return any(a - NEAR <= end and start <= b + NEAR for a, b in self.blind)

    def blind_parts(self, start: Ms, end: Ms) -> list[Span]:
        """What of ``start`` to ``end`` was not observed."""
        before = [] if self.first is None else [(start, self.first)]
        parts = ((max(a, start), min(b, end)) for a, b in [*before, *self.blind])
        return [(a, b) for a, b in parts if a < b]


def legs_of(record: Call) -> list[str]:
    """The ids by which the log knows visits in which a Local channel stood for the caller."""
    said = (fact.detail.get("logged_as") for fact in record.facts)
    return list(dict.fromkeys(str(uniqueid) for uniqueid in said if uniqueid))


def only_answer_seen(visit: Visit) -> bool:
    """Whether the joining was not observed, but only how the visit was answered."""
    return visit.joined_at == visit.answered_at


def same_answer(visit: Visit, told: LoggedVisit) -> bool:
    """Whether a recorded and a logged answer are one."""
    if visit.answered_at is None or told.answered_at is None or visit.queue != told.queue:
        return False
    near = abs(visit.answered_at - told.answered_at) <= NEAR_SNAPSHOT
    return near and visit.agent in {told.agent, visit.interface}


def unlogged(visit: Visit, sight: Sight) -> Explanation:
    """Why a recorded visit does not stand in the log."""
    if visit.exit in UNLOGGED:
        return Explanation.REFUSED_AT_THE_DOOR
    if only_answer_seen(visit) and sight.is_blind(visit.joined_at, visit.joined_at):
        return Explanation.LOCAL_CHANNEL
    compared = sight.is_compared(visit.joined_at)
    return Explanation.UNEXPLAINED if compared else Explanation.OUTSIDE_RANGE


def align(
    ours: Sequence[Visit], logged: Iterable[LoggedVisit]
) -> tuple[list[tuple[Visit, LoggedVisit]], list[LoggedVisit]]:
    """Pair logged visits with recorded ones of the same queue, both in their order.

    As many as possible, and of these ways the one whose joinings are nearest: the log cuts its
    seconds, so of two visits in one second a later line may lie nearer to an earlier joining.
    """
    theirs = list(logged)
    # The best way for the first visits of both: how many pairs, how far apart (negative), which.
    ways: list[tuple[int, Ms, tuple[tuple[int, int], ...]]] = [(0, 0, ())] * (len(ours) + 1)
    for n, told in enumerate(theirs):
        longer = ways[:1]
        for m, visit in enumerate(ours):
            best = max(ways[m + 1], longer[m], key=_rank)
            if _may_be(visit, told):
                count, near, pairs = ways[m]
                apart = abs(visit.joined_at - told.joined_at)
                best = max(best, (count + 1, near - apart, (*pairs, (n, m))), key=_rank)
            longer.append(best)
        ways = longer
    found = dict(ways[-1][2])
    missing = [told for n, told in enumerate(theirs) if n not in found]
    return [(ours[m], theirs[n]) for n, m in found.items()], missing


def _rank(way: tuple[int, Ms, object]) -> tuple[int, Ms]:
    return way[:2]


def _may_be(visit: Visit, told: LoggedVisit) -> bool:
    """Whether a recorded visit may be the logged one."""
    same = visit.queue == told.queue and visit.exit not in UNLOGGED
    return same and _overlap(visit, told)


def _overlap(visit: Visit, told: LoggedVisit) -> bool:
    ours = visit.left_at if visit.left_at is not None else visit.joined_at
    theirs = told.left_at if told.left_at is not None else told.joined_at
    return visit.joined_at - NEAR_SNAPSHOT <= theirs and told.joined_at - NEAR_SNAPSHOT <= ours
