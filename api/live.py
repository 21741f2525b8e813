"""The live stream's hub: effects in, numbered messages out, the same text for all who see the same.

Effects only mark what changed. A flush writes all of it as one delta, once for each scope that has
clients, and puts it into each client's bounded queue. Nobody waits for a client: one that does not
keep up loses its queue and gets a fresh snapshot when it reads again.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from api import views
from api.live_boards import LiveBoards
from api.live_client import Client, Message, Put
from api.live_overflow import OverflowStream
from api.live_scoped import FRESH, STALE, Count, ScopedToday, ScopedView, pause_after
from api.visibility import Scope
from monitor.core import effects as fx
from monitor.core.clock import Ms
from monitor.core.engine import Engine
from monitor.core.overflow.engine import Overflow
from monitor.core.records import Call, Member
from monitor.history.queries import Queues

COALESCE_S: Final = 0.04
"""Least time between two deltas, where nothing is urgent."""
URGENT_S: Final = 0.02
"""Least time before a delta with a verdict, an at-risk caller or a deed of somebody: after a quiet
moment it is sent at once, and in a storm 200 pages are not written to a hundred times a second."""
HEARTBEAT_S: Final = 2.0
SNAPSHOT_S: Final = 0.02
"""How old a snapshot may be whose time a page sets its clock by."""
TICK_S: Final = 1.0
"""How often alerts and the trend are looked at, besides what effects say at once."""

MemberKey = tuple[str, str, str]

log = logging.getLogger("minuteur.api")


class LiveHub:
    """A subscriber of the monitor that keeps every client's picture current.

    Args:
        engine: whose state is shown.
        now: the monitor's clock (ms since the epoch).
        history_problem: what is wrong with the database now, in one sentence; empty when nothing.
        overflow: the overflow engine; None where nothing is done for callers.
    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], Ms],
        history_problem: Callable[[], str] = lambda: "",
        overflow: Overflow | None = None,
    ) -> None:
        self._engine = engine
        self.now = now
        self._history_problem = history_problem
        self.overflow = OverflowStream(overflow)
        self.boards = LiveBoards(engine, now, history_problem)
        self._scoped = ScopedToday(now)
        self._clients: set[Client] = set()
        self._views: dict[Scope, ScopedView] = {}
        self._seq = 0
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._urgent = False
        self._last_sent = 0.0
        self._last_delta = 0.0
        self._failing = False
        self._boards_failing = False
        self._calls: dict[str, tuple[Call, bool]] = {}
        self._queues: set[tuple[str, str]] = set()
        self._members: dict[MemberKey, Member | None] = {}
        self._pbxs: set[str] = set()
        self._today = views.commitment_figures(engine.today)
        self._system = views.live_system(history_problem())
        self._bodies: dict[Scope, str] = {}
        self._snapshots: dict[Scope, tuple[float, Message]] = {}

    # --- from the monitor -----------------------------------------------------------------------

    def __call__(self, effects: Sequence[fx.Effect]) -> None:
        """Mark what changed; called by the monitor after each step."""
        urgent = False
        self.boards.take(effects)
        for effect in effects:
            if self.overflow.take(effect):
                urgent = urgent or isinstance(effect, fx.OverflowChanged)
            elif isinstance(effect, fx.VerdictGiven | fx.AtRiskRaised):
                self._calls.setdefault(effect.call.id, (effect.call, effect.call.closed))
                urgent = True
            else:
                self._mark(effect)
        self._schedule(urgent=urgent)

    def _mark(self, effect: fx.Effect) -> None:
        match effect:
            case fx.CallChanged(call, closed):
                self._calls[call.id] = (call, closed)
            case fx.QueueUpdated(pbx, queue):
                self._queues.add((pbx, queue))
            case fx.MemberUpdated(member):
                self._members[member.pbx, member.queue, member.interface] = member
            case fx.MemberGone(pbx, queue, interface):
                self._members[pbx, queue, interface] = None
            case fx.PbxUpdated(pbx):
                self._pbxs.add(pbx)
            case fx.BlindIntervalChanged(interval):
                self._pbxs.add(interval.pbx)
            case fx.QueueGone() | fx.PbxGone():
                self._begin_anew()

    def _schedule(self, *, urgent: bool) -> None:
        """Flush with the loop's next turn after a quiet moment, else soon; sooner when urgent."""
        if self._timer is not None:
            if not urgent or self._urgent:
                return
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        delay = self._last_delta + (URGENT_S if urgent else COALESCE_S) - loop.time()
        self._urgent = urgent or delay <= 0
        if delay <= 0:
            self._timer = loop.call_soon(self.flush)
        else:
            self._timer = loop.call_later(delay, self.flush)

    def count_with(self, count: Count) -> None:
        """Have today's calls of some queues, for those who see no others, counted by this."""
        self._scoped.count_with(count)

    # --- to the clients -------------------------------------------------------------------------

    @property
    def clients(self) -> int:
        """How many clients read the stream."""
        return len(self._clients)

    @property
    def seq(self) -> int:
        """The number of the last delta."""
        return self._seq

    def join(self, scope: Scope, put: Put | None = None) -> Client:
        """Take in a client; its first message is a snapshot.

        Args:
            scope: what it may see.
            put: writes a frame to it at once, where there is such a way.
        """
        client = Client(scope, self._snapshot_message, put)
        self._clients.add(client)
        view = self._views.get(scope)
        if view is None:
            view = self._views[scope] = ScopedView(scope, self.overflow.rules)
            # What was made without it, it would not know of.
            self._bodies.pop(scope, None)
            self._snapshots.pop(scope, None)
        view.clients += 1
        return client

    async def prepare(self, scope: Scope) -> None:
        """Have what a snapshot of this scope needs; comes before it.

        Nobody waits for a count where there are figures that are not stale.
        """
        queues = scope.queues
        if queues is not None and self._scoped.is_older(queues, STALE):
            await self._scoped.refresh(queues, FRESH)

    def leave(self, client: Client) -> None:
        """Let a client go."""
        if client not in self._clients:
            return
        self._clients.discard(client)
        view = self._views[client.scope]
        view.clients -= 1
        if not view.clients:
            del self._views[client.scope]

    def flush(self) -> None:
        """Send all that changed as one delta; nothing when nothing did.

        A delta that cannot be made is lost, so every client then gets a snapshot instead.
        """
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            self._send_delta()
        except Exception:
            if not self._failing:
                log.exception("A delta of the live stream could not be made; snapshots go out")
            self._failing = True
            self._begin_anew()
        else:
            self._failing = False

    def _send_delta(self) -> None:
        changes = self._take_changes()
        if not changes and not any(view.today for view in self._views.values()):
            return
        self._seq += 1
        self._bodies.clear()
        self._snapshots.clear()
        by_scope = {
            scope: Message(self._message("delta", {"changes": view.changes(changes)}))
            for scope, view in self._views.items()
        }
        for client in self._clients:
            if not client.lagging:
                client.offer(by_scope[client.scope])
        self._sent()
        self._last_delta = self._last_sent

    def clock_moved(self, _by: Ms) -> None:
        """The monitor's clock was set: a page that reckons with it begins anew."""
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Have every client's next message be a snapshot; seldom, when no delta can tell it."""
        self._bodies.clear()
        self._snapshots.clear()
        for client in self._clients:
            client.resync()

    def beat(self) -> None:
        """Say that the monitor lives; also notices what changes without an effect."""
        self.flush()
        message = Message(self._message("heartbeat", {}))
        for client in self._clients:
            client.offer(message)
        self._sent()

    async def run(self) -> None:
        """Send heartbeats, look at what time brings, count for scopes; until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_beating(), name="heartbeats")
            group.create_task(self._keep_ticking(), name="alerts and trend")
            group.create_task(self._keep_counting(), name="figures of some queues")

    async def _keep_beating(self) -> None:
        """Send heartbeats whenever nothing else was sent for a while."""
        loop = asyncio.get_running_loop()
        while True:
            quiet = loop.time() - self._last_sent
            if quiet >= HEARTBEAT_S:
                self.beat()
            else:
                await asyncio.sleep(HEARTBEAT_S - quiet)

    async def _keep_ticking(self) -> None:
        """Look at alerts and the trend."""
        while True:
            await asyncio.sleep(TICK_S)
            await self.tick()

    async def tick(self) -> None:
        """Look at alerts and the trend once, and have changes sent."""
        try:
            if await self.boards.tick():
                self._schedule(urgent=False)
        except Exception:
            if not self._boards_failing:
                log.exception("Alerts and the trend could not be looked at; tried every second")
            self._boards_failing = True
        else:
            self._boards_failing = False

    def nudge(self) -> None:
        """Have what changed sent at once: somebody acted, and waits to see it."""
        self._schedule(urgent=True)

    async def _keep_counting(self) -> None:
        """Count today's calls anew for those who see some queues only."""
        loop, took = asyncio.get_running_loop(), 0.0
        while True:
            await asyncio.sleep(pause_after(took))
            began = loop.time()
            await self.count_scopes()
            took = loop.time() - began

    async def count_scopes(self) -> None:
        """Count once, where something changed or the last count is old."""
        wanted: dict[Queues, list[ScopedView]] = {}
        for view in self._views.values():
            if view.scope.queues is not None:
                wanted.setdefault(view.scope.queues, []).append(view)
        for queues, its_views in wanted.items():
            moved = any(view.moved for view in its_views)
            if not moved and not self._scoped.is_older(queues, STALE):
                continue
            for view in its_views:
                view.moved = False
            if await self._scoped.refresh(queues):
                today, at = self._scoped.of(queues)
                for view in its_views:
                    view.today = {"kind": "today", "today": today, "as_of": views.iso_or_none(at)}
                self._schedule(urgent=False)
        self._scoped.keep(wanted)

    def snapshot(self, scope: Scope) -> str:
        """All that is live, with the number of the last delta, as a message."""
        self.flush()
        body = self._bodies.get(scope)
        if body is None:
            body = self._bodies[scope] = orjson.dumps(self._body(scope)).decode()[1:]
        return f"{self._head('snapshot')},{body}"

    def _snapshot_message(self, scope: Scope) -> Message:
        """The same; made once for all who want one within a moment, as after a restart."""
        self.flush()
        now = asyncio.get_running_loop().time()
        made = self._snapshots.get(scope)
        if made is None or now - made[0] > SNAPSHOT_S:
            made = self._snapshots[scope] = (now, Message(self.snapshot(scope)))
            asyncio.get_running_loop().call_later(SNAPSHOT_S, self._snapshots.pop, scope, None)
        return made[1]

    def _body(self, scope: Scope) -> views.Json:
        view = scope.live(self._engine.snapshot())
        system = views.live_system(self._history_problem())
        content = views.live_body(view, self._engine.queue_policy, system, self.boards.days.of)
        content["calls"] = [scope.call(call) for call in content["calls"]]
        content |= self.overflow.body(scope) | self.boards.body(scope)
        today_at: Ms | None = None
        if scope.queues is not None:
            content["today"], today_at = self._scoped.of(scope.queues)
        content["scope"] = views.live_scope(scope.queues, today_at, sees_numbers=scope.sees_numbers)
        if scope in self._views:
            alerts = (alert["id"] for alert in content["alerts"])
            self._views[scope].knows(view.calls, alerts)
        return content

    def _head(self, kind: str) -> str:
        return f'{{"type":"{kind}","seq":{self._seq},"server_time":"{views.iso(self.now())}"'

    def _message(self, kind: str, content: dict[str, Any]) -> str:
        if not content:
            return self._head(kind) + "}"
        return f"{self._head(kind)},{orjson.dumps(content).decode()[1:]}"

    def _sent(self) -> None:
        self._last_sent = asyncio.get_running_loop().time()

    # --- what changed ---------------------------------------------------------------------------

    def _take_changes(self) -> list[views.Json]:
        """All marked records as they are now, and whatever else differs from what was sent."""
        calls, self._calls = self._calls, {}
        members, self._members = self._members, {}
        queues, self._queues = self._queues, set()
        pbxs, self._pbxs = self._pbxs, set()
        return [
            *_call_changes(calls),
            *self._member_changes(members),
            *self._state_changes(pbxs, queues),
            *self.overflow.changes(),
            *self.boards.changes(),
            *self._drifted(),
        ]

    def _member_changes(self, members: Mapping[MemberKey, Member | None]) -> Iterable[views.Json]:
        for (pbx, queue, interface), member in members.items():
            if member is None:
                yield {"kind": "member_gone", "pbx": pbx, "queue": queue, "interface": interface}
            else:
                day = self.boards.days.of(member)
                yield {"kind": "member", "member": views.live_member(member, day)}

    def _state_changes(
        self, pbxs: Iterable[str], queues: Iterable[tuple[str, str]]
    ) -> Iterable[views.Json]:
        for name in pbxs:
            pbx = self._engine.pbx_state(name)
            if pbx is not None:
                yield {"kind": "pbx", "pbx": views.live_pbx(pbx)}
        for key in queues:
            queue = self._engine.queue_state(*key)
            if queue is not None:
                yield {"kind": "queue", "queue": views.live_queue(queue, self._engine.queue_policy)}

    def _drifted(self) -> list[views.Json]:
        """Today's figures and the monitor's own state, where they differ from what was sent."""
        changes: list[views.Json] = []
        today = views.commitment_figures(self._engine.today)
        if today != self._today:
            self._today = today
            changes.append({"kind": "today", "today": today, "as_of": None})
        system = views.live_system(self._history_problem())
        if system != self._system:
            self._system = system
            changes.append({"kind": "system", "system": system})
        return changes


def _call_changes(calls: Mapping[str, tuple[Call, bool]]) -> Iterable[views.Json]:
    for call_id, (call, closed) in calls.items():
        yield {"kind": "call", "call": views.call(call)}
        if closed:
            yield {"kind": "call_gone", "id": call_id}
