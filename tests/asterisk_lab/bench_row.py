"""The benchmark's stream: a row that nothing is expected of but that the oracle agrees."""

from __future__ import annotations

from .callers import Caller
from .scenarios import Call, Row


def _bench_calls() -> tuple[Call, ...]:
    """400 calls in 20 s, in bursts of ten; what one burst does differs from the next."""
    kinds = (
        Caller("support", stay=6000),
        Caller("sales", stay=6000),
        Caller("support", stay=1200),
        Caller("timeout", stay=6000),
        Caller("ivr", stay=7000),
        Caller("sales", stay=2500),
        Caller("overflow", stay=6000),
        Caller("closed", stay=2000),
    )
    return tuple(
        Call(kinds[n % len(kinds)], None, count=10, start=n * 500, via="local") for n in range(40)
    )


BENCH = Row(
    "bench",
    "the benchmark's stream: four hundred calls with mixed outcomes, all inside Asterisk",
    _bench_calls(),
    (),
    {
        "support": tuple(f"Local/a_{100 + 60 * n}_{300 + 90 * n}_{n}@agents/n" for n in range(8)),
        "sales": tuple(f"Local/a_{150 + 70 * n}_{350 + 80 * n}_{n + 8}@agents/n" for n in range(6)),
    },
)
"""Not one of the rows."""
