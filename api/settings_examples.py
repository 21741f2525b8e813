"""Examples of settings for the OpenAPI document."""

from typing import Any, Final

from api import settings_views
from api.views import iso
from config.items import KINDS

BODIES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "pbx": (
        "lab",
        {
            "name": "lab",
            "host": "127.0.0.1",
            "port": 5038,
            "username": "minuteur",
            "secret": "change me",
            "incoming_contexts": ["incoming"],
        },
    ),
    "queue": ("support", {"name": "support", "label": "Support", "within": 45}),
    "voice_server": (
        "welcome",
        {"name": "welcome", "contexts": ["ivr"], "counts_when": "reached"},
    ),
    "calendar": (
        "france",
        {
            "name": "france",
            "hours": [{"days": ["mon-fri"], "from": "08:00", "to": "19:00"}],
            "holidays": "FR",
        },
    ),
    "commitment": ("commitment", {"within": 60, "at_risk_after": 45, "starts_on": "arrival"}),
    "centre": ("centre", {"time_zone": "Europe/Paris", "calendar": "france"}),
    "team": (
        "Support, first line",
        {
            "name": "Support, first line",
            "agents": ["PJSIP/201", "PJSIP/202", "PJSIP/203", "Alice Martin"],
        },
    ),
    "figures": ("figures", {"per_agent": False}),
    "retention": ("retention", {"numbers": 365, "digits": 90, "timelines": 730, "calls": 1095}),
}
"""An id and a body of each kind."""


def _items() -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for kind in KINDS.values():
        one = settings_views.example(kind.name, *BODIES[kind.name])
        shown[kind.name] = one if kind.single else [one]
    return shown


ITEMS: Final = _items()

_BEFORE: Final = {"name": "support", "label": "Support"}
_AFTER: Final = {"name": "support", "label": "Support", "within": 45}
CHANGE: Final[dict[str, Any]] = {
    "seq": 412,
    "at": iso(1_795_254_067_382),
    "by": "ada",
    "via": "session",
    "what": "setting_changed",
    "kind": "queue",
    "id": "support",
    "before": _BEFORE,
    "after": _AFTER,
    "undone_by": None,
    "undoable": True,
}
IMPORTED: Final[dict[str, Any]] = {
    "changes": [
        {"kind": "queue", "id": "support", "what": "changed", "before": _BEFORE, "after": _AFTER}
    ],
    "problems": [],
    "ignored": ["history", "api"],
    "applied": True,
}
