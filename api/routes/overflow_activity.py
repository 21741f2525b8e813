"""How often each overflow rule acted, and was kept from acting."""

from collections import Counter
from typing import Any, Final

from fastapi import APIRouter
from pydantic import Field

from api import examples
from api.answers import Json
from api.auth import Admin, ServicesDep
from api.errors import documented
from api.parameters import From, To, check_range
from api.reading import read
from api.schemas import Moment, Schema
from api.views import iso
from monitor.core.engine import day_bounds
from monitor.core.overflow.decisions import Verb

router = APIRouter(prefix="/overflow", tags=["overflow"])


class RuleActivity(Schema):
    """What one rule decided in a span."""

    rule: str
    acted: int = Field(
        description="Decisions to act, those of a dry run included; what lasts counts once"
    )
    held_back: int = Field(description="Decisions that something kept from acting")


class ActivityList(Schema):
    """What the rules decided in a span; a rule that decided nothing is not in it."""

    since: Moment = Field(alias="from")
    to: Moment
    items: list[RuleActivity]


_EXAMPLE: Final[dict[str, Any]] = {
    "from": "2026-11-21T00:00:00.000Z",
    "to": "2026-11-22T00:00:00.000Z",
    "items": [{"rule": "support-to-backup", "acted": 31, "held_back": 4}],
}


@router.get(
    "/activity",
    response_model=ActivityList,
    responses=documented(401, 403, 422, 503) | examples.answer(_EXAMPLE),
)
async def activity(services: ServicesDep, _: Admin, since: From = None, to: To = None) -> Json:
    """How often each rule acted and was held back; today in the centre's zone, unless said."""
    check_range(since, to)
    midnight, tomorrow = day_bounds(services.now(), services.monitor.engine.policy)
    begin = midnight if since is None else since
    end = tomorrow if to is None else to
    counts = await read(services.overflow_control.record.log.counts, begin, end)
    acted: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for (rule, verb, held_back), number in counts.decisions.items():
        # What was turned on once is turned off once.
        if verb is not Verb.TURN_OFF:
            (held if held_back else acted)[rule] += number
    items = [
        {"rule": rule, "acted": acted[rule], "held_back": held[rule]}
        for rule in sorted({*acted, *held} - {""})
    ]
    return Json({"from": iso(begin), "to": iso(end), "items": items})
