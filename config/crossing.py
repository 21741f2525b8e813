"""What is wrong between the tables of a settings file."""

from fnmatch import fnmatchcase
from typing import Any


def variable_part(name: str) -> str:
    """A PBX's name as it stands in its environment variables: ``lab-1`` → ``LAB_1``."""
    return "".join(c if c.isalnum() else "_" for c in name).upper()


def cross_problems(data: dict[str, Any]) -> list[str]:
    """What is wrong between the tables of raw or validated settings, one sentence each."""
    problems = []
    for table in ("pbx", "voice_server", "queue", "webhook"):
        seen: dict[object, str] = {}
        for item in _tables(data, table):
            name = str(item.get("name", ""))
            key: object = (item.get("pbx", ""), name) if table == "queue" else name
            key = variable_part(name) if table in ("pbx", "webhook") else key
            if name and key in seen:
                also = "" if seen[key] == name else f' (like "{seen[key]}")'
                problems.append(f'[[{table}]]: the name "{name}" is used twice{also}')
            seen[key] = name
    pbxs = {str(item.get("name", "")) for item in _tables(data, "pbx")}
    problems.extend(
        f'[[queue]] "{item.get("name", "")}": there is no [[pbx]] named "{item["pbx"]}"'
        for item in _tables(data, "queue")
        if item.get("pbx") and item["pbx"] not in pbxs
    )
    return [*problems, *_taken_apps(data), *_overflow_problems(data, pbxs)]


def _overflow_problems(data: dict[str, Any], pbxs: set[str]) -> list[str]:
    """Rules of one id, and rules for a PBX that is not there."""
    problems = []
    seen = set()
    for rule in _tables(data, "overflow_rule"):
        name, pbx = str(rule.get("id", "")), rule.get("pbx")
        if name and name in seen:
            problems.append(
                f'[[overflow_rule]]: the id "{name}" is used twice; each rule has its own'
            )
        seen.add(name)
        if pbx and pbx not in pbxs:
            problems.append(
                f'[[overflow_rule]] "{name}": there is no [[pbx]] named "{pbx}"; leave pbx out for '
                "a rule that holds on every PBX"
            )
    return problems


def _taken_apps(data: dict[str, Any]) -> list[str]:
    """Where the monitor would take a voice server's calls, by the name of its application."""
    return [
        f'[pbx.ari] of "{pbx.get("name", "")}": app = "{app}" is the application of the '
        f'[[voice_server]] "{server.get("name", "")}"; the monitor would take its calls. Write a '
        "name that nothing else uses"
        for pbx in _tables(data, "pbx")
        if isinstance(ari := pbx.get("ari"), dict) and (app := str(ari.get("app", "minuteur")))
        for server in _tables(data, "voice_server")
        if isinstance(apps := server.get("stasis_apps"), list)
        and any(fnmatchcase(app, str(pattern)) for pattern in apps)
    ]


def _tables(data: dict[str, Any], table: str) -> list[dict[str, Any]]:
    found = data.get(table)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
