"""One client of the live stream, as the hub sees it: a bounded queue of messages."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from api.visibility import Scope

QUEUE_LIMIT: Final = 256
"""Messages kept for a client that reads slowly; then it gets a snapshot instead."""
STALLED_S: Final = 30.0
"""A client that takes nothing for so long is closed."""


class Client:
    """One reader of the stream; only the hub makes them.

    Args:
        scope: what it may see.
        snapshot: makes the message that it begins with, and begins anew with.
    """

    def __init__(self, scope: Scope, snapshot: Callable[[Scope], str]) -> None:
        self.scope = scope
        self._snapshot = snapshot
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
            message = self._snapshot(self.scope)
            self._queue.clear()
            self._lagging = False
        else:
            message = self._queue.popleft()
        if not self._queue:
            self._ready.clear()
        return message
