"""Growth: what one event costs the engine while 100, or 100,000, calls are live.

Calls arrive, are answered and end, so that their number stays the same; every one is answered and
ended long after it arrived, when its record is no longer in the processor's cache.
"""

import time
from collections.abc import Iterator
from itertools import cycle, islice
from statistics import median
from typing import Final

from monitor.collector import seldom_collected
from monitor.core import events as ev
from monitor.core.clock import SECOND, Ms
from monitor.core.engine import Engine
from monitor.core.policy import Policy
from tests.bench.isolation import isolated
from tests.bench.results import Result
from tests.bench.stream import PBX

BAR: Final = 1.3
LASTS: Final[Ms] = 600 * SECOND
"""How long each call lasts."""
ANSWERED: Final[Ms] = 30 * SECOND
"""How long each caller waits."""
SETTLED: Final = 130
"""How many calls must have come, in percent of those live, until as many are forgotten as come."""
SLICES: Final = 10
"""The least disturbed of so many parts counts."""
BATCH: Final = 20
"""Calls between two looks at the clock, as the runtime does it every 200 events."""
T0: Final[Ms] = 1_763_718_000_000
POLICY: Final = Policy(incoming_contexts=((PBX, ("incoming",)),))
QUEUES: Final = ("support", "sales", "billing", "orders")


def measure(few: int, many: int, steps: int, rounds: int) -> list[Result]:
    """Compare ``few`` with ``many`` live calls; ``steps`` calls come and go in each of them."""
    small, large = [], []
    for _ in range(rounds):
        small.append(isolated(cost, few, steps))
        large.append(isolated(cost, many, steps))
    best = min(large) / min(small)
    return [
        Result(
            f"engine, cost of an event, {few:,} → {many:,} live calls",
            min(large) * 1e6,
            "µs/event",
            BAR,
            at_least=False,
            baseline=min(small) * 1e6,
            baseline_is=f"{few:,} calls",
            ratio=best,
            note=f"processor time, best of {rounds} alternating rounds, each in a new process; "
            f"of the medians {median(large) / median(small):.2f}x",
        )
    ]


def cost(live: int, steps: int) -> float:
    """Seconds of processor time that one event takes with so many live calls."""
    engine = Engine(POLICY)
    engine.advance(T0)
    engine.handle(ev.PbxSnapshot(PBX, T0))
    engine.handle(ev.LinkChanged(PBX, T0, ev.LinkState.CONNECTED))
    script = batches(live)
    # Until the first calls were forgotten: then nothing grows any more.
    for batch in islice(script, -(-SETTLED * live // BATCH // 100)):
        run(engine, batch)
    with seldom_collected():  # as the composition root runs it
        slices = [
            _slice(engine, list(islice(script, -(-steps // BATCH // SLICES))))
            for _ in range(SLICES)
        ]
    present = len(engine.snapshot().calls)
    if abs(present - live) > BATCH + live // 50:
        raise RuntimeError(f"{present} calls are live instead of {live}: this measures nothing")
    return min(slices)


def _slice(engine: Engine, batches: list[list[ev.Event]]) -> float:
    """Seconds for one event, over some batches."""
    begin = time.process_time()
    for batch in batches:
        run(engine, batch)
    return (time.process_time() - begin) / sum(map(len, batches))


def run(engine: Engine, batch: list[ev.Event]) -> None:
    """Hand one batch to the engine and look at the clock."""
    for event in batch:
        engine.handle(event)
    engine.advance(batch[-1].at)


def batches(live: int) -> Iterator[list[ev.Event]]:
    """Events for ever, with always ``live`` calls: one comes, one is answered, one ends."""
    answered_behind = max(1, live * ANSWERED // LASTS)
    step = LASTS / live
    agents = [f"PJSIP/agent{number}" for number in range(200)]
    queues = cycle(QUEUES)
    number = 0
    while True:
        batch: list[ev.Event] = []
        for number in range(number, number + BATCH):  # noqa: B020 - goes on counting
            at = T0 + round(number * step)
            batch += arrival(number, at, next(queues))
            if number >= answered_behind:
                answered = number - answered_behind
                batch += answer(answered, at, agents[answered % len(agents)])
            if number >= live:
                batch += end(number - live, at, agents[(number - live) % len(agents)])
        number += 1
        yield batch


def queue_of(number: int) -> str:
    """The queue that a call joins."""
    return QUEUES[number % len(QUEUES)]


def arrival(number: int, at: Ms, queue: str) -> list[ev.Event]:
    """A caller arrives and joins a queue."""
    uid, channel = f"lab-{T0 // SECOND}.{number}", f"PJSIP/trunk-{number:08x}"
    return [
        ev.ChannelArrived(PBX, at, uid, uid, channel, "incoming", queue, f"01{number:08d}", ""),
        ev.DialplanStep(PBX, at, uid, "incoming", queue, "Answer"),
        ev.DialplanStep(PBX, at, uid, "incoming", queue, "Queue", queue),
        ev.QueueJoined(PBX, at, uid, queue, 1),
    ]


def answer(number: int, at: Ms, agent: str) -> list[ev.Event]:
    """An agent takes a caller."""
    uid, queue = f"lab-{T0 // SECOND}.{number}", queue_of(number)
    agent_uid, bridge = f"{uid}0", f"bridge-{number}"
    return [
        ev.AgentOffered(PBX, at, uid, queue, agent, agent),
        ev.DialEnded(PBX, at, uid, agent_uid, f"{agent}-{number:08x}", "ANSWER"),
        ev.BridgeEntered(PBX, at, agent_uid, f"{agent}-{number:08x}", bridge, "basic"),
        ev.QueueLeft(PBX, at, uid, queue),
        ev.AgentConnected(PBX, at, uid, queue, agent, agent, agent_uid),
        ev.BridgeEntered(PBX, at, uid, f"PJSIP/trunk-{number:08x}", bridge, "basic"),
    ]


def end(number: int, at: Ms, agent: str) -> list[ev.Event]:
    """The conversation ends, and the call with it."""
    uid, queue = f"lab-{T0 // SECOND}.{number}", queue_of(number)
    bridge = f"bridge-{number}"
    return [
        ev.BridgeLeft(PBX, at, uid, bridge),
        ev.BridgeLeft(PBX, at, f"{uid}0", bridge),
        ev.AgentCompleted(PBX, at, uid, queue, agent, agent, "caller"),
        ev.HangupRequested(PBX, at, uid),
        ev.ChannelGone(PBX, at, uid, 16),
    ]
