"""Wire to stream: from an event's write at the PBX to the message at a client of the live stream.

Three processes: the load as PBX, ``minuteur serve``, and the clients. The load stamps each event
with the moment of its write; a client finds that moment in the call that the event changed.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, Final

import orjson
from websockets.asyncio.client import connect

from tests.bench import pbx
from tests.bench.house import serving
from tests.bench.isolation import heard, helper
from tests.bench.noise import noise
from tests.bench.results import Result, percentile

BAR: Final = 150.0
"""Milliseconds, for 99 of 100."""
MOMENTS: Final = ("joined_at", "left_at", "answered_at")
"""A visit's fields that hold the moment of the event that changed it."""
REFUSED: Final = ("join_empty", "full")
"""Exits of visits that no event announced: their moments are older than the event."""

Arrival = tuple[int, float]
"""A delta's number, and when a client had it (ms since the epoch)."""


def measure(clients: int, rate: int, seconds: float) -> list[Result]:
    """``rate`` AMI events a second for ``seconds``, with so many clients."""
    with helper(pbx.run) as orders, helper(listen) as ears:
        port: int = heard(orders)
        with serving(port) as house:
            address = f"{house.url.replace('http', 'ws', 1)}/api/v1/live/stream"
            ears.send((address, house.headers, clients))
            heard(ears)
            with noise() as around:
                orders.send(pbx.Flow(rate, seconds))
                heard(orders)
                time.sleep(0.5)
            ears.send(0.0)
            late: list[float] = heard(ears)
    p50, p99 = percentile(late, 50), percentile(late, 99)
    return [
        Result(
            f"event on the wire → stream, {clients} clients, {rate:,} events/s, p99", p99, "ms",
            BAR, at_least=False, baseline=around.p99, baseline_is="a process that only sleeps",
            note=f"{len(late):,} arrivals: p50 {p50:.1f} ms, max {max(late):.1f} ms",
        )
    ]  # fmt: skip


def listen(orders: Connection) -> None:
    """The clients' process: connect, listen until told since when, then say how late all was."""
    asyncio.run(_listen(orders))


async def _listen(orders: Connection) -> None:
    address, headers, clients = await asyncio.to_thread(orders.recv)
    texts: dict[int, str] = {}
    arrivals: list[Arrival] = []
    ready = [asyncio.Event() for _ in range(clients)]
    tasks = [
        asyncio.create_task(_client(address, headers, texts, arrivals, event)) for event in ready
    ]
    await asyncio.gather(*(event.wait() for event in ready))
    orders.send("ready")
    since: float = await asyncio.to_thread(orders.recv)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    orders.send(delays(texts, arrivals, since))


async def _client(
    address: str, headers: dict[str, str], texts: dict[int, str], arrivals: list[Arrival],
    ready: asyncio.Event,
) -> None:  # fmt: skip
    async with connect(
        address, additional_headers=headers, max_size=None, compression=None
    ) as socket:
        await socket.recv()
        ready.set()
        async for message in socket:
            now = time.time_ns() / 1e6
            text = str(message)
            if text.startswith('{"type":"delta","seq":'):
                number = int(text[22 : text.index(",", 22)])
                # All clients get the same text; it is read when all is over.
                texts.setdefault(number, text)
                arrivals.append((number, now))


def delays(texts: dict[int, str], arrivals: list[Arrival], since: float = 0.0) -> list[float]:
    """Milliseconds from each event's write to each client's having it.

    Args:
        texts: the deltas, by their numbers.
        arrivals: when clients had them.
        since: of moments before this one (s since the epoch) nothing was written.
    """
    news: dict[int, list[float]] = {}
    seen: set[tuple[str, str]] = set()
    for number in sorted(texts):
        found = set(_moments(orjson.loads(texts[number]))) - seen
        seen |= found
        moments = [datetime.fromisoformat(moment).timestamp() for _, moment in found]
        news[number] = [moment * 1e3 for moment in moments if moment >= since]
    return [now - moment for number, now in arrivals for moment in news[number]]


def _moments(delta: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(call, moment) of all that a delta says of calls."""
    for change in delta["changes"]:
        if change["kind"] != "call":
            continue
        call = change["call"]
        if call["ended_at"] is not None:
            yield call["id"], call["ended_at"]
        for visit in call["visits"]:
            if visit["exit"] not in REFUSED:
                yield from ((call["id"], visit[name]) for name in MOMENTS if visit[name])
