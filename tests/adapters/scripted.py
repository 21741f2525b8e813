"""A PBX that does what a test tells it, for what a real one cannot be made to do; and helpers.

It knows just enough of AMI to let a link come up. Nothing here sleeps: tests wait for what they
want to see, and release the link's naps themselves.
"""

import asyncio
import hashlib
import itertools
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from monitor.core.events import Event, LinkChanged, LinkState
from telephony_adapters.asterisk.ami_link import AmiLink
from telephony_adapters.asterisk.ami_login import AmiSettings

PATIENCE = 60.0  # seconds; only a broken test ever waits that long
SECRET = "s3cret-of-the-test"

Fields = dict[str, str]


def message(**fields: str) -> bytes:
    """One AMI message; underscores in names stand for nothing, a value may be anything."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


class Connection:
    """One client of the scripted PBX."""

    def __init__(self, pbx: "ScriptedPbx", writer: asyncio.StreamWriter) -> None:
        self.pbx = pbx
        self.writer = writer
        self.live = False

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def cut(self) -> None:
        self.writer.transport.abort()


class ScriptedPbx:
    """Answers actions; ``answers`` overrides one by its name: None means silence."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000
        self.actions: list[Fields] = []
        self.connections: list[Connection] = []
        self.answers: dict[str, Callable[[Connection, Fields], bytes | None]] = {}
        self.uptime = 100
        self.greeting = b"Asterisk Call Manager/11.0.0\r\n"
        self.port = 0
        self._challenges = itertools.count(1000)
        self._challenge = ""
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
        for connection in self.connections:
            connection.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def live(self) -> Connection:
        """The connection that gets events."""
        return [connection for connection in self.connections if connection.live][-1]

    def names(self) -> list[str]:
        return [action["Action"] for action in self.actions]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = Connection(self, writer)
        self.connections.append(connection)
        connection.send(self.greeting)
        try:
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in raw.decode().split("\r\n") if line)
                self.actions.append(fields)
                answer = self.answer(connection, fields)
                if answer is not None:
                    connection.send(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, connection: Connection, action: Fields) -> bytes | None:
        """What the PBX says to an action; None for nothing."""
        return self.answers.get(action["Action"], self._usual)(connection, action)

    def _usual(self, connection: Connection, action: Fields) -> bytes | None:
        name = action["Action"]
        reply = {"Response": "Success", "ActionID": action["ActionID"]}
        if name == "Challenge":
            self._challenge = str(next(self._challenges))
            return message(**reply, Challenge=self._challenge)
        if name == "Login":
            return self._login(connection, action, reply)
        if name == "Ping":
            return message(**reply, Ping="Pong", Timestamp=f"{self.now / 1000:.6f}")
        if name in ("BridgeList", "CoreShowChannels", "QueueSummary", "QueueStatus"):
            return self.listing(action, [])
        if name == "Filter":
            return message(**reply, Message="Success")
        return message(**reply)

    def _login(self, connection: Connection, action: Fields, reply: Fields) -> bytes:
        expected = hashlib.md5((self._challenge + SECRET).encode()).hexdigest()
        if action.get("Key") != expected and action.get("Secret") != SECRET:
            return message(**{**reply, "Response": "Error"}, Message="Authentication failed")
        connection.live = action["Events"] != "off"
        data = message(**reply, Message="Authentication accepted")
        if connection.live and self.uptime >= 0:
            data += message(Event="FullyBooted", Uptime=str(self.uptime))
        return data

    def listing(self, action: Fields, items: Iterable[Fields]) -> bytes:
        name = action["Action"]
        ident = {"ActionID": action["ActionID"]}
        data = message(Response="Success", **ident, EventList="start", Message="will follow")
        for item in items:
            data += message(**item, **ident)
        return data + message(Event=f"{name}Complete", **ident, EventList="Complete")

    def denied(self, _: Connection, action: Fields) -> bytes:
        return message(Response="Error", ActionID=action["ActionID"], Message="Permission denied")

    def silent(self, _: Connection, __: Fields) -> None:
        return None


class Sink:
    """Collects what a link emits and lets a test wait for it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.broken: Callable[[Event], bool] = lambda _: False
        self._changed = asyncio.Event()

    def __call__(self, event: Event) -> None:
        if self.broken(event):
            raise RuntimeError("the sink is broken on purpose")
        self.events.append(event)
        self._changed.set()

    async def until(self, enough: Callable[[list[Event]], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not enough(self.events):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"not within {PATIENCE:g} s; heard: {self.events[-20:]}") from None

    async def until_link(self, state: LinkState, times: int = 1) -> None:
        await self.until(lambda _: len(self.links(state)) >= times)

    def links(self, state: LinkState) -> list[LinkChanged]:
        return [e for e in self.events if isinstance(e, LinkChanged) and e.state is state]


class Naps:
    """The link's sleep: every nap lasts until the test ends it."""

    def __init__(self) -> None:
        self._naps: asyncio.Queue[tuple[float, asyncio.Future[None]]] = asyncio.Queue()
        self.lengths: list[float] = []

    async def __call__(self, seconds: float) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lengths.append(seconds)
        self._naps.put_nowait((seconds, over))
        await over

    async def end_next(self) -> float:
        """Wait for the link to nap, end the nap, return how long it would have been (s)."""
        async with asyncio.timeout(PATIENCE):
            while True:
                seconds, over = await self._naps.get()
                if not over.done():
                    over.set_result(None)
                    return seconds


class Linked:
    """A link to a scripted (or real) PBX, running for the time of a ``with`` block."""

    def __init__(self, pbx: ScriptedPbx, **settings: object) -> None:
        self.pbx = pbx
        self.sink = Sink()
        self.naps = Naps()
        self.clock = pbx.now
        values = {"secret": SECRET, "ping_timeout": 5.0, "boot_patience": 0.05, **settings}
        self.settings = AmiSettings(
            name="lab", host="127.0.0.1", port=pbx.port, username="minuteur",
            **values,  # type: ignore[arg-type]
        )  # fmt: skip
        self.link = AmiLink(
            self.settings, self.sink, lambda: self.clock, random=lambda: 0.5, sleep=self.naps
        )

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
