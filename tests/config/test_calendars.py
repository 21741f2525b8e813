"""Calendars and targets in the settings file."""

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.calendars import Calendar
from config.loading import SettingsError, load
from config.public_holidays import countries, days_of, named, subdivisions
from config.settings import FORMULAS, Settings
from monitor.core.indicators import ServiceLevel

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a settings file in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def write_(text: str) -> Path:
        path = tmp_path / "minuteur.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_


OFFICE = """
[[calendar]]
name = "office"
hours = [{ days = ["mon-fri"], from = "09:00", to = "18:00" }]
holidays = "FR"
subdivision = "57"
holidays_hours = [{ from = "10:00", to = "12:00" }]
closed = ["2026-12-24", 2026-12-28, "2026-08-01/2026-08-15"]
open = [{ date = "2026-12-20", from = "10:00", to = "18:00" },
        { date = 2026-12-27, from = 10:00:00, to = "24:00" }]
"""
CENTRE = '[centre]\ncalendar = "office"'


def test_a_calendar_is_read_as_it_is_written(write: Write) -> None:
    (office,) = load(write(OFFICE)).settings.calendar

    assert office.closures() == (
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2026, 12, 28), date(2026, 12, 28)),
        (date(2026, 8, 1), date(2026, 8, 15)),
    )
    assert office.openings() == (
        (date(2026, 12, 20), time(10), time(18)),
        (date(2026, 12, 27), time(10), time.max),
    )
    assert date(2026, 4, 3) in office.public_holidays(2026), "Good Friday, in Moselle only"


def test_a_calendar_in_json_can_be_read_again(write: Write) -> None:
    (office,) = load(write(OFFICE)).settings.calendar
    body = office.model_dump(mode="json", by_alias=True)

    assert body["hours"] == [{"days": ["mon-fri"], "from": "09:00", "to": "18:00"}]
    assert body["closed"] == ["2026-12-24", "2026-12-28", "2026-08-01/2026-08-15"]
    assert body["open"][1] == {"date": "2026-12-27", "from": "10:00", "to": "24:00"}
    assert Calendar.model_validate(body) == office


def test_public_holidays_are_told_from_last_year_to_three_years_ahead() -> None:
    holidays = Calendar(name="a", holidays="FR").public_holidays(2026)

    assert {day.year for day in holidays} == {2025, 2026, 2027, 2028, 2029}
    assert list(holidays) == sorted(holidays)
    assert Calendar(name="a").public_holidays(2026) == ()


@pytest.mark.parametrize(
    ("part", "own"),
    [
        ("57", {date(2026, 4, 3), date(2026, 12, 26)}),  # Moselle
        ("6AE", {date(2026, 4, 3), date(2026, 12, 26)}),  # Alsace
        ("974", {date(2026, 12, 20)}),  # La Réunion: the abolition of slavery
        ("971", {date(2026, 5, 27)}),  # Guadeloupe
    ],
)
def test_parts_of_france_have_their_own_holidays(part: str, own: set[date]) -> None:
    france = set(days_of("FR", "", [2026]))

    assert len(france) == 11
    assert own <= set(days_of("FR", part, [2026])) - france


def test_holidays_have_a_name_in_english_and_in_french() -> None:
    moselle = {
        holiday.day: (holiday.name_en, holiday.name_fr) for holiday in named("FR", "57", 2026)
    }

    assert moselle[date(2026, 4, 3)] == ("Good Friday", "Vendredi saint")
    assert moselle[date(2026, 7, 14)] == ("National Day", "Fête nationale")


def test_countries_are_offered_with_their_parts_and_no_zones_of_school_holidays() -> None:
    assert {"FR", "BE", "CH", "DE"} <= set(countries())
    assert {"57", "6AE", "974"} <= set(subdivisions("FR"))
    assert not any(part.startswith("Zone") for part in subdivisions("FR"))
    assert subdivisions("XX") == []


def calendar(**keys: object) -> dict[str, Any]:
    return {"name": "office", **keys}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (calendar(holidays="fr"), 'did you mean "FR"'),
        (calendar(holidays="XX"), "no public holidays are known"),
        (calendar(holidays="FR", subdivision="99"), "no part of FR"),
        (calendar(subdivision="57"), "it needs holidays"),
        (calendar(holidays_hours=[{"from": "09:00", "to": "10:00"}]), "it needs holidays"),
        (calendar(closed=["24.12.2026"]), "write it as 2026-12-24"),
        (calendar(closed=["20261224"]), "write it as 2026-12-24"),
        (calendar(closed=["2026-02-30"]), "is not a date"),
        (calendar(closed=[20261224]), "is not a date"),
        (calendar(closed="2026-12-24"), "it is not a list"),
        (calendar(closed=["2026-08-15/2026-08-01"]), "ends before it begins"),
        (calendar(closed=["2026-08-01/2027-08-02"]), "longer than a year"),
        (calendar(closed=["2026-08-01/2026-08-02/2026-08-03"]), 'nor "first/last"'),
        (calendar(open=[{"date": "2026-12-20", "from": "10:00", "to": "09:00"}]), "midnight"),
        (calendar(open=[{"date": "soon", "from": "10:00", "to": "11:00"}]), "is not a date"),
        (calendar(name="our office"), "pattern"),
    ],
)
def test_a_bad_calendar_is_refused(body: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Calendar.model_validate(body)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[centre]\ncalendar = "offcie"', '[centre]: there is no [[calendar]] named "offcie"'),
        (
            '[[queue]]\nname = "support"\ncalendar = "night"',
            '[[queue]] "support": there is no [[calendar]] named "night"',
        ),
        (OFFICE, 'the name "office" is used twice'),
        (
            '[[opening_hours]]\ndays = ["mon"]\nfrom = "08:00"\nto = "09:00"\n' + CENTRE,
            "both say when the centre is open",
        ),
        ("[commitment]\ntarget = 95", "a share, more than 0 to 1"),
        ('[commitment]\nservice_level = "80/20"', '"answered_only"'),
    ],
)
def test_what_does_not_go_together_is_said(write: Write, text: str, why: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(write(OFFICE + text))

    assert len(refused.value.problems) == 1
    assert why in refused.value.problems[0]


def test_targets_and_formulas_are_none_and_the_usual_one_until_somebody_says_so(
    write: Write,
) -> None:
    plain = Settings()
    said = load(write('[commitment]\ntarget = 0.95\nservice_level = "answered_only"')).settings

    assert (plain.commitment.target, said.commitment.target) == (None, 0.95)
    assert plain.commitment.service_level == "abandoned_within_count_for"
    assert said.commitment.service_level == "answered_only"


def test_the_formulas_are_those_that_are_computed() -> None:
    assert set(FORMULAS) == {level.value for level in ServiceLevel}
