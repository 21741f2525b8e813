"""Signing in by an identity provider: there, and back again."""

import logging
from contextlib import suppress
from typing import Annotated, Final
from urllib.parse import quote, urlencode, urlsplit

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse

from api.auth import ServicesDep, cookie_name, is_secure
from api.entering import (
    address_of,
    check_attempts,
    end_session_before,
    give_cookie,
    open_session,
)
from api.errors import ApiError, documented
from api.oidc.pending import LASTS, Begun
from api.oidc.problems import ProviderError, ProviderProblem
from api.oidc.provider import Provider
from api.reading import read
from api.services import Services
from monitor.accounts import AccountError
from monitor.core.clock import SECOND
from monitor.history.audit import Via, Who

router = APIRouter(prefix="/session/oidc", tags=["session"])
log = logging.getLogger("minuteur.oidc")

COOKIE: Final = "minuteur_oidc"
CALLBACK: Final = "/api/v1/session/oidc/callback"
_ASKER: Final = " provider"
"""Counts attempts; a name of a user cannot begin with a space."""
_LONGEST: Final = 2_000


@router.get("", status_code=303, response_class=RedirectResponse, responses=documented(422))
async def begin_sign_in(
    request: Request,
    services: ServicesDep,
    landing: Annotated[
        str,
        Query(alias="next", description="The page to come back to, from its `/` on"),
    ] = "/",
) -> RedirectResponse:
    """Send the browser to the identity provider to sign in.

    It comes back signed in, to the page `next`; or to the sign-in page with `sign_in_error`, a
    stable code of what went wrong.
    """
    provider = services.provider
    if provider is None:
        return _back("/", "provider_none")
    home = _home(request, provider)
    secret, asked = services.pending.begin(
        home + CALLBACK, local_page(landing), address_of(request)
    )
    try:
        address = await provider.address(asked)
    except ProviderError as error:
        log.warning("The identity provider: %s", error.detail)
        return _back("/", error.problem.value)
    answer = _to(address)
    answer.set_cookie(
        cookie_name(request, COOKIE),
        secret,
        max_age=LASTS // SECOND,
        path="/",
        secure=is_secure(request),
        httponly=True,
        # Lax, for it has to come along when the provider sends the browser back.
        samesite="lax",
    )
    return answer


@router.get(
    "/callback", status_code=303, response_class=RedirectResponse, responses=documented(422, 503)
)
async def finish_sign_in(
    request: Request,
    services: ServicesDep,
    code: Annotated[str, Query(max_length=_LONGEST)] = "",
    state: Annotated[str, Query(max_length=_LONGEST)] = "",
    iss: Annotated[str | None, Query(max_length=_LONGEST)] = None,
    error: Annotated[str, Query(max_length=_LONGEST)] = "",
) -> RedirectResponse:
    """Take the provider's answer, and sign the person in.

    Users are made at their first sign-in; their role, and their queues where the settings name
    any, are as the provider says, at each. A user of ours with the same name is never taken over.
    """
    name = cookie_name(request, COOKIE)
    begun = services.pending.take(request.cookies.get(name, ""), state)
    if begun is None or services.provider is None:
        answer = _back("/", ProviderProblem.EXPIRED.value)
    elif error:
        answer = _back(begun.landing, _problem_of(error).value)
    else:
        answer = await _signed_in(request, services, services.provider, begun, code, iss)
    answer.delete_cookie(name, path="/", secure=is_secure(request), httponly=True, samesite="lax")
    return answer


async def _signed_in(
    request: Request,
    services: Services,
    provider: Provider,
    begun: Begun,
    code: str,
    issuer: str | None,
) -> RedirectResponse:
    """The way on for one who comes back; to the sign-in page where they are not let in."""
    try:
        check_attempts(request, _ASKER)
        person = await provider.person(begun.asked, code, issuer)
        account = await read(services.accounts.admit, person)
        secret = await open_session(request, account)
        await end_session_before(request)
    except ProviderError as error:
        log.warning("The identity provider: %s", error.detail)
        return await _refused(request, begun, error.problem.value)
    except AccountError as error:
        return await _refused(request, begun, error.fault.value, person.name)
    except ApiError as error:
        return _back(begun.landing, error.code)
    services.attempts.succeeded(_ASKER, address_of(request))
    services.first_run.closed = True
    await services.access.changed(account.name)
    answer = _to(begun.landing)
    give_cookie(request, answer, account, secret)
    return answer


async def _refused(request: Request, begun: Begun, code: str, name: str = "") -> RedirectResponse:
    """Back to the sign-in page, with a trace."""
    accounts = request.app.state.services.accounts
    after = {"address": address_of(request), "code": code}
    # Nobody has signed in: the name is only what the provider says of them.
    with suppress(ApiError):  # the database cannot be written: the person goes on all the same
        await read(accounts.note, Who("", Via.SESSION), "sign_in_failed", name, after)
    return _back(begun.landing, code)


def local_page(landing: str) -> str:
    """A page of our own; the live page for everything else, so that nobody is led elsewhere."""
    parts = urlsplit(landing) if len(landing) <= _LONGEST and landing.isprintable() else None
    if parts is None or parts.scheme or parts.netloc or "\\" in landing:
        return "/"
    if not parts.path.startswith("/") or landing.startswith("//"):
        return "/"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return f"{path}?{query}" if query else path


def _home(request: Request, provider: Provider) -> str:
    """Our own address for browsers: as the settings say, else as the request came."""
    said = provider.settings.public_url
    return said.rstrip("/") if said else f"{request.url.scheme}://{request.url.netloc}"


def _problem_of(error: str) -> ProviderProblem:
    """What an error of the provider means."""
    if error in ("access_denied", "login_required", "interaction_required", "consent_required"):
        return ProviderProblem.CANCELLED
    log.warning("The identity provider answers: %.100r", error)
    return ProviderProblem.REFUSED


def _back(landing: str, code: str) -> RedirectResponse:
    """To the sign-in page, which stands at every address, with a code that it has words for."""
    joint = "&" if "?" in landing else "?"
    return _to(landing + joint + urlencode({"sign_in_error": code}))


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})
