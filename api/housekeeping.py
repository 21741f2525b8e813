"""Work beside the event loop that ends before the database is closed."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def beside(work: Callable[[], T], stop: Callable[[], None] = lambda: None) -> T:
    """Do blocking work in a thread; when cancelled, wait for its end all the same.

    Args:
        work: what to do.
        stop: called when cancelled, so that the work ends at its next pause.

    Raises:
        asyncio.CancelledError: once the work is over.
    """
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop()
        await task
        raise
