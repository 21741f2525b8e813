"""Measuring beside noise: alternating rounds, of which the best and the median are kept."""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one run took: on the wall's clock, and of the processors' time (s)."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Timings:
    """The rounds of one runner."""

    rounds: tuple[Timing, ...]

    @property
    def best(self) -> float:
        """The shortest wall time: the round that was disturbed least."""
        return min(timing.wall for timing in self.rounds)

    @property
    def median(self) -> float:
        """The median wall time."""
        return median(timing.wall for timing in self.rounds)

    @property
    def cpu(self) -> float:
        """The least processor time, which neighbours on the machine disturb less."""
        return min(timing.cpu for timing in self.rounds)


class Stopwatch:
    """Times the block that it guards."""

    def __init__(self, *, collect: bool = True) -> None:
        """``collect``: remove others' garbage first."""
        self.timing = Timing(0.0, 0.0)
        self._collect = collect

    def __enter__(self) -> "Stopwatch":
        if self._collect:
            gc.collect()
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        self.timing = Timing(wall - self._wall, cpu - self._cpu)


def alternate(runners: Mapping[str, Callable[[], Timing]], rounds: int) -> dict[str, Timings]:
    """Run all runners in turn, ``rounds`` times over, so that noise falls on each alike."""
    taken: dict[str, list[Timing]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, run in runners.items():
            taken[name].append(run())
    return {name: Timings(tuple(timings)) for name, timings in taken.items()}
