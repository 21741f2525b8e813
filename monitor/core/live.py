"""What is live: queues with their waiting callers, links with PBXs, today's figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.core.clock import Ms
from monitor.core.events import LinkState
from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.records import Call, Member


@dataclass(slots=True)
class QueueState:
    """A queue as it is now; ``waiting`` holds its callers by uniqueid."""

    pbx: str
    queue: str
    waiting: dict[str, Call] = field(default_factory=dict)
    today: QueueTally = field(default_factory=QueueTally)
    longest_forgotten: Ms = 0
    """Today's longest wait among the calls of which nothing is expected any more."""
    _in_order: bool = field(default=False, init=False)
    """``waiting`` is known to be in order of joining: nearly always, as callers come in time."""

    def join(self, call: Call) -> None:
        """Have a caller wait, since the last of its visits began."""
        if self._in_order and self.waiting:
            last = next(reversed(self.waiting.values()))
            self._in_order = _joined(last) <= _joined(call)
        self.waiting[call.uniqueid] = call

    def reorder(self) -> None:
        """Note that the moment at which a waiting caller joined was corrected."""
        self._in_order = False

    @property
    def longest_wait_since(self) -> Ms | None:
        """When the caller who waits longest joined; None when nobody waits."""
        if not self.waiting:
            return None
        if not self._in_order:
            self.waiting = {c.uniqueid: c for c in sorted(self.waiting.values(), key=_joined)}
            self._in_order = True
        return _joined(next(iter(self.waiting.values())))


def _joined(call: Call) -> Ms:
    return call.visits[-1].joined_at


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
    starts: int = 0
    """How often it was seen to have started anew."""


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
