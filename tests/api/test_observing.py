"""Until when a PBX was observed, as the record says it after a crash."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.observing import mark
from monitor.core import events as ev
from monitor.core.effects import CallChanged
from monitor.core.engine import Engine
from monitor.core.policy import Policy
from monitor.history import History, open_history
from monitor.history.observed import observed_until
from monitor.runtime import Monitor

NOW = 1_763_718_000_000


@dataclass
class Watch:
    observed_until: int | None


class SlowWriter:
    """Stores what the monitor says when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.may = asyncio.Event()

    async def flush(self) -> None:
        self.asked.set()
        await self.may.wait()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with open_history(f"sqlite:///{tmp_path}/h.db") as history:
        yield history


async def test_a_mark_waits_for_the_inbox_and_the_record(history: History) -> None:
    monitor, writer = Monitor(Engine(Policy()), lambda: NOW), SlowWriter()
    seen: list[str] = []
    monitor.subscribe(
        lambda effects: seen.extend(e.call.id for e in effects if isinstance(e, CallChanged))
    )
    monitor.submit(ev.QueueJoined("lyon", NOW, "1.1", "sales", 1))
    marking = asyncio.create_task(mark({"lyon": Watch(NOW)}, monitor, writer, history))
    await asyncio.sleep(0)
    assert not writer.asked.is_set()
    monitor.step()
    await writer.asked.wait()
    assert seen == ["lyon:1.1"]
    assert observed_until(history) == {}
    writer.may.set()
    await marking
    assert observed_until(history) == {"lyon": NOW}


async def test_what_is_not_observed_keeps_its_last_mark(history: History) -> None:
    monitor, writer = Monitor(Engine(Policy()), lambda: NOW), SlowWriter()
    writer.may.set()
    links = {"lyon": Watch(NOW), "nantes": Watch(NOW)}
    await mark(links, monitor, writer, history)
    links["nantes"].observed_until = None
    links["lyon"].observed_until = NOW + 5000
    await mark(links, monitor, writer, history)
    assert observed_until(history) == {"lyon": NOW + 5000, "nantes": NOW}
