"""What a PBX's own queue log tells of a call, as values.

The log has whole seconds, cut, and a line may be written up to a second after the fact. So each
of its moments may be off by :data:`LOG_BLUR` either way.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.records import Exit

LOG_BLUR: Final[Ms] = SECOND
"""How far a logged moment may be from the true one, either way."""

_EPOCH_DIGITS: Final = (9, 10)
"""So many digits has a second between 1973 and 2286."""


@dataclass(slots=True)
class LoggedMiss:
    """A member who was rung and did not answer. ``rang`` in ms."""

    at: Ms
    agent: str
    rang: Ms


@dataclass(slots=True)
class LoggedVisit:
    """One stay of a call in one queue, as the log tells it.

    ``exit`` is None while no line said how it ended. ``agent`` is the member's *name*. ``ended_at``
    is the end of the conversation; ``ended_by`` says caller, agent or transfer.
    """

    queue: str
    joined_at: Ms
    number: str = ""
    position: int = 0
    left_at: Ms | None = None
    exit: Exit | None = None
    agent: str = ""
    answered_at: Ms | None = None
    ended_at: Ms | None = None
    ended_by: str = ""
    missed: list[LoggedMiss] = field(default_factory=list)
    dumps: list[tuple[Ms, str]] = field(default_factory=list)
    """When a member hung up during the announcement, and which."""

    @property
    def offers(self) -> int:
        """How often a member was certainly rung: each miss, each hanging up, and the answer."""
        return len(self.missed) + len(self.dumps) + (self.answered_at is not None)

    @property
    def over(self) -> bool:
        """Whether the log tells the visit to its end, conversation and all."""
        if self.exit is Exit.ANSWERED:
            return self.ended_at is not None
        return self.exit is not None


@dataclass(slots=True)
class LoggedCall:
    """All visits of one caller's channel, in order of joining; ``last_at`` is its last line.

    ``cut_off``: the PBX started anew, or the log goes on for a day, without telling the end.
    ``consultation``: the channel is an agent's, who asks in a queue while a caller is on hold.
    """

    uniqueid: str
    visits: list[LoggedVisit] = field(default_factory=list)
    last_at: Ms = 0
    cut_off: bool = False
    consultation: bool = False

    @property
    def over(self) -> bool:
        """Whether all that the log can say of the call has been said."""
        return self.cut_off or all(visit.over for visit in self.visits)

    @property
    def arrived_at(self) -> Ms:
        """When the channel came: the second in its id, else the first joining."""
        first = self.visits[0].joined_at
        second = epoch_of(self.uniqueid)
        return second if second is not None and second <= first + LOG_BLUR else first

    @property
    def ended_at(self) -> Ms | None:
        """When the caller hung up, as far as the log can tell; None where it goes on elsewhere."""
        last = self.visits[-1]
        if last.exit is Exit.ABANDONED:
            return last.left_at
        return last.ended_at if last.ended_by == "caller" else None


def with_legs(uniqueid: str, parts: Iterable[LoggedCall]) -> LoggedCall:
    """A call with the visits in which other channels stood for the caller, in order."""
    known = list(parts)
    visits = sorted((v for part in known for v in part.visits), key=lambda visit: visit.joined_at)
    cut_off = any(part.cut_off for part in known)
    return LoggedCall(uniqueid, visits, max(part.last_at for part in known), cut_off)


def epoch_of(uniqueid: str) -> Ms | None:
    """The second (ms since 1970) in which a channel was made, as its ``Uniqueid`` holds it.

    That is ``[systemname-]epoch.sequence``; other ids were given by whoever made the channel.
    """
    head, _, sequence = uniqueid.rpartition(".")
    second = head.rpartition("-")[2]
    if not (sequence.isdecimal() and second.isdecimal() and len(second) in _EPOCH_DIGITS):
        return None
    return int(second) * SECOND
