"""Downloads that take long: how many run at once, and how long a slow reader is waited for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Final

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from api.errors import ApiError

AT_ONCE: Final = 4
"""Each takes its share of the event loop, in which callers' deadlines run."""
OF_ONE: Final = 2
"""Of one account: nobody takes all."""
STALLED_S: Final = 60.0
"""A reader who takes nothing for so long has gone; else nobody else could export."""
RETRY_AFTER_S: Final = 30


class Exports:
    """Counts the downloads that run. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._running: Counter[str] = Counter()

    def begin(self, by: str) -> ExitStack:
        """Count one more from now on, until the context is left.

        Raises:
            ApiError: 429, with ``Retry-After``.
        """
        if self._running[by] >= OF_ONE or self._running.total() >= AT_ONCE:
            raise ApiError(
                429,
                "busy",
                "Other exports are running: try again when one of them is done.",
                headers={"Retry-After": str(RETRY_AFTER_S)},
            )
        self._running[by] += 1
        running = ExitStack()
        running.callback(self._running.subtract, (by,))
        return running


class Download(StreamingResponse):
    """A CSV file that is made while it is taken; ``running`` is left when it ends, however."""

    media_type = "text/csv"

    def __init__(self, content: AsyncIterator[bytes], name: str, running: ExitStack) -> None:
        super().__init__(
            content,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )
        self._running = running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, part by part."""

        async def patiently(message: Message) -> None:
            async with asyncio.timeout(STALLED_S):
                await send(message)

        with self._running:
            await super().__call__(scope, receive, patiently)
