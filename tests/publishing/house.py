"""An outbox on a real database, and messages put into it by hand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from monitor.core.clock import Ms
from monitor.history.backlog import Backlog
from monitor.history.database import History, open_history
from monitor.history.messages import OutboxMessage, StoredMessage
from monitor.history.outbox import Outbox
from monitor.history.store import Store
from monitor.publishing import Publishing, Sink

NOW: Ms = 1_763_718_067_382


class House:
    """A database with an outbox."""

    def __init__(self, path: Path) -> None:
        self.history: History = open_history(f"sqlite:///{path}")
        self.outbox = Outbox(self.history, now=lambda: NOW)
        self.store = Store(self.history)
        self.on_stored: Callable[[], None] = lambda: None

    def put(self, *messages: OutboxMessage) -> None:
        """Store messages, as the writer of the record does."""
        backlog = Backlog()
        backlog.send(messages, NOW)
        while backlog:
            assert self.store.write(backlog.take(1_000)) == []
        self.on_stored()

    def close(self) -> None:
        self.history.close()


def message(number: int, call: str = "lab:1", event: str = "verdict") -> OutboxMessage:
    """A message of a call."""
    id_ = f"{call}:{event}:{number}"
    payload = {"v": 1, "id": id_, "event": event, "n": number}
    return OutboxMessage(id_, f"lab/calls/{event}", call, NOW, orjson.dumps(payload).decode())


def as_is(stored: StoredMessage) -> bytes:
    """What is sent of a message where nothing is masked."""
    return stored.payload.encode()


@contextlib.asynccontextmanager
async def published(house: House, *sinks: Sink) -> AsyncIterator[Publishing]:
    """The sinks run."""
    publishing = Publishing(house.outbox, sinks, confirm_every=0.02)
    house.outbox.register(publishing.sinks)
    house.on_stored = publishing.on_stored
    task = asyncio.create_task(publishing.run())
    try:
        yield publishing
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], Any], within: float = 30) -> None:
    """Look again and again, while the sinks run."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def ids(payloads: Sequence[bytes]) -> list[str]:
    return [orjson.loads(payload)["id"] for payload in payloads]
