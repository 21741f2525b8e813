"""The engine: facts in, state and effects out."""

from collections.abc import Iterable, Mapping

from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.events import Event
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.live import LiveView
from monitor.core.policy import Policy
from monitor.core.records import Call


class Engine:
    """Follows all calls of all PBXs; pure and synchronous.

    ``now`` is always the *monitor's* clock; moments in events are the PBX's. The engine converts
    with the offset that :class:`~monitor.core.events.ClockMeasured` reports.
    """

    def __init__(self, policy: Policy) -> None:
        raise NotImplementedError

    def restore(self, calls: Iterable[Call]) -> None:
        """Take back the calls that were live when the monitor stopped; before any event."""
        raise NotImplementedError

    def seed_today(
        self, commitment: CommitmentTally, queues: Mapping[tuple[str, str], QueueTally]
    ) -> None:
        """Set today's figures from the record (of closed calls), after a restart."""
        raise NotImplementedError

    def handle(self, event: Event) -> list[Effect]:
        """Take one event; say what changed."""
        raise NotImplementedError

    def advance(self, now: Ms) -> list[Effect]:
        """Fire all timers due at ``now`` (monitor's clock)."""
        raise NotImplementedError

    def next_deadline(self) -> Ms | None:
        """When ``advance`` has to be called next (monitor's clock); None when nothing runs."""
        raise NotImplementedError

    def set_policy(self, policy: Policy) -> list[Effect]:
        """Judge by another policy from now on; calls that have a verdict keep theirs."""
        raise NotImplementedError

    def snapshot(self) -> LiveView:
        """All that is live, by reference."""
        raise NotImplementedError
