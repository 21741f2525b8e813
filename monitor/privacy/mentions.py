"""Where a number stays when it is erased, and why."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from monitor.history.overflow_tables import audit_entry, rule, rule_version, standing, switch
from monitor.history.setting_tables import setting, setting_version
from monitor.history.tables import policy_version, visit
from monitor.privacy.scrubbing import Eraser

_SET: Final = "It was set by an admin, and calls are judged by it: take it out of the settings."
_TRAIL: Final = "The audit trail is never changed: its entries go when their time is over."
_AGENT: Final = "It is an agent's telephone: agents' names have a time of their own."
_LEFT: Final = (
    (policy_version, "policy", _SET), (setting, "body", _SET), (setting_version, "body", _SET),
    (rule, "body", _SET), (rule_version, "body", _SET), (standing, "undo", _SET),
    (switch, "note", _TRAIL), (audit_entry, "before", _TRAIL), (audit_entry, "after", _TRAIL),
    (visit, "interface", _AGENT),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a number stays: the table, in how many rows, and why."""

    where: str
    rows: int
    why: str


def left_mentions(connection: Connection, eraser: Eraser) -> list[Mention]:
    """Where the number stands and stays."""
    if not eraser.digits:
        return []
    found = []
    for table, column, why in _LEFT:
        said = table.c[column]
        query = select(said).where(said.contains(eraser.digits))
        many = sum(eraser.found_in(text) for text in connection.execute(query).scalars())
        if many:
            found.append(Mention(f"{table.name}.{column}", many, why))
    return found
