"""The trend of the last hour: what happened in each minute of each queue."""

import random
from collections import defaultdict
from typing import Any

from monitor.core import events as ev
from monitor.core.clock import MINUTE, SECOND, Ms
from monitor.core.records import Exit, Visit
from monitor.core.trend import KEPT, SETTLES, SLICE, Point, Trend, ended_waits, most_waiting
from tests.api.made import PBX, START, Centre, answered_call

FIRST: Ms = START - START % MINUTE
"""The minute in which all begins: 52 of its seconds are left."""


class Hour:
    """A centre with its trend, and the points that were told."""

    def __init__(self) -> None:
        self.centre = Centre()
        self.trend = Trend(self.centre.engine)
        self.told: list[Point] = []
        self(self.centre.connect())

    def __call__(self, effects: list[Any]) -> None:
        self.trend.take(effects, self.centre.now)

    def wait(self, seconds: float) -> None:
        """Time goes by; the trend is looked at."""
        self(self.centre.pass_time(seconds))
        while self.trend.count():
            pass
        self.told += self.trend.advance(self.centre.now)

    def come(self, uniqueid: str, queue: str = "support") -> None:
        self(self.centre.arrive(uniqueid))
        self(self.centre.join(uniqueid, queue))

    def answer(self, uniqueid: str, queue: str = "support") -> None:
        said = {"queue": queue, "interface": "PJSIP/alice", "member": "Alice"}
        self(self.centre.tell(ev.AgentConnected, uniqueid=uniqueid, **said))


def test_a_minute_is_told_once_it_is_over() -> None:
    hour = Hour()
    hour.come("1.1")
    hour.come("1.2")
    hour.come("1.3", "sales")
    hour.wait(5)
    hour.answer("1.1")
    hour(hour.centre.hang_up("1.2"))
    hour.wait(1)
    assert hour.told == []
    hour.wait((FIRST + MINUTE + SETTLES - hour.centre.now) / SECOND)
    assert hour.told == [
        Point(PBX, "sales", FIRST, offered=1, waiting_max=1),
        Point(
            PBX, "support", FIRST, offered=2, answered=1, answered_within=1, abandoned=1,
            abandoned_within=1, waiting_max=2,
        ),
    ]  # fmt: skip
    hour.wait(1)
    assert len(hour.told) == 2
    assert hour.trend.points(hour.centre.now) == hour.told


def test_what_happens_counts_in_the_minute_in_which_it_happens() -> None:
    hour = Hour()
    hour.come("1.1")
    hour.wait(61)
    hour.answer("1.1")
    hour.wait(2 * 60)
    second = FIRST + MINUTE
    assert hour.trend.points(hour.centre.now) == [
        Point(PBX, "support", FIRST, offered=1, waiting_max=1),
        Point(PBX, "support", second, answered=1, breached=1, waiting_max=1),
    ]


def test_who_waits_on_is_there_in_each_minute() -> None:
    hour = Hour()
    hour.come("1.1")
    for _ in range(180):
        hour.wait(1)
    points = hour.trend.points(hour.centre.now)
    assert [point.waiting_max for point in points] == [1, 1, 1]


def test_a_correction_moves_what_was_told() -> None:
    hour = Hour()
    hour.come("1.1")
    hour.wait(61)
    hour.wait(60)
    assert sum(point.breached for point in hour.told) == 1
    late = ev.AgentConnected(
        PBX, START + 59_000, uniqueid="1.1", queue="support", interface="PJSIP/a", member="Alice"
    )
    hour(hour.centre.engine.handle(late))
    hour.wait(60)
    points = hour.trend.points(hour.centre.now)
    assert sum(point.breached for point in points) == 0
    assert [(point.answered, point.answered_within) for point in points[:2]] == [(0, 0), (1, 1)]
    corrected = [point for point in hour.told if point.minute == points[1].minute]
    assert (corrected[0].breached, corrected[-1].breached) == (1, 0)


def test_an_hour_is_kept() -> None:
    hour = Hour()
    hour.come("1.1")
    hour.answer("1.1")
    hour(hour.centre.hang_up("1.1"))
    for _ in range(59):
        hour.wait(60)
    assert len(hour.trend.points(hour.centre.now)) == 1
    hour.wait(2 * 60)
    assert hour.trend.points(hour.centre.now) == []
    hour.come("1.2")
    hour.wait(KEPT / SECOND)
    assert len(hour.trend._counted) == 1


class Untouched(dict[str, Any]):
    """Who goes through all of it is found out."""

    def __iter__(self) -> Any:  # noqa: ANN401
        raise AssertionError("all calls of the hour were looked at")

    items = keys = values = __iter__


def test_what_is_forgotten_is_found_without_looking_at_all_calls_of_the_hour() -> None:
    hour = Hour()
    hour.come("1.1")
    hour.wait(70)
    hour.come("1.2")
    hour.wait(5)
    hour.trend._counted = Untouched(hour.trend._counted)
    hour.answer("1.1")  # counts for a later minute from now on
    for _ in range(61):
        hour.wait(60)
    assert len(hour.trend._counted) == 2
    for _ in range(4):
        hour.wait(60)
    assert len(hour.trend._counted) == 0
    assert not any(hour.trend._until.values())


def test_a_flood_is_counted_in_slices() -> None:
    hour = Hour()
    for number in range(SLICE + 10):
        hour.come(f"{number}.1")
    assert hour.trend.count() is True
    assert hour.trend.count() is False


def test_the_record_fills_what_was_before_the_start() -> None:
    hour = Hour()
    call = answered_call("9.9")
    hour.trend.fill([call])
    hour.trend.fill([call])  # pages may overlap
    hour.trend.fill_waiting(most_waiting(ended_waits([call])))
    hour.wait(120)
    (point,) = hour.trend.points(hour.centre.now)
    assert point == Point(
        PBX, "support", FIRST, offered=1, answered=1, answered_within=1, waiting_max=1
    )


def test_a_live_call_of_the_record_counts_as_it_is_now() -> None:
    hour = Hour()
    hour(hour.centre.arrive("1.1"))
    hour(hour.centre.join("1.1"))
    stale = answered_call("1.1")
    stale.visits = []
    hour.trend.fill([stale])
    hour.wait(120)
    assert hour.trend.points(hour.centre.now)[0].offered == 1


def test_the_most_who_waited_at_once_are_those_that_a_search_through_all_finds() -> None:
    rng = random.Random(3)
    calls = []
    for number in range(60):
        call = answered_call(f"{number}.1")
        joined = FIRST + rng.randrange(10 * MINUTE)
        left = joined + rng.choice([0, 900, 30_000, 4 * MINUTE])
        call.visits = [Visit("support", joined, 60_000, left_at=left, exit=Exit.ABANDONED)]
        calls.append(call)
    expected: defaultdict[Ms, int] = defaultdict(int)
    visits = [call.visits[0] for call in calls]
    moments = {visit.joined_at for visit in visits}
    for minute in range(FIRST, FIRST + 15 * MINUTE, MINUTE):
        for at in sorted({at for at in moments if minute <= at < minute + MINUTE} | {minute}):
            waiting = sum(v.joined_at <= at < (v.left_at or 0) for v in visits)
            expected[minute] = max(expected[minute], waiting)
    found = {minute: most for (minute, _), most in most_waiting(ended_waits(calls)).items() if most}
    assert found == {minute: most for minute, most in expected.items() if most}
