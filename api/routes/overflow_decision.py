"""What the PBX asks before it queues a caller, as it is described.

Answered by :mod:`api.questions`, which questions reach before they come to the router.
"""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.errors import documented
from api.overflow_schemas import ReasonOut
from api.questions import LONGEST, answered
from api.schemas import Schema, Seconds
from config.overflow_actions import Destination

router = APIRouter(tags=["overflow"])


class OverflowAnswer(Schema):
    """What to do with a caller who is about to join a queue."""

    overflow: bool = Field(description="True: go to `to`; false: join the queue")
    to: Destination | None = Field(description="Also where a rule only would, see `dry_run`")
    rule: str | None
    reason: str = Field(description="Why, as one English sentence")
    reasons: list[ReasonOut]
    decision: str | None = Field(description="Its id; null: nothing was decided")
    expected_wait_s: Seconds | None
    miss_probability: float | None = Field(description="0 to 1, by the forecast")
    dry_run: bool
    held_back: bool = Field(
        description="A rule applied, and `reasons` say what kept it from acting"
    )


_NAMES: Final = {
    "pbx": "The name of the PBX that asks, as in the settings",
    "queue": "The queue that the caller would join",
    "uniqueid": "`${UNIQUEID}` of the caller's channel; without it, a caller who is not known yet",
    "caller": "The caller's number, for callers who are not known yet",
    "format": "`json`, or `dialplan`: one line for `HASH()`",
}
_EXAMPLE: Final = {
    "overflow": True,
    "to": {"context": "overflow", "exten": "sales", "priority": 1, "queue": "sales"},
    "rule": "support-to-sales",
    "reason": "Move to sales: the expected wait is 75 s (at least 55 s).",
    "reasons": [
        {
            "code": "condition",
            "detail": {"metric": "expected_wait", "value": 75_000, "at_least": 55_000},
        }
    ],
    "decision": "5f0c2d9e",
    "expected_wait_s": 75.0,
    "miss_probability": 0.81,
    "dry_run": False,
    "held_back": False,
}
_LINE: Final = (
    "overflow=1&context=overflow&exten=sales&priority=1&decision=5f0c2d9e&reason=Move%20to"
)


def _described(*, body: bool) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {
        name: {"description": text, "schema": {"type": "string", "maxLength": LONGEST}}
        for name, text in _NAMES.items()
    }
    if not body:
        parameters = [
            {"name": name, "in": "query", "required": name in ("pbx", "queue")} | field
            for name, field in fields.items()
        ]
        return {"parameters": parameters}
    properties = {
        name: field["schema"] | {"description": field["description"]}
        for name, field in fields.items()
    }
    token = {"type": "string", "description": "The token, as in RFC 6750, 2.2"}
    schema = {
        "type": "object",
        "properties": {"access_token": token} | properties,
        "required": ["pbx", "queue"],
    }
    content = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    **documented(401, 413, 422, 503),
    200: {
        "model": OverflowAnswer,
        "content": {
            "application/json": {"example": _EXAMPLE},
            "text/plain": {"example": _LINE, "schema": {"type": "string"}},
        },
    },
}
_SECURITY: Final[list[dict[str, list[str]]]] = [{"HTTPBearer": []}, {"HTTPBasic": []}]


@router.get(
    "/overflow/decision",
    response_model=OverflowAnswer,
    responses=_ANSWERS,
    openapi_extra={"security": _SECURITY} | _described(body=False),
)
async def overflow_decision(request: Request) -> Response:
    """Say whether a caller should be overflowed instead of joining a queue, and where to.

    Answered from memory. The token goes in `Authorization`: `Bearer`, or `Basic` with the token as
    the password. With `format=dialplan` errors too are a line: `overflow=0&error=…`.
    """
    return await answered(request)


@router.post(
    "/overflow/decision",
    response_model=OverflowAnswer,
    responses=_ANSWERS,
    openapi_extra={"security": [*_SECURITY, {}]} | _described(body=True),
)
async def overflow_decision_by_form(request: Request) -> Response:
    """The same question as a form, which may bring the token as its field `access_token`.

    For `CURL()` in a dialplan: Asterisk writes addresses into its log, and what is set by
    `CURLOPT()` to its console and to every AMI client, but not the body of a POST.
    """
    return await answered(request)
