"""The shapes of what is sealed."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.schemas import Moment, Schema

_HEAD = "SHA-256 of the seal's line, hexadecimal"
_EXAMPLE = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce"


class EvidenceWaiting(Schema):
    """The next day that is to be sealed, and what it waits for."""

    why: Literal["nothing", "key", "grace", "live_calls", "busy"] = Field(
        description="`nothing` is in the record; no `key` of the pseudonyms; the time of `grace` "
        "after its end; its `live_calls`; `busy`: its calls go on changing"
    )
    day: date | None
    until: Moment | None = Field(description="When it is sealed at the latest, or is looked at")
    live: int = Field(description="Calls of that day that are not over")


class EvidenceOut(Schema):
    """How far the record is sealed, day by day (UTC)."""

    sealed_days: int
    first_day: date | None = Field(description="The first sealed day; null: none is")
    last_day: date | None
    head: str = Field(description=f"The chain's: {_HEAD}; empty: no day", examples=[_EXAMPLE])
    changed_calls: int = Field(description="Sealed calls that changed; the next seal tells of them")
    removed_days: int = Field(description="Sealed days whose calls retention removed")
    waiting: EvidenceWaiting | None = Field(description="Null: the next day is sealed soon")
    problem: str = Field(description="Why no day can be sealed; empty: all is well")


class SealOut(Schema):
    """A sealed day."""

    number: int = Field(description="From 1; one more each day")
    day: date
    sealed_at: Moment
    head: str = Field(description=_HEAD, examples=[_EXAMPLE])
    previous: str = Field(description="The head of the day before; zeroes for the first")
    calls: int
    amendments: int = Field(description="Calls of earlier days that it tells anew")
    removed: int = Field(description="Parts of earlier days that retention removed")


class SealsOut(Schema):
    """Sealed days, newest first."""

    items: list[SealOut]
    next_before: date | None = Field(description="`before` of the next page; null at the end")
