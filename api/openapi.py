"""The OpenAPI document: every route, every error, and the live stream's messages too."""

import json
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from api import alert_schemas, live_schemas, overflow_schemas, settings_schemas

_TEMPLATE: Final = "#/components/schemas/{model}"
_STREAM: Final = (
    live_schemas.Snapshot,
    live_schemas.Delta,
    live_schemas.Heartbeat,
    live_schemas.CallChange,
    live_schemas.CallGoneChange,
    live_schemas.QueueChange,
    live_schemas.MemberChange,
    live_schemas.MemberGoneChange,
    live_schemas.PbxChange,
    live_schemas.TodayChange,
    live_schemas.SystemChange,
    overflow_schemas.OverflowChange,
    overflow_schemas.DecisionChange,
    overflow_schemas.CommandChange,
    alert_schemas.AlertChange,
    alert_schemas.AlertGoneChange,
    alert_schemas.TrendChange,
    live_schemas.Resync,
    settings_schemas.PbxIn,
)
DESCRIPTION: Final = """\
What Minuteur knows of an Asterisk contact centre's callers: live, and afterwards.

Every request but `/healthz` and `/readyz` needs a Bearer token (`minuteur token create`) or a
session. Moments are ISO 8601 in UTC with milliseconds; in parameters any zone may be written.
Every error has the shape `Problem`.

The live stream is a WebSocket at `/api/v1/live/stream`; its messages are the schemas
`LiveMessage` (from the server) and `Resync` (from the client).
"""
TAGS: Final[list[dict[str, Any]]] = [
    {"name": "live", "description": "What happens now"},
    {"name": "calls", "description": "The record, call by call"},
    {"name": "indicators", "description": "Service levels and the commitment's rate"},
    {"name": "reports", "description": "The report on the commitment of a period"},
    {"name": "lost callers", "description": "Who is to be called back"},
    {"name": "contacts", "description": "E-mails, letters, callbacks, and their deadlines"},
    {"name": "evidence", "description": "What is sealed of the record, and packs for auditors"},
    {"name": "personal data", "description": "What is kept of people, how long, and removing it"},
    {"name": "overflow", "description": "What is done for callers before their time is over"},
    {"name": "publishing", "description": "How MQTT and webhooks do; messages given up"},
    {"name": "session", "description": "Signing in and out, and the first run"},
    {"name": "access", "description": "Users, tokens, wallboards, and one's own account"},
    {"name": "settings", "description": "What admins set while it runs, and who changed it"},
    {"name": "health", "description": "The monitor itself"},
]


def document(app: FastAPI) -> dict[str, Any]:
    """Build the document of an application."""
    built = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
    )
    components: dict[str, Any] = built["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in _STREAM], ref_template=_TEMPLATE
    )
    components |= definitions["$defs"]
    unions: dict[str, Any] = {
        "Change": live_schemas.Change,
        "LiveMessage": live_schemas.LiveMessage,
    }
    for name, union in unions.items():
        adapter: TypeAdapter[Any] = TypeAdapter(union)
        union_schema = adapter.json_schema(ref_template=_TEMPLATE, mode="serialization")
        union_schema.pop("$defs", None)
        components[name] = union_schema
    built["components"]["schemas"] = dict(sorted(components.items()))
    return built


def as_text(app: FastAPI) -> str:
    """The document as it is committed in ``web/openapi.json``."""
    return json.dumps(document(app), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
