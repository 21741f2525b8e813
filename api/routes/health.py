"""Whether the process runs, whether it can do its work, and its metrics."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse

from api import examples
from api.answers import Json
from api.auth import ServicesDep, Viewer
from api.errors import documented
from api.schemas import HealthOut, ReadyOut
from api.visibility import scope_of

router = APIRouter(tags=["health"])

_DEGRADED = {"status": "degraded", "problems": ['The link with the PBX "lab" is lost.']}


@router.get("/healthz", response_model=HealthOut, responses=examples.answer({"status": "ok"}))
async def healthz() -> Json:
    """Say that the process runs. Open to everybody."""
    return Json({"status": "ok"})


@router.get(
    "/readyz",
    response_model=ReadyOut,
    responses=examples.answer({"status": "ready", "problems": []})
    | {
        503: {
            "model": ReadyOut,
            "description": "Degraded: it runs, but something keeps it from doing its work",
            "content": {"application/json": {"example": _DEGRADED}},
        }
    },
)
async def readyz(services: ServicesDep) -> Json:
    """Say whether the monitor can do its work, and if not, why. Open to everybody."""
    problems = services.problems()
    status = "degraded" if problems else "ready"
    return Json({"status": status, "problems": problems}, 503 if problems else 200)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses=documented(401, 403, 503),
    summary="Metrics",
)
async def metrics(services: ServicesDep, account: Viewer) -> Response:
    """Metrics for Prometheus, in its text format; for any role that sees all queues."""
    scope_of(account).check_all_queues("Metrics are about")
    return Response(services.metrics.render(), media_type=CONTENT_TYPE_LATEST)
