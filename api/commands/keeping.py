"""`casetrace retention`, `backup`, `restore`: what an installation's keeper runs."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.options import here
from api.console import facts, say, show_json
from cases.events import EventKind, event_by, event_of_system


def add_to(app: typer.Typer) -> None:
    """Give `app` these commands."""
    app.command()(retention)
    app.command()(backup)
    app.command()(restore)


def retention(context: typer.Context) -> None:
    """Drop what is older than its camera's days, except what a case holds; logged."""
    installation = here(context)
    with installation.service() as service:
        report = service.retention.run()
        detail = report.detail()
        service.audit.write(event_of_system(EventKind.RETENTION_RUN, detail))
    if installation.as_json:
        show_json(detail)
    else:
        facts("retention", detail)


def backup(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="A new folder; it must not be there yet.")],
    footage: Annotated[bool, typer.Option(help="Copy the footage too.")] = True,
    shots: Annotated[bool, typer.Option(help="Copy the pictures of tracklets too.")] = True,
    verify: Annotated[
        bool, typer.Option("--verify", help="Make none: hash the one that is there.")
    ] = False,
) -> None:
    """Copy the installation while it works, or check a copy. Keep it as safe as the original."""
    from index.backup import backup as copy_out
    from index.backup import verify_backup

    installation = here(context)
    if verify:
        report = verify_backup(target)
    else:
        settings = installation.settings()
        with installation.service() as service:
            report = copy_out(settings.data_dir, settings.url, target, footage=footage, shots=shots)
            detail = {"sha256": report.sha256, "files": report.files, "bytes": report.bytes}
            actor = installation.anybody(service)
            kind = EventKind.BACKUP
            event = event_by(actor, kind, detail) if actor else event_of_system(kind, detail)
            service.audit.write(event)
    values = {"files": report.files, "bytes": report.bytes, "sha256": report.sha256}
    if installation.as_json:
        show_json({**values, "rows": report.rows, "note": report.note})
        return
    facts(f"backup {target}", values)
    if report.note:
        say(report.note)


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(help="A backup.")],
) -> None:
    """Make the installation from a backup, in a folder that is not there yet."""
    from index.backup import restore as copy_back

    installation = here(context)
    copy_back(source, installation.data_dir)
    say(f"{installation.data_dir}: restored; nobody is logged in")
