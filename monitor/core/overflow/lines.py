"""Lines: who waits in a queue, in order of joining, so that a caller's place is quickly found."""

from bisect import bisect_left, insort

from monitor.core.clock import Ms
from monitor.core.records import Call


class Line:
    """The callers who wait in one queue."""

    def __init__(self) -> None:
        self._in_order: list[tuple[Ms, str]] = []
        self._joined: dict[str, Ms] = {}

    def put(self, uniqueid: str, joined_at: Ms) -> None:
        """A caller waits since ``joined_at``."""
        if self._joined.get(uniqueid) != joined_at:
            self.drop(uniqueid)
            self._joined[uniqueid] = joined_at
            insort(self._in_order, (joined_at, uniqueid))

    def drop(self, uniqueid: str) -> None:
        """A caller waits no more."""
        joined_at = self._joined.pop(uniqueid, None)
        if joined_at is not None:
            del self._in_order[bisect_left(self._in_order, (joined_at, uniqueid))]

    def position(self, uniqueid: str) -> int | None:
        """A caller's place, 1 for the first; None for one who does not wait."""
        joined_at = self._joined.get(uniqueid)
        if joined_at is None:
            return None
        return bisect_left(self._in_order, (joined_at, uniqueid)) + 1

    @property
    def first(self) -> str:
        """Who waits first; empty when nobody does."""
        return self._in_order[0][1] if self._in_order else ""


class Lines:
    """The lines of the queues that are watched."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], Line] = {}

    def of(self, pbx: str, queue: str) -> Line:
        """The line of a queue; it is kept from now on."""
        line = self._lines.get((pbx, queue))
        if line is None:
            line = self._lines[pbx, queue] = Line()
        return line

    def on_call(self, call: Call) -> None:
        """A call changed: put it into the line where it waits, and into no other."""
        waits_in = ""
        visit = call.visit
        if visit is not None and visit.left_at is None and not call.closed:
            waits_in = visit.queue
            line = self._lines.get((call.pbx, waits_in))
            if line is not None:
                line.put(call.uniqueid, visit.joined_at)
        for queue in {visit.queue for visit in call.visits}:
            line = self._lines.get((call.pbx, queue)) if queue != waits_in else None
            if line is not None:
                line.drop(call.uniqueid)

    def clear(self) -> None:
        """Keep none any more."""
        self._lines.clear()
