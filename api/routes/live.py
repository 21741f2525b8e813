"""The live page's data: one snapshot, or a stream of changes."""

import asyncio
import contextlib
import json
from collections.abc import Coroutine, Iterator
from typing import Any

from fastapi import APIRouter, status
from starlette.websockets import WebSocket, WebSocketDisconnect

from api import examples
from api.answers import Json
from api.auth import Screen, ServicesDep, identify, services_of
from api.errors import ApiError, documented
from api.live_client import STALLED_S, Client
from api.live_schemas import Snapshot
from api.stream import ABORT, WIRE
from api.visibility import scope_of

router = APIRouter(tags=["live"])

_ENDED = "The session has ended, or its account has changed."


@router.get(
    "/live",
    response_model=Snapshot,
    responses=documented(401, 503) | examples.answer(examples.snapshot()),
)
async def live(services: ServicesDep, account: Screen) -> Json:
    """All that is live: callers, queues, agents, links with PBXs, and today's figures."""
    scope = scope_of(account)
    await services.hub.prepare(scope)
    return Json(services.hub.snapshot(scope).encode())


@router.get(
    "/live/stream",
    status_code=101,
    response_description="The stream: a `Snapshot`, then `Delta` and `Heartbeat` messages",
    responses=documented(401, 403, 426),
    response_class=Json,
    summary="Live stream (WebSocket)",
)
async def live_stream_needs_websocket() -> Json:
    """Open a WebSocket here.

    The server sends JSON texts (`LiveMessage`): first a snapshot, then deltas whose `seq` grows by
    one each, and heartbeats every two seconds when nothing else is sent. A client that sees a gap,
    or starts to doubt, sends `{"type": "resync"}` (`Resync`) and gets a snapshot. With a session
    cookie the `Origin` must be Minuteur's own. When the session ends, the token is revoked, or the
    account may see something else from now on, the stream is closed with the code 1008.
    """
    raise ApiError(
        426, "upgrade_required", "Open a WebSocket here.", headers={"Upgrade": "websocket"}
    )


@router.websocket("/live/stream")
async def live_stream(websocket: WebSocket) -> None:
    """Feed one client until it leaves."""
    try:
        account, credential = await identify(websocket)
    except ApiError as error:
        await websocket.send_denial_response(error.answer())
        return
    services = services_of(websocket)
    with services.access.watch(credential, account) as ended:
        await websocket.accept()
        scope = scope_of(account)
        await services.hub.prepare(scope)
        client = services.hub.join(scope, websocket.scope.get("extensions", {}).get(WIRE))
        try:
            await _first_of(
                _listen(websocket, client), _speak(websocket, client), _leave(websocket, ended)
            )
        finally:
            services.hub.leave(client)


async def _first_of(*parts: Coroutine[Any, Any, None]) -> None:
    """Run all until one has done its part; a failure of any is raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def _leave(websocket: WebSocket, ended: asyncio.Event) -> None:
    """Close the stream when its session or token has ended."""
    await ended.wait()
    with _giving_up(websocket):
        async with asyncio.timeout(STALLED_S):
            await websocket.close(status.WS_1008_POLICY_VIOLATION, _ENDED)


async def _speak(websocket: WebSocket, client: Client) -> None:
    """Send what is queued, as fast as the client takes it; end one that takes nothing."""

    async def send(text: str) -> None:
        async with asyncio.timeout(STALLED_S):
            await websocket.send_text(text)

    with _giving_up(websocket):
        while True:
            await client.send(send)


@contextlib.contextmanager
def _giving_up(websocket: WebSocket) -> Iterator[None]:
    """Take it that the client left, or takes nothing any more."""
    try:
        yield
    except WebSocketDisconnect:
        return
    except TimeoutError:
        # Closing politely would wait behind what it does not read.
        abort = websocket.scope.get("extensions", {}).get(ABORT)
        if abort is not None:
            abort()


async def _listen(websocket: WebSocket, client: Client) -> None:
    """Take the client's messages until it leaves; the only one that means anything is resync."""
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if _asks_for_resync(message.get("text") or ""):
            client.resync()


def _asks_for_resync(text: str) -> bool:
    try:
        message: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(message, dict) and message.get("type") == "resync"
