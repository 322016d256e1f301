"""`casetrace models`: the files that see, each checked against its declared hash."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from api.commands.options import here
from api.console import say, show_json, table
from api.trail import record_model_change
from core.errors import InvalidInput
from core.types import ModelSpec

app = typer.Typer(help="Model files: list, get, add without a network, convert, check.")


@app.command("list")
def list_models(context: typer.Context) -> None:
    """Every declared model, its licence, and whether its file is here."""
    installation = here(context)
    with installation.service() as service:
        known = service.models.list()
    rows = [
        {
            "name": model.entry.spec.name,
            "task": model.entry.spec.task,
            "family": model.entry.spec.family,
            "licence": model.entry.spec.licence,
            "sha256": model.entry.spec.sha256,
            "present": model.present,
            "own": model.own,
            "note": model.entry.note,
        }
        for model in known
    ]
    if installation.as_json:
        show_json(rows)
        return
    columns = ("name", "task", "family", "licence", "present", "own")
    table("models", columns, ([row[column] for column in columns] for row in rows))


@app.command()
def pull(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A model or a group, such as `street`.")],
) -> None:
    """Get a model, or a group of them, over https and check its hash."""
    installation = here(context)
    with installation.service() as service:
        for member in service.models.members(name):
            with _progress() as bar:
                task = bar.add_task(member, total=None)
                path = service.models.pull(
                    member,
                    progress=lambda done, total, task=task, bar=bar: bar.update(
                        task, completed=done, total=total or None
                    ),
                )
            actor = installation.anybody(service)
            record_model_change(service, actor, service.models.spec(member), "pull")
            say(f"{member}: {path}")
        _say_settings([service.models.spec(member) for member in service.models.members(name)])


@app.command()
def add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The model's ONNX file.")],
    declaration: Annotated[
        Path | None, typer.Option(help="TOML with one [models.NAME], for a model of your own.")
    ] = None,
) -> None:
    """Take in a model file: the way without a network. It is found by its hash."""
    installation = here(context)
    text = None if declaration is None else _text_of(declaration)
    with installation.service() as service:
        spec = service.models.add(file, text)
        record_model_change(service, installation.anybody(service), spec, "add")
    say(f"{spec.name}: added, SHA-256 {spec.sha256}")


@app.command()
def export(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A `.pt` file of ultralytics, by whom you trust.")],
    name: Annotated[str, typer.Option(help="What to call the model; empty takes the file's.")] = "",
    height: Annotated[
        int, typer.Option(help="Of the model's input, pixels; 0 is what it was trained at.")
    ] = 0,
    width: Annotated[int, typer.Option(help="Of the model's input, pixels; 0 likewise.")] = 0,
) -> None:
    """Convert a detector of your own to ONNX and take it in; wants `casetrace[train]`."""
    # Imported here because few convert, and it loads what rewrites models.
    from core.runtime.convert import export_checkpoint

    if bool(height) != bool(width):
        raise InvalidInput(f"input size: want height and width, got {height} and {width}")
    installation = here(context)
    with installation.service() as service:
        size = (height, width) if height else None
        spec = export_checkpoint(service.models, file, name=name, input_hw=size)
        record_model_change(service, installation.anybody(service), spec, "add")
    say(f"{spec.name}: added, SHA-256 {spec.sha256}; use it with the setting `detector`")


@app.command()
def verify(context: typer.Context) -> None:
    """Hash every model that is here; one that differs from its declaration is an error."""
    with here(context).service() as service:
        checked = service.models.verify()
    say(f"{len(checked)} models hold: {', '.join(spec.name for spec in checked) or 'none is here'}")


def _say_settings(specs: Sequence[ModelSpec]) -> None:
    """What to write into the settings so that these models are used."""
    of_task = {"detect": "detector", "embed": "{}_embedder"}
    lines = [
        f'  {of_task[spec.task].format(spec.family)} = "{spec.name}"'
        for spec in specs
        if spec.task in of_task
    ]
    say("\n".join(["To use it, in casetrace.toml:", *lines]))


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: want a readable text file: {error}") from error


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    )
