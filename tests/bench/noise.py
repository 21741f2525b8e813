"""How disturbed the machine is: what a process that only sleeps is late by, at the same time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Final

from tests.bench.isolation import heard, helper
from tests.bench.results import percentile

NAP: Final = 0.005


class Noise:
    """What the sleeper found; known after the block."""

    p99 = 0.0
    """Milliseconds by which 99 of 100 naps were too long, at most."""


@contextmanager
def noise() -> Iterator[Noise]:
    """Have a process sleep and wake beside the measurement in the block."""
    found = Noise()
    with helper(_sleep) as sleeper:
        yield found
        sleeper.send("enough")
        found.p99 = percentile(heard(sleeper), 99)


def _sleep(orders: Connection) -> None:
    late = []
    while not orders.poll():
        begin = time.perf_counter()
        time.sleep(NAP)
        late.append((time.perf_counter() - begin - NAP) * 1e3)
    orders.send(late)
