"""Telling a PBX what to do for callers: who is due, when, and whether they may be moved.

A watch is one rule over one queue (or one voice server). Conditions of the queue are looked at
first, and only when something there changed; callers stand in a heap by the moment at which the
rule's conditions of time come true for them, so a look costs what is due, not who waits.
"""

from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.overflow.agenda import Agenda
from monitor.core.overflow.book import queue_of_conditions
from monitor.core.overflow.conditions import Case, changes_at
from monitor.core.overflow.deciding import Pass, lead_of
from monitor.core.overflow.guards import Shared
from monitor.core.overflow.rules import destination_of
from monitor.core.overflow.watches import Watch, is_elsewhere, part_of
from monitor.core.records import Call, Visit, VoiceServerStay

MOST: Final = 40
"""So many callers are decided for at a time (a few ms), so that nothing else has to wait."""
LOOK_ON: Final[Ms] = 20
"""How soon the next of those who are ripe are looked at again…"""
LOOK_AGAIN: Final[Ms] = 200
"""…and how soon, at the earliest, all of them."""
CHANCES_CHANGE: Final[Ms] = SECOND
"""How often probabilities are looked at when nothing happens."""


class Moving:
    """All watches over callers."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._of_queue: dict[tuple[str, str], list[Watch]] = {}
        self._of_server: dict[tuple[str, str], list[Watch]] = {}
        self._lookers: dict[tuple[str, str], list[Watch]] = {}
        """By queue: the watches whose conditions, or whose target, it is."""
        self._in_server: dict[str, tuple[str, str]] = {}
        self._dirty: dict[Watch, None] = {}
        self.agenda: Agenda[Watch] = Agenda()
        self._left = MOST
        """For how many callers may still be decided in this look."""

    # --- watches --------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Watch anew, by the rules in force and who is there."""
        for known in (self._of_queue, self._of_server, self._lookers, self._in_server, self._dirty):
            known.clear()
        self.agenda.clear()
        self._shared.lines.clear()
        if not self._shared.book.entries:
            return
        view = self._shared.situation.engine.snapshot()
        for pbx, queue in view.queues:
            self.watches(pbx, queue)
        for call in view.calls.values():
            self.on_call(call)

    def watches(self, pbx: str, queue: str) -> list[Watch]:
        """The watches over a queue's callers; begun when the queue is met."""
        found = self._of_queue.get((pbx, queue))
        if found is None:
            told = self._shared.book.told(pbx, queue)
            found = [Watch(entry, pbx, queue, queue, in_server=False) for entry in told]
            self._of_queue[pbx, queue] = found
            if found:
                self._keep_line(pbx, queue)
            self._begin(found)
        return found

    def _keep_line(self, pbx: str, queue: str) -> None:
        line, state = self._shared.lines.of(pbx, queue), self._shared.situation.queue(pbx, queue)
        for call in () if state is None else state.waiting.values():
            line.put(call.uniqueid, call.visits[-1].joined_at)

    def _server_watches(self, pbx: str, server: str) -> list[Watch]:
        found = self._of_server.get((pbx, server))
        if found is None:
            found = [
                Watch(entry, pbx, server, queue_of_conditions(entry.rule), in_server=True)
                for entry in self._shared.book.redirecting(pbx, server)
            ]
            self._of_server[pbx, server] = found
            self._begin(found)
        return found

    def _begin(self, watches: list[Watch]) -> None:
        for watch in watches:
            to = destination_of(watch.entry.rule)
            for queue in {watch.queue, "" if to is None else to.queue}:
                self._lookers.setdefault((watch.pbx, queue), []).append(watch)
            self._dirty[watch] = None

    # --- what happens ---------------------------------------------------------------------------

    def on_queue(self, pbx: str, queue: str) -> None:
        """Something in a queue changed."""
        self.watches(pbx, queue)
        for watch in self._lookers.get((pbx, queue), ()):
            watch.look_again = watch.look_again or bool(watch.ripe)
            if watch.ripe or watch.entry.conditions.of_queue or self._has_new_first(watch):
                self._dirty[watch] = None

    def on_pbx(self, pbx: str) -> None:
        """A PBX is seen again, or its clock goes otherwise."""
        for known in (self._of_queue, self._of_server):
            for (of, _), watches in known.items():
                for watch in watches if of == pbx else ():
                    watch.look_again = True
                    self._dirty[watch] = None

    def on_call(self, call: Call) -> None:
        """A call changed: where it is watched, and from when on it is due there."""
        if call.visits:
            self._shared.lines.on_call(call)
            visit = call.visits[-1]
            for watch in self.watches(call.pbx, visit.queue):
                self._enlist(watch, call, visit)
            elsewhere = {before.queue for before in call.visits} - {visit.queue}
            for watch in [watch for name in elsewhere for watch in self.watches(call.pbx, name)]:
                watch.drop(call.uniqueid)
        self._watch_stay(call)

    def _watch_stay(self, call: Call) -> None:
        stay = call.stay if not call.closed else None
        at = ("", "") if stay is None else (call.pbx, stay.name)
        was = self._in_server.get(call.id, ("", ""))
        if was != at:
            for watch in self._of_server.get(was, ()):
                watch.drop(call.uniqueid)
            self._in_server.pop(call.id, None)
        if stay is not None:
            watches = self._server_watches(*at)
            if watches:
                self._in_server[call.id] = at
            for watch in watches:
                self._enlist(watch, call, stay)

    def _enlist(self, watch: Watch, call: Call, where: Visit | VoiceServerStay) -> None:
        if where.left_at is not None or call.closed or is_elsewhere(call, where):
            watch.drop(call.uniqueid)
            return
        caller = self._shared.callers.find(call.id)
        if caller is not None and part_of(watch, call) in caller.done:
            watch.drop(call.uniqueid)
            return
        since = where.joined_at if isinstance(where, Visit) else where.entered_at
        at: Ms | None = since
        if not self._shared.book.is_forced(watch.entry):
            at = watch.entry.conditions.due_at(call, since, lead_of(self._shared, watch, call))
        if at is None:
            watch.drop(call.uniqueid)
            return
        if watch.put(call.uniqueid, at):
            self._dirty[watch] = None
        else:
            self.agenda.hasten(watch, at + self._shared.situation.offset(call.pbx))

    def clock_moved(self, by: Ms) -> None:
        """The monitor's clock was set."""
        self.agenda.shift(by)
        for known in (self._of_queue, self._of_server):
            for watches in known.values():
                for watch in watches:
                    watch.shift(by)

    # --- looking --------------------------------------------------------------------------------

    def look(self, now: Ms, *, on: bool) -> list[Effect]:
        """Look at all watches where something changed or is due; ``on``: actions are allowed."""
        for watch in self.agenda.pop_due(now):
            self._dirty[watch] = None
        if not self._dirty:
            return []
        self._left = MOST
        watches = sorted(self._dirty, key=_rank)
        self._dirty.clear()
        effects: list[Effect] = []
        for watch in watches:
            wake = None
            if on and self._shared.situation.observed(watch.pbx):
                found, wake = self._look(watch, now)
                effects += found
            self.agenda.set(watch, wake)
        return effects

    def _look(self, watch: Watch, now: Ms) -> tuple[list[Effect], Ms | None]:
        holds, wake = self._queue_holds(watch, now)
        if not holds:
            watch.look_again = True
            return [], wake
        self._look_at_first(watch)
        offset = self._shared.situation.offset(watch.pbx)
        effects: list[Effect] = []
        pass_ = Pass(self._shared, watch, now)
        for uniqueid in self._ripe_again(watch, now):
            if self._free_at(watch, now) is not None:
                break
            effects += pass_.consider(uniqueid)
        fresh = watch.take_due(now - offset, self._left)
        self._left -= len(fresh)
        for uniqueid in fresh:
            effects += pass_.consider(uniqueid)
        wakes = self._wakes(watch, now, offset)
        return effects, min([*wakes, *([] if wake is None else [wake])], default=None)

    def _ripe_again(self, watch: Watch, now: Ms) -> list[str]:
        """Those to look at again, in their order and a part of them at a time."""
        if watch.retry_at is not None and watch.retry_at <= now:
            watch.look_again, watch.retry_at = True, None
        if now < watch.not_before or self._free_at(watch, now) is not None:
            return []
        if not watch.round and watch.look_again:
            watch.look_again = False
            watch.round = list(reversed(watch.ripe))
        part = [watch.round.pop() for _ in range(min(self._left, len(watch.round)))]
        self._left -= len(part)
        if part:
            watch.not_before = now + (LOOK_ON if watch.round else LOOK_AGAIN)
        return [uniqueid for uniqueid in part if uniqueid in watch.ripe]

    def _free_at(self, watch: Watch, now: Ms) -> Ms | None:
        """When the rate cap allows another one; None: now."""
        return self._shared.caps.free_at(watch.entry.rule, watch.pbx, now)

    def _wakes(self, watch: Watch, now: Ms, offset: Ms) -> list[Ms]:
        """When to look again, though nothing happens."""
        wakes: list[Ms] = []
        next_at = watch.next_at
        if next_at is not None:
            wakes.append(next_at + offset)
        if not watch.ripe:
            watch.round.clear()
            watch.retry_at = None
            return wakes
        free_at = self._free_at(watch, now)
        if free_at is not None:
            # Whoever waits longest comes first then.
            watch.round.clear()
            watch.retry(free_at)
        elif watch.round or watch.look_again:
            wakes.append(max(watch.not_before, now + 1))
        if watch.entry.conditions.by_chance:
            watch.retry(now + CHANCES_CHANGE)
        if watch.retry_at is not None:
            wakes.append(max(watch.not_before, watch.retry_at))
        return wakes

    def _queue_holds(self, watch: Watch, now: Ms) -> tuple[bool, Ms | None]:
        """Whether the rule acts at all there, and when that may change by time alone."""
        entry, book = watch.entry, self._shared.book
        forced = book.is_forced(entry)
        if forced is not None:
            return forced, None
        leaving = self._shared.outcomes.leaving(watch.pbx, watch.queue)
        case = Case(self._shared.situation, watch.pbx, watch.queue, now, leaving=leaving)
        active, active_until = book.activity(entry, now)
        moments = [changes_at(entry.conditions.of_queue, case), active_until]
        holds = active and entry.conditions.queue_holds(case)
        return holds, min((at for at in moments if at is not None), default=None)

    def _has_new_first(self, watch: Watch) -> bool:
        if watch.in_server:
            return False
        return self._shared.lines.of(watch.pbx, watch.place).first != watch.first

    def _look_at_first(self, watch: Watch) -> None:
        """Whoever comes to be first in line is looked after less often: they are due earlier."""
        if self._has_new_first(watch):
            first = watch.first = self._shared.lines.of(watch.pbx, watch.place).first
            call = self._shared.situation.engine.call(f"{watch.pbx}:{first}")
            if call is not None and call.visits and first in watch.when:
                self._enlist(watch, call, call.visits[-1])


def _rank(watch: Watch) -> tuple[int, str, str]:
    return watch.entry.rank, watch.pbx, watch.place
