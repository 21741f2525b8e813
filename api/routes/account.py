"""One's own account: the password, and where one is signed in."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api import access_examples, access_views, examples
from api.access_schemas import OwnPassword, OwnSessions
from api.access_schemas import UserOut as UserShape
from api.answers import Json
from api.auth import OwnAccount, ServicesDep, unauthenticated
from api.entering import address_of, ask, check_attempts
from api.errors import ApiError, documented
from api.reading import read
from api.routes.users import tell
from monitor.accounts import Fault, session_id

router = APIRouter(prefix="/account", tags=["access"])

SessionId = Annotated[
    str, Path(description="As the list tells it", examples=["9f86d081884c7d65"], max_length=100)
]


@router.get(
    "",
    response_model=UserShape,
    responses=documented(401, 403, 503) | examples.answer(access_examples.USER),
)
async def show_account(services: ServicesDep, own: OwnAccount) -> Json:
    """One's own account, as admins see it."""
    user = await read(services.accounts.user, own.account.name)
    if user is None:
        raise unauthenticated()
    return Json(access_views.user(user))


@router.post(
    "/password",
    status_code=204,
    responses=documented(401, 403, 409, 413, 422, 429, 503),
)
async def change_own_password(
    request: Request, services: ServicesDep, own: OwnAccount, wanted: OwnPassword
) -> Response:
    """Take another password; one is signed out everywhere but here.

    Who guesses at the present one waits as at sign-in.
    """
    name = own.account.name
    check_attempts(request, name)
    change = services.accounts.change_own_password
    try:
        async with services.attempts.gate:
            await ask(read(change, name, wanted.old_password, wanted.password, own.session))
    except ApiError as error:
        if error.code != Fault.WRONG_PASSWORD.value:  # the new one was no guess at the old
            services.attempts.succeeded(name, address_of(request))
        raise
    services.attempts.succeeded(name, address_of(request))
    await tell(services, name)
    return Response(status_code=204)


@router.get(
    "/sessions",
    response_model=OwnSessions,
    responses=documented(401, 403, 503) | examples.answer({"items": [access_examples.OWN_SESSION]}),
)
async def list_own_sessions(services: ServicesDep, own: OwnAccount) -> Json:
    """Where one is signed in, the one last seen first."""
    found = await read(services.accounts.sessions_of, own.account.name, now=services.now())
    current = session_id(own.session)
    return Json({"items": [access_views.own_session(one, current) for one in found]})


@router.delete("/sessions/{id}", status_code=204, responses=documented(401, 403, 404, 422, 503))
async def end_own_session(
    services: ServicesDep,
    own: OwnAccount,
    id: SessionId,  # noqa: A002 - the interface's word
) -> Response:
    """Sign out another browser, at once."""
    name = own.account.name
    if not await read(services.accounts.end_session_of, name, id):
        raise ApiError(404, "not_found", "There is no such session: it has ended already.")
    await tell(services, name)
    return Response(status_code=204)
