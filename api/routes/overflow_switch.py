"""The big red switch, what is on now, and what is forecast."""

from fastapi import APIRouter

from api import examples, overflow_examples, overflow_views
from api.answers import Json
from api.auth import Lead, LeadActs, ServicesDep, Viewer
from api.errors import documented
from api.overflow_schemas import ForecastList, StandingList, SwitchIn, SwitchOut
from api.visibility import scope_of

router = APIRouter(prefix="/overflow", tags=["overflow"])


@router.get(
    "/switch",
    response_model=SwitchOut,
    responses=documented(401, 403, 503) | examples.answer(overflow_examples.SWITCH),
)
async def read_switch(services: ServicesDep, _: Viewer) -> Json:
    """Whether anything is done for callers at all."""
    return Json(overflow_views.switch(services.overflow_control.overflow.switch))


@router.put(
    "/switch",
    response_model=SwitchOut,
    responses=documented(401, 403, 413, 422, 503) | examples.answer(overflow_examples.SWITCH),
)
async def turn_switch(
    services: ServicesDep, account: Lead, who: LeadActs, wanted: SwitchIn
) -> Json:
    """Turn the big red switch, with a word why.

    Off, at once: each question of a dialplan is answered "stay", no command is begun, and what
    lasts is undone. Calls go on along the dialplan's own way. Telling it twice changes nothing.
    It is for those who see all queues.
    """
    scope_of(account).check_all_queues("The switch is for")
    turned = await services.overflow_control.turn(who, on=wanted.on, note=wanted.note.strip())
    return Json(overflow_views.switch(turned))


@router.get(
    "/standing",
    response_model=StandingList,
    responses=documented(401, 403, 503) | examples.answer({"items": [overflow_examples.STANDING]}),
)
async def list_standing(services: ServicesDep, account: Viewer) -> Json:
    """The lasting actions that are on, and what will undo each."""
    scope = scope_of(account)
    items = [
        overflow_views.standing(found)
        for found in services.overflow_control.overflow.standing
        if scope.sees_queue(found.pbx, found.queue)
    ]
    return Json({"items": items})


@router.get(
    "/forecast",
    response_model=ForecastList,
    responses=documented(401, 403, 503) | examples.answer({"items": [overflow_examples.FORECAST]}),
)
async def forecast(services: ServicesDep, account: Viewer) -> Json:
    """The expected wait of who joins now, queue by queue, and how well forecasts did lately."""
    scope = scope_of(account)
    items = [
        found
        for found in overflow_views.forecasts(services.overflow_control.forecasts)
        if scope.sees_queue(found["pbx"], found["queue"])
    ]
    return Json({"items": items})
