"""`casetrace init`: a new installation in an empty folder."""

import os
from pathlib import Path
from typing import Annotated

import typer

from api.commands.options import here
from api.console import say
from api.installation import Installation
from core.errors import Conflict
from index.migrations import current
from index.migrations import upgrade as move_on
from pipeline.settings import FILE_NAME, Settings


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(init)


def init(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Where; else `--data-dir`.")] = None,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Make none: move the tables of the one there on.")
    ] = False,
) -> None:
    """Make the folder, its settings with every default written down, and its database.

    With `--upgrade` the database of an installation that is there is moved on to the tables that
    this version wants; copy it before.
    """
    data_dir = folder or here(context).data_dir
    path = data_dir / FILE_NAME
    if upgrade:
        _upgrade(data_dir)
        return
    if path.exists():
        raise Conflict(f"{path} is there already; nothing was changed")
    # Footage of people: for the account that runs CaseTrace, and for nobody else on the machine.
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(settings_template())
    with Installation(data_dir).service():
        pass
    say(f"{data_dir}: ready. Next:")
    say(f"  casetrace --data-dir {data_dir} user add-first NAME")
    say(f"  casetrace --data-dir {data_dir} models pull street")


def _upgrade(data_dir: Path) -> None:
    settings = Installation(data_dir).settings()
    before = current(settings.url)
    after = move_on(settings.url)
    say(f"{data_dir}: tables of version {after}, {'as before' if after == before else 'moved on'}")


def settings_template() -> str:
    """TOML with every setting at its default, commented out, with its reason."""
    lines = ["# Settings of CaseTrace. Remove the `#` before a line to change it.", ""]
    for name, field in Settings.model_fields.items():
        if name == "data_dir":
            continue  # it is the folder that this file lies in
        lines += [f"# {field.description}", f"#{name} = {toml_of(field.default)}", ""]
    return "\n".join(lines)


def toml_of(value: object) -> str:
    """A default as TOML writes it."""
    if value is None:
        return '"/path/to/them"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(toml_of(part) for part in value)}]"
    return f'"{value}"'
