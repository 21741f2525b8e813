"""What is live: queues with their waiting callers, links with PBXs, today's figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.core.clock import Ms
from monitor.core.events import LinkState
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.records import Call, Member


@dataclass(slots=True)
class QueueState:
    """A queue as it is now; ``waiting`` holds its callers by uniqueid, in order of joining."""

    pbx: str
    queue: str
    waiting: dict[str, Call] = field(default_factory=dict)
    today: QueueTally = field(default_factory=QueueTally)

    @property
    def longest_wait_since(self) -> Ms | None:
        """When the caller who waits longest joined; None when nobody waits."""
        joined = (call.visits[-1].joined_at for call in self.waiting.values())
        return min(joined, default=None)


@dataclass(slots=True)
class PbxState:
    """The link with a PBX as it is now.

    ``clock_offset`` is the monitor's clock minus the PBX's (ms). ``blind_since`` is when the
    current blind interval began, and ``blind_cause`` why; None while the PBX is observed.
    """

    name: str
    link: LinkState = LinkState.CONNECTING
    since: Ms = 0
    detail: str = ""
    clock_offset: Ms = 0
    blind_since: Ms | None = None
    warnings: dict[str, str] = field(default_factory=dict)
    blind_cause: str = ""


@dataclass(frozen=True, slots=True)
class LiveView:
    """All that is live, by reference: read it at once, before the engine runs again."""

    calls: Mapping[str, Call]
    """By call id."""
    queues: Mapping[tuple[str, str], QueueState]
    """By (pbx, queue)."""
    members: Mapping[tuple[str, str, str], Member]
    """By (pbx, queue, interface)."""
    pbxs: Mapping[str, PbxState]
    today: CommitmentTally
