import logging
from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from monitor.core.clock import DAY, HOUR
from monitor.core.records import Fact, FactKind, Reason, Verdict
from monitor.evidence.amendments import Why, amendment_of, digests_of
from monitor.evidence.chain import (
    BLIND,
    CALLS,
    FACTS,
    GENESIS,
    POLICIES,
    Part,
    Seal,
    begin_of,
    digest_of,
    part_of,
    seal_of,
)
from monitor.evidence.documents import call_document
from monitor.evidence.pseudonyms import Pseudonyms
from monitor.evidence.sealing import GRACE, PATIENCE, Sealer, Waiting, Waits
from monitor.history import History, open_history
from monitor.history.evidence_keeping import sealed_until, whole_calls
from monitor.history.evidence_reading import entry_of
from monitor.history.evidence_record import (
    amendment_lines,
    announce,
    note_removal,
    part_digests,
    pending_count,
    seal_count,
    seal_lines,
)
from monitor.history.evidence_tables import seal
from monitor.history.reader import HistoryReader
from monitor.history.tables import call
from tests.evidence.samples import (
    BEGIN,
    FIRST,
    Clock,
    abandoned,
    after_days,
    answered,
    day_of_calls,
    fill,
    seal_all,
    store,
)
from tests.postgres import PostgresServer


def sealed_alone(pseudonyms: Pseudonyms) -> Part:
    """What a first day of calls makes that nobody changes."""
    entries = [call_document(call, pseudonyms) for call in day_of_calls(0)]
    return part_of(map(digest_of, entries))


def amendments(history: History, number: int) -> list[tuple[str, Why]]:
    with history.reading() as connection:
        lines = amendment_lines(connection, number)
    found = [amendment_of(orjson.loads(line)) for line in lines]
    return [(item.call, item.why) for item in found]


def test_every_day_is_sealed_with_the_head_of_the_day_before(history: History) -> None:
    fill(history, days=2)
    seals = seal_all(history, after_days(4))
    # The policy was made on the day before the first call.
    assert [seal.day for seal in seals] == [FIRST + timedelta(days=n) for n in range(-1, 4)]
    assert [seal.number for seal in seals] == [1, 2, 3, 4, 5]
    assert [seal.previous for seal in seals] == [GENESIS, *(seal.head for seal in seals[:-1])]
    assert [seal.parts[CALLS].count for seal in seals] == [0, 3, 3, 0, 0]
    assert [seal.parts[FACTS].count for seal in seals] == [0, 2, 2, 0, 0]
    assert [seal.parts[BLIND].count for seal in seals] == [0, 1, 1, 0, 0]
    assert [seal.parts[POLICIES].count for seal in seals] == [1, 1, 1, 1, 1]
    with history.reading() as connection:
        stored = seal_lines(connection)
        digests = part_digests(connection, FIRST)
    assert [seal_of(line) for _, line in stored] == seals
    assert [head for head, _ in stored] == [seal.head for seal in seals]
    assert len(digests[CALLS]) == 3 * 32


def test_all_that_is_sealed_is_the_same_in_either_database(
    history: History, pseudonyms: Pseudonyms
) -> None:
    fill(history)
    assert seal_all(history, after_days(3))[-1].head == HEAD


HEAD = "47b86647296280883e24942a75276b9c636397e865cd5acab56ec3ca16712da2"


def test_a_day_is_sealed_once_it_has_been_over_for_a_day_and_two_hours(sqlite: History) -> None:
    fill(sqlite, days=1)
    clock = Clock(BEGIN + DAY + GRACE - 1)
    assert [seal.day for seal in seal_all(sqlite, clock)] == [FIRST - timedelta(days=1)]
    sealer = Sealer(sqlite, clock, clock.rest)
    assert sealer.waiting() == Waiting(Waits.GRACE, FIRST, BEGIN + DAY + GRACE)
    clock.now += 1
    assert sealer.waiting() is None


def test_nothing_is_sealed_of_an_empty_record(sqlite: History) -> None:
    assert Sealer(sqlite, Clock()).seal_next() == Waiting(Waits.NOTHING)


def test_without_a_key_nothing_is_sealed(sqlite: History) -> None:
    fill(sqlite, days=1)
    with open_history(sqlite.url.render_as_string()) as keyless:
        waiting = Sealer(keyless, Clock()).seal_next()
    assert waiting == Waiting(Waits.KEY, FIRST - timedelta(days=1))


def test_a_day_waits_for_its_calls_to_be_over_but_not_for_ever(sqlite: History) -> None:
    live = replace(answered(BEGIN + HOUR), closed=False)
    store(sqlite, live)
    clock = Clock(BEGIN + DAY + GRACE)
    until = BEGIN + DAY + PATIENCE
    sealer = Sealer(sqlite, clock, clock.rest)
    assert sealer.seal_next() == Waiting(Waits.LIVE_CALLS, FIRST, until, 1)

    clock.now = until
    sealed = sealer.seal_next()
    assert isinstance(sealed, Seal)
    assert sealed.parts[CALLS].count == 0
    seal_all(sqlite, after_days(3))
    with sqlite.reading() as connection:
        assert seal_count(connection) == 3, "days after it do not wait for it again"

    live.closed = True
    store(sqlite, live)
    later = seal_all(sqlite, clock)
    assert sum(seal.amendments.count for seal in later) == 1
    assert amendments(sqlite, 4) == [(live.id, Why.ADDED)]


def test_calls_of_before_the_upgrade_get_their_pseudonyms_before_they_are_sealed(
    sqlite: History, pseudonyms: Pseudonyms
) -> None:
    with open_history(sqlite.url.render_as_string()) as keyless:
        fill(keyless, days=1)
    seal_all(sqlite, after_days(1))
    with sqlite.reading() as connection:
        keys = set(map(tuple, connection.execute(select(call.c.caller, call.c.caller_key))))
    assert keys == {
        ("anonymous", ""),
        *((number, pseudonyms.caller(number)) for number in ("+33600000000", "+33600000001")),
    }


def test_a_call_is_stored_with_its_callers_pseudonym(
    history: History, pseudonyms: Pseudonyms
) -> None:
    first = answered(BEGIN, "+33 1 23 45 67 89")
    store(history, first)
    found = HistoryReader(history).call(first.id)
    assert found is not None
    assert found.caller_key == pseudonyms.caller("+33123456789")

    found.caller = ""
    store(history, found)
    assert HistoryReader(history).call(first.id) == found, "purged, it keeps its pseudonym"


def test_a_corrected_call_of_a_sealed_day_is_amended_by_the_next_seal(history: History) -> None:
    fill(history, days=1)
    seal_all(history, after_days(1))
    corrected = next(day_of_calls(0))
    corrected.verdict, corrected.reason = Verdict.BREACHED, Reason.HANDLED_LATE
    corrected.corrections = 1
    told = answered(BEGIN + 9 * HOUR + 600_000, "+33600000001", wait=5_000)
    told.facts.append(Fact(told.arrived_at, FactKind.HELD, {}))
    added = answered(BEGIN + 12 * HOUR)
    same = abandoned(BEGIN + 9 * HOUR + 2 * 600_000 + 17)
    store(history, corrected, told, added, same)
    store(history, corrected)

    with history.reading() as connection:
        assert pending_count(connection) == 4
    assert seal_all(history, after_days(2))[0].amendments.count == 3
    assert amendments(history, 3) == [
        (corrected.id, Why.CORRECTED),
        (told.id, Why.TIMELINE),
        (added.id, Why.ADDED),
    ]
    with history.reading() as connection:
        assert pending_count(connection) == 0
    assert seal_all(history, after_days(3))[0].amendments.count == 0


def test_who_announces_a_day_that_another_sealed_meanwhile_takes_nothing_away(
    history: History,
) -> None:
    fill(history, days=1)
    seal_all(history, after_days(1))
    corrected = next(day_of_calls(0))
    corrected.corrections = 1
    store(history, corrected)
    with history.writing() as connection:
        announce(connection, FIRST)
    seal_all(history, after_days(2))
    assert amendments(history, 3) == [(corrected.id, Why.CORRECTED)]


def test_what_an_import_brings_of_the_time_before_the_chain_is_in_no_seal(history: History) -> None:
    fill(history, days=1)
    seal_all(history, after_days(1))
    first = begin_of(FIRST - timedelta(days=1))
    store(history, answered(first - 1), answered(first - 90 * DAY), answered(first))
    with history.reading() as connection:
        assert pending_count(connection) == 1
    seal_all(history, after_days(2))
    assert amendments(history, 3) == [(answered(first).id, Why.ADDED)]


def test_each_correction_is_told_from_the_one_before(sqlite: History) -> None:
    fill(sqlite, days=1)
    seal_all(sqlite, after_days(1))
    corrected = next(day_of_calls(0))
    for day in (2, 3):
        corrected.corrections += 1
        store(sqlite, corrected)
        seal_all(sqlite, after_days(day))
    with sqlite.reading() as connection:
        first, second = (
            amendment_of(orjson.loads(amendment_lines(connection, number)[0])) for number in (3, 4)
        )
    assert first.after == second.before
    assert len({first.before, first.after, second.after}) == 3


def test_a_change_while_a_day_is_read_is_told_by_the_next_seal(sqlite: History) -> None:
    fill(sqlite, days=1, many=6)
    seal_all(sqlite, after_days(0))
    clock = after_days(1)
    changed, new = next(day_of_calls(0)), answered(BEGIN + 13 * HOUR)
    changed.corrections = 1

    def rest(_seconds: float) -> None:
        store(sqlite, changed, new)

    sealed = Sealer(sqlite, clock, rest).seal_next()
    assert isinstance(sealed, Seal)
    assert sealed.parts[CALLS].count == 6
    assert seal_all(sqlite, after_days(2))[0].amendments.count == 2
    assert amendments(sqlite, 3) == [(changed.id, Why.CORRECTED), (new.id, Why.ADDED)]


def test_a_change_before_a_day_is_read_is_told_by_the_next_seal_too(
    history: History, pseudonyms: Pseudonyms
) -> None:
    fill(history, days=1)
    seal_all(history, after_days(0))
    clock = after_days(1)
    changed = next(day_of_calls(0))
    changed.corrections = 1
    sealer = Sealer(history, clock, clock.rest)
    read = sealer._read

    def read_late(day: date, pseudonyms: Pseudonyms) -> object:
        store(history, changed)
        return read(day, pseudonyms)

    sealer._read = read_late  # type: ignore[method-assign,assignment]
    sealed = sealer.seal_next()
    assert isinstance(sealed, Seal)
    assert sealed.parts[CALLS] == sealed_alone(pseudonyms)
    seal_all(history, after_days(2))
    assert amendments(history, 3) == [(changed.id, Why.CORRECTED)]


def test_an_amendment_that_changed_while_it_was_read_is_read_again(
    sqlite: History, pseudonyms: Pseudonyms
) -> None:
    fill(sqlite, days=1)
    seal_all(sqlite, after_days(1))
    changed = next(day_of_calls(0))
    changed.corrections = 1
    store(sqlite, changed)
    rested: list[float] = []

    def rest(seconds: float) -> None:
        if not rested:
            changed.corrections = 2
            store(sqlite, changed)
        rested.append(seconds)

    assert isinstance(Sealer(sqlite, after_days(2), rest).seal_next(), Seal)
    with sqlite.reading() as connection:
        assert pending_count(connection) == 0
        told = amendment_of(orjson.loads(amendment_lines(connection, 3)[0]))
        entry = entry_of(whole_calls(connection, [changed.id])[0], pseudonyms)
    assert told.after == digests_of(entry.document, entry.facts)


def test_of_two_processes_one_seals(history: History, url: str, pseudonyms: Pseudonyms) -> None:
    fill(history, days=1)
    clock = after_days(1)
    seal_all(history, after_days(0))
    with open_history(url, pseudonyms=pseudonyms) as other:

        def rest(_seconds: float) -> None:
            seal_all(other, clock)

        first = Sealer(history, clock, rest).seal_next()
    assert isinstance(first, Waiting)
    assert first.why is Waits.GRACE
    with history.reading() as connection:
        assert len(seal_lines(connection)) == 2


@pytest.mark.postgresql
def test_no_day_is_announced_while_calls_are_being_stored(
    postgres_server: PostgresServer, pseudonyms: Pseudonyms
) -> None:
    # Else a change that looked at the mark before, and is committed after, would be kept nowhere.
    with (
        open_history(postgres_server.new_database(), pseudonyms=pseudonyms) as history,
        history.writing() as storing,
        history.writing() as sealing,
    ):
        assert sealed_until(storing, lock=True) == 0
        sealing.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
        with pytest.raises(OperationalError, match="lock timeout"), sealing.begin_nested():
            announce(sealing, FIRST)


def test_a_seal_is_never_written_over(sqlite: History) -> None:
    fill(sqlite, days=1)
    seal_all(sqlite, after_days(1))
    row = {"number": 9, "day": FIRST.isoformat(), "sealed_at": 0, "head": "", "line": ""}
    with sqlite.writing() as connection, pytest.raises(IntegrityError):
        connection.execute(insert(seal).values(row))


def test_what_retention_removed_is_told_by_the_next_seal(sqlite: History) -> None:
    fill(sqlite, days=1)
    seal_all(sqlite, after_days(1))
    with sqlite.writing() as connection:
        note_removal(connection, FIRST, [CALLS, FACTS], BEGIN)
        note_removal(connection, FIRST, [CALLS], BEGIN)
        note_removal(connection, FIRST + timedelta(days=9), [CALLS], BEGIN)
    second, third = seal_all(sqlite, after_days(3))
    assert second.removed == ((FIRST, CALLS), (FIRST, FACTS))
    assert third.removed == ()


def test_what_was_changed_without_a_key_is_said_to_be_unkept(
    sqlite: History, caplog: pytest.LogCaptureFixture
) -> None:
    fill(sqlite, days=1)
    seal_all(sqlite, after_days(1))
    changed = next(day_of_calls(0))
    changed.corrections = 1
    with open_history(sqlite.url.render_as_string()) as keyless:
        store(keyless, changed)
    assert "cannot be kept" in caplog.text
    seal_all(sqlite, after_days(2))
    assert amendments(sqlite, 3) == [(changed.id, Why.UNKEPT)]
    with sqlite.reading() as connection:
        told = amendment_of(orjson.loads(amendment_lines(connection, 3)[0]))
    assert told.before == ("", "")


def test_sealing_gives_way_after_each_step(sqlite: History) -> None:
    fill(sqlite, days=1, many=600)
    clock = after_days(1)
    seal_all(sqlite, clock)
    assert len([pause for pause in clock.rested if pause > 0]) >= 3


def test_the_head_is_logged(sqlite: History, caplog: pytest.LogCaptureFixture) -> None:
    fill(sqlite, days=1)
    with caplog.at_level(logging.INFO, "minuteur.evidence"):
        seals = seal_all(sqlite, after_days(1))
    assert seals[-1].head in caplog.text


def test_a_direct_change_keeps_nothing(sqlite: History) -> None:
    # Only what is stored by the monitor is kept: see test_checking for what is found then.
    fill(sqlite, days=1)
    seal_all(sqlite, after_days(1))
    with sqlite.writing() as connection:
        connection.execute(update(call).values(verdict=Verdict.MET.value))
    with sqlite.reading() as connection:
        assert pending_count(connection) == 0
