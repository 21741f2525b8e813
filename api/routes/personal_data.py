"""Personal data: what is kept, what is held of a number, and removing it. For admins."""

from typing import Final

from fastapi import APIRouter

from api import examples
from api.answers import Json
from api.auth import Admin, AdminActs, ServicesDep
from api.errors import ApiError, documented
from api.personal_schemas import (
    ErasureIn,
    ErasureOut,
    PersonalDataOut,
    PurgeStarted,
    SubjectIn,
    SubjectOut,
)
from api.reading import read

router = APIRouter(prefix="/personal-data", tags=["personal data"])

_AT: Final = "2026-11-22T02:30:00.000Z"
_KEY: Final = "5f2b8c0d9e714a63b0c1d2e3f4a5b6c7"
_KEPT: Final = {
    "kinds": [
        {
            "kind": "numbers", "what": "Callers' numbers and names, and names of channels.",
            "why": "To call back, to find a caller's calls, and to answer complaints.",
            "ends": "Emptied when its days are over; the pseudonym stays.",
            "where": ["call.caller", "call.caller_name", "call.channel"], "settable": True,
            "days": 365, "default": 365, "minimum": 30, "maximum": 1825,
            "oldest": "2025-11-22T07:01:12.018Z", "rows": 341208, "waiting_days": 0,
        }
    ],
    "last_purge": {
        "at": _AT, "by": "retention", "via": "monitor", "took_s": 3.2,
        "removed": {"numbers": 911, "digits": 402}, "rewritten": True,
    },
    "next_purge": "2026-11-23T02:30:00.000Z", "running": False, "rewrite_due": False,
    "rewritten_at": _AT, "problem": "",
}  # fmt: skip
_LEFT: Final = [
    {"where": "policy_version", "rows": 1, "why": "It is a test number of the policy in force."}
]
_SUBJECT: Final = {
    "number": "0199001234", "pseudonym": _KEY, "at": _AT, "counts": {"call": 1},
    "records": {"call": [{"id": "lab:1795254067.42", "caller": "0199001234"}]},
    "purged_calls": 0, "elsewhere": _LEFT,
}  # fmt: skip
_ERASED: Final = {
    "pseudonym": _KEY, "removed": {"call": 3, "fact": 12, "lost_caller": 1}, "left": _LEFT,
    "dry_run": False, "rewrite_due": False,
}  # fmt: skip


@router.get(
    "",
    response_model=PersonalDataOut,
    responses=documented(401, 403, 503) | examples.answer(_KEPT),
)
async def personal_data(services: ServicesDep, _account: Admin) -> Json:
    """What is kept of people: which data, where, why, for how long, and since when."""
    return Json(await read(services.personal.overview))


@router.post(
    "/subject",
    response_model=SubjectOut,
    responses=documented(401, 403, 413, 422, 503) | examples.answer(_SUBJECT),
)
async def personal_data_of(
    services: ServicesDep, account: Admin, who: AdminActs, body: SubjectIn
) -> Json:
    """All that is held of a number, for whom it belongs to.

    The number is in the body, so that no log of addresses holds it. That somebody looked is noted
    in the audit trail, by pseudonym. Refused (403) to accounts that do not see numbers.
    """
    if not account.sees_numbers:
        raise ApiError(403, "numbers_hidden", "This account does not see callers' numbers.")
    return Json(await read(services.personal.subject, body.number, who))


@router.post(
    "/erasure",
    response_model=ErasureOut,
    responses=documented(401, 403, 409, 413, 422, 503) | examples.answer(_ERASED),
)
async def erase_personal_data(services: ServicesDep, who: AdminActs, body: ErasureIn) -> Json:
    """Remove what is held of a number; the evidence stays verifiable, by pseudonym.

    Refused (409) while a call of the number goes on or has just ended, and while a contact of it
    is open.
    """
    erase = services.personal.erase
    return Json(await read(erase, body.number, body.reason, who, dry_run=body.dry_run))


@router.post(
    "/purge",
    status_code=202,
    response_model=PurgeStarted,
    responses=documented(401, 403, 409, 503) | examples.answer({"started": True}, 202),
)
async def purge_personal_data(services: ServicesDep, who: AdminActs) -> Json:
    """Remove now what is due, instead of at night; `GET /personal-data` says when it is done."""
    if not services.personal.keeper.purge_soon(who):
        raise ApiError(409, "running", "A purge is being made.")
    return Json({"started": True}, 202)
