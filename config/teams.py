"""``[[team]]`` and ``[figures]``: whose time is added up together, and whether each agent's is."""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field, field_validator

from config.base import Table, Texts
from config.faults import FaultError, Wrong

LEAST: Final = 3
"""Figures of a smaller team are those of persons."""


class Team(Table):
    """``[[team]]``: agents whose time is added up together."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=80,
            pattern=r"^[^\r\n\x00]+$",
            description='what people call it: "Support, first line"',
        ),
    ]
    pbx: str = Field(default="", description="the name of a [[pbx]]; left out: on every PBX")
    agents: Texts = Field(
        default=[],
        max_length=2000,
        description='interfaces or names of queue members: ["PJSIP/201", "Alice Martin"]',
    )

    @field_validator("agents")
    @classmethod
    def _once(cls, value: list[str]) -> list[str]:
        twice = first_twice(value)
        if twice is not None:
            raise FaultError(Wrong.TWICE, f'"{twice}" stands there twice', name=twice)
        return value


class FigureSettings(Table):
    """``[figures]``: what is counted of people."""

    per_agent: bool = Field(
        default=False,
        description="true: keep the time of each agent, and show it to leads and admins; or false",
    )


def first_twice(values: Sequence[str]) -> str | None:
    """The first value that was there before; None where there is none."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None
