"""Python's garbage collector, set for a process with many long-lived records.

A full collection looks at every record: with 10,000 waiting callers it stands for 80 ms and more,
and a deadline that falls into it is raised that much late. Records die by reference counting, not
by the collector; what it is needed for are the few cycles that tasks and exceptions leave. So it
runs seldom, and leaves alone what was there at the start.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (50_000, 20, 1_000)
"""New objects before a young collection; young ones before a middle one; middle ones before a
full one. The default, (700, 10, 10), looks at everything a few times a minute under load."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Have the collector run seldom while the block lasts."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
