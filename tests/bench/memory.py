"""Memory: the resident size of ``minuteur serve`` while 10,000 callers wait."""

from typing import Final

import httpx

from tests.bench import pbx
from tests.bench.house import PATIENCE, House, serving
from tests.bench.isolation import heard, helper
from tests.bench.results import Result

BAR: Final = 150.0
"""MB for the whole process."""
MB: Final = 1_000_000
LONG: Final = 3600.0
"""Seconds: nobody's deadline comes meanwhile."""


def measure(callers: int) -> list[Result]:
    """Fill the monitor with callers; look at its size, and again after a client's snapshot."""
    with helper(pbx.run) as orders:
        port: int = heard(orders)
        with serving(port, within=LONG, at_risk_after=LONG - 1) as house:
            empty = _size(house)
            orders.send(pbx.Waiting(callers, LONG, LONG, 1.0))
            heard(orders)
            house.wait_for("minuteur_queue_waiting", callers)
            house.wait_for("minuteur_history_ok", 1)
            full = _size(house)
            answer = httpx.get(f"{house.url}/api/v1/live", headers=house.headers, timeout=PATIENCE)
            answer.raise_for_status()
            after = _size(house)
    note = f"{empty:.0f} MB without callers, {after:.0f} MB after a client took the live snapshot"
    return [
        Result(
            f"memory of the process, {callers:,} waiting callers", full, "MB", BAR,
            at_least=False, note=note,
        )
    ]  # fmt: skip


def _size(house: House) -> float:
    return float(house.process.memory_info().rss) / MB
