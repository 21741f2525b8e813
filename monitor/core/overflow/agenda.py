"""What falls due when, on the monitor's clock; a moment that is set anew replaces the old one."""

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

from monitor.core.clock import Ms

K = TypeVar("K", bound=Hashable)


class Agenda(Generic[K]):
    """Keys and the moments at which they fall due; replaced moments are skipped when they come."""

    def __init__(self) -> None:
        self._heap: list[tuple[Ms, int, K]] = []
        self._due: dict[K, Ms] = {}
        self._count = 0

    def set(self, key: K, at: Ms | None) -> None:
        """Have ``key`` fall due at ``at``; None: not at all."""
        if at is None:
            self._due.pop(key, None)
        elif self._due.get(key) != at:
            self._due[key] = at
            self._count += 1
            heapq.heappush(self._heap, (at, self._count, key))

    def hasten(self, key: K, at: Ms) -> None:
        """Have ``key`` fall due at ``at`` if that is sooner than it would."""
        due = self._due.get(key)
        if due is None or at < due:
            self.set(key, at)

    @property
    def next_at(self) -> Ms | None:
        """When the next key falls due; None when none does."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: Ms) -> list[K]:
        """Take all keys that are due at ``now``, in order."""
        due: list[K] = []
        while (at := self.next_at) is not None and at <= now:
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            due.append(key)
        return due

    def shift(self, by: Ms) -> None:
        """The clock was set: all fall due ``by`` later."""
        due, self._due, self._heap = self._due, {}, []
        for key, at in due.items():
            self.set(key, at + by)

    def clear(self) -> None:
        """Forget all."""
        self._heap.clear()
        self._due.clear()
