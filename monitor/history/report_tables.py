"""The table of reports that are sent by mail."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from monitor.history.tables import HistoryTable


class ReportMailRow(HistoryTable, table=True):
    """One report to one recipient; ``since`` is the begin of its period. See ``ReportMails``."""

    __tablename__ = "report_mail"

    schedule: str = Field(primary_key=True, sa_type=Text)
    since: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    recipient: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    tries: int
    next_at: int = Field(sa_type=BigInteger)
    """When it is tried, or again (ms)."""
    at: int = Field(sa_type=BigInteger)
    """Of the state."""
    detail: str = Field(sa_type=Text)


report_mail = ReportMailRow.__table__  # type: ignore[attr-defined]
