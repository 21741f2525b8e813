"""The monitor's own clock: steady, and still the machine's time."""

import asyncio
from typing import ClassVar

import pytest

from monitor.core import events as ev
from monitor.core.clock import HOUR, SECOND, Ms
from monitor.core.effects import VerdictGiven
from monitor.core.engine import Engine
from monitor.core.overflow.engine import Overflow
from monitor.core.records import Verdict
from monitor.runtime import Monitor
from monitor.steady_clock import NOTICED, SteadyClock, ticks, wall_clock
from tests.core.story import PBX, POLICY, ms
from tests.runtime.watching import verdicts, watching

STEPS = [1 * SECOND, -1 * SECOND, 10 * SECOND, -10 * SECOND, HOUR, -HOUR]


class Machine:
    """A machine whose clock can be set, and which can be suspended."""

    def __init__(self) -> None:
        self.wall = ms(0)
        self.ticks: Ms = 77_000
        self.clock = SteadyClock(lambda: self.wall, lambda: self.ticks)

    def run(self, span: Ms) -> None:
        self.wall += span
        self.ticks += span


def test_it_shows_the_machines_time() -> None:
    machine = Machine()
    assert machine.clock() == ms(0)
    machine.run(5_000)
    assert machine.clock() == ms(5)
    assert machine.clock.follow() == 0


@pytest.mark.parametrize("by", STEPS)
def test_it_does_not_jump_by_itself_and_follows_when_told(by: Ms) -> None:
    machine = Machine()
    machine.wall += by
    machine.run(5_000)
    assert machine.clock() == ms(5)
    assert machine.clock.follow() == by
    assert machine.clock() == ms(5) + by
    assert machine.clock.follow() == 0


def test_a_little_straying_is_let_be() -> None:
    machine = Machine()
    machine.wall += NOTICED - 1
    assert machine.clock.follow() == 0
    machine.wall += 1
    assert machine.clock.follow() == NOTICED


def test_the_real_clocks_run() -> None:
    before = (ticks(), wall_clock())
    while ticks() == before[0] or wall_clock() == before[1]:
        pass
    assert ticks() > before[0]
    assert abs(SteadyClock()() - wall_clock()) < NOTICED


@pytest.mark.parametrize("by", STEPS)
@pytest.mark.parametrize("at", [1_000, 59_990])
def test_the_machines_clock_is_set_and_the_breach_comes_when_it_should(at: Ms, by: Ms) -> None:
    machine = Machine()
    monitor = Monitor(Engine(POLICY), machine.clock, machine.clock.follow)
    seen = watching(monitor)
    machine.run(at)
    machine.wall += by
    monitor.step()
    machine.run(59_999 - at)
    monitor.step()
    assert verdicts(seen) == []
    machine.run(1)
    monitor.step()
    assert verdicts(seen) == [Verdict.BREACHED]
    # Stamped on the PBX's clock, which nobody touched.
    assert [e.at for e in seen if isinstance(e, VerdictGiven)] == [ms(60)]


class Rules(Overflow):
    """Rules that note by how much the clock moved."""

    moved: ClassVar[list[Ms]] = []

    def clock_moved(self, by: Ms) -> None:
        self.moved.append(by)
        super().clock_moved(by)


def test_all_who_reckon_with_the_clock_are_told_in_the_same_step() -> None:
    machine = Machine()
    engine = Engine(POLICY)
    rules = Rules(engine)
    monitor = Monitor(engine, machine.clock, machine.clock.follow, rules)
    watching(monitor)
    told: list[Ms] = []
    monitor.on_clock_moved(told.append)
    machine.wall += HOUR
    # Measured before the clock was set, taken after it.
    monitor.submit(ev.ClockMeasured(PBX, ms(0), 25))
    monitor.step()
    assert told == rules.moved == [HOUR]
    state = monitor.engine.pbx_state(PBX)
    assert state is not None
    assert state.clock_offset == HOUR + 25


async def test_a_clock_that_was_set_is_noticed_though_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor.runtime.LOOK_AT_CLOCK_S", 0.01)
    machine = Machine()
    monitor = Monitor(Engine(POLICY), machine.clock, machine.clock.follow)
    watching(monitor)
    moved = asyncio.Event()
    monitor.on_clock_moved(lambda _: moved.set())
    running = asyncio.create_task(monitor.run())
    await asyncio.sleep(0)
    machine.wall -= HOUR
    async with asyncio.timeout(60):
        await moved.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
