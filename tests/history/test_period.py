"""Rollups are exact: at every moment they say what the records say, counted one by one."""

import random
from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, update

from monitor.core.clock import DAY, HOUR, MINUTE, Ms
from monitor.core.period import ALL, Dimension, Part, PeriodFigures, count_all
from monitor.core.records import (
    BlindInterval,
    Call,
    Exit,
    HandledBy,
    Observed,
    Reason,
    Verdict,
    Visit,
    VoiceServerStay,
)
from monitor.history import BatchWriter, History
from monitor.history.period import PeriodReader
from monitor.history.reader import attach, rebuild
from monitor.history.rollup_marks import mark_callers
from monitor.history.rollup_tables import BY_DAY, rollup_due
from monitor.history.rollups import TABLES, Roller, Rollups
from monitor.history.rows import Rows
from monitor.history.store import Store
from monitor.history.tables import call, fact, stay, visit

BEGIN: Ms = 1_761_343_200_000
"""2025-10-25 00:00 in Paris: the day after has 25 hours."""
SPAN: Ms = 9 * DAY
SPLIT: tuple[Sequence[Dimension], ...] = (
    ALL, (), (Dimension.QUEUE_MONTH,), (Dimension.QUEUE, Dimension.MONTH), (Dimension.WEEK,)
)  # fmt: skip
ZONES = ("Europe/Paris", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe")


def some_call(number: int, rng: random.Random) -> Call:
    """A call of any kind: what the history must take, not what a PBX would plausibly do."""
    at = BEGIN + rng.randrange(SPAN)
    made = Call(rng.choice(["lab", "paris"]), f"u{number}", at)
    made.caller = rng.choice(["anonymous", "", *(f"+33{n}" for n in range(12))])
    if rng.random() < 0.6:
        made.caller_key = f"k{made.caller[-1:]}" if made.caller[-1:].isdigit() else ""
        if rng.random() < 0.2:
            made.caller = ""
    _change(made, rng)
    return made


def _change(made: Call, rng: random.Random) -> None:
    """Let anything of a call be other than it was."""
    at = made.arrived_at
    made.verdict, made.reason = rng.choice(list(Verdict)), rng.choice(list(Reason))
    made.policy_version, made.within = rng.choice([1, 2]), rng.choice([30_000, 60_000])
    made.clock_started_at = rng.choice([None, at, at + 9])
    made.handled_by = rng.choice([None, *HandledBy])
    made.handled_at = None if made.handled_by is None else at + rng.randrange(200_000)
    made.ended_at = rng.choice([None, at + rng.randrange(5_000_000)])
    made.short_abandon = rng.random() < 0.2
    made.observed, made.closed = rng.choice(list(Observed)), rng.random() < 0.9
    made.corrections, made.transfers = rng.choice([0, 0, 1, 3]), rng.choice([None, 0, 1, 2])
    made.visits = [_visit(at, rng) for _ in range(rng.choice([0, 1, 1, 2, 3]))]
    made.stays = [_stay(made, rng) for _ in range(rng.choice([0, 0, 1, 2]))]


def _visit(at: Ms, rng: random.Random) -> Visit:
    joined = at + rng.choice([0, rng.randrange(MINUTE), rng.randrange(3 * HOUR)])
    made = Visit(rng.choice(["support", "sales", "vip"]), joined, rng.choice([30_000, 60_000]))
    made.exit = rng.choice([None, *Exit, Exit.ANSWERED, Exit.ANSWERED])
    wait = rng.choice([0, 1, made.within, made.within + 1, rng.randrange(4_000_000)])
    made.left_at = rng.choice([None, joined + wait])
    if made.exit is Exit.ANSWERED:
        made.answered_at = rng.choice([None, joined + wait])
        made.ended_at = rng.choice([None, joined + wait + rng.randrange(300_000)])
        made.hold, made.transfers = rng.choice([None, 0, 9_000]), rng.choice([None, 0, 1])
    made.short = rng.random() < 0.2
    made.offers, made.missed = rng.randrange(5), rng.randrange(3)
    return made


def _stay(made: Call, rng: random.Random) -> VoiceServerStay:
    left = rng.choice([None, made.ended_at, made.arrived_at + 9_000])
    inputs = rng.choice(["", "1", "12#"])
    return VoiceServerStay(rng.choice(["welcome", "menu"]), made.arrived_at + 5, left, inputs)


def all_calls(history: History) -> list[Call]:
    with history.reading() as connection:
        found = rebuild(connection, select(call).order_by(call.c.arrived_at, call.c.id))
        attach(connection, found, (visit, stay), [record.id for record in found])
    return found


def plain(value: object) -> object:
    """A figure as plain values: what is not there counts like a zero."""
    if isinstance(value, Part):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def assert_same(found: PeriodFigures, expected: PeriodFigures) -> None:
    for f in fields(PeriodFigures):
        if f.name not in {"blind", "overflow", "access"}:
            assert plain(getattr(found, f.name)) == plain(getattr(expected, f.name)), f.name


def rolled_rows(history: History) -> list[list[tuple[Any, ...]]]:
    with history.reading() as connection:
        return [
            [tuple(row) for row in connection.execute(select(t).order_by(*t.primary_key))]
            for t in (*TABLES, *BY_DAY.values())
        ]


def marks(history: History) -> set[int]:
    with history.reading() as connection:
        return set(connection.execute(select(rollup_due.c.hour)).scalars())


class Record:
    """A record that is written to and rolled, at random."""

    def __init__(self, history: History, rng: random.Random) -> None:
        self.history, self.rng = history, rng
        self.rollups, self.reader = Rollups(history), PeriodReader(history)
        self.stores = [Store(history), Store(history)]
        self.calls: dict[str, Call] = {}
        self.made = 0

    def step(self) -> None:
        self.rng.choice([self.write, self.write, self.correct, self.move, self.roll, self.roll])()

    def write(self) -> None:
        new = []
        for _ in range(self.rng.randrange(1, 12)):
            self.made += 1
            new.append(some_call(self.made, self.rng))
        self.store(new)

    def correct(self) -> None:
        self.store(self.some(), change=True)

    def move(self) -> None:
        """Another arrival, another caller, other times of joining."""
        calls = self.some()
        for made in calls:
            made.arrived_at += self.rng.choice([0, -HOUR, HOUR, 3 * DAY])
            made.caller = self.rng.choice([made.caller, "+331", "anonymous"])
            made.caller_key = self.rng.choice([made.caller_key, "k1", ""])
            for stayed in made.visits:
                stayed.joined_at += self.rng.choice([0, HOUR, -HOUR])
        self.store(calls)

    def some(self) -> list[Call]:
        ids = sorted(self.calls)
        return [self.calls[id_] for id_ in self.rng.sample(ids, min(len(ids), 4))]

    def store(self, calls: list[Call], *, change: bool = False) -> None:
        rows = Rows()
        for made in calls:
            fewer = len(made.visits)
            if change:
                _change(made, self.rng)
            if made.id in self.calls and (change or len(made.visits) < fewer):
                rows.rewritten.append((made.id,))
            rows.add(made)
            self.calls[made.id] = made
        assert self.rng.choice(self.stores).write(rows) == []

    def roll(self) -> None:
        due = sorted(marks(self.history))
        self.rollups.roll(self.rng.sample(due, self.rng.randrange(len(due) + 1)))

    def check(self) -> None:
        zone = ZoneInfo(self.rng.choice(ZONES))
        edges = [BEGIN - DAY, BEGIN, BEGIN + 5 * HOUR, BEGIN + 7 * DAY + 1, BEGIN + SPAN + DAY]
        since, until = sorted(self.rng.sample(edges, 2))
        by = self.rng.choice(SPLIT)
        expected = count_all(all_calls(self.history), since, until, zone, by)
        assert_same(self.reader.read(since, until, zone, by=by), expected)


@pytest.mark.parametrize("seed", [1, 2])
def test_rollups_say_what_the_records_say_whatever_is_written(history: History, seed: int) -> None:
    record = Record(history, random.Random(seed))
    for number in range(40):
        record.step()
        if number % 8 == 0:
            record.check()
    record.rollups.roll(sorted(marks(history)))
    assert marks(history) == set()
    record.check()
    rolled = rolled_rows(history)
    assert all(rolled)
    assert record.rollups.rebuild() > 0
    assert rolled_rows(history) == rolled


def test_what_is_stored_again_as_it_was_marks_its_own_hours_alone(history: History) -> None:
    rng = random.Random(4)
    calls, store = [some_call(n, rng) for n in range(12)], Store(history)
    for _ in range(2):
        for made in calls:
            rows = Rows()
            rows.add(made)
            store.write(rows)
    Rollups(history).roll(sorted(marks(history)))
    for made in calls:
        rows = Rows()
        rows.add(made)
        store.write(rows)
        own = {made.arrived_at // HOUR} | {v.joined_at // HOUR for v in made.visits}
        assert marks(history) == own
        Rollups(history).roll(sorted(own))


def test_what_another_program_moved_is_marked_where_it_was_left(history: History) -> None:
    ours, theirs, rollups = Store(history), Store(history), Rollups(history)
    made = Call("lab", "1", BEGIN, caller="+331", verdict=Verdict.MET)
    first = BEGIN // HOUR
    for store, by, marked in ((ours, 0, {first}), (theirs, HOUR, {first, first + 1})):
        made.arrived_at = BEGIN + by
        rows = Rows()
        rows.add(made)
        store.write(rows)
        assert marks(history) == marked
        rollups.roll(sorted(marked))
    made.arrived_at = BEGIN
    rows = Rows()
    rows.add(made)
    ours.write(rows)
    assert marks(history) == {first, first + 1}


def test_an_earlier_call_that_is_imported_makes_a_later_one_a_repeat(history: History) -> None:
    later = Call("lab", "2", BEGIN + 2 * DAY, caller="+331", verdict=Verdict.MET)
    with BatchWriter(history) as writer:
        writer.add([later])
    Rollups(history).roll(sorted(marks(history)))
    earlier = Call("paris", "1", BEGIN, caller="+331", verdict=Verdict.MET)
    with BatchWriter(history) as writer:
        writer.add([earlier])
    assert marks(history) == {later.arrived_at // HOUR, earlier.arrived_at // HOUR}
    figures = PeriodReader(history).read(BEGIN, BEGIN + SPAN, ZoneInfo("UTC"))
    calls = figures.total.calls
    assert (calls.repeats_1, calls.repeats_7, calls.with_number) == (0, 1, 2)


def test_a_write_that_fails_marks_nothing(sqlite: History) -> None:
    store, rows = Store(sqlite), Rows()
    made = some_call(1, random.Random(5))
    rows.add(made)
    rows.calls[0] = (*rows.calls[0][:3], None, *rows.calls[0][4:])
    rows.visits, rows.stays = [], []
    try:
        refused = store.write(rows)
    except TypeError:
        refused = [None]  # type: ignore[list-item]
    assert refused
    assert marks(sqlite) == set()


def test_only_the_pbx_that_is_asked_for_is_counted(history: History) -> None:
    record = Record(history, random.Random(6))
    for _ in range(10):
        record.write()
    record.roll()
    zone = ZoneInfo("Europe/Paris")
    found = record.reader.read(BEGIN, BEGIN + SPAN, zone, pbx="lab", by=[Dimension.PBX])
    whole = record.reader.read(BEGIN, BEGIN + SPAN, zone)
    assert plain(found.total) == plain(whole.by_pbx["lab"])
    assert list(found.by_pbx) == ["lab"]
    assert not any((found.by_day, found.by_queue))


def test_parts_of_every_dimension_add_up_to_the_whole(history: History) -> None:
    record = Record(history, random.Random(7))
    for _ in range(10):
        record.write()
    record.roll()
    figures = record.reader.read(BEGIN, BEGIN + SPAN, ZoneInfo("Europe/Paris"))
    total = figures.total
    for parts in (
        [part for _, part in figures.by_day],
        [part for _, part in figures.by_week],
        [part for _, part in figures.by_month],
        list(figures.by_pbx.values()),
        list(figures.by_queue.values()),
        [part for months in figures.by_queue_month.values() for _, part in months],
    ):
        sum_ = Part()
        for part in parts:
            sum_.add(part)
        if not any(part.voice for part in parts):
            sum_.voice = total.voice
        assert plain(sum_) == plain(total)
    days = [bucket for bucket, _ in figures.by_day]
    assert all(one.end == following.begin for one, following in pairwise(days))


def test_rows_stand_when_the_calls_of_their_hours_were_removed(history: History) -> None:
    record = Record(history, random.Random(8))
    for _ in range(12):
        record.write()
    before = record.reader.read(BEGIN, BEGIN + 4 * DAY, ZoneInfo("UTC"))
    until = BEGIN + 4 * DAY
    with history.writing() as connection:
        record.rollups.keep(until, connection)
        old = select(call.c.id).where(call.c.arrived_at < until)
        for table in (visit, stay, fact):
            connection.execute(delete(table).where(table.c.call_id.in_(old)))
        connection.execute(delete(call).where(call.c.arrived_at < until))
    record.rollups.rebuild()
    after = record.reader.read(BEGIN, until, ZoneInfo("UTC"))
    assert plain(after.total) == plain(before.total)
    assert record.rollups.status().kept_until == until
    assert record.rollups.status().due == 0


def test_blind_intervals_that_touch_the_period_are_told(history: History) -> None:
    rows = Rows()
    spans = [(0, 5), (0, 10), (5, 15), (15, None), (19, 25), (20, 30)]
    for number, (since, until) in enumerate(spans):
        rows.blind.append((f"pbx{number}", since, until, "lost"))
    Store(history).write(rows)
    found = PeriodReader(history).read(10, 20, ZoneInfo("UTC")).blind
    assert found == [
        BlindInterval("pbx2", 5, 15, "lost"),
        BlindInterval("pbx3", 15, None, "lost"),
        BlindInterval("pbx4", 19, 25, "lost"),
    ]


def test_the_roller_rolls_what_is_marked_and_stops_when_it_is_told(history: History) -> None:
    record = Record(history, random.Random(9))
    for _ in range(2):
        record.write()
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 3

    ticks = iter(range(1_000))
    roller = Roller(
        record.rollups,
        lambda: BEGIN + 99 * DAY,
        share=0.2,
        pause=pause,
        stopwatch=lambda: float(next(ticks)),
    )
    assert roller.run() == 3
    assert pauses == [4.0, 4.0, 4.0]
    hours = sorted(marks(history))
    now = hours[-1] * HOUR + 5
    assert Roller(record.rollups, lambda: now, pause=lambda _: False).run() == len(hours) - 1
    assert marks(history) == {hours[-1]}


def test_a_caller_who_gets_a_pseudonym_may_make_later_calls_repeats(history: History) -> None:
    first = Call("lab", "1", BEGIN, caller="0033 1", verdict=Verdict.MET)
    later = Call("lab", "2", BEGIN + DAY, caller="+331", caller_key="k", verdict=Verdict.MET)
    with BatchWriter(history) as writer:
        writer.add([first, later])
    rollups, reader = Rollups(history), PeriodReader(history)
    rollups.roll(sorted(marks(history)))
    with history.writing() as connection:
        connection.execute(update(call).where(call.c.id == first.id).values(caller_key="k"))
        mark_callers(connection, [(first.arrived_at, "", "k")])
    figures = reader.read(BEGIN, BEGIN + SPAN, ZoneInfo("UTC"))
    assert figures.total.calls.repeats_1 == 1
