"""A watch: one rule over the callers in one queue, or in one voice server, by when they are due."""

import heapq
from dataclasses import dataclass, field

from monitor.core.clock import Ms
from monitor.core.overflow.book import Entry
from monitor.core.records import Call, Visit, VoiceServerStay


@dataclass(slots=True, eq=False)
class Watch:
    """One rule over the callers in one queue, or in one voice server."""

    entry: Entry
    pbx: str
    place: str
    """The queue, or the voice server."""
    queue: str
    """The queue that its conditions look at."""
    in_server: bool
    due: list[tuple[Ms, str]] = field(default_factory=list)
    """Callers who are to come, by the moment on the PBX's clock; stale ones are skipped."""
    when: dict[str, Ms] = field(default_factory=dict)
    ripe: dict[str, None] = field(default_factory=dict)
    """Callers whose moment has come, and for whom nothing was done (yet)."""
    first: str = ""
    """Who was first in line at the last look."""
    look_again: bool = False
    """Something changed: those who are ripe are to be looked at again."""
    round: list[str] = field(default_factory=list)
    """Those of them who are still to be looked at, the next one last."""
    not_before: Ms = 0
    retry_at: Ms | None = None
    """When they are to be looked at again though nothing changed (monitor's clock)."""

    def put(self, uniqueid: str, at: Ms) -> bool:
        """Have a caller be due at ``at``; True: they were already, and something else changed."""
        if self.when.get(uniqueid) == at:
            ripe = uniqueid in self.ripe
            self.look_again = self.look_again or ripe
            return ripe
        self.when[uniqueid] = at
        self.ripe.pop(uniqueid, None)
        heapq.heappush(self.due, (at, uniqueid))
        if len(self.due) > 2 * len(self.when) + 64:
            self.due = [(moment, key) for key, moment in self.when.items() if key not in self.ripe]
            heapq.heapify(self.due)
        return False

    def drop(self, uniqueid: str) -> None:
        """A caller is not there any more, or the rule is done with them."""
        self.when.pop(uniqueid, None)
        self.ripe.pop(uniqueid, None)

    def wait(self, uniqueid: str, at: Ms) -> None:
        """Have a ripe caller be due later: what made them due early holds no more."""
        self.drop(uniqueid)
        self.put(uniqueid, at)

    def retry(self, at: Ms) -> None:
        """Look at those who are ripe again at ``at`` (monitor's clock), or before."""
        self.retry_at = at if self.retry_at is None else min(at, self.retry_at)

    def shift(self, by: Ms) -> None:
        """The monitor's clock was set."""
        self.not_before += by
        if self.retry_at is not None:
            self.retry_at += by

    @property
    def next_at(self) -> Ms | None:
        """When the next caller is due (PBX's clock)."""
        while self.due and (
            self.due[0][1] in self.ripe or self.when.get(self.due[0][1]) != self.due[0][0]
        ):
            heapq.heappop(self.due)
        return self.due[0][0] if self.due else None

    def take_due(self, now: Ms, most: int) -> list[str]:
        """The callers who are due at ``now`` (PBX's clock); they are ripe from now on."""
        fresh: list[str] = []
        while len(fresh) < most and (at := self.next_at) is not None and at <= now:
            uniqueid = heapq.heappop(self.due)[1]
            self.ripe[uniqueid] = None
            fresh.append(uniqueid)
        return fresh


def part_of(watch: Watch, call: Call) -> tuple[str, str, int]:
    """What a rule does once: its part for this visit or stay."""
    number = len(call.stays) if watch.in_server else len(call.visits)
    return watch.entry.rule.id, watch.place, number


def is_elsewhere(call: Call, where: Visit | VoiceServerStay) -> bool:
    """Whether an agent has the caller."""
    if isinstance(where, Visit):
        return where.exit is not None
    return call.visit is not None
