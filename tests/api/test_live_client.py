"""One client of the stream: written to at once while it keeps up, and never out of order."""

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from api.live_client import QUEUE_LIMIT, Client, Message
from api.stream import text_frame
from api.visibility import Scope


class Wire:
    """What the server writes to a client; ``full``: the client has much to read still."""

    def __init__(self) -> None:
        self.full = False
        self.written: list[str] = []
        self.drained = asyncio.Event()

    def put(self, frame: bytes) -> bool:
        if not self.full:
            self.written.append(frame[2:].decode())
        return not self.full

    async def slowly(self, text: str) -> None:
        await self.drained.wait()
        self.written.append(text)


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def client(wire: Wire) -> Client:
    """A client that has had its snapshot."""
    client = Client(Scope(), lambda _: Message("snapshot"), wire.put)
    await client.send(wire.slowly)
    return client


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_is_what_the_protocol_says(size: int) -> None:
    text = "é" * (size // 2) + "x" * (size % 2)
    frame = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
    assert text_frame(text) == frame


async def test_one_who_keeps_up_is_written_to_at_once(wire: Wire, client: Client) -> None:
    waiting = asyncio.create_task(client.send(wire.slowly))
    await asyncio.sleep(0)
    client.offer(Message("1"))
    client.offer(Message("2"))
    assert wire.written == ["snapshot", "1", "2"]
    waiting.cancel()


async def test_nothing_overtakes_what_has_to_wait(wire: Wire, client: Client) -> None:
    wire.full = True
    client.offer(Message("1"))
    sending = asyncio.create_task(client.send(wire.slowly))
    await asyncio.sleep(0)  # it has taken the first, and waits for the client
    wire.full = False
    client.offer(Message("2"))
    client.offer(Message("3"))
    assert wire.written == ["snapshot"]

    wire.drained.set()
    await sending
    assert wire.written == ["snapshot", "1"]
    await client.send(wire.slowly)
    await client.send(wire.slowly)
    last = asyncio.create_task(client.send(wire.slowly))
    await asyncio.sleep(0)
    client.offer(Message("4"))
    assert wire.written == ["snapshot", "1", "2", "3", "4"]
    last.cancel()


async def test_one_who_does_not_read_gets_a_snapshot_instead_of_all_that_was(
    wire: Wire, client: Client
) -> None:
    wire.full = True
    for number in range(QUEUE_LIMIT + 5):
        client.offer(Message(str(number)))
    assert client.lagging
    wire.full = False
    await client.send(wire.slowly)
    assert wire.written == ["snapshot", "snapshot"]


def test_a_message_is_framed_once() -> None:
    message = Message("delta")
    assert message.frame is message.frame
