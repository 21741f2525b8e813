"""One webhook request: signed, no redirect followed, nothing of the answer kept but its status.

The signature is HMAC-SHA256 over ``timestamp.body`` with the webhook's secret, so a receiver knows
who sent it, that nobody changed it, and when: ``docs/webhooks.md`` shows how to verify it.
"""

import asyncio
import hashlib
import hmac
import ssl
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

import httpx

from monitor.core.clock import SECOND, Ms

ID_HEADER: Final = "Minuteur-Id"
TIMESTAMP_HEADER: Final = "Minuteur-Timestamp"
SIGNATURE_HEADER: Final = "Minuteur-Signature"

MAX_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read (and thrown away), so that its connection can be used again."""
MAX_RETRY_AFTER_S: Final = 300.0
AT_ONCE: Final = 8
"""Requests at the same time."""
_TRY_AGAIN: Final = frozenset({408, 425, 429})
_SUCCESS: Final = range(200, 300)
_SERVER_ERRORS: Final = range(500, 600)


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that gets messages; ``events`` are patterns. URL and secret are never shown."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    events: tuple[str, ...] = ("*",)
    timeout: float = 10.0

    @property
    def where(self) -> str:
        """The address as people may see it: without what may be a key."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{host}{port}/…"

    def wants(self, event: str) -> bool:
        """Whether this kind of event is to be sent."""
        return any(fnmatchcase(event, pattern) for pattern in self.events)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The signature header's value."""
    signed = f"{timestamp}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Result(Enum):
    """What came of a request."""

    TAKEN = "taken"
    LATER = "later"
    """The receiver failed at it, or did not answer: it may take it later."""
    UNREACHABLE = "unreachable"
    """There is nobody to ask; no message is to blame."""
    REFUSED = "refused"
    """The receiver will not take this message, however often it is sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request, in words; ``retry_after``: seconds that the receiver asks for."""

    result: Result
    words: str = ""
    retry_after: float = 0.0


class Poster:
    """Posts to one webhook. Made in a thread: it reads the authorities of the system."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        secure = hook.url.lower().startswith("https")
        self._http = httpx.AsyncClient(
            verify=ssl.create_default_context() if secure else False,
            timeout=hook.timeout,
            limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE),
            follow_redirects=False,  # a receiver does not decide where callers' data goes
            trust_env=False,
            headers={"User-Agent": "Minuteur", "Content-Type": "application/json"},
        )

    async def close(self) -> None:
        """Close what is open."""
        await self._http.aclose()

    async def post(self, id_: str, body: bytes, now: Ms) -> Outcome:
        """Send one message, once."""
        timestamp = now // SECOND
        headers = {
            ID_HEADER: _ascii(id_),
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: signature(self._hook.secret, timestamp, body),
        }
        late = Outcome(Result.LATER, f"no answer within {self._hook.timeout:g} s")
        try:
            async with asyncio.timeout(self._hook.timeout):
                return await self._ask(body, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            return Outcome(Result.UNREACHABLE, f"it cannot be reached ({_cause(error)})")
        except (TimeoutError, httpx.TimeoutException):
            return late
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome(Result.LATER, f"the connection broke ({type(error).__name__})")

    async def _ask(self, body: bytes, headers: dict[str, str]) -> Outcome:
        request = self._http.stream("POST", self._hook.url, content=body, headers=headers)
        async with request as answer:
            outcome = _outcome(answer)
            read = 0
            async for chunk in answer.aiter_raw():
                read += len(chunk)
                if read > MAX_ANSWER:
                    break
            return outcome


def _outcome(answer: httpx.Response) -> Outcome:
    status = answer.status_code
    if status in _SUCCESS:
        return Outcome(Result.TAKEN)
    words = f"it answers {status}"
    if status in _TRY_AGAIN or status in _SERVER_ERRORS:
        return Outcome(Result.LATER, words, _retry_after(answer))
    if answer.has_redirect_location:
        words += ", a redirect, which is not followed"
    return Outcome(Result.REFUSED, words)


def _retry_after(answer: httpx.Response) -> float:
    """How long the receiver asks us to wait (s); a date is not read, our own pause will do."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), MAX_RETRY_AFTER_S) if said.isascii() and said.isdigit() else 0.0


def _ascii(id_: str) -> str:
    """An id as a header's value: other characters than ASCII's would be read differently."""
    return id_.encode("ascii", "backslashreplace").decode().replace("\r", "").replace("\n", "")


def _cause(error: BaseException) -> str:
    """Few words on why a connection could not be made; they lie below httpx's own."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            return f"its certificate is not believed: {found.verify_message}"
        if isinstance(found, OSError) and found.strerror:
            return found.strerror
        found = found.__cause__ or found.__context__
    return type(error).__name__
