"""Simulations: what a rule would have done on recorded days."""

from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError

from api import examples
from api import simulation_views as views
from api.answers import Json
from api.auth import Lead, ServicesDep
from api.errors import ApiError, bad_field, documented
from api.overflow_policies import RuleError, rule_of
from api.parameters import check_range
from api.routes.overflow_rules import READ_ONLY
from api.services import Services
from api.simulating import BusyError, SimulationError, job_of
from api.simulation_examples import SIMULATION
from api.simulation_schemas import SimulationIn, SimulationOut
from api.visibility import scope_of
from monitor.core.overflow.rules import OverflowRule
from monitor.history.errors import HistoryError

router = APIRouter(prefix="/overflow", tags=["overflow"])

_IGNORED: Final = READ_ONLY | {"version"}


@router.post(
    "/simulations",
    response_model=SimulationOut,
    responses=documented(401, 403, 404, 413, 422, 429, 503) | examples.answer(SIMULATION),
)
async def simulate_rule(services: ServicesDep, account: Lead, wanted: SimulationIn) -> Json:
    """Try an overflow rule on recorded calls: whom it would have moved, and what came of it.

    Nothing is changed, and nothing is sent to any PBX. It is an estimate; docs/forecast.md says
    what it rests on. 200,000 calls at most; one at a time (429), for two minutes at most.
    Who sees some queues only may try rules that touch no others.
    """
    check_range(wanted.since, wanted.to)
    scope = scope_of(account)
    rule = _rule(services, wanted)
    scope.check_rule(rule)
    policy = services.monitor.engine.policy
    try:
        job = job_of(rule, policy, wanted.since, wanted.to, wanted.pbx, wanted.queue)
        found = await services.simulations.run(replace(job, scope=scope))
    except BusyError as error:
        raise ApiError(429, "busy", str(error), headers={"Retry-After": "10"}) from None
    except SimulationError as error:
        raise ApiError(422, "cannot_simulate", str(error)) from None
    except (HistoryError, SQLAlchemyError) as error:
        raise ApiError(
            503, "history_unavailable", "The record cannot be read now; /readyz says more."
        ) from error
    return Json(scope.shown(views.simulation(found, wanted.limit)))


def _rule(services: Services, wanted: SimulationIn) -> OverflowRule:
    """The rule that is to be tried: the one in the body, or the one of that id."""
    if (wanted.rule is None) == (wanted.rule_id is None):
        raise bad_field("rule", "name either a rule or a rule_id")
    if wanted.rule_id is not None:
        stored = services.overflow_control.rule(wanted.rule_id)
        given, version = stored.body, stored.version
    else:
        given, version = wanted.rule or {}, 1
    try:
        return rule_of({key: value for key, value in given.items() if key not in _IGNORED}, version)
    except RuleError as error:
        fields = {f"rule.{name}": text for name, text in error.fields.items()}
        message = "; ".join(f"{name}: {text}" for name, text in fields.items())
        raise ApiError(422, "invalid", message, fields) from None
