"""From the outbox to the sinks: nothing is lost, whatever a sink or the database does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from monitor import publishing as module
from monitor.history.messages import StoredMessage
from monitor.history.outbox import Outbox
from monitor.publishing import Feed, Publishing, SinkState
from tests.publishing.house import NOW, House, message, until


class Keeper:
    """A sink that keeps what it gets; ``fail`` may raise first."""

    def __init__(self, name: str = "keeper") -> None:
        self.name = name
        self.state = SinkState(connected=True, since=NOW)
        self.got: list[StoredMessage] = []
        self.fail: Callable[[StoredMessage], None] = lambda _: None

    async def run(self, feed: Feed) -> None:
        while True:
            for found in await feed.next(10):
                self.got.append(found)
                self.fail(found)
                feed.confirm(found.seq)

    def ids(self) -> list[str]:
        return [found.id for found in self.got]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "record.db")
    yield house
    house.close()


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RETRY_S", "MEASURE_EVERY_S", "LOOK_EVERY_S"):
        monkeypatch.setattr(module, name, 0.02)


@asynccontextmanager
async def running(outbox: Outbox, *sinks: Keeper) -> AsyncIterator[Publishing]:
    publishing = Publishing(outbox, sinks, confirm_every=0.01)
    outbox.register(publishing.sinks)
    task = asyncio.create_task(publishing.run())
    try:
        yield publishing
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_each_sink_gets_all_messages_at_its_own_pace(house: House) -> None:
    quick, slow = Keeper("quick"), Keeper("slow")
    gate = asyncio.Event()
    run_slow = slow.run

    async def wait_first(feed: Feed) -> None:
        await gate.wait()
        await run_slow(feed)

    slow.run = wait_first  # type: ignore[method-assign]
    async with running(house.outbox, quick, slow):
        house.put(*(message(n) for n in range(25)))
        await until(lambda: len(quick.got) == 25)
        assert slow.got == []
        gate.set()
        await until(lambda: len(slow.got) == 25)
    assert quick.ids() == slow.ids() == [message(n).id for n in range(25)]
    assert house.outbox.state().waiting == {"quick": 0, "slow": 0}


async def test_a_sink_that_breaks_begins_again_with_what_it_had_not_confirmed(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    sink = Keeper()
    broken = [True]

    def fail(found: StoredMessage) -> None:
        if found.id == message(2).id and broken.pop():
            broken.append(False)
            raise RuntimeError("a mistake of ours")

    sink.fail = fail
    async with running(house.outbox, sink):
        house.put(*(message(n) for n in range(5)))
        await until(lambda: len(sink.got) >= 6)
    assert sink.ids() == [message(n).id for n in (0, 1, 2, 2, 3, 4)]
    assert "Publishing to keeper failed; it is begun again" in caplog.text


async def test_a_database_that_fails_is_waited_for_and_told_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    failing = [True]

    class Failing(Outbox):
        def read(
            self, sink: str, limit: int = 200, *, after: int | None = None
        ) -> list[StoredMessage]:
            if failing:
                raise OperationalError("SELECT", {}, Exception("locked"))
            return super().read(sink, limit, after=after)

    sink = Keeper()
    async with running(Failing(house.history), sink):
        house.put(message(1))
        await until(lambda: "cannot be used" in caplog.text)
        await asyncio.sleep(0.1)
        failing.clear()
        await until(lambda: sink.got)
    told = [r for r in caplog.records if "cannot be used" in r.getMessage()]
    assert len(told) == 1


async def test_after_a_restart_a_sink_goes_on_where_it_was(house: House) -> None:
    first, second = Keeper(), Keeper()
    async with running(house.outbox, first):
        house.put(message(1))
        await until(lambda: first.got)
    house.put(message(2))
    async with running(house.outbox, second):
        await until(lambda: second.got)
    assert second.ids() == [message(2).id]


async def test_new_messages_are_handed_on_at_once_when_it_is_said_that_they_are_stored(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 3600.0)
    sink = Keeper()
    async with running(house.outbox, sink) as publishing:
        house.put(message(1))
        publishing.on_stored()
        await until(lambda: sink.got)


async def test_the_status_counts_what_waits_and_each_change_is_logged_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "monitor.publishing")
    sink = Keeper()
    sink.state = SinkState(connected=False, detail="The broker is away.", since=NOW)

    async def nothing(feed: Feed) -> None:
        await asyncio.Event().wait()

    sink.run = nothing  # type: ignore[method-assign]
    async with running(house.outbox, sink) as publishing:
        house.put(message(1), message(2))
        house.outbox.dead_letters.add(
            "keeper", house.outbox.read("keeper")[0], tries=1, error="no", at=NOW
        )
        await until(lambda: publishing.status()[0].dead_letters == 1)
        (status,) = publishing.status()
        assert (status.name, status.backlog, status.oldest_at) == ("keeper", 2, NOW)
        assert status.state.detail == "The broker is away."
        sink.state = replace(sink.state, connected=True, detail="")
        await until(lambda: "keeper: connected" in caplog.text)
    said = [record.getMessage() for record in caplog.records]
    assert said.count("keeper: The broker is away.") == 1
    assert said.count("keeper: connected") == 1
