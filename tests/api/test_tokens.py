"""Tokens for programs and links for wallboards, over REST."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api.access import NOTED_EVERY, Credential, Kind
from api.auth import COOKIE
from monitor.accounts import DEVICE_LASTS, Role
from monitor.accounts.sessions import DEVICE_SESSIONS
from monitor.core.clock import DAY, HOUR, MINUTE
from monitor.history.audit import AuditFilter, AuditRecord
from tests.api.conftest import House, browser
from tests.api.test_routes import problem
from tests.api.test_session import OTHER, OURS, SESSION

TOKENS, DEVICES = "/api/v1/tokens", "/api/v1/devices"
SUPPORT = [{"pbx": "", "queue": "support"}]


@pytest.fixture
async def admin(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(house.services) as client:
        client.headers.update(house.token(Role.ADMIN))
        yield client


async def link(admin: httpx.AsyncClient, name: str = "hall") -> str:
    """The token in the link of a new wallboard."""
    made = await admin.post(DEVICES, json={"name": name, "queues": SUPPORT, "label": "The hall"})
    assert made.status_code == 201
    return str(made.json()["link"]).removeprefix("/wall#device=")


async def opened(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(f"{SESSION}/device", json={"token": token}, headers=OURS)


async def test_a_token_is_shown_once_and_lets_a_program_in(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, house: House
) -> None:
    body = {"name": "crm", "role": "viewer", "queues": SUPPORT, "label": "The CRM"}
    made = await admin.post(TOKENS, json=body)

    assert made.status_code == 201
    secret = made.json()["secret"]
    client.headers["Authorization"] = f"Bearer {secret}"
    who = (await client.get(SESSION)).json()
    assert (who["name"], who["kind"], who["queues"]) == ("crm", "program", SUPPORT)
    assert who["sees_numbers"] is True
    listed = await admin.get(TOKENS)
    assert secret not in listed.text
    [token] = [one for one in listed.json()["items"] if one["name"] == "crm"]
    assert (token["label"], token["created_by"]) == ("The CRM", "test-admin")
    assert (token["last_used_at"], token["revoked_at"]) == (None, None)
    [entry] = AuditRecord(house.database).entries(AuditFilter(subject="crm")).entries
    assert (entry.what, entry.by, entry.via.value) == ("token_created", "test-admin", "token")
    assert secret not in str(entry)


async def test_a_revoked_token_is_refused_at_once_and_its_name_stays_taken(
    admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    made = (await admin.post(TOKENS, json={"name": "crm", "role": "viewer"})).json()
    client.headers["Authorization"] = f"Bearer {made['secret']}"
    assert (await client.get(SESSION)).status_code == 200

    assert (await admin.delete(f"{TOKENS}/crm")).status_code == 204

    problem(await client.get(SESSION), 401, "unauthenticated")
    problem(await admin.delete(f"{TOKENS}/crm"), 404, "not_found")
    problem(await admin.post(TOKENS, json={"name": "crm", "role": "viewer"}), 409, "name_taken")
    shown = (await admin.get(TOKENS)).json()["items"]
    assert [one["revoked_at"] is None for one in shown if one["name"] == "crm"] == [False]


async def test_the_use_of_a_token_is_noted_now_and_then(
    admin: httpx.AsyncClient, house: House
) -> None:
    access = house.services.access

    async def used() -> object:
        await access.note_seen()
        return (await admin.get(TOKENS)).json()["items"][0]["last_used_at"]

    first = await used()
    assert first is None  # noted from the second look on: this one is under way
    first = await used()
    assert first is not None
    house.centre.now += MINUTE
    assert await used() == first
    house.centre.now += NOTED_EVERY
    await used()
    assert await used() != first


@pytest.mark.parametrize("path", [TOKENS, DEVICES])
async def test_only_admins_look_after_keys(
    client: httpx.AsyncClient, house: House, path: str
) -> None:
    client.headers.update(house.token(Role.LEAD))
    for method, rest in (("GET", ""), ("POST", ""), ("DELETE", "/x")):
        problem(await client.request(method, path + rest, json={}), 403, "forbidden")


# --- wallboards ---------------------------------------------------------------------------------


async def test_a_wallboard_opens_its_link_and_may_look(
    admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    answer = await opened(client, await link(admin))

    assert answer.status_code == 200
    who = answer.json()
    assert (who["name"], who["role"], who["kind"]) == ("hall", "viewer", "device")
    assert (who["queues"], who["sees_numbers"]) == (SUPPORT, False)
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert (await client.get("/api/v1/live")).status_code == 200
    problem(await client.get(DEVICES), 403, "not_for_devices")
    problem(await client.get("/api/v1/account"), 403, "people_only")
    [device] = (await admin.get(DEVICES)).json()["items"]
    assert (device["sessions"], device["label"]) == (1, "The hall")


async def test_a_wallboard_needs_nobody_for_as_long_as_it_is_on(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, house: House
) -> None:
    await opened(client, await link(admin))
    access = house.services.access
    credential = Credential(Kind.SESSION, client.cookies[COOKIE])
    account = await access.account_of(credential)
    assert account is not None

    with access.watch(credential, account) as ended:
        for _ in range(400):  # a stream is open, and nothing else is asked for a year
            house.centre.now += DAY
            await access.recheck()
            await access.note_seen()
        assert not ended.is_set()
    assert (await client.get(SESSION)).status_code == 200

    house.centre.now += DEVICE_LASTS + HOUR
    problem(await client.get(SESSION), 401, "unauthenticated")


async def test_a_wallboards_cookie_is_given_anew_at_each_load(
    admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await opened(client, await link(admin))

    answer = await client.get(SESSION)

    assert client.cookies[COOKIE] in answer.headers["set-cookie"]
    assert f"Max-Age={400 * 86_400}" in answer.headers["set-cookie"]


async def test_a_revoked_wallboard_goes_dark_at_once(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, house: House
) -> None:
    token = await link(admin)
    await opened(client, token)
    credential = Credential(Kind.SESSION, client.cookies[COOKIE])
    account = await house.services.access.account_of(credential)
    assert account is not None
    with house.services.access.watch(credential, account) as ended:
        assert (await admin.delete(f"{DEVICES}/hall")).status_code == 204
        assert ended.is_set()

    problem(await client.get(SESSION), 401, "unauthenticated")
    problem(await opened(client, token), 401, "bad_device")


async def test_a_wallboards_token_is_good_for_nothing_else(
    admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    token = await link(admin)
    made = (await admin.post(TOKENS, json={"name": "crm", "role": "viewer"})).json()

    problem(await opened(client, made["secret"]), 401, "bad_device")
    client.headers["Authorization"] = f"Bearer {token}"
    problem(await client.get(SESSION), 401, "unauthenticated")


async def test_a_screen_that_forgets_its_cookie_each_night_piles_no_sessions_up(
    admin: httpx.AsyncClient, house: House
) -> None:
    token = await link(admin)
    secrets = []
    for _ in range(DEVICE_SESSIONS + 2):
        house.centre.now += DAY
        async with browser(house.services) as screen:
            await opened(screen, token)
            secrets.append(screen.cookies[COOKIE])

    [device] = (await admin.get(DEVICES)).json()["items"]
    assert device["sessions"] == DEVICE_SESSIONS
    async with browser(house.services) as screen:
        screen.cookies.set(COOKIE, secrets[-1])
        assert (await screen.get(SESSION)).status_code == 200


async def test_links_are_not_guessed_and_not_opened_by_other_sites(
    admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    token = await link(admin)
    from_elsewhere = await client.post(f"{SESSION}/device", json={"token": token}, headers=OTHER)
    problem(from_elsewhere, 403, "other_origin")

    for _ in range(5):
        problem(await opened(client, "mnd_guessed"), 401, "bad_device")
    problem(await opened(client, token), 429, "too_many_attempts")
