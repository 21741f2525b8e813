"""Where an identity provider's sign-in begins and lands: nobody is led elsewhere."""

from dataclasses import replace

import httpx
import pytest

from api.oidc.pending import KEPT, KEPT_OF_ONE, LASTS, Pending
from api.oidc.provider import Provider
from api.routes.oidc import COOKIE, local_page
from config.signing_in import Oidc
from monitor.history.errors import HistoryError
from tests.api.conftest import House, browser

BEGIN = "/api/v1/session/oidc"


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/", "/"),
        ("/calls?verdict=breached&queue=a%20b", "/calls?verdict=breached&queue=a%20b"),
        ("/calls/lab:17.4", "/calls/lab:17.4"),
        ("/a#b", "/a"),
        ("/zoé", "/zo%C3%A9"),
        ("", "/"),
        ("calls", "/"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("/" + "a" * 3_000, "/"),
        (" //evil.example", "/"),
    ],
)
def test_the_landing_is_a_page_of_ours(asked: str, page: str) -> None:
    assert local_page(asked) == page


async def test_without_a_provider_the_page_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get(BEGIN)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/?sign_in_error=provider_none"
    assert (await client.get("/api/v1/setup")).json() == {"needed": False, "provider": None}


async def test_a_provider_that_is_away_keeps_nobody_waiting_in_the_dark(house: House) -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    settings = Oidc.model_validate(
        {"issuer": "https://id.example", "client_id": "x", "default_role": "viewer", "label": "ID"}
    )
    provider = Provider(settings, lambda: httpx.AsyncClient(transport=httpx.MockTransport(away)))
    async with browser(replace(house.services, provider=provider)) as client:
        answer = await client.get(BEGIN)
        ways = await client.get("/api/v1/setup")

    assert answer.headers["location"] == "/?sign_in_error=provider_unreachable"
    assert "set-cookie" not in answer.headers
    assert ways.json() == {"needed": False, "provider": {"label": "ID"}}


def test_begun_sign_ins_are_forgotten_before_they_fill_the_memory() -> None:
    pending = Pending(lambda: 0)
    first, asked = pending.begin("https://x", "/")
    for number in range(KEPT):
        pending.begin("https://x", "/", str(number))

    assert len(pending._begun) == KEPT
    assert pending.take(first, asked.state) is None


def test_nobody_pushes_out_the_sign_ins_of_others() -> None:
    pending = Pending(lambda: 0)
    secret, asked = pending.begin("https://x", "/", "198.51.100.7")
    own, own_asked = pending.begin("https://x", "/", "2001:db8::1")
    for number in range(KEPT):
        pending.begin("https://x", "/", f"2001:db8::{number:x}")

    assert len(pending._begun) == 1 + KEPT_OF_ONE
    assert pending.take(own, own_asked.state) is None
    assert pending.take(secret, asked.state) is not None


async def test_who_is_refused_lands_on_the_page_also_while_the_database_fails(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there")

    def fail(*_: object) -> None:
        raise HistoryError("disk full")

    monkeypatch.setattr(house.services.accounts, "note", fail)
    settings = Oidc.model_validate(
        {"issuer": "https://id.example", "client_id": "x", "default_role": "viewer", "label": "ID"}
    )
    provider = Provider(settings, lambda: httpx.AsyncClient(transport=httpx.MockTransport(away)))
    secret, asked = house.services.pending.begin("http://test", "/calls")
    async with browser(replace(house.services, provider=provider)) as client:
        client.cookies.set(COOKIE, secret)
        answer = await client.get(f"{BEGIN}/callback", params={"state": asked.state, "code": "x"})

    assert answer.headers["location"] == "/calls?sign_in_error=provider_unreachable"
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


def test_a_sign_in_is_answered_in_time_once_and_by_its_state() -> None:
    now = [0]
    pending = Pending(lambda: now[0])
    secret, asked = pending.begin("https://x", "/calls")
    begun = pending.take(secret, asked.state)
    assert begun is not None
    assert begun.landing == "/calls"
    assert pending.take(secret, asked.state) is None

    secret, asked = pending.begin("https://x", "/")
    assert pending.take(secret, "another\ud83d") is None
    assert pending.take(secret, asked.state) is None

    secret, asked = pending.begin("https://x", "/")
    now[0] = LASTS
    assert pending.take(secret, asked.state) is None
