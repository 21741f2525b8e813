"""An ARI that does what a test tells it: enough of HTTP and websockets for a link to come up."""

import asyncio
import base64
import json
import logging
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from telephony_adapters.asterisk.ari_client import ALL_CHANNELS, AriSettings
from telephony_adapters.asterisk.ari_link import AriLink
from tests.adapters.scripted import SECRET, Naps, Sink

NOW = 1_700_000_000_000
STAMP = "2023-11-14T22:13:20.000+0000"
"""The same moment as ARI writes it."""

Answer = tuple[int, Any]

_quiet = logging.getLogger(f"{__name__}.quiet")
_quiet.setLevel(logging.WARNING)


def channel(uniqueid: str, app: str = "Stasis", data: str = "ivr-app,a,b") -> dict[str, Any]:
    """A channel as ARI shows it."""
    place = {"context": "incoming", "exten": "s", "priority": 2, "app_name": app, "app_data": data}
    return {"id": uniqueid, "name": f"PJSIP/trunk-{uniqueid}", "state": "Up", "dialplan": place}


def event(kind: str, stamp: str = STAMP, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """An event as ARI sends it."""
    return {"type": kind, "timestamp": stamp, "application": "minuteur", **fields}


class Stream:
    """One client's websocket."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def send(self, *events: dict[str, Any]) -> None:
        for one in events:
            self.send_raw(json.dumps(one).encode())

    def send_raw(self, data: bytes) -> None:
        self._writer.write(Frame(Opcode.TEXT, data).serialize(mask=False))

    def cut(self) -> None:
        self._writer.transport.abort()


class ScriptedAri:
    """Answers requests; ``answers`` overrides one by its method and path: None means silence."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[str] = []
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.streams: list[Stream] = []
        self.listed: list[dict[str, Any]] = []
        self.answers: dict[str, Callable[[], Answer | None]] = {}
        self.deaf = False
        self.on_listing: Callable[[], None] = lambda: None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
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
        for stream in self.streams:
            stream.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def stream(self) -> Stream:
        return self.streams[-1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                method, path = head.split(b" ")[:2]
                request = f"{method.decode()} {path.decode().partition('?')[0]}"
                self.requests.append(request)
                answer = self._answer(head, request)
                if answer == (101, None):
                    await self._websocket(head, reader, writer)
                    return
                length = re.search(rb"content-length: (\d+)", head.lower())
                self.bodies.append(await reader.readexactly(int(length[1]) if length else 0))
                if answer is not None:
                    writer.write(_http(*answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, head: bytes, request: str) -> Answer | None:
        account = base64.b64encode(f"minuteur:{SECRET}".encode())
        if b"Basic " + account not in head:
            return 401, {"message": "Authentication required"}
        if request in self.answers:
            return self.answers[request]()
        if request == "GET /ari/channels":
            self.on_listing()
            return 200, self.listed
        if request == "GET /ari/applications/minuteur":
            return 404, {"message": "Application not found"}
        if request == "PUT /ari/applications/minuteur/eventFilter":
            return 200, {"name": "minuteur", "channel_ids": [ALL_CHANNELS]}
        return (101, None) if request == "GET /ari/events" else (404, "<html>not found</html>")

    async def _websocket(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        protocol = ServerProtocol(logger=_quiet)
        protocol.receive_data(head)
        request = protocol.events_received()[0]
        assert isinstance(request, Request)
        protocol.send_response(protocol.accept(request))
        writer.writelines(protocol.data_to_send())
        self.streams.append(Stream(writer))
        while data := await reader.read(65536):
            protocol.receive_data(data)
            protocol.events_received()
            if not self.deaf:
                writer.writelines(protocol.data_to_send())  # pongs
            if protocol.close_expected():
                return


def _http(status: int, body: Any) -> bytes:  # noqa: ANN401 - JSON
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(data)) + data


class LinkedAri:
    """An ARI link to a scripted (or real) PBX, running for the time of a ``with`` block."""

    def __init__(
        self, port: int, path: str = "/ari", now: Callable[[], int] = lambda: NOW,
        **settings: Any,  # noqa: ANN401
    ) -> None:  # fmt: skip
        self.sink = Sink()
        self.naps = Naps()
        self.raw: list[bytes] = []
        values = {"username": "minuteur", "password": SECRET, "app": "minuteur", **settings}
        self.settings = AriSettings(name="lab", url=f"http://127.0.0.1:{port}{path}", **values)
        self.link = AriLink(
            self.settings, self.sink, now, tap=self.raw.append, random=lambda: 0.5,
            sleep=self.naps,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.link.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
