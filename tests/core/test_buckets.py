"""Buckets are what the clocks on the centre's walls say, also on the days on which they change."""

import itertools
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from monitor.core.buckets import (
    MOST,
    Bucket,
    Step,
    TooManyBucketsError,
    bucket_of,
    buckets,
    offset_at,
    spans,
)
from monitor.core.clock import DAY, HOUR, MINUTE, SECOND

PARIS = ZoneInfo("Europe/Paris")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
"""Summer time moves by half an hour there."""
SANTIAGO = ZoneInfo("America/Santiago")
"""Summer time begins at midnight there: that day begins at 01:00."""


def at(text: str, zone: tzinfo = PARIS) -> int:
    moment = datetime.fromisoformat(text)
    return round(moment.replace(tzinfo=moment.tzinfo or zone).timestamp()) * SECOND


def local(moment: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(moment / SECOND, UTC).astimezone(zone).strftime("%d %H:%M%z")


def hours(parts: list[Bucket]) -> list[float]:
    return [(part.end - part.begin) / HOUR for part in parts]


def test_days_have_23_24_and_25_hours() -> None:
    spring = buckets(at("2026-03-28"), at("2026-03-31"), Step.DAY, PARIS)
    assert hours(spring) == [24, 23, 24]
    autumn = buckets(at("2026-10-24"), at("2026-10-27"), Step.DAY, PARIS)
    assert hours(autumn) == [24, 25, 24]


def test_the_repeated_hour_is_two_and_the_skipped_one_none() -> None:
    autumn = buckets(at("2026-10-25"), at("2026-10-26"), Step.HOUR, PARIS)
    assert len(autumn) == 25
    assert [local(part.begin, PARIS) for part in autumn[2:4]] == ["25 02:00+0200", "25 02:00+0100"]
    spring = buckets(at("2026-03-29"), at("2026-03-30"), Step.HOUR, PARIS)
    assert len(spring) == 23
    assert [local(part.begin, PARIS) for part in spring[1:3]] == ["29 01:00+0100", "29 03:00+0200"]
    assert {*hours(autumn), *hours(spring)} == {1}


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    weeks = buckets(at("2026-10-14"), at("2026-11-01"), Step.WEEK, PARIS)
    assert [local(part.begin, PARIS)[:2] for part in weeks] == ["14", "19", "26"]
    assert hours(weeks)[1] == 7 * 24 + 1
    months = buckets(at("2025-12-31"), at("2026-04-01"), Step.MONTH, PARIS)
    assert [local(part.begin, PARIS)[:2] for part in months] == ["31", "01", "01", "01"]
    assert hours(months)[-1] == 31 * 24 - 1


def test_the_range_is_filled_and_cut() -> None:
    since, until = at("2026-05-04T09:20"), at("2026-05-04T11:05")
    parts = buckets(since, until, Step.HOUR, PARIS)
    assert [local(part.begin, PARIS)[3:8] for part in parts] == ["09:20", "10:00", "11:00"]
    assert parts[-1].end == until
    assert all(a.end == b.begin for a, b in itertools.pairwise(parts))


def test_half_hours_of_summer_time_lengthen_and_shorten_one_hour() -> None:
    autumn = buckets(
        at("2026-04-05", LORD_HOWE), at("2026-04-05T05:00", LORD_HOWE), Step.HOUR, LORD_HOWE
    )
    assert hours(autumn) == [1, 1.5, 1, 1, 1]
    spring = buckets(
        at("2026-10-04", LORD_HOWE), at("2026-10-04T05:00", LORD_HOWE), Step.HOUR, LORD_HOWE
    )
    assert sum(hours(spring)) == 4.5
    assert [local(part.begin, LORD_HOWE)[3:8] for part in spring][-1] == "04:00"


def test_a_day_whose_midnight_is_skipped_begins_at_the_change() -> None:
    days = buckets(at("2026-09-05", SANTIAGO), at("2026-09-08", SANTIAGO), Step.DAY, SANTIAGO)
    assert hours(days) == [24, 23, 24]
    assert local(days[1].begin, SANTIAGO)[3:8] == "01:00"


def test_too_many_buckets_are_refused() -> None:
    since = at("2026-01-01", UTC)
    assert len(buckets(since, since + MOST * DAY, Step.DAY, UTC)) == MOST
    with pytest.raises(TooManyBucketsError):
        buckets(since, since + (MOST + 1) * HOUR, Step.HOUR, UTC)


@pytest.mark.parametrize("zone", [UTC, PARIS, LORD_HOWE, SANTIAGO], ids=str)
def test_spans_are_under_one_offset_each(zone: tzinfo) -> None:
    since, until = at("2026-01-01T00:07:00.5"), at("2027-01-01")
    found = spans(since, until, zone)
    assert (found[0].begin, found[-1].end) == (since, until)
    assert len(found) == (1 if zone is UTC else 3)
    for before, after in itertools.pairwise(found):
        assert before.end == after.begin
        assert before.offset != after.offset
    for span in found:
        for moment in (span.begin, (span.begin + span.end) // 2, span.end - 1):
            assert offset_at(moment, zone) == span.offset


def test_the_bucket_of_a_moment_is_the_last_that_began() -> None:
    starts = [0, HOUR, 2 * HOUR]
    assert [bucket_of(starts, moment) for moment in (0, HOUR - 1, HOUR, 5 * HOUR + MINUTE)] == [
        0, 0, 1, 2,
    ]  # fmt: skip
