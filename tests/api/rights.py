"""What each role may ask for, route by route; a route that is not here fails a test."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from monitor.accounts import Role


class Only(StrEnum):
    """Who else than a role a route is for."""

    EVERYBODY = "everybody"
    """No sign-in is asked for."""
    PEOPLE = "people"
    """Somebody's own account: programs and devices are refused."""


class Partly(StrEnum):
    """What an account gets that sees some queues only."""

    ITS_PART = "its part"
    """Nothing of another queue is told, and nothing of one is changed."""
    NOTHING = "nothing"
    """It is refused: what is told or changed is about all queues at once."""
    THE_SAME = "the same"
    """Nothing in it is about a queue."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may use a route; ``body`` is one that is understood, where it is needed to tell."""

    needs: Role | Only
    partly: Partly
    body: Any = None


VIEWER, LEAD, ADMIN = Role.VIEWER, Role.LEAD, Role.ADMIN
_PART, _NONE, _SAME = Partly.ITS_PART, Partly.NOTHING, Partly.THE_SAME
_OF_ADMINS = Rights(ADMIN, _SAME)
"""An admin sees all queues."""
_OPEN = Rights(Only.EVERYBODY, _SAME)
_OWN = Rights(Only.PEOPLE, _SAME)
_API = "/api/v1"
_RULE = "/overflow/rules/{rule_id}"
_LETTER = "/webhooks/dead-letters/{letter_id}"

_ROUTES: dict[str, Rights] = {
    "GET /live": Rights(VIEWER, _PART),
    "GET /live/stream": Rights(Only.EVERYBODY, _SAME),  # says how to open it; see test_stream.py
    "GET /alerts": Rights(VIEWER, _PART),
    "POST /alerts/acknowledge": Rights(LEAD, _PART),
    "POST /alerts/{alert_id}/acknowledge": Rights(LEAD, _PART),
    "GET /calls": Rights(VIEWER, _PART),
    "GET /calls/count": Rights(VIEWER, _PART),
    "GET /calls/export": Rights(VIEWER, _PART),
    "GET /calls/{call_id}": Rights(VIEWER, _PART),
    "GET /policies/{version}": Rights(VIEWER, _PART),
    "GET /indicators": Rights(VIEWER, _PART),
    "GET /indicators/agents": Rights(VIEWER, _PART),
    "GET /indicators/definitions": Rights(VIEWER, _SAME),
    "GET /indicators/period": Rights(VIEWER, _PART),
    "GET /indicators/series": Rights(VIEWER, _PART),
    "GET /indicators/waits": Rights(VIEWER, _PART),
    "GET /indicators/week": Rights(VIEWER, _PART),
    "GET /reports/compliance": Rights(VIEWER, _PART),
    "GET /evidence": Rights(VIEWER, _SAME),
    "GET /evidence/seals": _OF_ADMINS,
    "GET /evidence/pack": _OF_ADMINS,
    "GET /personal-data": _OF_ADMINS,
    "POST /personal-data/subject": Rights(ADMIN, _SAME, {"number": "0199001234"}),
    "POST /personal-data/erasure": Rights(ADMIN, _SAME, {"number": "0199001234"}),
    "POST /personal-data/purge": _OF_ADMINS,
    "GET /lost-callers": Rights(VIEWER, _PART),
    "PATCH /lost-callers/{call_id}": Rights(LEAD, _PART),
    "GET /contacts": Rights(VIEWER, _PART),
    "POST /contacts": Rights(LEAD, _PART),
    "POST /contacts/batch": Rights(LEAD, _PART),
    "GET /contacts/counts": Rights(VIEWER, _PART),
    "GET /contacts/indicators": Rights(VIEWER, _PART),
    "GET /contacts/{contact_id}": Rights(VIEWER, _PART),
    "PATCH /contacts/{contact_id}": Rights(LEAD, _PART),
    "GET /indicators/satisfaction": Rights(VIEWER, _PART),
    "GET /overflow/activity": _OF_ADMINS,
    "GET /overflow/decision": Rights(VIEWER, _PART),
    "POST /overflow/decision": Rights(VIEWER, _PART),
    "GET /overflow/rules": Rights(VIEWER, _PART),
    "POST /overflow/rules": _OF_ADMINS,
    f"GET {_RULE}": Rights(VIEWER, _PART),
    f"PUT {_RULE}": _OF_ADMINS,
    f"DELETE {_RULE}": _OF_ADMINS,
    f"GET {_RULE}/versions": Rights(VIEWER, _PART),
    f"POST {_RULE}/force": Rights(LEAD, _PART),
    "GET /overflow/decisions": Rights(VIEWER, _PART),
    "GET /overflow/decisions/{decision_id}": Rights(VIEWER, _PART),
    "GET /overflow/commands": Rights(VIEWER, _PART),
    "GET /audit": _OF_ADMINS,
    "GET /overflow/switch": Rights(VIEWER, _SAME),
    "PUT /overflow/switch": Rights(LEAD, _NONE, {"on": False}),
    "GET /overflow/standing": Rights(VIEWER, _PART),
    "GET /overflow/forecast": Rights(VIEWER, _PART),
    "POST /overflow/simulations": Rights(LEAD, _PART),
    "GET /publishing": Rights(VIEWER, _SAME),
    "GET /webhooks/dead-letters": Rights(VIEWER, _NONE),
    f"POST {_LETTER}/send-again": Rights(LEAD, _NONE),
    f"DELETE {_LETTER}": Rights(LEAD, _NONE),
    "GET /settings": _OF_ADMINS,
    "GET /settings/discovered": _OF_ADMINS,
    "GET /settings/holidays": _OF_ADMINS,
    "POST /settings/pbxs/test": _OF_ADMINS,
    "GET /settings/changes": _OF_ADMINS,
    "POST /settings/changes/{seq}/undo": _OF_ADMINS,
    "GET /settings/export": _OF_ADMINS,
    "POST /settings/import": _OF_ADMINS,
    "GET /queues": Rights(VIEWER, _PART),
    "GET /session": Rights(VIEWER, _PART),
    "DELETE /session": Rights(VIEWER, _SAME),
    "POST /session": _OPEN,
    "POST /session/device": _OPEN,
    "GET /session/oidc": _OPEN,
    "GET /session/oidc/callback": _OPEN,
    "GET /setup": _OPEN,
    "POST /setup": _OPEN,
    "GET /account": _OWN,
    "POST /account/password": _OWN,
    "GET /account/sessions": _OWN,
    "DELETE /account/sessions/{id}": _OWN,
    "GET /users": _OF_ADMINS,
    "POST /users": _OF_ADMINS,
    "GET /users/{name}": _OF_ADMINS,
    "PATCH /users/{name}": _OF_ADMINS,
    "DELETE /users/{name}": _OF_ADMINS,
    "POST /users/{name}/password": _OF_ADMINS,
    "POST /users/{name}/end-sessions": _OF_ADMINS,
    "GET /tokens": _OF_ADMINS,
    "POST /tokens": _OF_ADMINS,
    "DELETE /tokens/{name}": _OF_ADMINS,
    "GET /devices": _OF_ADMINS,
    "POST /devices": _OF_ADMINS,
    "DELETE /devices/{name}": _OF_ADMINS,
}
_OUTSIDE: dict[str, Rights] = {
    "GET /healthz": _OPEN,
    "GET /readyz": _OPEN,
    "GET /metrics": Rights(VIEWER, _NONE),
}


def _settings() -> dict[str, Rights]:
    """Each kind of setting has the same routes."""
    found: dict[str, Rights] = {}
    for kind in ("pbxs", "queues", "voice-servers", "calendars", "teams"):
        one = f"/settings/{kind}/{{item_id}}"
        found[f"POST /settings/{kind}"] = _OF_ADMINS
        found |= dict.fromkeys((f"{verb} {one}" for verb in ("GET", "PUT", "DELETE")), _OF_ADMINS)
        found[f"GET {one}/versions"] = _OF_ADMINS
    for kind in ("commitment", "centre", "figures", "retention"):
        found |= dict.fromkeys((f"{verb} /settings/{kind}" for verb in ("GET", "PUT")), _OF_ADMINS)
    return found


def _placed(routes: dict[str, Rights], prefix: str) -> dict[tuple[str, str], Rights]:
    places = (route.partition(" ") for route in routes)
    return {(verb, prefix + path): routes[f"{verb} {path}"] for verb, _, path in places}


RIGHTS: dict[tuple[str, str], Rights] = _placed(_ROUTES | _settings(), _API) | _placed(_OUTSIDE, "")
"""By method and path."""
