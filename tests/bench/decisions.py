"""Decisions: how long a dialplan waits for its answer while events flow.

Three processes: the load as PBX, ``minuteur serve`` with rules, and those who ask, at an even pace
whether or not answers come. A question's time runs from the moment at which it is due.
"""

import asyncio
import base64
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final, cast
from urllib.parse import urlsplit

import uvloop

from tests.bench import pbx
from tests.bench.house import serving
from tests.bench.isolation import heard, helper
from tests.bench.noise import noise
from tests.bench.results import Result, percentile

BAR: Final = 20.0
"""Milliseconds, for 99 answers of 100."""
WAITING: Final = 500
SETTLING: Final = 2.0
"""Seconds in which events flow before anybody asks."""
PATIENCE: Final = 30.0
"""Seconds to wait for the last answers."""
RULES: Final = """
[[overflow_rule]]
id = "late"
priority = 1
how = "ask"
queues = ["*"]
when = [{ metric = "miss_probability", at_least = 0.999 }, { metric = "open", at_most = 0 }]
do = { withdraw = { context = "overflow", exten = "closed" } }
[[overflow_rule]]
id = "crowded"
how = "ask"
queues = ["support", "sales"]
when = [{ metric = "waiting", at_least = 1 }, { metric = "agents_available", at_most = 1000 }]
do = { withdraw = { context = "overflow", exten = "crowded" } }
at_most = 100_000
"""


@dataclass(frozen=True, slots=True)
class Questions:
    """``rate`` questions a second for ``seconds``; ``kept``: connections are used again."""

    url: str
    token: str
    rate: int
    seconds: float
    kept: bool


def measure(rate: int, events: int, seconds: float) -> list[Result]:
    """``rate`` questions and ``events`` AMI events a second, for ``seconds`` in each way."""
    with (
        helper(pbx.run) as orders,
        helper(ask) as dialplans,
        serving(heard(orders), within=600, at_risk_after=590, more=RULES) as house,
    ):
        orders.send(pbx.Waiting(WAITING, within=600, lead=500, spread=60))
        heard(orders)
        house.wait_for("minuteur_queue_waiting", WAITING)
        return [
            _one_way(
                dialplans, orders, events, Questions(house.url, house.token, rate, seconds, kept)
            )
            for kept in (True, False)
        ]


def _one_way(
    dialplans: Connection, orders: Connection, events: int, questions: Questions
) -> Result:
    with noise() as around:
        # the stream is made before it flows, by a processor that is needed
        settling = min(SETTLING, questions.seconds)
        orders.send(pbx.Flow(events, settling + questions.seconds))
        time.sleep(settling)
        dialplans.send(questions)
        taken: list[float] = heard(dialplans)
        heard(orders)
    p50, p99 = percentile(taken, 50), percentile(taken, 99)
    way = "kept connections" if questions.kept else "a new connection each"
    return Result(
        f"{questions.rate:,} decisions/s, {way}, {events:,} events/s, p99", p99, "ms",
        BAR, at_least=False, baseline=around.p99, baseline_is="a process that only sleeps",
        note=f"{len(taken):,} answers: p50 {p50:.1f} ms, max {max(taken):.1f} ms",
    )  # fmt: skip


# --- those who ask --------------------------------------------------------------------------------


def ask(orders: Connection) -> None:
    """The dialplans' process: ask as told, say how long each answer took (ms)."""
    while True:
        try:
            questions: Questions = orders.recv()
        except EOFError:
            return
        # as little as can be of the processors that the monitor needs
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            orders.send(runner.run(_ask(questions)))


class _Asker(asyncio.Protocol):
    """One connection: sends one question at a time, and gives itself back when it is answered."""

    def __init__(self, free: "deque[_Asker] | None", taken: list[float]) -> None:
        self._free = free
        self._taken = taken
        self._due = 0.0
        self._question = b""
        self._said = b""
        self._transport: asyncio.Transport | None = None

    def ask(self, question: bytes, due: float) -> None:
        """Ask; at once, or when the connection is there."""
        self._question, self._due, self._said = question, due, b""
        if self._transport is not None:
            self._transport.write(question)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server closed it: it closes what nobody used for some seconds."""
        if self._free is not None and self in self._free:
            self._free.remove(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._question)

    def data_received(self, data: bytes) -> None:
        """A part of the answer came."""
        self._said += data
        head, _, body = self._said.partition(b"\r\n\r\n")
        if not body.endswith(b"\n"):
            return
        if not head.startswith(b"HTTP/1.1 200") or not body.startswith(b"overflow=1"):
            raise RuntimeError(f"not an answer to measure: {self._said!r}")
        self._taken.append((time.perf_counter() - self._due) * 1e3)
        if self._free is not None:
            self._free.append(self)
        elif self._transport is not None:
            self._transport.close()


async def _ask(questions: Questions) -> list[float]:
    loop = asyncio.get_running_loop()
    parts = urlsplit(questions.url)
    address = (parts.hostname or "", parts.port or 0)
    taken: list[float] = []
    free: deque[_Asker] = deque()
    opening: set[asyncio.Task[object]] = set()
    basic = base64.b64encode(f"pbx:{questions.token}".encode()).decode()
    begin, sent = time.perf_counter(), 0
    count = round(questions.rate * questions.seconds)
    while sent < count:
        now = time.perf_counter()
        while sent < count and (due := begin + sent / questions.rate) <= now:
            sent += 1
            question = _question(sent, basic, kept=questions.kept)
            if free:
                free.pop().ask(question, due)
                continue
            asker = _Asker(free if questions.kept else None, taken)
            asker.ask(question, due)
            opened = loop.create_connection(
                lambda asker=asker: asker,  # type: ignore[misc]
                *address,
            )
            task: asyncio.Task[object] = loop.create_task(opened)
            opening.add(task)
            task.add_done_callback(opening.discard)
        await asyncio.sleep(max(0.0, begin + sent / questions.rate - time.perf_counter()))
    async with asyncio.timeout(PATIENCE):
        while len(taken) < count:  # noqa: ASYNC110 - set by each answer, it would cost each
            await asyncio.sleep(0.01)
    return taken


def _question(number: int, basic: str, *, kept: bool) -> bytes:
    queue = ("support", "sales")[number % 2]
    query = f"pbx=lab&queue={queue}&uniqueid=lab-1.{number}&caller=01{number:08d}&format=dialplan"
    return (
        f"GET /api/v1/overflow/decision?{query} HTTP/1.1\r\nHost: monitor\r\n"
        f"Authorization: Basic {basic}\r\nConnection: {'keep-alive' if kept else 'close'}\r\n\r\n"
    ).encode()
