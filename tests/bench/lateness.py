"""Breach lateness: how long after its deadline a breach reaches a subscriber of the monitor.

The monitor runs as it is shipped (link, engine, history, live hub, one event loop); 10,000 callers
wait, a thousand of them breach each second, and a real stream of AMI events flows in beside.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from api.cli_common import run
from api.composition import running
from api.services import Services
from config.loading import load
from monitor.core.effects import Effect, VerdictGiven
from monitor.core.events import LinkState
from monitor.core.records import Verdict
from tests.bench import pbx
from tests.bench.house import PATIENCE, write_settings
from tests.bench.isolation import heard, helper, isolated
from tests.bench.noise import noise
from tests.bench.results import Result, percentile

BAR: Final = 50.0
"""Milliseconds, for 99 breaches of 100."""
WITHIN: Final = 60.0
AT_RISK: Final = 55.0
"""So that at-risk callers are raised beside the breaches, not all at once before."""
LEAD: Final = 6.0
"""Seconds for all callers to arrive before the first deadline."""


def measure(callers: int, rate: int, spread: float) -> list[Result]:
    """``callers`` breach within ``spread`` seconds while ``rate`` events a second flow in."""
    with noise() as around:
        late = isolated(lateness, callers, rate, spread)
    what = f"breach after its deadline, {callers:,} waiting, {rate:,} events/s"
    p50, p99 = percentile(late, 50), percentile(late, 99)
    return [
        Result(
            f"{what}, p99", p99, "ms", BAR, at_least=False,
            baseline=around.p99, baseline_is="a process that only sleeps",
            note=f"{len(late):,} breaches: p50 {p50:.1f} ms, max {max(late):.1f} ms; "
            "qpanel polls every 5 s",
        )
    ]  # fmt: skip


def lateness(callers: int, rate: int, spread: float) -> list[float]:
    """Milliseconds from each deadline to the moment at which a subscriber is told."""
    with helper(pbx.run) as orders:
        port: int = heard(orders)
        return run(_watch(orders, port, callers, rate, spread))


async def _watch(
    orders: Connection, port: int, callers: int, rate: int, spread: float
) -> list[float]:
    late: list[float] = []

    def probe(effects: Sequence[Effect]) -> None:
        now = time.time_ns() / 1e6
        late.extend(
            now - effect.at
            for effect in effects
            if isinstance(effect, VerdictGiven) and effect.verdict is Verdict.BREACHED
        )

    with tempfile.TemporaryDirectory(prefix="minuteur-bench-") as folder:
        path = write_settings(Path(folder), port, within=WITHIN, at_risk_after=AT_RISK)
        async with running(load(path).settings) as services:
            # The last subscriber: told after the history and the live hub.
            services.monitor.subscribe(probe)
            await _connected(services)
            first = time.monotonic() + LEAD
            orders.send(pbx.Waiting(callers, WITHIN, LEAD, spread))
            await asyncio.to_thread(heard, orders)
            seconds = first + spread + 1 - time.monotonic()
            orders.send(pbx.Flow(rate, seconds))
            await asyncio.to_thread(heard, orders)
    if len(late) < callers:
        raise RuntimeError(f"only {len(late)} of {callers} breaches were raised")
    return late


async def _connected(services: Services) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            state = services.monitor.engine.pbx_state("lab")
            if state is not None and state.link is LinkState.CONNECTED:
                return
            await asyncio.sleep(0.02)
