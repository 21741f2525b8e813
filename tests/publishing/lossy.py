"""A TCP proxy before the broker that loses what the broker says: its acknowledgements."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self


class LossyLink:
    """Passes on to ``target`` on 127.0.0.1; belongs to the event loop that enters it."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._deaf: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()

    def lose_answers(self) -> None:
        """Pass on to the broker and nothing back, on the connections of now."""
        self._deaf |= self._clients

    def cut(self) -> None:
        """End the connections of now."""
        for writer in self._clients:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._clients.add(client)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                back, broker = await asyncio.open_connection("127.0.0.1", self._target)
                try:
                    await self._pass_on(reader, client, back, broker)
                finally:
                    broker.close()
        finally:
            client.close()
            self._clients.discard(client)
            self._deaf.discard(client)
            self._tasks.discard(task)

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        back: asyncio.StreamReader,
        broker: asyncio.StreamWriter,
    ) -> None:
        """Both ways, until either side ends."""
        ways = [
            asyncio.ensure_future(self._pump(reader, broker)),
            asyncio.ensure_future(self._pump(back, client)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if writer not in self._deaf:
                writer.write(data)
                await writer.drain()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await self._server.wait_closed()
        await asyncio.gather(*self._tasks, return_exceptions=True)
