"""Storing: what arrives in the database, on SQLite and PostgreSQL, in good times."""

import random

import pytest

from monitor.core.effects import BlindIntervalChanged, CallChanged, QueueUpdated
from monitor.core.records import BlindInterval, Call, Fact, FactKind, Verdict
from monitor.history import BatchWriter, History, HistoryError, HistoryWriter
from monitor.history.backlog import Backlog
from monitor.history.reader import HistoryReader
from tests.history.samples import START, full_call, live_call, random_call


@pytest.fixture
def reader(history: History) -> HistoryReader:
    return HistoryReader(history)


async def store(history: History, *calls: Call) -> None:
    """Store calls through the asynchronous writer."""
    writer = HistoryWriter(history)
    writer.start()
    writer.on_effects([CallChanged(call, call.closed) for call in calls])
    assert await writer.stop() == 0


async def test_a_call_is_rebuilt_as_it_was(history: History, reader: HistoryReader) -> None:
    await store(history, full_call())
    assert reader.call("lab:1763718067.42") == full_call()


async def test_live_calls_come_back_equal_after_a_kill(
    history: History, reader: HistoryReader
) -> None:
    rng = random.Random(4)
    calls = [random_call(number, rng) for number in range(300)]
    writer = HistoryWriter(history)
    writer.start()
    writer.on_effects([CallChanged(call, call.closed) for call in calls])
    await writer.flush()
    # What was not flushed when the process is killed is gone, the rest is whole.
    writer.on_effects([CallChanged(live_call(1))])
    live = sorted((call for call in calls if not call.closed), key=lambda c: (c.arrived_at, c.id))
    assert reader.open_calls() == live
    await writer.stop()


async def test_a_rewritten_call_leaves_nothing_of_its_former_story(
    history: History, reader: HistoryReader
) -> None:
    call = full_call()
    writer = HistoryWriter(history)
    writer.start()
    writer.on_effects([CallChanged(call, call.closed)])
    await writer.flush()
    call.stays.clear()
    del call.visits[1:]
    call.facts = [fact for fact in call.facts if not fact.kind.startswith("voice_server")]
    writer.on_effects([CallChanged(call, call.closed, rewritten=True)])
    assert await writer.stop() == 0
    assert reader.call(call.id) == call


async def test_a_restored_call_goes_on_where_it_was(
    history: History, reader: HistoryReader
) -> None:
    await store(history, live_call(1, facts=3))
    (restored,) = reader.open_calls()
    restored.facts.append(Fact(START + 9_000, FactKind.ENDED, {"cause": 16}))
    restored.closed, restored.ended_at = True, START + 9_000
    await store(history, restored)
    assert reader.open_calls() == []
    assert reader.call(restored.id) == restored


async def test_a_call_that_changed_ten_times_is_written_once() -> None:
    backlog, call = Backlog(), live_call(1)
    for number in range(10):
        call.facts.append(Fact(START + number, FactKind.AGENT_OFFERED, {"n": number}))
        backlog.note([CallChanged(call), QueueUpdated("lab", "support")])
    assert len(backlog) == 1
    rows = backlog.take(100)
    assert (len(rows.calls), len(rows.visits), len(rows.facts)) == (1, 1, 11)
    assert not backlog


async def test_only_new_facts_are_written() -> None:
    backlog, call = Backlog(), live_call(1, facts=3)
    backlog.note([CallChanged(call)])
    backlog.take(100)
    call.facts.append(Fact(START + 5, FactKind.ENDED, {}))
    call.closed = True
    backlog.note([CallChanged(call, closed=True)])
    assert [row[1] for row in backlog.take(100).facts] == [3]
    call.facts.append(Fact(START + 6, FactKind.CORRECTED, {}))
    backlog.note([CallChanged(call, closed=True)])
    assert [row[1] for row in backlog.take(100).facts] == [4]


async def test_a_verdict_corrected_after_the_end_is_stored(
    history: History, reader: HistoryReader
) -> None:
    call = full_call()
    await store(history, call)
    call.verdict, call.corrections = Verdict.BREACHED, 3
    call.facts.append(Fact(START + 3_000, FactKind.CORRECTED, {"previous": "met"}))
    await store(history, call)
    assert reader.call(call.id) == call


async def test_blind_intervals_are_stored_and_closed(
    history: History, reader: HistoryReader
) -> None:
    first = BlindInterval("lab", START, START + 5_000, "link lost")
    second = BlindInterval("lab", START + 60_000, None, "link lost")
    writer = HistoryWriter(history)
    writer.start()
    writer.on_effects([BlindIntervalChanged(BlindInterval("lab", START, None, "link lost"))])
    await writer.flush()
    writer.on_effects([BlindIntervalChanged(first), BlindIntervalChanged(second)])
    await writer.stop()
    assert reader.blind_intervals(START, START + 100_000) == [first, second]
    assert reader.blind_intervals(START + 5_000, START + 60_000) == []
    assert reader.blind_intervals(START + 4_999, START + 60_000) == [first]
    assert reader.blind_intervals(START + 70_000, START + 70_001) == [second]
    assert reader.blind_intervals(START, START + 100_000, pbx="paris") == []
    assert reader.open_blind_intervals() == [second]


async def test_many_calls_at_once_are_all_stored(history: History, reader: HistoryReader) -> None:
    calls = [live_call(number, facts=3) for number in range(1_234)]
    await store(history, *calls)
    assert reader.open_calls() == calls


@pytest.mark.parametrize("text", ["a\0b", "\ud83d alone", "\ud83d\ude00 pair", "'\"\\;--", ""])
async def test_whatever_a_pbx_sends_can_be_stored(
    history: History, reader: HistoryReader, text: str
) -> None:
    call = live_call(1)
    call.caller_name = text
    call.facts = [Fact(START, FactKind.CALLER_ID, {"name": text, "n": 10**30})]
    await store(history, call)
    (stored,) = reader.open_calls()
    clean = text.replace("\0", "�").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert stored.caller_name == clean
    assert stored.facts[0].detail == {"name": clean, "n": 2**63 - 1}


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**64)])
async def test_a_number_that_no_database_takes_becomes_the_nearest_one(
    history: History, reader: HistoryReader, number: int
) -> None:
    call = live_call(1)
    call.picked_up_at = number
    await store(history, call)
    (stored,) = reader.open_calls()
    assert stored.picked_up_at == max(1 - 2**63, min(number, 2**63 - 1))


async def test_a_call_that_the_database_refuses_does_not_hold_up_the_others(
    history: History, reader: HistoryReader, caplog: pytest.LogCaptureFixture
) -> None:
    broken = live_call(1)
    broken.caller = None  # type: ignore[assignment]
    writer = HistoryWriter(history)
    writer.start()
    writer.on_effects([CallChanged(broken), CallChanged(live_call(2)), CallChanged(live_call(3))])
    assert await writer.stop() == 0
    assert reader.open_calls() == [live_call(2), live_call(3)]
    assert writer.state.ok
    assert writer.state.detail == "Given up since the start: 1 ended calls."
    assert f"refused {broken.id}" in caplog.text


def test_the_batch_writer_stores_without_an_event_loop(
    history: History, reader: HistoryReader
) -> None:
    calls = [live_call(number, facts=3) for number in range(50)]
    with BatchWriter(history, batch_calls=7) as writer:
        writer.add(calls[:20])
        for call in calls[20:]:
            writer.on_effects([CallChanged(call)])
            call.closed = True
            writer.on_effects([CallChanged(call, closed=True)])
    assert reader.open_calls() == calls[:20]
    assert reader.call(calls[30].id) == calls[30]


def test_the_batch_writer_says_what_it_cannot_store(history: History) -> None:
    broken = live_call(1)
    broken.caller = None  # type: ignore[assignment]
    writer = BatchWriter(history)
    writer.add([broken])
    with pytest.raises(HistoryError, match="refused lab:"):
        writer.flush()
