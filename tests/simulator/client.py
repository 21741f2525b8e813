"""A small AMI client for the simulator's tests; shares no code with the product's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Self

from tests.asterisk_lab.ami import Message, parse_message

WITHIN = 60.0
"""No test waits longer (seconds); then something hangs."""


class Client:
    """One AMI connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.banner = b""
        self.events: list[Message] = []
        """All events so far that answer no action."""
        self._count = 0

    @classmethod
    async def open(cls, port: int) -> Self:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        client = cls(reader, writer)
        client.banner = await asyncio.wait_for(reader.readline(), WITHIN)
        return client

    async def login(self, events: str = "on", **fields: str) -> Message:
        fields = {"Username": "minuteur", "Secret": "minuteur", **fields}
        return await self.ask("Login", Events=events, **fields)

    def send(self, action: str, **fields: str) -> str:
        self._count += 1
        action_id = f"t-{self._count}"
        headers = {"Action": action, "ActionID": action_id, **fields}
        text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.writer.write(f"{text}\r\n".encode())
        return action_id

    async def read(self) -> Message:
        frame = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), WITHIN)
        message = parse_message(frame.removesuffix(b"\r\n\r\n"))
        if "Event" in message and "ActionID" not in message:
            self.events.append(message)
        return message

    async def until(self, is_it: Callable[[Message], bool]) -> Message:
        while not is_it(message := await self.read()):
            pass
        return message

    async def ask(self, action: str, **fields: str) -> Message:
        action_id = self.send(action, **fields)
        return await self.until(lambda m: "Response" in m and m.get("ActionID") == action_id)

    async def listing(self, action: str, **fields: str) -> list[Message]:
        action_id = self.send(action, **fields)
        items: list[Message] = []
        while True:
            message = await self.read()
            if message.get("ActionID") != action_id:
                continue
            if message.get("EventList") == "Complete":
                assert message["ListItems"] == str(len(items))
                return items
            if "Event" in message:
                items.append(message)
            assert message.get("Response", "Success") == "Success"

    async def drain(self) -> list[Message]:
        """Read all that was sent so far, and return all events until now."""
        await self.ask("Ping")
        return self.events

    async def rest(self) -> bytes:
        """Read until the other side closes."""
        return await asyncio.wait_for(self.reader.read(), WITHIN)

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    client = await Client.open(port)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def logged_in(port: int, events: str = "on") -> AsyncIterator[Client]:
    async with connected(port) as client:
        answer = await client.login(events)
        assert answer["Message"] == "Authentication accepted"
        yield client


def names(messages: list[Message]) -> list[str]:
    return [message["Event"] for message in messages]
