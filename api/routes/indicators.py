"""Service levels and the commitment's rate, of today or any range."""

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter

from api import examples, views
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.errors import bad_field, documented
from api.parameters import From, PbxName, QueueName, To, check_range
from api.reading import read, read_in
from api.schemas import Indicators
from api.visibility import scope_of
from monitor.core.clock import DAY, Ms
from monitor.core.engine import day_bounds
from monitor.core.indicators import QueueTally
from monitor.core.policy import Policy
from monitor.core.records import BlindInterval
from monitor.history.figures import Figures, RangeFigures

router = APIRouter(tags=["indicators"])

LONGEST: Final[Ms] = 100 * 366 * DAY
"""The longest range: no database takes all changes of summer time of thousands of years."""


@router.get(
    "/indicators",
    response_model=Indicators,
    responses=documented(401, 403, 422, 503) | examples.answer(examples.indicators()),
)
async def indicators(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
) -> Json:
    """Figures of a range: calls by when they arrived, visits to queues by when they joined.

    Without `from` and `to`: today, in the centre's zone. `queue` counts visits to that queue, and
    calls that visited it. The record is written a moment (0.2 s) after the calls.
    """
    policy = services.monitor.engine.policy
    begin, end = range_of(since, to, services.now(), policy)
    scope = scope_of(account)
    figures = await read_in(
        services.figures_lane,
        services.figures.indicators,
        begin,
        end,
        pbx=pbx,
        queue=queue,
        queues=scope.queues,
    )
    blind = await read(services.history.blind_intervals, begin, end, pbx=pbx)
    seen = [interval for interval in blind if scope.sees_pbx(interval.pbx)]
    return Json(_shown(begin, end, figures, seen))


def range_of(since: Ms | None, until: Ms | None, now: Ms, policy: Policy) -> tuple[Ms, Ms]:
    """Fill in what was left out: the begin of that day, the end of today (centre's zone).

    Raises:
        ApiError: 422, the range ends before it begins, or is too long.
    """
    end = day_bounds(now, policy)[1] if until is None else until
    begin = day_bounds(end - 1, policy)[0] if since is None else since
    check_range(begin, end)
    if end - begin > LONGEST:
        raise bad_field("to", "the range is longer than a hundred years")
    return begin, end


def _shown(begin: Ms, end: Ms, figures: RangeFigures, blind: Iterable[BlindInterval]) -> views.Json:
    return {
        "from": views.iso(begin),
        "to": views.iso(end),
        "total": views.figures(figures.total.commitment, figures.total.all_queues),
        "by_queue": {
            name: views.queue_figures(tally) for name, tally in _by_name(figures.total).items()
        },
        "buckets": [
            {"starts_at": views.iso(at)} | views.figures(found.commitment, found.all_queues)
            for at, found in figures.buckets.items()
        ],
        "blind_intervals": [views.blind_interval(interval) for interval in blind],
    }


def _by_name(figures: Figures) -> dict[str, QueueTally]:
    """Queues of one name on several PBXs are counted together; ``pbx`` tells them apart."""
    by_name: dict[str, QueueTally] = {}
    for (_, name), tally in sorted(figures.queues.items()):
        by_name.setdefault(name, QueueTally()).add(tally)
    return by_name
