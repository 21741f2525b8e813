"""The table of what was done about lost callers."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from monitor.history.tables import HistoryTable


class LostCallerRow(HistoryTable, table=True):
    """What was done about a lost caller: one row for each number that somebody took on.

    By number, so that all that is kept about a number is found, purged and erased by it; nothing
    else here says it, and the audit trail at most its ends. ``pbx`` and ``queue`` are where the
    caller was lost when the note was written; without a note, when somebody last changed the row.
    """

    __tablename__ = "lost_caller"

    caller: str = Field(primary_key=True, sa_type=Text)
    version: int
    status: str = Field(sa_type=Text)
    tries: int
    note: str = Field(sa_type=Text)
    pbx: str = Field(sa_type=Text)
    queue: str = Field(sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)
    updated_by: str = Field(sa_type=Text)


lost_caller = LostCallerRow.__table__  # type: ignore[attr-defined]

# For a purge of what is older than its keeping.
Index("ix_lost_caller_updated_at", lost_caller.c.updated_at)
