"""Figures over time, how long callers waited, and the hours of the week."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api import examples, history_examples, history_views, views
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.csv_tables import csv_answer
from api.errors import bad_field, documented
from api.history_schemas import Series, StepName, WaitsOut, WeekOut
from api.parameters import FormatParam, From, PbxName, QueueName, To
from api.reading import read, read_in
from api.routes.indicators import range_of
from api.visibility import Scope, scope_of
from monitor.core.buckets import MOST, Step, TooManyBucketsError
from monitor.core.indicators import ServiceLevel, service_levels
from monitor.core.policy import Commitment, Policy, QueuePolicy, Rules
from monitor.history.figure_queries import Wanted
from monitor.history.figures import SeriesFigures

router = APIRouter(prefix="/indicators", tags=["indicators"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is about, and what of it its account may see."""

    wanted: Wanted
    scope: Scope
    policy: Policy

    @property
    def zone(self) -> tzinfo:
        """The centre's."""
        return self.policy.zone


async def _asked(
    services: ServicesDep,
    account: Viewer,
    since: From = None,
    to: To = None,
    pbx: PbxName = None,
    queue: QueueName = None,
) -> Asked:
    policy = services.monitor.engine.policy
    begin, end = range_of(since, to, services.now(), policy)
    scope = scope_of(account)
    return Asked(Wanted(begin, end, pbx, queue, scope.queues), scope, policy)


AskedDep = Annotated[Asked, Depends(_asked)]


@router.get(
    "/series",
    response_model=Series,
    responses=documented(401, 403, 422, 503) | history_examples.with_csv(history_examples.SERIES),
)
async def indicator_series(
    services: ServicesDep,
    asked: AskedDep,
    step: Annotated[StepName, Query(description="How long the buckets are")] = "hour",
    shown_as: FormatParam = "json",
) -> Response:
    """Figures of each hour, day, week (from Monday) or month, by the clocks in the centre's zone.

    Today when `from` and `to` are left out. Buckets are cut to the range and listed without a gap,
    empty ones too; a day on which summer time begins or ends has 23 or 25 hours. At most 800
    buckets. `format=csv` gives them as a table.
    """
    try:
        found = await read_in(
            services.figures_lane, services.figures.series, asked.wanted, Step(step), asked.zone
        )
    except TooManyBucketsError:
        raise bad_field(
            "step",
            f"the range holds more than {MOST} buckets of this length; take a longer one "
            "(day, week, month), or a shorter range",
        ) from None
    if shown_as == "csv":
        return _table(found, asked.zone, step)
    blind = await read(
        services.history.blind_intervals,
        asked.wanted.since,
        asked.wanted.until,
        pbx=asked.wanted.pbx,
    )
    seen = [interval for interval in blind if asked.scope.sees_pbx(interval.pbx)]
    body = _range(asked) | _promise(asked) | _by_queue(asked, found)
    return Json(
        body
        | {
            "step": step,
            "zone": str(asked.zone),
            "total": history_views.period(found.total.commitment, found.total.all_queues),
            "buckets": [history_views.bucket(part, figures) for part, figures in found.buckets],
            "blind_intervals": [views.blind_interval(interval) for interval in seen],
        }
    )


@router.get(
    "/waits",
    response_model=WaitsOut,
    responses=documented(401, 403, 422, 503) | examples.answer(history_examples.WAITS),
)
async def wait_distribution(
    services: ServicesDep,
    asked: AskedDep,
    of: Annotated[Literal["call", "visit"], Query(description="Whose waits")] = "call",
) -> Json:
    """How long callers waited, by 5 seconds up to 180, and beyond.

    `of=call`: the commitment's own wait, from the clock's start to handled (by an agent or a voice
    server), else to the end; of the calls with the verdict met, breached or abandoned. What lies
    below the threshold here is what was met. `of=visit`: the wait in the queue, of all ended
    visits, which the service levels count.
    """
    found = await read_in(services.figures_lane, services.figures.waits, asked.wanted, of)
    return Json(_range(asked) | {"of": of} | history_views.waits(found))


@router.get(
    "/week",
    response_model=WeekOut,
    responses=documented(401, 403, 422, 503) | examples.answer(history_examples.WEEK),
)
async def week_figures(services: ServicesDep, asked: AskedDep) -> Json:
    """Figures by weekday and hour, by the clocks in the centre's zone."""
    found = await read_in(services.figures_lane, services.figures.week, asked.wanted, asked.zone)
    cells = [history_views.week_cell(hour, figures) for hour, figures in found.items()]
    return Json(_range(asked) | {"zone": str(asked.zone), "cells": cells})


def _range(asked: Asked) -> views.Json:
    return {"from": views.iso(asked.wanted.since), "to": views.iso(asked.wanted.until)}


def _promise(asked: Asked) -> views.Json:
    """What is aimed at: of the queue that is asked for, if it is shown, else of the centre."""
    whole, queue = asked.policy.commitment, asked.wanted.queue
    promise: Commitment | QueuePolicy = whole
    if queue is not None and asked.scope.sees_name(asked.wanted.pbx, queue):
        promise = Rules(asked.policy).queue(asked.wanted.pbx or "", queue)
    return {
        "service_level": promise.service_level.value,
        "service_level_target": promise.target,
        "commitment_target": whole.target,
        "within_s": views.seconds(promise.within),
    }


def _by_queue(asked: Asked, found: SeriesFigures) -> views.Json:
    rules = Rules(asked.policy)
    items = []
    for (pbx, queue), tally in sorted(found.total.queues.items()):
        own = rules.queue(pbx, queue)
        items.append(
            {
                "pbx": pbx,
                "queue": queue,
                "label": own.label or queue,
                "target": own.target,
                "figures": views.queue_figures(tally),
            }
        )
    return {"by_queue": items}


_COUNTS = (
    "offered", "answered", "answered_within", "abandoned", "abandoned_within", "abandoned_short",
    "left_otherwise", "unknown", "asa_s", "longest_wait_s", "average_talk_s",
)  # fmt: skip
_VERDICTS = (
    "calls", "pending", "met", "breached", "abandoned", "refused", "excluded", "unknown",
    "short_abandons",
)  # fmt: skip


def _table(found: SeriesFigures, zone: tzinfo, step: str) -> Response:
    """The buckets as CSV: visits as they are called in the API, calls with ``call_`` before."""
    header = ["starts_at", "ends_at", *_COUNTS, *(level.value for level in ServiceLevel)]
    header += [f"call_{name}" for name in _VERDICTS]
    header += ["commitment_rate", "commitment_rate_low", "commitment_rate_high"]
    rows = []
    for part, figures in found.buckets:
        tally = figures.all_queues
        counts = views.queue_figures(tally)
        verdicts = views.commitment_figures(figures.commitment)
        low, high = figures.commitment.rate.bounds(figures.commitment.unknown)
        rows.append(
            [
                history_views.local_iso(part.begin, zone),
                history_views.local_iso(part.end, zone),
                *(counts[name] for name in _COUNTS),
                *(level.value for level in service_levels(tally).values()),
                *(verdicts[name] for name in _VERDICTS),
                *(ratio.value for ratio in (figures.commitment.rate, low, high)),
            ]
        )
    return csv_answer(f"minuteur-{step}", header, rows)
