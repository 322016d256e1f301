"""`casetrace ingest`: cameras in."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.options import here
from api.logs import configure_logs


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(ingest)


def ingest(
    context: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(help="A video, a folder of them, or a picture; else live streams."),
    ] = None,
    camera: Annotated[
        list[int] | None, typer.Option(help="These cameras; else all that have an address.")
    ] = None,
    start: Annotated[str, typer.Option(metavar="TIME", help="When the (first) file begins.")] = "",
    name_pattern: Annotated[
        str, typer.Option(help="The files' names say when they begin, e.g. %Y%m%d-%H%M%S%z.")
    ] = "",
    zone: Annotated[
        str, typer.Option(metavar="+HH:MM", help="The zone of such names without one.")
    ] = "+00:00",
    name: Annotated[
        str, typer.Option(help="The process's name; each that runs at once needs its own.")
    ] = "main",
    supervise: Annotated[
        bool, typer.Option(help="Streams: start the process again when it falls.")
    ] = True,
    metrics_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Prometheus port on 127.0.0.1; 0 is none.")
    ] = 0,
) -> None:
    """Watch streams until stopped, or take files in until they end."""
    installation = here(context)
    settings = installation.settings()
    configure_logs(settings.log_level)
    # Imported here because it loads decoders and models: `--help` should not wait for them.
    from api.ingesting import file_jobs, ingested, stream_jobs, supervised

    if path:
        jobs = file_jobs(path, camera or [], start=start, pattern=name_pattern, zone=zone)
    else:
        jobs = stream_jobs(installation, camera or [])
        if supervise:
            code = supervised(installation, jobs, name=name, metrics_port=metrics_port)
            raise typer.Exit(code)
    ingested(installation, settings, jobs, name=name, metrics_port=metrics_port)
