"""Storing decisions and messages: with what they tell, in order, within bounds."""

import asyncio
import random
from collections.abc import Iterable, Sequence

import pytest
from sqlalchemy import select

from monitor.core.effects import (
    CallChanged,
    CommandChanged,
    CommandIssued,
    DecisionMade,
    Effect,
    StandingChanged,
)
from monitor.core.overflow.decisions import Outcome
from monitor.history import History, HistoryWriter, overflow_tables, tables
from monitor.history.backlog import Backlog
from monitor.history.messages import OutboxMessage
from monitor.history.overflow import OverflowRecord
from monitor.history.store import Store
from tests.history.overflow_samples import (
    Teller,
    full_command,
    full_decision,
    full_standing,
    message,
    plain_decision,
)
from tests.history.samples import START, full_call, live_call
from tests.history.test_failing import Watch, closed, held, writing


def by_call(messages: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The ids of each call's messages, in their order, of pairs of message and call."""
    found: dict[str, list[str]] = {}
    for id_, call_id in messages:
        found.setdefault(call_id, []).append(id_)
    return found


def told_by(teller: Teller) -> dict[str, list[str]]:
    return by_call((one.id, one.call_id) for one in teller.told)


def stored_of(history: History) -> dict[str, list[str]]:
    outbox = overflow_tables.outbox
    with history.reading() as connection:
        query = select(outbox.c.id, outbox.c.call_id).order_by(outbox.c.seq)
        return by_call((row.id, row.call_id) for row in connection.execute(query))


def outbox_of(history: History) -> list[str]:
    """The ids of all stored messages, in order."""
    with history.reading() as connection:
        query = select(overflow_tables.outbox.c.id).order_by(overflow_tables.outbox.c.seq)
        return list(connection.execute(query).scalars())


async def test_a_command_that_changes_is_one_row_as_it_stands(history: History) -> None:
    record, command = OverflowRecord(history), full_command()
    command.outcome, command.observed_at = Outcome.PENDING, None
    writer = HistoryWriter(history)
    writer.start()
    writer.on_effects([DecisionMade(full_decision()), CommandIssued(command)])
    await writer.flush()
    assert record.log.command(command.id) == command
    command.outcome = Outcome.ANSWERED_MEANWHILE
    writer.on_effects([CommandChanged(command)])
    assert await writer.stop() == 0
    assert record.log.commands().commands == [command]
    assert record.log.decision("lab-1") == full_decision()


async def test_without_a_sink_there_are_no_messages(history: History) -> None:
    writer, told = HistoryWriter(history), list[str]()
    writer.on_stored(lambda: told.append("stored"))
    writer.start()
    writer.on_effects([CallChanged(full_call()), DecisionMade(full_decision())])
    await writer.stop()
    assert (outbox_of(history), told) == ([], [])


async def test_messages_of_a_call_are_stored_in_the_order_in_which_they_were_noted(
    history: History,
) -> None:
    teller, told = Teller(), list[int]()
    writer = HistoryWriter(history, messages=teller, batch_calls=50)
    writer.on_stored(lambda: told.append(len(outbox_of(history))))
    writer.start()
    calls = [live_call(number) for number in range(120)]
    for call in calls * 3:
        writer.on_effects([CallChanged(call)])
    await writer.flush()
    assert stored_of(history) == told_by(teller)
    assert told[-1] == len(teller.told) == 360
    await writer.stop()


async def test_a_message_that_is_told_twice_is_stored_once(history: History) -> None:
    def same(_: Sequence[Effect]) -> list[OutboxMessage]:
        return [message(1, "lab:1")]

    writer = HistoryWriter(history, messages=same)
    writer.start()
    for _ in range(3):
        writer.on_effects([DecisionMade(full_decision())])
        await writer.flush()
    await writer.stop()
    assert outbox_of(history) == ["m1"]


async def test_stored_says_when_all_is_committed(history: History) -> None:
    record, writer = OverflowRecord(history), HistoryWriter(history, flush_every=60)
    assert not await writer.stored(0)
    writer.start()
    assert await writer.stored(0)
    writer.on_effects([CommandIssued(full_command(), full_standing())])
    writer.on_effects([DecisionMade(plain_decision(n)) for n in range(500)])
    assert await writer.stored(30)
    assert record.standing() == [full_standing()]
    assert len(record.log.decisions(limit=500).decisions) == 500
    await writer.stop()
    assert not await writer.stored(30)


async def test_stored_does_not_wait_for_calls(sqlite: History) -> None:
    writer = HistoryWriter(sqlite, flush_every=60, batch_calls=10)
    writer.start()
    writer.on_effects([CallChanged(live_call(number)) for number in range(1_000)])
    writer.on_effects([StandingChanged(full_standing(), on=True)])
    assert await writer.stored(30)
    assert OverflowRecord(sqlite).standing() == [full_standing()]
    assert writer.state.waiting > 800
    await writer.stop()


async def test_stored_says_no_when_the_database_fails(sqlite: History) -> None:
    watch = Watch()
    async with writing(sqlite, watch) as writer:
        with held(sqlite):
            writer.on_effects([StandingChanged(full_standing(), on=True)])
            await watch.until(ok=False)
            assert not await writer.stored(0.01)
        assert await writer.stored(30)


async def test_stored_says_no_when_the_database_refused(
    history: History, caplog: pytest.LogCaptureFixture
) -> None:
    broken = full_standing()
    broken.decision_id = None  # type: ignore[assignment]
    writer = HistoryWriter(history, messages=Teller())
    writer.start()
    writer.on_effects([StandingChanged(broken, on=True), CallChanged(live_call(1))])
    writer.on_effects([DecisionMade(full_decision()), CommandIssued(full_command())])
    assert not await writer.stored(30)
    assert await writer.stored(30)
    assert await writer.stop() == 0
    assert OverflowRecord(history).log.decision("lab-1") == full_decision()
    assert outbox_of(history) == ["m0"]
    assert writer.state.detail == "Given up since the start: 1 lasting overflow actions."
    assert "refused help" in caplog.text


async def test_the_message_of_a_call_that_is_refused_is_not_published(history: History) -> None:
    broken, teller = live_call(1), Teller()
    broken.caller = None  # type: ignore[assignment]
    writer = HistoryWriter(history, messages=teller)
    writer.start()
    writer.on_effects([CallChanged(broken), CallChanged(live_call(2)), CallChanged(broken)])
    await writer.stop()
    assert outbox_of(history) == ["m1"]
    assert writer.state.detail == "Given up since the start: 1 ended calls, 2 messages."


async def test_what_waits_is_stored_after_a_failure_in_the_order_of_each_call(
    sqlite: History,
) -> None:
    watch, teller = Watch(), Teller()
    writer = HistoryWriter(
        sqlite, on_state=watch, messages=teller, flush_every=0.001, retry_delays=(0.001,),
        batch_calls=7,
    )  # fmt: skip
    writer.start()
    with held(sqlite):
        for number in range(100):
            writer.on_effects([CallChanged(live_call(number % 30))])
            if number % 10 == 0:
                await asyncio.sleep(0)
        await watch.until(ok=False)
    await writer.stop(timeout=60)
    assert stored_of(sqlite) == told_by(teller)
    with sqlite.reading() as connection:
        calls = set(connection.execute(select(tables.call.c.id)).scalars())
    assert calls == {live_call(number).id for number in range(30)}


def test_a_message_waits_for_its_call_and_for_nothing_else() -> None:
    backlog = Backlog()
    first, second = live_call(1), live_call(2)
    backlog.note([CallChanged(first), CallChanged(second)])
    backlog.note([CallChanged(second)])
    backlog.send([message(1, second.id)], START)
    rows = backlog.take(1)
    assert ([row[0] for row in rows.calls], rows.messages) == ([first.id], [])
    backlog.note([CallChanged(first)])
    backlog.send([message(2, first.id)], START)
    rows = backlog.take(1)
    assert [row[0] for row in rows.calls] == [second.id]
    assert [row[0] for row in rows.messages] == ["m1"]
    assert [row[0] for row in backlog.take(1).messages] == ["m2"]
    assert not backlog


async def test_a_final_call_is_never_stored_without_its_messages(sqlite: History) -> None:
    """The writer lags, and is killed after its first batch: none of its calls is left untold."""
    backlog, teller = Backlog(), Teller()
    calls = [live_call(number) for number in range(300)]
    for call in calls:
        backlog.note(effects := [CallChanged(call)])
        backlog.send(teller(effects), START)
    for call in calls:
        backlog.note(effects := [CallChanged(closed(call), closed=True)])
        backlog.send(teller(effects), START)
    assert Store(sqlite).write(backlog.take(200)) == []
    with sqlite.reading() as connection:
        query = select(tables.call.c.id).where(tables.call.c.closed)
        final = set(connection.execute(query).scalars())
    assert len(final) == 200
    due = told_by(teller)
    assert stored_of(sqlite) == {id_: due[id_] for id_ in final}


def test_a_call_a_decision_and_a_command_are_taken_with_all_that_is_told_of_them() -> None:
    backlog = Backlog()
    backlog.note([CallChanged(live_call(number)) for number in range(10)])
    backlog.note([DecisionMade(plain_decision(number)) for number in range(10)])
    last, ordered = live_call(10), full_command()
    made = plain_decision(10, call_id=last.id)
    ordered.call_id = last.id
    backlog.note([CallChanged(last)])
    backlog.send([message(1, last.id)], START)
    backlog.note([DecisionMade(made), CommandIssued(ordered)])
    told = [message(2, last.id, made.id), message(3, last.id, ordered.id)]
    backlog.send(told, START)
    rows = backlog.take(1)  # The command is the oldest one; the rest comes with it.
    assert [row[0] for row in rows.calls] == [live_call(0).id, last.id]
    assert [row[0] for row in rows.decisions] == [plain_decision(0).id, made.id]
    assert [row[0] for row in rows.commands] == [ordered.id]
    assert [row[0] for row in rows.messages] == ["m1", "m2", "m3"]
    assert rows.overflow_through == 1


def test_a_call_that_lost_its_timeline_and_changed_again_is_one_row() -> None:
    backlog = Backlog(limit=10)
    calls = [closed(live_call(number)) for number in range(12)]
    backlog.note([CallChanged(call, closed=True) for call in calls])
    assert backlog.dropped.timelines
    backlog.note([CallChanged(calls[0], closed=True)])
    rows = backlog.take(100)
    assert sorted(row[0] for row in rows.calls) == sorted(call.id for call in calls)
    assert not backlog


def test_a_message_waits_for_a_call_that_lost_its_timeline_twice() -> None:
    backlog = Backlog(limit=10)
    calls = [live_call(number) for number in range(24)]
    for call in calls:
        call.closed = True
    first = calls[0]
    backlog.note([CallChanged(first, closed=True)])
    backlog.send([message(1, first.id)], START)
    for call in (*calls[1:11], first, *calls[11:]):
        backlog.note([CallChanged(call, closed=True)])
    assert backlog.dropped.timelines > 10
    rows = backlog.take(3)
    assert first.id in [row[0] for row in rows.calls]
    assert [row[0] for row in rows.messages] == ["m1"]


def test_a_message_of_no_call_is_taken_with_its_decision() -> None:
    backlog = Backlog()
    backlog.note([DecisionMade(plain_decision(number, call_id="")) for number in range(20)])
    about = [message(number, about=plain_decision(number).id) for number in (19, 3)]
    backlog.send(about, START)
    assert [row[0] for row in backlog.take(15).messages] == ["m3"]
    assert [row[0] for row in backlog.take(15).messages] == ["m19"]


def test_a_message_of_nothing_that_is_known_waits_for_all_that_came_before() -> None:
    backlog = Backlog()
    backlog.note([DecisionMade(plain_decision(number)) for number in range(20)])
    backlog.send([message(1)], START)
    assert backlog.take(15).messages == []
    assert len(backlog.take(15).messages) == 1


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_a_message_is_taken_with_what_it_tells(seed: int) -> None:
    rng, backlog = random.Random(seed), Backlog()
    calls = [live_call(number) for number in range(6)]
    sent: dict[str, list[str]] = {}
    due: dict[str, set[str]] = {}
    """Of what waits (a call, a decision, a command): the messages that tell of it."""
    stored: list[tuple[str, str]] = []
    for step in range(300):
        if rng.random() < 0.7:
            call, ordered = rng.choice(calls), full_command(f"c{rng.randrange(5)}")
            ordered.call_id = calls[int(ordered.id[1:])].id
            made = plain_decision(step, call_id=rng.choice([call.id, ""]))
            effects: list[tuple[str, str, str, Effect]] = [
                (call.id, call.id, "", CallChanged(call)),
                (made.id, made.call_id, made.id, DecisionMade(made)),
                (ordered.id, ordered.call_id, ordered.id, CommandChanged(ordered)),
            ]
            noted = rng.sample(effects, rng.randrange(4))
            backlog.note([effect for *_, effect in noted])
            for number, (what, call_id, about, _) in enumerate(noted):
                of_it = due.setdefault(what, set())
                if rng.random() < 0.5:
                    one = message(step * 10 + number, call_id, about)
                    of_it.add(one.id)
                    sent.setdefault(call_id or about, []).append(one.id)
                    backlog.send([one], START)
        else:
            rows = backlog.take(rng.randrange(1, 4))
            taken = {row[0] for part in (rows.calls, rows.decisions, rows.commands) for row in part}
            now = {row[0] for row in rows.messages}
            assert now == set[str]().union(*(due.pop(what) for what in taken))
            stored += [(row[0], row[2]) for row in rows.messages]
    while backlog:
        stored += [(row[0], row[2]) for row in backlog.take(10).messages]
    assert sorted(id_ for id_, _ in stored) == sorted(id_ for ids in sent.values() for id_ in ids)
    of_call = by_call(stored)
    assert all(of_call[call.id] == sent[call.id] for call in calls if call.id in sent)


def test_decisions_beyond_the_limit_are_dropped_and_counted() -> None:
    backlog = Backlog(limit=40)
    for number in range(100):
        backlog.note([DecisionMade(plain_decision(number))])
        backlog.note([CommandIssued(full_command(f"c{number}"))])
        assert len(backlog) <= 20
    rows = backlog.take(100)
    assert len(rows.decisions) + backlog.dropped.decisions == 100
    assert len(rows.commands) + backlog.dropped.commands == 100
    assert [row[0] for row in rows.decisions][-1] == plain_decision(99).id
    assert str(backlog.dropped) == (
        f"{backlog.dropped.decisions} overflow decisions, "
        f"{backlog.dropped.commands} overflow commands"
    )


def test_messages_beyond_the_limit_are_dropped_and_counted() -> None:
    backlog = Backlog(limit=40)
    backlog.note([CallChanged(live_call(1))])
    for number in range(100):
        backlog.note([])
        backlog.send([message(number)], START)
        assert len(backlog) <= 11
    ids = [row[0] for row in backlog.take(100).messages]
    assert ids == [f"m{number}" for number in range(100 - len(ids), 100)]
    assert backlog.dropped.messages == 100 - len(ids)


def test_standing_actions_are_never_dropped() -> None:
    backlog = Backlog(limit=4)
    for number in range(50):
        backlog.note([StandingChanged(full_standing(queue=f"q{number}"), on=True)])
    assert len(backlog.take(1).standing) == 50
    assert not backlog.dropped


def test_no_message_tells_what_was_dropped() -> None:
    backlog = Backlog(limit=400)
    backlog.note([CallChanged(live_call(0))])
    backlog.send([message(0, live_call(0).id)], START)
    for number in range(1, 401):
        backlog.note([CallChanged(closed(live_call(number)))])
        if number > 395:
            backlog.send([message(number, live_call(number).id)], START)
    assert (backlog.dropped.updates, backlog.dropped.messages) == (1, 1)
    taken = list[str]()
    while backlog:
        taken += [row[0] for row in backlog.take(100).messages]
    assert taken == [f"m{number}" for number in range(396, 401)]
