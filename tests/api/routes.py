"""Every route of the app, as its own OpenAPI says; and that nothing hides from OpenAPI."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from api.app import create_app
from pipeline.service import Service


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names_a_case(self) -> bool:
        return "{case_id}" in self.path


@cache
def openapi() -> dict[str, Any]:
    """The app's description; no service is needed to describe it."""
    return create_app(cast("Service", None)).openapi()


@cache
def all_routes() -> tuple[Route, ...]:
    return tuple(
        Route(operation["operationId"], method.upper(), path)
        for path, operations in openapi()["paths"].items()
        for method, operation in operations.items()
    )
