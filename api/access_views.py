"""Accounts as JSON-ready dictionaries, in the shapes of :mod:`api.access_schemas`."""

from typing import Any

from api.services import Services
from api.views import iso
from monitor.accounts import Account, Session, Token, User, queues_json
from monitor.core.clock import Ms


def session(account: Account, services: Services) -> dict[str, Any]:
    """Who is signed in (``SessionOut``)."""
    policy = services.monitor.engine.policy
    return {
        "name": account.name,
        "role": account.role.value,
        "queues": queues_json(account.queues),
        "sees_numbers": account.sees_numbers,
        "kind": account.kind.value,
        "zone": str(policy.zone),
        "service_level": policy.commitment.service_level.value,
    }


def user(found: User) -> dict[str, Any]:
    """A user (``UserOut``)."""
    return {
        "name": found.name,
        "role": found.role.value,
        "queues": queues_json(found.queues),
        "sees_numbers": found.sees_numbers,
        "disabled": found.disabled,
        "has_password": found.has_password,
        "issuer": found.issuer,
        "created_at": iso(found.created_at),
        "created_by": found.created_by,
        "last_sign_in_at": _moment(found.last_sign_in_at),
        "sessions": found.sessions,
    }


def own_session(found: Session, current: str) -> dict[str, Any]:
    """One's session (``OwnSessionOut``); ``current`` is the id of the one that asks."""
    return {
        "id": found.id,
        "current": found.id == current,
        "created_at": iso(found.created_at),
        "last_seen_at": iso(found.last_seen_at),
        "expires_at": iso(found.expires_at),
        "address": found.address,
        "agent": found.agent,
    }


def token(found: Token) -> dict[str, Any]:
    """A program's token (``TokenOut``)."""
    return {
        "name": found.name,
        "label": found.label,
        "role": found.role.value,
        "queues": queues_json(found.queues),
        "sees_numbers": found.sees_numbers,
        "created_at": iso(found.created_at),
        "created_by": found.created_by,
        "last_used_at": _moment(found.last_used_at),
        "revoked_at": _moment(found.revoked_at),
    }


def device(found: Token) -> dict[str, Any]:
    """A device (``DeviceOut``)."""
    return {
        "name": found.name,
        "label": found.label,
        "queues": queues_json(found.queues),
        "created_at": iso(found.created_at),
        "created_by": found.created_by,
        "last_seen_at": _moment(found.last_used_at),
        "revoked_at": _moment(found.revoked_at),
        "sessions": found.sessions,
    }


def _moment(at: Ms | None) -> str | None:
    return None if at is None else iso(at)
