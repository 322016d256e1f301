"""The description of the API is whole: names, statuses, examples that are valid themselves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

import api.routes
from api.schemas import (
    accounts,
    audit,
    cameras,
    cases,
    colours,
    coverage,
    errors,
    footage,
    page,
    reconstruction,
    report,
    scene,
    searches,
    series,
    trajectory,
)
from api.schemas.scalars import Wire
from tests.api.house import House
from tests.api.routes import Route, all_routes, openapi
from tests.api.test_rights import OPEN

MODULES = (
    accounts,
    audit,
    cameras,
    cases,
    colours,
    coverage,
    errors,
    footage,
    page,
    reconstruction,
    report,
    scene,
    searches,
    series,
    trajectory,
)
JSON = "application/json"


def operation(route: Route) -> dict[str, Any]:
    found = openapi()["paths"][route.path][route.method.lower()]
    assert isinstance(found, dict)
    return found


def named(schema: dict[str, Any]) -> Iterator[str]:
    """Names of the models that a schema is made of, at its top."""
    if "$ref" in schema:
        yield schema["$ref"].rsplit("/", 1)[1]
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from named(part)


def answers(route: Route) -> Iterator[tuple[str, dict[str, Any]]]:
    """(status, schema) of each answer in JSON."""
    for status, answer in operation(route)["responses"].items():
        if JSON in answer.get("content", {}):
            yield status, answer["content"][JSON]["schema"]


@pytest.mark.parametrize("route", all_routes(), ids=str)
def test_route_says_in_a_line_what_it_does(route: Route) -> None:
    first = operation(route)["description"].splitlines()[0]
    assert first.endswith(".")


@pytest.mark.parametrize("route", [r for r in all_routes() if r.name not in OPEN], ids=str)
def test_route_states_its_refusals_in_the_one_shape(route: Route) -> None:
    stated = dict(answers(route))
    assert {"401", "403", "422"} <= set(stated)
    failed = [schema for status, schema in stated.items() if status >= "4"]
    assert all(list(named(schema)) == ["FailureAnswer"] for schema in failed)


@pytest.mark.parametrize("route", all_routes(), ids=str)
def test_route_states_the_ways_in_unless_it_is_open(route: Route) -> None:
    ways = [name for way in operation(route).get("security", ()) for name in way]
    assert ways == ([] if route.name in OPEN else ["HTTPBearer", "APIKeyCookie"])


@pytest.mark.parametrize("route", all_routes(), ids=str)
def test_bodies_that_come_and_go_have_an_example(route: Route) -> None:
    schemas = openapi()["components"]["schemas"]
    body = operation(route).get("requestBody", {}).get("content", {}).get(JSON, {})
    used = [name for _, schema in answers(route) for name in named(schema)]
    used += named(body.get("schema", {}))
    assert [name for name in used if not schemas[name].get("examples")] == []


def models_with_examples() -> Iterator[Any]:
    for module in MODULES:
        for name, model in vars(module).items():
            extra = getattr(model, "model_config", {}).get("json_schema_extra")
            if extra and model.__module__ == module.__name__:
                yield pytest.param(model, extra["examples"], id=name)


@pytest.mark.parametrize(("model", "examples"), list(models_with_examples()))
def test_example_is_valid_itself(model: type[Wire], examples: list[Any]) -> None:
    adapter = TypeAdapter(model)
    assert examples
    for example in examples:
        adapter.validate_python(example, strict=False)


def test_no_route_hides_from_the_description() -> None:
    folder = Path(str(api.routes.__file__)).parent
    source = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    assert "include_in_schema" not in source
    assert len(re.findall(r"^@\w*router\.\w+\(", source, re.MULTILINE)) == len(all_routes())


def test_nothing_that_goes_out_is_a_vector_or_a_path() -> None:
    """Field names of every answer: no embedding, no hash of a password, no place on the disk."""
    forbidden = re.compile(r"vector|embedding|password_hash|secret|^key$|path|^token_sha")
    schemas = openapi()["components"]["schemas"]
    fields = {
        (name, field)
        for name, schema in schemas.items()
        for field in schema.get("properties", {})
        if forbidden.search(field)
    }
    assert fields == set()


def test_every_data_route_names_its_case() -> None:
    """What is left is about the installation and its people, not about what cameras saw."""
    without = {route.path for route in all_routes() if not route.names_a_case}
    about = ("session", "accounts", "cameras", "roads", "cases", "audit", "page", "map.geojson")
    known = (*(f"/api/v1/{word}" for word in about), "/healthz", "/readyz", "/metrics", "/page/")
    assert [path for path in without if path != "/" and not path.startswith(known)] == []


def test_description_is_served_without_a_login(house: House) -> None:
    response = house.client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json()["info"]["title"] == "CaseTrace"
