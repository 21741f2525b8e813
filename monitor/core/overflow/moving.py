"""Telling a PBX what to do for callers: who is due, when, and whether they may be moved.

A watch is one rule over one queue (or one voice server). Conditions of the queue are looked at
first, and only when something there changed; callers stand in a heap by the moment at which the
rule's conditions of time come true for them, so a look costs what is due, not who waits.
"""

import heapq
from dataclasses import dataclass, field
from typing import Final

from monitor.core.clock import SECOND, Ms
from monitor.core.effects import Effect
from monitor.core.overflow.agenda import Agenda
from monitor.core.overflow.book import Entry, queue_of_conditions
from monitor.core.overflow.conditions import Case, changes_at, next_change, reasons
from monitor.core.overflow.decisions import (
    Asker,
    Because,
    ChangePriority,
    Command,
    Decision,
    Order,
    Reason,
    RedirectChannel,
    Verb,
    WithdrawCaller,
)
from monitor.core.overflow.guards import Shared, held_back, usage, why
from monitor.core.overflow.rules import Prioritise, Redirect, Withdraw, destination_of
from monitor.core.records import Call, FactKind, Visit, VoiceServerStay

LOOK_AGAIN: Final[Ms] = 200
"""At least so long between two looks at all callers who are due but may not be moved (yet)…"""
LOOK_AGAIN_EACH: Final = 5
"""…and one ms more for so many of them: a small, steady share of the time."""
CHANCES_CHANGE: Final[Ms] = SECOND
"""How often probabilities are looked at when nothing happens."""

FOR_GOOD: Final = frozenset({Because.HOPS, Because.LOOP, Because.UNKNOWN_CALLER})
"""What keeps a rule from moving a caller for as long as they are where they are."""


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
    look_again: bool = False
    not_before: Ms = 0

    def put(self, uniqueid: str, at: Ms) -> None:
        """Have a caller be due at ``at``."""
        if self.when.get(uniqueid) == at:
            # Something else about them changed.
            self.look_again = self.look_again or uniqueid in self.ripe
            return
        self.when[uniqueid] = at
        self.ripe.pop(uniqueid, None)
        heapq.heappush(self.due, (at, uniqueid))
        if len(self.due) > 2 * len(self.when) + 64:
            self.due = [(moment, key) for key, moment in self.when.items() if key not in self.ripe]
            heapq.heapify(self.due)

    def drop(self, uniqueid: str) -> None:
        """A caller is not there any more, or the rule is done with them."""
        self.when.pop(uniqueid, None)
        self.ripe.pop(uniqueid, None)

    def clear(self) -> None:
        """Forget all callers."""
        self.due.clear()
        self.when.clear()
        self.ripe.clear()

    @property
    def next_at(self) -> Ms | None:
        """When the next caller is due (PBX's clock)."""
        while self.due and (
            self.due[0][1] in self.ripe or self.when.get(self.due[0][1]) != self.due[0][0]
        ):
            heapq.heappop(self.due)
        return self.due[0][0] if self.due else None

    def take_due(self, now: Ms) -> list[str]:
        """The callers who are due at ``now`` (PBX's clock); they are ripe from now on."""
        fresh: list[str] = []
        while (at := self.next_at) is not None and at <= now:
            uniqueid = heapq.heappop(self.due)[1]
            self.ripe[uniqueid] = None
            fresh.append(uniqueid)
        return fresh


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

    # --- watches --------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Watch anew, by the rules in force and who is there."""
        for known in (self._of_queue, self._of_server, self._lookers, self._in_server, self._dirty):
            known.clear()
        self.agenda.clear()
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
            self._begin(found)
        return found

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
            visit = call.visits[-1]
            for watch in self.watches(call.pbx, visit.queue):
                self._enlist(watch, call, visit)
            for before in call.visits[-2:-1]:
                for watch in self.watches(call.pbx, before.queue) if call.visit is None else ():
                    watch.drop(call.uniqueid)
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
        if where.left_at is not None or call.closed or _is_handled(call, where):
            watch.drop(call.uniqueid)
            return
        caller = self._shared.callers.find(call.id)
        if caller is not None and _part(watch, call) in caller.done:
            watch.drop(call.uniqueid)
            return
        since = where.joined_at if isinstance(where, Visit) else where.entered_at
        at: Ms | None = since
        if not self._shared.book.is_forced(watch.entry):
            at = watch.entry.conditions.due_at(call, since, self._lead(watch, call))
        if at is None:
            watch.drop(call.uniqueid)
            return
        watch.put(call.uniqueid, at)
        self._dirty[watch] = None

    def _lead(self, watch: Watch, call: Call) -> Ms:
        """How much earlier than asked for a command is issued."""
        if watch.in_server or not isinstance(watch.entry.rule.action, Withdraw):
            return 0
        first = call.uniqueid == self._first(watch)
        return self._shared.situation.lead(call, watch.place, first=first)

    def _first(self, watch: Watch) -> str:
        state = self._shared.situation.queue(watch.pbx, watch.place)
        if state is None or state.longest_wait_since is None:
            return ""
        return next(iter(state.waiting))

    # --- looking --------------------------------------------------------------------------------

    def look(self, now: Ms, *, on: bool) -> list[Effect]:
        """Look at all watches where something changed or is due; ``on``: actions are allowed."""
        for watch in self.agenda.pop_due(now):
            self._dirty[watch] = None
        if not self._dirty:
            return []
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
        wakes = [] if wake is None else [wake]
        effects: list[Effect] = []
        fresh = watch.take_due(now - offset)
        rule = watch.entry.rule
        free_at = self._shared.caps.free_at(rule, watch.pbx, now)
        again = watch.look_again and now >= watch.not_before and free_at is None
        candidates = list(watch.ripe) if again else fresh
        if again:
            watch.look_again = False
            watch.not_before = now + LOOK_AGAIN + len(candidates) // LOOK_AGAIN_EACH
        if candidates:
            pass_ = _Pass(self, watch, now)
            new = set(fresh)
            for uniqueid in candidates:
                # With the rate cap reached, only those are looked at of whom that is not said yet.
                if uniqueid in new or self._shared.caps.free_at(rule, watch.pbx, now) is None:
                    effects += pass_.consider(uniqueid)
            wakes += pass_.wakes
        wakes += self._wakes(watch, now, offset)
        return effects, min(wakes, default=None)

    def _wakes(self, watch: Watch, now: Ms, offset: Ms) -> list[Ms]:
        """When to look again, though nothing happens."""
        wakes: list[Ms] = []
        next_at = watch.next_at
        if next_at is not None:
            wakes.append(next_at + offset)
        if not watch.ripe:
            return wakes
        free_at = self._shared.caps.free_at(watch.entry.rule, watch.pbx, now)
        if free_at is not None:
            watch.look_again = True
            wakes.append(free_at)
        elif watch.look_again:
            wakes.append(max(watch.not_before, now + 1))
        if watch.entry.conditions.by_chance:
            watch.look_again = True
            wakes.append(max(watch.not_before, now + CHANCES_CHANGE))
        return wakes

    def _queue_holds(self, watch: Watch, now: Ms) -> tuple[bool, Ms | None]:
        """Whether the rule acts at all there, and when that may change by time alone."""
        entry, book = watch.entry, self._shared.book
        forced = book.is_forced(entry)
        if forced is not None:
            return forced, None
        case = Case(self._shared.situation, watch.pbx, watch.queue, now)
        moments = [changes_at(entry.conditions.of_queue, case)]
        holds = entry.conditions.queue_holds(case)
        if entry.rule.active.spans:
            zone = self._shared.situation.engine.policy.zone
            holds = holds and book.is_active(entry, now)
            moments.append(next_change(entry.rule.active, now, zone))
        return holds, min((at for at in moments if at is not None), default=None)

    def _look_at_first(self, watch: Watch) -> None:
        """Whoever comes to be first in line is looked after less often: they are due earlier."""
        if watch.in_server:
            return
        first = self._first(watch)
        if first != watch.first:
            watch.first = first
            call = self.call(watch, first)
            if call is not None and call.visits and first in watch.when:
                self._enlist(watch, call, call.visits[-1])

    def call(self, watch: Watch, uniqueid: str) -> Call | None:
        """The live call of a caller."""
        return self._shared.situation.engine.call(f"{watch.pbx}:{uniqueid}")

    @property
    def shared(self) -> Shared:
        """What the deciders share."""
        return self._shared

    def lead(self, watch: Watch, call: Call) -> Ms:
        """How much earlier than asked for a command for this caller is issued."""
        return self._lead(watch, call)


class _Pass:
    """One look at some callers of a watch."""

    def __init__(self, moving: Moving, watch: Watch, now: Ms) -> None:
        self.moving = moving
        self.watch = watch
        self.now = now
        self.wakes: list[Ms] = []
        self._positions: dict[str, int] | None = None

    def consider(self, uniqueid: str) -> list[Effect]:
        """Decide for one caller."""
        watch, shared = self.watch, self.moving.shared
        call = self.moving.call(watch, uniqueid)
        where = None if call is None else (call.stay if watch.in_server else call.visit)
        if call is None or where is None or where.left_at is not None:
            watch.drop(uniqueid)
            return []
        rule, conditions = watch.entry.rule, watch.entry.conditions
        since = where.joined_at if isinstance(where, Visit) else where.entered_at
        case = Case(
            shared.situation, watch.pbx, watch.queue, self.now, call, since,
            self._position(uniqueid),
        )  # fmt: skip
        lead = self.moving.lead(watch, call)
        forced = shared.book.is_forced(watch.entry)
        if not forced and not conditions.caller_holds(case, lead):
            return []
        grounds = why(shared, watch.entry, reasons(rule.conditions, case, lead))
        caller = shared.callers.find(call.id)
        order = _order(watch, call, where)
        blocked = (
            Reason(Because.UNKNOWN_CALLER)
            if order is None
            else held_back(shared, rule, case, caller, queued=not watch.in_server)
        )
        if blocked is not None or order is None:
            return self._hold_back(call, case, grounds, blocked or Reason(Because.UNKNOWN_CALLER))
        return self._act(call, case, grounds, order)

    def _position(self, uniqueid: str) -> int | None:
        """The caller's place in line; looked up for all at once, when first asked for."""
        watch, situation = self.watch, self.moving.shared.situation
        needed = watch.entry.conditions.by_place or situation.forecasts is not None
        if watch.in_server or not needed:
            return None
        if self._positions is None:
            state = situation.queue(watch.pbx, watch.place)
            waiting = {} if state is None or state.longest_wait_since is None else state.waiting
            self._positions = {key: place for place, key in enumerate(waiting, 1)}
        return self._positions.get(uniqueid)

    def _decision(
        self, call: Call, case: Case, reasons: tuple[Reason, ...], *, held_back: bool = False
    ) -> Decision:
        shared, rule = self.moving.shared, self.watch.entry.rule
        forced = shared.book.forced.get(rule.id)
        return Decision(
            shared.issuing.new_id(self.now), case.pbx, case.at,
            Asker.MONITOR if forced is None else Asker.PERSON,
            Verb.PRIORITISE if isinstance(rule.action, Prioritise) else Verb.MOVE,
            reasons, "" if self.watch.in_server else self.watch.place, call.id, call.caller,
            rule.id, rule.version, destination_of(rule), rule.dry_run, held_back,
            by="" if forced is None else forced.by,
            expected_wait=case.expected_wait, miss_probability=case.miss_probability,
        )  # fmt: skip

    def _hold_back(
        self, call: Call, case: Case, grounds: tuple[Reason, ...], blocked: Reason
    ) -> list[Effect]:
        """Record, once for each reason, what keeps the rule from acting."""
        shared, watch = self.moving.shared, self.watch
        caller = shared.callers.get(call.id, self.now)
        if blocked.because in FOR_GOOD:
            caller.done.add(_part(watch, call))
            watch.drop(call.uniqueid)
        elif blocked.because is Because.COOL_DOWN:
            until = caller.cools_until(self.now)
            watch.look_again = True
            self.wakes += [] if until is None else [until]
        key = (watch.entry.rule.id, blocked.because)
        if key in caller.told:
            return []
        caller.told.add(key)
        decision = self._decision(call, case, (*grounds, blocked), held_back=True)
        return shared.issuing.decided(decision)

    def _act(
        self, call: Call, case: Case, grounds: tuple[Reason, ...], order: Order
    ) -> list[Effect]:
        """Decide, and issue the command; in dry run the decision is all."""
        shared, watch, rule = self.moving.shared, self.watch, self.watch.entry.rule
        caller = shared.callers.get(call.id, self.now)
        shared.caps.count(rule, watch.pbx, self.now)
        used = usage(shared, rule, watch.pbx, self.now)
        decision = self._decision(call, case, (*grounds, used))
        caller.done.add(_part(watch, call))
        watch.drop(call.uniqueid)
        effects = shared.issuing.decided(decision)
        if rule.dry_run:
            return effects
        command, issued = shared.issuing.command(decision, order, self.now)
        caller.began(command, _part(watch, call))
        caller.acted(rule, self.now)
        shared.outcomes.track(command, call, call.visit, self.now)
        return effects + issued


def _rank(watch: Watch) -> tuple[int, str, str]:
    return watch.entry.rank, watch.pbx, watch.place


def _part(watch: Watch, call: Call) -> tuple[str, str, int]:
    """What a rule does once: its part for this visit or stay."""
    number = len(call.stays) if watch.in_server else len(call.visits)
    return watch.entry.rule.id, watch.place, number


def _is_handled(call: Call, where: Visit | VoiceServerStay) -> bool:
    """Whether an agent has the caller."""
    if isinstance(where, Visit):
        return where.exit is not None
    return call.visit is not None


def _order(watch: Watch, call: Call, where: Visit | VoiceServerStay) -> Order | None:
    """What the PBX is told; None where another channel waits in the caller's place."""
    action, channel = watch.entry.rule.action, call.channel or call.uniqueid
    if isinstance(action, Redirect):
        to = action.to
        return RedirectChannel(channel, to.context, to.exten, to.priority)
    if isinstance(where, Visit) and _waits_by_another(call, where):
        return None
    if isinstance(action, Withdraw):
        return WithdrawCaller(watch.place, channel, action.to.place)
    if isinstance(action, Prioritise):
        return ChangePriority(watch.place, channel, action.priority)
    return None


def _waits_by_another(call: Call, visit: Visit) -> bool:
    """Whether a leg waits for the caller: what is done to it is not done to the caller."""
    for fact in reversed(call.facts):
        if fact.kind is FactKind.QUEUE_JOINED and fact.at == visit.joined_at:
            return bool(fact.detail.get("logged_as"))
    return False


def still_allowed(call: Call | None, command: Command) -> bool:
    """Whether a command about a caller is still right, in the moment of sending."""
    if call is None or call.closed:
        return False
    order, visit = command.order, call.visit
    if isinstance(order, RedirectChannel):
        return call.stay is not None and visit is None
    queue = order.queue if isinstance(order, WithdrawCaller | ChangePriority) else ""
    return visit is not None and visit.queue == queue and visit.left_at is None
