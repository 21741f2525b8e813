"""Signing in and out."""

from fastapi import APIRouter, Request, Response

from api import examples
from api.answers import Json
from api.auth import COOKIE, ServicesDep, Viewer, other_site
from api.errors import ApiError, documented
from api.reading import read
from api.schemas import SessionOut, SignIn
from api.security import same_origin
from api.services import Services
from monitor.core.clock import SECOND

router = APIRouter(tags=["session"])

_BAD = "The name or the password is not right."


@router.get(
    "/session",
    response_model=SessionOut,
    responses=documented(401, 503) | examples.answer(examples.SESSION),
)
async def who_am_i(account: Viewer) -> Json:
    """Say who is signed in, or whose token was sent."""
    return Json({"name": account.name, "role": account.role.value})


@router.post(
    "/session",
    response_model=SessionOut,
    responses=documented(401, 403, 413, 422, 429, 503) | examples.answer(examples.SESSION),
)
async def sign_in(credentials: SignIn, request: Request, services: ServicesDep) -> Json:
    """Sign in with a name and a password; the session is kept in a cookie."""
    if same_origin(request.headers, services.allowed_origins) is False:
        raise other_site()
    address = request.client.host if request.client else ""
    wait = services.attempts.begin(credentials.name, address)
    if wait:
        raise ApiError(
            429,
            "too_many_attempts",
            f"Too many attempts; wait {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )
    accounts = services.accounts
    async with services.attempts.gate:
        account = await read(accounts.verify_password, credentials.name, credentials.password)
    if account is None:
        raise ApiError(401, "bad_credentials", _BAD)
    services.attempts.succeeded(credentials.name, address)
    secret = await read(
        accounts.create_session, account, lasts=services.session_length, now=services.now()
    )
    answer = Json({"name": account.name, "role": account.role.value})
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=services.session_length // SECOND,
        path="/",
        secure=_secure(request, services),
        httponly=True,
        samesite="strict",
    )
    return answer


@router.delete("/session", status_code=204, responses=documented(401, 403, 503))
async def sign_out(request: Request, services: ServicesDep, _: Viewer) -> Response:
    """Sign out: the session ends at once, everywhere; its streams are closed."""
    cookie = request.cookies.get(COOKIE)
    if cookie:
        await services.access.end_session(cookie)
    answer = Response(status_code=204)
    answer.delete_cookie(
        COOKIE, path="/", secure=_secure(request, services), httponly=True, samesite="strict"
    )
    return answer


def _secure(request: Request, services: Services) -> bool:
    if services.secure_cookies is not None:
        return services.secure_cookies
    return request.url.scheme == "https"
