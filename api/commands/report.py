"""`casetrace report`: the report of a case for the file inside."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.options import here
from api.commands.search import write_new
from api.console import say, show_json
from api.reports.filing import filed_report
from api.reports.telling import Telling
from api.reports.times import zone_of
from api.reports.words import Language
from core.errors import InvalidInput


def add_to(app: typer.Typer) -> None:
    """Give `app` this command."""
    app.command()(report)


def report(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="The case's number.")],
    out: Annotated[
        Path, typer.Option(help="The file to write, .pdf or .html; it must not be there yet.")
    ],
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    zone: Annotated[
        str, typer.Option(metavar="ZONE", help="Zone of local times: Asia/Shanghai, or +08:00.")
    ] = "UTC",
) -> None:
    """Write the report of a case, marked internal, and say what it still lacks."""
    form = out.suffix.lower().removeprefix(".")
    if form not in ("pdf", "html"):
        raise InvalidInput(f"out: want a name that ends in .pdf or .html, got {out.name!r}")
    if language not in ("zh", "en"):
        raise InvalidInput(f"language: want zh or en, got {language!r}")
    chosen: Language = "zh" if language == "zh" else "en"
    installation = here(context)
    with installation.signed_in() as (service, actor):
        made, filed = filed_report(
            service,
            actor,
            case,
            "pdf" if form == "pdf" else "html",
            language=chosen,
            zone=zone,
        )
    write_new(out, filed.content)
    if installation.as_json:
        lacks = [{"kind": lack.kind.value, "count": lack.count} for lack in made.lacks]
        show_json({"sha256": filed.sha256, "content_sha256": made.digest(), "lacks": lacks})
        return
    say(f"{out}: {len(filed.content)} bytes, SHA-256 {filed.sha256}")
    words = Telling("en", zone_of(zone), made.places)
    say(words.t("lacks.ready" if made.worth_filing else "lacks.not_ready"))
    for lack in made.lacks:
        say(f"- {words.t(f'lack.{lack.kind.value}', count=lack.count)}")
