"""What is wrong between the tables of a settings file."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from config.faults import Complaint, Wrong
from config.teams import LEAST


class Crossing(NamedTuple):
    """A problem between tables: the table, which of its items (from 0), the key, and why."""

    table: str
    number: int
    key: str
    text: Complaint


def variable_part(name: str) -> str:
    """A PBX's name as it stands in its environment variables: ``lab-1`` → ``LAB_1``."""
    return "".join(c if c.isalnum() else "_" for c in name).upper()


def cross_problems(data: dict[str, Any]) -> list[str]:
    """What is wrong between the tables of raw or validated settings, one sentence each."""
    return [crossing.text for crossing in crossings(data)]


def crossings(data: dict[str, Any]) -> list[Crossing]:
    """What is wrong between the tables of raw or validated settings, and where."""
    pbxs = {str(item.get("name", "")) for item in _tables(data, "pbx")}
    return [
        *_used_twice(data),
        *_queues_elsewhere(data, pbxs),
        *_taken_apps(data),
        *_overflow_problems(data, pbxs),
        *_calendars_nowhere(data),
        *_team_problems(data, pbxs),
    ]


def _used_twice(data: dict[str, Any]) -> Iterator[Crossing]:
    for table in ("pbx", "voice_server", "queue", "webhook", "calendar", "team"):
        seen: dict[object, str] = {}
        for index, item in enumerate(_tables(data, table)):
            name = str(item.get("name", ""))
            key: object = (item.get("pbx", ""), name) if table == "queue" else name
            key = variable_part(name) if table in ("pbx", "webhook") else key
            if name and key in seen:
                also = "" if seen[key] == name else f' (like "{seen[key]}")'
                text = f'[[{table}]]: the name "{name}" is used twice{also}'
                said = Complaint(Wrong.NAME_TAKEN, text, name=name)
                yield Crossing(table, index, "name", said)
            seen[key] = name


def _queues_elsewhere(data: dict[str, Any], pbxs: set[str]) -> Iterator[Crossing]:
    for index, item in enumerate(_tables(data, "queue")):
        if item.get("pbx") and item["pbx"] not in pbxs:
            name = item.get("name", "")
            text = f'[[queue]] "{name}": there is no [[pbx]] named "{item["pbx"]}"'
            said = Complaint(Wrong.NO_PBX, text, pbx=str(item["pbx"]))
            yield Crossing("queue", index, "pbx", said)


def _calendars_nowhere(data: dict[str, Any]) -> Iterator[Crossing]:
    """Calendars that are named and are not there, and hours said twice for the centre."""
    known = {str(item.get("name", "")) for item in _tables(data, "calendar")}
    for index, item in enumerate(_tables(data, "queue")):
        if (named := item.get("calendar")) and named not in known:
            text = f'[[queue]] "{item.get("name", "")}": there is no [[calendar]] named "{named}"'
            said = Complaint(Wrong.NO_CALENDAR, text, calendar=str(named))
            yield Crossing("queue", index, "calendar", said)
    centre = data.get("centre")
    named = centre.get("calendar") if isinstance(centre, dict) else None
    if named and named not in known:
        text = f'[centre]: there is no [[calendar]] named "{named}"'
        said = Complaint(Wrong.NO_CALENDAR, text, calendar=str(named))
        yield Crossing("centre", 0, "calendar", said)
    if named and data.get("opening_hours"):
        text = (
            f'[centre] calendar = "{named}" and [[opening_hours]] both say when the centre is '
            "open; write these hours into the [[calendar]] and take [[opening_hours]] out"
        )
        yield Crossing("centre", 0, "calendar", Complaint(Wrong.HOURS_TWICE, text))


def _team_problems(data: dict[str, Any], pbxs: set[str]) -> Iterator[Crossing]:
    """Teams of a PBX that is not there, agents of two teams, and teams that are persons."""
    figures = data.get("figures")
    each = isinstance(figures, dict) and figures.get("per_agent") is True
    teams_of: dict[str, list[tuple[str, str]]] = {}
    for index, item in enumerate(_tables(data, "team")):
        name, pbx = str(item.get("name", "")), str(item.get("pbx") or "")
        if pbx and pbx not in pbxs:
            text = f'[[team]] "{name}": there is no [[pbx]] named "{pbx}"'
            yield Crossing("team", index, "pbx", Complaint(Wrong.NO_PBX, text, pbx=pbx))
        named = item.get("agents")
        agents = [str(agent) for agent in named] if isinstance(named, list) else []
        for agent in agents:
            known = teams_of.setdefault(agent, [])
            if other := next((t for p, t in known if not p or not pbx or p == pbx), ""):
                text = f'[[team]] "{name}": the agent "{agent}" is in the team "{other}"'
                yield Crossing("team", index, "agents", Complaint(Wrong.TWICE, text, name=agent))
            known.append((pbx, name))
        if agents and len(agents) < LEAST and not each:
            text = (
                f'[[team]] "{name}": a team of fewer than {LEAST} agents tells what each does; '
                "add agents, or write [figures] per_agent = true"
            )
            said = Complaint(Wrong.TOO_SHORT, text, least=LEAST)
            yield Crossing("team", index, "agents", said)


def _overflow_problems(data: dict[str, Any], pbxs: set[str]) -> Iterator[Crossing]:
    """Rules of one id, and rules for a PBX that is not there."""
    seen = set()
    for index, rule in enumerate(_tables(data, "overflow_rule")):
        name, pbx = str(rule.get("id", "")), rule.get("pbx")
        if name and name in seen:
            text = f'[[overflow_rule]]: the id "{name}" is used twice; each rule has its own'
            said = Complaint(Wrong.NAME_TAKEN, text, name=name)
            yield Crossing("overflow_rule", index, "id", said)
        seen.add(name)
        if pbx and pbx not in pbxs:
            text = (
                f'[[overflow_rule]] "{name}": there is no [[pbx]] named "{pbx}"; leave pbx out for '
                "a rule that holds on every PBX"
            )
            said = Complaint(Wrong.NO_PBX, text, pbx=str(pbx))
            yield Crossing("overflow_rule", index, "pbx", said)


def _taken_apps(data: dict[str, Any]) -> Iterator[Crossing]:
    """Where the monitor would take a voice server's calls, by the name of its application."""
    for index, pbx in enumerate(_tables(data, "pbx")):
        ari = pbx.get("ari")
        app = str(ari.get("app", "minuteur")) if isinstance(ari, dict) else ""
        for server in _tables(data, "voice_server"):
            apps = server.get("stasis_apps")
            if not app or not isinstance(apps, list):
                continue
            if any(fnmatchcase(app, str(pattern)) for pattern in apps):
                text = (
                    f'[pbx.ari] of "{pbx.get("name", "")}": app = "{app}" is the application of '
                    f'the [[voice_server]] "{server.get("name", "")}"; the monitor would take its '
                    "calls. Write a name that nothing else uses"
                )
                yield Crossing("pbx", index, "ari.app", Complaint(Wrong.TAKEN_APP, text, app=app))


def _tables(data: dict[str, Any], table: str) -> list[dict[str, Any]]:
    found = data.get(table)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
