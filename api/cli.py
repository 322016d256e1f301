"""The command line: `casetrace COMMAND`. It acts as whoever logged in, so that the audit knows."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version as distribution_version
from pathlib import Path
from typing import Annotated

import typer

from api.commands import (
    accounts,
    audit,
    cameras,
    cases,
    demo,
    doctor,
    ingest,
    init,
    keeping,
    login,
    models,
    reconstruct,
    report,
    search,
    series,
    serve,
)
from api.console import INTERRUPTED, complain, exit_code_of, say
from api.installation import Installation
from core.errors import CaseTraceError

DEFAULT_DATA_DIR = Path("casetrace-data")

app = typer.Typer(
    name="casetrace",
    help="Looks back over camera video for an authorised case.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (
    login,
    init,
    serve,
    ingest,
    search,
    reconstruct,
    report,
    series,
    keeping,
    doctor,
    demo,
):
    module.add_to(app)
app.add_typer(accounts.app, name="user")
app.add_typer(audit.app, name="audit")
app.add_typer(cameras.app, name="cameras")
app.add_typer(cases.app, name="case")
app.add_typer(models.app, name="models")


def _say_version(wanted: bool) -> None:
    if wanted:
        say(distribution_version("casetrace"))
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data_dir: Annotated[
        Path,
        typer.Option("--data-dir", "-d", envvar="CASETRACE_DATA_DIR", help="The installation."),
    ] = DEFAULT_DATA_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    """Options of every command."""
    start = context.obj or Installation(data_dir)
    context.obj = replace(start, as_json=as_json)


def main(arguments: Sequence[str] | None = None, installation: Installation | None = None) -> None:
    """Run one command. Ends the process with the exit code of `docs/errors.md`.

    An `installation` that is given takes the place of the one that `--data-dir` names.
    """
    words = None if arguments is None else list(arguments)
    try:
        app(args=words, prog_name="casetrace", obj=installation)
    except CaseTraceError as error:
        complain(error)
        raise SystemExit(exit_code_of(error)) from error
    except KeyboardInterrupt as error:
        raise SystemExit(INTERRUPTED) from error
