"""The live stream's hub: effects in, numbered messages out, the same text for every client.

Effects only mark what changed. A flush writes all of it as one delta, once, and puts it into each
client's bounded queue. Nobody waits for a client: one that does not keep up loses its queue and
gets a fresh snapshot when it reads again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson

from api import views
from api.live_overflow import OverflowStream
from api.visibility import Scope
from monitor.core import effects as fx
from monitor.core.clock import Ms
from monitor.core.engine import Engine
from monitor.core.overflow.engine import Overflow
from monitor.core.records import Call, Member

COALESCE_S: Final = 0.04
"""Least time between two deltas; but a verdict or an at-risk caller is sent at once."""
HEARTBEAT_S: Final = 2.0
QUEUE_LIMIT: Final = 256
"""Messages kept for a client that reads slowly; then it gets a snapshot instead."""
STALLED_S: Final = 30.0
"""A client that takes nothing for so long is closed."""

MemberKey = tuple[str, str, str]

log = logging.getLogger("minuteur.api")


class Client:
    """One reader of the stream; only the hub makes them."""

    def __init__(self, hub: "LiveHub", scope: Scope) -> None:
        self.scope = scope
        self._hub = hub
        self._queue: deque[str] = deque()
        self._ready = asyncio.Event()
        self._lagging = True  # a new client's first message is a snapshot
        self._ready.set()

    @property
    def lagging(self) -> bool:
        """Whether its next message is a snapshot."""
        return self._lagging

    def offer(self, message: str) -> None:
        """Queue a message; a full queue is dropped, and the client marked lagging."""
        if self._lagging:
            return
        if len(self._queue) >= QUEUE_LIMIT:
            self.resync()
            return
        self._queue.append(message)
        self._ready.set()

    def resync(self) -> None:
        """Have the next message be a snapshot."""
        self._queue.clear()
        self._lagging = True
        self._ready.set()

    async def next(self) -> str:
        """Wait for the next message."""
        await self._ready.wait()
        if self._lagging:
            message = self._hub.snapshot(self.scope)
            self._queue.clear()
            self._lagging = False
        else:
            message = self._queue.popleft()
        if not self._queue:
            self._ready.clear()
        return message


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
        self._now = now
        self._history_problem = history_problem
        self.overflow = OverflowStream(overflow)
        self._clients: set[Client] = set()
        self._seq = 0
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._urgent = False
        self._last_sent = 0.0
        self._last_delta = 0.0
        self._failing = False
        self._calls: dict[str, tuple[Call, bool]] = {}
        self._queues: set[tuple[str, str]] = set()
        self._members: dict[MemberKey, Member | None] = {}
        self._pbxs: set[str] = set()
        self._today = views.commitment_figures(engine.today)
        self._system = views.live_system(history_problem())
        self._bodies: dict[Scope, str] = {}

    # --- from the monitor -----------------------------------------------------------------------

    def __call__(self, effects: Sequence[fx.Effect]) -> None:
        """Mark what changed; called by the monitor after each step."""
        urgent = False
        for effect in effects:
            if self.overflow.take(effect):
                urgent = urgent or isinstance(effect, fx.OverflowChanged)
                continue
            match effect:
                case fx.CallChanged(call, closed):
                    self._calls[call.id] = (call, closed)
                case fx.VerdictGiven(call=call) | fx.AtRiskRaised(call=call):
                    self._calls.setdefault(call.id, (call, call.closed))
                    urgent = True
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
        self._schedule(urgent=urgent)

    def _schedule(self, *, urgent: bool) -> None:
        """Flush with the loop's next turn when urgent or all was quiet, else a moment later."""
        if self._timer is not None:
            if not urgent or self._urgent:
                return
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        delay = self._last_delta + COALESCE_S - loop.time()
        self._urgent = urgent or delay <= 0
        if self._urgent:
            self._timer = loop.call_soon(self.flush)
        else:
            self._timer = loop.call_later(delay, self.flush)

    # --- to the clients -------------------------------------------------------------------------

    @property
    def clients(self) -> int:
        """How many clients read the stream."""
        return len(self._clients)

    @property
    def seq(self) -> int:
        """The number of the last delta."""
        return self._seq

    def join(self, scope: Scope) -> Client:
        """Take in a client; its first message is a snapshot."""
        client = Client(self, scope)
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """Let a client go."""
        self._clients.discard(client)

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
            self._bodies.clear()
            for client in self._clients:
                client.resync()
        else:
            self._failing = False

    def _send_delta(self) -> None:
        changes = self._take_changes()
        if not changes:
            return
        self._seq += 1
        self._bodies.clear()
        by_scope: dict[Scope, str] = {}
        for client in self._clients:
            if client.lagging:
                continue
            message = by_scope.get(client.scope)
            if message is None:
                seen = [change for change in changes if client.scope.sees(change)]
                message = by_scope[client.scope] = self._message("delta", {"changes": seen})
            client.offer(message)
        self._sent()
        self._last_delta = self._last_sent

    def clock_moved(self, _by: Ms) -> None:
        """The monitor's clock was set: a page that reckons with it begins anew."""
        for client in self._clients:
            client.resync()

    def beat(self) -> None:
        """Say that the monitor lives; also notices what changes without an effect."""
        self.flush()
        message = self._message("heartbeat", {})
        for client in self._clients:
            client.offer(message)
        self._sent()

    async def run(self) -> None:
        """Send heartbeats whenever nothing else was sent for a while, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            quiet = loop.time() - self._last_sent
            if quiet >= HEARTBEAT_S:
                self.beat()
            else:
                await asyncio.sleep(HEARTBEAT_S - quiet)

    def snapshot(self, scope: Scope) -> str:
        """All that is live, with the number of the last delta, as a message."""
        self.flush()
        body = self._bodies.get(scope)
        if body is None:
            view = scope.live(self._engine.snapshot())
            system = views.live_system(self._history_problem())
            content = views.live_body(view, self._engine.thresholds, system)
            content |= self.overflow.body(scope)
            body = self._bodies[scope] = orjson.dumps(content).decode()[1:]
        return f"{self._head('snapshot')},{body}"

    def _head(self, kind: str) -> str:
        return f'{{"type":"{kind}","seq":{self._seq},"server_time":"{views.iso(self._now())}"'

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
            *_member_changes(members),
            *self._state_changes(pbxs, queues),
            *self.overflow.changes(),
            *self._drifted(),
        ]

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
                yield {"kind": "queue", "queue": views.live_queue(queue, self._engine.thresholds)}

    def _drifted(self) -> list[views.Json]:
        """Today's figures and the monitor's own state, where they differ from what was sent."""
        changes: list[views.Json] = []
        today = views.commitment_figures(self._engine.today)
        if today != self._today:
            self._today = today
            changes.append({"kind": "today", "today": today})
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


def _member_changes(members: Mapping[MemberKey, Member | None]) -> Iterable[views.Json]:
    for (pbx, queue, interface), member in members.items():
        if member is None:
            yield {"kind": "member_gone", "pbx": pbx, "queue": queue, "interface": interface}
        else:
            yield {"kind": "member", "member": views.live_member(member)}
