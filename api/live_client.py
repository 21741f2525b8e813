"""One client of the live stream, as the hub sees it: a bounded queue of messages."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from api.stream import text_frame
from api.visibility import Scope

QUEUE_LIMIT: Final = 256
"""Messages kept for a client that reads slowly; then it gets a snapshot instead."""
STALLED_S: Final = 30.0
"""A client that takes nothing for so long is closed."""


Put = Callable[[bytes], bool]
"""Writes a frame to a client at once; False where it has to wait: ``StreamProtocol.put``."""


class Message:
    """What is sent to many clients, made once: as text, and as a frame of the wire."""

    __slots__ = ("_frame", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """The text as a WebSocket frame."""
        if self._frame is None:
            self._frame = text_frame(self.text)
        return self._frame


class Client:
    """One reader of the stream; only the hub makes them.

    Args:
        scope: what it may see.
        snapshot: makes the message that it begins with, and begins anew with.
        put: writes to it at once, as long as it keeps up; None: it takes all by :meth:`next`.
    """

    def __init__(
        self, scope: Scope, snapshot: Callable[[Scope], Message], put: Put | None = None
    ) -> None:
        self.scope = scope
        self._snapshot = snapshot
        self._put = put
        self._queue: deque[Message] = deque()
        self._sending = False
        """A message was taken by :meth:`next`, and is perhaps not written yet."""
        self._ready = asyncio.Event()
        self._lagging = True  # a new client's first message is a snapshot
        self._ready.set()

    @property
    def lagging(self) -> bool:
        """Whether its next message is a snapshot."""
        return self._lagging

    def offer(self, message: Message) -> None:
        """Write a message, or queue it; a full queue is dropped, and the client marked lagging."""
        if self._lagging:
            return
        first = not self._queue and not self._sending
        if first and self._put is not None and self._put(message.frame):
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

    async def send(self, slowly: Callable[[str], Awaitable[None]]) -> None:
        """Wait for the next message that has to wait, and send it.

        Args:
            slowly: sends a text, and waits until the client has taken what was before it.
        """
        message = await self._next()
        if self._put is None or not self._put(message.frame):
            await slowly(message.text)

    async def next(self) -> str:
        """Wait for the next message, as text; the one before is taken to be sent."""
        return (await self._next()).text

    async def _next(self) -> Message:
        self._sending = False
        await self._ready.wait()
        self._sending = True
        if self._lagging:
            message = self._snapshot(self.scope)
            self._queue.clear()
            self._lagging = False
        else:
            message = self._queue.popleft()
        if not self._queue:
            self._ready.clear()
        return message
