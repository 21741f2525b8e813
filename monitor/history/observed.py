"""Until when each PBX was observed, so that a crash leaves a blind interval of the right length."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.clock import Ms
from monitor.history.database import History
from monitor.history.tables import observed


def mark_observed(history: History, until: Mapping[str, Ms]) -> None:
    """Store that these PBXs were observed up to these moments (ms, the PBX's clock); blocks.

    Raises:
        SQLAlchemyError: the database cannot be used now.
    """
    if not until:
        return
    dialect = postgresql if history.engine.dialect.name == "postgresql" else sqlite
    rows = [{"pbx": pbx, "until": moment} for pbx, moment in until.items()]
    statement = dialect.insert(observed).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=[observed.c.pbx], set_={"until": statement.excluded.until}
    )
    with history.writing() as connection:
        connection.execute(statement)


def observed_until(history: History) -> dict[str, Ms]:
    """Until when each PBX was observed, as far as the record knows (ms, the PBX's clock); blocks.

    Raises:
        SQLAlchemyError: the database cannot be read.
    """
    with history.reading() as connection:
        return {row.pbx: row.until for row in connection.execute(select(observed))}
