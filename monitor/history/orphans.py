"""Logged calls under the ids of channels that have no record; one may have stood for a caller."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.comparing import NEAR_SNAPSHOT, same_answer
from monitor.core.logged import LoggedCall
from monitor.core.records import Visit

_SLICE: Final[Ms] = NEAR_SNAPSHOT + SECOND
"""Answers that may be one lie in the same slice of time, or in neighbouring ones."""


class Orphans:
    """Such calls in the order of the log, found by how they were answered without a search."""

    def __init__(self) -> None:
        self.calls: dict[str, LoggedCall] = {}
        self._answered: defaultdict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        self._added = 0

    def add(self, logged: LoggedCall) -> None:
        """Take one in."""
        self.calls[logged.uniqueid] = logged
        self._added += 1
        for told in logged.visits:
            if told.answered_at is not None:
                place = told.queue, told.answered_at // _SLICE
                self._answered[place].append((self._added, logged.uniqueid))

    def with_answer(self, visit: Visit) -> Iterator[str]:
        """The ids of those that tell of the answer of a recorded visit."""
        if visit.answered_at is None:
            return
        middle = visit.answered_at // _SLICE
        slices = (visit.queue, middle - 1), (visit.queue, middle), (visit.queue, middle + 1)
        near = {one for place in slices for one in self._answered.get(place, ())}
        for _, uniqueid in sorted(near):
            logged = self.calls.get(uniqueid)
            if logged is not None and any(same_answer(visit, told) for told in logged.visits):
                yield uniqueid

    def clear(self) -> None:
        """Forget them all."""
        self.calls.clear()
        self._answered.clear()
