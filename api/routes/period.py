"""All indicators of a period, and what each of them means."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import examples, history_examples, period_views, views
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.errors import bad_field, documented
from api.parameters import From, PbxName, QueueName, To
from api.period_schemas import DimensionName, IndicatorsOut, PeriodOut
from api.reading import read_in
from api.routes.indicators import range_of
from api.visibility import scope_of
from monitor.core.buckets import MOST, TooManyBucketsError
from monitor.core.period import Dimension
from monitor.history.figure_queries import Wanted

router = APIRouter(prefix="/indicators", tags=["indicators"])


@router.get(
    "/definitions",
    response_model=IndicatorsOut,
    responses=documented(401, 403, 503) | examples.answer(period_views.definitions()),
)
async def indicator_definitions(_: Viewer) -> Json:
    """Every indicator: what it counts, out of what, in which unit, and which calls it is made of.

    The list is the same for all; it changes with Minuteur's version alone.
    """
    return Json(period_views.definitions())


@router.get(
    "/period",
    response_model=PeriodOut,
    responses=documented(401, 403, 422, 503) | examples.answer(history_examples.PERIOD),
)
async def indicators_of_a_period(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: Annotated[
        QueueName, Query(description="Only what is of this queue: calls that it judges, its visits")
    ] = None,
    by: Annotated[DimensionName | None, Query(description="Into which parts it is split")] = None,
) -> Json:
    """All indicators of a range, as a whole and by queue, PBX, month, week or day.

    Today when `from` and `to` are left out. Here a call belongs to one queue, the one whose
    calendar judges it (the first that let the caller in), so that queues add up to the total.
    """
    policy = services.monitor.engine.policy
    begin, end = range_of(since, to, services.now(), policy)
    scope = scope_of(account)
    wanted = Wanted(begin, end, pbx, queue)
    dimensions = () if by is None else (Dimension(by),)
    try:
        found = await read_in(
            services.figures_lane,
            services.figures.period,
            wanted,
            policy.zone,
            dimensions,
            scope.sees_queue if scope.restricted else None,
        )
    except TooManyBucketsError:
        raise bad_field("by", f"the range holds more than {MOST} of these") from None
    blind = [interval for interval in found.blind if scope.sees_pbx(interval.pbx)]
    return Json(
        period_views.period(found, by)
        | {"blind_intervals": [views.blind_interval(interval) for interval in blind]}
    )
