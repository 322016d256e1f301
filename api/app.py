"""The HTTP service: routes under `/api/v1`, one error shape, and nothing that watches."""

from importlib.metadata import version as distribution_version
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api.access import WAYS_IN
from api.errors import add_error_handlers
from api.metrics import HttpMetrics
from api.middleware import BodyLimit, RequestLine
from api.routes import (
    accounts,
    audit,
    cameras,
    cases,
    colours,
    findings,
    footage,
    health,
    probes,
    reconstructions,
    reports,
    scene,
    searches,
    series,
    session,
    web,
)
from pipeline.service import Service

PREFIX: Final = "/api/v1"
_DESCRIPTION: Final = (
    "Retrospective search over camera video, bound to an authorised case. Every answer about "
    "footage names its case in the path and leaves an audit entry before it leaves the house. "
    "Ids are strings, instants are ISO 8601 in UTC, spans are half-open. Results say similar "
    "appearance, never the same person."
)


def create_app(service: Service) -> FastAPI:
    """The application over an open service; who opened the service closes it."""
    app = FastAPI(
        title="CaseTrace",
        version=distribution_version("casetrace"),
        description=_DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # these pages load scripts from elsewhere: no use in a closed network
        redoc_url=None,
        generate_unique_id_function=_name_of,
    )
    app.state.service = service
    app.state.metrics = HttpMetrics()
    app.include_router(_versioned())
    app.include_router(health.router)
    app.include_router(web.open_router)
    add_error_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestLine, observe=app.state.metrics.observe)
    return app


def _versioned() -> APIRouter:
    """All routes under the version's prefix."""
    routers = (
        session.router,
        accounts.router,
        cameras.router,
        cases.router,
        probes.router,
        searches.router,
        findings.router,
        reconstructions.router,
        reports.router,
        series.router,
        scene.router,
        footage.router,
        colours.router,
        audit.router,
        web.router,
    )
    versioned = APIRouter(prefix=PREFIX)
    versioned.include_router(session.open_router)
    for router in routers:
        versioned.include_router(router, dependencies=WAYS_IN)
    return versioned


def _name_of(route: APIRoute) -> str:
    return route.name
