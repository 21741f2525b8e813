"""Noting until when each PBX was observed, so that a crash leaves a gap that begins there."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final, Protocol

from sqlalchemy.exc import SQLAlchemyError

from monitor.core.clock import Ms
from monitor.history.database import History
from monitor.history.observed import mark_observed
from monitor.runtime import Monitor

EVERY_S: Final = 5.0
"""After a crash a gap begins at most so much too early, and never too late."""


class Link(Protocol):
    """Who watches one PBX."""

    @property
    def observed_until(self) -> Ms | None:
        """Up to when nothing can have been missed (ms, the PBX's clock); None while blind."""


class Writer(Protocol):
    """Who stores the record."""

    async def flush(self) -> None:
        """Wait until all that was noted so far is stored."""


async def keep_observed(
    links: Mapping[str, Link], monitor: Monitor, writer: Writer, history: History
) -> None:
    """Store the marks every few seconds, until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        # A database that fails is told of by the writer; the next mark makes up for this one.
        with contextlib.suppress(SQLAlchemyError):
            await mark(links, monitor, writer, history)


async def mark(
    links: Mapping[str, Link], monitor: Monitor, writer: Writer, history: History
) -> None:
    """Store until when each PBX was observed.

    First comes all that was seen up to then: a mark ahead of the record would turn what a crash
    loses into something that never happened.

    Raises:
        SQLAlchemyError: the database cannot be used now.
    """
    moments = {name: link.observed_until for name, link in links.items()}
    until = {name: moment for name, moment in moments.items() if moment is not None}
    while monitor.backlog:  # noqa: ASYNC110 - it is worked off a batch at a time
        await asyncio.sleep(0)
    await writer.flush()
    await asyncio.to_thread(mark_observed, history, until)
