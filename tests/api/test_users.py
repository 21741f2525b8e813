"""Users, their rights and sessions, over REST: what admins may do, and what it does at once."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.auth import COOKIE
from monitor.accounts import Role, queues_json
from monitor.history.audit import AuditEntry, AuditFilter, AuditRecord
from tests.api.conftest import PASSWORD, House, browser, serving
from tests.api.test_routes import problem
from tests.api.test_session import OURS, SESSION, sign_in

USERS = "/api/v1/users"
SUPPORT = [{"pbx": "", "queue": "support"}]
LONG = "another horse battery"


@pytest.fixture
async def admin(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Ada, an admin who is signed in with her browser."""
    house.services.accounts.add_user("ada", PASSWORD, Role.ADMIN)
    async with browser(house.services) as client:
        assert (await sign_in(client, name="ada")).status_code == 200
        client.headers.update(OURS)
        yield client


def trail(house: House, what: str) -> list[AuditEntry]:
    return AuditRecord(house.database).entries(AuditFilter(what=what)).entries


# --- making and changing ------------------------------------------------------------------------


async def test_a_user_is_made_and_signs_in(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, house: House
) -> None:
    body = {"name": "bob", "password": LONG, "role": "lead", "queues": SUPPORT}
    made = await admin.post(USERS, json=body)

    assert made.status_code == 201
    shown = made.json()
    assert (shown["role"], shown["queues"], shown["sees_numbers"]) == ("lead", SUPPORT, True)
    assert (shown["created_by"], shown["has_password"]) == ("ada", True)
    assert LONG not in made.text
    who = (await sign_in(client, LONG, "bob")).json()
    assert (who["queues"], who["kind"]) == (SUPPORT, "person")
    [entry] = [one for one in trail(house, "user_created") if one.subject == "bob"]
    assert (entry.by, entry.via.value, entry.subject, entry.before) == (
        "ada", "session", "bob", None,
    )  # fmt: skip
    assert entry.after == {
        "role": "lead", "queues": SUPPORT, "sees_numbers": True, "disabled": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("role", "numbers", "shown"),
    [
        ("viewer", None, False),
        ("viewer", True, True),
        ("lead", None, True),
        ("lead", False, False),
        ("admin", None, True),
    ],
)
async def test_whether_numbers_are_shown_goes_by_the_role_where_nobody_says(
    admin: httpx.AsyncClient, role: str, numbers: bool | None, shown: bool
) -> None:
    body = {"name": "bob", "password": LONG, "role": role, "sees_numbers": numbers}

    assert (await admin.post(USERS, json=body)).json()["sees_numbers"] is shown


async def test_admins_see_all_queues_whatever_is_said_which_holds_again_afterwards(
    house: House, admin: httpx.AsyncClient
) -> None:
    def seen() -> object:
        account = house.services.accounts.verify_password("bob", LONG)
        assert account is not None
        return queues_json(account.queues)

    body = {"name": "bob", "password": LONG, "role": "admin", "queues": SUPPORT}
    assert (await admin.post(USERS, json=body)).json()["queues"] == SUPPORT
    assert seen() is None

    lead = await admin.patch(f"{USERS}/bob", json={"role": "lead"})
    assert lead.json()["queues"] == SUPPORT == seen()
    await admin.patch(f"{USERS}/bob", json={"role": "admin"})
    assert seen() is None


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"name": "zoé"}, 409, "name_taken", "name"),
        ({"name": "ZOÉ"}, 409, "name_taken", "name"),
        ({"name": "zoe\u0301"}, 409, "name_taken", "name"),
        ({"name": " bob"}, 422, "bad_name", "name"),
        ({"password": "short"}, 422, "password_length", "password"),
        ({"password": "bob bob bob", "name": "bob bob bob"}, 422, "password_easy", "password"),
        ({"role": "boss"}, 422, "invalid", "role"),
        ({"queues": [{"queue": ""}]}, 422, "invalid", "queues.0.queue"),
        ({"shoe_size": 43}, 422, "invalid", "shoe_size"),
    ],
)
async def test_a_user_that_cannot_be_is_refused_with_the_field(
    admin: httpx.AsyncClient, change: dict[str, object], status: int, code: str, field: str
) -> None:
    body = {"name": "bob", "password": LONG, "role": "lead"} | change

    error = problem(await admin.post(USERS, json=body), status, code)

    assert list(error.fields) == [field]


async def test_only_what_is_said_becomes_different(admin: httpx.AsyncClient) -> None:
    body = {"name": "bob", "password": LONG, "role": "lead", "queues": SUPPORT}
    before = (await admin.post(USERS, json=body)).json()

    after = (await admin.patch(f"{USERS}/bob", json={"sees_numbers": False})).json()
    assert after == before | {"sees_numbers": False}
    after = (await admin.patch(f"{USERS}/bob", json={"queues": None})).json()
    assert after == before | {"sees_numbers": False, "queues": None}


async def test_a_change_that_changes_nothing_leaves_no_trace(
    admin: httpx.AsyncClient, house: House
) -> None:
    await admin.patch(f"{USERS}/zoé", json={"role": "lead", "sees_numbers": True})
    assert trail(house, "user_changed") == []

    await admin.patch(f"{USERS}/zoé", json={"role": "viewer"})
    [entry] = trail(house, "user_changed")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["role"], entry.after["role"]) == ("lead", "viewer")


async def test_users_are_listed_and_shown(admin: httpx.AsyncClient) -> None:
    listed = (await admin.get(USERS)).json()["items"]

    assert [user["name"] for user in listed] == ["ada", "zoé"]
    assert [user["sessions"] for user in listed] == [1, 0]
    assert (await admin.get(f"{USERS}/ada")).json() == listed[0]
    assert listed[0]["last_sign_in_at"] is not None


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "bob", None),
        ("PATCH", "bob", {"role": "lead"}),
        ("DELETE", "bob", None),
        ("POST", "bob/password", {"password": LONG}),
        ("POST", "bob/end-sessions", None),
    ],
)
async def test_a_user_that_is_not_there_is_said_so(
    admin: httpx.AsyncClient, method: str, path: str, body: dict[str, str] | None
) -> None:
    problem(await admin.request(method, f"{USERS}/{path}", json=body), 404, "not_found")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LEAD])
async def test_only_admins_look_after_users(
    client: httpx.AsyncClient, house: House, role: Role
) -> None:
    client.headers.update(house.token(role))
    for method, path in (
        ("GET", ""), ("POST", ""), ("GET", "/zoé"), ("PATCH", "/zoé"), ("DELETE", "/zoé"),
        ("POST", "/zoé/password"), ("POST", "/zoé/end-sessions"),
    ):  # fmt: skip
        problem(await client.request(method, f"{USERS}{path}", json={}), 403, "forbidden")


# --- the last admin -----------------------------------------------------------------------------


async def test_the_last_admin_stays(admin: httpx.AsyncClient) -> None:
    for refused in (
        await admin.delete(f"{USERS}/ada"),
        await admin.patch(f"{USERS}/ada", json={"role": "lead"}),
        await admin.patch(f"{USERS}/ada", json={"disabled": True}),
    ):
        problem(refused, 409, "last_admin")
    assert (await admin.get(SESSION)).json()["role"] == "admin"


async def test_with_another_admin_one_may_go(admin: httpx.AsyncClient, house: House) -> None:
    await admin.post(USERS, json={"name": "bob", "password": LONG, "role": "admin"})

    assert (await admin.delete(f"{USERS}/ada")).status_code == 204

    problem(await admin.get(SESSION), 401, "unauthenticated")
    assert [entry.subject for entry in trail(house, "user_deleted")] == ["ada"]


async def test_a_disabled_admin_does_not_count_as_another(admin: httpx.AsyncClient) -> None:
    await admin.post(USERS, json={"name": "bob", "password": LONG, "role": "admin"})
    await admin.patch(f"{USERS}/bob", json={"disabled": True})

    problem(await admin.delete(f"{USERS}/ada"), 409, "last_admin")


# --- at once ------------------------------------------------------------------------------------


async def test_a_role_that_was_taken_is_gone_at_once(
    admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await sign_in(client)
    assert (await client.get(SESSION)).json()["role"] == "lead"

    await admin.patch(f"{USERS}/zoé", json={"role": "viewer", "queues": SUPPORT})

    who = (await client.get(SESSION)).json()
    assert (who["role"], who["queues"]) == ("viewer", SUPPORT)


async def test_who_is_disabled_is_out_at_once_and_told_why_at_the_door(
    admin: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    await sign_in(client)
    await admin.patch(f"{USERS}/zoé", json={"disabled": True})

    problem(await client.get(SESSION), 401, "unauthenticated")
    problem(await sign_in(client), 403, "disabled")
    problem(await sign_in(client, "wrong password"), 401, "bad_credentials")
    await admin.patch(f"{USERS}/zoé", json={"disabled": False})
    problem(await client.get(SESSION), 401, "unauthenticated")
    assert (await sign_in(client)).status_code == 200


async def test_another_password_ends_all_sessions(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, house: House
) -> None:
    await sign_in(client)

    answer = await admin.post(f"{USERS}/zoé/password", json={"password": LONG})

    assert answer.status_code == 204
    problem(await client.get(SESSION), 401, "unauthenticated")
    problem(await sign_in(client), 401, "bad_credentials")
    assert (await sign_in(client, LONG)).status_code == 200
    [entry] = trail(house, "password_changed")
    assert (entry.by, entry.subject, entry.before, entry.after) == ("ada", "zoé", None, None)


async def test_sessions_are_ended_and_counted(
    admin: httpx.AsyncClient, client: httpx.AsyncClient, house: House
) -> None:
    await sign_in(client)
    async with browser(house.services) as second:
        await sign_in(second)

    assert (await admin.post(f"{USERS}/zoé/end-sessions")).json() == {"ended": 2}
    assert (await admin.post(f"{USERS}/zoé/end-sessions")).json() == {"ended": 0}
    problem(await client.get(SESSION), 401, "unauthenticated")


async def closed(stream: ClientConnection) -> int:
    """The code with which the server closes a stream; its messages until then are read."""
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await stream.recv()
    assert stream.close_code is not None
    return stream.close_code


@pytest.mark.parametrize("change", [{"queues": SUPPORT}, {"role": "viewer"}, {"disabled": True}])
async def test_an_open_stream_shows_no_more_than_one_may_see_now(
    house: House, change: dict[str, object]
) -> None:
    house.services.accounts.add_user("ada", PASSWORD, Role.ADMIN)
    headers = house.token(Role.ADMIN)
    async with (
        serving(house.services) as host,
        httpx.AsyncClient(base_url=f"http://{host}", timeout=30) as client,
    ):
        await sign_in(client)
        cookie = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}", "Origin": f"http://{host}"}
        address = f"ws://{host}/api/v1/live/stream"
        async with connect(address, additional_headers=cookie, proxy=None) as stream:
            assert json.loads(await stream.recv())["type"] == "snapshot"
            await client.patch(f"{USERS}/ada", json={"sees_numbers": False}, headers=headers)
            changed = await client.patch(f"{USERS}/zoé", json=change, headers=headers)
            assert changed.status_code == 200
            assert await closed(stream) == 1008


# --- one's own ----------------------------------------------------------------------------------


async def test_one_changes_ones_own_password(client: httpx.AsyncClient, house: House) -> None:
    await sign_in(client)
    async with browser(house.services) as other:
        await sign_in(other)
        body = {"old_password": PASSWORD, "password": LONG}
        answer = await client.post("/api/v1/account/password", json=body, headers=OURS)

        assert answer.status_code == 204
        assert (await client.get(SESSION)).status_code == 200
        problem(await other.get(SESSION), 401, "unauthenticated")
    assert [entry.by for entry in trail(house, "password_changed")] == ["zoé"]


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("wrong password", LONG, "wrong_password", "old_password"),
        (PASSWORD, "short", "password_length", "password"),
    ],
)
async def test_a_password_that_cannot_be_changed_so(
    client: httpx.AsyncClient, old: str, new: str, code: str, field: str
) -> None:
    await sign_in(client)
    body = {"old_password": old, "password": new}

    answer = await client.post("/api/v1/account/password", json=body, headers=OURS)

    assert list(problem(answer, 422, code).fields) == [field]


async def test_guessing_the_present_password_is_slowed_down(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    body = {"old_password": "wrong password", "password": LONG}
    for _ in range(5):
        answer = await client.post("/api/v1/account/password", json=body, headers=OURS)
        problem(answer, 422, "wrong_password")

    answer = await client.post("/api/v1/account/password", json=body, headers=OURS)

    problem(answer, 429, "too_many_attempts")


async def test_a_new_password_that_is_weak_is_no_guess(client: httpx.AsyncClient) -> None:
    await sign_in(client)
    body = {"old_password": PASSWORD, "password": "short"}
    for _ in range(6):
        answer = await client.post("/api/v1/account/password", json=body, headers=OURS)
        problem(answer, 422, "password_length")


async def test_one_sees_and_ends_ones_sessions(client: httpx.AsyncClient, house: House) -> None:
    client.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
    await sign_in(client)
    async with browser(house.services) as other:
        await sign_in(other)
        house.centre.now += 1
        listed = (await client.get("/api/v1/account/sessions")).json()["items"]
        mine, theirs = sorted(listed, key=lambda one: not one["current"])
        assert (mine["agent"], mine["address"]) == ("Firefox, Linux", "127.0.0.1")
        assert not theirs["current"]
        assert client.cookies[COOKIE] not in str(listed)

        path = f"/api/v1/account/sessions/{theirs['id']}"
        assert (await client.delete(path, headers=OURS)).status_code == 204
        problem(await other.get(SESSION), 401, "unauthenticated")
        problem(await client.delete(path, headers=OURS), 404, "not_found")
    assert (await client.get(SESSION)).status_code == 200


@pytest.mark.parametrize("guess", ["", "%", "_" * 16, "0" * 16])
async def test_nobody_ends_sessions_by_guessing(client: httpx.AsyncClient, guess: str) -> None:
    await sign_in(client)

    answer = await client.delete(f"/api/v1/account/sessions/{guess or '%20'}", headers=OURS)

    problem(answer, 404, "not_found")
    assert (await client.get(SESSION)).status_code == 200


async def test_ones_own_account_is_shown(client: httpx.AsyncClient, house: House) -> None:
    await sign_in(client)
    own = (await client.get("/api/v1/account")).json()
    assert (own["name"], own["has_password"], own["sessions"]) == ("zoé", True, 1)

    async with browser(house.services) as program:
        program.headers.update(house.token())
        problem(await program.get("/api/v1/account"), 403, "people_only")
        problem(await program.get("/api/v1/account/sessions"), 403, "people_only")


# --- the trail of signing in --------------------------------------------------------------------


async def test_signing_in_leaves_a_trace_without_what_was_typed(
    client: httpx.AsyncClient, house: House
) -> None:
    await sign_in(client)
    await sign_in(client, "a wrong one")
    await sign_in(client, PASSWORD, name="my password typed into the wrong field")

    [signed_in] = trail(house, "signed_in")
    unknown, known = trail(house, "sign_in_failed")
    assert (signed_in.by, signed_in.after) == ("zoé", {"address": "127.0.0.1"})
    assert (known.by, known.subject, known.after) == ("zoé", "zoé", {"address": "127.0.0.1"})
    assert (unknown.by, unknown.subject) == ("", "")
    with house.database.reading() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM audit_entry").fetchall())
    assert "wrong" not in stored
    assert PASSWORD not in stored


async def test_a_lock_out_leaves_a_trace(client: httpx.AsyncClient, house: House) -> None:
    for _ in range(7):
        await sign_in(client, "a wrong one")

    [entry] = trail(house, "sign_in_locked")
    assert (entry.subject, entry.after) == ("zoé", {"address": "127.0.0.1", "seconds": 60})
    assert len(trail(house, "sign_in_failed")) == 5
