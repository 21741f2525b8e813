"""Letting somebody in: the session, its cookie, and who may try how often."""

import re
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from fastapi import Request
from starlette.responses import Response

from api.auth import COOKIE, cookie_name, is_secure, services_of
from api.errors import ApiError
from api.reading import read
from monitor.accounts import DEVICE_LASTS, Account, AccountError, Fault, Kind
from monitor.core.clock import DAY, SECOND, Ms

T = TypeVar("T")

COOKIE_LASTS_MOST: Final[Ms] = 400 * DAY
"""Browsers keep none for longer."""
_STATUS: Final = {
    Fault.NAME_TAKEN: 409,
    Fault.LAST_ADMIN: 409,
    Fault.FROM_PROVIDER: 409,
    Fault.NO_PASSWORD: 409,
    Fault.NOT_FIRST: 409,
    Fault.DISABLED: 403,
}
_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chromium"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("Android", "Android"), ("iPhone|iPad", "iOS"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


async def ask(question: Coroutine[Any, Any, T]) -> T:
    """Await what the accounts say; their complaint becomes an answer.

    Raises:
        ApiError: the account cannot be so; 409, 403 or 422, with the fault as its code.
    """
    try:
        return await question
    except AccountError as error:
        raise refusal(error) from error


def refusal(error: AccountError) -> ApiError:
    """What somebody is told who wants an account that cannot be."""
    fields = {error.field: str(error)} if error.field else {}
    return ApiError(_STATUS.get(error.fault, 422), error.fault.value, str(error), fields)


def address_of(request: Request) -> str:
    """Where a request comes from; behind trusted proxies, the address that they tell."""
    return request.client.host if request.client else ""


def check_attempts(request: Request, name: str) -> None:
    """Count an attempt to sign in.

    Raises:
        ApiError: 429 when there were too many; ``Retry-After`` says how long to wait.
    """
    wait = services_of(request).attempts.begin(name, address_of(request))
    if wait:
        raise ApiError(
            429,
            "too_many_attempts",
            f"Too many attempts; wait {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )


async def open_session(request: Request, account: Account) -> str:
    """Begin a session; returns its secret.

    Raises:
        ApiError: 503 when it cannot be stored.
    """
    services = services_of(request)
    return await read(
        services.accounts.create_session,
        account,
        lasts=DEVICE_LASTS if account.kind is Kind.DEVICE else services.session_length,
        now=services.now(),
        address=address_of(request),
        agent=agent_of(request.headers.get("user-agent", "")),
    )


async def end_session_before(request: Request) -> None:
    """End the session of the cookie that came along: the browser will have another from now on."""
    before = request.cookies.get(cookie_name(request, COOKIE))
    if before:
        await services_of(request).access.end_session(before)


def give_cookie(request: Request, answer: Response, account: Account, secret: str) -> None:
    """Have the browser keep a session.

    A device's cookie is given anew at each load of its page, and outlasts any holiday.
    """
    lasts = services_of(request).session_length
    if account.kind is Kind.DEVICE:
        lasts = COOKIE_LASTS_MOST
    answer.set_cookie(
        cookie_name(request, COOKIE),
        secret,
        max_age=lasts // SECOND,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )


def take_cookie(request: Request, answer: Response) -> None:
    """Have the browser forget the session."""
    answer.delete_cookie(
        cookie_name(request, COOKIE),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )


def agent_of(header: str) -> str:
    """A browser and its system in a few words, as a ``User-Agent`` tells them; else its start."""
    browser = next((name for mark, name in _BROWSERS if mark in header), "")
    system = next((name for mark, name in _SYSTEMS if re.search(mark, header)), "")
    words = [word for word in (browser, system) if word]
    plain = "".join(character for character in header if character.isprintable())
    return ", ".join(words) or plain[:40]
