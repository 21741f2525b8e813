"""Who changed what, read from the audit trail: settings, overflow rules, users and tokens.

A change can be taken back as long as nothing changed its thing since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, entry_of
from monitor.history.database import History
from monitor.history.keyset import Keyset, check_limit
from monitor.history.overflow_tables import audit_entry
from monitor.history.setting_tables import undone
from monitor.history.settings import BODY_CODES, RULE, SECRET_CHANGED, SETTING

_KIND_OF: Final = {
    "rule": RULE,
    "switch": "overflow_switch",
    "user": "user",
    "password": "user",
    "token": "token",
    "device": "device",
}
"""What an entry is about, by the first word of its code; settings say it in their subject."""


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes are asked for; what is None does not matter. ``since`` ≤ at < ``until``."""

    since: Ms | None = None
    until: Ms | None = None
    by: str | None = None
    kind: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A change. ``undone_by``: the ``seq`` of the one that took it back, None: it was not.

    ``undoable``: nothing has changed the thing since, and there is something to take back.
    ``with_secret``: a secret was changed along, or since; those of before are not kept.
    """

    entry: AuditEntry
    kind: str
    id: str
    undone_by: int | None
    undoable: bool
    with_secret: bool = False


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes, newest first; ``next_cursor`` is None at the end."""

    changes: list[RecordedChange]
    next_cursor: str | None


class ChangeRecord:
    """Reads changes. Methods block; an event loop runs them in a thread.

    All raise ``SQLAlchemyError`` when the database cannot be used.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def page(
        self, wanted: ChangeFilter | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> ChangePage:
        """A page of changes, newest first.

        Args:
            wanted: which changes; all when None.
            limit: how many, 1 to 500.
            cursor: ``next_cursor`` of the page before, under the same filter.

        Raises:
            ValueError: the cursor or the limit is not valid.
        """
        check_limit(limit)
        columns = audit_entry.c
        keyset = Keyset(columns.at, columns.seq)
        query = keyset.page(select(audit_entry), cursor, limit)
        query = query.where(*_conditions(wanted or ChangeFilter()))
        with self._history.reading() as connection:
            rows = connection.execute(query).mappings().all()
            shown, next_cursor = keyset.cut(rows, limit)
            found = _with_undoing(connection, [entry_of(dict(row)) for row in shown])
        return ChangePage(found, next_cursor)

    def one(self, seq: int) -> RecordedChange | None:
        """One change; None when there is none of this number."""
        query = select(audit_entry).where(audit_entry.c.seq == seq, _is_change())
        with self._history.reading() as connection:
            row = connection.execute(query).mappings().one_or_none()
            if row is None:
                return None
            return _with_undoing(connection, [entry_of(dict(row))])[0]

    def newest(self, kind: str, id_: str) -> RecordedChange | None:
        """The newest change of a thing."""
        changes = self.page(ChangeFilter(kind=kind, id=id_), limit=1).changes
        return changes[0] if changes else None


def _conditions(wanted: ChangeFilter) -> list[ColumnElement[bool]]:
    columns = audit_entry.c
    found = [_is_change() if wanted.kind is None else _is_of_kind(wanted.kind)]
    if wanted.since is not None:
        found.append(columns.at >= wanted.since)
    if wanted.until is not None:
        found.append(columns.at < wanted.until)
    if wanted.by is not None:
        found.append(columns.by == wanted.by)
    if wanted.id is not None:
        subjects = [wanted.id] if wanted.kind is None else []
        is_setting = wanted.kind is not None and wanted.kind not in _KIND_OF.values()
        subjects.append(f"{wanted.kind}:{wanted.id}" if is_setting else wanted.id)
        found.append(columns.subject.in_(subjects))
    return found


def _begins(column: Any, text: str) -> ColumnElement[bool]:  # noqa: ANN401 - any text column
    begins: ColumnElement[bool] = column.startswith(text, autoescape=True)
    return begins


def _is_change() -> ColumnElement[bool]:
    return or_(*(_begins(audit_entry.c.what, f"{word}_") for word in (SETTING, *_KIND_OF)))


def _is_of_kind(kind: str) -> ColumnElement[bool]:
    words = [word for word, named in _KIND_OF.items() if named == kind]
    if words:
        return or_(*(_begins(audit_entry.c.what, f"{word}_") for word in words))
    columns = audit_entry.c
    return and_(_begins(columns.what, f"{SETTING}_"), _begins(columns.subject, f"{kind}:"))


def _with_undoing(connection: Connection, entries: Sequence[AuditEntry]) -> list[RecordedChange]:
    """Say of each entry whether it was taken back, and whether it can be."""
    query = select(undone).where(undone.c.seq.in_([entry.seq for entry in entries]))
    taken_back = {row["seq"]: row["by_seq"] for row in connection.execute(query).mappings()}
    last = _newest(connection, entries, BODY_CODES)
    secrets = _newest(connection, entries, {SECRET_CHANGED})
    return [
        _change_of(
            entry,
            taken_back.get(entry.seq),
            is_last=last.get(_thing(entry)) == entry.seq,
            with_secret=secrets.get(_thing(entry), 0) > entry.seq
            and None not in (entry.before, entry.after),
        )
        for entry in entries
    ]


def _thing(entry: AuditEntry) -> tuple[str, str]:
    """What an entry is about: the first letters of its code, and its subject."""
    return entry.what[:4], entry.subject


def _newest(
    connection: Connection, entries: Sequence[AuditEntry], codes: Iterable[str]
) -> dict[tuple[str, str], int]:
    """The number of the newest entry of these codes about each thing."""
    columns = audit_entry.c
    begin = func.substr(columns.what, 1, 4)
    query = select(begin, columns.subject, func.max(columns.seq))
    query = query.where(
        columns.subject.in_({entry.subject for entry in entries}), columns.what.in_(codes)
    ).group_by(begin, columns.subject)
    return {(word, subject): seq for word, subject, seq in connection.execute(query)}


def _change_of(
    entry: AuditEntry, undone_by: int | None, *, is_last: bool, with_secret: bool
) -> RecordedChange:
    word = entry.what.partition("_")[0]
    kind, id_ = _KIND_OF.get(word, word), entry.subject
    if word == SETTING:
        kind, _, id_ = entry.subject.partition(":")
    undoable = entry.what in BODY_CODES and is_last and undone_by is None
    undoable = undoable and not with_secret and entry.before != entry.after
    return RecordedChange(entry, kind, id_, undone_by, undoable, with_secret and is_last)
