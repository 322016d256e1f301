"""What the docs must name: a route, command, setting, code or metric that is missing fails here."""

from pathlib import Path

import click
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


def all_commands(
    command: click.Command | None = None, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    here = command or typer.main.get_command(command_line)
    if not isinstance(here, click.Group):
        return [(path, here)]
    found = []
    for name in sorted(here.commands):
        found += all_commands(here.commands[name], (*path, name))
    return found


@pytest.mark.parametrize("route", all_routes(), ids=str)
def test_docs_name_every_route(route: Route) -> None:
    assert f"`{route.method} {route.path}`" in page("api")


@pytest.mark.parametrize(
    ("path", "command"), all_commands(), ids=lambda part: part if isinstance(part, tuple) else ""
)
def test_docs_name_every_command_and_option(path: tuple[str, ...], command: click.Command) -> None:
    heading = f"### `casetrace {' '.join(path)}`"
    assert heading in page("commands")
    section = page("commands").split(heading)[1].split("\n### ")[0]
    for parameter in command.params:
        name = parameter.opts[0] if isinstance(parameter, click.Option) else parameter.name
        assert str(name).upper().lstrip("-") in section.upper(), f"{path}: {name}"


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
