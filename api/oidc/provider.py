"""The identity provider: what it publishes of itself, and what it says of a person.

After OpenID Connect Core 1.0 and Discovery 1.0; PKCE after RFC 7636, the issuer in the answer after
RFC 9207. Only asymmetric signatures are taken: a provider's public keys cannot make them.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.oidc.claims import claim, person_of, wanted
from api.oidc.problems import ProviderError, ProviderProblem
from config.signing_in import Oidc
from monitor.accounts import Provided

log = logging.getLogger("minuteur.oidc")

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
TIMEOUT_S: Final = 10.0
FRESH_S: Final = 3600.0
"""How long what a provider publishes of itself is taken as it was."""
KEYS_AGAIN_S: Final = 30.0
"""Keys are fetched again for an unknown one, and not more often than this."""
LEEWAY_S: Final = 60
"""How much the provider's clock may differ from ours."""
_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SUBJECT_MAX: Final = 255

NewClient = Callable[[], httpx.AsyncClient]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sign-in was begun with, and its answer must fit."""

    redirect_uri: str
    state: str
    nonce: str
    verifier: str


@dataclass(slots=True)
class _Published:
    """What a provider publishes of itself, as of ``at`` (s of the steady clock)."""

    metadata: Mapping[str, Any]
    at: float
    keys: KeySet | None = None
    keys_at: float = 0.0


def _new_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_S)


class Provider:
    """An identity provider, as the settings name it.

    Args:
        settings: ``[oidc]``.
        client: makes the HTTP client for one sign-in.
        steady: a clock that never steps (s).
        wall: the machine's clock (s since 1970), by which tokens expire.
    """

    def __init__(
        self,
        settings: Oidc,
        client: NewClient = _new_client,
        *,
        steady: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self._client = client
        self._steady = steady
        self._wall = wall
        self._published: _Published | None = None

    async def address(self, asked: Asked) -> str:
        """Where the browser is sent to sign in.

        Raises:
            ProviderError: the provider does not tell.
        """
        async with self._client() as client:
            metadata = (await self._discover(client)).metadata
        return str(
            prepare_grant_uri(
                _endpoint(metadata, "authorization_endpoint"),
                self.settings.client_id,
                "code",
                redirect_uri=asked.redirect_uri,
                scope=" ".join(self.settings.scopes),
                state=asked.state,
                nonce=asked.nonce,
                code_challenge=create_s256_code_challenge(asked.verifier),
                code_challenge_method="S256",
            )
        )

    async def person(self, asked: Asked, code: str, said_issuer: str | None) -> Provided:
        """Who has signed in.

        Args:
            asked: what the sign-in was begun with.
            code: the authorization code of the answer.
            said_issuer: the answer's ``iss``, where it has one.

        Raises:
            ProviderError: the provider does not answer, is not believed, or lets nobody in.
        """
        async with self._client() as client:
            published = await self._discover(client)
            self._check_issuer(published.metadata, said_issuer)
            tokens = await self._exchange(client, published.metadata, asked, code)
            claims = await self._verified(client, published, tokens, asked.nonce)
            missing = [name for name in wanted(self.settings) if claim(claims, name) is None]
            if missing:
                claims = await self._with_userinfo(client, published.metadata, tokens, claims)
        return person_of(claims, str(published.metadata["issuer"]), self.settings)

    # --- what it publishes ----------------------------------------------------------------------

    async def _discover(self, client: httpx.AsyncClient) -> _Published:
        known = self._published
        if known is not None and self._steady() - known.at < FRESH_S:
            return known
        issuer = self.settings.issuer
        metadata = await _get(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        said = metadata.get("issuer")
        if not isinstance(said, str) or said.rstrip("/") != issuer.rstrip("/"):
            raise _unlike(f"the provider calls itself {said!r}, [oidc] issuer is {issuer!r}")
        self._published = _Published(metadata, self._steady())
        return self._published

    async def _keys(self, client: httpx.AsyncClient, published: _Published) -> KeySet:
        """The provider's keys, fetched."""
        body = await _get(client, _endpoint(published.metadata, "jwks_uri"))
        try:
            keys = KeySet.import_key_set(cast("Any", body))  # it checks what it is given
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _unreachable(f"its keys cannot be read: {error}") from error
        published.keys, published.keys_at = keys, self._steady()
        return keys

    def _check_issuer(self, metadata: Mapping[str, Any], said: str | None) -> None:
        """Another provider's answer must not be taken for this one's (mix-up)."""
        must = metadata.get("authorization_response_iss_parameter_supported") is True
        if (said is None and must) or (said is not None and said != metadata["issuer"]):
            raise _unlike(f"the answer comes from {said!r}")

    # --- what it says of a person ---------------------------------------------------------------

    async def _exchange(
        self, client: httpx.AsyncClient, metadata: Mapping[str, Any], asked: Asked, code: str
    ) -> Mapping[str, Any]:
        """Trade the code for tokens; ours alone, by the secret and the verifier."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }
        secret = self.settings.client_secret.get_secret_value()
        basic = None
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret and "client_secret_basic" in methods:
            basic = httpx.BasicAuth(_quoted(self.settings.client_id), _quoted(secret))
        else:
            form["client_id"] = self.settings.client_id
            form |= {"client_secret": secret} if secret else {}
        try:
            answer = await client.post(
                _endpoint(metadata, "token_endpoint"),
                data=form,
                auth=basic or httpx.USE_CLIENT_DEFAULT,
                headers={"Accept": "application/json"},
            )
            body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise _unreachable(f"the code could not be traded: {error!r}") from error
        if not isinstance(body, dict):
            raise _unreachable("its answer to the code is no JSON object")
        if answer.status_code != httpx.codes.OK:
            said = str(body.get("error", answer.status_code))[:100]
            raise ProviderError(ProviderProblem.REFUSED, f"the code was refused: {said}")
        return body

    async def _verified(
        self,
        client: httpx.AsyncClient,
        published: _Published,
        tokens: Mapping[str, Any],
        nonce: str,
    ) -> Mapping[str, Any]:
        """The claims of the ID token, once all about it is right."""
        raw = tokens.get("id_token")
        if not isinstance(raw, str):
            raise _unlike("there is no ID token")
        token = await self._decoded(client, published, raw)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": published.metadata["issuer"]},
                "aud": {"essential": True, "value": self.settings.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            params={
                "nonce": nonce,
                "client_id": self.settings.client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        try:
            claims.validate(now=int(self._wall()), leeway=LEEWAY_S)
        except JoseError as error:
            raise _unlike(f"the ID token is no good: {error}") from error
        subject = claims["sub"]
        if not subject or len(subject) > _SUBJECT_MAX:
            raise _unlike("the ID token names nobody")
        return dict(claims)

    async def _decoded(
        self, client: httpx.AsyncClient, published: _Published, raw: str
    ) -> jwt.Token:
        """An ID token with a good signature; new keys are fetched where none of the known fits."""
        keys = published.keys or await self._keys(client, published)
        for last in (False, True):
            try:
                return jwt.decode(raw, keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError) as error:
                age = self._steady() - published.keys_at
                if last or age < KEYS_AGAIN_S:
                    raise _unlike(f"the ID token is no good: {error}") from error
                keys = await self._keys(client, published)
        raise AssertionError  # the loop returns or raises

    async def _with_userinfo(
        self,
        client: httpx.AsyncClient,
        metadata: Mapping[str, Any],
        tokens: Mapping[str, Any],
        claims: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """The claims, with what the provider tells of this person when it is asked."""
        token = tokens.get("access_token")
        if "userinfo_endpoint" not in metadata or not isinstance(token, str):
            return claims
        more = await _get(client, _endpoint(metadata, "userinfo_endpoint"), token)
        if more.get("sub") != claims["sub"]:
            raise _unlike("what the provider tells is about somebody else")
        # What was signed wins.
        return {**more, **claims}


async def _get(client: httpx.AsyncClient, address: str, token: str = "") -> dict[str, Any]:
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        answer = await client.get(address, headers=headers)
        body = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _unreachable(f"{address}: {error!r}") from error
    if not isinstance(body, dict):
        raise _unreachable(f"{address}: no JSON object")
    return body


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    """An address that the provider publishes; encrypted, but on this very machine."""
    address = metadata.get(name)
    parts = urlsplit(address if isinstance(address, str) else "")
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return str(address)
    raise _unreachable(f"its {name} is no https address")


def _quoted(text: str) -> str:
    """A part of client_secret_basic (RFC 6749, 2.3.1)."""
    return quote_plus(text)


def _unlike(detail: str) -> ProviderError:
    return ProviderError(ProviderProblem.NOT_BELIEVED, detail)


def _unreachable(detail: str) -> ProviderError:
    return ProviderError(ProviderProblem.UNREACHABLE, detail)
