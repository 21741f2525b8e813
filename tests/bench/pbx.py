"""The load: a process that speaks AMI like an Asterisk and sends callers and a real stream.

It knows no event filter, as Asterisk before 22.1, so that all events have to be framed and dropped
by the monitor.
"""

import asyncio
import time
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from typing import Final

from tests.adapters.scripted import Connection as Client
from tests.adapters.scripted import Fields, ScriptedPbx, message
from tests.bench.stream import Capture, restamped

QUEUES: Final = ("support", "sales", "billing", "orders", "returns")
TICK: Final = 0.01
"""Seconds between two writes of the stream: 20 events of 2,000 a second."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Callers who wait: each arrived so that its deadline falls due when it should.

    Deadlines are spread evenly over ``spread`` seconds, beginning ``lead`` seconds from now.
    """

    callers: int
    within: float
    lead: float
    spread: float


@dataclass(frozen=True, slots=True)
class Flow:
    """A stream of ``rate`` AMI events a second for ``seconds``."""

    rate: int
    seconds: float


def run(orders: Connection) -> None:
    """Serve one monitor: first tell the port, then carry out orders until there are no more."""
    asyncio.run(_run(orders))


async def _run(orders: Connection) -> None:
    pbx = ScriptedPbx()
    pbx.answers["Filter"] = pbx.denied
    pbx.answers["Ping"] = _pong
    pbx.answers["Events"] = lambda client, action: _succeed(action)
    async with pbx:
        orders.send(pbx.port)
        while (order := await _next(orders)) is not None:
            if isinstance(order, Waiting):
                await _fill(pbx.live, order)
            else:
                await _play(pbx.live, order)
            orders.send("done")


async def _next(orders: Connection) -> Waiting | Flow | None:
    try:
        order: Waiting | Flow = await asyncio.to_thread(orders.recv)
    except EOFError:
        return None
    return order


def _pong(_: Client, action: Fields) -> bytes:
    return message(
        Response="Success", ActionID=action["ActionID"], Ping="Pong",
        Timestamp=f"{time.time():.6f}",
    )  # fmt: skip


def _succeed(action: Fields) -> bytes:
    return message(Response="Success", ActionID=action["ActionID"])


async def _fill(client: Client, order: Waiting) -> None:
    first = time.time() + order.lead - order.within
    for number in range(order.callers):
        arrived = first + number * order.spread / order.callers
        client.send(_arrival(number, arrived))
        if number % 100 == 0:
            await client.writer.drain()
    await client.writer.drain()


def _arrival(number: int, at: float) -> bytes:
    """A caller arrives, runs the dialplan and joins a queue, as Asterisk 22 says it."""
    uniqueid, queue = f"lab-{int(at)}.{900_000 + number}", QUEUES[number % len(QUEUES)]
    channel = {
        "Channel": f"PJSIP/trunk-{number:08x}",
        "ChannelState": "4",
        "ChannelStateDesc": "Ring",
        "CallerIDNum": f"01{number:08d}",
        "CallerIDName": f"Caller {number}",
        "ConnectedLineNum": "<unknown>",
        "ConnectedLineName": "<unknown>",
        "Language": "en",
        "AccountCode": "",
        "Context": "incoming",
        "Exten": queue,
        "Priority": "1",
        "Uniqueid": uniqueid,
        "Linkedid": uniqueid,
    }
    said: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("Newchannel", "call,all", {}),
        (
            "Newexten",
            "dialplan,all",
            {"Extension": queue, "Application": "Queue", "AppData": queue},
        ),
        ("QueueCallerJoin", "agent,all", {"Queue": queue, "Position": str(number), "Count": "1"}),
    )
    return b"".join(
        message(
            Event=name, Privilege=privilege, Timestamp=f"{at:.6f}", SystemName="lab",
            **channel, **more,
        )
        for name, privilege, more in said
    )  # fmt: skip


async def _play(client: Client, order: Flow) -> None:
    """Send the capture's events at an even pace, each stamped with the moment it is sent at."""
    frames = iter(_frames(round(order.rate * order.seconds) + order.rate))
    begin, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begin) < order.seconds:
        due = int(passed * order.rate) - sent
        now = time.time()
        client.send(b"".join(restamped(frame, now) for frame in islice(frames, due)))
        sent += due
        await asyncio.sleep(TICK)


def _frames(count: int) -> list[bytes]:
    """So many events, made beforehand: the pace must not suffer from it."""
    capture = Capture()
    later = int(time.time()) - capture.begin
    frames: list[bytes] = []
    for number in range(-(-count // capture.events)):
        frames += capture.frames(number, later + number * capture.span)
    return frames
