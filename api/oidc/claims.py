"""What an identity provider's claims about a person let them do here."""

from collections.abc import Mapping
from typing import Any

from api.oidc.problems import ProviderError, ProviderProblem
from config.signing_in import Oidc
from monitor.accounts import KEEP, Provided, QueueRef, Queues, Role
from monitor.accounts.values import Keep

Claims = Mapping[str, Any]


def person_of(claims: Claims, issuer: str, settings: Oidc) -> Provided:
    """Who a person is here.

    Args:
        claims: verified, with at least ``sub``.
        issuer: who says so.
        settings: which claims mean what.

    Raises:
        ProviderError: the claims name nobody, or let nobody in.
    """
    name = claim(claims, settings.name_claim)
    if not isinstance(name, str) or not name.strip():
        detail = f"there is no claim {settings.name_claim}"
        raise ProviderError(ProviderProblem.NO_NAME, detail)
    role = _role(values(claims, settings.role_claim), settings)
    if role is None:
        detail = f"no value of the claim {settings.role_claim} is in [oidc] roles"
        raise ProviderError(ProviderProblem.NO_ROLE, detail)
    return Provided(issuer, str(claims["sub"]), name.strip(), role, _queues(claims, settings))


def wanted(settings: Oidc) -> set[str]:
    """The claims that matter."""
    names = {settings.name_claim, settings.role_claim}
    return names | {settings.queues_claim} if settings.queues_claim else names


def claim(claims: Claims, name: str) -> object:
    """A claim by its name, else by a way of names with dots through nested objects."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def values(claims: Claims, name: str) -> set[str]:
    """The values of a claim, which may be one text or a list."""
    found = claim(claims, name)
    if isinstance(found, str):
        return {found}
    return {one for one in found if isinstance(one, str)} if isinstance(found, list) else set()


def _role(held: set[str], settings: Oidc) -> Role | None:
    """The highest role that any value gives."""
    given = {Role(role) for value, role in settings.roles.items() if value in held}
    for role in reversed(Role):
        if role in given:
            return role
    return None if settings.default_role is None else Role(settings.default_role)


def _queues(claims: Claims, settings: Oidc) -> Queues | Keep:
    """All queues that any value gives; where the settings say nothing of queues, admins do."""
    if not settings.queues:
        return KEEP
    held = values(claims, settings.queues_claim or settings.role_claim)
    given = (names for value, names in settings.queues.items() if value in held)
    return frozenset(QueueRef.parse(name) for names in given for name in names)
