"""The first run: one code, one admin, and never again."""

import re

import httpx
import pytest
from sqlalchemy import delete

from api.auth import COOKIE
from api.first_run import FirstRun
from monitor.history.audit import AuditFilter, AuditRecord
from monitor.history.tables import user
from tests.api.conftest import House, browser
from tests.api.test_routes import problem
from tests.api.test_session import OTHER, SESSION

SETUP = "/api/v1/setup"
LONG = "many long words"


@pytest.fixture
def empty(house: House) -> House:
    """A house in which nobody lives yet."""
    with house.database.writing() as connection:
        connection.execute(delete(user))
    return house


def wanted(house: House, **more: str) -> dict[str, str]:
    return {"code": house.services.first_run.code, "name": "ada", "password": LONG} | more


async def test_who_has_the_code_becomes_the_first_admin(
    empty: House, client: httpx.AsyncClient
) -> None:
    assert (await client.get(SETUP)).json() == {"needed": True, "provider": None}

    made = await client.post(SETUP, json=wanted(empty))

    assert made.status_code == 201
    assert (made.json()["name"], made.json()["role"]) == ("ada", "admin")
    assert COOKIE in client.cookies
    assert (await client.get(SESSION)).json() == made.json()
    assert (await client.get(SETUP)).json()["needed"] is False
    assert empty.services.accounts.verify_password("ada", LONG) is not None
    entry = AuditRecord(empty.database).entries(AuditFilter(subject="ada")).entries[-1]
    assert (entry.what, entry.by) == ("user_created", "ada")


async def test_it_is_closed_for_ever_once_there_is_a_user(
    empty: House, client: httpx.AsyncClient
) -> None:
    await client.post(SETUP, json=wanted(empty))

    problem(await client.post(SETUP, json=wanted(empty, name="eve")), 409, "not_first")
    with empty.database.writing() as connection:  # whatever becomes of the users afterwards
        connection.execute(delete(user))
    problem(await client.post(SETUP, json=wanted(empty, name="eve")), 409, "not_first")


async def test_a_user_whom_somebody_made_elsewhere_meanwhile_closes_it_too(
    empty: House, client: httpx.AsyncClient
) -> None:
    assert (await client.get(SETUP)).json()["needed"] is True
    empty.services.accounts.add_user("bob", LONG, "admin")

    problem(await client.post(SETUP, json=wanted(empty)), 409, "not_first")
    assert (await client.get(SETUP)).json()["needed"] is False


async def test_two_at_once_make_one_admin(empty: House) -> None:
    empty.services.accounts.add_first_admin("ada", LONG)

    with pytest.raises(ValueError, match="there are users already"):
        empty.services.accounts.add_first_admin("eve", LONG)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "wrong_code", "code"),
        ({"code": "é"}, "wrong_code", "code"),
        ({"name": " ada"}, "bad_name", "name"),
        ({"password": "short"}, "password_length", "password"),
    ],
)
async def test_what_is_wrong_is_said_by_field(
    empty: House, client: httpx.AsyncClient, change: dict[str, str], code: str, field: str
) -> None:
    answer = await client.post(SETUP, json=wanted(empty) | change)

    assert list(problem(answer, 422, code).fields) == [field]
    assert (await client.get(SETUP)).json()["needed"] is True


async def test_guessing_the_code_is_slowed_down(empty: House, client: httpx.AsyncClient) -> None:
    for _ in range(5):
        answer = await client.post(SETUP, json=wanted(empty, code="AAAA-AAAA-AAAA"))
        problem(answer, 422, "wrong_code")

    answer = await client.post(SETUP, json=wanted(empty))

    problem(answer, 429, "too_many_attempts")
    assert answer.headers["retry-after"] == "60"


async def test_a_weak_password_is_no_guess_at_the_code(
    empty: House, client: httpx.AsyncClient
) -> None:
    for _ in range(6):
        answer = await client.post(SETUP, json=wanted(empty, password="short"))
        problem(answer, 422, "password_length")


async def test_another_sites_page_cannot_set_us_up(empty: House, client: httpx.AsyncClient) -> None:
    problem(await client.post(SETUP, json=wanted(empty), headers=OTHER), 403, "other_origin")


async def test_over_tls_the_cookie_is_this_hosts_alone(empty: House) -> None:
    async with browser(empty.services, "https") as client:
        made = await client.post(SETUP, json=wanted(empty))

        cookie = made.headers["set-cookie"]
        assert cookie.startswith(f"__Host-{COOKIE}=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert (await client.get(SESSION)).status_code == 200
        client.cookies = httpx.Cookies({COOKIE: client.cookies[f"__Host-{COOKIE}"]})
        problem(await client.get(SESSION), 401, "unauthenticated")


def test_the_code_is_read_however_it_is_typed() -> None:
    first = FirstRun()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", first.code)
    assert first.knows(f" {first.code.lower().replace('-', ' ')} ")
    assert not first.knows(first.code[:-1])
    assert not first.knows("")
    assert FirstRun().code != first.code
