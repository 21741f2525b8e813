"""All settings as one TOML text, and back: an import is made as a whole or not at all."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import tomli_w

from api.errors import ApiError
from api.overflow_policies import RuleError, rule_of
from api.overflow_policies import body_of as rule_body
from api.settings_control import SettingsControl
from api.views import Json
from config.items import KINDS, Body, ItemError, Key, body_of, checked, id_of, same, take_secrets
from config.settings import Settings
from monitor.history.audit import Who
from monitor.history.settings import RULE, Change

ORDER: Final = (
    "centre", "commitment", "figures", "calendar", "pbx", "voice_server", "queue", "team",
    "retention", RULE,
)  # fmt: skip
"""The order of tables in an export."""
FILE_ONLY: Final = frozenset(Settings.model_fields) - {*KINDS, RULE}
"""Tables that are set in the settings file alone."""
_HEAD: Final = """\
# Minuteur's settings. Secrets are not among them: an import keeps those that are there, and a PBX
# that is new needs its own (secret = "…").

"""


@dataclass(slots=True)
class Read:
    """What a text says: bodies and secrets by item, what is wrong, and what is not looked at."""

    bodies: dict[Key, Body] = field(default_factory=dict)
    secrets: dict[Key, dict[str, str]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """(where, what is wrong)."""
    ignored: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import makes of one item."""

    kind: str
    id: str
    what: str
    before: Body | None
    after: Body | None


@dataclass(slots=True)
class Outcome:
    """What was imported, or would be; with a problem, nothing is."""

    planned: list[Planned] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    applied: bool = False


def exported(control: SettingsControl) -> str:
    """All settings and overflow rules as TOML, without secrets."""
    bodies = _current(control)
    whole: dict[str, Any] = {}
    for kind in ORDER:
        found = [body for (name, _), body in sorted(bodies.items()) if name == kind]
        if found:
            whole[kind] = found[0] if kind in KINDS and KINDS[kind].single else found
    return _HEAD + tomli_w.dumps(whole)


async def imported(
    control: SettingsControl,
    text: str,
    who: Who,
    *,
    dry_run: bool = False,
    remove_missing: bool = False,
) -> Outcome:
    """Take over the settings of a text.

    Args:
        control: changes them.
        text: TOML, as :func:`exported` writes it, or a settings file.
        who: imports it.
        dry_run: only say what would change.
        remove_missing: delete what the text does not have.

    Raises:
        ApiError: 409 when somebody changed the same meanwhile, 503.
    """
    told = read_text(text)
    outcome = Outcome(problems=told.problems, ignored=told.ignored)
    current = _current(control)
    changes: list[Change] = []
    for key, body in told.bodies.items():
        change = _change_of(control, key, body, told.secrets.get(key, {}), current.get(key))
        outcome.planned.append(_planned(key, current.get(key), body, changed=change is not None))
        changes += [] if change is None else [change]
    for key, body in current.items():
        single = key[0] in KINDS and KINDS[key[0]].single
        if remove_missing and key not in told.bodies and not single:
            changes.append(Change(*key, None, _version(control, key)))
            outcome.planned.append(Planned(*key, "deleted", body, None))
    if not outcome.problems:
        outcome.problems += _problems(control, changes)
    if not outcome.problems and not dry_run:
        if changes:
            await control.apply(changes, who)
        outcome.applied = True
    return outcome


def read_text(text: str) -> Read:
    """Read a TOML text, each item checked by itself, but for secrets that it leaves out."""
    told = Read()
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told.problems.append(("toml", str(error)))
        return told
    for table, value in whole.items():
        if table in FILE_ONLY:
            told.ignored.append(table)
        elif table not in ORDER:
            told.problems.append((table, f"there is no such table; known are {', '.join(ORDER)}"))
        elif table in KINDS and KINDS[table].single:
            _take(told, table, value)
        elif not isinstance(value, list):
            told.problems.append((table, f"it is written as [[{table}]]"))
        else:
            for item in value:
                _take(told, table, item)
    return told


def _take(told: Read, kind: str, value: object) -> None:
    """Take in one table of the text."""
    if not isinstance(value, dict):
        told.problems.append((kind, "it is not a table"))
        return
    name = str(value.get("id" if kind == RULE else "name", "")) or kind
    try:
        if kind == RULE:
            key, body = (kind, name), rule_body(rule_of(value))
        else:
            rest, secrets = take_secrets(kind, value)
            fill = dict.fromkeys(KINDS[kind].secrets, "x") | secrets
            body = body_of(checked(kind, rest, fill))
            key = kind, id_of(kind, body)
            told.secrets[key] = secrets
    except (ItemError, RuleError) as error:
        told.problems += [(f"{kind}:{name}.{field}", text) for field, text in error.fields.items()]
        return
    if key in told.bodies:
        told.problems.append((f"{kind}:{key[1]}", "it is there twice"))
    told.bodies[key] = body


def _current(control: SettingsControl) -> dict[Key, Body]:
    """What is in the settings now, rules too."""
    found = {key: control.held.body(key) for key in control.held.items}
    found |= {(RULE, rule.id): dict(rule.body) for rule in control.overflow.rules()}
    return found


def _version(control: SettingsControl, key: Key) -> int | None:
    kind, id_ = key
    if kind == RULE:
        return next((r.version for r in control.overflow.rules() if r.id == id_), None)
    item = control.held.items.get(key)
    return None if item is None else item.version or None


def _change_of(
    control: SettingsControl,
    key: Key,
    body: Body,
    secrets: Mapping[str, str],
    before: Body | None,
) -> Change | None:
    """What is to be stored; None where nothing changes."""
    known = control.held.known_secrets(key)
    moved = control.held.wrongly_sent(key, body, {})
    fresh = {
        name: value for name, value in secrets.items() if name in moved or known.get(name) != value
    }
    if before is not None and not fresh and _same(key[0], before, body):
        return None
    return Change(*key, body, _version(control, key), fresh)


def _same(kind: str, one: Body, other: Body) -> bool:
    return one == other if kind == RULE else same(kind, one, other)


def _planned(key: Key, before: Body | None, after: Body, *, changed: bool) -> Planned:
    what = "same" if not changed else "created" if before is None else "changed"
    return Planned(*key, what, before, after)


def _problems(control: SettingsControl, changes: list[Change]) -> list[tuple[str, str]]:
    """What is wrong with the changes together."""
    try:
        tables = control.tables_of(changes)
    except ApiError as error:
        return list(error.fields.items())
    found = control.problems(tables, changes)
    return [(f"{key[0]}:{key[1]}.{field}", text) for (key, field), text in found.items()]


def outcome(done: Outcome) -> Json:
    """An import as ``ImportOut``."""
    return {
        "changes": [
            {"kind": one.kind, "id": one.id, "what": one.what, "before": one.before,
             "after": one.after}
            for one in done.planned
        ],
        "problems": [{"where": where, "message": text} for where, text in done.problems],
        "ignored": done.ignored,
        "applied": done.applied,
    }  # fmt: skip
