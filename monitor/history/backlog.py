"""What is to be stored: changed calls, noted once however often they change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from monitor.core.effects import BlindIntervalChanged, CallChanged, Effect
from monitor.core.records import BlindInterval, Call
from monitor.history.rows import Rows

REMEMBERED: Final = 20_000
"""Closed calls whose stored facts are still counted, for facts that arrive late."""


@dataclass(slots=True)
class Dropped:
    """What was given up because the database failed for too long, or refused it; counts."""

    updates: int = 0
    """Updates of live calls; the next update or the end of the call brings them again."""
    timelines: int = 0
    """Closed calls stored without the facts that were new; their verdicts are kept."""
    calls: int = 0
    """Closed calls not stored at all."""

    def __bool__(self) -> bool:
        return bool(self.updates or self.timelines or self.calls)

    def __str__(self) -> str:
        said = [
            f"{count} {what}"
            for count, what in (
                (self.updates, "updates of live calls"),
                (self.timelines, "timelines of ended calls"),
                (self.calls, "ended calls"),
            )
            if count
        ]
        return ", ".join(said)


class Backlog:
    """Calls that changed since they were last stored.

    Records are read when :meth:`take` is called, not when they change, so a call that changed ten
    times is written once, and memory is bounded by the number of calls. Not thread-safe: it lives
    where the engine lives.

    Args:
        limit: how many calls may wait. Beyond it the oldest updates of live calls are dropped
            first, then the timelines of the oldest ended calls; beyond four times as many, the
            oldest ended calls themselves. ``dropped`` counts them.
    """

    def __init__(self, limit: int = 200_000) -> None:
        self.limit = limit
        self.dropped = Dropped()
        self._changed: dict[str, Call] = {}
        self._stripped: dict[str, Rows] = {}
        self._blind: dict[tuple[str, int], BlindInterval] = {}
        self._rewritten: set[str] = set()
        self._live_facts: dict[str, int] = {}
        self._closed_facts: dict[str, int] = {}

    def __len__(self) -> int:
        """How many calls and blind intervals wait to be stored."""
        return len(self._changed) + len(self._stripped) + len(self._blind)

    def note(self, effects: Iterable[Effect]) -> None:
        """Note what the effects changed; every change of a call comes with a ``CallChanged``."""
        for effect in effects:
            if isinstance(effect, CallChanged):
                call = effect.call
                self._changed[call.id] = call
                if effect.rewritten:
                    self._rewritten.add(call.id)
            elif isinstance(effect, BlindIntervalChanged):
                interval = effect.interval
                self._blind[interval.pbx, interval.started_at] = interval
        if len(self._changed) > self.limit:
            self._shed()

    def add(self, calls: Iterable[Call]) -> None:
        """Note whole calls, as a replay or an import makes them."""
        for call in calls:
            self._changed[call.id] = call
        if len(self._changed) > self.limit:
            self._shed()

    def take(self, limit: int) -> Rows:
        """Rows of the ``limit`` calls that have waited longest; they are noted no more.

        Batches are to be stored in the order in which they were taken.
        """
        rows = Rows()
        rows.blind.extend((i.pbx, i.started_at, i.ended_at, i.cause) for i in self._blind.values())
        self._blind.clear()
        for id_ in list(self._stripped)[:limit]:
            part = self._stripped.pop(id_)
            rows.calls += part.calls
            rows.visits += part.visits
            rows.stays += part.stays
        room = limit - len(rows.calls)
        changed = self._changed
        ids = list(changed) if room >= len(changed) else _first(changed, room)
        for id_ in ids:
            call = changed.pop(id_)
            if id_ in self._rewritten:
                self._rewritten.discard(id_)
                rows.rewritten.append((id_,))
                rows.add(call)
            else:
                rows.add(call, self._stored_facts(id_))
            self._remember(id_, call)
        return rows

    def _stored_facts(self, id_: str) -> int:
        # A call not known here may have facts stored already (a restart): then all are sent, and
        # those that are there stay as they are.
        return self._live_facts.get(id_) or self._closed_facts.get(id_, 0)

    def _remember(self, id_: str, call: Call) -> None:
        if not call.closed:
            self._live_facts[id_] = len(call.facts)
            return
        self._live_facts.pop(id_, None)
        closed = self._closed_facts
        closed[id_] = len(call.facts)
        if len(closed) > REMEMBERED:
            del closed[next(iter(closed))]

    def _shed(self) -> None:
        """Make room for a tenth of the limit, so that it is not done for every single call."""
        surplus = len(self._changed) - self.limit + self.limit // 10
        live = [id_ for id_, call in self._changed.items() if not call.closed][:surplus]
        for id_ in live:
            del self._changed[id_]
        self.dropped.updates += len(live)
        for id_ in _first(self._changed, surplus - len(live)):
            # Rows without facts, not the record: the record would keep its facts in memory.
            call = self._changed.pop(id_)
            self._stripped.pop(id_, None)
            part = self._stripped[id_] = Rows()
            part.add(call, None)
            self.dropped.timelines += 1
            self._live_facts.pop(id_, None)
        for id_ in _first(self._stripped, len(self._stripped) - 4 * self.limit):
            del self._stripped[id_]
            self.dropped.calls += 1


def _first(items: Iterable[str], count: int) -> list[str]:
    """The first ``count`` of ``items``; none when it is negative."""
    return [id_ for id_, _ in zip(items, range(max(0, count)), strict=False)]
