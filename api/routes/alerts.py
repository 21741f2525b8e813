"""Alerts: what is on the board, and taking note of it."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import alert_views, examples
from api.alert_schemas import AlertIds, AlertList, AlertOut
from api.answers import Json
from api.auth import Lead, LeadActs, ServicesDep, Viewer
from api.errors import ApiError, documented
from api.visibility import scope_of

router = APIRouter(prefix="/alerts", tags=["live"])

AlertId = Annotated[
    str, Path(description="The alert's `id`", max_length=400, examples=[examples.ALERT["id"]])
]


@router.get(
    "",
    response_model=AlertList,
    responses=documented(401, 403, 503) | examples.answer({"items": [examples.ALERT]}),
)
async def list_alerts(services: ServicesDep, account: Viewer) -> Json:
    """The alerts on the board, the oldest first. The live stream tells of each change."""
    scope = scope_of(account)
    items = [
        scope.shown(alert_views.alert(alert))
        for alert in services.hub.boards.alerts.board()
        if scope.sees_alert(alert.kind, alert.pbx, alert.queue)
    ]
    return Json({"items": items})


@router.post(
    "/acknowledge",
    response_model=AlertList,
    responses=documented(401, 403, 413, 422, 503) | examples.answer({"items": [examples.ALERT]}),
)
async def acknowledge_alerts(
    services: ServicesDep, account: Lead, who: LeadActs, wanted: AlertIds
) -> Json:
    """Take note of several alerts. Those that left the board meanwhile are left out."""
    scope = scope_of(account)
    done = await services.alerts.acknowledge(wanted.ids, who, scope)
    return Json({"items": [scope.shown(alert_views.alert(alert)) for alert in done]})


@router.post(
    "/{alert_id}/acknowledge",
    response_model=AlertOut,
    responses=documented(401, 403, 404, 422, 503) | examples.answer(examples.ALERT),
)
async def acknowledge_alert(
    services: ServicesDep, account: Lead, who: LeadActs, alert_id: AlertId
) -> Json:
    """Take note of an alert: everybody is told at once who did. Who did first stays."""
    scope = scope_of(account)
    done = await services.alerts.acknowledge([alert_id], who, scope)
    if not done:
        raise ApiError(404, "not_found", f"No alert on the board has the id {alert_id[:100]}.")
    return Json(scope.shown(alert_views.alert(done[0])))
