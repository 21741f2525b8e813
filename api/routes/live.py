"""The live page's data: one snapshot, or a stream of changes."""

import asyncio
import json
from typing import Any

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from api import examples
from api.answers import Json
from api.auth import ServicesDep, Viewer, authenticate, services_of
from api.errors import ApiError, documented
from api.live import STALLED_S, Client
from api.schemas import Snapshot
from api.stream import ABORT
from api.visibility import scope_of

router = APIRouter(tags=["live"])


@router.get(
    "/live",
    response_model=Snapshot,
    responses=documented(401, 503) | examples.answer(examples.snapshot()),
)
async def live(services: ServicesDep, account: Viewer) -> Json:
    """All that is live: callers, queues, agents, links with PBXs, and today's figures."""
    return Json(services.hub.snapshot(scope_of(account)).encode())


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
    cookie the `Origin` must be Minuteur's own.
    """
    raise ApiError(
        426, "upgrade_required", "Open a WebSocket here.", headers={"Upgrade": "websocket"}
    )


@router.websocket("/live/stream")
async def live_stream(websocket: WebSocket) -> None:
    """Feed one client until it leaves."""
    try:
        account = await authenticate(websocket)
    except ApiError as error:
        await websocket.send_denial_response(error.answer())
        return
    await websocket.accept()
    hub = services_of(websocket).hub
    client = hub.join(scope_of(account))
    listener = asyncio.create_task(_listen(websocket, client))
    speaker = asyncio.create_task(_speak(websocket, client))
    try:
        await asyncio.wait((listener, speaker), return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(client)
        for task in (listener, speaker):
            task.cancel()
        ends = await asyncio.gather(listener, speaker, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


async def _speak(websocket: WebSocket, client: Client) -> None:
    """Send what is queued, as fast as the client takes it; end one that takes nothing."""
    try:
        while True:
            message = await client.next()
            async with asyncio.timeout(STALLED_S):
                await websocket.send_text(message)
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
