"""Overflow rules: read by all, set by admins, forced by team leaders."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import examples, overflow_views
from api.answers import Json
from api.auth import AdminActs, Lead, LeadActs, ServicesDep, Viewer
from api.errors import bad_field, documented
from api.matching import IfMatch, expected_version, json_object
from api.overflow_control import no_rule
from api.overflow_examples import RULE, RULE_OUT, RULE_VERSION
from api.overflow_policies import RuleError, rule_of
from api.overflow_schemas import Force, RuleList, RuleOut, RuleVersions
from api.reading import read
from api.services import Services
from api.visibility import Scope, scope_of
from monitor.accounts import Account
from monitor.history.overflow_rules import StoredRule

router = APIRouter(prefix="/overflow/rules", tags=["overflow"])

READ_ONLY: Final = frozenset(
    {"created_at", "created_by", "updated_at", "updated_by", "forced", "forced_by", "problem"}
)
"""Keys of an answer that may come back in a body, and say nothing there."""
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/OverflowRule"},
                "example": RULE,
            }
        },
    }
}

RuleId = Annotated[str, Path(description="The rule's id", examples=["support-to-backup"])]


async def _body_of(request: Request) -> dict[str, Any]:
    body = await json_object(request)
    return {key: value for key, value in body.items() if key not in READ_ONLY}


RuleBody = Annotated[dict[str, Any], Depends(_body_of)]


@router.get(
    "",
    response_model=RuleList,
    responses=documented(401, 403, 503) | examples.answer({"items": [RULE_OUT]}),
)
async def list_rules(services: ServicesDep, account: Viewer) -> Json:
    """All overflow rules, in the order in which they are asked.

    Who sees some queues only gets the rules that watch one of them, or lead into one.
    """
    scope = scope_of(account)
    rules = [rule for rule in services.overflow_control.rules() if _sees(scope, rule)]
    return Json({"items": [_shown(rule, services) for rule in rules]})


@router.post(
    "",
    status_code=201,
    response_model=RuleOut,
    responses=documented(401, 403, 409, 413, 422, 503) | examples.answer(RULE_OUT, 201),
    openapi_extra=_BODY,
)
async def create_rule(services: ServicesDep, who: AdminActs, body: RuleBody) -> Json:
    """Create a rule; it is in force at once."""
    body.pop("version", None)
    stored = await services.overflow_control.save(body, who, expected=None)
    return _answer(stored, services, 201)


@router.get(
    "/{rule_id}",
    response_model=RuleOut,
    responses=documented(401, 403, 404, 422, 503) | examples.answer(RULE_OUT),
)
async def one_rule(services: ServicesDep, account: Viewer, rule_id: RuleId) -> Json:
    """One rule; its `ETag` is its version."""
    return _answer(_seen_rule(services, account, rule_id), services)


@router.put(
    "/{rule_id}",
    response_model=RuleOut,
    responses=documented(401, 403, 404, 409, 413, 422, 428, 503) | examples.answer(RULE_OUT),
    openapi_extra=_BODY,
)
async def change_rule(
    services: ServicesDep,
    who: AdminActs,
    rule_id: RuleId,
    body: RuleBody,
    if_match: IfMatch = None,
) -> Json:
    """Replace a rule as it was read, at once in force.

    The version that was read comes as `If-Match`, or as `version` in the body. Where somebody else
    was faster, nothing changes: 409. What the rule before it had turned on is undone.
    """
    services.overflow_control.rule(rule_id)
    expected = expected_version(if_match, body.pop("version", None))
    if body.setdefault("id", rule_id) != rule_id:
        raise bad_field("id", f"a rule keeps its id, which is {rule_id}; leave it out")
    return _answer(await services.overflow_control.save(body, who, expected=expected), services)


@router.delete(
    "/{rule_id}", status_code=204, responses=documented(401, 403, 404, 409, 422, 428, 503)
)
async def delete_rule(
    services: ServicesDep,
    who: AdminActs,
    rule_id: RuleId,
    if_match: IfMatch = None,
    version: Annotated[int | None, Query(description="Instead of `If-Match`", ge=1)] = None,
) -> Response:
    """Delete a rule as it was read; what it had turned on is undone. Its versions stay."""
    services.overflow_control.rule(rule_id)
    await services.overflow_control.delete(
        rule_id, who, expected=expected_version(if_match, version)
    )
    return Response(status_code=204)


@router.get(
    "/{rule_id}/versions",
    response_model=RuleVersions,
    responses=documented(401, 403, 404, 422, 503) | examples.answer({"items": [RULE_VERSION]}),
)
async def rule_versions(services: ServicesDep, account: Viewer, rule_id: RuleId) -> Json:
    """All versions of a rule, newest first; also of one that was deleted."""
    if scope_of(account).restricted:
        _seen_rule(services, account, rule_id)
    versions = await read(services.overflow_control.record.rules.versions, rule_id)
    if not versions:
        services.overflow_control.rule(rule_id)
    return Json({"items": [overflow_views.rule_version(version) for version in versions]})


@router.post(
    "/{rule_id}/force",
    response_model=RuleOut,
    responses=documented(401, 403, 404, 422, 503) | examples.answer(RULE_OUT),
)
async def force_rule(
    services: ServicesDep, account: Lead, who: LeadActs, rule_id: RuleId, force: Force
) -> Json:
    """Have a rule act (`true`) or rest (`false`) whatever its conditions say; `null`: they decide.

    Checks of the target, the rate cap and the switch stay in force. Who sees some queues only may
    do so with rules that touch no others.
    """
    scope = scope_of(account)
    if scope.restricted:
        stored = _seen_rule(services, account, rule_id)
        scope.check_rule(rule_of(stored.body, stored.version))
    return _answer(await services.overflow_control.force(rule_id, force.on, who), services)


def _sees(scope: Scope, stored: StoredRule) -> bool:
    if not scope.restricted:
        return True
    try:
        return scope.sees_rule(rule_of(stored.body, stored.version))
    except RuleError:
        return False  # nobody can say what it touches


def _seen_rule(services: Services, account: Account, rule_id: str) -> StoredRule:
    """A rule that this account sees.

    Raises:
        ApiError: 404 for others.
    """
    stored = services.overflow_control.rule(rule_id)
    if not _sees(scope_of(account), stored):
        raise no_rule(rule_id)
    return stored


def _shown(stored: StoredRule, services: Services) -> dict[str, Any]:
    return overflow_views.rule(stored, services.overflow_control.problem(stored.id))


def _answer(stored: StoredRule, services: Services, status: int = 200) -> Json:
    headers = {"ETag": f'"{stored.version}"'}
    return Json(_shown(stored, services), status, headers)
