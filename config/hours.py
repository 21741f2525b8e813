"""Spans of weekdays, as people write them."""

from datetime import time
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, WithJsonSchema, field_validator

from config.base import Table

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = 'a time of day such as "09:00", or "24:00" for the end of the day'
_TIME: dict[str, Any] = {"type": "string", "examples": ["09:00"]}
_DAYS: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "examples": [["mon-fri"]]}


class OpeningHours(Table):
    """``[[opening_hours]]``: a span of some weekdays in the centre's zone. None: always open."""

    days: Annotated[list[int], WithJsonSchema(_DAYS)] = Field(
        min_length=1, description='weekdays, also as a range: ["mon-fri", "sun"]'
    )
    from_: Annotated[time, WithJsonSchema(_TIME)] = Field(alias="from", description=_CLOCK)
    to: Annotated[time, WithJsonSchema(_TIME)] = Field(description=_CLOCK)

    @field_validator("days", mode="before")
    @classmethod
    def _weekdays(cls, value: object) -> list[int]:
        if not isinstance(value, list):
            raise ValueError("it is not a list")  # noqa: TRY004 - pydantic wants ValueError
        return sorted({day for item in value for day in _days_of(item)})

    @field_validator("from_", "to", mode="before")
    @classmethod
    def _clock(cls, value: object, info: ValidationInfo) -> object:
        if value == "24:00" and info.field_name == "to":
            return time.max
        if not isinstance(value, str | time):
            raise ValueError("it is not a time of day")  # noqa: TRY004 - pydantic wants ValueError
        return value

    @field_validator("from_", "to")
    @classmethod
    def _local(cls, value: time) -> time:
        if value.tzinfo is not None:
            raise ValueError("it is always in the centre's zone")
        return value

    @field_validator("to")
    @classmethod
    def _ends_after(cls, value: time, info: ValidationInfo) -> time:
        start = info.data.get("from_")
        if start is not None and value <= start:
            raise ValueError(
                f"it is not after from = {start:%H:%M} (a span over midnight is written as two)"
            )
        return value


def _days_of(item: object) -> list[int]:
    first, dash, last = str(item).strip().lower().partition("-")
    try:
        start = WEEKDAYS.index(first.strip()[:3] if first.strip() else "?")
        end = WEEKDAYS.index(last.strip()[:3]) if dash else start
    except ValueError:
        raise ValueError(f"{item!r} is not a weekday") from None
    return [day % 7 for day in range(start, end + 1 + (7 if end < start else 0))]
