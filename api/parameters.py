"""Query parameters that several routes share."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

from api.errors import bad_field
from api.schemas import VerdictName
from monitor.core.clock import SECOND, Ms, from_seconds

_LATEST = from_seconds(datetime(9999, 1, 1, tzinfo=UTC).timestamp()) - 1
_HINT = "write ISO 8601 with a zone: 2026-11-21T09:00:00Z or 2026-11-21T10:00:00+01:00"


def parse_moment(text: object) -> Ms:
    """Read an ISO 8601 moment with a zone as ms since the epoch.

    Raises:
        ValueError: saying what is wrong and what to write.
    """
    if not isinstance(text, str):
        raise ValueError(f"this is not a moment; {_HINT}")  # noqa: TRY004 - pydantic wants it
    # A "+" that nobody escaped arrives as a space.
    date, space, zone = text.strip().rpartition(" ")
    candidate = f"{date}+{zone}" if space and "T" in date else text.strip()
    try:
        moment = datetime.fromisoformat(candidate)
        milliseconds = round(moment.timestamp() * SECOND)
    except (ValueError, OverflowError):
        raise ValueError(f"this is not a moment; {_HINT}") from None
    if moment.tzinfo is None:
        raise ValueError(f"this moment has no zone; {_HINT}")
    if not 0 <= milliseconds <= _LATEST:
        raise ValueError("this moment is not between the years 1970 and 9998")
    return milliseconds


_SCHEMA: dict[str, Any] = {
    "type": "string",
    "format": "date-time",
    "examples": ["2026-11-21T09:00:00Z"],
}
Moment = Annotated[Ms, BeforeValidator(parse_moment), WithJsonSchema(_SCHEMA)]
From = Annotated[Moment | None, Query(alias="from", description="From this moment on")]
To = Annotated[Moment | None, Query(description="Until before this moment")]
PbxName = Annotated[str | None, Query(description="Only of this PBX", examples=["lab"])]
QueueName = Annotated[str | None, Query(description="Only of this queue", examples=["support"])]
VerdictParam = Annotated[VerdictName | None, Query(description="Only with this verdict")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many")]
CursorText = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before")
]
FormatParam = Annotated[Literal["json", "csv"], Query(alias="format", description="As what")]


def check_range(since: Ms | None, until: Ms | None) -> None:
    """Refuse a range that ends before it begins.

    Raises:
        ApiError: 422, naming the parameter.
    """
    if since is not None and until is not None and until <= since:
        raise bad_field("to", "it is not after `from`")
