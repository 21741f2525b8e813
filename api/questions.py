"""Answering what a dialplan asks before it queues a caller. No database on the way.

A dialplan waits for it: so a question does not take the way through the router, nothing is
validated by models, and a dialplan is told ``overflow=0`` whatever is wrong.
"""

import base64
import logging
import secrets
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access import Credential, Kind
from api.answers import Json
from api.auth import bearer_of, services_of, unauthenticated
from api.errors import ApiError, bad_field
from api.services import Services
from api.visibility import Scope as Visible
from api.visibility import scope_of
from monitor.accounts import Account
from monitor.core.clock import SECOND
from monitor.core.events import LinkState
from monitor.core.overflow.decisions import Because, Decision, Verb
from monitor.core.overflow.engine import Question
from monitor.core.overflow.words import sentence

log = logging.getLogger("minuteur.api")

NAMES: Final = ("pbx", "queue", "uniqueid", "caller", "format")
LONGEST: Final = 128
"""Characters of a parameter; Asterisk's own names are shorter."""
REASON_LONGEST: Final = 400
"""Characters of a reason in a channel variable."""

_Answer = dict[str, Any]


class QuestionLane:
    """Leads the questions of dialplans past the router, which takes longer than the answer."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        asked = scope["type"] == "http" and scope["path"] == self._path
        if not asked or scope["method"] not in ("GET", "POST"):
            await self._app(scope, receive, send)
            return
        response = await answered(Request(scope, receive))
        await response(scope, receive, send)


async def answered(request: Request) -> Response:
    """Answer a question, whatever happens, in the form that it wants.

    The token is taken from ``Authorization`` or from the body, never from the address, which
    everybody logs.
    """
    query = request.scope["query_string"].decode("latin-1")
    fields = dict(parse_qsl(query, keep_blank_values=True))
    fields.pop("access_token", None)
    try:
        if request.method == "POST":
            form = (await request.body()).decode(errors="replace")
            fields |= parse_qsl(form, keep_blank_values=True)
        services = services_of(request)
        may_see = scope_of(await _let_in(request, services, fields))
        answer = may_see.shown(_decided(services, _question(fields), may_see))
        return _line(answer) if _by_dialplan(fields) else Json(answer)
    except ApiError as error:
        refused = error
    except HTTPException as error:  # the body is too large
        refused = ApiError(error.status_code, "too_large", "The question is too long.")
    except Exception:
        number = secrets.token_hex(4)
        log.exception("Error %s: a question of a dialplan could not be answered", number)
        message = f"Something broke here. It was logged under the id {number}."
        refused = ApiError(500, "internal", message)
    return _refused(refused, dialplan=_by_dialplan(fields))


def _by_dialplan(fields: dict[str, str]) -> bool:
    return fields.get("format") == "dialplan"


# --- who asks, and what ---------------------------------------------------------------------------


async def _let_in(request: Request, services: Services, fields: dict[str, str]) -> Account:
    """Say who asks; any role may.

    Raises:
        ApiError: 401 without a good token; 503 when the accounts cannot be read, and the token was
            not good lately.
    """
    # FILE(), with which a dialplan reads the token, keeps the line's end
    in_form = fields.get("access_token", "").strip()
    token = bearer_of(request) or _password_of(request) or in_form
    account = None
    if token:
        account = await services.askers.account_of(Credential(Kind.TOKEN, token))
    if account is None:
        raise unauthenticated()
    return account


def _password_of(request: Request) -> str | None:
    """The password of ``Authorization: Basic``: some programs know no other way."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except ValueError:  # not base64, or not UTF-8 below it
        return None


def _question(fields: dict[str, str]) -> Question:
    """What is asked.

    Raises:
        ApiError: 422 when a parameter is missing or cannot be.
    """
    for name in ("pbx", "queue"):
        if not fields.get(name):
            raise bad_field(name, "missing")
    for name in NAMES:
        value = fields.get(name, "")
        if len(value) > LONGEST or not value.isprintable():
            raise bad_field(name, f"it should be at most {LONGEST} printable characters")
    if fields.get("format", "json") not in ("json", "dialplan"):
        raise bad_field("format", "it should be json or dialplan")
    return Question(
        fields["pbx"], fields["queue"], fields.get("uniqueid", ""), fields.get("caller", "")
    )


# --- the answer -----------------------------------------------------------------------------------


def _decided(services: Services, question: Question, may_see: Visible) -> _Answer:
    monitor = services.monitor
    link = monitor.engine.pbx_state(question.pbx)
    if link is None:
        return _stays("unknown_pbx", f"no PBX of the name {question.pbx} is watched")
    if link.link is not LinkState.CONNECTED:
        return _stays(Because.NOT_CONNECTED, "the PBX is not observed at the moment")
    known = monitor.engine.queue_state(question.pbx, question.queue) is not None
    if not known or not may_see.sees_queue(question.pbx, question.queue):
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
