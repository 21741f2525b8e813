"""Indicators: the worked example of the literature, and today's figures."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from monitor.core.calendars import OpeningHours
from monitor.core.engine import day_bounds
from monitor.core.indicators import CommitmentTally, QueueTally, Ratio, ServiceLevel, service_levels
from monitor.core.policy import Policy
from tests.core.story import PBX, Story, ms

WORKED_EXAMPLE = QueueTally(
    offered=1060, answered=1000, answered_within=860,
    abandoned=60, abandoned_within=20, abandoned_short=10,
)  # fmt: skip
"""ICMI's: answered 1000, abandoned 60, 860 answered and 20 abandoned within T, 10 of them short."""


@pytest.mark.parametrize(
    ("formula", "percent"),
    [
        (ServiceLevel.ABANDONED_WITHIN_COUNT_FOR, 83.02),
        (ServiceLevel.ANSWERED_ONLY, 86.00),
        (ServiceLevel.ABANDONED_COUNT_AGAINST, 81.13),
        (ServiceLevel.ABANDONED_WITHIN_LEFT_OUT, 82.69),
        (ServiceLevel.SHORT_ABANDONED_COUNT_FOR, 82.08),
    ],
)
def test_the_worked_example_gives_its_five_percentages(
    formula: ServiceLevel, percent: float
) -> None:
    ratio = service_levels(WORKED_EXAMPLE)[formula].value
    assert ratio is not None
    assert round(100 * ratio, 2) == percent


def test_nothing_of_nothing_is_neither_zero_nor_hundred_percent() -> None:
    assert Ratio(0, 0).value is None
    assert all(r.value is None for r in service_levels(QueueTally()).values())


def test_the_commitments_rate_leaves_the_rest_beside_it() -> None:
    tally = CommitmentTally(met=9, breached=1, abandoned=5, refused=2, excluded=3, unknown=1)
    assert (tally.rate.value, tally.calls) == (0.9, 21)


def test_todays_figures_count_each_call_and_visit_once() -> None:
    story = Story()
    story.arrives(0).joins(1).connects(10).completes(40).ends(40)
    story.arrives(50, "b.1").joins(51, uniqueid="b.1").gives_up(53, uniqueid="b.1")
    story.hangs_up(53, "b.1")
    story.arrives(60, "c.1")
    view = story.engine.snapshot()
    assert (view.today.met, view.today.abandoned, view.today.pending) == (1, 1, 1)
    assert view.today.short_abandons == 1
    support = view.queues[PBX, "support"].today
    assert (support.offered, support.answered, support.abandoned_short) == (2, 1, 1)
    assert (support.answered_wait, support.talk, support.longest_wait) == (9_000, 30_000, 9_000)


def test_figures_start_anew_at_midnight_and_yesterdays_calls_stay_out_of_them() -> None:
    story = Story()
    start, end = day_bounds(ms(0), Policy())
    evening = (end - ms(0)) / 1000 - 30
    story.arrives(0).joins(1).connects(10).ends(40)
    story.arrives(evening, "b.1").joins(evening + 1, uniqueid="b.1")
    story.until(evening + 30)
    story.connects(evening + 40, uniqueid="b.1").ends(evening + 50, "b.1")
    view = story.engine.snapshot()
    assert (start < ms(0), view.today.calls) == (True, 0)
    assert view.queues[PBX, "support"].today.offered == 0


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-21", 24)]
)
def test_a_day_is_as_long_as_the_zone_makes_it(day: str, hours: int) -> None:
    from datetime import datetime

    paris = ZoneInfo("Europe/Paris")
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=paris)
    start, end = day_bounds(round(noon.timestamp() * 1000), Policy(zone=paris))
    assert end - start == hours * 3_600_000


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-20T08:59", False), ("2026-11-20T09:00", True), ("2026-11-20T17:59", True),
        ("2026-11-20T18:00", False), ("2026-11-21T10:00", False),
    ],
)  # fmt: skip
def test_opening_hours_are_read_in_the_centres_zone(moment: str, open_: bool) -> None:
    from datetime import datetime

    paris = ZoneInfo("Europe/Paris")
    hours = OpeningHours(tuple((day, time(9), time(18)) for day in range(5)))
    at = round(datetime.fromisoformat(moment).replace(tzinfo=paris).timestamp() * 1000)
    assert hours.is_open(at, paris) is open_
