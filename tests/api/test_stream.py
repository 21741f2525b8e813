"""The live stream over real sockets: who gets it, what comes, and who is let go."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api import serving as serving_module
from api.access import REMEMBERED
from api.routes import live
from api.schemas import Problem
from tests.api.conftest import PASSWORD, House, serving
from tests.api.test_live_hub import Board

PATH = "/api/v1/live/stream"


@pytest.fixture
async def server(house: House) -> AsyncIterator[str]:
    house.centre.connect()
    async with serving(house.services) as address:
        yield address


async def receive(connection: ClientConnection) -> str:
    async with asyncio.timeout(60):
        text = await connection.recv()
    assert isinstance(text, str)
    return text


async def session_cookie(address: str) -> str:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as client:
        response = await client.post("/api/v1/session", json={"name": "zoé", "password": PASSWORD})
        return response.headers["set-cookie"].partition(";")[0]


async def refusal(address: str, headers: dict[str, str]) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as caught:
        async with connect(f"ws://{address}{PATH}", additional_headers=headers):
            pass
    response = caught.value.response
    return response.status_code, Problem.model_validate_json(response.body or b"").error.code


async def test_a_token_opens_the_stream(house: House, server: str) -> None:
    board = Board()
    async with connect(f"ws://{server}{PATH}", additional_headers=house.token()) as stream:
        assert board.take(await receive(stream))["type"] == "snapshot"

        house.services.hub(house.centre.arrive("1.1"))
        board.take(await receive(stream))
        assert board.calls["lab:1.1"]["verdict"] == "pending"

        house.services.hub(house.centre.pass_time(60))
        board.take(await receive(stream))
        assert board.calls["lab:1.1"]["verdict"] == "breached"

        await stream.send('{"type":"resync"}')
        assert board.take(await receive(stream))["type"] == "snapshot"


async def test_a_session_opens_the_stream_from_our_own_page_only(server: str) -> None:
    cookie = {"Cookie": await session_cookie(server)}

    async with connect(
        f"ws://{server}{PATH}", additional_headers=cookie | {"Origin": f"http://{server}"}
    ) as stream:
        assert json.loads(await receive(stream))["type"] == "snapshot"
    assert await refusal(server, cookie) == (403, "other_origin")
    assert await refusal(server, cookie | {"Origin": "http://evil"}) == (403, "other_origin")


async def test_nobody_else_gets_it(server: str) -> None:
    assert await refusal(server, {}) == (401, "unauthenticated")
    assert await refusal(server, {"Authorization": "Bearer mnt_no"}) == (401, "unauthenticated")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"type":"other"}', "resync"])
async def test_what_means_nothing_is_passed_over(house: House, server: str, text: str) -> None:
    async with connect(f"ws://{server}{PATH}", additional_headers=house.token()) as stream:
        await receive(stream)

        await stream.send(text)
        await stream.send(b"\x00\xff")
        house.services.hub(house.centre.arrive("1.1"))

        assert json.loads(await receive(stream))["type"] == "delta"


async def test_one_who_leaves_is_forgotten(house: House, server: str) -> None:
    async with connect(f"ws://{server}{PATH}", additional_headers=house.token()) as stream:
        await receive(stream)
        assert house.services.hub.clients == 1

    await until(lambda: house.services.hub.clients == 0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def deaf_client(address: str, token: dict[str, str]) -> socket.socket:
    """A client that opens the stream and never reads: its buffers are as small as can be."""
    host, _, port = address.partition(":")
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    client.settimeout(10)
    client.connect((host, int(port)))
    client.sendall(
        f"GET {PATH} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Authorization: {token['Authorization']}\r\n\r\n".encode()
    )
    return client


async def test_one_who_never_reads_harms_nobody_and_is_let_go(
    house: House, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STALLED_S", 0.2)
    hub, token, board = house.services.hub, house.token(), Board()
    with contextlib.closing(await asyncio.to_thread(deaf_client, server, token)):
        await until(lambda: hub.clients == 1)
        async with connect(f"ws://{server}{PATH}", additional_headers=token) as stream:
            board.take(await receive(stream))
            number = 0
            while hub.clients == 2:  # the deaf one is still there
                number += 1
                for index in range(20):
                    hub(house.centre.arrive(f"{number}.{index}"))
                hub.flush()
                board.take(await receive(stream))

            assert hub.clients == 1
            assert len(board.calls) == number * 20


async def test_the_server_ends_while_clients_read(house: House) -> None:
    async with serving(house.services) as address:
        stream = await connect(f"ws://{address}{PATH}", additional_headers=house.token())
        await receive(stream)

    with pytest.raises(ConnectionClosed):
        await receive(stream)
    assert house.services.hub.clients == 0


# --- when access ends ---------------------------------------------------------------------------


async def test_signing_out_closes_the_streams_of_that_session_at_once(
    house: House, server: str
) -> None:
    ours = {"Cookie": await session_cookie(server), "Origin": f"http://{server}"}
    url = f"ws://{server}{PATH}"
    async with (
        connect(url, additional_headers=ours) as stream,
        connect(url, additional_headers=house.token()) as other,
    ):
        await receive(stream)
        await receive(other)
        async with httpx.AsyncClient(
            base_url=f"http://{server}", headers=ours, timeout=60
        ) as client:
            assert (await client.delete("/api/v1/session")).status_code == 204

        assert await closing_code(stream) == 1008
        house.services.hub(house.centre.arrive("1.1"))
        assert json.loads(await receive(other))["type"] == "delta"
    assert (await refusal(server, ours))[0] == 401


async def test_a_revoked_token_loses_its_stream_at_the_next_look(house: House, server: str) -> None:
    token, access = house.token(), house.services.access
    async with connect(f"ws://{server}{PATH}", additional_headers=token) as stream:
        await receive(stream)
        await access.recheck()
        assert house.services.hub.clients == 1

        house.services.accounts.revoke_token("test-viewer")
        house.centre.now += REMEMBERED
        await access.recheck()

        assert await closing_code(stream) == 1008
    await until(lambda: house.services.hub.clients == 0)


async def test_a_session_that_expires_loses_its_stream(house: House, server: str) -> None:
    ours = {"Cookie": await session_cookie(server), "Origin": f"http://{server}"}
    async with connect(f"ws://{server}{PATH}", additional_headers=ours) as stream:
        await receive(stream)

        house.centre.now += house.services.session_length
        await house.services.access.recheck()

        assert await closing_code(stream) == 1008


async def closing_code(stream: ClientConnection) -> int:
    """Read on until the server closes."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await receive(stream)
    assert stream.close_code is not None
    return stream.close_code


# --- many ---------------------------------------------------------------------------------------


async def test_two_hundred_pages_find_room(house: House, server: str) -> None:
    token, url = house.token(), f"ws://{server}{PATH}"
    async with contextlib.AsyncExitStack() as open_ones, httpx.AsyncClient(timeout=60) as client:
        for _ in range(200):
            await open_ones.enter_async_context(connect(url, additional_headers=token))

        assert house.services.hub.clients == 200
        assert (await client.get(f"http://{server}/healthz")).status_code == 200


async def test_there_is_a_bound_to_connections(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_module, "MAX_CONNECTIONS", 3)
    async with serving(house.services) as address, contextlib.AsyncExitStack() as open_ones:
        token, url = house.token(), f"ws://{address}{PATH}"
        for _ in range(2):
            await open_ones.enter_async_context(connect(url, additional_headers=token))
        async with httpx.AsyncClient(timeout=60) as client:
            assert (await client.get(f"http://{address}/healthz")).status_code == 503
