"""The record, call by call."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import StreamingResponse

from api import call_export, examples, views
from api.answers import Json
from api.auth import ServicesDep, Viewer, ViewerActs
from api.call_asking import Asked, AskedCalls
from api.call_list import Request, with_live
from api.errors import ApiError, bad_field, documented
from api.exports import Download
from api.parameters import CursorText, Limit
from api.reading import read
from api.schemas import CallCount, CallDetailOut, CallPage
from api.services import Services
from api.visibility import Scope, scope_of
from monitor.core.records import BlindInterval, Call
from monitor.history.audit import AuditEntry
from monitor.history.call_cursor import Cursor
from monitor.history.reader import CallPage as StoredPage

router = APIRouter(tags=["calls"])

MOST_COUNTED = 1_000

CallId = Annotated[str, Path(description="`pbx:uniqueid`", examples=["lab:1763718067.42"])]
Separator = Annotated[
    Literal["comma", "semicolon"],
    Query(description="Between cells; with `semicolon`, seconds have a decimal comma"),
]


@router.get(
    "/calls",
    response_model=CallPage,
    responses=documented(401, 403, 422, 503) | examples.answer(examples.call_page()),
)
async def list_calls(
    services: ServicesDep, asked: AskedCalls, limit: Limit = 50, cursor: CursorText = None
) -> Json:
    """Calls by arrival, newest first, live ones included; all filters apply together.

    Where no index knows what is asked for, a page ends before it is full when it took too long;
    then `searched_to` says how far back it looked, and `next_cursor` goes on from there.
    """
    page = await _page(services, asked, limit, cursor)
    return Json(
        {
            "items": _shown(page.calls, asked.scope),
            "next_cursor": page.next_cursor,
            "searched_to": views.iso_or_none(page.searched_to),
        }
    )


@router.get(
    "/calls/count",
    response_model=CallCount,
    responses=documented(401, 403, 422, 503) | examples.answer({"count": 1000, "more": True}),
)
async def count_calls(services: ServicesDep, asked: AskedCalls) -> Json:
    """How many calls the filters mean: counted up to 1,000, and no longer than a page may take."""
    found = await read(services.history.count, asked.wanted, MOST_COUNTED)
    return Json({"count": found.count, "more": found.more})


@router.get(
    "/calls/export",
    response_class=StreamingResponse,
    responses=documented(401, 403, 422, 429, 503)
    | {200: {"description": "The file", "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_calls(
    services: ServicesDep,
    asked: AskedCalls,
    who: ViewerActs,
    separator: Separator = "comma",
    bom: Annotated[bool, Query(description="Begin with a byte order mark, for Excel")] = False,
) -> Download:
    """The calls as CSV, one row for each, newest first; see the documentation for its columns.

    The file has no end that is known beforehand and is made while it is taken. What goes wrong
    meanwhile breaks the transfer off. That it was exported is noted in the audit trail. Two at once
    for one account, four for all: more are refused (429).
    """
    wanted, scope = asked.wanted, asked.scope
    zone = services.monitor.engine.policy.zone

    async def next_page(cursor: str | None) -> StoredPage:
        return await _page(services, asked, call_export.BATCH, cursor)

    said = call_export.filter_words(wanted)
    entry = AuditEntry(services.now(), who.by, who.via, "calls_exported", "calls", None, said)
    dialect = call_export.Dialect("," if separator == "comma" else ";", bom, zone)
    name = call_export.file_name(wanted, zone)
    lines = call_export.lines(next_page, partial(_shown, scope=scope), dialect)
    with services.exports.begin(who.by) as running:
        await read(services.overflow_control.record.audit.add, entry)
        return Download(lines, name, running.pop_all())


@router.get(
    "/calls/{call_id}",
    response_model=CallDetailOut,
    responses=documented(401, 403, 404, 422, 503) | examples.answer(examples.call_detail()),
)
async def one_call(services: ServicesDep, account: Viewer, call_id: CallId) -> Json:
    """One call with every fact in order, and why it was not handled in time."""
    call = services.monitor.engine.call(call_id)
    if call is None:
        call = await read(services.history.call, call_id)
    scope = scope_of(account)
    if call is None or not scope.sees_call(call):
        raise ApiError(404, "not_found", f"No call has the id {call_id[:100]}.")
    blind = await read(_blind_intervals, services, call)
    neighbours: tuple[str | None, str | None] = (None, None)
    if scope.sees_numbers:
        neighbours = await read(services.history.neighbours, call, scope.queues)
    detail = scope.call(views.call_detail(call, blind, neighbours))
    return Json(_without_other_queues(detail, call, scope))


async def _page(services: Services, asked: Asked, limit: int, cursor: str | None) -> StoredPage:
    """A page of what is stored, with what is live."""
    request = Request(asked.wanted, limit, _after(cursor))
    stored = await read(services.history.calls, asked.wanted, limit=limit, cursor=cursor)
    return with_live(stored, services.monitor.engine.snapshot().calls, request)


def _shown(calls: Sequence[Call], scope: Scope) -> list[views.Json]:
    return [scope.call(views.call(call)) for call in calls if scope.sees_call(call)]


def _after(cursor: str | None) -> Cursor | None:
    if cursor is None:
        return None
    try:
        return Cursor.decode(cursor)
    except ValueError as error:
        raise bad_field("cursor", str(error).removeprefix("cursor ")) from None


def _blind_intervals(services: Services, call: Call) -> list[BlindInterval]:
    until = services.now() if call.ended_at is None else call.ended_at
    reader = services.history
    return reader.blind_intervals(call.arrived_at, max(until, call.arrived_at) + 1, pbx=call.pbx)


def _without_other_queues(detail: views.Json, call: Call, scope: Scope) -> views.Json:
    """Leave out the names of queues that only the notes about staffing tell."""
    if not scope.restricted:
        return detail

    def seen(named: object) -> bool:
        return all(scope.sees_queue(call.pbx, name) for name in str(named).split(", "))

    for finding in detail["diagnosis"]:
        if "by" in finding["params"] and not seen(finding["params"]["by"]):
            finding["params"]["by"] = ""
    detail["timeline"] = [
        {**fact, "detail": fact["detail"] | {"taken_by": ""}}
        if "taken_by" in fact["detail"] and not seen(fact["detail"]["taken_by"])
        else fact
        for fact in detail["timeline"]
    ]
    return detail
