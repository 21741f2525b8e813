"""What is sealed of the record, and packs for auditors."""

from datetime import date
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from api import examples
from api.answers import Json
from api.auth import Admin, AdminActs, ServicesDep, Viewer
from api.errors import ApiError, documented
from api.evidence_schemas import EvidenceOut, SealsOut
from api.exports import Download
from api.parameters import Moment
from api.reading import read
from monitor.evidence.chain import day_of
from monitor.evidence.pack import PackError
from monitor.history.audit import AuditEntry

router = APIRouter(tags=["evidence"])

_HEAD: Final = "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce"
_STATUS: Final = {
    "sealed_days": 183, "first_day": "2026-05-21", "last_day": "2026-11-19", "head": _HEAD,
    "changed_calls": 2, "removed_days": 0,
    "waiting": {
        "why": "grace", "day": "2026-11-20", "until": "2026-11-22T02:00:00.000Z", "live": 0,
    },
    "problem": "",
}  # fmt: skip
_SEALS: Final = {
    "items": [
        {
            "number": 183, "day": "2026-11-19", "sealed_at": "2026-11-21T02:04:11.618Z",
            "head": _HEAD, "previous": _HEAD[::-1], "calls": 11204, "amendments": 1, "removed": 0,
        }
    ],
    "next_before": "2026-11-19",
}  # fmt: skip


class PackDownload(Download):
    """A pack that is made while it is taken."""

    media_type = "application/zip"


@router.get(
    "/evidence",
    response_model=EvidenceOut,
    responses=documented(401, 403, 503) | examples.answer(_STATUS),
)
async def evidence_status(services: ServicesDep, _account: Viewer) -> Json:
    """How far the record is sealed, and the head of the chain: note it where nobody changes it."""
    return Json(await read(services.evidence.status))


@router.get(
    "/evidence/seals",
    response_model=SealsOut,
    responses=documented(401, 403, 422, 503) | examples.answer(_SEALS),
)
async def evidence_seals(
    services: ServicesDep,
    _account: Admin,
    before: Annotated[date | None, Query(description="Only days before this one")] = None,
    limit: Annotated[int, Query(ge=1, le=400, description="How many days")] = 31,
) -> Json:
    """Sealed days with their heads, newest first."""
    return Json(await read(services.evidence.seals, before, limit))


@router.get(
    "/evidence/pack",
    response_class=StreamingResponse,
    responses=documented(401, 403, 409, 422, 429, 503)
    | {
        200: {
            "description": "The pack",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def evidence_pack(
    services: ServicesDep,
    who: AdminActs,
    since: Annotated[Moment, Query(alias="from", description="From this moment on")],
    to: Annotated[Moment, Query(description="Until before this moment")],
    pdf: Annotated[bool, Query(description="With the report as PDF, in English and French")] = True,
) -> Download:
    """A period's calls without names and numbers, with their seals and figures, for an auditor.

    It is made while it is taken: some minutes for half a year. Check it with `minuteur evidence
    verify`. A period that is not sealed, or was removed, is refused (409). That it was exported is
    noted in the audit trail.
    """
    zone = services.monitor.engine.policy.zone
    zone = zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")
    try:
        plan = await read(services.evidence.plan, since, to, zone)
    except PackError as error:
        raise ApiError(409, "not_sealed", str(error)) from None
    told = {"since": since, "until": to, "head": plan.manifest.head}
    entry = AuditEntry(services.now(), who.by, who.via, "evidence_exported", "evidence", None, told)
    name = f"minuteur-evidence_{day_of(since)}_{day_of(to - 1)}.zip"
    with services.exports.begin(who.by) as running:
        await read(services.overflow_control.record.audit.add, entry)
        parts = services.evidence.parts(plan, pdf=pdf)
        return PackDownload(parts, name, running.pop_all())
