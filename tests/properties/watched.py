"""A monitor that is fed a plan's stream and looked at all the while."""

from collections.abc import Iterable
from copy import copy
from typing import Any, cast

import orjson
from sqlalchemy import RowMapping

from monitor.core import events as ev
from monitor.core.clock import DAY, HOUR, Ms
from monitor.core.desk import REMEMBERED
from monitor.core.effects import CallChanged, Effect, MemberUpdated, QueueUpdated
from monitor.core.engine import DayFigures, Engine
from monitor.core.policy import Policy
from monitor.core.records import Call, Visit
from monitor.history.rows import (
    CALL_COLUMNS,
    STAY_COLUMNS,
    VISIT_COLUMNS,
    Rows,
    call_of,
    fact_of,
    stay_of,
    visit_of,
)
from tests.properties.invariants import (
    check_clock,
    check_figures,
    check_live,
    check_nothing_kept,
    check_over,
    check_verdict,
    commitment_of,
    queue_of,
)
from tests.properties.streams import Aside

THOROUGH = 5
"""Every how many looks the figures are counted anew, which takes longer than all the rest."""
NOT_RUNNING = "The monitor was not running."


def as_stored(call: Call) -> Rows:
    """A call as the writer would store it now."""
    rows = Rows()
    rows.add(call)
    return rows


def rebuilt(rows: Rows) -> Call:
    """The call that the database would return."""

    def mapping(columns: Iterable[str], row: tuple[Any, ...]) -> RowMapping:
        return cast("RowMapping", dict(zip(columns, row, strict=True)))

    call = call_of(mapping(CALL_COLUMNS, rows.calls[0]))
    call.visits = [visit_of(mapping(VISIT_COLUMNS, row)) for row in rows.visits]
    call.stays = [stay_of(mapping(STAY_COLUMNS, row)) for row in rows.stays]
    for _, _, at, kind, detail in rows.facts:
        fact = {"at": at, "kind": kind, "detail": orjson.dumps(detail)}
        call.facts.append(fact_of(cast("RowMapping", fact)))
    return call


class Watched:
    """An engine, all that it told, and checks after every step.

    ``offset`` is the monitor's clock minus the PBXs'.
    """

    def __init__(self, policy: Policy, offset: Ms = 0) -> None:
        self._policy = policy
        self._offset = offset
        self.engine = Engine(policy)
        self.calls: dict[str, Call] = {}
        """Every call that was told, by id."""
        self.now: Ms = 0
        self.pbxs: set[str] = set()
        self._saved: dict[str, Rows] = {}
        self._saved_at: Ms = 0
        self._looks = 0
        self._told: dict[str, Rows] = {}
        self._queues: dict[tuple[str, str], tuple[object, ...]] = {}
        self._members: dict[tuple[str, str, str], object] = {}

    def follow(self, steps: Iterable[ev.Event | Aside], *, punctual: bool = True) -> None:
        """Take a stream; ``punctual``: timers fire when they are due, not at the next look."""
        for step in steps:
            if isinstance(step, Aside):
                self._aside(step)
                continue
            if not self.now or punctual:
                self._run_to(step.at + self._offset)
            self._meet(step.pbx, step.at)
            self.now = max(self.now, step.at + self._offset)
            self._take(self.engine.handle(step))
            check_live(self.engine)

    def _aside(self, step: Aside) -> None:
        if not self.now:
            return  # it has not started yet
        match step:
            case Aside.LOOK:
                self._look(self.now)
            case Aside.SAVE:
                self._look(self.now)
                self.save()
            case Aside.DIE:
                self._begin_again()

    def _meet(self, pbx: str, at: Ms) -> None:
        if pbx not in self.pbxs:
            self.pbxs.add(pbx)
            if self._offset:
                self._take(self.engine.handle(ev.ClockMeasured(pbx, at, self._offset)))

    def _run_to(self, until: Ms) -> None:
        """Let the time pass, with each timer at its moment."""
        while (due := self.engine.next_deadline()) is not None and due <= until:
            self._look(max(due, self.now))
        self._look(max(until, self.now))

    def _look(self, now: Ms) -> None:
        self.now = now
        self._take(self.engine.advance(now))
        check_live(self.engine)
        check_clock(self.engine, now)
        self._looks += 1
        if self._looks % THOROUGH == 0:
            self._look_thoroughly()

    def _look_thoroughly(self) -> None:
        check_figures(self.engine, self.calls, self.now)
        self._check_told()

    def _take(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, CallChanged):
                self.calls[effect.call.id] = effect.call
                self._told[effect.call.id] = as_stored(effect.call)
                check_verdict(effect.call, self._policy)
            elif isinstance(effect, QueueUpdated):
                key = effect.pbx, effect.queue
                self._queues[key] = self._queue(*key)
            elif isinstance(effect, MemberUpdated):
                member = effect.member
                self._members[member.pbx, member.queue, member.interface] = copy(member)

    def _queue(self, pbx: str, queue: str) -> tuple[object, ...]:
        state = self.engine.queue_state(pbx, queue)
        return () if state is None else (set(state.waiting), copy(state.today))

    def _check_told(self) -> None:
        """Nothing changes without an effect that names it."""
        view = self.engine.snapshot()
        for id_, call in view.calls.items():
            assert as_stored(call) == self._told[id_], "a call changed and nobody was told"
        for key in view.queues:
            assert self._queues[key] == self._queue(*key), "a queue changed and nobody was told"
        for place, member in view.members.items():
            assert self._members[place] == member, "a member changed and nobody was told"

    def save(self) -> None:
        """The record reaches the database as it stands now."""
        self._saved = {id_: as_stored(call) for id_, call in self.calls.items()}
        self._saved_at = self.now

    def _begin_again(self) -> None:
        """Another monitor takes over what the dead one had stored."""
        self.engine = Engine(self._policy)
        self._members.clear()
        self.calls = {id_: rebuilt(rows) for id_, rows in self._saved.items()}
        self._told = {id_: as_stored(call) for id_, call in self.calls.items()}
        self._queues.clear()
        effects = self._restored(self.engine, self._saved_at - self._offset)
        for key in self.engine.snapshot().queues:
            self._queues[key] = self._queue(*key)
        live = self.engine.snapshot().calls
        self.calls |= live
        self._take(effects)
        pbxs, self.pbxs = self.pbxs, set()
        for pbx in sorted(pbxs):
            self._meet(pbx, self._saved_at - self._offset)
        self._look(self.now)

    def _restored(self, engine: Engine, lost_at: Ms) -> list[Effect]:
        """Give an engine what is stored, as it is done at a start; nobody looked since then."""
        effects = engine.advance(self.now)
        over = [call for call in self.calls.values() if call.closed]
        since = self.now // DAY * DAY
        engine.seed_today(_figures_of(over, since), _figures_of(over, since + DAY))
        live = [call for call in self.calls.values() if not call.closed]
        engine.restore(sorted(live, key=lambda call: (call.arrived_at, call.id)))
        for pbx in sorted(self.pbxs):
            lost = ev.LinkChanged(pbx, lost_at, ev.LinkState.LOST, NOT_RUNNING)
            effects += engine.handle(lost)
        return effects

    def finish(self) -> None:
        """The end: every call is over, and after a while nothing is kept."""
        self._look_thoroughly()
        for call in self.calls.values():
            check_over(call, self._policy)
        self._run_to(self.now + REMEMBERED + HOUR)
        check_nothing_kept(self.engine)


def _figures_of(calls: Iterable[Call], since: Ms) -> DayFigures:
    """What a start reads of the calls and visits since ``since``."""
    known = list(calls)
    visits: dict[tuple[str, str], list[Visit]] = {}
    for call in known:
        for visit in call.visits:
            if visit.joined_at >= since:
                visits.setdefault((call.pbx, visit.queue), []).append(visit)
    tallies = {place: queue_of(found) for place, found in visits.items()}
    return commitment_of(known, since), tallies
