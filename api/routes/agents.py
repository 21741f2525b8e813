"""Agents' time: AHT, occupancy, and what they are made of."""

from typing import Annotated

from fastapi import APIRouter, Query

from api import agent_views, examples, views
from api.agent_schemas import AgentDimensionName, AgentTimeOut
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.errors import ApiError, bad_field, documented
from api.parameters import From, PbxName, To
from api.reading import read, read_in
from api.routes.indicators import range_of
from api.visibility import scope_of
from monitor.accounts import Role
from monitor.core.agent_time import AgentDimension
from monitor.core.buckets import MOST, TooManyBucketsError

router = APIRouter(prefix="/indicators", tags=["indicators"])


@router.get(
    "/agents",
    response_model=AgentTimeOut,
    responses=documented(401, 403, 422, 503) | examples.answer(agent_views.EXAMPLE),
)
async def agents_time(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    by: Annotated[
        AgentDimensionName | None, Query(description="Into which parts it is split")
    ] = None,
) -> Json:
    """AHT, occupancy and the time of agents, as a whole and by team, queue, PBX, month and so on.

    Today when `from` and `to` are left out; the hours that began in the range. By `agent` only
    where the settings keep the time of each agent, and then for leads and admins: 403. An account
    that sees some queues gets what conversations of these took, as nothing else is of a queue.
    """
    policy = services.monitor.engine.policy
    begin, end = range_of(since, to, services.now(), policy)
    scope = scope_of(account)
    each = services.settings.settings.figures.per_agent
    told = each and account.role is not Role.VIEWER
    if by == "agent" and not told:
        raise _not_told(each=each)
    try:
        found = await read_in(
            services.figures_lane,
            services.agent_time.read,
            begin,
            end,
            policy.zone,
            by=() if by is None else (AgentDimension(by),),
            pbx=pbx,
            sees=scope.sees_queue if scope.restricted else None,
        )
    except TooManyBucketsError:
        raise bad_field("by", f"the range holds more than {MOST} of these") from None
    blind = await read(services.history.blind_intervals, begin, end, pbx=pbx)
    seen = [interval for interval in blind if scope.sees_pbx(interval.pbx)]
    return Json(
        agent_views.figures(found, by, whole=not scope.restricted)
        | {"per_agent": told}
        | {"blind_intervals": [views.blind_interval(interval) for interval in seen]}
    )


def _not_told(*, each: bool) -> ApiError:
    if each:
        return ApiError(403, "forbidden", "Figures of each agent are for leads and admins.")
    return ApiError(
        403, "per_agent_off", "Figures of each agent are switched off ([figures] per_agent)."
    )
