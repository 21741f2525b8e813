"""What is to be stored: what changed is noted once, however often it changes."""

from collections.abc import Iterable
from typing import Final

from monitor.core.clock import Ms
from monitor.core.effects import BlindIntervalChanged, CallChanged, Effect
from monitor.core.records import BlindInterval, Call
from monitor.history.dropped import Dropped
from monitor.history.messages import OutboxMessage
from monitor.history.overflow_backlog import EFFECTS, OverflowBacklog
from monitor.history.rows import Pseudonym, Rows
from monitor.history.waiting_messages import WaitingMessages

__all__ = ["Backlog", "Dropped"]

REMEMBERED: Final = 20_000
"""Closed calls whose stored facts are still counted, for facts that arrive late."""
_OTHERS: Final = EFFECTS | {BlindIntervalChanged}
MESSAGES_PER_CALL: Final = 5
"""A batch takes at most so many messages, for each call that it may have, of what is stored."""


class Backlog:
    """Calls that changed since they were last stored, and what belongs to them.

    Records are read when :meth:`take` is called, not when they change, so a call that changed ten
    times is written once, and memory is bounded by the number of calls. Not thread-safe: it lives
    where the engine lives.

    Notes are numbered, and what was noted first is taken first. The messages of a call, decision or
    command are taken in the very batch that takes it, as it stands: stored without them, its last
    state would never be told if the process were killed then; before it, they would tell what may
    never be stored. So of what is of one call, all is taken together for which messages wait, and
    the order of noting is kept for the messages of each call, not between calls.

    Args:
        limit: how many calls may wait. Beyond it the oldest updates of live calls are dropped
            first, then the timelines of the oldest ended calls; beyond four times as many, the
            oldest ended calls themselves. Decisions, commands and messages have a quarter of it
            each. ``dropped`` counts them all.
        pseudonym: makes the pseudonym of a caller's number, which is stored with the call.
    """

    def __init__(self, limit: int = 200_000, pseudonym: Pseudonym | None = None) -> None:
        self.limit = limit
        self._pseudonym = pseudonym
        self.dropped = Dropped()
        self.noted = 0
        """The number of the newest note."""
        self._changed: dict[str, Call] = {}
        self._since: dict[str, int] = {}
        self._stripped: dict[str, tuple[int, Rows]] = {}
        self._blind: dict[tuple[str, int], BlindInterval] = {}
        self._rewritten: set[str] = set()
        self._live_facts: dict[str, int] = {}
        self._closed_facts: dict[str, int] = {}
        self._overflow = OverflowBacklog(limit // 4, self.dropped)
        self._messages = WaitingMessages(limit // 4, self.dropped)

    def __len__(self) -> int:
        """How many calls, blind intervals, messages and so on wait to be stored."""
        calls = len(self._changed) + len(self._stripped)
        return calls + len(self._blind) + len(self._overflow) + len(self._messages)

    def note(self, effects: Iterable[Effect]) -> None:
        """Note what the effects changed; every change of a call comes with a ``CallChanged``."""
        self.noted = number = self.noted + 1
        changed = self._changed
        for effect in effects:
            if isinstance(effect, CallChanged):
                call = effect.call
                id_ = call.id
                if id_ not in changed:
                    self._since[id_] = number
                changed[id_] = call
                if effect.rewritten:
                    self._rewritten.add(id_)
            elif type(effect) in _OTHERS:
                self._note_other(effect, number)
        if len(self._changed) > self.limit:
            self._shed()

    def _note_other(self, effect: Effect, number: int) -> None:
        if isinstance(effect, BlindIntervalChanged):
            interval = effect.interval
            self._blind[interval.pbx, interval.started_at] = interval
        else:
            self._overflow.note(effect, number)

    def send(self, messages: Iterable[OutboxMessage], at: Ms) -> None:
        """Add messages about what was noted last, and before; ``at``: the monitor's clock."""
        self._messages.add(messages, self.noted, at)

    def add(self, calls: Iterable[Call]) -> None:
        """Note whole calls, as a replay or an import makes them."""
        self.noted += 1
        for call in calls:
            self._changed[call.id] = call
            self._since.setdefault(call.id, self.noted)
        if len(self._changed) > self.limit:
            self._shed()

    def take(self, limit: int) -> Rows:
        """Rows of the ``limit`` calls that have waited longest; they are noted no more.

        Of decisions and commands it takes as many, and with each what :meth:`_take_messages` says.
        Batches are to be stored in the order in which they were taken.
        """
        rows = Rows(pseudonym=self._pseudonym)
        rows.blind.extend((i.pbx, i.started_at, i.ended_at, i.cause) for i in self._blind.values())
        self._blind.clear()
        calls = _first(self._stripped, limit)
        calls += _first(self._changed, limit - len(calls))
        for id_ in calls:
            self._take_call(rows, id_)
        others = self._overflow.take(rows, limit)
        if self._messages:
            self._take_messages(rows, others.union(calls))
        oldest = self._overflow.oldest()
        rows.overflow_through = self.noted if oldest is None else oldest - 1
        if self._messages:
            self._take_old_messages(rows, MESSAGES_PER_CALL * limit)
        return rows

    def _take_call(self, rows: Rows, id_: str) -> None:
        """Add the rows of a call, if it waits."""
        stripped = self._stripped.pop(id_, None)
        call = self._changed.pop(id_, None)
        if call is None:
            if stripped is not None:
                rows.calls += stripped[1].calls
                rows.visits += stripped[1].visits
                rows.stays += stripped[1].stays
            return
        # Changed after it was stripped, it is the newer state of the same rows.
        del self._since[id_]
        if id_ in self._rewritten:
            self._rewritten.discard(id_)
            rows.rewritten.append((id_,))
            rows.add(call)
        else:
            rows.add(call, self._stored_facts(id_))
        self._remember(id_, call)

    def _take_messages(self, rows: Rows, keys: Iterable[str]) -> None:
        """Add all messages of the calls, decisions and commands with these keys.

        With them comes what they tell and what else of the call has waited: messages of one call
        tell of it and of its decisions, and stay in order.
        """
        found = self._messages.of(keys)
        for one in found.values():
            self._take_call(rows, one.key)
            if one.about:
                self._overflow.take_one(rows, one.about)
        rows.messages += self._messages.take(found)

    def _take_old_messages(self, rows: Rows, limit: int) -> None:
        """Add messages of what is stored already, and of nothing that is known here.

        Those are the ones before which all is taken, however long ago.
        """
        through = min(rows.overflow_through, self._calls_through())
        room = max(0, limit - len(rows.messages))
        rows.messages += self._messages.take(self._messages.through(through, room))

    def _calls_through(self) -> int:
        """The number of the note up to which all calls are taken."""
        through = self.noted
        if self._stripped:
            through = next(iter(self._stripped.values()))[0] - 1
        if self._changed:
            through = min(through, self._since[next(iter(self._changed))] - 1)
        return through

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
            del self._changed[id_], self._since[id_]
        self._messages.withhold(live)
        self.dropped.updates += len(live)
        for id_ in _first(self._changed, surplus - len(live)):
            # Rows without facts, not the record: the record would keep its facts in memory.
            call, since = self._changed.pop(id_), self._since.pop(id_)
            part = Rows(pseudonym=self._pseudonym)
            part.add(call, None)
            # Stripped before, it keeps its place: messages may wait for it since then.
            self._stripped[id_] = self._stripped.get(id_, (since,))[0], part
            self.dropped.timelines += 1
            self._live_facts.pop(id_, None)
        oldest = _first(self._stripped, len(self._stripped) - 4 * self.limit)
        for id_ in oldest:
            del self._stripped[id_]
        self._messages.withhold(oldest)
        self.dropped.calls += len(oldest)


def _first(items: Iterable[str], count: int) -> list[str]:
    """The first ``count`` of ``items``; none when it is negative."""
    return [id_ for id_, _ in zip(items, range(max(0, count)), strict=False)]
