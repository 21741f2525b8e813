"""Errors in the one shape that all answers have, and never a stack trace for people to read."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import Json
from api.schemas import Problem
from config.faults import Complaint, Wrong, coded

log = logging.getLogger("minuteur.api")

_WORDS = {
    401: ("unauthenticated", "Sign in, or send a token: Authorization: Bearer …"),
    403: ("forbidden", "This needs another role."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("too_large", "The body of a request may have 64 KB at most."),
}

_CAUSES = {
    400: "The request cannot be read",
    401: "Neither a valid token nor a session",
    403: "The role or the origin is not allowed to do this",
    404: "There is no such thing",
    409: "Somebody else was faster; read it again",
    413: "The body is larger than 64 KB",
    422: "A parameter is bad; `fields` says which and why",
    426: "This address speaks WebSocket",
    428: "It is not said which version was read",
    429: "Too many attempts; `Retry-After` says how many seconds to wait",
    500: "Something broke here; the message holds the id under which it was logged",
    503: "The record cannot be read now",
}


class ApiError(Exception):
    """An error that is told to the client as it stands."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})

    def answer(self) -> Json:
        """The error as a response."""
        codes = {
            name: {"code": text.code, "params": dict(text.params)}
            for name, text in self.fields.items()
            if isinstance(text, Complaint)
        }
        error = {"code": self.code, "message": self.message, "fields": self.fields}
        body = {"error": error | {"field_codes": codes}}
        return Json(body, self.status, headers=self.headers)


def bad_field(name: str, message: str) -> ApiError:
    """One parameter is bad; a :class:`config.faults.Complaint` says its code as well."""
    return ApiError(422, "invalid", f"{name}: {message}", {name: message})


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: all have the one error shape."""
    return {
        status: {
            "model": Problem,
            "description": _CAUSES[status],
            "content": {"application/json": {"example": _example(status)}},
        }
        for status in statuses
    }


def _example(status: int) -> dict[str, Any]:
    code, message = _WORDS.get(status, (_code(status), f"{_CAUSES[status]}."))
    fields, codes = {}, {}
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        code, message = "invalid", "limit: it should be less than or equal to 200"
        fields = {"limit": "it should be less than or equal to 200"}
        codes = {"limit": {"code": Wrong.AT_MOST.value, "params": {"limit": 200}}}
    error = {"code": code, "message": message, "fields": fields, "field_codes": codes}
    return {"error": error}


def _code(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "_")


def describe(errors: Sequence[Any]) -> dict[str, str]:
    """What pydantic found wrong, by parameter, in plain words."""
    fields: dict[str, str] = {}
    for error in errors:
        place = [str(part) for part in error["loc"]]
        if place[0] == "query":
            place = place[:2]  # one of several values of a parameter
        name = ".".join(place[1:] if len(place) > 1 else place)
        cause = error.get("ctx", {}).get("error")
        message = str(cause) if isinstance(cause, Exception) else str(error["msg"])
        message = message.replace("Input should", "it should").replace("Field required", "missing")
        message = message[:1].lower() + message[1:]
        fields.setdefault(name, coded(error["type"], error.get("ctx", {}), message))
    return fields


def install(app: FastAPI) -> None:
    """Have every error of an application answered in the one shape."""

    @app.exception_handler(ApiError)
    async def _api_error(_: Request, error: ApiError) -> Json:
        return error.answer()

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Json:
        fields = describe(error.errors())
        message = "; ".join(f"{name}: {text}" for name, text in fields.items())
        return ApiError(422, "invalid", message, fields).answer()

    @app.exception_handler(HTTPException)
    async def _http_error(_: Request, error: HTTPException) -> Json:
        status = error.status_code
        code, message = _WORDS.get(status, (_code(status), str(error.detail)))
        return ApiError(status, code, message, headers=error.headers).answer()


class Guard:
    """The outermost layer: what nobody caught becomes a plain 500, logged under an id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] in ("http.response.start", "websocket.accept")
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:  # the last line of defence
            number = secrets.token_hex(4)
            log.exception("Error %s at %s %s", number, scope.get("method", ""), scope.get("path"))
            if scope["type"] != "http" or started:
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1011})
                return
            message = f"Something broke here. It was logged under the id {number}."
            await ApiError(500, "internal", message).answer()(scope, receive, send)
