"""Sign-ins that were begun and not yet answered: each is answered once, by the same browser."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.oidc.provider import Asked
from api.signin import network_of
from monitor.core.clock import MINUTE, Ms

LASTS: Final[Ms] = 10 * MINUTE
"""How long somebody may take at the provider."""
KEPT: Final = 5_000
"""Begun sign-ins kept at most; the oldest go first."""
KEPT_OF_ONE: Final = 200
"""Of one address, behind which may be a whole office: nobody pushes all others out."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun; ``landing`` is the page that was asked for."""

    asked: Asked
    landing: str
    at: Ms
    address: str = ""


class Pending:
    """Begun sign-ins by the secret that their browser keeps in a cookie.

    Args:
        now: the monitor's clock (ms since the epoch).
    """

    def __init__(self, now: Callable[[], Ms]) -> None:
        self._now = now
        self._begun: dict[str, Begun] = {}

    def begin(self, redirect_uri: str, landing: str, address: str = "") -> tuple[str, Asked]:
        """Begin a sign-in from an address; the browser's secret, and what the provider is asked."""
        address = network_of(address)
        secret = secrets.token_urlsafe(32)
        asked = Asked(
            redirect_uri,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
        )
        theirs = [known for known, begun in self._begun.items() if begun.address == address]
        if len(theirs) >= KEPT_OF_ONE:
            del self._begun[theirs[0]]
        while len(self._begun) >= KEPT:
            del self._begun[next(iter(self._begun))]
        self._begun[secret] = Begun(asked, landing, self._now(), address)
        return secret, asked

    def take(self, secret: str, state: str) -> Begun | None:
        """The sign-in of this browser, if it is answered in time and for the first time."""
        begun = self._begun.pop(secret, None)
        if begun is None or not 0 <= self._now() - begun.at < LASTS:
            return None
        same = hmac.compare_digest(begun.asked.state.encode(), state.encode(errors="replace"))
        return begun if same else None
