"""Keys for programs, and links for wallboards: for admins."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api import access_examples, access_views, examples
from api.access_schemas import (
    DeviceLink,
    DeviceList,
    NewDevice,
    NewToken,
    TokenList,
    TokenSecret,
)
from api.answers import Json
from api.auth import Admin, AdminActs, ServicesDep
from api.entering import ask
from api.errors import ApiError, documented
from api.reading import read
from api.routes.users import queues_of, tell
from monitor.accounts import Role, Token, plain_name

router = APIRouter(tags=["access"])

TokenName = Annotated[str, Path(description="The token's name", examples=["crm"], max_length=200)]
DeviceName = Annotated[
    str, Path(description="The device's name", examples=["hall"], max_length=200)
]


@router.get(
    "/tokens",
    response_model=TokenList,
    responses=documented(401, 403, 503) | examples.answer({"items": [access_examples.TOKEN]}),
)
async def list_tokens(services: ServicesDep, _: Admin) -> Json:
    """All tokens of programs, revoked ones too, without their secrets."""
    found = await read(services.accounts.tokens)
    return Json({"items": [access_views.token(token) for token in found]})


@router.post(
    "/tokens",
    status_code=201,
    response_model=TokenSecret,
    responses=documented(401, 403, 409, 413, 422, 503)
    | examples.answer(access_examples.TOKEN | {"secret": "mnt_…"}, 201),
)
async def create_token(services: ServicesDep, who: AdminActs, wanted: NewToken) -> Json:
    """Make a token for a program; its secret is in this answer and nowhere else."""
    secret = await ask(
        read(
            services.accounts.create_token,
            wanted.name,
            Role(wanted.role),
            queues=queues_of(wanted.queues),
            sees_numbers=wanted.sees_numbers,
            label=wanted.label,
            by=who,
        )
    )
    token = _named(await read(services.accounts.tokens), wanted.name)
    return Json(access_views.token(token) | {"secret": secret}, 201)


@router.delete("/tokens/{name}", status_code=204, responses=documented(401, 403, 404, 422, 503))
async def revoke_token(services: ServicesDep, who: AdminActs, name: TokenName) -> Response:
    """Revoke a token, at once; its name stays taken, since the audit trail knows it."""
    if not await read(services.accounts.revoke_token, name, who):
        raise ApiError(404, "not_found", f"There is no token {name} in force.")
    await tell(services, name)
    return Response(status_code=204)


@router.get(
    "/devices",
    response_model=DeviceList,
    responses=documented(401, 403, 503) | examples.answer({"items": [access_examples.DEVICE]}),
)
async def list_devices(services: ServicesDep, _: Admin) -> Json:
    """All wallboards, revoked ones too."""
    found = await read(services.accounts.devices)
    return Json({"items": [access_views.device(device) for device in found]})


@router.post(
    "/devices",
    status_code=201,
    response_model=DeviceLink,
    responses=documented(401, 403, 409, 413, 422, 503)
    | examples.answer(access_examples.DEVICE | {"link": "/wall#device=mnd_…"}, 201),
)
async def create_device(services: ServicesDep, who: AdminActs, wanted: NewDevice) -> Json:
    """Make a link for a wallboard; it is in this answer and nowhere else.

    Opened in the wallboard's browser it signs it in for as long as it is used, with the rights to
    look at these queues, numbers masked.
    """
    secret = await ask(
        read(
            services.accounts.create_device,
            wanted.name,
            queues=queues_of(wanted.queues),
            label=wanted.label,
            by=who,
        )
    )
    device = _named(await read(services.accounts.devices), wanted.name)
    return Json(access_views.device(device) | {"link": f"/wall#device={secret}"}, 201)


@router.delete("/devices/{name}", status_code=204, responses=documented(401, 403, 404, 422, 503))
async def revoke_device(services: ServicesDep, who: AdminActs, name: DeviceName) -> Response:
    """Revoke a wallboard: it is signed out at once, and its link opens nothing any more."""
    if not await read(services.accounts.revoke_device, name, who):
        raise ApiError(404, "not_found", f"There is no device {name} in force.")
    await tell(services, name)
    return Response(status_code=204)


def _named(found: list[Token], name: str) -> Token:
    return next(token for token in found if token.name == plain_name(name))
