"""Lost callers: who is to be called back, and what was done about it."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api import examples, history_examples, history_views, views
from api.answers import Json
from api.auth import Lead, LeadActs, ServicesDep, Viewer, ViewerActs
from api.csv_tables import csv_answer
from api.errors import ApiError, bad_field, documented
from api.history_schemas import CallBackChange, CallBackOut, LostCallersOut
from api.parameters import From, PbxName, QueueName, To, check_range
from api.reading import read, read_in
from api.services import Services
from api.visibility import Scope, scope_of
from monitor.core.clock import DAY, Ms
from monitor.core.engine import day_bounds
from monitor.history.audit import AuditEntry
from monitor.history.lost_callers import (
    CallBackConflictError,
    LostCaller,
    LostCallers,
    LostFilter,
    Status,
)

router = APIRouter(tags=["lost callers"])


LONGEST: Final[Ms] = 32 * DAY
"""The longest range: a month, with the hour that autumn adds."""
CallId = Annotated[
    str, Path(description="The `id` of a lost caller", examples=["lab:1763718067.42"])
]


@router.get(
    "/lost-callers",
    response_model=LostCallersOut,
    responses=documented(401, 403, 422, 503)
    | history_examples.with_csv(history_examples.LOST_CALLERS),
)
async def list_lost_callers(
    services: ServicesDep,
    account: Viewer,
    who: ViewerActs,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
    show: Annotated[
        Literal["open", "all"],
        Query(description="`all`: also who got through since, was reached or dismissed"),
    ] = "open",
    limit: Annotated[int, Query(ge=1, le=2000, description="How many callers")] = 500,
    shown_as: Annotated[Literal["json", "csv"], Query(alias="format", description="As what")] = (
        "json"
    ),
) -> Response:
    """Callers who left or were turned away unhandled, and have not got through since.

    A caller is a number. Without `from` and `to`: yesterday and today, in the centre's zone; a
    month at most. Whoever is handled in a later call leaves the list, in whatever queue. That
    the list was taken away (`format=csv`) is noted in the audit trail.
    """
    begin, end = _range_of(since, to, services)
    scope = scope_of(account)
    wanted = LostFilter(begin, end, pbx, queue, scope.queues)
    found = await read_in(services.figures_lane, services.lost_callers.all, wanted)
    callers = [caller for caller in found.callers if show == "all" or caller.open]
    items = _items(callers[:limit], scope, services)
    if shown_as == "csv":
        told = {"from": views.iso(begin), "to": views.iso(end), "callers": len(items)}
        now, what = services.now(), "lost_callers_exported"
        entry = AuditEntry(now, who.by, who.via, what, "lost-callers", None, told)
        await read(services.overflow_control.record.audit.add, entry)
        return _table(items)
    return Json(_body(begin, end, found) | {"total": len(callers), "items": items})


@router.patch(
    "/lost-callers/{call_id}",
    response_model=CallBackOut,
    responses=documented(401, 403, 404, 409, 413, 422, 503)
    | examples.answer(history_examples.CALL_BACK),
)
async def change_lost_caller(
    services: ServicesDep, account: Lead, who: LeadActs, call_id: CallId, change: CallBackChange
) -> Json:
    """Say how far calling back has come, or note something.

    Each `no_answer` counts one try. It is about the caller, in whatever queue they were lost; once
    `reached` or `dismissed`, a caller who is lost again is to be called again. Where somebody else
    was faster, nothing changes: 409. Who sees no numbers cannot call back: 403.
    """
    scope = scope_of(account)
    if not scope.sees_numbers:
        message = "You may not see callers' numbers, so you cannot call them back."
        raise ApiError(403, "numbers_hidden", message)
    try:
        done = await read(
            services.lost_callers.change,
            call_id,
            who,
            services.now(),
            expected=change.version,
            status=None if change.status is None else Status(change.status),
            note=None if change.note is None else change.note.strip(),
            queues=scope.queues,
        )
    except CallBackConflictError as error:
        raise ApiError(409, "changed_meanwhile", str(error)) from None
    if done is None:
        raise ApiError(404, "not_found", f"No lost caller has the id {call_id[:100]}.")
    return Json(history_views.call_back(done, scope))


def _range_of(since: Ms | None, to: Ms | None, services: Services) -> tuple[Ms, Ms]:
    """What was left out is filled in: the day before the end's, the end of today."""
    policy = services.monitor.engine.policy
    end = day_bounds(services.now(), policy)[1] if to is None else to
    begin = since
    if begin is None:
        begin = day_bounds(day_bounds(end - 1, policy)[0] - 1, policy)[0]
    check_range(begin, end)
    if end - begin > LONGEST:
        raise bad_field("from", "the range is longer than a month; take a shorter one")
    return begin, end


def _body(begin: Ms, end: Ms, found: LostCallers) -> views.Json:
    return {
        "from": views.iso(begin),
        "to": views.iso(end),
        "counts": history_views.lost_counts(found.callers),
        "anonymous": found.anonymous,
    }


def _items(callers: list[LostCaller], scope: Scope, services: Services) -> list[views.Json]:
    engine = services.monitor.engine
    live = engine.snapshot().calls.values()
    waiting = {
        call.caller for call in live if call.handled_by is None and scope.sees_call(call)
    }  # fmt: skip
    return [
        history_views.lost_caller(
            caller, _label(caller.pbx, caller.queue, services), scope, waiting
        )
        for caller in callers
    ]


def _label(pbx: str, queue: str, services: Services) -> str:
    return services.monitor.engine.thresholds(pbx, queue)[0] if queue else ""


_COLUMNS: Final = (
    "caller", "name", "pbx", "queue", "verdict", "first_at", "last_at", "attempts",
    "longest_wait_s", "got_through_at", "id",
)  # fmt: skip
_DONE: Final = ("status", "tries", "by", "at", "note")


def _table(items: list[views.Json]) -> Response:
    rows = [
        [*(item[name] for name in _COLUMNS), *(item["call_back"][name] for name in _DONE)]
        for item in items
    ]
    return csv_answer("minuteur-lost-callers", [*_COLUMNS, *_DONE], rows)
