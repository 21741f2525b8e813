"""The present state of each queue, for whoever keeps a copy of it: MQTT's retained messages."""

from collections.abc import Callable, Container, Iterable, Sequence
from typing import Final

import orjson

from api import views
from api.messages import VERSION
from monitor.core import effects as fx
from monitor.core.clock import Ms
from monitor.core.engine import Engine
from monitor.core.events import LinkState
from monitor.core.records import MemberState

Key = tuple[str, str]
"""PBX and queue."""

_NOBODY: Final = {state.value: 0 for state in MemberState}


class QueueStates:
    """A subscriber of the monitor that says which queues changed, and reads them when asked.

    Args:
        engine: whose state is shown.
        now: the monitor's clock (ms).
        pbxs: the PBXs that are watched just now.
    """

    def __init__(self, engine: Engine, now: Callable[[], Ms], pbxs: Container[str]) -> None:
        self._engine = engine
        self._now = now
        self._pbxs = pbxs
        self._members: dict[Key, dict[str, MemberState]] = {}
        self._listeners: list[Callable[[Iterable[Key]], None]] = []

    def on_change(self, listener: Callable[[Iterable[Key]], None]) -> None:
        """Have ``listener`` told which queues changed, at once; it must only note them."""
        self._listeners.append(listener)

    def __call__(self, effects: Sequence[fx.Effect]) -> None:
        """Note what changed; called by the monitor after each step."""
        changed: set[Key] = set()
        linked = False
        for effect in effects:
            match effect:
                case fx.QueueUpdated(pbx, queue):
                    changed.add((pbx, queue))
                case fx.QueueGone(pbx, queue):
                    self._members.pop((pbx, queue), None)
                    changed.add((pbx, queue))
                case fx.MemberUpdated(member):
                    key = member.pbx, member.queue
                    self._members.setdefault(key, {})[member.interface] = member.state
                    changed.add(key)
                case fx.MemberGone(pbx, queue, interface):
                    self._members.get((pbx, queue), {}).pop(interface, None)
                    changed.add((pbx, queue))
                case fx.PbxUpdated(pbx):
                    changed.update(key for key in self.keys() if key[0] == pbx)
                    linked = True
        if changed or linked:
            for listener in self._listeners:
                listener(changed)

    def keys(self) -> list[Key]:
        """All queues that there are."""
        return list(self._engine.snapshot().queues)

    def gone(self, pbx: str, queue: str) -> bool:
        """Whether it is certain that there is no such queue.

        The queues of a PBX are known once it was listened to; one that is not watched has none.
        """
        if self._engine.queue_state(pbx, queue) is not None:
            return False
        state = self._engine.pbx_state(pbx)
        if pbx not in self._pbxs:
            return True
        return state is not None and state.link is LinkState.CONNECTED

    def payload(self, pbx: str, queue: str) -> bytes | None:
        """A queue's state as it is now; None when there is no such queue."""
        state = self._engine.queue_state(pbx, queue)
        if state is None:
            return None
        link = self._engine.pbx_state(pbx)
        members = dict(_NOBODY)
        for member in self._members.get((pbx, queue), {}).values():
            members[member.value] += 1
        shown = views.live_queue(state, self._engine.queue_policy)
        return orjson.dumps(
            {
                "v": VERSION,
                "as_of": views.iso(self._now()),
                "observed": link is not None and link.blind_since is None,
                "pbx": pbx,
                "queue": shown.pop("name"),
                **shown,
                "members": members,
            }
        )
