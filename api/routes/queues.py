"""Queues as pages show them: labels, what is promised, and whether they are open."""

from typing import Final

from fastapi import APIRouter

from api import examples, queue_views
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.errors import documented
from api.queue_schemas import QueuesOut
from api.visibility import scope_of

router = APIRouter(tags=["live"])

_PROMISE: Final = {
    "within_s": 60.0,
    "at_risk_after_s": 45.0,
    "target": 0.95,
    "service_level": "abandoned_within_count_for",
    "calendar": "office",
    "open": True,
    "changes_at": "2026-11-23T17:00:00.000Z",
}
_EXAMPLE: Final = {
    "centre": _PROMISE,
    "items": [
        {"pbx": "lab", "queue": "support", "label": "Support", "declared": True, **_PROMISE}
    ],
}  # fmt: skip


@router.get(
    "/queues",
    response_model=QueuesOut,
    responses=documented(401) | examples.answer(_EXAMPLE),
)
async def list_queues(services: ServicesDep, account: Viewer) -> Json:
    """All queues that you may see: labels, thresholds, targets, and whether they are open."""
    engine = services.monitor.engine
    scope = scope_of(account)
    return Json(queue_views.queues(engine, services.openings, scope, services.now()))
