"""Settings: read and changed by admins, in force at once, never without a trace."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Response

from api import examples, settings_schemas, settings_views
from api.answers import Json
from api.auth import Admin, AdminActs, ServicesDep
from api.errors import documented
from api.matching import IfMatch, expected_version, json_object
from api.reading import read
from api.schemas import Schema
from api.services import Services
from api.settings_control import no_item
from api.settings_examples import BODIES, ITEMS
from config.items import KINDS, Kind
from monitor.history.settings import Item

router = APIRouter(prefix="/settings", tags=["settings"])

_SHAPES: Final[dict[str, tuple[type[Schema], str]]] = {
    "pbx": (settings_schemas.PbxItem, "PbxIn"),
    "queue": (settings_schemas.QueueItem, "Queue"),
    "voice_server": (settings_schemas.VoiceServerItem, "VoiceServer"),
    "calendar": (settings_schemas.CalendarItem, "Calendar"),
    "commitment": (settings_schemas.CommitmentItem, "Commitment"),
    "centre": (settings_schemas.CentreItem, "Centre"),
    "team": (settings_schemas.TeamItem, "Team"),
    "figures": (settings_schemas.FiguresItem, "FigureSettings"),
    "retention": (settings_schemas.RetentionItem, "Retention"),
}
"""The shape of a kind's items, and the name of what is sent."""

Route = Callable[..., Coroutine[Any, Any, Response]]
ItemBody = Annotated[dict[str, Any], Depends(json_object)]
ItemId = Annotated[
    str, Path(description="The name; of a queue of one PBX `PBX:name`", examples=["support"])
]
Version = Annotated[int | None, Query(description="Instead of `If-Match`", ge=1)]


@router.get(
    "",
    response_model=settings_schemas.SettingsOut,
    responses=documented(401, 403, 503) | examples.answer(ITEMS),
)
async def all_settings(services: ServicesDep, _: Admin) -> Json:
    """All settings that can be changed here, without secrets."""
    return Json(settings_views.all_items(services.settings.held))


def _answer(item: Item, services: Services, status: int = 200) -> Json:
    shown = settings_views.item(item, services.settings.held)
    return Json(shown, status, {"ETag": f'"{item.version}"'})


def _getter(kind: str, fixed: str | None) -> Route:
    async def one(services: ServicesDep, _: Admin, item_id: ItemId) -> Json:
        return _answer(services.settings.item(kind, item_id), services)

    async def single(services: ServicesDep, _: Admin) -> Json:
        return _answer(services.settings.item(kind, kind), services)

    return one if fixed is None else single


def _putter(kind: str, fixed: str | None) -> Route:
    async def change(services: Services, who: Any, id_: str, body: Any, if_match: Any) -> Json:  # noqa: ANN401
        services.settings.item(kind, id_)
        expected = expected_version(if_match, None)
        saved = await services.settings.save(kind, body, who, expected=expected, id_=id_)
        return _answer(saved, services)

    async def one(
        services: ServicesDep,
        who: AdminActs,
        item_id: ItemId,
        body: ItemBody,
        if_match: IfMatch = None,
    ) -> Json:
        return await change(services, who, item_id, body, if_match)

    async def single(
        services: ServicesDep, who: AdminActs, body: ItemBody, if_match: IfMatch = None
    ) -> Json:
        return await change(services, who, kind, body, if_match)

    return one if fixed is None else single


def _creator(kind: str) -> Route:
    async def create(services: ServicesDep, who: AdminActs, body: ItemBody) -> Json:
        saved = await services.settings.save(kind, body, who, expected=None)
        return _answer(saved, services, 201)

    return create


def _deleter(kind: str) -> Route:
    async def delete(
        services: ServicesDep,
        who: AdminActs,
        item_id: ItemId,
        if_match: IfMatch = None,
        version: Version = None,
    ) -> Response:
        services.settings.item(kind, item_id)
        expected = expected_version(if_match, version)
        await services.settings.delete(kind, item_id, who, expected=expected)
        return Response(status_code=204)

    return delete


def _versions(kind: str) -> Route:
    async def versions(services: ServicesDep, _: Admin, item_id: ItemId) -> Json:
        found = await read(services.settings.record.versions, kind, item_id)
        if not found:
            raise no_item((kind, item_id))
        return Json({"items": [settings_views.version(version) for version in found]})

    return versions


def _serve(kind: Kind) -> None:
    """Register the routes of one kind; all kinds have the same."""
    name, words = kind.name, f"the {kind.words}" if kind.single else f"a {kind.words}"
    shape, fixed = _SHAPES[name][0], name if kind.single else None
    path = f"/{kind.path}" if kind.single else f"/{kind.path}/{{item_id:path}}"
    example = settings_views.example(name, *BODIES[name])
    if not kind.single:
        _add(
            name, "POST", f"/{kind.path}", _creator(name), "create",
            f"Create {words}; it is in force at once.",
            documented(401, 403, 409, 413, 422, 503) | examples.answer(example, 201),
            status_code=201, response_model=shape, openapi_extra=_body_of(name),
        )  # fmt: skip
        _add(
            name, "GET", f"/{kind.path}/{{item_id}}/versions", _versions(name), "versions_of",
            f"All versions of {words}, newest first; also of one that was deleted.",
            documented(401, 403, 404, 422, 503)
            | examples.answer({"items": [settings_views.version_example(example)]}),
            response_model=settings_schemas.ItemVersions,
        )  # fmt: skip
    _add(
        name, "GET", path, _getter(name, fixed), "read",
        f"Read {words}; its `ETag` is its version.",
        documented(401, 403, 404, 422, 503) | examples.answer(example), response_model=shape,
    )  # fmt: skip
    _add(
        name, "PUT", path, _putter(name, fixed), "change",
        f"Replace {words} as it was read (`If-Match`), at once in force. Where somebody else was "
        "faster, nothing changes: 409.",
        documented(401, 403, 404, 409, 413, 422, 428, 503) | examples.answer(example),
        response_model=shape, openapi_extra=_body_of(name),
    )  # fmt: skip
    if not kind.single:
        _add(
            name, "DELETE", path, _deleter(name), "delete",
            f"Delete {words} as it was read; its versions stay.",
            documented(401, 403, 404, 409, 422, 428, 503), status_code=204,
        )  # fmt: skip


def _add(
    kind: str, method: str, path: str, route: Route, action: str, text: str,
    responses: dict[int | str, dict[str, Any]], **more: Any,  # noqa: ANN401 - as the router takes it
) -> None:  # fmt: skip
    summary = f"{action.replace('_', ' ').capitalize()} {kind.replace('_', ' ')}"
    router.add_api_route(
        path,
        route,
        methods=[method],
        name=f"{action}_{kind}",
        summary=summary,
        description=text,
        responses=responses,
        **more,
    )


def _body_of(kind: str) -> dict[str, Any]:
    """What is sent of a kind, for the OpenAPI document: it is checked by the shape itself."""
    schema = {"$ref": f"#/components/schemas/{_SHAPES[kind][1]}"}
    content = {"schema": schema, "example": BODIES[kind][1]}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


for _kind in KINDS.values():
    _serve(_kind)
