"""How publishing does: the sinks, and the messages that were given up."""

from collections.abc import Callable
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Path, Query, Response

from api import examples, views
from api.answers import Json
from api.auth import Lead, LeadActs, ServicesDep, Viewer
from api.errors import ApiError, documented
from api.publishing_schemas import DeadLetterList, DeadLetterOut, SinkList
from api.reading import read
from api.services import Services
from api.visibility import scope_of
from monitor.history.audit import AuditEntry, Who
from monitor.history.dead_letters import DeadLetter
from monitor.publishing import SinkStatus

router = APIRouter(tags=["publishing"])

_SINK: Final[views.Json] = {
    "name": "mqtt",
    "connected": False,
    "since": "2026-11-21T09:41:07.382Z",
    "detail": "There is no connection with the broker at 10.0.0.5:1883: Connection refused.",
    "backlog": 412,
    "oldest_at": "2026-11-21T09:41:06.117Z",
    "sent": 90_117,
    "failures": 3,
    "dead_letters": 0,
}
_LETTER: Final[views.Json] = {
    "id": 17,
    "sink": "webhook:crm",
    "message_id": "lab:1763718067.42:verdict:0:breached",
    "topic": "lab/calls/verdict",
    "call_id": "lab:1763718067.42",
    "at": "2026-11-21T09:42:08.001Z",
    "tries": 1,
    "error": "it answers 410",
    "waits": False,
    "payload": {"v": 1, "id": "lab:1763718067.42:verdict:0:breached", "event": "verdict"},
}

_LETTERS: Final = "These messages are about"
LetterId = Annotated[int, Path(description="The letter's `id`", ge=1, le=2**63 - 1, examples=[17])]


@router.get(
    "/publishing",
    response_model=SinkList,
    responses=documented(401, 403, 503) | examples.answer({"items": [_SINK]}),
)
async def list_sinks(services: ServicesDep, _: Viewer) -> Json:
    """How the broker and each webhook do. Counts are some seconds old."""
    return Json({"items": [_sink(status) for status in services.publishing.status()]})


@router.get(
    "/webhooks/dead-letters",
    response_model=DeadLetterList,
    responses=documented(401, 403, 422, 503)
    | examples.answer({"items": [_LETTER], "next_before": None}),
)
async def list_dead_letters(
    services: ServicesDep,
    account: Viewer,
    webhook: Annotated[
        str | None, Query(description="Only of this webhook", max_length=100, examples=["crm"])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many")] = 50,
    before: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="`next_before` of the page before")
    ] = None,
) -> Json:
    """Messages that a webhook refused, or failed at too often; newest first.

    They are about callers of all queues, so who sees some queues only may not read them.
    """
    scope = scope_of(account)
    scope.check_all_queues(_LETTERS)
    sink = None if webhook is None else f"webhook:{webhook}"
    page = services.publishing.outbox.dead_letters.page
    letters = await read(page, sink=sink, limit=limit + 1, before=before)
    shown = letters[:limit]
    more = shown[-1].seq if len(letters) > limit else None
    items = [scope.shown(_letter(letter)) for letter in shown]
    return Json({"items": items, "next_before": more})


@router.post(
    "/webhooks/dead-letters/{letter_id}/send-again",
    status_code=202,
    response_model=DeadLetterOut,
    responses=documented(401, 403, 404, 409, 422, 503)
    | examples.answer(_LETTER | {"waits": True}, 202),
)
async def send_again(
    services: ServicesDep, account: Lead, who: LeadActs, letter_id: LetterId
) -> Json:
    """Try once more to deliver a message, in the background.

    When it is taken the letter disappears, else its `tries` and `error` change. It comes after
    newer messages of its call.
    """
    scope = scope_of(account)
    scope.check_all_queues(_LETTERS)
    letter = await _found(services, letter_id)
    if letter.sink not in services.publishing.sinks:
        raise ApiError(409, "no_such_sink", f"The settings name no {letter.sink} any more.")
    await _act(services, who, "dead_letter_sent_again", letter)
    await read(services.publishing.outbox.dead_letters.requeue, letter_id)
    services.publishing.want_letters()
    return Json(scope.shown(_letter(letter) | {"waits": True}), status_code=202)


@router.delete(
    "/webhooks/dead-letters/{letter_id}",
    status_code=204,
    responses=documented(401, 403, 404, 422, 503),
)
async def delete_dead_letter(
    services: ServicesDep, account: Lead, who: LeadActs, letter_id: LetterId
) -> Response:
    """Throw a message away for good."""
    scope_of(account).check_all_queues(_LETTERS)
    letter = await _found(services, letter_id)
    await _act(services, who, "dead_letter_deleted", letter)
    await read(services.publishing.outbox.dead_letters.delete, letter_id)
    return Response(status_code=204)


async def _found(services: Services, letter_id: int) -> DeadLetter:
    page = services.publishing.outbox.dead_letters.page
    letters = await read(page, limit=1, before=letter_id + 1)
    if not letters or letters[0].seq != letter_id:
        raise ApiError(404, "not_found", f"No dead letter has the id {letter_id}.")
    return letters[0]


async def _act(services: Services, who: Who, what: str, letter: DeadLetter) -> None:
    """Leave a trace of who did it."""
    add: Callable[[AuditEntry], None] = services.overflow_control.record.audit.add
    before = {"sink": letter.sink, "error": letter.error, "tries": letter.tries}
    await read(
        add, AuditEntry(services.now(), who.by, who.via, what, letter.message.id, before, None)
    )


def _sink(status: SinkStatus) -> views.Json:
    return {
        "name": status.name,
        "connected": status.state.connected,
        "since": views.iso(status.state.since),
        "detail": status.state.detail,
        "backlog": status.backlog,
        "oldest_at": views.iso_or_none(status.oldest_at),
        "sent": status.state.sent,
        "failures": status.state.failures,
        "dead_letters": status.dead_letters,
    }


def _letter(letter: DeadLetter) -> views.Json:
    return {
        "id": letter.seq,
        "sink": letter.sink,
        "message_id": letter.message.id,
        "topic": letter.message.topic,
        "call_id": letter.message.call_id,
        "at": views.iso(letter.at),
        "tries": letter.tries,
        "error": letter.error,
        "waits": letter.again,
        "payload": orjson.loads(letter.message.payload),
    }
