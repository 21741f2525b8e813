"""Calendars: which spans a date has, and when a calendar opens and closes, also in odd nights."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.calendars import (
    LOOK_AHEAD,
    Calendar,
    Days,
    Opening,
    OpeningHours,
    is_open,
    next_change,
)
from monitor.core.clock import DAY, HOUR, MINUTE, SECOND, Ms

PARIS = ZoneInfo("Europe/Paris")
WEEK = OpeningHours(tuple((day, time(9), time(18)) for day in range(5)))
OFFICE = Calendar(
    "office",
    WEEK,
    holidays=(date(2026, 5, 1), date(2026, 12, 25)),
    holiday_hours=((time(10), time(12)),),
    closed=((date(2026, 8, 1), date(2026, 8, 15)), (date(2026, 12, 24), date(2026, 12, 24))),
    openings=(
        (date(2026, 12, 20), time(10), time(16)),  # a Sunday
        (date(2026, 12, 20), time(20), time.max),
        (date(2026, 12, 31), time(9), time(12)),  # a shorter Thursday
        (date(2026, 8, 14), time(14), time(15)),  # while it is closed
        (date(2026, 12, 25), time(8), time(9)),  # a public holiday
    ),
)


def paris(text: str, fold: int = 0) -> Ms:
    local = datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold)
    return round(local.timestamp() * SECOND)


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        ("2026-11-20", ["09:00-18:00"]),  # a Friday
        ("2026-11-21", []),
        ("2026-05-01", ["10:00-12:00"]),  # a public holiday
        ("2026-07-31", ["09:00-18:00"]),  # the day before it closes
        ("2026-08-01", []),
        ("2026-08-14", ["14:00-15:00"]),
        ("2026-08-15", []),
        ("2026-08-17", ["09:00-18:00"]),
        ("2026-12-20", ["10:00-16:00", "20:00-24:00"]),
        ("2026-12-24", []),
        ("2026-12-25", ["08:00-09:00"]),
        ("2026-12-31", ["09:00-12:00"]),
        ("2027-12-24", ["09:00-18:00"]),
    ],
)
def test_a_date_has_its_own_spans(day: str, spans: list[str]) -> None:
    """Exceptions win over closed days, these over public holidays, and these over the week."""
    found = [
        f"{start:%H:%M}-{'24:00' if end == time.max else f'{end:%H:%M}'}"
        for start, end in OFFICE.spans_on(date.fromisoformat(day))
    ]
    assert found == spans


def test_a_public_holiday_is_closed_unless_it_has_hours() -> None:
    closed = Calendar("office", WEEK, holidays=(date(2026, 5, 1),))

    assert not is_open(closed, paris("2026-05-01T10:00"), PARIS)
    assert is_open(closed, paris("2026-04-30T10:00"), PARIS)


def test_a_calendar_without_hours_is_open_but_for_its_closed_days() -> None:
    always = Calendar("always", closed=((date(2026, 12, 25), date(2026, 12, 25)),))

    assert is_open(always, paris("2026-12-24T23:59:59.999"), PARIS)
    assert not is_open(always, paris("2026-12-25T00:00"), PARIS)
    assert not is_open(always, paris("2026-12-25T23:59:59.999"), PARIS)
    assert is_open(always, paris("2026-12-26T00:00"), PARIS)


@pytest.mark.parametrize("moment", ["2026-03-28T20:00", "2026-10-24T20:00", "2026-06-01T00:00"])
def test_a_closed_day_is_closed_for_as_long_as_it_lasts(moment: str) -> None:
    """Also the 23 hours and the 25 hours of the days on which the clocks are changed."""
    day = datetime.fromisoformat(moment).date() + timedelta(days=1)
    closed = Calendar("always", closed=((day, day),))

    begins = next_change(closed, paris(moment), PARIS)
    assert begins is not None
    ends = next_change(closed, begins, PARIS)

    assert begins == paris(f"{day}T00:00")
    assert ends == paris(f"{day + timedelta(days=1)}T00:00")


# In Paris the clocks go from 02:00 to 03:00 on 2026-03-29, and from 03:00 to 02:00 on 2026-10-25.
NIGHTS = OpeningHours(((6, time(1, 30), time(2, 30)),))
IN_THE_GAP = OpeningHours(((6, time(2, 15), time(2, 45)),))
OUT_OF_THE_GAP = OpeningHours(((6, time(2, 30), time(5)),))
SPRING, AUTUMN = "2026-03-29T00:00", "2026-10-25T00:00"


@pytest.mark.parametrize(
    ("hours", "night", "utc"),
    [
        # Spring: what would be open in the missing hour is over before, or begins after it.
        (NIGHTS, SPRING, ["00:30", "01:00"]),
        (IN_THE_GAP, SPRING, []),
        (OUT_OF_THE_GAP, SPRING, ["01:00", "03:00"]),
        # Autumn: the hour from 02:00 to 03:00 comes twice, at 00:00 and at 01:00 UTC.
        (NIGHTS, AUTUMN, ["23:30", "00:30", "01:00", "01:30"]),
        (IN_THE_GAP, AUTUMN, ["00:15", "00:45", "01:15", "01:45"]),
        (OUT_OF_THE_GAP, AUTUMN, ["00:30", "01:00", "01:30", "04:00"]),
    ],
)
def test_when_it_opens_and_closes_in_the_nights_in_which_the_clocks_are_changed(
    hours: OpeningHours, night: str, utc: list[str]
) -> None:
    now, found = paris(night), []
    for _ in utc:
        moment = next_change(hours, now, PARIS)
        assert moment is not None
        found.append(f"{datetime.fromtimestamp(moment / SECOND, UTC):%H:%M}")
        now = moment

    assert found == utc
    then = next_change(hours, now, PARIS)
    assert then is not None
    assert then >= paris(night) + 24 * HOUR, "nothing more happens in that night"


@pytest.mark.parametrize("hours", [NIGHTS, IN_THE_GAP, OUT_OF_THE_GAP, WEEK, OFFICE])
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe"])
def test_between_two_changes_it_stays_as_it_is(hours: Days, zone: str) -> None:
    """Looked at minute by minute over the two nights; Lord Howe's clocks move by half an hour."""
    where = ZoneInfo(zone)
    for begin in ("2026-03-28T12:00", "2026-10-24T12:00", "2026-04-04T00:00"):
        now = paris(begin)
        until = now + 30 * HOUR
        change = next_change(hours, now, where)
        open_now = is_open(hours, now, where)
        while now < until:
            now += MINUTE
            if change is not None and now >= change:
                assert is_open(hours, change - 1, where) is open_now
                open_now = not open_now
                change = next_change(hours, change, where)
            assert is_open(hours, now, where) is open_now


def test_the_end_of_a_long_closure_is_found() -> None:
    summer = Calendar("a", WEEK, closed=((date(2026, 1, 1), date(2026, 12, 31)),))

    assert next_change(summer, paris("2026-01-05T10:00"), PARIS) == paris("2027-01-01T09:00")


def test_what_never_changes_is_not_looked_for() -> None:
    now = paris("2026-05-01T00:00")
    never = Calendar("never", closed=((date(2020, 1, 1), date(2040, 1, 1)),))

    assert next_change(OpeningHours(), now, PARIS) is None
    assert next_change(Calendar("always"), now, PARIS) is None
    assert next_change(never, now, PARIS) is None
    assert LOOK_AHEAD > 366


def test_what_lies_far_ahead_is_found_in_time() -> None:
    opening = Opening(Calendar("a", closed=((date(2028, 8, 1), date(2028, 8, 2)),)), PARIS)
    begin, closes = paris("2026-05-01T00:00"), paris("2028-08-01T00:00")

    assert opening.at(begin) == (True, None)
    assert opening.at(begin + 500 * DAY) == (True, closes)
    assert opening.at(closes) == (False, paris("2028-08-03T00:00"))


def test_the_answer_is_kept_until_it_changes() -> None:
    opening = Opening(OFFICE, PARIS)
    noon, evening = paris("2026-11-20T12:00"), paris("2026-11-20T18:00")
    monday = paris("2026-11-23T09:00")

    assert opening.at(noon) == (True, evening)
    assert opening.at(evening - 1) == (True, evening)
    assert opening.at(evening) == (False, monday)
    assert opening.at(noon) == (True, evening), "the clock was set back"
