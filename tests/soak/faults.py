"""Faults: a proxy between the monitor and AMI that fails on demand, and deaths of the monitor."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, zero seconds: closing sends RST."""


class _Pipe:
    """One client's connection and ours to the PBX."""

    def __init__(self, client: asyncio.StreamWriter, pbx: asyncio.StreamWriter) -> None:
        self.writers = (client, pbx)
        self.swallows = False

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what comes, or take it and say nothing."""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self.swallows:
                    writer.write(data)
                    await writer.drain()
        if not self.swallows:
            writer.close()

    def close(self, *, reset: bool) -> None:
        """Close both sides."""
        for writer in self.writers:
            raw = writer.get_extra_info("socket")
            if reset and raw is not None:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                writer.transport.abort()
            else:
                writer.close()


class FaultyLink:
    """A TCP proxy in a thread of its own, with faults to order. Use it as a context manager."""

    def __init__(self, port: int, target: int) -> None:
        """Listen on ``port`` and pass on to ``target``, both on 127.0.0.1."""
        self.port = port
        self._target = target
        self._pipes: set[_Pipe] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-link")

    # -- faults --------------------------------------------------------------------------------

    def cut(self, *, reset: bool) -> None:
        """End all connections at once, by RST or by FIN."""
        self._do(self._cut(reset))

    def swallow(self) -> None:
        """Let all connections of now stay up and pass nothing on: half-open TCP.

        Connections that come later are sound.
        """
        self._do(self._swallow())

    def refuse(self) -> None:
        """Take no further connections; the port is closed."""
        self._do(self._close_server())

    def accept(self) -> None:
        """Take connections again."""
        self._do(self._open_server())

    @property
    def connections(self) -> int:
        """How many connections there are now."""
        return len(self._pipes)

    # -- life ----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._thread.start()
        self.accept()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # -- in the loop ---------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open_server(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _close_server(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    async def _cut(self, reset: bool) -> None:
        for pipe in list(self._pipes):
            pipe.close(reset=reset)

    async def _swallow(self) -> None:
        for pipe in self._pipes:
            pipe.swallows = True

    async def _end(self) -> None:
        await self._close_server()
        await self._cut(reset=True)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # asyncio.streams of Python 3.11 complains of a task that ends cancelled
        with contextlib.suppress(asyncio.CancelledError):
            await self._pass_on(reader, writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            self._tasks.discard(task)
            return
        pipe = _Pipe(writer, far_writer)
        self._pipes.add(pipe)
        try:
            await asyncio.gather(pipe.pump(reader, far_writer), pipe.pump(far_reader, writer))
        finally:
            pipe.close(reset=True)
            self._pipes.discard(pipe)
            self._tasks.discard(task)


def later(seconds: float, do: Callable[[], None]) -> threading.Timer:
    """Do something after a while, in a thread; join it before the end."""
    timer = threading.Timer(seconds, do)
    timer.start()
    return timer
