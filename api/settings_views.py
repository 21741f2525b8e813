"""Settings as JSON-ready dictionaries, in the shapes of :mod:`api.settings_schemas`."""

from typing import Final

from api.settings_reading import Held
from api.views import Json, iso
from config.items import KINDS, take_secrets
from monitor.history.settings import Item
from monitor.history.versioned import Version

_AT: Final = 1_795_254_067_382


def item(stored: Item, held: Held) -> Json:
    """An item as ``PbxItem``, ``QueueItem`` and so on."""
    kind, key = KINDS[stored.kind], stored.key
    shown: Json = {
        "kind": stored.kind,
        "id": stored.id,
        "version": stored.version,
        "body": held.body(key),
        "from_file": stored.from_file,
        "updated_at": iso(stored.updated_at),
        "updated_by": stored.updated_by,
        "problem": held.problem(key),
    }
    if kind.secrets:
        known = held.known_secrets(key)
        shown["has_secret"] = {name: bool(known.get(name)) for name in kind.secrets}
    return shown


def all_items(held: Held) -> Json:
    """All items as ``SettingsOut``."""
    shown: Json = {}
    for kind in KINDS.values():
        found = [item(one, held) for one in of_kind(held, kind.name)]
        shown[kind.name] = found[0] if kind.single else found
    return shown


def of_kind(held: Held, kind: str) -> list[Item]:
    """All items of a kind, by id."""
    found = [one for one in held.items.values() if one.kind == kind]
    return sorted(found, key=lambda one: one.id)


def version(found: Version) -> Json:
    """An item as it was, as ``ItemVersionOut``."""
    return {
        "version": found.version,
        "body": found.body,
        "at": iso(found.at),
        "by": found.by,
    }


def version_example(shown: Json) -> Json:
    """The version of an item that is shown, for the OpenAPI document."""
    return version(Version(3, shown["body"], _AT, "ada"))


def example(kind: str, id_: str, body: Json) -> Json:
    """An item for the OpenAPI document."""
    shown: Json = {
        "kind": kind,
        "id": id_,
        "version": 3,
        "body": take_secrets(kind, body)[0],
        "from_file": False,
        "updated_at": iso(_AT),
        "updated_by": "ada",
        "problem": "",
    }
    if KINDS[kind].secrets:
        shown["has_secret"] = dict.fromkeys(KINDS[kind].secrets, True)
    return shown
