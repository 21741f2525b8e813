"""The tables of evidence: seals, what they hold, and what sealed calls were before a correction.

They follow the conventions of :mod:`monitor.history.tables`. Days are those of UTC, as text.
"""

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field

from monitor.history.tables import HistoryTable

PENDING = 0
"""``amended_by`` of a change that no seal tells of yet."""
UNTIL = "until"
"""The mark that says up to which moment (ms) days are sealed, or are being sealed now."""


class SealRow(HistoryTable, table=True):
    """A sealed day; rows are added, never changed. ``line`` is the seal, ``head`` its digest."""

    __tablename__ = "seal"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: str = Field(sa_type=Text)
    sealed_at: int = Field(sa_type=BigInteger)
    head: str = Field(sa_type=Text)
    line: str = Field(sa_type=Text)


class SealPartRow(HistoryTable, table=True):
    """The digests (32 bytes each) of a sealed day's documents of one part, in order."""

    __tablename__ = "seal_part"

    day: str = Field(primary_key=True, sa_type=Text)
    part: str = Field(primary_key=True, sa_type=Text)
    digests: bytes = Field(sa_type=LargeBinary)


class SealRemovalRow(HistoryTable, table=True):
    """A part of a sealed day that retention took out of the record.

    ``told_in`` is the number of the seal that says so; None: the next one will.
    """

    __tablename__ = "seal_removal"

    day: str = Field(primary_key=True, sa_type=Text)
    part: str = Field(primary_key=True, sa_type=Text)
    removed_at: int = Field(sa_type=BigInteger)
    told_in: int | None


class EvidenceMarkRow(HistoryTable, table=True):
    """How far something has come (ms)."""

    __tablename__ = "evidence_mark"

    name: str = Field(primary_key=True, sa_type=Text)
    value: int = Field(sa_type=BigInteger)


class EvidenceBeforeRow(HistoryTable, table=True):
    """What a sealed call was before it was changed: its documents, empty where it was not there.

    Stored in the transaction of the change. ``amended_by`` is the number of the seal that tells
    of the change; 0: the next one will. ``day`` is the one that sealed the call, or would have.
    ``changes`` counts the times the call was written since.
    """

    __tablename__ = "evidence_before"

    call_id: str = Field(primary_key=True, sa_type=Text)
    amended_by: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: str = Field(sa_type=Text)
    arrived_at: int = Field(sa_type=BigInteger)
    kept_at: int = Field(sa_type=BigInteger)
    document: str = Field(sa_type=Text)
    facts: str = Field(sa_type=Text)
    changes: int


class EvidenceAmendmentRow(HistoryTable, table=True):
    """An amendment as a seal holds it: a document that tells digests; never changed."""

    __tablename__ = "evidence_amendment"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    ordinal: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    call_id: str = Field(sa_type=Text)
    line: str = Field(sa_type=Text)


seal = SealRow.__table__  # type: ignore[attr-defined]
seal_part = SealPartRow.__table__  # type: ignore[attr-defined]
seal_removal = SealRemovalRow.__table__  # type: ignore[attr-defined]
evidence_mark = EvidenceMarkRow.__table__  # type: ignore[attr-defined]
evidence_before = EvidenceBeforeRow.__table__  # type: ignore[attr-defined]
evidence_amendment = EvidenceAmendmentRow.__table__  # type: ignore[attr-defined]

Index("uq_seal_day", seal.c.day, unique=True)
Index("ix_evidence_before_day", *evidence_before.c["day", "arrived_at", "call_id"])
Index("ix_evidence_before_amended_by", *evidence_before.c["amended_by", "call_id"])
Index("ix_evidence_amendment_call_id", *evidence_amendment.c["call_id", "number"])
