"""What the PBX asks before it queues a caller. No database on the way, and always an answer.

A dialplan waits for it: so nothing is validated by models here, and a dialplan is told
``overflow=0`` whatever is wrong.
"""

import base64
import binascii
import logging
import secrets
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.responses import PlainTextResponse

from api.access import Credential, Kind
from api.answers import Json
from api.auth import bearer_of, services_of, unauthenticated
from api.errors import ApiError, bad_field, documented
from api.overflow_schemas import ReasonOut
from api.schemas import Schema, Seconds
from api.services import Services
from config.overflow_actions import Destination
from monitor.core.clock import SECOND
from monitor.core.events import LinkState
from monitor.core.overflow.decisions import Because, Decision, Verb
from monitor.core.overflow.engine import Question
from monitor.core.overflow.words import sentence

log = logging.getLogger("minuteur.api")

router = APIRouter(tags=["overflow"])

_Answer = dict[str, Any]


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


LONGEST: Final = 128
"""Characters of a parameter; Asterisk's own names are shorter."""
REASON_LONGEST: Final = 400
"""Characters of a reason in a channel variable."""
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
    return await _answered(request, "")


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
    return await _answered(request, (await request.body()).decode(errors="replace"))


async def _answered(request: Request, form: str) -> Response:
    fields = dict(parse_qsl(request.url.query, keep_blank_values=True))
    fields.pop("access_token", None)  # addresses are logged, everywhere
    fields |= parse_qsl(form, keep_blank_values=True)
    dialplan = fields.get("format") == "dialplan"
    try:
        services = services_of(request)
        await _let_in(request, services, fields)
        answer = _decided(services, _question(fields))
        return _line(answer) if dialplan else Json(answer)
    except ApiError as error:
        return _refused(error, dialplan=dialplan)
    except Exception:
        number = secrets.token_hex(4)
        log.exception("Error %s: a question of a dialplan could not be answered", number)
        message = f"Something broke here. It was logged under the id {number}."
        return _refused(ApiError(500, "internal", message), dialplan=dialplan)


# --- who asks, and what ---------------------------------------------------------------------------


async def _let_in(request: Request, services: Services, fields: dict[str, str]) -> None:
    """Any role may ask.

    Raises:
        ApiError: 401 without a good token; 503 when the accounts cannot be read, and the token was
            not good lately.
    """
    # FILE(), with which a dialplan reads the token, keeps the line's end
    in_form = fields.get("access_token", "").strip()
    token = bearer_of(request) or _password_of(request) or in_form
    if not token or await services.askers.account_of(Credential(Kind.TOKEN, token)) is None:
        raise unauthenticated()


def _password_of(request: Request) -> str | None:
    """The password of ``Authorization: Basic``: some programs know no other way."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def _question(fields: dict[str, str]) -> Question:
    """What is asked.

    Raises:
        ApiError: 422 when a parameter is missing or cannot be.
    """
    for name in ("pbx", "queue"):
        if not fields.get(name):
            raise bad_field(name, "missing")
    for name in _NAMES:
        value = fields.get(name, "")
        if len(value) > LONGEST or not value.isprintable():
            raise bad_field(name, f"it should be at most {LONGEST} printable characters")
    if fields.get("format", "json") not in ("json", "dialplan"):
        raise bad_field("format", "it should be json or dialplan")
    return Question(
        fields["pbx"], fields["queue"], fields.get("uniqueid", ""), fields.get("caller", "")
    )


# --- the answer -----------------------------------------------------------------------------------


def _decided(services: Services, question: Question) -> _Answer:
    monitor = services.monitor
    link = monitor.engine.pbx_state(question.pbx)
    if link is None:
        return _stays("unknown_pbx", f"no PBX of the name {question.pbx} is watched")
    if link.link is not LinkState.CONNECTED:
        return _stays(Because.NOT_CONNECTED, "the PBX is not observed at the moment")
    if monitor.engine.queue_state(question.pbx, question.queue) is None:
        return _stays("unknown_queue", f"the PBX has no queue {question.queue}")
    if monitor.overflow is None:
        return _stays(Because.NO_RULE, "nothing is decided here")
    decision, effects = monitor.overflow.ask(question, services.now())
    monitor.publish(effects)
    return _answer_of(decision)


def _stays(code: str, why: str) -> _Answer:
    """Not even asked, so there is no decision to look up."""
    return {
        "overflow": False,
        "to": None,
        "rule": None,
        "reason": f"Not moved: {why}.",
        "reasons": [{"code": code, "detail": {}}],
        "decision": None,
        "expected_wait_s": None,
        "miss_probability": None,
        "dry_run": False,
        "held_back": False,
    }


def _answer_of(decision: Decision) -> _Answer:
    to, wait = decision.to, decision.expected_wait
    acts = decision.verb is Verb.MOVE and not decision.dry_run and not decision.held_back
    return {
        "overflow": acts and to is not None,
        "to": None
        if to is None
        else {
            "context": to.context,
            "exten": to.exten,
            "priority": to.priority,
            "queue": to.queue,
        },
        "rule": decision.rule_id or None,
        "reason": sentence(decision),
        "reasons": [
            {"code": reason.because, "detail": reason.detail} for reason in decision.reasons
        ],
        "decision": decision.id,
        "expected_wait_s": None if wait is None else wait / SECOND,
        "miss_probability": decision.miss_probability,
        "dry_run": decision.dry_run,
        "held_back": decision.held_back,
    }


def _line(answer: _Answer) -> Response:
    """One line for ``HASH()``. The reason comes last: who finds one has the whole answer."""
    fields: dict[str, object] = {"overflow": int(answer["overflow"])}
    if answer["overflow"]:
        fields |= {name: answer["to"][name] for name in ("context", "exten", "priority")}
    if answer["decision"]:
        fields["decision"] = answer["decision"]
    if answer["expected_wait_s"] is not None:
        fields["expected_wait"] = round(answer["expected_wait_s"])
    fields["reason"] = answer["reason"][:REASON_LONGEST]
    return _text(fields, 200)


def _refused(error: ApiError, *, dialplan: bool) -> Response:
    if not dialplan:
        return error.answer()
    return _text({"overflow": 0, "error": error.code}, error.status, error.headers)


def _text(
    fields: dict[str, object], status: int, headers: dict[str, str] | None = None
) -> Response:
    line = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in fields.items())
    return PlainTextResponse(f"{line}\n", status, {"Cache-Control": "no-store"} | (headers or {}))
