"""Pages of calls: the filters, compared with filtering in Python; the cursor."""

import itertools
import random

import pytest
from sqlalchemy import event

from monitor.core.records import Call, Verdict
from monitor.history import BatchWriter, History
from monitor.history.call_cursor import Cursor
from monitor.history.queries import CallFilter
from monitor.history.reader import HistoryReader
from tests.history.samples import START, full_call, live_call, random_call

FILTERS = {
    "since": START + 1_000_000,
    "until": START + 3_000_000,
    "pbx": "lab",
    "queue": "support",
    "verdict": Verdict.MET,
    "caller": "anonymous",
    "agent": "Alice",
    "queues": frozenset({("", "vip"), ("lab", "support"), ("lab", "nowhere")}),
}


def means(wanted: CallFilter, call: Call) -> bool:
    """What a filter is documented to mean."""
    answered = [visit for visit in call.visits if visit.agent == wanted.agent]
    if wanted.queue is not None:
        by_agent = any(visit.queue == wanted.queue for visit in answered)
    else:
        by_agent = bool(answered) or call.agent == wanted.agent
    return (
        (wanted.since is None or call.arrived_at >= wanted.since)
        and (wanted.until is None or call.arrived_at < wanted.until)
        and wanted.pbx in {None, call.pbx}
        and wanted.verdict in {None, call.verdict}
        and wanted.caller in {None, call.caller}
        and (wanted.queue is None or any(v.queue == wanted.queue for v in call.visits))
        and (wanted.agent is None or by_agent)
        and (wanted.queues is None or any(is_seen(wanted, call.pbx, v.queue) for v in call.visits))
        and (wanted.queue is None or is_seen(wanted, call.pbx, wanted.queue))
    )


def is_seen(wanted: CallFilter, pbx: str, queue: str) -> bool:
    return wanted.queues is None or not wanted.queues.isdisjoint({("", queue), (pbx, queue)})


def all_pages(reader: HistoryReader, wanted: CallFilter, limit: int) -> list[Call]:
    found: list[Call] = []
    cursor = None
    while True:
        page = reader.calls(wanted, limit=limit, cursor=cursor)
        assert len(page.calls) == limit or page.next_cursor is None
        found += page.calls
        cursor = page.next_cursor
        if cursor is None:
            return found


def newest_first(calls: list[Call]) -> list[Call]:
    return sorted(calls, key=lambda call: (call.arrived_at, call.id), reverse=True)


def test_every_combination_of_filters_gives_the_calls_it_means(history: History) -> None:
    rng = random.Random(7)
    calls = [random_call(number, rng) for number in range(400)]
    for call in calls:  # some arrive in the same millisecond
        call.arrived_at -= call.arrived_at % 10_000
    with BatchWriter(history) as writer:
        writer.add(calls)
    reader = HistoryReader(history)
    for size in range(len(FILTERS) + 1):
        for names in itertools.combinations(FILTERS, size):
            wanted = CallFilter(**{name: FILTERS[name] for name in names})  # type: ignore[arg-type]
            expected = newest_first([call for call in calls if means(wanted, call)])
            assert all_pages(reader, wanted, 23) == expected, names


def test_later_pages_stay_as_they_are_while_new_calls_arrive(history: History) -> None:
    calls = [live_call(number, facts=0) for number in range(100)]
    reader = HistoryReader(history)
    with BatchWriter(history) as writer:
        writer.add(calls)
        writer.flush()
        found: list[Call] = []
        cursor = None
        for number in itertools.count(1_000):
            page = reader.calls(CallFilter(queue="support"), limit=10, cursor=cursor)
            found += page.calls
            cursor = page.next_cursor
            if cursor is None:
                break
            writer.add([live_call(number)])
            writer.flush()
    assert found == newest_first(calls)


def test_a_page_that_is_just_full_is_the_last(history: History) -> None:
    with BatchWriter(history) as writer:
        writer.add(live_call(number) for number in range(10))
    assert HistoryReader(history).calls(limit=10).next_cursor is None


def test_a_page_takes_three_queries(history: History) -> None:
    with BatchWriter(history) as writer:
        writer.add([full_call(f"1.{number}") for number in range(30)])
    statements: list[str] = []

    @event.listens_for(history.engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    assert len(HistoryReader(history).calls(limit=20).calls) == 20
    assert len([text for text in statements if text.startswith("SELECT")]) == 3


def test_an_empty_history_has_an_empty_page(history: History) -> None:
    page = HistoryReader(history).calls()
    assert (page.calls, page.next_cursor) == ([], None)
    assert HistoryReader(history).call("lab:1") is None
    assert HistoryReader(history).open_calls() == []


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!", "é", "bnVsbA", "WzEsMl0", "W10", "WzFd", "a" * 4096]
)
def test_a_bad_cursor_is_refused(sqlite: History, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor is not one that this list gave"):
        HistoryReader(sqlite).calls(cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_bad_limit_is_refused(sqlite: History, limit: int) -> None:
    with pytest.raises(ValueError, match="limit must be between 1 and 500"):
        HistoryReader(sqlite).calls(limit=limit)


@pytest.mark.parametrize("id_", ["lab:1.2", "é:«»", "a/b+c", ""])
def test_a_cursor_may_stand_in_an_address(id_: str) -> None:
    text = Cursor(START, id_).encode()
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert Cursor.decode(text) == Cursor(START, id_)


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("pbx",),
        ("verdict",),
        ("caller",),
        ("agent",),
        ("queue",),
        ("queue", "pbx"),
        ("queue", "verdict"),
        ("queue", "agent"),
        ("queue", "caller"),
    ],
)
def test_sqlite_reads_every_page_from_an_index_in_order(
    sqlite: History, names: tuple[str, ...]
) -> None:
    plans: list[str] = []

    @event.listens_for(sqlite.engine, "before_cursor_execute")
    def _explain(
        _c: object, cursor: object, statement: str, parameters: object, *_: object
    ) -> None:
        if "ORDER BY" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[attr-defined]
            plans.extend(row[3] for row in cursor.fetchall())  # type: ignore[attr-defined]

    wanted = CallFilter(**{name: FILTERS[name] for name in names})  # type: ignore[arg-type]
    HistoryReader(sqlite).calls(wanted, cursor=Cursor(START, "x").encode())
    until_found = plans[: plans.index("SCAN page")]
    searches = [plan for plan in until_found if "USING" in plan and "PRIMARY KEY" not in plan]
    searches = [plan for plan in searches if "B-TREE" not in plan]
    assert searches
    assert all("arrived_at<?" in plan and "COVERING" in plan for plan in searches), plans
    # Two indexes merged need a sort, but only of two pages.
    assert names == ("agent",) or not any("ORDER BY" in plan for plan in until_found), plans
