"""A bound on what a request may bring: nobody fills the memory, signed in or not."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError

MAX_BODY: Final = 64 * 1024
"""Bytes; what our forms send is far less."""
MAX_IMPORT: Final = 2 * 1024 * 1024
"""Bytes of an import: all settings as one text."""
IMPORTS: Final = "/settings/import"
_DIGITS: Final = 18


class BodyLimit:
    """Refuses bodies that are too large: as announced, else as soon as they prove to be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MAX_IMPORT if scope["path"].endswith(IMPORTS) else MAX_BODY
        if _announced(Headers(scope=scope)) > most:
            error = ApiError(
                413,
                "too_large",
                f"The body of a request may have {most // 1024} KB at most.",
                headers={"Connection": "close"},
            )
            await error.answer()(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self._app(scope, counted, send)


def _announced(headers: Headers) -> int:
    """The announced length of a body; 0 where there is none, or none that can be read."""
    length = headers.get("content-length", "")
    return int(length[:_DIGITS]) if length.isdecimal() else 0
