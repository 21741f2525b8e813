"""The load behind the live page: a PBX with many queues, callers who wait there, and their agents.

The number of waiting callers stays the same: of each two events one caller joins and one gives up.
"""

import asyncio
import itertools
import random
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from tests.adapters.scripted import Connection as Client
from tests.adapters.scripted import Fields, ScriptedPbx, message

LATE: Final = (70.0, 100.0)
EARLY: Final = (0.0, 8.0)
"""How long ago (s) a third and the rest of the callers arrived: first, nobody's state changes."""
QUEUES_OF_AN_AGENT: Final = 2


@dataclass(frozen=True, slots=True)
class Centre:
    """So many callers in so many queues, with so many agents logged in."""

    callers: int
    queues: int
    agents: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """``rate`` events a second for ``seconds``: callers come, callers leave."""

    rate: float
    seconds: float


def run(orders: Connection) -> None:
    """Serve one monitor: first tell the port, then carry out orders until there are no more."""
    asyncio.run(_run(orders))


async def _run(orders: Connection) -> None:
    pbx = ScriptedPbx()
    pbx.answers["Ping"] = lambda _, action: _pong(action)
    async with pbx:
        orders.send(pbx.port)
        board: _Board | None = None
        while (order := await _next(orders)) is not None:
            if isinstance(order, Centre):
                board = _Board(pbx.live, order)
                await board.fill()
            elif board is not None:
                await board.move(order)
            orders.send("done")


async def _next(orders: Connection) -> Centre | Traffic | None:
    try:
        order: Centre | Traffic = await asyncio.to_thread(orders.recv)
    except EOFError:
        return None
    return order


def _pong(action: Fields) -> bytes:
    stamp = f"{time.time():.6f}"
    return message(
        Response="Success", ActionID=action["ActionID"], Ping="Pong", Timestamp=stamp
    )  # fmt: skip


class _Board:
    """What goes on at the PBX; the same at each run, but for the moments."""

    def __init__(self, client: Client, centre: Centre) -> None:
        self._client = client
        self._centre = centre
        self._random = random.Random(5)
        self._numbers = itertools.count(1)
        self._waiting: deque[dict[str, str]] = deque()

    async def fill(self) -> None:
        now = time.time()
        for number in range(self._centre.agents):
            for offset in range(QUEUES_OF_AN_AGENT):
                self._log_in(number, _queue((number + offset) % self._centre.queues), now)
        for number in range(self._centre.callers):
            self._join(now - self._random.uniform(*(EARLY if number % 3 else LATE)))
        await self._client.writer.drain()

    async def move(self, traffic: Traffic) -> None:
        """At an even pace: a caller joins, then the one who has waited longest hangs up."""
        begin = time.monotonic()
        for number in range(round(traffic.rate * traffic.seconds)):
            await asyncio.sleep(max(0.0, begin + number / traffic.rate - time.monotonic()))
            if number % 2:
                self._leave(time.time())
            else:
                self._join(time.time())

    def _log_in(self, number: int, queue: str, at: float) -> None:
        name = f"Agent {number:02}"
        self._say(
            "QueueMemberAdded", at, Queue=queue, MemberName=name, Interface=f"PJSIP/{200 + number}",
            Membership="dynamic", Penalty="0", CallsTaken="0", LastCall="0", InCall="0",
            Status="1", Paused="0", PausedReason="", Ringinuse="0", Wrapuptime="0",
        )  # fmt: skip

    def _join(self, at: float) -> None:
        number = next(self._numbers)
        # Some queues have many callers and most have few, as everywhere.
        place = min(int(self._random.expovariate(0.09)), self._centre.queues - 1)
        uniqueid = f"lab-{int(at)}.{number}"
        caller = {
            "Channel": f"PJSIP/trunk-{number:08x}", "ChannelState": "4",
            "ChannelStateDesc": "Ring", "CallerIDNum": f"01{number:08d}",
            "CallerIDName": f"Caller {number}", "Context": "incoming", "Exten": _queue(place),
            "Priority": "1", "Uniqueid": uniqueid, "Linkedid": uniqueid,
        }  # fmt: skip
        queue = _queue(place)
        self._say("Newchannel", at, **caller)
        self._say("Newexten", at, **caller, Extension=queue, Application="Queue", AppData=queue)
        self._say("QueueCallerJoin", at, **caller, Queue=queue, Position="1", Count="1")
        self._waiting.append(caller | {"Queue": queue})

    def _leave(self, at: float) -> None:
        caller = self._waiting.popleft()
        self._say("QueueCallerAbandon", at, **caller, HoldTime="40", Position="1")
        self._say("QueueCallerLeave", at, **caller, Position="1", Count="0")
        self._say("Hangup", at, **caller, Cause="16")

    def _say(self, event: str, at: float, **fields: str) -> None:
        stamp = f"{at:.6f}"
        self._client.send(
            message(Event=event, Privilege="call,all", Timestamp=stamp, SystemName="lab", **fields)
        )


def _queue(number: int) -> str:
    return f"q{number:02}"
