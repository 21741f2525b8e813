"""What helps to write settings: the connection test, what was seen on the PBXs, public holidays."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query

from api import examples, pbx_testing, queue_views
from api.answers import Json
from api.auth import Admin, AdminActs, ServicesDep
from api.errors import ApiError, bad_field, documented
from api.matching import json_object
from api.queue_schemas import DiscoveredOut, HolidaysOut, PbxTestOut
from api.reading import read
from api.services import Services
from api.settings_control import invalid
from config import public_holidays
from config.items import ItemError
from config.settings import Pbx
from monitor.core.clock import Ms
from monitor.history.audit import AuditEntry, Who
from telephony_adapters.asterisk.pbx_test import AlreadyTestingError, check_pbx
from telephony_adapters.asterisk.pbx_test_reading import Report

router = APIRouter(prefix="/settings", tags=["settings"])

Country = Annotated[str, Query(description="Its ISO code", examples=["FR"], max_length=2)]
Part = Annotated[str, Query(description="A part of it, such as 57 (Moselle)", max_length=40)]
Year = Annotated[int, Query(description="The year", ge=1990, le=2100, examples=[2026])]

_DISCOVERED: Final = {
    "queues": [{"pbx": "lab", "queue": "support", "declared": True, "waiting": 2, "members": 5}],
    "contexts": [
        {
            "pbx": "lab",
            "context": "incoming",
            "callers": 412,
            "last_seen_at": "2026-11-23T09:00:00.000Z",
            "role": "incoming",
            "voice_server": "",
        }
    ],
    "stasis_apps": [],
}
_HOLIDAYS: Final = {
    "items": [{"date": "2026-05-01", "name_en": "Labor Day", "name_fr": "Fête du Travail"}],
    "subdivisions": ["57", "6AE", "971", "972", "973", "974", "976"],
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PbxIn"}}},
    }
}


@router.post(
    "/pbxs/test",
    response_model=PbxTestOut,
    responses=documented(401, 403, 409, 422, 503) | examples.answer(pbx_testing.EXAMPLE),
    openapi_extra=_BODY,
)
async def check_connection(
    services: ServicesDep, who: AdminActs, body: Annotated[dict[str, Any], Depends(json_object)]
) -> Json:
    """Connect to a PBX as these settings say, and tell what is wrong; at most 10 s.

    Nothing is stored but an entry in the audit trail. Secrets that are left out are those stored
    under the PBX's name, for the address and the account that they are stored with.
    """
    control = services.settings
    try:
        pbx = pbx_testing.pbx_of(body, control.held)
    except ItemError as error:
        raise invalid(error.fields) from None
    await read(services.overflow_control.record.audit.add, _tested(pbx, who, services.now()))
    overflow = services.overflow_control.overflow
    rules = overflow.rules if overflow.switch.on else ()
    try:
        report = await check_pbx(pbx_testing.asked_of(pbx, control.settings, rules), services.now)
    except AlreadyTestingError:
        message = f"The PBX {pbx.name} is being tested already; try again in a few seconds."
        raise ApiError(409, "test_running", message) from None
    return Json(pbx_testing.view(_with_link(report, pbx, services)))


def _tested(pbx: Pbx, who: Who, at: Ms) -> AuditEntry:
    """For the audit trail: the server was told to connect there, whatever comes of it."""
    where = {"host": pbx.host, "port": pbx.port, "tls": pbx.tls, "username": pbx.username}
    if pbx.ari is not None:
        where["ari"] = pbx.ari.url
    return AuditEntry(at, who.by, who.via, "pbx_tested", pbx.name, None, where)


def _with_link(report: Report, pbx: Pbx, services: Services) -> Report:
    """Add what the running link knows, where it is the same account on the same PBX."""
    link = services.links.get(pbx.name)
    state = services.monitor.engine.pbx_state(pbx.name)
    if link is None or state is None or not link.connected:
        return report
    ours = link.settings
    if (ours.host, ours.port, ours.username) != (pbx.host, pbx.port, pbx.username):
        return report
    return pbx_testing.with_the_links(report, link.told_of, state.warnings)


@router.get(
    "/discovered",
    response_model=DiscoveredOut,
    responses=documented(401, 403) | examples.answer(_DISCOVERED),
)
async def discovered(services: ServicesDep, _: Admin) -> Json:
    """Queues, contexts and Stasis applications that were seen on the PBXs, declared or not."""
    return Json(queue_views.discovered(services.monitor.engine, services.links))


@router.get(
    "/holidays",
    response_model=HolidaysOut,
    responses=documented(401, 403, 422) | examples.answer(_HOLIDAYS),
)
async def holidays(_: Admin, country: Country, year: Year, subdivision: Part = "") -> Json:
    """List the public holidays of a year, by their names, and the country's parts."""
    if problem := public_holidays.problem_with(country):
        raise bad_field("country", problem)
    if problem := public_holidays.problem_with(country, subdivision):
        raise bad_field("subdivision", problem)
    found = public_holidays.named(country, subdivision, year) if country else []
    return Json(
        {
            "items": [
                {"date": day.day.isoformat(), "name_en": day.name_en, "name_fr": day.name_fr}
                for day in found
            ],
            "subdivisions": public_holidays.subdivisions(country),
        }
    )
