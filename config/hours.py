"""Spans of a day and of weekdays, as people write them."""

from collections.abc import Sequence
from datetime import time
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, WithJsonSchema, field_serializer, field_validator

from config.base import Table
from config.faults import FaultError, Wrong

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = 'a time of day such as "09:00", or "24:00" for the end of the day'
_TIME: dict[str, Any] = {"type": "string", "examples": ["09:00"]}
_DAYS: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "examples": [["mon-fri"]]}


class HoursOfDay(Table):
    """From a time of day to a later one, in the centre's zone."""

    from_: Annotated[time, WithJsonSchema(_TIME)] = Field(alias="from", description=_CLOCK)
    to: Annotated[time, WithJsonSchema(_TIME)] = Field(description=_CLOCK)

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _clock(cls, value: object, info: ValidationInfo) -> object:
        if value == "24:00" and info.field_name == "to":
            return time.max
        if not isinstance(value, str | time):
            raise FaultError(Wrong.NOT_A_TIME, "it is not a time of day")
        return value

    @field_validator("from_", "to")
    @classmethod
    def _local(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise FaultError(Wrong.NOT_A_TIME, "it is always in the centre's zone")
        return value

    @field_validator("to")
    @classmethod
    def _ends_after(cls, value: time, info: ValidationInfo) -> time:
        start = info.data.get("from_")
        if start is not None and value <= start:
            raise FaultError(
                Wrong.NOT_AFTER,
                f"it is not after from = {start:%H:%M} (a span over midnight is written as two)",
            )
        return value

    @field_serializer("from_", "to", when_used="json")
    def _as_written(self, value: time) -> str:
        return written_time(value)


class OpeningHours(HoursOfDay):
    """``[[opening_hours]]``: a span of some weekdays in the centre's zone. None: always open."""

    days: Annotated[list[int], WithJsonSchema(_DAYS)] = Field(
        min_length=1, description='weekdays, also as a range: ["mon-fri", "sun"]'
    )

    @field_validator("days", mode="before")
    @classmethod
    def _weekdays(cls, value: object) -> list[int]:
        if not isinstance(value, list):
            raise FaultError(Wrong.NOT_A_LIST, "it is not a list")
        return sorted({day for item in value for day in _days_of(item)})

    @field_serializer("days", when_used="json")
    def _in_words(self, value: Sequence[int]) -> list[str]:
        return written_days(value)


def written_time(value: time) -> str:
    """A time of day as people write it; the last moment of a day is "24:00"."""
    if value == time.max:
        return "24:00"
    return value.isoformat("minutes" if not value.second and not value.microsecond else "auto")


def written_days(days: Sequence[int]) -> list[str]:
    """Weekdays (0 = Monday) as people write them; three or more in a row are a range."""
    rows: list[list[int]] = []
    for day in sorted(days):
        if rows and rows[-1][-1] == day - 1:
            rows[-1].append(day)
        else:
            rows.append([day])
    found: list[str] = []
    for row in rows:
        names = [WEEKDAYS[day] for day in row]
        found += names if len(row) < 3 else [f"{names[0]}-{names[-1]}"]  # noqa: PLR2004
    return found


def _days_of(item: object) -> list[int]:
    first, dash, last = str(item).strip().lower().partition("-")
    try:
        start = WEEKDAYS.index(first.strip()[:3] if first.strip() else "?")
        end = WEEKDAYS.index(last.strip()[:3]) if dash else start
    except ValueError:
        raise FaultError(Wrong.NOT_A_WEEKDAY, f"{item!r} is not a weekday") from None
    return [day % 7 for day in range(start, end + 1 + (7 if end < start else 0))]
