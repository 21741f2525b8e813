"""No page of another site changes anything with its visitor's session, at no address of ours."""

import httpx
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route

from api.app import bare_app
from monitor.accounts import Role
from tests.api.conftest import PASSWORD, House
from tests.api.test_session import OTHER, sign_in

SAFE = {"GET", "HEAD", "OPTIONS"}


def routes() -> list[tuple[str, str]]:
    document = bare_app().openapi()
    return [
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method.upper() not in SAFE
    ]


async def test_every_change_is_refused_to_other_sites(
    client: httpx.AsyncClient, house: House
) -> None:
    house.services.accounts.add_user("ada", PASSWORD, Role.ADMIN)
    await sign_in(client, name="ada")
    found = routes()
    assert len(found) > 20

    allowed = []
    for method, path in found:
        address = path.replace("{", "").replace("}", "")
        answer = await client.request(method, address, json={}, headers=OTHER)
        error = answer.json().get("error", {}) if answer.content else {}
        # Where only tokens are taken, a session is nobody's.
        if error.get("code") not in ("other_origin", "unauthenticated"):
            allowed.append(f"{method} {path}: {answer.status_code}")

    assert allowed == []


async def test_what_is_only_asked_changes_nothing() -> None:
    def changing(route: BaseRoute) -> bool:
        return isinstance(route, APIRoute | Route) and bool((route.methods or set()) & SAFE)

    names = {getattr(route, "name", "") for route in bare_app().routes if changing(route)}
    assert not [name for name in names if name.startswith(("create", "change", "delete", "set"))]
