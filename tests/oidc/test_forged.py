"""A provider of our own, whose answers are forged in every way that a real one's never are."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from api.oidc.problems import ProviderError, ProviderProblem
from api.oidc.provider import KEYS_AGAIN_S, Asked, Provider
from config.signing_in import Oidc
from monitor.accounts import Provided, Role

ISSUER = "https://id.example"
ASKED = Asked("https://minuteur.example/callback", "state", "the nonce", "v" * 64)
KEY = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})
Json = dict[str, Any]


class Forger:
    """Answers as a provider does, with whatever a test makes of it."""

    def __init__(self) -> None:
        self.now = time.time()
        self.metadata: Json = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
        }
        self.keys = [KEY]
        self.claims: Json = {
            "iss": ISSUER,
            "aud": "minuteur",
            "sub": "s-1",
            "nonce": ASKED.nonce,
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "preferred_username": "lena",
            "groups": ["supervisors"],
        }
        self.tokens: Json = {"access_token": "at", "token_type": "Bearer"}
        self.userinfo: Json = {}
        self.signed: Callable[[Json], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims, KEY
        )
        self.asked: list[str] = []
        self.form: dict[str, str] = {}
        self.instead: httpx.Response | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.instead is not None:
            return self.instead
        self.asked.append(request.url.path)
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.metadata)
            case "/jwks":
                return httpx.Response(200, json=KeySet(list(self.keys)).as_dict(private=False))
            case "/token":
                self.form = dict(httpx.QueryParams(request.content.decode()))
                return httpx.Response(
                    200, json={"id_token": self.signed(self.claims)} | self.tokens
                )
            case "/me":
                return httpx.Response(200, json=self.userinfo)
        return httpx.Response(404)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def provider(self, **more: object) -> Provider:
        values: Json = {"issuer": ISSUER, "client_id": "minuteur", "roles": {"supervisors": "lead"}}
        return Provider(Oidc.model_validate(values | more), self.client, steady=lambda: self.now)


@pytest.fixture
def forger() -> Forger:
    return Forger()


async def person(forger: Forger, issuer: str | None = None, **more: object) -> Provided:
    return await forger.provider(**more).person(ASKED, "code", issuer)


async def refused(forger: Forger, issuer: str | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as error:
        await person(forger, issuer)
    assert error.value.problem is ProviderProblem.NOT_BELIEVED, error.value.detail
    return error.value


async def test_what_is_not_forged_is_believed(forger: Forger) -> None:
    assert await person(forger) == Provided(ISSUER, "s-1", "lena", Role.LEAD)
    assert forger.form == {
        "grant_type": "authorization_code",
        "code": "code",
        "redirect_uri": ASKED.redirect_uri,
        "code_verifier": ASKED.verifier,
        "client_id": "minuteur",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": ISSUER + "/"},
        {"aud": "another"},
        {"aud": ["another", "minuteur"]},
        {"aud": []},
        {"azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "s" * 256},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)
async def test_a_claim_that_does_not_fit_is_refused(forger: Forger, wrong: Json) -> None:
    claims = {**forger.claims, **wrong}
    forger.claims = {name: value for name, value in claims.items() if value is not None}

    await refused(forger)


async def test_several_audiences_need_us_as_the_one_it_was_made_for(forger: Forger) -> None:
    forger.claims |= {"aud": ["another", "minuteur"], "azp": "minuteur"}

    assert (await person(forger)).name == "lena"


def encoded(part: Json) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def unsigned(claims: Json) -> str:
    signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY).split(".")
    return f"{encoded({'alg': 'none'})}.{signed[1]}."


def by_another_key(claims: Json) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, OTHER)


def by_the_public_key_as_a_secret(claims: Json) -> str:
    body = f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{encoded(claims)}"
    signature = hmac.digest(KEY.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def with_its_own_key(claims: Json) -> str:
    header = {"alg": "RS256", "jwk": OTHER.as_dict(private=False)}
    return jwt.encode(header, claims, OTHER)


def altered(claims: Json) -> str:
    head, _, signature = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY).split(".")
    body = jwt.encode({"alg": "RS256"}, claims | {"groups": ["it"]}, OTHER).split(".")[1]
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    "forged",
    [
        unsigned,
        by_another_key,
        by_the_public_key_as_a_secret,
        with_its_own_key,
        altered,
        lambda _: "no.token.atall",
        lambda _: "",
        lambda _: None,
        lambda _: {"a": "b"},
    ],
)
async def test_a_signature_that_is_not_the_providers_is_refused(
    forger: Forger, forged: Callable[[Json], str]
) -> None:
    forger.signed = forged

    await refused(forger)


async def test_keys_that_were_changed_are_fetched_again_but_not_for_every_forgery(
    forger: Forger,
) -> None:
    provider = forger.provider()
    forger.keys = [OTHER]
    with pytest.raises(ProviderError):
        await provider.person(ASKED, "code", None)
    assert forger.asked.count("/jwks") == 1

    forger.keys = [KEY]
    forger.now += KEYS_AGAIN_S
    assert (await provider.person(ASKED, "code", None)).name == "lena"
    assert forger.asked.count("/jwks") == 2


async def test_another_provider_behind_the_address_is_refused(forger: Forger) -> None:
    forger.metadata["issuer"] = "https://evil.example"

    await refused(forger)


async def test_an_answer_of_another_provider_is_refused(forger: Forger) -> None:
    await refused(forger, issuer="https://evil.example")
    forger.metadata["authorization_response_iss_parameter_supported"] = True
    await refused(forger)
    assert (await person(forger, ISSUER)).name == "lena"


async def test_what_is_told_beside_the_token_must_be_about_the_same_person(forger: Forger) -> None:
    forger.metadata["userinfo_endpoint"] = f"{ISSUER}/me"
    del forger.claims["groups"]
    forger.userinfo = {"sub": "s-2", "groups": ["supervisors"]}
    await refused(forger)

    forger.userinfo["sub"] = "s-1"
    assert (await person(forger)).role is Role.LEAD


async def test_what_was_signed_wins_over_what_is_told_beside_it(forger: Forger) -> None:
    forger.metadata["userinfo_endpoint"] = f"{ISSUER}/me"
    del forger.claims["groups"]
    forger.userinfo = {
        "sub": "s-1", "groups": ["supervisors"], "preferred_username": "admin", "iss": "x",
    }  # fmt: skip

    assert (await person(forger)).name == "lena"


async def test_claims_may_lie_deeper(forger: Forger) -> None:
    forger.claims["realm_access"] = {"roles": ["boss"]}

    found = await person(forger, role_claim="realm_access.roles", roles={"boss": "admin"})

    assert found.role is Role.ADMIN


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("token_endpoint", "http://id.example/token"),
        ("token_endpoint", None),
        ("jwks_uri", "file:///etc/passwd"),
    ],
)
async def test_secrets_do_not_travel_in_the_open(
    forger: Forger, name: str, address: str | None
) -> None:
    forger.metadata[name] = address

    with pytest.raises(ProviderError) as error:
        await person(forger)
    assert error.value.problem is ProviderProblem.UNREACHABLE


async def test_a_provider_that_talks_nonsense_is_as_good_as_away(forger: Forger) -> None:
    for answer in (httpx.Response(500), httpx.Response(200, text="hello"), httpx.Response(302)):
        forger.instead = answer
        with pytest.raises(ProviderError) as error:
            await forger.provider().address(ASKED)
        assert error.value.problem is ProviderProblem.UNREACHABLE


async def test_the_way_there_asks_for_what_the_answer_is_checked_by(forger: Forger) -> None:
    address = httpx.URL(await forger.provider(scopes=["profile"]).address(ASKED))

    assert str(address).startswith(f"{ISSUER}/auth?")
    assert dict(address.params) == {
        "response_type": "code",
        "client_id": "minuteur",
        "redirect_uri": ASKED.redirect_uri,
        "scope": "openid profile",
        "state": "state",
        "nonce": ASKED.nonce,
        "code_challenge": address.params["code_challenge"],
        "code_challenge_method": "S256",
    }
    assert address.params["code_challenge"] != ASKED.verifier
