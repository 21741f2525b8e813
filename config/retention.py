"""``[retention]``: for how many days each kind of personal data is kept."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from config.base import Table
from config.faults import FaultError, Wrong

LONGEST: Final = 36_500
AUDITED: Final = 200
_FIVE_YEARS: Final = 1825


def _enough(days: int) -> int:
    """Days that an audit can look at, or 0."""
    if 0 < days < AUDITED:
        text = f"an audit looks at six months: at least {AUDITED}, or 0 for no end"
        raise FaultError(Wrong.AT_LEAST, text, limit=AUDITED)
    return days


Personal = Annotated[int, Field(ge=30, le=_FIVE_YEARS, description="days, 30 to 1825: 365")]
Short = Annotated[int, Field(ge=1, le=_FIVE_YEARS, description="days, 1 to 1825")]
Evidence = Annotated[
    int,
    Field(ge=0, le=LONGEST, description="days, 200 or more; 0: as long as the installation exists"),
    AfterValidator(_enough),
]


class Retention(Table):
    """``[retention]``: for how many days each kind of data is kept; docs/personal-data.md.

    Where an audit looks at it, at least 200 days; 0 keeps it as long as the installation exists.
    """

    numbers: Personal = 365
    """Callers' numbers and names, names of channels, and lost callers."""
    digits: Short = 90
    """What callers entered."""
    persons: Personal = 365
    """Numbers, names, addresses, subjects and notes of contacts."""
    agents: Personal = 365
    """Agents' names in calls; pseudonyms stay."""
    timelines: Evidence = 730
    calls: Evidence = 1095
    decisions: Evidence = 1095
    """Decisions and commands of overflow."""
    contacts: Evidence = 1095
    audit: Evidence = 1095
    alerts: Short = 365
    """Acknowledged alerts that are over."""
    messages: Annotated[int, Field(ge=1, le=90, description="days, 1 to 90: 30")] = 30
    """Messages that other programs did not take."""
    report_mails: Annotated[int, Field(ge=31, le=_FIVE_YEARS, description="days, 31 to 1825")] = 365
    """To whom reports were sent."""
