"""`casetrace retention` and `casetrace backup`: what an installation's keeper runs each night."""

import typer

from api.commands.options import here
from api.console import facts, show_json
from cases.events import EventKind, event_of_system


def add_to(app: typer.Typer) -> None:
    """Give `app` these commands."""
    app.command()(retention)


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
