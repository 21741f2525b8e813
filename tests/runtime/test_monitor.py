"""The runtime: events in, effects out, awake at each deadline, hard to kill."""

import asyncio

import pytest

from monitor.core import events as ev
from monitor.core.clock import Ms
from monitor.core.effects import Effect
from monitor.core.engine import Engine
from monitor.core.overflow.engine import Overflow
from monitor.core.records import Verdict
from monitor.runtime import BATCH, Monitor
from tests.core.story import PBX, POLICY, ms
from tests.runtime.watching import verdicts, watching


class Clock:
    def __init__(self) -> None:
        self.now = ms(0)

    def __call__(self) -> int:
        return self.now


def test_a_breach_is_published_at_its_deadline_without_any_event() -> None:
    clock = Clock()
    monitor = Monitor(Engine(POLICY), clock)
    seen = watching(monitor)
    clock.now = ms(59.999)
    monitor.step()
    assert verdicts(seen) == []
    clock.now = ms(60)
    monitor.step()
    assert verdicts(seen) == [Verdict.BREACHED]


async def test_the_task_wakes_by_itself_when_a_deadline_is_there() -> None:
    clock = Clock()
    monitor = Monitor(Engine(POLICY), clock)
    seen = watching(monitor)
    breached = asyncio.Event()
    monitor.subscribe(lambda effects: breached.set() if verdicts(list(effects)) else None)
    clock.now = ms(60)
    running = asyncio.create_task(monitor.run())
    await breached.wait()
    running.cancel()
    assert verdicts(seen) == [Verdict.BREACHED]


def test_a_flood_of_events_does_not_hold_up_a_deadline() -> None:
    clock = Clock()
    monitor = Monitor(Engine(POLICY), clock)
    seen = watching(monitor)
    clock.now = ms(60)
    for number in range(10 * BATCH):
        monitor.submit(ev.HangupRequested(PBX, ms(60), f"nobody-{number}"))
    monitor.step()
    assert verdicts(seen) == [Verdict.BREACHED]
    assert monitor.backlog == 9 * BATCH


def test_neither_a_misread_event_nor_a_broken_subscriber_ends_the_watch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    monitor = Monitor(Engine(POLICY), clock)
    seen = watching(monitor)

    def broken(_: object) -> None:
        raise ValueError("broken")

    monitor.subscribe(broken)
    monitor.submit(ev.Event(PBX, ms(1)))
    clock.now = ms(60)
    monitor.step()
    assert verdicts(seen) == [Verdict.BREACHED]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


class Broken(Overflow):
    """Rules of which a look fails."""

    def advance(self, now: Ms) -> list[Effect]:
        raise ValueError("broken")

    def next_deadline(self) -> Ms | None:
        return ms(0)


async def test_rules_that_fail_neither_end_the_watch_nor_keep_it_busy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    engine = Engine(POLICY)
    monitor = Monitor(engine, clock, overflow=Broken(engine))
    seen = watching(monitor)
    clock.now = ms(60)
    running = asyncio.create_task(monitor.run())
    for _ in range(20):
        await asyncio.sleep(0)
    running.cancel()
    assert verdicts(seen) == [Verdict.BREACHED]
    assert len(caplog.records) == 2
