"""Storing in bad times: nothing is lost, nothing is silent. No test waits for a clock."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from monitor.core.effects import CallChanged
from monitor.core.records import Call
from monitor.history import BatchWriter, History, HistoryError, HistoryWriter, open_history
from monitor.history.backlog import Backlog
from monitor.history.reader import HistoryReader
from monitor.history.writer import WriterState
from tests.history.samples import live_call
from tests.postgres import PostgresServer


class Watch:
    """Lets a test wait for what the writer says about itself."""

    def __init__(self) -> None:
        self.states: asyncio.Queue[WriterState] = asyncio.Queue()

    def __call__(self, state: WriterState) -> None:
        self.states.put_nowait(state)

    async def until(self, *, ok: bool) -> WriterState:
        """The next state that is well, or is not."""
        while True:
            state = await self.states.get()
            if state.ok is ok:
                return state


@asynccontextmanager
async def writing(
    history: History, watch: Watch, unanswered_after: float = 60
) -> AsyncIterator[HistoryWriter]:
    """A running writer that retries at once."""
    writer = HistoryWriter(
        history,
        on_state=watch,
        flush_every=0.001,
        retry_delays=(0.001,),
        unanswered_after=unanswered_after,
    )
    writer.start()
    try:
        yield writer
    finally:
        await writer.stop(timeout=0)


@contextmanager
def held(history: History) -> Iterator[None]:
    """Another program holds the SQLite database locked."""
    holder = sqlite3.connect(str(history.url.database), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


def closed(call: Call) -> Call:
    call.closed = True
    return call


async def test_a_locked_database_is_said_and_waited_for(sqlite: History) -> None:
    watch, calls = Watch(), [live_call(number) for number in range(5)]
    async with writing(sqlite, watch) as writer:
        with held(sqlite):
            for call in calls:
                writer.on_effects([CallChanged(call)])
            state = await watch.until(ok=False)
            assert state.detail.startswith("Another program holds the database ")
            assert "locked: end that program" in state.detail
            assert state.waiting == 5
            assert "5 changes wait in memory" in state.detail
        assert (await watch.until(ok=True)).detail == ""
        await writer.flush()
        assert writer.state == WriterState(True, "", 0, writer.state.dropped)
    assert HistoryReader(sqlite).open_calls() == calls


async def test_what_changes_while_the_database_fails_is_written_once_it_works(
    sqlite: History,
) -> None:
    watch, call = Watch(), live_call(1)
    async with writing(sqlite, watch) as writer:
        with held(sqlite):
            writer.on_effects([CallChanged(call)])
            await watch.until(ok=False)
            for number in range(20):
                call.agent = f"Agent {number}"
                writer.on_effects([CallChanged(call)])
            call.closed = True
            writer.on_effects([CallChanged(call, closed=True)])
        await writer.flush()
    assert HistoryReader(sqlite).call(call.id) == call


async def test_a_full_disk_is_said_and_waited_for(tmp_path: Path) -> None:
    watch, calls = Watch(), [live_call(number, facts=50) for number in range(400)]
    history = open_history(f"sqlite:///{tmp_path}/history.db")
    limit = {"pages": 60}

    @event.listens_for(history.engine, "begin")
    def _limit(connection: object) -> None:
        # Per connection; what happens when the disk is full.
        connection.exec_driver_sql(f"PRAGMA max_page_count = {limit['pages']}")  # type: ignore[attr-defined]

    async with writing(history, watch) as writer:
        writer.on_effects([CallChanged(call) for call in calls])
        state = await watch.until(ok=False)
        assert state.detail.startswith(
            f"The disk is full: free space where the database {tmp_path}"
        )
        limit["pages"] = 1_000_000
        await watch.until(ok=True)
        await writer.flush()
    assert HistoryReader(history).open_calls() == calls
    history.close()


@pytest.mark.postgresql
async def test_a_server_that_goes_and_comes_back(postgres_server: PostgresServer) -> None:
    watch, calls = Watch(), [live_call(number, facts=3) for number in range(500)]
    with open_history(postgres_server.new_database()) as history:
        async with writing(history, watch) as writer:
            writer.on_effects([CallChanged(call) for call in calls[:100]])
            await writer.flush()
            await asyncio.to_thread(postgres_server.stop)
            try:
                writer.on_effects([CallChanged(call) for call in calls[100:]])
                state = await watch.until(ok=False)
                assert "PostgreSQL" in state.detail
            finally:
                await asyncio.to_thread(postgres_server.start)
            await watch.until(ok=True)
            await writer.flush()
        assert HistoryReader(history).open_calls() == calls


async def test_stopping_with_a_database_that_fails_says_what_is_lost(
    sqlite: History, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch()
    writer = HistoryWriter(sqlite, on_state=watch, retry_delays=(0.001,))
    writer.start()
    with held(sqlite):
        writer.on_effects([CallChanged(live_call(number)) for number in range(3)])
        assert await writer.stop(timeout=0.05) == 3
    assert "3 changes are lost" in caplog.text


async def test_a_database_that_does_not_answer_counts_as_failing(sqlite: History) -> None:
    watch, answer = Watch(), asyncio.Event()
    loop = asyncio.get_running_loop()

    @event.listens_for(sqlite.engine, "begin")
    def _hang(connection: object) -> None:
        asyncio.run_coroutine_threadsafe(answer.wait(), loop).result()

    async with writing(sqlite, watch, unanswered_after=0) as writer:
        writer.on_effects([CallChanged(live_call(1))])
        assert "No answer from the database" in (await watch.until(ok=False)).detail
        answer.set()
        assert (await watch.until(ok=True)).detail == ""
        await writer.flush()


async def test_a_writer_that_was_never_started_can_be_stopped(sqlite: History) -> None:
    writer = HistoryWriter(sqlite)
    writer.on_effects([CallChanged(live_call(1))])
    assert await writer.stop() == 1


def test_beyond_the_limit_updates_of_live_calls_go_first() -> None:
    backlog = Backlog(limit=20)
    backlog.note([CallChanged(live_call(number)) for number in range(15)])
    backlog.note([CallChanged(closed(live_call(number))) for number in range(15, 20)])
    assert not backlog.dropped
    backlog.note([CallChanged(closed(live_call(20)))])
    assert backlog.dropped.updates == 3
    assert str(backlog.dropped) == "3 updates of live calls"
    assert [row[0] for row in backlog.take(100).calls][:1] == [live_call(3).id]


def test_a_dropped_update_comes_again_with_the_next_and_loses_no_fact() -> None:
    backlog, call = Backlog(limit=10), live_call(0, facts=4)
    backlog.note([CallChanged(call)])
    backlog.note([CallChanged(closed(live_call(number))) for number in range(1, 11)])
    assert backlog.dropped.updates == 1
    backlog.take(100)
    backlog.note([CallChanged(call)])
    assert len(backlog.take(100).facts) == 4


def test_then_timelines_go_and_then_the_oldest_calls() -> None:
    backlog = Backlog(limit=10)
    for number in range(11):
        backlog.note([CallChanged(closed(live_call(number, facts=3)))])
    assert (backlog.dropped.timelines, backlog.dropped.calls) == (2, 0)
    for number in range(11, 100):
        backlog.note([CallChanged(closed(live_call(number, facts=3)))])
    assert len(backlog) <= 50
    rows = backlog.take(1_000)
    assert backlog.dropped.calls == 100 - len(rows.calls)
    assert backlog.dropped.timelines == 100 - len(rows.facts) / 3
    newest = [live_call(number).id for number in range(100 - len(rows.calls), 100)]
    assert [row[0] for row in rows.calls] == newest


def test_the_batch_writer_explains_a_failure(sqlite: History) -> None:
    writer = BatchWriter(sqlite)
    writer.add([live_call(1)])
    with held(sqlite), pytest.raises(HistoryError, match="Another program holds"):
        writer.flush()
