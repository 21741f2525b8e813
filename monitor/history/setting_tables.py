"""The tables of settings: what is in force, every version of it, and the secrets apart."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from monitor.history.tables import HistoryTable


class SettingRow(HistoryTable, table=True):
    """A setting in force, or deleted; ``body`` is the JSON object that REST and the file share.

    ``from_file``: nobody has set it, so it goes on following the settings file.
    """

    __tablename__ = "setting"

    kind: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    version: int
    body: str = Field(sa_type=Text)
    from_file: bool
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)
    updated_by: str = Field(sa_type=Text)
    deleted: bool


class SettingVersionRow(HistoryTable, table=True):
    """A setting as it was in force; rows are added, never changed. No body: it was deleted."""

    __tablename__ = "setting_version"

    kind: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    body: str | None = Field(sa_type=Text)
    at: int = Field(sa_type=BigInteger)
    by: str = Field(sa_type=Text)


class SecretRow(HistoryTable, table=True):
    """A secret of a setting, encrypted; ``field`` is its key there, such as ``ari.password``."""

    __tablename__ = "secret"

    kind: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    field: str = Field(primary_key=True, sa_type=Text)
    encrypted: str = Field(sa_type=Text)
    updated_at: int = Field(sa_type=BigInteger)


class UndoneRow(HistoryTable, table=True):
    """A change that was taken back: the ``seq`` of its audit entry, and of that which did it."""

    __tablename__ = "undone"

    seq: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    by_seq: int = Field(sa_type=BigInteger)


setting = SettingRow.__table__  # type: ignore[attr-defined]
setting_version = SettingVersionRow.__table__  # type: ignore[attr-defined]
secret = SecretRow.__table__  # type: ignore[attr-defined]
undone = UndoneRow.__table__  # type: ignore[attr-defined]
