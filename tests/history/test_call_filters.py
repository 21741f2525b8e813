"""Finding calls: every filter against the same one in Python; the search and its time limit."""

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from api.call_list import matches
from monitor.core.clock import DAY
from monitor.core.records import Call, Exit, HandledBy, Observed, Reason, Verdict, Visit
from monitor.history import BatchWriter, History
from monitor.history.call_cursor import Cursor
from monitor.history.call_search import Search, parse_search
from monitor.history.queries import MOST_QUEUES, CallFilter, PageQueries, plain_columns
from monitor.history.reader import CallCount, HistoryReader
from tests.history.samples import START, random_call
from tests.history.test_reader import all_pages, newest_first

PBXS = ("lab", "paris")
BAD = frozenset({Verdict.BREACHED, Verdict.ABANDONED})
CHOICES: dict[str, tuple[Any, ...]] = {
    "since": (START + 1_000_000,),
    "pbx": ("lab",),
    "queue": ("support",),
    "verdict": (Verdict.MET,),
    "verdicts": (frozenset({Verdict.BREACHED, Verdict.REFUSED, Verdict.ABANDONED}),),
    "caller": ("anonymous",),
    "agent": ("Alice",),
    "queues": (frozenset({("", "sales"), ("lab", "support")}),),
    "exit": (Exit.ANSWERED, Exit.TIMEOUT),
    "reason": (Reason.HANDLED_LATE,),
    "handled_by": (HandledBy.AGENT, "nobody"),
    "observed": (Observed.PARTIAL, Observed.FULL),
    "short": (True, False),
    "min_wait": (20_000,),
    "max_wait": (40_000,),
    "search": (
        parse_search("7712", PBXS), parse_search("12", PBXS), parse_search("+3361", PBXS),
        parse_search("ali", PBXS), parse_search("Alice", PBXS), parse_search("00336177", PBXS),
    ),
}  # fmt: skip


def some_calls(count: int) -> list[Call]:
    """Calls of which each field that can be asked for has several values."""
    rng = random.Random(11)
    calls = [random_call(number, rng) for number in range(count)]
    for call in calls:
        call.arrived_at -= call.arrived_at % 10_000  # some arrive in the same millisecond
        call.clock_started_at = rng.choice([None, call.arrived_at, call.arrived_at])
        call.ended_at = rng.choice([None, call.arrived_at + rng.randrange(60_000)])
        call.handled_by = rng.choice([None, *HandledBy])
        if call.handled_by is not None:
            call.handled_at = rng.choice([None, call.arrived_at + rng.randrange(60_000)])
        call.reason = rng.choice([Reason.HANDLED_LATE, Reason.CALLER_HUNG_UP])
        call.observed = rng.choice(list(Observed))
        call.caller = rng.choice([call.caller, "+33617712", "0617712", "+33612345612"])
        call.caller_name = rng.choice(["", "Alicia", "M. Valia"])
    return calls


def filters() -> list[dict[str, Any]]:
    """Each filter with each value, and many twos, threes and fours of them."""
    single = [(name, value) for name, values in CHOICES.items() for value in values]
    pairs = [pair for pair in itertools.combinations(single, 2) if pair[0][0] != pair[1][0]]
    rng = random.Random(3)
    pairs = rng.sample(pairs, 100)
    more = [
        [(name, rng.choice(CHOICES[name])) for name in rng.sample(sorted(CHOICES), size)]
        for size in (3, 4)
        for _ in range(30)
    ]
    chosen = [dict(parts) for parts in (*([part] for part in single), *pairs, *more)]
    return [parts for parts in chosen if not parts.keys() >= {"verdict", "verdicts"}]


def test_every_filter_alone_and_with_others_finds_the_calls_that_it_finds_among_live_ones(
    history: History,
) -> None:
    calls = some_calls(150)
    with BatchWriter(history) as writer:
        writer.add(calls)
    reader = HistoryReader(history, search_for=60)
    seen = 0
    for chosen in filters():
        wanted = CallFilter(**chosen)
        expected = newest_first([call for call in calls if matches(call, wanted)])
        assert all_pages(reader, wanted, 40) == expected, chosen
        seen += bool(expected)
    assert seen > 90


def one(**fields: object) -> Call:
    call = Call("lab", "1763718067.5", START, clock_started_at=START)
    for name, value in fields.items():
        setattr(call, name, value)
    return call


WAITED = {"handled_by": HandledBy.AGENT, "handled_at": START + 30_000, "ended_at": START + 90_000}
ANSWERED = Visit("sales", START, 60_000, exit=Exit.ANSWERED, agent="Alice")
TIMED_OUT = Visit("support", START, 60_000, exit=Exit.TIMEOUT)


@pytest.mark.parametrize(
    ("fields", "asked", "meant"),
    [
        (WAITED, {"min_wait": 30_000, "max_wait": 30_001}, True),
        (WAITED, {"min_wait": 30_001}, False),
        (WAITED, {"max_wait": 30_000}, False),
        (WAITED | {"handled_by": None, "handled_at": None}, {"min_wait": 90_000}, True),
        (WAITED | {"handled_at": None}, {"max_wait": 99_000}, False),
        ({}, {"handled_by": "nobody"}, True),
        ({"visits": [TIMED_OUT, ANSWERED]}, {"exit": Exit.TIMEOUT}, True),
        ({"visits": [TIMED_OUT, ANSWERED]}, {"exit": Exit.TIMEOUT, "queue": "sales"}, False),
        ({"visits": [TIMED_OUT, ANSWERED]}, {"exit": Exit.TIMEOUT, "agent": "Alice"}, False),
        ({"visits": [TIMED_OUT, ANSWERED]}, {"exit": Exit.ANSWERED, "agent": "Alice"}, True),
        ({"verdict": Verdict.MET}, {"verdicts": frozenset({Verdict.MET, Verdict.REFUSED})}, True),
        ({"verdict": Verdict.UNKNOWN}, {"verdicts": frozenset({Verdict.MET})}, False),
        ({"observed": Observed.PARTIAL}, {"observed": Observed.PARTIAL}, True),
        ({"reason": Reason.TEST_NUMBER}, {"reason": Reason.TEST_NUMBER}, True),
        ({"short_abandon": True}, {"short": False}, False),
    ],
)
def test_a_filter_means_what_it_says(
    sqlite: History, fields: dict[str, Any], asked: dict[str, Any], meant: bool
) -> None:
    call = one(**{**fields, "visits": [replace(v) for v in fields.get("visits", [])]})
    with BatchWriter(sqlite) as writer:
        writer.add([call])
    wanted = CallFilter(**asked)
    assert bool(HistoryReader(sqlite).calls(wanted).calls) is meant
    assert matches(call, wanted) is meant


# --- search --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "finds", "passes"),
    [
        ("5612", ["+33612345612", "0612345612"], ["5612345"[::-1]]),
        ("06 12 34 56 12", ["0612345612", "+33612345612", "0033612345612"], ["0712345612"]),
        ("+33 6.12.34.56-12", ["+33612345612"], ["0612345612"]),
        ("0033612345612", ["+33612345612", "0033612345612"], ["0612345612"]),
        ("0612", ["0612345678"], ["+33612345678"]),
        ("anonymous", [], ["anonymous"]),
    ],
)
def test_a_number_is_found_however_it_is_written(
    typed: str, finds: list[str], passes: list[str]
) -> None:
    search = parse_search(typed, PBXS)
    assert search is not None
    assert [n for n in [*finds, *passes] if search.matches(one(caller=n))] == finds


def test_an_id_is_found_with_and_without_its_pbx() -> None:
    for typed in ("lab:1763718067.5", "1763718067.5", " 1763718067.5 "):
        search = parse_search(typed, PBXS)
        assert search is not None
        assert search.is_indexed
        assert search.matches(one())
    assert parse_search("paris:1763718067.5", PBXS) == Search(
        "paris:1763718067.5", ids=("paris:1763718067.5",)
    )
    assert parse_search("  ", PBXS) is None


def test_who_may_not_see_numbers_does_not_find_them_either() -> None:
    call = one(caller="0612345612", caller_name="0612345612 Zoé", agent="1001")
    for typed, found in (
        ("0612345612", False), ("5612", False), ("2 zo", False), ("zoé", True), ("1001", True),
    ):  # fmt: skip
        search = parse_search(typed, PBXS, sees_numbers=False)
        assert search is not None
        assert search.matches(call) is found, typed


def test_letters_that_mean_something_to_a_database_are_only_letters(history: History) -> None:
    calls = [one(uniqueid="1.1", caller_name="100%"), one(uniqueid="1.2", caller_name="100 A_B")]
    with BatchWriter(history) as writer:
        writer.add(calls)
    reader = HistoryReader(history)
    for typed, found in (("%", ["1.1"]), ("A_B", ["1.2"]), ("a_b", ["1.2"]), ("__", [])):
        search = parse_search(typed, PBXS)
        assert [c.uniqueid for c in reader.calls(CallFilter(search=search)).calls] == found


# --- its time limit ------------------------------------------------------------------------------


class Impatient:
    """A stopwatch that shows a second more at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_a_search_that_takes_long_stops_says_how_far_it_came_and_goes_on_from_there(
    history: History,
) -> None:
    calls = [one(uniqueid=f"1.{n}", arrived_at=START + n * DAY, caller_name="x") for n in range(9)]
    calls[2].caller_name = "rare"
    with BatchWriter(history) as writer:
        writer.add(calls)
    reader = HistoryReader(history, search_for=0.5, stopwatch=Impatient())
    wanted = CallFilter(search=parse_search("rare", PBXS))

    first = reader.calls(wanted)

    assert first.calls == []
    assert first.searched_to is not None
    assert START + 7 * DAY < first.searched_to < START + 8 * DAY
    found, cursor, pages = [], first.next_cursor, 1
    while cursor is not None:
        page = reader.calls(wanted, cursor=cursor)
        found += page.calls
        cursor, pages = page.next_cursor, pages + 1
    assert found == [calls[2]]
    assert pages > 5
    assert reader.count(wanted, 10) == CallCount(0, more=True)


def test_calls_are_counted_up_to_a_limit(history: History) -> None:
    with BatchWriter(history) as writer:
        writer.add([one(uniqueid=f"1.{n}", arrived_at=START + n) for n in range(12)])
    reader = HistoryReader(history)
    assert reader.count(CallFilter(), 12) == CallCount(12, more=False)
    assert reader.count(CallFilter(), 11) == CallCount(11, more=True)
    assert reader.count(CallFilter(handled_by="nobody"), 11) == CallCount(11, more=True)
    assert reader.count(CallFilter(handled_by="nobody"), 50) == CallCount(12, more=False)


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"search": parse_search("0612345612", PBXS)}, "ix_call_tail"),
        ({"exit": Exit.FULL}, "ix_visit_exit"),
        ({"exit": Exit.FULL, "queue": "support", "pbx": "lab"}, "ix_visit_exit"),
        ({"observed": Observed.PARTIAL}, "ix_call_partial"),
        ({"verdicts": frozenset({Verdict.MET, Verdict.REFUSED})}, "ix_call_verdict"),
        ({"search": parse_search("lab:1763718067.5", PBXS)}, "PRIMARY KEY (id=?)"),
        ({"reason": Reason.TEST_NUMBER}, "ix_call_arrived"),
    ],
)
def test_sqlite_is_led_by_the_index_that_is_meant(
    sqlite: History, asked: dict[str, Any], index: str
) -> None:
    plans: list[str] = []

    @event.listens_for(sqlite.engine, "before_cursor_execute")
    def _explain(
        _c: object, cursor: object, statement: str, parameters: object, *_: object
    ) -> None:
        if "ORDER BY" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[attr-defined]
            plans.extend(row[3] for row in cursor.fetchall())  # type: ignore[attr-defined]

    with BatchWriter(sqlite) as writer:
        writer.add([one()])
    HistoryReader(sqlite).calls(CallFilter(**asked), cursor=Cursor(START, "x").encode())
    first = next(plan for plan in plans if plan.startswith("SEARCH"))
    assert index in first, plans


# --- who sees some queues -------------------------------------------------------------------------


def test_who_sees_no_queue_has_no_calls_and_none_is_looked_at(history: History) -> None:
    with BatchWriter(history) as writer:
        writer.add(some_calls(50))
    nothing = CallFilter(queues=frozenset())
    assert HistoryReader(history).calls(nothing).calls == []
    keys = PageQueries(plain_columns("sqlite")).keys(nothing, None, 10)
    assert "EXISTS" not in str(keys.select())


def test_calls_of_more_queues_than_are_looked_up_are_looked_for_within_the_time_limit(
    history: History,
) -> None:
    calls = some_calls(200)
    with BatchWriter(history) as writer:
        writer.add(calls)
    many = frozenset({("", "sales"), *(("", f"queue-{n}") for n in range(MOST_QUEUES))})
    wanted = CallFilter(queues=many)
    assert not wanted.is_indexed
    assert not replace(wanted, queues=frozenset(sorted(many)[:60]), verdicts=BAD).is_indexed
    assert CallFilter(queues=many, queue="sales").is_indexed
    assert all_pages(HistoryReader(history), wanted, 7) == newest_first(
        [call for call in calls if matches(call, wanted)]
    )
