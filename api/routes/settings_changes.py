"""Who changed what, and taking it back; all settings as one file, and back."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import PlainTextResponse

from api import examples
from api.answers import Json
from api.auth import Admin, AdminActs, ServicesDep
from api.errors import bad_field, documented
from api.parameters import From, To, check_range
from api.reading import read
from api.settings_examples import CHANGE, IMPORTED
from api.settings_schemas import ChangeOut, ChangePage, ImportIn, ImportOut
from api.settings_transfer import exported, imported, outcome
from monitor.history.changes import ChangeFilter

router = APIRouter(prefix="/settings", tags=["settings"])


@router.get(
    "/changes",
    response_model=ChangePage,
    responses=documented(401, 403, 422, 503)
    | examples.answer({"items": [CHANGE], "next_cursor": None}),
)
async def list_changes(
    services: ServicesDep,
    _: Admin,
    kind: Annotated[
        str | None,
        Query(description="Only of this kind: `queue`, `overflow_rule`, `user`…", max_length=50),
    ] = None,
    item_id: Annotated[
        str | None, Query(alias="id", description="Only of the thing of this id", max_length=200)
    ] = None,
    by: Annotated[
        str | None, Query(description="Only of this user or token", max_length=100)
    ] = None,
    since: From = None,
    to: To = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Json:
    """Who changed settings, overflow rules, users and tokens; newest first."""
    check_range(since, to)
    wanted = ChangeFilter(since=since, until=to, by=by, kind=kind, id=item_id)
    try:
        page = await read(services.changes.record.page, wanted, limit=limit, cursor=cursor)
    except ValueError as error:
        raise bad_field("cursor", str(error).removeprefix("cursor ")) from None
    items = [services.changes.shown(found) for found in page.changes]
    return Json({"items": items, "next_cursor": page.next_cursor})


@router.post(
    "/changes/{seq}/undo",
    response_model=ChangeOut,
    responses=documented(401, 403, 404, 409, 422, 503) | examples.answer(CHANGE),
)
async def undo_change(
    services: ServicesDep,
    who: AdminActs,
    seq: Annotated[int, Path(ge=1, le=2**62, description="The change's number")],
) -> Json:
    """Take a change back, which is a change too; 409 where the thing was changed since."""
    return Json(services.changes.shown(await services.changes.undo(seq, who)))


@router.get(
    "/export",
    response_class=PlainTextResponse,
    responses=documented(401, 403, 503)
    | {200: {"description": "TOML", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def export_settings(services: ServicesDep, _: Admin) -> PlainTextResponse:
    """All settings and overflow rules as one TOML text, without secrets."""
    headers = {
        "Content-Disposition": 'attachment; filename="minuteur-settings.toml"',
        "Cache-Control": "no-store",
    }
    return PlainTextResponse(exported(services.settings), headers=headers)


@router.post(
    "/import",
    response_model=ImportOut,
    responses=documented(401, 403, 409, 413, 422, 503) | examples.answer(IMPORTED),
)
async def import_settings(services: ServicesDep, who: AdminActs, asked: ImportIn) -> Json:
    """Take over settings from a TOML text: all of it, or nothing where there are problems."""
    done = await imported(
        services.settings,
        asked.toml,
        who,
        dry_run=asked.dry_run,
        remove_missing=asked.remove_missing,
    )
    return Json(outcome(done))
