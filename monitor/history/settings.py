"""Settings as the file seeds them and admins set them: versioned, and changed only as seen.

What nobody has set goes on following the settings file; once a person has set an item, the file is
ignored for it. Overflow rules, which have a record of their own, may be changed in the same
transaction. What a body means is not looked at here; secrets stand apart from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

import orjson
from sqlalchemy import Connection, RowMapping, func, insert, select
from sqlalchemy.exc import IntegrityError

from monitor.core.clock import Ms
from monitor.core.policy import Policy
from monitor.history.audit import MONITOR, Who
from monitor.history.database import History
from monitor.history.overflow_rules import RULES
from monitor.history.overflow_tables import audit_entry
from monitor.history.policies import current_policy, stored_policy
from monitor.history.secrets import Key, Vault
from monitor.history.setting_tables import setting, setting_version, undone
from monitor.history.versioned import Body, ConflictError, Shelf, Version

RULE: Final = "overflow_rule"
"""The kind of overflow rules among changes."""
SETTING: Final = "setting"
BODY_CODES: Final = frozenset(
    f"{noun}_{done}" for noun in (SETTING, RULES.noun) for done in ("created", "changed", "deleted")
)
"""What is written in the audit trail where something was made, changed or deleted."""
SECRET_CHANGED: Final = f"{SETTING}_secret_changed"
_TRIES: Final = 3

Secrets = dict[Key, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Item:
    """A setting in force. ``from_file``: it follows the settings file still."""

    kind: str
    id: str
    version: int
    body: dict[str, Any]
    from_file: bool
    created_at: Ms
    created_by: str
    updated_at: Ms
    updated_by: str

    @property
    def key(self) -> Key:
        """Which setting it is."""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants an item to be; a body of None deletes it.

    ``expected`` is the version that they have seen, None for a new item. ``secrets`` are those that
    they said, by field; the others stay.
    """

    kind: str
    id: str
    body: Body | None
    expected: int | None
    secrets: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    """Secrets that nobody changed, and that were kept elsewhere so far: in the settings file."""
    undoes: int | None = None
    """The audit entry of the change that this one takes back."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What came of the file's items: keys that changed by it, and those that differ from it."""

    changed: tuple[Key, ...] = ()
    ignored: tuple[Key, ...] = ()
    """A person has set them otherwise, so the file does not hold for them."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far settings and rules had come at a moment: it differs once anything was changed."""

    settings: int
    rules: int


class SettingsRecord:
    """Settings in the database. Methods block; an event loop runs them in a thread.

    All raise ``SQLAlchemyError`` when the database cannot be used.
    """

    def __init__(self, history: History, vault: Vault) -> None:
        self._history = history
        self._vault = vault

    def all(self) -> list[Item]:
        """All settings that are not deleted, by kind and id."""
        query = select(setting).where(setting.c.deleted.is_(False))
        query = query.order_by(setting.c.kind, setting.c.id)
        with self._history.reading() as connection:
            return [_item_of(row) for row in connection.execute(query).mappings()]

    def deleted(self) -> dict[Key, dict[str, Any]]:
        """What the settings that are deleted were at last."""
        query = select(setting.c.kind, setting.c.id, setting.c.body)
        with self._history.reading() as connection:
            return {
                (row.kind, row.id): orjson.loads(row.body)
                for row in connection.execute(query.where(setting.c.deleted.is_(True)))
            }

    def set_by_people(self) -> dict[Key, Item | None]:
        """What people have set, for which the settings file does not hold; None: deleted."""
        query = select(setting).where(setting.c.from_file.is_(False))
        with self._history.reading() as connection:
            return {
                (row["kind"], row["id"]): None if row["deleted"] else _item_of(row)
                for row in connection.execute(query).mappings()
            }

    def secrets(self) -> Secrets:
        """All secrets, by setting and field; an empty one cannot be decrypted."""
        with self._history.reading() as connection:
            return self._vault.all(connection)

    def versions(self, kind: str, id_: str) -> list[Version]:
        """All versions of a setting, newest first; also of one that was deleted."""
        with self._history.reading() as connection:
            return shelf_of(kind).history(connection, id_)

    def mark(self) -> Mark:
        """Read how far the record has come; a change by another process shows in it."""
        with self._history.reading() as connection:
            counted = (
                select(func.count()).select_from(table)
                for table in (setting_version, RULES.versions)
            )
            return Mark(*(connection.execute(query).scalar_one() for query in counted))

    def apply(
        self, changes: Sequence[Change], who: Who, at: Ms, policy: Policy | None = None
    ) -> Policy | None:
        """Make all changes, or none.

        Args:
            changes: of settings and overflow rules.
            who: makes them.
            at: the moment (ms).
            policy: what the settings say with these changes; stored as the next version when it
                differs from the newest.

        Returns:
            The policy under its version number; None when none was given.

        Raises:
            ConflictError: an item is not as its author has seen it; nothing was changed.
            SecretsError: secrets cannot be stored; nothing was changed.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._apply(changes, who, at, policy)
            except IntegrityError:
                # Two authors at once: PostgreSQL lets both look, and one of them store.
                continue
        return self._apply(changes, who, at, policy)

    def _apply(
        self, changes: Sequence[Change], who: Who, at: Ms, policy: Policy | None
    ) -> Policy | None:
        with self._history.writing() as connection:
            for change in changes:
                self._check_undoing(connection, change)
                self._make(connection, change, who, at)
                if change.undoes is not None:
                    seq = _newest_seq(connection, shelf_of(change.kind).prefix + change.id)
                    row = {"seq": change.undoes, "by_seq": seq}
                    connection.execute(insert(undone).values(row))
            return None if policy is None else stored_policy(connection, policy, who.by, at)

    @staticmethod
    def _check_undoing(connection: Connection, change: Change) -> None:
        """Nothing has changed a thing since the change that is taken back."""
        shelf = shelf_of(change.kind)
        subject = shelf.prefix + change.id
        if change.undoes is None or _newest_seq(connection, subject) == change.undoes:
            return
        row = shelf.row(connection, change.id)
        current = None if row is None or row["deleted"] else row["version"]
        raise ConflictError(shelf.noun, subject, current)

    def _make(self, connection: Connection, change: Change, who: Who, at: Ms) -> None:
        shelf = shelf_of(change.kind)
        values = {} if change.kind == RULE else {"from_file": False}
        if change.body is None:
            if change.expected is None:
                raise ConflictError(shelf.noun, shelf.prefix + change.id, None)
            shelf.delete(connection, change.id, who, at, expected=change.expected, **values)
            return
        shelf.put(connection, change.id, change.body, who, at, expected=change.expected, **values)
        if secrets := {**change.kept, **change.secrets}:
            self._vault.put(connection, (change.kind, change.id), secrets, at)
        if change.secrets:
            said = {"secrets": sorted(change.secrets)}
            shelf.note(connection, change.id, "secret_changed", who, at, None, said)

    def policy(self, configured: Policy, at: Ms) -> Policy:
        """The policy that the settings say under its version number, stored if it is new."""
        return current_policy(self._history, configured, now=at)

    def seed(
        self,
        items: Mapping[Key, Body],
        at: Ms,
        same: Callable[[str, Body, Body], bool] = lambda _kind, one, other: one == other,
    ) -> Seeded:
        """Take over what the settings file says, but for what people have set.

        Args:
            items: the bodies of the file's items.
            at: the moment (ms).
            same: whether two bodies of a kind mean the same.
        """
        changed: list[Key] = []
        ignored: list[Key] = []
        with self._history.writing() as connection:
            rows = {
                (row["kind"], row["id"]): row
                for row in connection.execute(select(setting)).mappings()
            }
            for key, body in items.items():
                row = rows.get(key)
                if _is_there(row) and same(key[0], orjson.loads(row["body"]), body):
                    continue
                if row is not None and not row["from_file"]:
                    ignored.append(key)
                    continue
                _follow(connection, key, row, body, at)
                changed.append(key)
            for key, row in rows.items():
                if key not in items and row["from_file"] and not row["deleted"]:
                    _follow(connection, key, row, None, at)
                    changed.append(key)
        return Seeded(tuple(changed), tuple(ignored))


def shelf_of(kind: str) -> Shelf:
    """Where the things of a kind are kept."""
    if kind == RULE:
        return RULES
    return Shelf(setting, setting_version, SETTING, f"{kind}:", {"kind": kind})


def _newest_seq(connection: Connection, subject: str) -> int | None:
    """The number of the newest entry that made, changed or deleted a thing."""
    columns = audit_entry.c
    query = select(func.max(columns.seq))
    query = query.where(columns.subject == subject, columns.what.in_(BODY_CODES))
    seq: int | None = connection.execute(query).scalar_one()
    return seq


def _is_there(row: RowMapping | None) -> TypeGuard[RowMapping]:
    return row is not None and not row["deleted"]


def _follow(
    connection: Connection, key: Key, row: RowMapping | None, body: Body | None, at: Ms
) -> None:
    """Have an item be as the file has it; None: the file has it no more."""
    kind, id_ = key
    shelf = shelf_of(kind)
    before = None if row is None or row["deleted"] else orjson.loads(row["body"])
    shelf.store(connection, row, id_, body, MONITOR, at, from_file=True)
    what = "deleted" if body is None else "created" if before is None else "changed"
    shelf.note(connection, id_, what, MONITOR, at, before, body)


def _item_of(row: RowMapping) -> Item:
    values = dict(row)
    del values["deleted"]
    return Item(body=orjson.loads(values.pop("body")), **values)
