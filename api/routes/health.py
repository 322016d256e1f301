"""Whether it lives, whether it can work, and its numbers. None of this names a person or a case."""

import shutil
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict

from api.access import NamedRoute, Wired
from api.metrics import CONTENT_TYPE, exposition
from api.schemas.scalars import Wire
from core.errors import CaseTraceError
from pipeline.service import Service

router = APIRouter(tags=["health"], route_class=NamedRoute)


class Alive(Wire):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "alive"}]})

    status: Literal["alive"] = "alive"


class Ready(Wire):
    """`ready` when the database answers and the disk has room for the audit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ready", "database": True, "disk": True}]}
    )

    status: Literal["ready", "not ready"]
    database: bool
    disk: bool


@router.get("/healthz")
def healthz() -> Alive:
    """Answers as long as the process lives."""
    return Alive()


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Cannot work now."}},
)
def readyz(wired: Wired) -> Response:
    """Whether requests can be answered: 200, or 503 with what is missing."""
    database, disk = _database_answers(wired), _disk_has_room(wired)
    ready = database and disk
    body = Ready(status="ready" if ready else "not ready", database=database, disk=disk)
    return JSONResponse(body.model_dump(), 200 if ready else 503)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """Prometheus text; by route, never by path."""
    return Response(exposition(request.app.state.metrics.registry), media_type=CONTENT_TYPE)


def _database_answers(wired: Service) -> bool:
    try:
        wired.store.audit.count()
    except CaseTraceError:
        return False
    return True


def _disk_has_room(wired: Service) -> bool:
    settings = wired.settings
    return shutil.disk_usage(settings.data_dir).free > settings.disk_reserve_mb << 20
