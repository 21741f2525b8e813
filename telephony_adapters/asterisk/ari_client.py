"""Asking Asterisk's REST interface and opening its stream of events, and saying why that fails."""

import asyncio
import base64
import contextlib
import logging
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from telephony_adapters.asterisk.ami_login import REFUSED_RETRY, LinkError

log = logging.getLogger(__name__)

REQUEST_TIMEOUT: Final = 10.0
"""Seconds for a connection, and for each answer but the list of channels."""
LISTING_TIMEOUT: Final = 60.0
"""Seconds for the list of all channels."""
PING_INTERVAL: Final = 10.0
PING_TIMEOUT: Final = 10.0
MAX_MESSAGE: Final = 1024 * 1024
"""Bytes of the longest event that is taken; real ones have one or two thousand."""
MAX_LISTING: Final = 64 * 1024 * 1024
"""Bytes of the longest list of channels: some 600 are needed for each channel."""
MAX_WAITING: Final = 256
"""Events that may wait for us before the connection is no longer read."""

ALL_CHANNELS: Final = "__AST_CHANNEL_ALL_TOPIC"
"""What Asterisk lists as the channel of an application that subscribed to all of them."""

# The websocket's own log holds all headers, the password among them.
_wire = logging.getLogger(f"{__name__}.wire")
_wire.setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class AriSettings:
    """One PBX's REST interface and our account there. All spans are in seconds."""

    name: str
    url: str
    username: str
    password: str = field(repr=False)
    app: str
    request_timeout: float = REQUEST_TIMEOUT
    listing_timeout: float = LISTING_TIMEOUT
    ping_interval: float = PING_INTERVAL
    ping_timeout: float = PING_TIMEOUT
    refused_retry: float = REFUSED_RETRY

    @property
    def where(self) -> str:
        """The PBX and the address, for people."""
        host, port = address_of(self.url)
        return f"ARI of the PBX {self.name} at {host}:{port}"


def address_of(url: str) -> tuple[str, int]:
    """Return the host and the port of an ``http`` or ``https`` URL."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


class AriClient:
    """Our account's requests and stream; every failure is a ``LinkError`` with a plain sentence."""

    def __init__(self, settings: AriSettings) -> None:
        self._settings = settings
        secure = settings.url.startswith("https")
        # The system's authorities, for both; reading them takes some ms, so only where needed.
        self._tls = ssl.create_default_context() if secure else None
        self._http = httpx.AsyncClient(
            auth=(settings.username, settings.password),
            verify=self._tls or False,
            timeout=settings.request_timeout,
            trust_env=False,  # a proxy of this machine's user does not lead to the PBX
        )

    async def close(self) -> None:
        """Close what is open."""
        await self._http.aclose()

    async def check_app(self) -> None:
        """Make sure that nobody's calls are in our application.

        The last websocket with an application's name gets its calls: ours would take them away.
        """
        answer = await self._get(f"/applications/{self._settings.app}", may_lack=True)
        if answer is None:
            return
        channels = answer.get("channel_ids") if isinstance(answer, dict) else None
        if not isinstance(channels, list) or ALL_CHANNELS not in channels:
            app = self._settings.app
            raise LinkError(
                f"The Stasis application {app} of the PBX {self._settings.name} is another "
                "program's, whose calls we would take away: set app in [pbx.ari] to a name that "
                "nothing else uses.",
                refused=True,
            )

    async def channels(self) -> list[Any]:
        """Return all channels, as ARI lists them."""
        answer = await self._get("/channels", within=self._settings.listing_timeout)
        if not isinstance(answer, list):
            raise LinkError(f"The {self._settings.where} lists its channels in an unknown form.")
        return answer

    async def allow(self, types: Iterable[str]) -> None:
        """Ask for events of these types only; without it all come, and we drop the rest."""
        body = {"allowed": [{"type": name} for name in types]}
        path = f"/applications/{self._settings.app}/eventFilter"
        with self._explained():
            answer = await self._http.put(self._settings.url + path, json=body)
        if answer.is_error:
            log.info(
                "The %s sends all events: it takes no event filter (%d)",
                self._settings.where,
                answer.status_code,
            )

    @contextlib.asynccontextmanager
    async def events(self) -> AsyncIterator[ClientConnection]:
        """Open the stream of all events; it is cut, not closed politely, at the end."""
        settings = self._settings
        account = f"{settings.username}:{settings.password}".encode()
        connecting = connect_websocket(
            f"ws{settings.url.removeprefix('http')}/events?app={settings.app}&subscribeAll=true",
            # In the URL, as api_key, it would stand in the logs of every server on the way.
            additional_headers={"Authorization": f"Basic {base64.b64encode(account).decode()}"},
            user_agent_header="Minuteur",
            proxy=None,
            compression=None,
            open_timeout=settings.request_timeout,
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
            close_timeout=1,  # no farewell is worth waiting for
            max_size=MAX_MESSAGE,
            max_queue=MAX_WAITING,
            logger=_wire,
            ssl=self._tls,
        )
        with self._explained():
            websocket = await connecting.__aenter__()
        try:
            yield websocket
        finally:
            websocket.transport.abort()
            await connecting.__aexit__(None, None, None)

    async def _get(self, path: str, *, may_lack: bool = False, within: float | None = None) -> Any:  # noqa: ANN401 - JSON
        """Ask for something; None where there is none and that is no mistake."""
        settings = self._settings
        data = bytearray()
        with self._explained():
            async with (
                asyncio.timeout(within or settings.request_timeout),
                self._http.stream("GET", settings.url + path) as answer,
            ):
                async for piece in answer.aiter_bytes():
                    data += piece
                    if len(data) > MAX_LISTING:
                        raise LinkError(f"The {settings.where} answers without end.")
        found = _json(data)
        if answer.is_success and found is not None:
            return found
        # ARI says in JSON that there is no such thing; a page of HTML says that there is no ARI.
        if may_lack and answer.status_code == httpx.codes.NOT_FOUND and _told_by_ari(found):
            return None
        raise self._refusal(answer.status_code)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        settings = self._settings
        try:
            yield
        except InvalidStatus as error:
            raise self._refusal(error.response.status_code) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise LinkError(
                f"The {settings.where} does not answer within {settings.request_timeout:g} s. "
                "Check url in [pbx.ari] and the firewall."
            ) from error
        except (InvalidHandshake, WebSocketException, httpx.ProtocolError) as error:
            raise LinkError(
                f"What listens for the {settings.where} is no Asterisk. Check url in [pbx.ari]."
            ) from error
        except (OSError, httpx.TransportError) as error:
            raise LinkError(
                f"Cannot reach the {settings.where} ({_reason(error)}). Check url in [pbx.ari], "
                "and enabled, bindaddr and bindport in http.conf."
            ) from error

    def _refusal(self, status: int) -> LinkError:
        settings = self._settings
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return LinkError(
                f"The {settings.where} refuses the account {settings.username}. Check username "
                "and password in [pbx.ari], and the user in ari.conf.",
                refused=True,
            )
        return LinkError(
            f"There is no {settings.where} (HTTP {status}). Check that url in [pbx.ari] ends in "
            "/ari, enabled = yes in ari.conf, and that the modules res_ari_events, "
            "res_ari_channels and res_ari_applications are loaded."
        )


def _json(data: bytes | bytearray) -> Any:  # noqa: ANN401 - JSON
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def _told_by_ari(answer: object) -> bool:
    return isinstance(answer, dict) and answer.get("message") == "Application not found"


def _reason(error: BaseException) -> str:
    """Say in few words why a connection failed; the system's words lie below httpx's own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"no TLS: {cause.reason or cause}"
        if isinstance(cause, OSError) and cause.errno:
            known = not isinstance(cause, socket.gaierror) and cause.errno > 0
            return os.strerror(cause.errno) if known else str(cause.strerror)
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__
