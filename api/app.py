"""The HTTP application, made anew for each server or test: nothing here is global."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api import errors, openapi
from api.answers import Json
from api.auth import Viewer
from api.errors import Guard, documented
from api.limits import BodyLimit
from api.questions import QuestionLane
from api.routes import (
    account,
    agents,
    alerts,
    calls,
    contacts,
    evidence,
    health,
    indicators,
    live,
    lost_callers,
    oidc,
    overflow_activity,
    overflow_decision,
    overflow_log,
    overflow_rules,
    overflow_switch,
    period,
    personal_data,
    policies,
    publishing,
    queues,
    reports,
    series,
    session,
    settings,
    settings_changes,
    settings_tools,
    setup,
    simulations,
    tokens,
    users,
)
from api.security import SecurityHeaders
from api.services import Services
from api.webapp import WebApp

PREFIX = "/api/v1"


def create_app(services: Services) -> FastAPI:
    """Make the application.

    Args:
        services: what its routes work with.
    """
    app = bare_app()
    app.state.services = services
    app.router.default = WebApp(services.dist)
    return app


def bare_app() -> FastAPI:
    """The application without its services: enough for its OpenAPI document."""
    app = FastAPI(
        title="Minuteur",
        version=version("minuteur"),
        description=openapi.DESCRIPTION,
        # The documentation pages would load scripts from elsewhere; the document is served below.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    interface = APIRouter(prefix=PREFIX, responses=documented(500))
    overflow = (
        overflow_activity,
        overflow_decision,
        overflow_rules,
        overflow_log,
        overflow_switch,
        simulations,
    )
    access = (session, oidc, setup, account, users, tokens)
    history = (calls, policies, indicators, series, period, agents, lost_callers, reports, evidence)
    personal = (personal_data,)
    changing = (settings_tools, settings_changes, settings)
    boards = (live, queues, alerts, contacts)
    for module in (*boards, *history, *personal, *overflow, publishing, *changing, *access):
        interface.include_router(module.router)
    app.include_router(interface)
    app.include_router(health.router)
    _serve_document(app)
    errors.install(app)
    app.add_middleware(QuestionLane, path=f"{PREFIX}/overflow/decision")
    app.add_middleware(BodyLimit)
    app.add_middleware(Guard)
    app.add_middleware(SecurityHeaders)
    return app


def _operation_id(route: APIRoute) -> str:
    """Short names for generated clients: the function's own."""
    return route.name


def _serve_document(app: FastAPI) -> None:
    def current() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi.document(app)
        return app.openapi_schema

    app.openapi = current  # type: ignore[method-assign]

    @app.get("/openapi.json", include_in_schema=False)
    @app.get(f"{PREFIX}/openapi.json", include_in_schema=False)
    async def openapi_document(_: Viewer) -> Json:
        """Describe the interface."""
        return Json(current())
