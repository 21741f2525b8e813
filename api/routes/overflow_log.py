"""What was decided and done for callers, and by whom rules and switch were changed."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query

from api import examples, overflow_examples, overflow_views
from api.answers import Json
from api.auth import Admin, ServicesDep, Viewer
from api.errors import ApiError, bad_field, documented
from api.overflow_schemas import (
    AuditPage,
    CommandPage,
    DecisionDetailOut,
    DecisionPage,
    OutcomeName,
    VerbName,
)
from api.parameters import CursorText, From, Limit, PbxName, QueueName, To, check_range
from api.reading import read
from api.visibility import scope_of
from monitor.core.overflow.decisions import Outcome, Verb
from monitor.history.audit import AuditFilter
from monitor.history.overflow_log import CommandFilter, DecisionFilter

router = APIRouter(tags=["overflow"])
T = TypeVar("T")

RuleParam = Annotated[str | None, Query(description="Only of this rule", max_length=64)]
CallParam = Annotated[
    str | None, Query(description="Only for this call: `pbx:uniqueid`", max_length=200)
]
COMMANDS_OF_ONE = 200
"""Commands shown with their decision."""


@router.get(
    "/overflow/decisions",
    response_model=DecisionPage,
    responses=documented(401, 403, 422, 503)
    | examples.answer({"items": [overflow_examples.DECISION], "next_cursor": None}),
)
async def list_decisions(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
    rule: RuleParam = None,
    call: CallParam = None,
    verb: Annotated[VerbName | None, Query(description="Only of this kind")] = None,
    held_back: Annotated[
        bool | None, Query(description="Only those that were (not) kept from acting")
    ] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Json:
    """Decisions, newest first, each with its reasons in words; all filters apply together."""
    check_range(since, to)
    scope = scope_of(account)
    wanted = DecisionFilter(
        since=since,
        until=to,
        pbx=pbx,
        queue=queue,
        rule=rule,
        call=call,
        verb=None if verb is None else Verb(verb),
        held_back=held_back,
        queues=scope.queues,
    )
    log = services.overflow_control.record.log
    page = await _page(log.decisions, wanted, limit=limit, cursor=cursor)
    items = [scope.shown(overflow_views.decision(found)) for found in page.decisions]
    return Json({"items": items, "next_cursor": page.next_cursor})


@router.get(
    "/overflow/decisions/{decision_id}",
    response_model=DecisionDetailOut,
    responses=documented(401, 403, 404, 422, 503)
    | examples.answer({**overflow_examples.DECISION, "commands": [overflow_examples.COMMAND]}),
)
async def one_decision(
    services: ServicesDep, account: Viewer, decision_id: Annotated[str, Path(max_length=200)]
) -> Json:
    """One decision with the commands that carried it out, and what came of them."""
    log = services.overflow_control.record.log
    found = await read(log.decision, decision_id)
    scope = scope_of(account)
    if found is None or not scope.sees_queue(found.pbx, found.queue):
        raise ApiError(404, "not_found", f"No decision has the id {decision_id[:100]}.")
    wanted = CommandFilter(decision=decision_id)
    page = await read(log.commands, wanted, limit=COMMANDS_OF_ONE)
    commands = [overflow_views.command(command) for command in reversed(page.commands)]
    return Json(scope.shown({**overflow_views.decision(found), "commands": commands}))


@router.get(
    "/overflow/commands",
    response_model=CommandPage,
    responses=documented(401, 403, 422, 503)
    | examples.answer({"items": [overflow_examples.COMMAND], "next_cursor": None}),
)
async def list_commands(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
    rule: RuleParam = None,
    call: CallParam = None,
    decision: Annotated[
        str | None, Query(description="Only of this decision", max_length=200)
    ] = None,
    outcome: Annotated[OutcomeName | None, Query(description="Only with this outcome")] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Json:
    """Commands to the PBX, newest first, each with its answer and what was then observed."""
    check_range(since, to)
    scope = scope_of(account)
    wanted = CommandFilter(
        since=since,
        until=to,
        pbx=pbx,
        queue=queue,
        rule=rule,
        call=call,
        decision=decision,
        outcome=None if outcome is None else Outcome(outcome),
        queues=scope.queues,
    )
    log = services.overflow_control.record.log
    page = await _page(log.commands, wanted, limit=limit, cursor=cursor)
    items = [scope.shown(overflow_views.command(found)) for found in page.commands]
    return Json({"items": items, "next_cursor": page.next_cursor})


@router.get(
    "/audit",
    response_model=AuditPage,
    responses=documented(401, 403, 422, 503)
    | examples.answer({"items": [overflow_examples.AUDIT_ENTRY], "next_cursor": None}),
)
async def audit(
    services: ServicesDep,
    _: Admin,
    since: From = None,
    to: To = None,
    by: Annotated[
        str | None, Query(description="Only of this user or token", max_length=100)
    ] = None,
    what: Annotated[
        str | None,
        Query(description="Only of this kind", max_length=100, examples=["rule_changed"]),
    ] = None,
    subject: Annotated[
        str | None, Query(description="Only about this: a rule's id, say", max_length=100)
    ] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Json:
    """Who changed what, newest first, with what it was before and after."""
    check_range(since, to)
    wanted = AuditFilter(since=since, until=to, by=by, what=what, subject=subject)
    entries = services.overflow_control.record.audit.entries
    page = await _page(entries, wanted, limit=limit, cursor=cursor)
    items = [overflow_views.audit_entry(entry) for entry in page.entries]
    return Json({"items": items, "next_cursor": page.next_cursor})


async def _page(method: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401
    """Read a page; a cursor that is none is a bad parameter."""
    try:
        return await read(method, *args, **kwargs)
    except ValueError as error:
        raise bad_field("cursor", str(error).removeprefix("cursor ")) from None
