"""Headers that keep a browser from doing what the page never asks for."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' {style}; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": API_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS: Final = "max-age=31536000"
_RAW: Final = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
_RAW_HTTPS: Final = [*_RAW, (b"strict-transport-security", _HSTS.encode())]
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class SecurityHeaders:
    """Adds the headers to every answer that does not bring its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                wanted = _RAW_HTTPS if scope["scheme"] == "https" else _RAW
                brought = {name for name, _ in message["headers"]}
                added = [header for header in wanted if header[0] not in brought]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, add)


def same_origin(headers: Headers, allowed_origins: frozenset[str]) -> bool | None:
    """Whether a browser says that one of our own pages asks; None when it says nothing.

    Hosts are compared, not schemes: behind a proxy that ends TLS we cannot know ours.
    """
    origin = headers.get("origin")
    if origin is not None:
        ours = f"{origin.partition('://')[0]}://{headers.get('host', '')}"
        theirs = _host(origin)
        allowed = origin.rstrip("/") in allowed_origins
        return allowed or (theirs is not None and theirs == _host(ours))
    site = headers.get("sec-fetch-site")
    return None if site is None else site == "same-origin"


def _host(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
