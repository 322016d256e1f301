"""`casetrace audit`: read the log and check its chain, as an auditor."""

from typing import Annotated

import typer

from api.commands.options import here
from api.console import say, show_json, table
from api.schemas.audit import AuditEntryOut
from api.trail import verify_audit
from core.errors import StorageCorrupt

app = typer.Typer(help="The audit log: read it, and check that nothing in it was changed.")


@app.command()
def verify(context: typer.Context) -> None:
    """Follow the chain from the first entry; the first that does not hold is an error."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        entries, fault = verify_audit(service, actor)
    if fault:
        raise StorageCorrupt(fault)
    if installation.as_json:
        show_json({"holds": True, "entries": entries})
    else:
        say(f"{entries} entries, all whole and in their place")


@app.command()
def show(
    context: typer.Context,
    after: Annotated[int, typer.Option(min=0, help="Only entries above this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
) -> None:
    """Entries by number. Reading them is an entry too."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        entries = service.audit.read(actor, after=after, limit=limit)
    rows = [AuditEntryOut.of(entry).model_dump(mode="json") for entry in entries]
    if installation.as_json:
        show_json(rows)
        return
    columns = ("seq", "at", "kind", "outcome", "actor_name", "case_id", "purpose", "detail")
    table("audit", columns, ([row[column] for column in columns] for row in rows))
