"""``[[calendar]]``: opening hours with public holidays, closed days and exceptional openings."""

import datetime
import re
from datetime import date, time
from typing import Annotated, Any, Final

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator

from config.base import Name, Table
from config.faults import FaultError, Wrong, fault
from config.hours import HoursOfDay, OpeningHours
from config.public_holidays import days_of, problem_with

YEARS_BACK: Final = 1
YEARS_AHEAD: Final = 3
LONGEST_CLOSURE: Final = 366
"""Days; what is closed for longer was mistyped, or is no calendar of opening hours."""

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOSED: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string"},
    "examples": [["2026-12-24", "2026-08-01/2026-08-15"]],
}


class Opening(HoursOfDay):
    """A date that is open in this span, and in its other exceptional ones, and in no others."""

    date: Annotated[datetime.date, Field(description='a date: "2026-12-20"')]

    @field_validator("date", mode="before")
    @classmethod
    def _a_date(cls, value: object) -> datetime.date:
        return _date_of(value)


class Calendar(Table):
    """When a centre, or a queue, is open. Without hours: all day, but for what is closed."""

    name: Name
    hours: list[OpeningHours] = Field(
        default=[],
        max_length=100,
        description='the week: [{ days = ["mon-fri"], from = "09:00", to = "18:00" }]',
    )
    holidays: str = Field(
        default="",
        description='the country whose public holidays hold, by its ISO code: "FR"; empty: none',
    )
    subdivision: str = Field(
        default="",
        validate_default=True,
        description='its part with holidays of its own: "57" for Moselle, "974" for La Réunion',
    )
    holidays_hours: list[HoursOfDay] = Field(
        default=[],
        max_length=20,
        description='open on public holidays: [{ from = "09:00", to = "12:00" }]; none: closed',
    )
    closed: Annotated[list[str], WithJsonSchema(_CLOSED)] = Field(
        default=[],
        max_length=1_000,
        description='closed days: ["2026-12-24", "2026-08-01/2026-08-15"]',
    )
    open: list[Opening] = Field(
        default=[],
        max_length=1_000,
        description='exceptions: [{ date = "2026-12-20", from = "10:00", to = "18:00" }]',
    )

    @field_validator("holidays")
    @classmethod
    def _country(cls, value: str) -> str:
        if problem := problem_with(value):
            raise fault(problem)
        return value

    @field_validator("subdivision")
    @classmethod
    def _part(cls, value: str, info: ValidationInfo) -> str:
        country = info.data.get("holidays")
        if country is not None and (problem := problem_with(country, value)):
            raise fault(problem)
        return value

    @field_validator("holidays_hours")
    @classmethod
    def _on_holidays(cls, value: list[HoursOfDay], info: ValidationInfo) -> list[HoursOfDay]:
        if value and info.data.get("holidays") == "":
            raise FaultError(Wrong.COUNTRY_NEEDED, "it needs holidays, the country")
        return value

    @field_validator("closed", mode="before")
    @classmethod
    def _closures(cls, value: object) -> list[str]:
        if not isinstance(value, list):
            raise FaultError(Wrong.NOT_A_LIST, "it is not a list")
        return ["/".join(day.isoformat() for day in _closure(item)) for item in value]

    def closures(self) -> tuple[tuple[date, date], ...]:
        """Its closed days: (first, last)."""
        found = (_closure(item) for item in self.closed)
        return tuple((days[0], days[-1]) for days in found)

    def openings(self) -> tuple[tuple[date, time, time], ...]:
        """Its exceptional openings: (date, from, to)."""
        return tuple((item.date, item.from_, item.to) for item in self.open)

    def public_holidays(self, year: int) -> tuple[date, ...]:
        """Its public holidays, as far around ``year`` as a policy holds them."""
        years = range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
        return days_of(self.holidays, self.subdivision, years)


def _closure(item: object) -> tuple[date, ...]:
    """A day, or the first and the last of several."""
    parts = item.split("/") if isinstance(item, str) else [item]
    days = tuple(_date_of(part) for part in parts)
    if len(days) > 2:  # noqa: PLR2004
        raise FaultError(Wrong.NOT_A_DATE, f'{item!r} is not a day nor "first/last"')
    if days[-1] < days[0]:
        raise FaultError(Wrong.ENDS_BEFORE, f"{item!r} ends before it begins")
    if (days[-1] - days[0]).days >= LONGEST_CLOSURE:
        raise FaultError(Wrong.LONGER_THAN_A_YEAR, f"{item!r} is longer than a year")
    return days


def _date_of(value: object) -> date:
    if type(value) is date:
        return value
    text = value.strip() if isinstance(value, str) else ""
    try:
        # Its pattern too: Python reads other forms of ISO 8601, which nobody writes by intent.
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        text = f"{value!r} is not a date; write it as 2026-12-24"
        raise FaultError(Wrong.NOT_A_DATE, text) from None
