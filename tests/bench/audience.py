"""Many pages at once: from an event at the PBX to the message at every client, and the cost.

Processes: the PBX, ``minuteur serve``, two that hold the clients, and one with two bad clients: one
that never reads, and one that reads a message now and then.
"""

import asyncio
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final
from urllib.parse import urlsplit

from websockets.sync.client import connect

from tests.bench import board_pbx
from tests.bench.house import PATIENCE, House, serving
from tests.bench.isolation import heard, helper
from tests.bench.noise import noise
from tests.bench.results import Result, percentile
from tests.bench.wire import Arrival, delays

CENTRE: Final = board_pbx.Centre(callers=300, queues=40, agents=60)
BAR_MS: Final = 250.0
"""For 99 of 100 arrivals at the clients."""
BAR_CPU: Final = 100.0
"""Per cent of one processor that the server may take."""
PROCESSES: Final = 2
SLOW_S: Final = 0.5
"""Pause of the client that reads slowly, after each message."""
SETTLE_S: Final = 3.0
"""After all have connected: what that cost is not part of the measurement."""
MIB: Final = 2**20
PING: Final = 0x89
PONG: Final = 0x8A
"""First bytes of whole frames (RFC 6455, 5.2)."""
DELTA: Final = b'{"type":"delta","seq":'


@dataclass(frozen=True, slots=True)
class Cost:
    """What the server took while it was measured."""

    cpu: float
    """Per cent of one processor."""
    memory: float
    """MiB at the end."""
    grown: float
    """MiB by which the memory grew."""


def measure(clients: int, rates: tuple[int, ...], seconds: float) -> list[Result]:
    """So many clients, at each rate of events a second in turn."""
    return [result for rate in rates for result in _measure(clients, rate, seconds)]


def _measure(clients: int, rate: int, seconds: float) -> list[Result]:
    with ExitStack() as running:
        orders = running.enter_context(helper(board_pbx.run))
        house = running.enter_context(serving(heard(orders)))
        orders.send(CENTRE)
        heard(orders)
        address = f"{house.url.replace('http', 'ws', 1)}/api/v1/live/stream"
        bad = running.enter_context(helper(misbehave))
        bad.send((address, house.headers))
        heard(bad)
        ears = [running.enter_context(helper(listen)) for _ in range(PROCESSES)]
        for ear in ears:
            ear.send((address, house.headers, clients // PROCESSES))
        for ear in ears:
            heard(ear)
        time.sleep(min(SETTLE_S, seconds))
        since = time.time()
        with noise() as around:
            cost = _cost(house, orders, rate, seconds)
        for ear in ears:
            ear.send(since)
        late: list[float] = [delay for ear in ears for delay in heard(ear)]
        bad.send("enough")
    what = f"{clients} clients, {rate} events/s"
    p50, p99 = percentile(late, 50), percentile(late, 99)
    return [
        Result(
            f"event on the wire → page, {what}, p99", p99, "ms", BAR_MS, at_least=False,
            baseline=around.p99, baseline_is="a process that only sleeps",
            note=f"{len(late):,} arrivals: p50 {p50:.1f} ms, max {max(late):.1f} ms; "
            "beside them one client that never reads, and one that reads slowly",
        ),
        Result(
            f"the server's processor, {what}", cost.cpu, "% of one", BAR_CPU, at_least=False,
            note=f"memory {cost.memory:.0f} MiB, {cost.grown:+.1f} MiB meanwhile",
        ),
    ]  # fmt: skip


def _cost(house: House, orders: Connection, rate: int, seconds: float) -> Cost:
    """Have the events sent; say what that cost the server."""
    before, memory = house.process.cpu_times(), house.process.memory_info().rss
    begin = time.monotonic()
    orders.send(board_pbx.Traffic(rate, seconds))
    heard(orders)
    passed = time.monotonic() - begin
    after = house.process.cpu_times()
    time.sleep(0.5)
    spent = after.user + after.system - before.user - before.system
    now = house.process.memory_info().rss
    return Cost(100 * spent / passed, now / MIB, (now - memory) / MIB)


def listen(orders: Connection) -> None:
    """A process of clients: connect, listen until told since when, then say how late all was.

    A client here takes frames apart and looks at their numbers, nothing else: a hundred in one
    process must not be what takes long.
    """
    asyncio.run(_listen(orders))


async def _listen(orders: Connection) -> None:
    address, headers, clients = await asyncio.to_thread(orders.recv)
    place, asked = urlsplit(address), _handshake(address, headers)
    loop = asyncio.get_running_loop()
    texts: dict[int, str] = {}
    arrivals: list[Arrival] = []
    readers = []
    for _ in range(clients):
        reader = _Reader(texts, arrivals)
        await loop.create_connection(lambda reader=reader: reader, place.hostname, place.port)  # type: ignore[misc]
        reader.transport.write(asked)
        readers.append(reader)
    await asyncio.gather(*(reader.ready for reader in readers))
    orders.send("ready")
    since: float = await asyncio.to_thread(orders.recv)
    patience = time.monotonic() + PATIENCE
    while not delays(texts, arrivals, since) and time.monotonic() < patience:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    lost = sum(reader.transport.is_closing() for reader in readers)
    for reader in readers:
        reader.transport.abort()
    if lost:
        raise RuntimeError(f"{lost} clients lost their streams")
    orders.send(delays(texts, arrivals, since))


class _Reader(asyncio.Protocol):
    """A client: its first message is a snapshot, then come deltas, heartbeats and pings."""

    def __init__(self, texts: dict[int, str], arrivals: list[Arrival]) -> None:
        self.ready = asyncio.get_running_loop().create_future()
        self._texts = texts
        self._arrivals = arrivals
        self._buffer = bytearray()
        self._head = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where to write."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Take what is whole."""
        now = time.time_ns() / 1e6
        self._buffer += data
        if self._head:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._head = False
            del self._buffer[: end + 4]
        while (found := self._frame()) is not None:
            kind, frame = found
            if kind == PING:
                self.transport.write(bytes([PONG, 0x80 | len(frame), 0, 0, 0, 0]) + frame)
            elif frame.startswith(DELTA):
                number = int(frame[len(DELTA) : frame.index(b",", len(DELTA))])
                self._arrivals.append((number, now))
                # All clients get the same text; it is read when all is over.
                if number not in self._texts:
                    self._texts[number] = frame.decode()
            elif not self.ready.done():
                self.ready.set_result(None)

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame's kind and payload (RFC 6455, 5.2)."""
        if len(self._buffer) < 2 or (self._buffer[1] > 125 and len(self._buffer) < 10):
            return None
        kind, size, begin = self._buffer[0], self._buffer[1], 2
        if size == 126:
            size, begin = int.from_bytes(self._buffer[2:4]), 4
        elif size == 127:
            size, begin = int.from_bytes(self._buffer[2:10]), 10
        if len(self._buffer) < begin + size:
            return None
        payload = bytes(self._buffer[begin : begin + size])
        del self._buffer[: begin + size]
        return kind, payload


def misbehave(orders: Connection) -> None:
    """The bad clients' process: one that never reads, one that reads slowly."""
    address, headers = orders.recv()
    with (
        _deaf(address, headers),
        connect(address, additional_headers=headers, max_size=None, compression=None) as slow,
    ):
        slow.recv()
        orders.send("ready")
        while not orders.poll(SLOW_S):
            slow.recv()


def _deaf(address: str, headers: dict[str, str]) -> socket.socket:
    """Open a stream with buffers as small as can be, and never read it."""
    place = urlsplit(address)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    client.connect((place.hostname, place.port))
    client.sendall(_handshake(address, headers))
    return client


def _handshake(address: str, headers: dict[str, str]) -> bytes:
    place = urlsplit(address)
    asked = {
        "Host": place.netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **headers,
    }
    lines = [f"GET {place.path} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items())]
    return "\r\n".join([*lines, "", ""]).encode()
