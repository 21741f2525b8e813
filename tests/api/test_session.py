"""Signing in: the cookie, other sites' pages, and somebody who guesses."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from api.auth import COOKIE
from api.limits import MAX_BODY
from api.signin import ADDRESS_LIMIT, FORGOTTEN, LIMIT, REMEMBERED, Attempts
from tests.api.conftest import PASSWORD, House, browser
from tests.api.test_routes import problem

SESSION = "/api/v1/session"
OURS = {"Origin": "http://test"}
OTHER = {"Origin": "http://evil.example"}
ZOE = {
    "name": "zoé",
    "role": "lead",
    "queues": None,
    "sees_numbers": True,
    "kind": "person",
    "zone": "UTC",
    "service_level": "abandoned_within_count_for",
}


async def sign_in(
    client: httpx.AsyncClient, password: str = PASSWORD, name: str = "zoé"
) -> httpx.Response:
    return await client.post(SESSION, json={"name": name, "password": password})


async def test_signing_in_opens_a_session_and_signing_out_ends_it(
    client: httpx.AsyncClient,
) -> None:
    response = await sign_in(client)
    assert response.json() == ZOE
    secret = client.cookies[COOKIE]

    assert (await client.get(SESSION)).json() == ZOE
    assert (await client.get("/api/v1/live")).status_code == 200

    assert (await client.delete(SESSION, headers=OURS)).status_code == 204
    assert COOKIE not in client.cookies
    client.cookies.set(COOKIE, secret)  # the browser forgot it; a thief did not
    problem(await client.get(SESSION), 401, "unauthenticated")


async def test_who_signs_in_again_in_the_same_browser_has_one_session(
    house: House, client: httpx.AsyncClient
) -> None:
    await sign_in(client)
    first = client.cookies[COOKIE]
    await sign_in(client)
    assert client.cookies[COOKIE] != first
    assert len(house.services.accounts.sessions_of("zoé")) == 1
    async with browser(house.services) as other:
        await sign_in(other)
    assert len(house.services.accounts.sessions_of("zoé")) == 2


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    house: House, client: httpx.AsyncClient
) -> None:
    cookie = (await sign_in(client)).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    async with browser(house.services, "https") as secure:
        assert "Secure" in (await sign_in(secure)).headers["set-cookie"]
    async with browser(replace(house.services, secure_cookies=True)) as forced:
        assert "Secure" in (await sign_in(forced)).headers["set-cookie"]


async def test_a_session_ends_with_time(house: House, client: httpx.AsyncClient) -> None:
    await sign_in(client)

    house.centre.now += house.services.session_length

    problem(await client.get(SESSION), 401, "unauthenticated")


@pytest.mark.parametrize(("name", "password"), [("zoé", "wrong"), ("nobody", PASSWORD)])
async def test_a_wrong_name_and_a_wrong_password_look_the_same(
    client: httpx.AsyncClient, name: str, password: str
) -> None:
    error = problem(await sign_in(client, password, name), 401, "bad_credentials")

    assert error.message == "The name or the password is not right."


async def test_a_bad_form_is_named(client: httpx.AsyncClient) -> None:
    error = problem(await client.post(SESSION, json={"name": ""}), 422, "invalid")
    assert set(error.fields) == {"name", "password"}

    problem(await client.post(SESSION, content=b"{"), 422, "invalid")


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_large_is_not_taken_in(
    client: httpx.AsyncClient, *, announced: bool
) -> None:
    sent = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 8_192
            yield b"x" * 8_192

    headers = {"Content-Length": "8192000"} if announced else {}
    response = await client.post(SESSION, content=without_end(), headers=headers)

    problem(response, 413, "too_large")
    assert "64 KB" in response.json()["error"]["message"]
    assert sent <= MAX_BODY + 8_192


async def test_a_length_that_cannot_be_read_is_measured(client: httpx.AsyncClient) -> None:
    for length in ("x", "-1", "²", "9" * 5_000):
        headers = httpx.Headers({"Content-Length": length}, encoding="latin-1")
        response = await client.post(SESSION, content=b"x" * (MAX_BODY + 1), headers=headers)
        problem(response, 413, "too_large")


# --- other sites' pages -------------------------------------------------------------------------


async def test_another_site_cannot_sign_anybody_in(client: httpx.AsyncClient) -> None:
    response = await client.post(SESSION, json={"name": "zoé", "password": PASSWORD}, headers=OTHER)

    problem(response, 403, "other_origin")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        OTHER,
        {"Origin": "null"},
        {"Origin": "http://test.evil.example"},
        {"Origin": "http://test:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_with_a_session_only_our_page_may_change_anything(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    await sign_in(client)

    problem(await client.delete(SESSION, headers=headers), 403, "other_origin")
    assert (await client.get(SESSION)).status_code == 200


@pytest.mark.parametrize(
    "headers", [OURS, {"Origin": "http://TEST:80"}, {"Sec-Fetch-Site": "same-origin"}]
)
async def test_our_page_is_known(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    await sign_in(client)

    assert (await client.delete(SESSION, headers=headers)).status_code == 204


async def test_behind_a_proxy_that_changes_the_host_an_origin_can_be_allowed(house: House) -> None:
    services = replace(house.services, allowed_origins=frozenset({"https://minuteur.example"}))
    async with browser(services) as client:
        await sign_in(client)

        response = await client.delete(SESSION, headers={"Origin": "https://minuteur.example"})

    assert response.status_code == 204


# --- somebody who guesses -----------------------------------------------------------------------


async def test_guessing_is_slowed_down_but_nobody_is_locked_out(
    house: House, client: httpx.AsyncClient
) -> None:
    for _ in range(LIMIT):
        problem(await sign_in(client, "wrong"), 401, "bad_credentials")

    response = await sign_in(client)
    problem(response, 429, "too_many_attempts")
    assert response.headers["retry-after"] == "60"

    house.centre.now += 60_000
    assert (await sign_in(client)).status_code == 200


async def test_the_right_password_clears_the_count(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        for _ in range(LIMIT - 1):
            await sign_in(client, "wrong")
        assert (await sign_in(client)).status_code == 200


def test_attempts_from_elsewhere_do_not_count() -> None:
    attempts = Attempts(lambda: 0)
    for _ in range(LIMIT):
        assert attempts.begin("zoé", "192.0.2.1") == 0

    assert attempts.begin("ZOÉ", "192.0.2.1") == 60
    assert attempts.begin("zoé", "192.0.2.2") == 0


def test_waits_grow_up_to_a_quarter_of_an_hour_and_no_further() -> None:
    now = [0]
    attempts = Attempts(lambda: now[0])
    waits = []
    for _ in range(12):
        assert attempts.begin("zoé", "192.0.2.1") == 0
        waits.append(attempts.waiting("zoé", "192.0.2.1"))
        now[0] += waits[-1] * 1_000

    assert waits == [0, 0, 0, 0, 60, 120, 240, 480, 900, 900, 900, 900]


def test_failures_are_forgotten_after_a_quiet_hour() -> None:
    now = [0]
    attempts = Attempts(lambda: now[0])
    for _ in range(LIMIT):
        attempts.begin("zoé", "192.0.2.1")
    now[0] += FORGOTTEN

    for _ in range(LIMIT):
        assert attempts.begin("zoé", "192.0.2.1") == 0


def test_who_has_an_account_gains_no_guesses_at_others_by_it() -> None:
    attempts = Attempts(lambda: 0)
    for number in range(ADDRESS_LIMIT - 1):
        attempts.begin(f"name{number}", "192.0.2.1")
    for _ in range(3):
        assert attempts.begin("eve", "192.0.2.1") == 0
        attempts.succeeded("eve", "192.0.2.1")

    assert attempts.begin("zoé", "192.0.2.1") == 0
    assert attempts.begin("bob", "192.0.2.1") == 60


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("unix", "unix", True),
    ],
)
def test_a_whole_network_of_ipv6_is_one_place(one: str, other: str, *, same: bool) -> None:
    attempts = Attempts(lambda: 0)
    for _ in range(LIMIT):
        attempts.begin("zoé", one)

    assert (attempts.begin("zoé", other) > 0) is same


def test_one_who_tries_many_names_is_slowed_down() -> None:
    attempts = Attempts(lambda: 0)
    for number in range(ADDRESS_LIMIT):
        assert attempts.begin(f"name{number}", "192.0.2.1") == 0

    assert attempts.begin("another", "192.0.2.1") == 60
    assert attempts.begin("another", "192.0.2.2") == 0


def test_attempts_are_forgotten_before_they_fill_the_memory() -> None:
    attempts = Attempts(lambda: 0)
    for number in range(REMEMBERED + 10):
        attempts.begin("zoé", str(number))

    assert len(attempts._made) == REMEMBERED
