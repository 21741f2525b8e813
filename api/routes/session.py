"""Signing in and out: people by a password, wallboards by the link that an admin gave them."""

from fastapi import APIRouter, Request, Response

from api import access_examples, access_views, examples
from api.access_schemas import DeviceSignIn, SessionOut, SignIn
from api.answers import Json
from api.auth import OurPage, Screen, ServicesDep, cookie_name
from api.entering import (
    address_of,
    ask,
    check_attempts,
    end_session_before,
    give_cookie,
    open_session,
    take_cookie,
)
from api.errors import ApiError, documented
from api.reading import read
from api.services import Services
from monitor.accounts import Account, Kind
from monitor.history.audit import Via, Who

router = APIRouter(tags=["session"])

_BAD = "The name or the password is not right."
_BAD_LINK = "This device is not known, or was revoked: ask an admin for another link."


@router.get(
    "/session",
    response_model=SessionOut,
    responses=documented(401, 503) | examples.answer(access_examples.SESSION),
)
async def who_am_i(request: Request, services: ServicesDep, account: Screen) -> Json:
    """Say who is signed in, or whose token was sent, and what they may see."""
    answer = Json(access_views.session(account, services))
    secret = request.cookies.get(cookie_name(request))
    if account.kind is Kind.DEVICE and secret:
        give_cookie(request, answer, account, secret)
    return answer


@router.post(
    "/session",
    response_model=SessionOut,
    responses=documented(401, 403, 413, 422, 429, 503) | examples.answer(access_examples.SESSION),
    dependencies=[OurPage],
)
async def sign_in(credentials: SignIn, request: Request, services: ServicesDep) -> Json:
    """Sign in with a name and a password; the session is kept in a cookie."""
    name, address = credentials.name, address_of(request)
    check_attempts(request, name)
    async with services.attempts.gate:
        verified = read(services.accounts.verify_password, name, credentials.password)
        account = await ask(verified)
    if account is None:
        await _note_failure(services, name, address)
        raise ApiError(401, "bad_credentials", _BAD)
    services.attempts.succeeded(name, address)
    return await _entered(request, account)


@router.post(
    "/session/device",
    response_model=SessionOut,
    responses=documented(401, 403, 413, 422, 429, 503)
    | examples.answer(access_examples.DEVICE_SESSION),
    dependencies=[OurPage],
)
async def sign_in_device(link: DeviceSignIn, request: Request, services: ServicesDep) -> Json:
    """Sign a wallboard in with the token of its link.

    The session is renewed while it is in use, and ends when the device is revoked.
    """
    check_attempts(request, "")
    account = await read(services.accounts.find_device, link.token)
    if account is None:
        raise ApiError(401, "bad_device", _BAD_LINK)
    services.attempts.succeeded("", address_of(request))
    return await _entered(request, account)


@router.delete("/session", status_code=204, responses=documented(401, 403, 503))
async def sign_out(request: Request, services: ServicesDep, _: Screen) -> Response:
    """Sign out: the session ends at once, everywhere; its streams are closed."""
    cookie = request.cookies.get(cookie_name(request))
    if cookie:
        await services.access.end_session(cookie)
    answer = Response(status_code=204)
    take_cookie(request, answer)
    return answer


async def _entered(request: Request, account: Account) -> Json:
    secret = await open_session(request, account)
    await end_session_before(request)
    answer = Json(access_views.session(account, request.app.state.services))
    give_cookie(request, answer, account, secret)
    return answer


async def _note_failure(services: Services, name: str, address: str) -> None:
    """Leave a trace; a name that nobody has is left out, since it may be a mistyped password."""
    known = await read(services.accounts.user, name)
    subject = "" if known is None else known.name
    after = {"address": address}
    who = Who(subject, Via.SESSION)
    await read(services.accounts.note, who, "sign_in_failed", subject, after)
    wait = services.attempts.waiting(name, address)
    if wait:
        await read(
            services.accounts.note, who, "sign_in_locked", subject, after | {"seconds": wait}
        )
