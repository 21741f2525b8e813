"""Overflow rules as admins set them: versioned, never lost, and changed only as they were seen.

A rule's body is the JSON object that REST, the settings file and this database share; what it
means is not looked at here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import RowMapping, select, update
from sqlalchemy.exc import IntegrityError

from monitor.core.clock import Ms
from monitor.history.audit import MONITOR, Who
from monitor.history.database import History
from monitor.history.overflow_tables import rule, rule_version
from monitor.history.versioned import Body, ConflictError, Shelf, Version

RuleVersion = Version
RuleConflictError = ConflictError

RULES: Final = Shelf(rule, rule_version, "rule", fresh={"forced": None, "forced_by": ""})
"""Where the rules are kept."""


@dataclass(frozen=True, slots=True)
class StoredRule:
    """A rule in force. ``forced``: has it act (True) or rest (False) whatever its conditions."""

    id: str
    version: int
    body: dict[str, Any]
    created_at: Ms
    created_by: str
    updated_at: Ms
    updated_by: str
    forced: bool | None = None
    forced_by: str = ""


class RuleRecord:
    """Rules in the database. Methods block; an event loop runs them in a thread.

    All raise ``SQLAlchemyError`` when the database cannot be used.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def all(self) -> list[StoredRule]:
        """All rules that are not deleted, by id."""
        with self._history.reading() as connection:
            return [_rule_of(row) for row in RULES.all(connection)]

    def get(self, id_: str) -> StoredRule | None:
        """One rule; None when there is none of this id."""
        with self._history.reading() as connection:
            row = RULES.row(connection, id_)
        return None if row is None or row["deleted"] else _rule_of(row)

    def versions(self, id_: str) -> list[RuleVersion]:
        """All versions of a rule, newest first; also of one that was deleted."""
        with self._history.reading() as connection:
            return RULES.history(connection, id_)

    def put(self, id_: str, body: Body, who: Who, at: Ms, *, expected: int | None) -> StoredRule:
        """Create a rule (``expected`` None), or change the version that the author has seen.

        A rule that was deleted may be created again; its versions go on.

        Raises:
            RuleConflictError: there is such a rule already, or it is at another version.
        """
        try:
            with self._history.writing() as connection:
                return _rule_of(RULES.put(connection, id_, body, who, at, expected=expected))
        except IntegrityError as error:
            # Two authors at once: PostgreSQL lets both look, and one of them store.
            current = self.get(id_)
            version = None if current is None else current.version
            raise RuleConflictError(RULES.noun, id_, version) from error

    def delete(self, id_: str, who: Who, at: Ms, *, expected: int) -> None:
        """Delete a rule; its versions stay.

        Raises:
            RuleConflictError: there is no such rule, or it is at another version.
        """
        with self._history.writing() as connection:
            RULES.delete(connection, id_, who, at, expected=expected)

    def force(self, id_: str, on: bool | None, who: Who, at: Ms) -> bool:
        """Remember that a person has a rule act, or rest; None: its conditions decide again.

        Returns:
            Whether there is such a rule.
        """
        with self._history.writing() as connection:
            row = RULES.row(connection, id_)
            if row is None or row["deleted"]:
                return False
            values = {"forced": on, "forced_by": "" if on is None else who.by}
            connection.execute(update(rule).where(rule.c.id == id_).values(values))
            before, after = {"forced": row["forced"]}, {"forced": on}
            RULES.note(connection, id_, "forced", who, at, before, after)
        return True

    def seed(self, rules: Mapping[str, Body], at: Ms) -> list[str]:
        """Store rules of the settings file, each once for ever.

        A rule that was changed or deleted since stays so.

        Returns:
            The ids that were new.
        """
        new: list[str] = []
        with self._history.writing() as connection:
            known = set(connection.execute(select(rule.c.id)).scalars())
            for id_, body in rules.items():
                if id_ not in known:
                    RULES.put(connection, id_, body, MONITOR, at, expected=None)
                    new.append(id_)
        return new


def _rule_of(row: RowMapping) -> StoredRule:
    values = dict(row)
    del values["deleted"]
    return StoredRule(body=orjson.loads(values.pop("body")), **values)
