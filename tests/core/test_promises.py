"""Announced deadlines: counted in opening hours, over holidays and changes of the clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from config.public_holidays import days_of
from monitor.core.calendars import ALWAYS, Calendar, OpeningHours
from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms
from monitor.core.promises import (
    LONGEST,
    Deadline,
    Promise,
    PromiseError,
    after_opening_time,
    deadline_of,
)

PARIS = ZoneInfo("Europe/Paris")
WEEK = OpeningHours(tuple((day, time(9), time(18)) for day in range(5)))
FRENCH = Calendar("office", WEEK, holidays=days_of("FR", "", [2026, 2027]))


def paris(text: str, fold: int = 0) -> Ms:
    local = datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)
    return round(local.timestamp() * SECOND)


@pytest.mark.parametrize(
    ("received", "hours", "deadline"),
    [
        ("2026-11-16T10:00", 4, "2026-11-16T14:00"),
        ("2026-11-16T16:00", 4, "2026-11-17T11:00"),  # over a night
        ("2026-11-20T17:00", 4, "2026-11-23T12:00"),  # over a weekend
        ("2026-11-21T03:00", 4, "2026-11-23T13:00"),  # received on a Saturday
        ("2026-11-16T14:00", 4, "2026-11-16T18:00"),  # used up as it closes
        ("2026-11-10T16:00", 4, "2026-11-12T11:00"),  # 11 November, Armistice
        ("2026-05-07T17:00", 4, "2026-05-11T12:00"),  # 8 May, then a weekend
        ("2026-04-30T17:30", 1, "2026-05-04T09:30"),  # 1 May, then a weekend
        ("2026-04-03T17:00", 2, "2026-04-07T10:00"),  # Easter Monday
        ("2026-05-13T17:00", 2, "2026-05-15T10:00"),  # Ascension Day
        ("2026-12-24T17:00", 18, "2026-12-29T17:00"),  # Christmas
        ("2026-12-31T17:00", 9, "2027-01-04T17:00"),  # over New Year's Day
    ],
)
def test_a_span_of_opening_hours_leaves_out_nights_weekends_and_french_holidays(
    received: str, hours: int, deadline: str
) -> None:
    found = after_opening_time(FRENCH, PARIS, paris(received), hours * HOUR)

    assert datetime.fromtimestamp(found / SECOND, PARIS) == datetime.fromisoformat(
        deadline
    ).replace(tzinfo=PARIS)


ROUND_THE_CLOCK = Calendar("nights", closed=((date(2026, 6, 1), date(2026, 6, 1)),))


@pytest.mark.parametrize(
    ("received", "deadline"),
    [
        # In Paris the clocks go from 02:00 to 03:00 on 2026-03-29, back from 03:00 on 2026-10-25.
        ("2026-03-28T12:00", "2026-03-29T13:00"),
        ("2026-10-24T12:00", "2026-10-25T11:00"),
    ],
)
def test_a_day_of_opening_hours_is_24_of_them_whatever_the_clocks_on_the_walls_do(
    received: str, deadline: str
) -> None:
    assert after_opening_time(ROUND_THE_CLOCK, PARIS, paris(received), DAY) == paris(deadline)


def test_an_hour_that_comes_twice_counts_twice_and_a_missing_one_is_never_open() -> None:
    nights = OpeningHours(((6, time(1), time(4)),))

    autumn, spring = paris("2026-10-25T00:00"), paris("2026-03-29T00:00")

    assert after_opening_time(nights, PARIS, autumn, 4 * HOUR) == paris("2026-10-25T04:00")
    assert after_opening_time(nights, PARIS, spring, 2 * HOUR) == paris("2026-03-29T04:00")


def test_the_hours_are_those_of_the_zone() -> None:
    assert after_opening_time(WEEK, UTC, paris("2026-11-16T09:30"), HOUR) == paris(
        "2026-11-16T11:00"
    )


def test_opening_time_adds_up_minute_by_minute() -> None:
    """However a span is cut, its end is the same: what passes before a cut is not lost."""
    start = paris("2026-12-24T15:37")
    at = start
    for _ in range(60):
        at = after_opening_time(FRENCH, PARIS, at, 7 * MINUTE)

    assert at == after_opening_time(FRENCH, PARIS, start, 420 * MINUTE)


def test_a_deadline_is_at_risk_from_three_quarters_of_its_time_on() -> None:
    received = paris("2026-11-20T14:00")

    moment = deadline_of(Promise.before(received + 4 * HOUR), received, ALWAYS, UTC)
    span = deadline_of(Promise.within(4 * HOUR), received, ALWAYS, UTC)
    opening = deadline_of(Promise.within_opening(8 * HOUR), received, FRENCH, PARIS)

    assert moment == span
    assert (span.at_risk_at, span.at) == (received + 3 * HOUR, received + 4 * HOUR)
    assert opening.at == paris("2026-11-23T13:00")
    assert opening.at_risk_at == paris("2026-11-23T11:00")


@pytest.mark.parametrize(
    ("promise", "code"),
    [
        (Promise.before(1_000), "bad_deadline"),
        (Promise.within(0), "bad_span"),
        (Promise.within(LONGEST + 1), "bad_span"),
        (Promise.within_opening(-1), "bad_span"),
    ],
)
def test_a_promise_that_cannot_be_kept_or_broken_is_refused(promise: Promise, code: str) -> None:
    with pytest.raises(PromiseError) as refused:
        deadline_of(promise, 1_000, ALWAYS, UTC)

    assert refused.value.code == code


def test_opening_hours_that_are_used_up_in_more_than_three_years_are_no_promise() -> None:
    seldom = OpeningHours(((0, time(9), time(9, 1)),))

    with pytest.raises(PromiseError) as refused:
        deadline_of(Promise.within_opening(30 * DAY), paris("2026-11-16T10:00"), seldom, PARIS)

    assert refused.value.code == "never_open"
    soon = deadline_of(Promise.within_opening(2 * MINUTE), paris("2026-11-16T10:00"), seldom, PARIS)
    assert soon == Deadline(paris("2026-11-30T09:01"), paris("2026-11-30T09:00") + MINUTE // 2)


def test_a_calendar_that_never_opens_has_no_deadline() -> None:
    shut = Calendar("shut", OpeningHours(), closed=((date(2020, 1, 1), date(2040, 1, 1)),))

    with pytest.raises(PromiseError) as refused:
        after_opening_time(shut, PARIS, paris("2026-11-16T10:00"), HOUR)

    assert refused.value.code == "never_open"
