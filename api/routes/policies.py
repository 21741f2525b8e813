"""Policy versions: what judged the calls that name one."""

from typing import Annotated, Final

from fastapi import APIRouter, Path

from api import examples
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.errors import ApiError, documented
from api.policy_schemas import PolicyOut
from api.policy_views import policy_version
from api.reading import read
from api.visibility import scope_of

router = APIRouter(tags=["calls"])

_PROMISE: Final = {
    "within_s": 60.0, "at_risk_after_s": 45.0, "target": 0.95,
    "service_level": "abandoned_within_count_for",
}  # fmt: skip
_EXAMPLE: Final = {
    "version": 3,
    "set_at": "2026-11-20T08:12:44.105Z",
    "set_by": "camille",
    "replaced_at": None,
    "sha256": "4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce",
    "zone": "Europe/Paris",
    "commitment": {**_PROMISE, "short_abandon_s": 5.0, "starts_on": "arrival"},
    "queues": [
        {**_PROMISE, "pbx": "", "queue": "support", "label": "Support", "calendar": "office"}
    ],
    "voice_servers": [
        {"name": "welcome", "contexts": ["ivr"], "stasis_apps": [], "counts_when": "reached"}
    ],
    "calendar": "office",
    "calendars": [
        {
            "name": "office",
            "hours": [{"weekday": 0, "start": "08:00", "end": "19:00"}],
            "holidays": ["2026-12-25"],
            "holiday_hours": [],
            "closed": [{"first": "2026-12-24", "last": "2026-12-24"}],
            "openings": [],
        }
    ],
    "test_numbers": ["+331990*"],
    "internal_numbers": [],
}
Version = Annotated[
    int, Path(description="As in a call's `policy_version`", ge=1, le=2**31 - 1, examples=[3])
]


@router.get(
    "/policies/{version}",
    response_model=PolicyOut,
    responses=documented(401, 403, 404, 422, 503) | examples.answer(_EXAMPLE),
)
async def one_policy(services: ServicesDep, account: Viewer, version: Version) -> Json:
    """What was promised when: the policy that judged the calls which name this version."""
    found = await read(services.history.policy_version, version)
    if found is None:
        raise ApiError(404, "not_found", f"There is no policy version {version}.")
    return Json(policy_version(found, scope_of(account)))
