"""Days of rollups are the sums of their hours: when rolled, corrected, and after a removal."""

import json
import random
from collections import Counter, defaultdict
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Table, Text, create_engine, delete, insert, select

from monitor.core.clock import DAY, HOUR
from monitor.core.period import Dimension
from monitor.core.tallies import Histogram
from monitor.history import History, open_history
from monitor.history.rollup_tables import BY_DAY, rollup_call, rollup_visit, rollup_waits
from monitor.history.schema import upgrade
from monitor.history.tables import call, fact, stay, visit
from tests.history.test_period import BEGIN, SPAN, Record, marks, plain, rolled_rows

UTC, PARIS = ZoneInfo("UTC"), ZoneInfo("Europe/Paris")
NOON = BEGIN // DAY * DAY + 3 * DAY + 12 * HOUR
Rows = dict[tuple[Any, ...], list[Any]]


@pytest.fixture
def record(history: History) -> Record:
    """A hundred calls and more, all rolled up."""
    made = Record(history, random.Random(3))
    for _ in range(20):
        made.write()
    roll_all(made)
    return made


def roll_all(record: Record) -> None:
    record.rollups.roll(sorted(marks(record.history)))


def rows_of(history: History, table: Table) -> Rows:
    keys = len(table.primary_key)
    with history.reading() as connection:
        rows = [tuple(row) for row in connection.execute(select(table))]
    return {row[:keys]: list(row[keys:]) for row in rows}


def added_by_hand(hours: Table, rows: Rows) -> Rows:
    found: defaultdict[tuple[Any, ...], list[list[Any]]] = defaultdict(list)
    for (hour, *others), counts in rows.items():
        found[hour // 24, *others].append(counts)
    if hours is rollup_waits:
        return {key: [_waits(*row) for row in counts] for key, counts in found.items()}
    names = [column.name for column in hours.c][len(hours.primary_key) :]
    return {
        key: [
            max(column) if name == "longest_wait" else sum(column)
            for name, column in zip(names, zip(*counts, strict=True), strict=True)
        ]
        for key, counts in found.items()
    }


def _waits(seconds: bytes, longer: str) -> Counter[int]:
    waits = Histogram(int.from_bytes(seconds, "little")).counts
    return Counter(waits | {int(s): n for s, n in json.loads(longer or "{}").items()})


def assert_days_are_sums(history: History) -> None:
    for hours, days in BY_DAY.items():
        expected, found = added_by_hand(hours, rows_of(history, hours)), rows_of(history, days)
        if hours is rollup_waits:
            expected = {key: [sum(waits, Counter())] for key, waits in expected.items()}
            found = {key: [_waits(*waits)] for key, waits in found.items()}
        assert found == expected, days.name
        assert expected, days.name


def test_days_are_the_sums_of_their_hours(record: Record) -> None:
    assert_days_are_sums(record.history)


def test_a_late_correction_makes_its_days_anew(record: Record) -> None:
    before = rolled_rows(record.history)
    for _ in range(5):
        record.correct()
        record.move()
    roll_all(record)
    assert rolled_rows(record.history) != before
    assert_days_are_sums(record.history)


def test_a_day_is_added_up_with_the_last_of_its_marked_hours(history: History) -> None:
    record = Record(history, random.Random(4))
    for _ in range(20):
        record.write()
    hours = sorted(marks(history))
    day = hours[len(hours) // 2] // 24
    *others, last = [hour for hour in hours if hour // 24 == day]
    table = BY_DAY[rollup_waits]
    for rolled, is_there in ((others, False), ([last], True)):
        record.rollups.roll(rolled)
        assert any(key[0] == day for key in rows_of(history, table)) is is_there
        record.check()


def test_days_stand_when_the_calls_of_their_hours_were_removed(record: Record) -> None:
    history, reader = record.history, record.reader
    record.correct()
    expected = plain(reader.read(BEGIN, NOON, UTC).total)
    with history.writing() as connection:
        record.rollups.keep(NOON, connection)
        old = select(call.c.id).where(call.c.arrived_at < NOON)
        for table in (visit, stay, fact):
            connection.execute(delete(table).where(table.c.call_id.in_(old)))
        connection.execute(delete(call).where(call.c.arrived_at < NOON))
    record.calls = {id_: one for id_, one in record.calls.items() if one.arrived_at >= NOON}
    roll_all(record)
    assert plain(reader.read(BEGIN, NOON, UTC).total) == expected
    assert_days_are_sums(history)
    # The day of which half is kept takes corrections of its other half.
    for _ in range(5):
        record.correct()
    record.rollups.rebuild()
    assert plain(reader.read(BEGIN, NOON, UTC).total) == expected
    assert_days_are_sums(history)


def test_months_are_read_by_days_and_local_days_by_hours(record: Record) -> None:
    history, reader = record.history, record.reader
    by_month, by_day = (Dimension.QUEUE_MONTH,), (Dimension.DAY,)
    months = reader.read(BEGIN, BEGIN + SPAN, PARIS, by=by_month)
    days = reader.read(BEGIN, BEGIN + SPAN, PARIS, by=by_day)
    with history.writing() as connection:
        for table in BY_DAY.values():
            connection.execute(delete(table))
    assert reader.read(BEGIN, BEGIN + SPAN, PARIS, by=by_day) == days
    assert reader.read(BEGIN, BEGIN + SPAN, PARIS, by=by_month) != months
    record.rollups.rebuild()
    assert reader.read(BEGIN, BEGIN + SPAN, PARIS, by=by_month) == months


def test_hours_that_were_rolled_before_there_were_days_are_rolled_again(url: str) -> None:
    engine = create_engine(url)
    upgrade(engine, "0011")
    with engine.begin() as connection:
        for table, hour in ((rollup_call, 5), (rollup_call, 6), (rollup_visit, 6)):
            row = {c.name: "" if isinstance(c.type, Text) else 1 for c in table.c}
            connection.execute(insert(table).values(row | {"hour": hour}))
    engine.dispose()
    with open_history(url) as history:
        assert marks(history) == {5, 6}
