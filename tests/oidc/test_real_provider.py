"""Signing in at a real provider, and what an attacker may try between it and us."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import httpx
import pytest

from api.auth import COOKIE
from api.oidc.pending import LASTS
from api.oidc.provider import Provider
from api.routes import oidc
from api.services import Services
from monitor.accounts import QueueRef, Role, UserChange
from monitor.history.audit import AuditFilter, AuditRecord
from tests.api.conftest import House, browser
from tests.oidc import real
from tests.oidc.real import RealProvider, running_provider

pytestmark = real.pytestmark

BEGIN = "/api/v1/session/oidc"
SESSION = "/api/v1/session"
LENA = {"preferred_username": "lena", "groups": ["supervisors"]}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealProvider]:
    callback = f"http://test{oidc.CALLBACK}"
    with running_provider(tmp_path_factory.mktemp("provider"), [callback]) as running:
        yield running


@pytest.fixture
def services(house: House, provider: RealProvider) -> Services:
    provider.people({"s-1": LENA})
    return replace(house.services, provider=Provider(provider.settings()))


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(services) as client:
        yield client


async def back(client: httpx.AsyncClient, login: str = "s-1", landing: str = "/") -> str:
    """Begin here, sign in there; the address that the provider sends back to."""
    begun = await client.get(BEGIN, params={"next": landing})
    assert begun.status_code == 303
    return await real.sign_in(begun.headers["location"], login)


async def signed_in(client: httpx.AsyncClient, login: str = "s-1", landing: str = "/") -> str:
    """The whole way; the page on which the person lands."""
    answer = await client.get(await back(client, login, landing))
    assert answer.status_code == 303
    return answer.headers["location"]


def others(services: Services, provider: RealProvider, **more: object) -> Services:
    return replace(services, provider=Provider(provider.settings(**more)))


async def test_somebody_signs_in_and_is_made_a_user(
    client: httpx.AsyncClient, house: House
) -> None:
    answer = await client.get(await back(client, landing="/calls?verdict=breached"))

    assert answer.headers["location"] == "/calls?verdict=breached"
    assert answer.headers["cache-control"] == "no-store"
    cookies = answer.headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith(COOKIE))
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    assert oidc.COOKIE not in client.cookies
    who = (await client.get(SESSION)).json()
    assert (who["name"], who["role"], who["queues"], who["kind"]) == (
        "lena",
        "lead",
        None,
        "person",
    )
    user = house.services.accounts.user("lena")
    assert user is not None
    assert (user.has_password, user.disabled) == (False, False)
    assert house.services.accounts.verify_password("lena", "") is None


async def test_the_cookie_of_the_way_there_is_lax_short_and_out_of_reach(
    client: httpx.AsyncClient,
) -> None:
    cookie = (await client.get(BEGIN)).headers["set-cookie"]

    assert "SameSite=lax" in cookie
    assert "HttpOnly" in cookie
    assert "Max-Age=600" in cookie


async def test_the_role_is_as_the_provider_says_at_each_sign_in(
    client: httpx.AsyncClient, house: House, provider: RealProvider
) -> None:
    await signed_in(client)
    provider.people({"s-1": LENA | {"groups": ["staff"]}})
    assert (await client.get(SESSION)).json()["role"] == "lead"

    await signed_in(client)

    who = (await client.get(SESSION)).json()
    assert (who["role"], who["sees_numbers"]) == ("viewer", False)
    trail = AuditRecord(house.database).entries(AuditFilter(what="user_changed")).entries
    assert [(entry.subject, entry.by) for entry in trail] == [("lena", "lena")]


async def test_the_highest_of_several_roles_counts(
    client: httpx.AsyncClient, provider: RealProvider
) -> None:
    provider.people({"s-1": LENA | {"groups": ["staff", "it", "supervisors"]}})

    await signed_in(client)

    assert (await client.get(SESSION)).json()["role"] == "admin"


async def test_queues_come_by_a_claim(services: Services, provider: RealProvider) -> None:
    queues = {"sales-team": ["sales"], "lyon": ["lyon/support", "desk"]}
    provider.people({"s-1": LENA | {"groups": ["supervisors", "lyon"]}})
    async with browser(others(services, provider, queues=queues)) as client:
        await signed_in(client)
        shown = (await client.get(SESSION)).json()["queues"]
        assert shown == [{"pbx": "", "queue": "desk"}, {"pbx": "lyon", "queue": "support"}]

        provider.people({"s-1": LENA})
        await signed_in(client)
        assert (await client.get(SESSION)).json()["queues"] == []


async def test_where_the_settings_say_nothing_of_queues_admins_do(
    client: httpx.AsyncClient, house: House
) -> None:
    await signed_in(client)
    sales = frozenset({QueueRef("", "sales")})
    house.services.accounts.change_user("lena", UserChange(queues=sales))

    await signed_in(client)

    assert (await client.get(SESSION)).json()["queues"] == [{"pbx": "", "queue": "sales"}]


async def test_who_has_no_role_here_is_refused(
    client: httpx.AsyncClient, house: House, provider: RealProvider
) -> None:
    provider.people({"s-1": LENA | {"groups": ["visitors"]}})

    assert await signed_in(client, landing="/calls") == "/calls?sign_in_error=provider_no_role"

    assert (await client.get(SESSION)).status_code == 401
    assert house.services.accounts.user("lena") is None
    trail = AuditRecord(house.database).entries(AuditFilter(what="sign_in_failed")).entries
    assert [entry.after for entry in trail] == [
        {"address": "127.0.0.1", "code": "provider_no_role"}
    ]


async def test_or_gets_the_default_role(services: Services, provider: RealProvider) -> None:
    provider.people({"s-1": {"preferred_username": "lena"}})
    async with browser(others(services, provider, default_role="viewer")) as client:
        assert await signed_in(client) == "/"
        assert (await client.get(SESSION)).json()["role"] == "viewer"


async def test_without_a_name_nobody_gets_in(services: Services, provider: RealProvider) -> None:
    async with browser(others(services, provider, name_claim="nickname")) as client:
        assert await signed_in(client) == "/?sign_in_error=provider_no_name"


@pytest.mark.parametrize("name", ["zoé", "ZOÉ"])
async def test_a_user_of_ours_with_the_same_name_is_not_taken_over(
    client: httpx.AsyncClient, house: House, provider: RealProvider, name: str
) -> None:
    provider.people({"s-1": LENA | {"preferred_username": name}})

    assert await signed_in(client) == "/?sign_in_error=name_taken"

    assert (await client.get(SESSION)).status_code == 401
    zoe = house.services.accounts.user("zoé")
    assert zoe is not None
    assert (zoe.issuer, zoe.has_password) == (None, True)


async def test_another_person_of_the_same_name_is_another(
    client: httpx.AsyncClient, provider: RealProvider
) -> None:
    await signed_in(client)
    provider.people({"s-1": LENA, "s-2": LENA | {"groups": ["it"]}})

    assert await signed_in(client, "s-2") == "/?sign_in_error=name_taken"


async def test_a_new_name_there_does_not_make_somebody_else_here(
    client: httpx.AsyncClient, house: House, provider: RealProvider
) -> None:
    await signed_in(client)
    provider.people({"s-1": LENA | {"preferred_username": "lena.married"}})

    await signed_in(client)

    assert (await client.get(SESSION)).json()["name"] == "lena"
    assert len(house.services.accounts.users()) == 2


async def test_who_is_disabled_here_stays_out(client: httpx.AsyncClient, house: House) -> None:
    await signed_in(client)
    house.services.accounts.change_user("lena", UserChange(disabled=True))

    assert await signed_in(client) == "/?sign_in_error=disabled"

    assert (await client.get(SESSION)).status_code == 401


async def test_admins_change_neither_the_role_nor_a_password_that_is_not_ours(
    client: httpx.AsyncClient, house: House
) -> None:
    await signed_in(client)
    headers = house.token(Role.ADMIN)

    async with browser(house.services) as admin:
        role = await admin.patch("/api/v1/users/lena", json={"role": "admin"}, headers=headers)
        password = await admin.post(
            "/api/v1/users/lena/password", json={"password": "many long words"}, headers=headers
        )

    assert role.json()["error"]["code"] == "from_provider"
    assert password.json()["error"]["code"] == "no_password"


# --- attacks ------------------------------------------------------------------------------------


async def test_an_answer_counts_once(client: httpx.AsyncClient) -> None:
    answer, address = BEGIN, await back(client)
    await client.get(address)
    begun = await client.get(answer)
    client.cookies.delete(COOKIE)

    again = await client.get(address)

    assert begun.status_code == 303
    assert again.headers["location"] == "/?sign_in_error=provider_expired"
    assert (await client.get(SESSION)).status_code == 401


async def test_a_code_counts_once_at_the_provider_too(
    client: httpx.AsyncClient, services: Services
) -> None:
    address = httpx.URL(await back(client))
    await client.get(address)

    async with browser(services) as thief:
        begun = await thief.get(BEGIN)
        state = httpx.URL(begun.headers["location"]).params["state"]
        answer = await thief.get(address.copy_set_param("state", state))
        assert answer.headers["location"] == "/?sign_in_error=provider_refused"
        assert (await thief.get(SESSION)).status_code == 401


async def test_an_answer_in_another_browser_signs_nobody_in(
    client: httpx.AsyncClient, services: Services
) -> None:
    # An attacker's own answer, fed to a victim: they would work in the attacker's account.
    address = await back(client)

    async with browser(services) as victim:
        answer = await victim.get(address)
        assert answer.headers["location"] == "/?sign_in_error=provider_expired"
        assert COOKIE not in victim.cookies


async def test_anothers_code_does_not_fit_ones_own_sign_in(
    client: httpx.AsyncClient, services: Services
) -> None:
    stolen = httpx.URL(await back(client)).params["code"]

    async with browser(services) as thief:
        address = httpx.URL(await back(thief)).copy_set_param("code", stolen)
        answer = await thief.get(address)
        assert answer.headers["location"] == "/?sign_in_error=provider_refused"


@pytest.mark.parametrize("state", ["", "guessed"])
async def test_a_wrong_state_is_refused(client: httpx.AsyncClient, state: str) -> None:
    address = httpx.URL(await back(client)).copy_set_param("state", state)

    answer = await client.get(address)

    assert answer.headers["location"] == "/?sign_in_error=provider_expired"


async def test_an_answer_that_names_another_issuer_is_refused(client: httpx.AsyncClient) -> None:
    address = httpx.URL(await back(client))

    other = address.copy_set_param("iss", "https://evil.example")

    answer = await client.get(other)
    assert answer.headers["location"] == "/?sign_in_error=provider_not_believed"


async def test_an_answer_without_the_issuer_that_the_provider_promises_is_refused(
    client: httpx.AsyncClient,
) -> None:
    address = httpx.URL(await back(client)).copy_remove_param("iss")

    answer = await client.get(address)

    assert answer.headers["location"] == "/?sign_in_error=provider_not_believed"


async def test_an_answer_that_comes_late_is_refused(
    client: httpx.AsyncClient, house: House, services: Services
) -> None:
    async with browser(replace(services, pending=type(services.pending)(house.centre.clock))) as it:
        address = await back(it)
        house.centre.now += LASTS
        answer = await it.get(address)
        assert answer.headers["location"] == "/?sign_in_error=provider_expired"


async def test_who_gives_up_there_is_told_so_here(client: httpx.AsyncClient) -> None:
    begun = await client.get(BEGIN)
    state = httpx.URL(begun.headers["location"]).params["state"]

    answer = await client.get(oidc.CALLBACK, params={"error": "access_denied", "state": state})

    assert answer.headers["location"] == "/?sign_in_error=provider_cancelled"


async def test_who_guesses_codes_is_slowed_down(
    client: httpx.AsyncClient, provider: RealProvider
) -> None:
    seen = []
    for _ in range(6):
        begun = await client.get(BEGIN)
        state = httpx.URL(begun.headers["location"]).params["state"]
        guess = {"code": "guessed", "state": state, "iss": provider.issuer}
        answer = await client.get(oidc.CALLBACK, params=guess)
        seen.append(answer.headers["location"].partition("=")[2])

    assert seen == ["provider_refused"] * 5 + ["too_many_attempts"]
