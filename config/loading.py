"""Find and read the settings: ``--config FILE``, else ``./minuteur.toml``, else the environment.

Variables are ``MINUTEUR_`` and the table and key, joined by ``__`` (``MINUTEUR_API__PORT``); lists
are JSON (``MINUTEUR_PBX='[{"name": "lab", …}]'``). Secrets may always come from the environment,
and win over the file:

* ``MINUTEUR_PBX_<NAME>_SECRET``, the manager account's secret of the PBX of that name
* ``MINUTEUR_PBX_<NAME>_ARI_PASSWORD``
* ``MINUTEUR_MQTT_PASSWORD``
* ``MINUTEUR_MAIL_PASSWORD``
* ``MINUTEUR_OIDC_CLIENT_SECRET``
* ``MINUTEUR_WEBHOOK_<NAME>_SECRET`` and ``MINUTEUR_WEBHOOK_<NAME>_URL``
* ``MINUTEUR_HISTORY__DATABASE``, since a database's URL may hold a password

``MINUTEUR_SECRET_KEY`` is the key under which secrets are encrypted that admins set,
``MINUTEUR_PSEUDONYM_KEY`` the one of the pseudonyms of callers and agents.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings.exceptions import SettingsError as BadVariableError

from config.complaints import complain, key_lines, line_of
from config.crossing import cross_problems, variable_part
from config.overflow_oddities import odd_rules
from config.settings import Settings

PREFIX = "MINUTEUR_"
DEFAULT_FILE = Path("minuteur.toml")
DATABASE_VARIABLE = f"{PREFIX}HISTORY__DATABASE"
MQTT_VARIABLE = f"{PREFIX}MQTT_PASSWORD"
MAIL_VARIABLE = f"{PREFIX}MAIL_PASSWORD"
OIDC_VARIABLE = f"{PREFIX}OIDC_CLIENT_SECRET"
KEY_VARIABLE = f"{PREFIX}SECRET_KEY"
PSEUDONYM_VARIABLE = f"{PREFIX}PSEUDONYM_KEY"

_NOTHING = (
    "There are no settings: name a file with --config, write ./minuteur.toml, "
    f"or set {PREFIX}… variables."
)


class SettingsError(Exception):
    """The settings are no good; ``problems`` says why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, where they came from, and what is odd about them (one sentence each)."""

    settings: Settings
    source: str
    warnings: tuple[str, ...] = ()


def load(path: Path | None = None) -> Loaded:
    """Read the settings of a command.

    Args:
        path: the file named with ``--config``; None looks for ``./minuteur.toml``.

    Raises:
        SettingsError: naming every problem at once.
    """
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    variables = {
        name.upper(): value
        for name, value in os.environ.items()
        if name.upper().startswith(PREFIX) and value
    }
    return _from_environment(variables) if path is None else _from_file(path, variables)


def _from_file(path: Path, variables: Mapping[str, str]) -> Loaded:
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise SettingsError([f"{path}: there is no such file"]) from None
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise SettingsError([f"{path}: is not UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{path}: is not TOML: {error}"]) from None
    used = _add_secrets(data, variables)
    settings = _validate(data, str(path), text)
    unused = sorted(set(variables) - used)
    warnings = [f"The settings come from {path}; {name} is not used." for name in unused]
    return Loaded(settings, str(path), (*warnings, *_odd(settings)))


def _from_environment(variables: Mapping[str, str]) -> Loaded:
    if not variables:
        raise SettingsError([_NOTHING])
    try:
        data = EnvSettingsSource(
            Settings, case_sensitive=False, env_prefix=PREFIX, env_nested_delimiter="__"
        )()
    except BadVariableError as error:
        field = next((f for f in Settings.model_fields if f'"{f}"' in str(error)), "")
        name = f"{PREFIX}{field.upper()}"
        raise SettingsError(
            [f"environment: {name} is not JSON; a list is written as [{{…}}, {{…}}]"]
        ) from None
    used = _add_secrets(data, variables)
    unknown = [
        f"environment: {name} is not a known variable"
        for name in sorted(set(variables) - used)
        if name.removeprefix(PREFIX).partition("__")[0].lower() not in Settings.model_fields
    ]
    settings = _validate(data, "environment", "", unknown)
    return Loaded(settings, "the environment", _odd(settings))


def _add_secrets(data: dict[str, Any], variables: Mapping[str, str]) -> set[str]:
    """Put secrets of the environment into raw settings; say which variables were used."""
    used = {KEY_VARIABLE, PSEUDONYM_VARIABLE}  # read where they are needed

    def put(table: object, key: str, variable: str) -> None:
        if isinstance(table, dict) and variable in variables:
            table[key] = variables[variable]
            used.add(variable)

    if DATABASE_VARIABLE in variables:
        put(data.setdefault("history", {}), "database", DATABASE_VARIABLE)
    put(data.get("mqtt"), "password", MQTT_VARIABLE)
    put(data.get("mail"), "password", MAIL_VARIABLE)
    put(data.get("oidc"), "client_secret", OIDC_VARIABLE)
    pbxs = data.get("pbx")
    for pbx in pbxs if isinstance(pbxs, list) else []:
        if isinstance(pbx, dict):
            put(pbx, "secret", secret_variable(str(pbx.get("name", ""))))
            put(pbx.get("ari"), "password", _ari_variable(str(pbx.get("name", ""))))
    hooks = data.get("webhook")
    for hook in hooks if isinstance(hooks, list) else []:
        for key in ("secret", "url") if isinstance(hook, dict) else ():
            put(hook, key, webhook_variable(str(hook.get("name", "")), key))
    return used


def pbx_secrets(pbx: str) -> dict[str, str]:
    """The secrets of a PBX that the environment holds, by their dotted keys in ``[[pbx]]``."""
    variables = {"secret": secret_variable(pbx), "ari.password": _ari_variable(pbx)}
    held = {name.upper(): value for name, value in os.environ.items() if value}
    return {key: held[name] for key, name in variables.items() if name in held}


def secret_variable(pbx: str) -> str:
    """The environment variable that holds the manager secret of a PBX."""
    return f"{PREFIX}PBX_{variable_part(pbx)}_SECRET"


def webhook_variable(name: str, key: str) -> str:
    """The environment variable that holds a webhook's secret, or its URL."""
    return f"{PREFIX}WEBHOOK_{variable_part(name)}_{key.upper()}"


def _ari_variable(pbx: str) -> str:
    return f"{PREFIX}PBX_{variable_part(pbx)}_ARI_PASSWORD"


def _validate(
    data: dict[str, Any], source: str, text: str, problems: list[str] | None = None
) -> Settings:
    """Check raw settings against the models, gathering every problem."""
    found = [(0, problem) for problem in problems or []]
    try:
        settings = Settings(**data)
    except ValidationError as errors:
        lines = key_lines(text)
        crossed = cross_problems(data)
        for error in errors.errors():
            if not error["loc"] and crossed:
                continue
            line = line_of(error["loc"], lines)
            place = source if line is None else f"{source}, line {line}"
            hints = _variables_for(error["loc"], data)
            found.append((line or 0, f"{place}: {complain(error, Settings, data, hints)}"))
        found += [(0, f"{source}: {problem}") for problem in crossed]
    if found:
        raise SettingsError([problem for _, problem in sorted(found, key=lambda pair: pair[0])])
    return settings


def _variables_for(location: tuple[str | int, ...], data: dict[str, Any]) -> list[str]:
    """The variable that would fill a missing secret."""
    match location:
        case ("pbx", int(index), "secret"):
            return [secret_variable(str(data["pbx"][index].get("name", "NAME")))]
        case ("pbx", int(index), "ari", "password"):
            return [_ari_variable(str(data["pbx"][index].get("name", "NAME")))]
        case ("webhook", int(index), ("secret" | "url") as key):
            return [webhook_variable(str(data["webhook"][index].get("name", "NAME")), key)]
    return []


def _odd(settings: Settings) -> tuple[str, ...]:
    if not settings.pbx:
        return ("No [[pbx]] is configured: there is nothing to watch.",)
    servers = [server.name for server in settings.voice_server]
    return (*_keys_unheard(settings), *odd_rules(settings.overflow_rule, servers))


def _keys_unheard(settings: Settings) -> tuple[str, ...]:
    if any(pbx.ari is not None for pbx in settings.pbx):
        return ()
    return tuple(
        f'[[voice_server]] "{server.name}" counts on keys pressed in a Stasis application, and no '
        "[[pbx]] has [pbx.ari]: the account in manager.conf must have dtmf in its read line."
        for server in settings.voice_server
        if server.stasis_apps and server.counts_when == "first_input"
    )
