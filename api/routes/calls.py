"""The record, call by call."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import examples, views
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.call_list import Request, with_live
from api.errors import ApiError, bad_field, documented
from api.parameters import From, PbxName, QueueName, To, VerdictParam, check_range
from api.reading import read
from api.schemas import CallDetailOut, CallPage
from api.visibility import scope_of
from monitor.core.records import Verdict
from monitor.history.call_cursor import Cursor
from monitor.history.queries import CallFilter

router = APIRouter(tags=["calls"])

Caller = Annotated[str | None, Query(description="Only of this caller's number", max_length=100)]
Agent = Annotated[str | None, Query(description="Only taken by this agent", max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200, description="How many calls")]
CursorText = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before")
]
CallId = Annotated[str, Path(description="`pbx:uniqueid`", examples=["lab:1763718067.42"])]


@router.get(
    "/calls",
    response_model=CallPage,
    responses=documented(401, 403, 422, 503) | examples.answer(examples.call_page()),
)
async def list_calls(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
    verdict: VerdictParam = None,
    caller: Caller = None,
    agent: Agent = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Json:
    """Calls by arrival, newest first, live ones included; all filters apply together."""
    check_range(since, to)
    scope = scope_of(account)
    scope.check_number(caller)
    wanted = CallFilter(
        since=since,
        until=to,
        pbx=pbx,
        queue=queue,
        verdict=None if verdict is None else Verdict(verdict),
        caller=caller,
        agent=agent,
        queues=scope.queues,
    )
    asked = Request(wanted, limit, _after(cursor))
    stored = await read(services.history.calls, wanted, limit=limit, cursor=cursor)
    page = with_live(stored, services.monitor.engine.snapshot().calls, asked)
    items = [scope.call(views.call(call)) for call in page.calls if scope.sees_call(call)]
    return Json({"items": items, "next_cursor": page.next_cursor})


@router.get(
    "/calls/{call_id}",
    response_model=CallDetailOut,
    responses=documented(401, 404, 422, 503) | examples.answer(examples.call_detail()),
)
async def one_call(services: ServicesDep, account: Viewer, call_id: CallId) -> Json:
    """One call with every fact in order."""
    call = services.monitor.engine.call(call_id)
    if call is None:
        call = await read(services.history.call, call_id)
    scope = scope_of(account)
    if call is None or not scope.sees_call(call):
        raise ApiError(404, "not_found", f"No call has the id {call_id[:100]}.")
    return Json(scope.call(views.call_detail(call)))


def _after(cursor: str | None) -> Cursor | None:
    if cursor is None:
        return None
    try:
        return Cursor.decode(cursor)
    except ValueError as error:
        raise bad_field("cursor", str(error).removeprefix("cursor ")) from None
