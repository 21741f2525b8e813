"""From what is stored to the settings in effect: the file, the items, the secrets."""

import hmac
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from config.base import Table
from config.faults import Complaint, Wrong
from config.items import (
    KINDS,
    Body,
    Effective,
    ItemError,
    Key,
    body_of,
    checked,
    effective,
    items_of,
    same,
    secrets_in,
    where_sent,
)
from config.loading import pbx_secrets
from config.settings import Settings
from monitor.core.clock import Ms
from monitor.history.audit import MONITOR
from monitor.history.database import History
from monitor.history.secrets import KEY_VARIABLE, Vault, key_file
from monitor.history.settings import Item, Mark, Secrets, SettingsRecord

log = logging.getLogger("minuteur.settings")

ANEW: Final = Complaint(Wrong.SECRET_ANEW, "enter it anew: it was for another address or account")
HELD_ELSEWHERE: Final = Complaint(
    Wrong.SECRET_ELSEWHERE,
    "an environment variable holds it, which wins, for another address or account: enter that one",
)


@dataclass(frozen=True, slots=True)
class Held:
    """All that settings are made of, and what they come to.

    ``file`` is what the settings file says, ``secrets`` those of the database.
    """

    file: Settings
    items: Mapping[Key, Item]
    tables: Mapping[Key, Table | str]
    secrets: Secrets
    effective: Effective
    mark: Mark | None = None
    """How far the record had come before it was read."""
    deleted: Mapping[Key, Body] = field(default_factory=dict)
    """What the items that were deleted were at last: their secrets are kept."""

    @property
    def settings(self) -> Settings:
        """The settings in effect."""
        return self.effective.settings

    def problem(self, key: Key) -> str:
        """Why an item is not in effect; empty when it is."""
        return self.effective.problems.get(key, "")

    def body(self, key: Key) -> Body:
        """An item's body with the defaults of today; as it is stored where it cannot be read."""
        table = self.tables.get(key)
        return body_of(table) if isinstance(table, Table) else dict(self.items[key].body)

    def known_secrets(self, key: Key) -> dict[str, str]:
        """The secrets of an item by field, wherever they are kept; the environment's win."""
        found = {name: value for name, value in self.secrets.get(key, {}).items() if value}
        item, table = self.items.get(key), items_of(self.file).get(key)
        if table is not None and item is None:
            found = secrets_in(table) | found  # what was deleted comes back with its own
        elif table is not None and item is not None and item.from_file:
            found = found | secrets_in(table)
        return found | secrets_of_environment(key)

    def wrongly_sent(
        self, key: Key, body: Mapping[str, Any], said: Mapping[str, str]
    ) -> dict[str, str]:
        """The known secrets that a body would send elsewhere than they are meant for, by field.

        Whoever names another place for a secret says that they know it. One that the environment
        holds wins over what is said, so that must be the same.

        Args:
            key: the item's.
            body: what it would be.
            said: the secrets that go with it.
        """
        known, environment = self.known_secrets(key), secrets_of_environment(key)
        found: dict[str, str] = {}
        for name, place in where_sent(key[0], body).items():
            before = self._body_of_secret(key, name)
            moved = before is not None and where_sent(key[0], before).get(name) != place
            if not moved or name not in known:
                continue
            if name not in said:
                found[name] = ANEW
            elif name in environment and not is_same_secret(said[name], environment[name]):
                found[name] = HELD_ELSEWHERE
        return found

    def _body_of_secret(self, key: Key, name: str) -> Body | None:
        """The body that a known secret goes with; None: there never was one."""
        if key in self.items:
            return self.body(key)
        table = items_of(self.file).get(key)
        if table is None or self.secrets.get(key, {}).get(name):
            return self.deleted.get(key)
        return body_of(table)

    def sound(self) -> dict[Key, Table]:
        """The items that are in effect."""
        return {
            key: table
            for key, table in self.tables.items()
            if isinstance(table, Table) and key not in self.effective.problems
        }


def is_same_secret(one: str, other: str) -> bool:
    """Whether two secrets are the same; how long this takes tells nothing."""
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def secrets_of_environment(key: Key) -> dict[str, str]:
    """The secrets of an item that environment variables hold, by field."""
    kind, id_ = key
    return pbx_secrets(id_) if kind == "pbx" else {}


def read_all(record: SettingsRecord, file: Settings) -> Held:
    """Read what is stored; blocks.

    Raises:
        SQLAlchemyError: the database cannot be used.
    """
    mark = record.mark()  # first: what is changed meanwhile shows as a change afterwards
    held = hold(file, record.all(), record.secrets())
    return replace(held, mark=mark, deleted=record.deleted())


def hold(file: Settings, items: Iterable[Item], secrets: Secrets) -> Held:
    """Make the settings in effect of what is stored."""
    by_key = {item.key: item for item in items if item.kind in KINDS}
    held = Held(file, by_key, {}, secrets, Effective(file))
    said = items_of(file)
    tables: dict[Key, Table | str] = {}
    for key, item in by_key.items():
        if item.from_file and key in said:
            tables[key] = said[key]
        else:
            tables[key] = _table_of(held, key)
    return replace(held, tables=tables, effective=effective(file, tables))


def _table_of(held: Held, key: Key) -> Table | str:
    secrets = held.known_secrets(key)
    try:
        return checked(key[0], held.items[key].body, secrets)
    except ItemError as error:
        lost = [
            name
            for name in error.fields
            if name not in secrets and name in held.secrets.get(key, {})
        ]
        if lost:
            return f"{', '.join(lost)}: it cannot be decrypted; enter it anew"
        return str(error)


def record_of(history: History, file: Settings) -> SettingsRecord:
    """The settings in a database, with the secrets under the key that is configured."""
    given = os.environ.get(KEY_VARIABLE, "")
    return SettingsRecord(history, Vault(key_file(history.url, file.history.key_file), given))


def begin(record: SettingsRecord, file: Settings, now: Ms) -> Held:
    """Take over what the settings file says, and read what is in effect; blocks.

    Raises:
        SQLAlchemyError: the database cannot be used.
    """
    said = {key: body_of(table) for key, table in items_of(file).items()}
    seeded = record.seed(said, now, same)
    for kind, id_ in seeded.ignored:
        log.warning(
            "%s %s is set otherwise in the database, which wins: the settings file is ignored "
            "for it.",
            KINDS[kind].words.capitalize(),
            id_,
        )
    return read_all(record, file)


def looked_up(record: SettingsRecord, file: Settings) -> Held:
    """The settings in effect, for a command: nothing is written. Blocks.

    What people have set is the database's; the rest is what the file says now. Version 0: the file
    was not taken over yet.

    Raises:
        SQLAlchemyError: the database cannot be used.
    """
    people, stored = record.set_by_people(), {item.key: item for item in record.all()}
    items = [item for item in people.values() if item is not None]
    for key, table in items_of(file).items():
        if key not in people:
            unseen = Item(*key, 0, {}, True, 0, MONITOR.by, 0, MONITOR.by)
            items.append(replace(stored.get(key, unseen), body=body_of(table)))
    return hold(file, items, record.secrets())
