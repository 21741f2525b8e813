"""Figures counted by the database equal those counted by the core, record by record."""

import random

import pytest

from monitor.core.indicators import CommitmentTally, QueueTally
from monitor.core.records import Call
from monitor.history import BatchWriter, History
from monitor.history.figures import BUCKET, Figures, FiguresReader
from monitor.history.queries import Queues
from tests.history.samples import START, random_call

RANGE = (START + 500_000, START + 3_500_000)


def counted(
    calls: list[Call], since: int, until: int, pbx: str | None = None, queue: str | None = None
) -> Figures:
    """What the core counts, one record after the other."""
    figures = Figures()
    for call in calls:
        if pbx not in {None, call.pbx}:
            continue
        queues = {visit.queue for visit in call.visits}
        if since <= call.arrived_at < until and (queue is None or queue in queues):
            figures.commitment.count_call(call)
        for visit in call.visits:
            if visit.exit is None or not since <= visit.joined_at < until:
                continue
            if queue in {None, visit.queue}:
                tally = figures.queues.setdefault((call.pbx, visit.queue), QueueTally())
                tally.count(visit)
                tally.count_talk(visit)
    return figures


def counted_seen(calls: list[Call], queues: Queues) -> Figures:
    """The same for those who see some queues only."""

    def is_seen(pbx: str, queue: str) -> bool:
        return not queues.isdisjoint({("", queue), (pbx, queue)})

    seen = [call for call in calls if any(is_seen(call.pbx, visit.queue) for visit in call.visits)]
    figures = counted(seen, *RANGE)
    figures.queues = {key: tally for key, tally in figures.queues.items() if is_seen(*key)}
    return figures


@pytest.fixture
def calls(history: History) -> list[Call]:
    rng = random.Random(11)
    made = [random_call(number, rng) for number in range(3_000)]
    with BatchWriter(history) as writer:
        writer.add(made)
    return made


@pytest.mark.parametrize(
    ("pbx", "queue"), [(None, None), ("lab", None), (None, "support"), ("paris", "vip")]
)
def test_the_database_counts_as_the_core_does(
    history: History, calls: list[Call], pbx: str | None, queue: str | None
) -> None:
    found = FiguresReader(history).indicators(*RANGE, pbx=pbx, queue=queue)
    assert found.total == counted(calls, *RANGE, pbx, queue)
    without = FiguresReader(history).indicators(*RANGE, pbx=pbx, queue=queue, bucket=None)
    assert without.total == found.total
    assert without.buckets == {}


@pytest.mark.parametrize(
    "queues",
    [
        frozenset[tuple[str, str]](),
        frozenset({("", "support")}),
        frozenset({("lab", "support"), ("", "vip"), ("paris", "nowhere")}),
    ],
)
def test_of_some_queues_only_these_and_their_calls_are_counted(
    history: History, calls: list[Call], queues: Queues
) -> None:
    found = FiguresReader(history).indicators(*RANGE, queues=queues)
    assert found.total == counted_seen(calls, queues)


def test_each_bucket_counts_what_began_in_it(history: History, calls: list[Call]) -> None:
    found = FiguresReader(history).indicators(*RANGE).buckets
    assert list(found) == sorted(found)
    assert len(found) == 4
    for start, figures in found.items():
        assert start % BUCKET == 0
        since, until = max(start, RANGE[0]), min(start + BUCKET, RANGE[1])
        assert figures == counted(calls, since, until)


def test_all_queues_together_are_their_sum(history: History, calls: list[Call]) -> None:
    total = FiguresReader(history).indicators(*RANGE).total
    expected = QueueTally()
    for tally in counted(calls, *RANGE).queues.values():
        expected.add(tally)
    assert total.all_queues == expected


def test_today_counts_the_ended_calls_only(history: History, calls: list[Call]) -> None:
    since = START + 2_000_000
    ended = counted([call for call in calls if call.closed], since, 2**62)
    assert FiguresReader(history).today(since) == (ended.commitment, ended.queues)


def test_no_calls_make_no_figures(history: History) -> None:
    reader = FiguresReader(history)
    assert reader.indicators(*RANGE).total == Figures()
    assert reader.indicators(*RANGE).buckets == {}
    assert reader.today(0) == (CommitmentTally(), {})
