"""What a backtest found, as values."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.core.clock import Ms
from monitor.core.overflow.decisions import Because, Reason
from monitor.core.overflow.rules import Destination, OverflowRule
from monitor.core.records import Call, Verdict


class NotConsidered(StrEnum):
    """What a backtest knows nothing of."""

    LOGINS = "logins"
    """Who was logged in: taken from who talked around that time."""
    PAUSES = "pauses"
    """Who was paused: a condition on it looks at 0."""
    INPUTS_IN_TIME = "inputs_in_time"
    """When in a voice server stay the caller entered what: all is known from its begin."""
    BEYOND_A_QUEUE = "beyond_a_queue"
    """What happens at a destination that leads into no queue."""
    RING_CYCLE = "ring_cycle"
    """How long a withdrawal takes: it takes effect at once."""


class CannotBeTestedError(ValueError):
    """The rule moves nobody, so there is nothing to estimate."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A caller whom the rule would have moved."""

    call: Call
    queue: str
    """Where from; empty: from a voice server, ``voice_server``."""
    to: Destination
    at: Ms
    reasons: tuple[Reason, ...]
    wait_there: Ms | None
    """How long they would have waited there; None: not answered there, or unknown."""
    after: Verdict
    voice_server: str = ""

    @property
    def before(self) -> Verdict:
        """The verdict that the record gives."""
        return self.call.verdict


@dataclass(frozen=True, slots=True)
class Affected:
    """A caller who was not moved, and would have got another verdict."""

    call: Call
    queue: str
    after: Verdict

    @property
    def before(self) -> Verdict:
        """The verdict that the record gives."""
        return self.call.verdict


@dataclass(slots=True)
class BacktestResult:
    """What a rule would have done."""

    rule: OverflowRule
    recorded: Counter[Verdict] = field(default_factory=Counter)
    """The calls that were run again, by the verdict that the record gives."""
    moved: list[Moved] = field(default_factory=list)
    affected: list[Affected] = field(default_factory=list)
    held_back: dict[Because, int] = field(default_factory=dict)
    """Callers for whom the conditions held and who were not moved, by what kept them."""
    partly_observed: int = 0
    """Calls that touch a blind interval; taken as far as they are recorded."""
    unclear: int = 0
    """Visits of which nobody saw the end; left out."""
    not_considered: tuple[NotConsidered, ...] = ()

    @property
    def calls(self) -> int:
        """How many calls were run again."""
        return sum(self.recorded.values())

    @property
    def estimated(self) -> Counter[Verdict]:
        """The calls by the verdict that they would have got."""
        found = Counter(self.recorded)
        for one in self.everybody:
            found[one.before] -= 1
            found[one.after] += 1
        return found

    @property
    def avoided(self) -> int:
        """Breaches that would not have happened, of those moved and of those behind them."""
        after_all = {Verdict.BREACHED, Verdict.UNKNOWN}
        return sum(
            one.before is Verdict.BREACHED and one.after not in after_all for one in self.everybody
        )

    @property
    def caused(self) -> int:
        """Breaches that would have happened instead: in the target queue, or of those moved."""
        return sum(
            one.after is Verdict.BREACHED and one.before is not Verdict.BREACHED
            for one in self.everybody
        )

    @property
    def unknown(self) -> int:
        """Of those moved, whose outcome cannot be told."""
        return sum(one.after is Verdict.UNKNOWN for one in self.moved)

    @property
    def everybody(self) -> "list[Moved | Affected]":
        """All whom the rule would have touched, as far as it would have changed anything."""
        return [*self.moved, *self.affected]
