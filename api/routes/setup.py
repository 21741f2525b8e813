"""The first run, and how somebody can get in at all."""

from fastapi import APIRouter, Request

from api import access_examples, access_views, examples
from api.access_schemas import FirstAdmin, SessionOut, WaysIn
from api.answers import Json
from api.auth import OurPage, ServicesDep
from api.entering import address_of, ask, check_attempts, give_cookie, open_session
from api.errors import ApiError, documented
from api.reading import read
from api.services import Services

router = APIRouter(prefix="/setup", tags=["session"])

_CODE = "This is not the setup code: it stands in the server's log, and changes when it starts."


@router.get(
    "", response_model=WaysIn, responses=documented(503) | examples.answer(access_examples.WAYS)
)
async def ways_in(services: ServicesDep) -> Json:
    """Say how somebody can get in: for everybody, since nobody is signed in yet."""
    provider = services.provider
    shown = None if provider is None else {"label": provider.settings.label}
    return Json({"needed": await _needed(services), "provider": shown})


@router.post(
    "",
    status_code=201,
    response_model=SessionOut,
    responses=documented(403, 409, 413, 422, 429, 503)
    | examples.answer(access_examples.SESSION, 201),
    dependencies=[OurPage],
)
async def set_up(wanted: FirstAdmin, request: Request, services: ServicesDep) -> Json:
    """Create the first user, an admin, and sign them in; only as long as there is no user."""
    if not await _needed(services):
        raise ApiError(409, "not_first", "There are users already: sign in.")
    check_attempts(request, "")
    if not services.first_run.knows(wanted.code):
        raise ApiError(422, "wrong_code", _CODE, {"code": _CODE})
    services.attempts.succeeded("", address_of(request))
    async with services.attempts.gate:
        account = await ask(read(services.accounts.add_first_admin, wanted.name, wanted.password))
    services.first_run.closed = True
    secret = await open_session(request, account)
    answer = Json(access_views.session(account, services), 201)
    give_cookie(request, answer, account, secret)
    return answer


async def _needed(services: Services) -> bool:
    if not services.first_run.closed:
        services.first_run.closed = await read(services.accounts.has_users)
    return not services.first_run.closed
