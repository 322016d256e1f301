"""What the docs must name: a route, command, setting, code or metric that is missing fails here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.cli import app as command_line
from api.console import EXIT_CODES, exit_code_of
from api.errors import HTTP_CODES, INTERNAL, STATUS
from api.metrics import metric_names
from core import errors
from pipeline.settings import Settings
from tests.api.routes import Route, all_routes

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def all_commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""
    inner = getattr(command, "commands", None)  # typer may bring a click of its own
    if inner is None:
        yield " ".join(path), command
        return
    for name in sorted(inner):
        yield from all_commands(inner[name], (*path, name))


COMMANDS = dict(all_commands(typer.main.get_command(command_line)))


@pytest.mark.parametrize("route", all_routes(), ids=str)
def test_docs_name_every_route(route: Route) -> None:
    assert f"`{route.method} {route.path}`" in page("api")


@pytest.mark.parametrize("words", COMMANDS)
def test_docs_name_every_command_and_option(words: str) -> None:
    heading = f"### `casetrace {words}`"
    assert heading in page("commands")
    section = page("commands").split(heading)[1].split("\n### ")[0]
    for parameter in COMMANDS[words].params:
        option = next((name for name in parameter.opts if name.startswith("--")), None)
        assert f"`{option or parameter.name.upper()}" in section
        assert parameter.name == "help" or parameter.help


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_docs_name_every_setting_with_its_reason(name: str) -> None:
    (row,) = [line for line in page("settings").splitlines() if line.startswith(f"| `{name}` |")]
    assert str(Settings.model_fields[name].description) in row


@pytest.mark.parametrize("kind", list(STATUS), ids=lambda kind: kind.code)
def test_docs_state_code_status_and_exit_of_every_error(kind: type[errors.CaseTraceError]) -> None:
    (row,) = [line for line in page("errors").splitlines() if line.startswith(f"| `{kind.code}` |")]
    cells = [cell.strip() for cell in row.split("|")]
    assert cells[2:4] == [str(STATUS[kind]), str(exit_code_of(kind("x")))]


@pytest.mark.parametrize("code", [*HTTP_CODES.values(), INTERNAL])
def test_docs_name_every_code_of_http(code: str) -> None:
    assert f"| `{code}` |" in page("errors")


def test_exit_codes_keep_clear_of_the_shells_own() -> None:
    assert not set(EXIT_CODES.values()) & {0, 2}


@pytest.mark.parametrize("name", metric_names())
def test_docs_name_every_metric(name: str) -> None:
    assert f"`{name}`" in page("metrics")
