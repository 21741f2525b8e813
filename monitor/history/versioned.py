"""Things that people set: each version is kept, and changed is only what its author has seen.

A *shelf* is where things of one sort stand: overflow rules, say, or settings of a kind. Their
bodies are JSON objects; what they mean is not looked at here. All methods work within a
transaction of the caller's, and leave an audit entry in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    and_,
    insert,
    select,
    true,
    update,
)

from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, Who, append, json_text

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """A thing as it was; ``body`` is None where it was deleted."""

    version: int
    body: dict[str, Any] | None
    at: Ms
    by: str


class ConflictError(Exception):
    """Somebody else changed a thing meanwhile; ``current`` is its version now, None: it is gone."""

    def __init__(self, noun: str, id_: str, current: int | None) -> None:
        said = "does not exist" if current is None else f"is at version {current}"
        super().__init__(f"The {noun} {id_} {said}: read it again.")
        self.noun = noun
        self.id = id_
        self.current = current


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where things of one sort are kept.

    ``table`` holds what is in force and ``versions`` what ever was; ``key`` are the columns that
    say which sort, ``fresh`` what other columns hold in a new thing. ``noun`` begins the codes of
    audit entries (``rule_changed``); ``prefix`` begins their subjects.
    """

    table: Table
    versions: Table
    noun: str
    prefix: str = ""
    key: Mapping[str, str] = field(default_factory=dict)
    fresh: Mapping[str, Any] = field(default_factory=dict)

    def all(self, connection: Connection) -> list[RowMapping]:
        """The rows of all things that are not deleted, by id."""
        query = select(self.table).where(self._sort(self.table), self.table.c.deleted.is_(False))
        return list(connection.execute(query.order_by(self.table.c.id)).mappings())

    def row(self, connection: Connection, id_: str) -> RowMapping | None:
        """The row of a thing, also of one that was deleted; None where there never was one."""
        query = select(self.table).where(self._one(self.table, id_))
        return connection.execute(query).mappings().one_or_none()

    def history(self, connection: Connection, id_: str) -> list[Version]:
        """All versions of a thing, newest first; also of one that was deleted."""
        query = select(self.versions).where(self._one(self.versions, id_))
        rows = connection.execute(query.order_by(self.versions.c.version.desc())).mappings()
        return [Version(row["version"], parsed(row["body"]), row["at"], row["by"]) for row in rows]

    def put(
        self,
        connection: Connection,
        id_: str,
        body: Body,
        who: Who,
        at: Ms,
        *,
        expected: int | None,
        **values: Any,  # noqa: ANN401 - of whatever columns the table has
    ) -> RowMapping:
        """Create a thing (``expected`` None), or change the version that its author has seen.

        What was deleted may be created again; its versions go on.

        Raises:
            ConflictError: there is such a thing already, or it is at another version.
        """
        before = self._expected(connection, id_, expected)
        what = "created" if expected is None else "changed"
        seen = None if expected is None or before is None else parsed(before["body"])
        self.store(connection, before, id_, body, who, at, **values)
        self.note(connection, id_, what, who, at, seen, body)
        row = self.row(connection, id_)
        assert row is not None  # noqa: S101 - stored just now
        return row

    def delete(
        self,
        connection: Connection,
        id_: str,
        who: Who,
        at: Ms,
        *,
        expected: int,
        **values: Any,  # noqa: ANN401 - of whatever columns the table has
    ) -> None:
        """Delete a thing; its versions stay.

        Raises:
            ConflictError: there is no such thing, or it is at another version.
        """
        before = self._expected(connection, id_, expected)
        self.store(connection, before, id_, None, who, at, **values)
        seen = None if before is None else parsed(before["body"])
        self.note(connection, id_, "deleted", who, at, seen)

    def store(
        self,
        connection: Connection,
        before: RowMapping | None,
        id_: str,
        body: Body | None,
        who: Who,
        at: Ms,
        **values: Any,  # noqa: ANN401 - of whatever columns the table has
    ) -> None:
        """Store the next version of a thing, unchecked; a body of None deletes it."""
        text = json_text(body)
        version = 1 if before is None else before["version"] + 1
        values |= {"version": version, "updated_at": at, "updated_by": who.by}
        values["deleted"] = body is None
        if body is not None:
            values["body"] = text
        if before is None or before["deleted"]:
            values |= {"created_at": at, "created_by": who.by, **self.fresh}
        if before is None:
            connection.execute(insert(self.table).values(**self.key, id=id_, **values))
        else:
            changed = update(self.table).where(self._one(self.table, id_))
            connection.execute(changed.values(values))
        kept = {"version": version, "body": text, "at": at, "by": who.by}
        connection.execute(insert(self.versions).values(**self.key, id=id_, **kept))

    def note(
        self,
        connection: Connection,
        id_: str,
        what: str,
        who: Who,
        at: Ms,
        before: Body | None = None,
        after: Body | None = None,
    ) -> None:
        """Leave an audit entry about a thing."""
        code, subject = f"{self.noun}_{what}", f"{self.prefix}{id_}"
        append(connection, AuditEntry(at, who.by, who.via, code, subject, before, after))

    def _expected(
        self, connection: Connection, id_: str, expected: int | None
    ) -> RowMapping | None:
        """The row of a thing, if it is as the author has seen it."""
        query = select(self.table).where(self._one(self.table, id_)).with_for_update()
        row = connection.execute(query).mappings().one_or_none()
        current = None if row is None or row["deleted"] else row["version"]
        if current != expected:
            raise ConflictError(self.noun, f"{self.prefix}{id_}", current)
        return row

    def _sort(self, table: Table) -> ColumnElement[bool]:
        return and_(true(), *(table.c[name] == value for name, value in self.key.items()))

    def _one(self, table: Table, id_: str) -> ColumnElement[bool]:
        return and_(self._sort(table), table.c.id == id_)


def parsed(text: str | None) -> dict[str, Any] | None:
    """A stored body; None where a thing was deleted."""
    if text is None:
        return None
    body: dict[str, Any] = orjson.loads(text)
    return body
