"""The WebSocket protocol of the server, hardened against readers that do not read."""

import struct
from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

ABORT: Final = "minuteur.abort"
"""Key of the scope's extension that drops the connection without waiting for the client."""


WIRE: Final = "minuteur.wire"
"""Key of the scope's extension that writes a frame at once: :meth:`StreamProtocol.put`."""


def text_frame(text: str) -> bytes:
    """A text message as one whole frame, as a server sends it (RFC 6455, 5.2): not masked."""
    payload = text.encode()
    size = len(payload)
    if size < 126:  # noqa: PLR2004 - the RFC's own numbers
        head = struct.pack("!BB", 0x81, size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", 0x81, 126, size)
    else:
        head = struct.pack("!BBQ", 0x81, 127, size)
    return head + payload


class StreamProtocol(WebSocketsSansIOProtocol):
    """Lets a stream drop a client at once: closing would wait for it to read what was sent."""

    def handle_connect(self, event: Request) -> None:
        """Begin a connection; its scope says how to end it."""
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][ABORT] = self.transport.abort
            scope["extensions"][WIRE] = self.put

    def put(self, frame: bytes) -> bool:
        """Write a whole frame now, which many clients get; nothing is compressed here.

        The application's own way makes the frame anew for each client, and waits for each in a
        task: ten times the cost.

        Returns:
            False, and nothing is written, where the client has much to read still, or is leaving.
        """
        if not self.writable.is_set() or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def keepalive_timeout(self) -> None:
        """Drop a client that does not answer pings."""
        super().keepalive_timeout()
        self.transport.abort()
