"""Every column that may tell of a person is told as one, or as none."""

from pathlib import Path

from sqlalchemy import inspect

from config.retention import AUDITED, LONGEST, Retention
from monitor.history import History
from monitor.privacy import retention
from monitor.privacy.inventory import DESCRIPTIONS, NOBODY, WHERE, Fixed
from monitor.privacy.retention import PERIODS, Kind

DOC = Path(__file__).parents[2] / "docs" / "personal-data.md"
_NUMBERS = ("INTEGER", "BIGINT", "BOOLEAN", "FLOAT")
_TOOLS = {"alembic_version"}


def _texts(history: History) -> set[str]:
    """The columns of the real database that hold text or bytes."""
    found = inspect(history.engine)
    return {
        f"{table}.{column['name']}"
        for table in found.get_table_names()
        if table not in _TOOLS
        for column in found.get_columns(table)
        if not str(column["type"]).startswith(_NUMBERS)
    }


def test_every_text_of_the_schema_is_told_personal_or_not(sqlite: History) -> None:
    nobodys = {f"{table}.{column}" for table, names in NOBODY.items() for column in names}

    assert set(WHERE) & nobodys == set()
    assert _texts(sqlite) == set(WHERE) | nobodys


def test_every_kind_is_described_and_stands_somewhere() -> None:
    outside = {Fixed.MQTT, Fixed.LOGS, Fixed.FILES, Fixed.KEYS}

    assert set(DESCRIPTIONS) == {*Kind, *Fixed}
    assert set(WHERE.values()) == set(DESCRIPTIONS) - outside


def test_the_page_of_the_documentation_tells_every_kind_and_place() -> None:
    text = DOC.read_text(encoding="utf-8")

    for kind in DESCRIPTIONS:
        assert f"`{kind.value}`" in text, kind
    for place in WHERE:
        table, _, column = place.partition(".")
        assert f"`{table}`" in text, place
        assert f"`{column}`" in text, place
    for kind, period in PERIODS.items():
        until = "no end" if period.maximum is None else f"{period.maximum:,}"
        assert f"| `{kind.value}` | {period.days:,} | {period.minimum} | {until} |" in text, kind


def test_settings_have_the_periods_and_limits_of_the_kinds() -> None:
    assert set(Retention.model_fields) == {kind.value for kind in Kind}
    for kind, period in PERIODS.items():
        field = Retention.model_fields[kind.value]
        limits = {name: getattr(one, name) for one in field.metadata for name in ("ge", "le")
                  if hasattr(one, name)}  # fmt: skip
        assert field.default == period.days
        endless = period.maximum is None
        assert limits["ge"] == (0 if endless else period.minimum)
        assert limits["le"] == (LONGEST if endless else period.maximum)
    assert AUDITED == retention.AUDITED
