"""Reading the record from a route: in a thread, with a plain answer when it cannot be read."""

import asyncio
import functools
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from api.errors import ApiError
from monitor.history.errors import HistoryError

log = logging.getLogger("minuteur.api")

P = ParamSpec("P")
T = TypeVar("T")


async def read(method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a blocking method of the history or the accounts in a thread.

    Raises:
        ApiError: 503 when the database cannot be used now.
    """
    return await read_in(None, method, *args, **kwargs)


async def read_in(
    executor: Executor | None, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Like :func:`read`, in a thread of ``executor``; None means the event loop's own."""
    call = functools.partial(method, *args, **kwargs)
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, call)
    except (SQLAlchemyError, HistoryError) as error:
        log.error("The record cannot be read: %s", error)  # noqa: TRY400 - one line is enough
        raise ApiError(
            503,
            "history_unavailable",
            "The record cannot be read now; /readyz says more. Try again in a moment.",
            headers={"Retry-After": "5"},
        ) from error
