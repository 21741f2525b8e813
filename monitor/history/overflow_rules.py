"""Overflow rules as admins set them: versioned, never lost, and changed only as they were seen.

A rule's body is the JSON object that REST, the settings file and this database share; what it
means is not looked at here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from monitor.core.clock import Ms
from monitor.history.audit import MONITOR, AuditEntry, Who, append, json_text
from monitor.history.database import History
from monitor.history.overflow_tables import rule, rule_version

Body = Mapping[str, Any]


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


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule as it was; ``body`` is None where it was deleted."""

    version: int
    body: dict[str, Any] | None
    at: Ms
    by: str


class RuleConflictError(Exception):
    """Somebody else changed the rule meanwhile; ``current`` is its version now, None: no rule."""

    def __init__(self, id_: str, current: int | None) -> None:
        said = "does not exist" if current is None else f"is at version {current}"
        super().__init__(f"The rule {id_} {said}: read it again.")
        self.current = current


class RuleRecord:
    """Rules in the database. Methods block; an event loop runs them in a thread.

    All raise ``SQLAlchemyError`` when the database cannot be used.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def all(self) -> list[StoredRule]:
        """All rules that are not deleted, by id."""
        query = select(rule).where(rule.c.deleted.is_(False)).order_by(rule.c.id)
        with self._history.reading() as connection:
            return [_rule_of(row) for row in connection.execute(query).mappings()]

    def get(self, id_: str) -> StoredRule | None:
        """One rule; None when there is none of this id."""
        with self._history.reading() as connection:
            row = _row(connection, id_)
        return None if row is None or row["deleted"] else _rule_of(row)

    def versions(self, id_: str) -> list[RuleVersion]:
        """All versions of a rule, newest first; also of one that was deleted."""
        query = select(rule_version).where(rule_version.c.id == id_)
        with self._history.reading() as connection:
            rows = connection.execute(query.order_by(rule_version.c.version.desc())).mappings()
            return [
                RuleVersion(row["version"], _parsed(row["body"]), row["at"], row["by"])
                for row in rows
            ]

    def put(self, id_: str, body: Body, who: Who, at: Ms, *, expected: int | None) -> StoredRule:
        """Create a rule (``expected`` None), or change the version that the author has seen.

        A rule that was deleted may be created again; its versions go on.

        Raises:
            RuleConflictError: there is such a rule already, or it is at another version.
        """
        try:
            with self._history.writing() as connection:
                before = _expected(connection, id_, expected)
                _store(connection, before, id_, body, who, at)
                what = "rule_created" if expected is None else "rule_changed"
                seen = None if expected is None or before is None else _parsed(before["body"])
                append(connection, AuditEntry(at, who.by, who.via, what, id_, seen, body))
                row = _row(connection, id_)
        except IntegrityError as error:
            # Two authors at once: PostgreSQL lets both look, and one of them store.
            current = self.get(id_)
            raise RuleConflictError(id_, None if current is None else current.version) from error
        assert row is not None  # noqa: S101 - stored just now
        return _rule_of(row)

    def delete(self, id_: str, who: Who, at: Ms, *, expected: int) -> None:
        """Delete a rule; its versions stay.

        Raises:
            RuleConflictError: there is no such rule, or it is at another version.
        """
        with self._history.writing() as connection:
            before = _expected(connection, id_, expected)
            _store(connection, before, id_, None, who, at)
            seen = None if before is None else _parsed(before["body"])
            append(connection, AuditEntry(at, who.by, who.via, "rule_deleted", id_, seen))

    def force(self, id_: str, on: bool | None, who: Who, at: Ms) -> bool:
        """Remember that a person has a rule act, or rest; None: its conditions decide again.

        Returns:
            Whether there is such a rule.
        """
        with self._history.writing() as connection:
            row = _row(connection, id_)
            if row is None or row["deleted"]:
                return False
            values = {"forced": on, "forced_by": "" if on is None else who.by}
            connection.execute(update(rule).where(rule.c.id == id_).values(values))
            before, after = {"forced": row["forced"]}, {"forced": on}
            entry = AuditEntry(at, who.by, who.via, "rule_forced", id_, before, after)
            append(connection, entry)
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
                if id_ in known:
                    continue
                _store(connection, None, id_, body, MONITOR, at)
                what = AuditEntry(at, MONITOR.by, MONITOR.via, "rule_created", id_, None, body)
                append(connection, what)
                new.append(id_)
        return new


def _row(connection: Connection, id_: str) -> RowMapping | None:
    query = select(rule).where(rule.c.id == id_)
    return connection.execute(query).mappings().one_or_none()


def _expected(connection: Connection, id_: str, expected: int | None) -> RowMapping | None:
    """The row of a rule, if it is as the author has seen it."""
    query = select(rule).where(rule.c.id == id_).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    current = None if row is None or row["deleted"] else row["version"]
    if current != expected:
        raise RuleConflictError(id_, current)
    return row


def _store(
    connection: Connection, before: RowMapping | None, id_: str, body: Body | None, who: Who, at: Ms
) -> None:
    """Store the next version of a rule; a body of None deletes it."""
    text = json_text(body)
    version = 1 if before is None else before["version"] + 1
    values: dict[str, Any] = {"version": version, "updated_at": at, "updated_by": who.by}
    values["deleted"] = body is None
    if body is not None:
        values["body"] = text
    if before is None or before["deleted"]:
        values |= {"created_at": at, "created_by": who.by, "forced": None, "forced_by": ""}
    if before is None:
        connection.execute(insert(rule).values(id=id_, **values))
    else:
        connection.execute(update(rule).where(rule.c.id == id_).values(values))
    connection.execute(
        insert(rule_version).values(id=id_, version=version, body=text, at=at, by=who.by)
    )


def _parsed(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    body: dict[str, Any] = orjson.loads(text)
    return body


def _rule_of(row: RowMapping) -> StoredRule:
    values = dict(row)
    del values["deleted"]
    return StoredRule(body=orjson.loads(values.pop("body")), **values)
