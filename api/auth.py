"""Who asks: a Bearer token or a session cookie becomes an account with a role."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from api.access import Credential, Kind
from api.errors import ApiError
from api.security import same_origin
from api.services import Services
from monitor.accounts import Account, Role
from monitor.accounts import Kind as AccountKind
from monitor.history.audit import Via, Who

COOKIE: Final = "minuteur_session"
SECURE_COOKIE: Final = f"__Host-{COOKIE}"
"""Its name over TLS: a browser takes a cookie of such a name only from this very host, over TLS."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

# Only for the OpenAPI document: what they find is read again from the request.
_bearer = HTTPBearer(auto_error=False, description="A token made with `minuteur token create`")
_cookie = APIKeyCookie(
    name=COOKIE, auto_error=False, description="The session that `POST /api/v1/session` opens"
)


def services_of(connection: HTTPConnection) -> Services:
    """What the application was made with."""
    services: Services = connection.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]


def bearer_of(connection: HTTPConnection) -> str | None:
    """The token of an ``Authorization: Bearer …`` header; None where there is no such header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def is_secure(connection: HTTPConnection) -> bool:
    """Whether cookies are for TLS only: as the settings say, else as the request came."""
    said = services_of(connection).secure_cookies
    return connection.url.scheme in ("https", "wss") if said is None else said


def cookie_name(connection: HTTPConnection, name: str = COOKIE) -> str:
    """The name of a cookie for this connection."""
    return f"__Host-{name}" if is_secure(connection) else name


def _credential_of(connection: HTTPConnection) -> Credential | None:
    token = bearer_of(connection)
    if token is not None:
        return Credential(Kind.TOKEN, token)
    cookie = connection.cookies.get(cookie_name(connection))
    return Credential(Kind.SESSION, cookie) if cookie else None


async def identify(connection: HTTPConnection) -> tuple[Account, Credential]:
    """Find out who asks, and by which token or session.

    Raises:
        ApiError: 401 without a valid token or session; 403 where a page of another site asks with
            the session of its visitor; 503 when the accounts cannot be read.
    """
    services = services_of(connection)
    credential = _credential_of(connection)
    if credential is None:
        raise unauthenticated()
    if credential.kind is Kind.SESSION:
        _refuse_other_sites(connection, services)
    account = await services.access.account_of(credential)
    if account is None:
        raise unauthenticated()
    return account, credential


def unauthenticated() -> ApiError:
    """Neither a valid token nor a session."""
    return ApiError(
        401,
        "unauthenticated",
        "Sign in, or send a valid token: Authorization: Bearer …",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _refuse_other_sites(connection: HTTPConnection, services: Services) -> None:
    """A cookie travels with requests that other sites' pages make; those may change nothing."""
    if connection.scope["type"] == "http" and connection.scope["method"] in _SAFE:
        return
    if not same_origin(connection.headers, services.allowed_origins):
        raise other_site()


async def our_page(request: Request) -> None:
    """A dependency for what needs no sign-in: refused where a page of another site asks.

    Raises:
        ApiError: 403.
    """
    if same_origin(request.headers, services_of(request).allowed_origins) is False:
        raise other_site()


def other_site() -> ApiError:
    """A page of another site asks."""
    return ApiError(
        403,
        "other_origin",
        "With a session, this is only taken from Minuteur's own page (Origin or Sec-Fetch-Site). "
        "Programs use a token. Behind a proxy that changes Host, set [api] allowed_origins.",
    )


Check = Callable[..., Coroutine[Any, Any, Account]]


def require(role: Role, *, screens: bool = False) -> Check:
    """A dependency: the account that asks, refused unless of this role or a higher one.

    ``screens``: a wallboard may, too; what is not for it is refused whatever its role.
    """

    async def check(
        request: Request,
        _token: Annotated[object, Security(_bearer)],
        _session: Annotated[object, Security(_cookie)],
    ) -> Account:
        return (await _allowed(request, role, screens=screens))[0]

    return check


def acting(role: Role) -> Callable[..., Coroutine[Any, Any, Who]]:
    """A dependency for what leaves a trace: who acts and by which way, refused as by `require`."""

    async def check(
        request: Request,
        _token: Annotated[object, Security(_bearer)],
        _session: Annotated[object, Security(_cookie)],
    ) -> Who:
        account, credential = await _allowed(request, role)
        return Who(account.name, Via(credential.kind.value))

    return check


async def _allowed(
    request: Request, role: Role, *, screens: bool = False
) -> tuple[Account, Credential]:
    account, credential = await identify(request)
    if account.kind is AccountKind.DEVICE and not screens:
        raise ApiError(403, "not_for_devices", "A wallboard sees the live board, and nothing else.")
    if not account.role.allows(role):
        raise ApiError(403, "forbidden", f"This needs the role {role.value}.")
    return account, credential


@dataclass(frozen=True, slots=True)
class Own:
    """A signed-in person, for what concerns their own account; ``session`` is its secret."""

    account: Account
    session: str = field(repr=False)

    @property
    def who(self) -> Who:
        """For the audit trail."""
        return Who(self.account.name, Via.SESSION)


async def own_account(request: Request, _session: Annotated[object, Security(_cookie)]) -> Own:
    """A dependency: the person who is signed in.

    Raises:
        ApiError: 401 when nobody is, 403 for programs and devices.
    """
    account, credential = await identify(request)
    if account.kind is not AccountKind.PERSON:
        raise ApiError(403, "people_only", "This is for people who are signed in.")
    return Own(account, credential.secret)


OwnAccount = Annotated[Own, Depends(own_account)]
OurPage = Depends(our_page)
Viewer = Annotated[Account, Depends(require(Role.VIEWER))]
Screen = Annotated[Account, Depends(require(Role.VIEWER, screens=True))]
"""Whoever looks at the live board: a viewer, or a wallboard in an unattended browser."""
Lead = Annotated[Account, Depends(require(Role.LEAD))]
Admin = Annotated[Account, Depends(require(Role.ADMIN))]
ViewerActs = Annotated[Who, Depends(acting(Role.VIEWER))]
LeadActs = Annotated[Who, Depends(acting(Role.LEAD))]
AdminActs = Annotated[Who, Depends(acting(Role.ADMIN))]
