"""The WebSocket protocol of the server, hardened against readers that do not read."""

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

ABORT: Final = "minuteur.abort"
"""Key of the scope's extension that drops the connection without waiting for the client."""


class StreamProtocol(WebSocketsSansIOProtocol):
    """Lets a stream drop a client at once: closing would wait for it to read what was sent."""

    def handle_connect(self, event: Request) -> None:
        """Begin a connection; its scope says how to end it."""
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][ABORT] = self.transport.abort

    def keepalive_timeout(self) -> None:
        """Drop a client that does not answer pings."""
        super().keepalive_timeout()
        self.transport.abort()
