"""From what is stored to the settings in effect: the file, the items, the secrets."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from config.base import Table
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
)
from config.loading import pbx_secrets
from config.settings import Settings
from monitor.core.clock import Ms
from monitor.history.audit import MONITOR
from monitor.history.database import History
from monitor.history.secrets import KEY_VARIABLE, Vault, key_file
from monitor.history.settings import Item, Mark, Secrets, SettingsRecord

log = logging.getLogger("minuteur.settings")


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
        if table is not None and (item is None or item.from_file):
            found = found | secrets_in(table)
        return found | secrets_of_environment(key)

    def sound(self) -> dict[Key, Table]:
        """The items that are in effect."""
        return {
            key: table
            for key, table in self.tables.items()
            if isinstance(table, Table) and key not in self.effective.problems
        }


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
    return replace(hold(file, record.all(), record.secrets()), mark=mark)


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
