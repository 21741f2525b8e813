"""Figures over time equal those counted call by call, by the calendar's own arithmetic."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.buckets import Step
from monitor.core.clock import DAY, SECOND
from monitor.core.indicators import QueueTally
from monitor.core.records import Call, Exit, HandledBy, Reason, Verdict
from monitor.history import BatchWriter, History
from monitor.history.figure_queries import Wanted
from monitor.history.figures import Figures, FiguresReader
from monitor.history.rollups import Rollups
from tests.history.samples import random_call

PARIS = ZoneInfo("Europe/Paris")
SINCE = round(datetime(2026, 10, 22, tzinfo=PARIS).timestamp()) * SECOND
"""A Thursday; summer time ends on the Sunday after it."""
UNTIL = SINCE + 12 * DAY


def local(moment: int) -> datetime:
    return datetime.fromtimestamp(moment / SECOND, UTC).astimezone(PARIS)


def moved(call: Call, rng: random.Random) -> Call:
    """The same call at another moment, up to a day before or after the range."""
    by = rng.randrange(SINCE - DAY, UNTIL + DAY) - call.arrived_at
    call.uniqueid = f"{call.uniqueid}x"
    call.arrived_at += by
    call.clock_started_at = call.arrived_at if rng.random() < 0.95 else None
    call.ended_at = call.arrived_at + rng.choice([4_999, 5_000, 59_999, 60_000, 179_999, 400_000])
    if call.verdict in (Verdict.MET, Verdict.BREACHED) and rng.random() < 0.7:
        call.handled_by = rng.choice(list(HandledBy))
        call.handled_at = call.arrived_at + rng.choice([0, 59_999, 60_000, 74_000, 180_000])
    elif call.verdict is Verdict.BREACHED:
        call.reason = rng.choice([Reason.ABANDONED_LATE, Reason.REFUSED_LATE])
    for visit in call.visits:
        visit.joined_at += by
        for name in ("left_at", "answered_at", "ended_at"):
            if getattr(visit, name) is not None:
                setattr(visit, name, getattr(visit, name) + by)
    return call


@pytest.fixture
def calls(history: History) -> list[Call]:
    rng = random.Random(5)
    made = [moved(random_call(number, rng), rng) for number in range(1_200)]
    with BatchWriter(history) as writer:
        writer.add(made)
    # Nearly all is rolled up; what asks for a queue is counted from the calls all the same.
    rollups = Rollups(history)
    due = rollups.due(10_000)
    rollups.roll([hour for number, hour in enumerate(sorted(due)) if number % 40])
    return made


def counted(
    calls: list[Call], key: Callable[[int], object], wanted: Wanted
) -> dict[object, Figures]:
    """What the core counts, one record after the other, by any key of the moment."""
    found: dict[object, Figures] = {}

    def seen(pbx: str, queue: str) -> bool:
        named = wanted.queue in (None, queue)
        refs = wanted.queues
        return named and (refs is None or bool({("", queue), (pbx, queue)} & refs))

    narrowed = wanted.queue is not None or wanted.queues is not None
    for call in calls:
        if wanted.pbx not in (None, call.pbx):
            continue
        mine = [visit for visit in call.visits if seen(call.pbx, visit.queue)]
        if wanted.since <= call.arrived_at < wanted.until and (mine or not narrowed):
            found.setdefault(key(call.arrived_at), Figures()).commitment.count_call(call)
        for visit in mine:
            if visit.exit is not None and wanted.since <= visit.joined_at < wanted.until:
                figures = found.setdefault(key(visit.joined_at), Figures())
                tally = figures.queues.setdefault((call.pbx, visit.queue), QueueTally())
                tally.count(visit)
                tally.count_talk(visit)
    return found


def hour_key(moment: int) -> object:
    at = local(moment)
    return at.date(), at.hour, at.utcoffset()


def week_key(moment: int) -> object:
    day = local(moment).date()
    return day - timedelta(days=day.weekday())


KEYS: dict[Step, Callable[[int], object]] = {
    Step.HOUR: hour_key,
    Step.DAY: lambda moment: local(moment).date(),
    Step.WEEK: week_key,
    Step.MONTH: lambda moment: (local(moment).year, local(moment).month),
}
ALL = Wanted(SINCE, UNTIL)
NARROW = (
    ALL,
    Wanted(SINCE, UNTIL, pbx="lab"),
    Wanted(SINCE, UNTIL, queue="support"),
    Wanted(SINCE, UNTIL, queues=frozenset({("", "vip"), ("paris", "sales")})),
    Wanted(SINCE, UNTIL, queue="sales", queues=frozenset({("paris", "sales")})),
)


def test_each_bucket_counts_what_the_calendar_says(history: History, calls: list[Call]) -> None:
    reader = FiguresReader(history)
    for step, key in KEYS.items():
        for wanted in NARROW:
            found = reader.series(wanted, step, PARIS)
            expected = counted(calls, key, wanted)
            shown = {key(part.begin): figures for part, figures in found.buckets}
            assert len(shown) == len(found.buckets)
            for name, figures in shown.items():
                assert figures == expected.pop(name, Figures()), (step, name)
            assert expected == {}
            assert found.total == counted(calls, lambda _: 0, wanted).get(0, Figures())


def test_a_day_of_25_hours_has_25_buckets_of_hours(history: History) -> None:
    sunday = SINCE + 3 * DAY
    found = FiguresReader(history).series(
        Wanted(sunday, sunday + DAY + 3_600_000), Step.HOUR, PARIS
    )
    assert len(found.buckets) == 25
    assert all(figures == Figures() for _, figures in found.buckets)


def test_the_hours_of_the_week_are_by_the_wall(history: History, calls: list[Call]) -> None:
    found = FiguresReader(history).week(ALL, PARIS)

    def key(moment: int) -> object:
        return local(moment).weekday() * 24 + local(moment).hour

    assert found == counted(calls, key, ALL)
    assert list(found) == sorted(found)


# --- waits --------------------------------------------------------------------------------------

Bins = Counter[tuple[int, str]]


def bin_of(wait: int) -> int:
    return min(36, max(0, wait) // 5_000)


def visit_waits(calls: list[Call]) -> tuple[Bins, int]:
    bins: Bins = Counter()
    unseen = 0
    for call in calls:
        for visit in call.visits:
            if visit.exit is None or not SINCE <= visit.joined_at < UNTIL:
                continue
            if visit.wait is None:
                unseen += 1
                continue
            known = visit.exit in (Exit.ANSWERED, Exit.ABANDONED)
            bins[bin_of(visit.wait), visit.exit.value if known else "other"] += 1
    return bins, unseen


def call_waits(calls: list[Call]) -> tuple[Bins, int]:
    bins: Bins = Counter()
    unseen = 0
    for call in calls:
        judged = call.verdict in (Verdict.MET, Verdict.BREACHED, Verdict.ABANDONED)
        if not judged or not SINCE <= call.arrived_at < UNTIL:
            continue
        if call.wait is None:
            unseen += 1
            continue
        left = call.verdict is Verdict.ABANDONED or (
            call.verdict is Verdict.BREACHED and call.reason is Reason.ABANDONED_LATE
        )
        became = "answered" if call.handled_by else "abandoned" if left else "other"
        bins[bin_of(call.wait), became] += 1
    return bins, unseen


def test_waits_are_counted_by_five_seconds(history: History, calls: list[Call]) -> None:
    reader = FiguresReader(history)
    for of, expected in (("visit", visit_waits(calls)), ("call", call_waits(calls))):
        found = reader.waits(ALL, "visit" if of == "visit" else "call")
        shown: Bins = Counter()
        for number, part in enumerate(found.bins):
            for became in ("answered", "abandoned", "other"):
                shown[number, became] += getattr(part, became)
        assert (+shown, found.unseen) == expected, of
        assert sum(found.thresholds.values()) == sum(shown.values())
        assert found.bins[12].begin == 60_000
        assert found.bins[-1].end is None


def test_what_lies_below_the_threshold_was_met(history: History) -> None:
    def call(number: int, wait: int) -> Call:
        met = wait < 60_000
        return Call(
            "lab", f"1.{number}", SINCE, clock_started_at=SINCE, handled_at=SINCE + wait,
            handled_by=HandledBy.AGENT, verdict=Verdict.MET if met else Verdict.BREACHED,
        )  # fmt: skip

    with BatchWriter(history) as writer:
        writer.add([call(n, wait) for n, wait in enumerate((0, 59_999, 60_000, 179_999, 180_000))])
    found = FiguresReader(history).waits(ALL, "call")
    assert sum(part.answered for part in found.bins[:12]) == 2
    assert [found.bins[n].answered for n in (12, 35, 36)] == [1, 1, 1]
    assert found.thresholds == {60_000: 5}
