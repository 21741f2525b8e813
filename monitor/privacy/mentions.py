"""Where a number is taken out of texts, and where it stays, and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, update

from monitor.history.overflow_tables import audit_entry, rule, rule_version, standing, switch
from monitor.history.setting_tables import setting, setting_version
from monitor.history.tables import policy_version, visit
from monitor.privacy.scrubbing import Eraser
from monitor.privacy.texts import Changed

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


def clear_mentions(connection: Connection, changes: Sequence[Changed]) -> Counter[str]:
    """Store texts without the number, where nobody changed them meanwhile."""
    done: Counter[str] = Counter()
    for one in changes:
        where = [one.table.c[name] == value for name, value in one.key.items()]
        said = one.table.c[one.column]
        change = update(one.table).where(*where, said == one.before)
        gone = connection.execute(change.values({said: one.after})).rowcount
        done[one.table.name] += gone
    return +done
