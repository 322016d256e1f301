"""`casetrace case`: ask for a case, decide another's, end it."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.accounts import account_named
from api.commands.options import here
from api.console import facts, say, show_json, table
from api.installation import Installation
from api.schemas.cases import CaseOut
from api.schemas.scalars import instant_of, text_of
from cases.papers import CaseRequest
from core.clocks import DAY_NS
from core.errors import InvalidInput
from core.types import CameraSpan, Case, TimeSpan

if TYPE_CHECKING:
    from pipeline.service import Service

app = typer.Typer(help="Cases: the authority to look back, asked for by one, given by another.")

CaseId = Annotated[int, typer.Argument(min=1, help="The case's number.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the audit log.")]
_GRANT = "CAMERA@START/END"
GrantOption = Annotated[
    list[str],
    typer.Option(
        "--grant",
        metavar=_GRANT,
        help="One camera over one span; give it several times.",
    ),
]


@app.command()
def request(
    context: typer.Context,
    reference: Annotated[str, typer.Option(help="The file number.")],
    offence: Annotated[str, typer.Option(help="What was done.")],
    legal_basis: Annotated[str, typer.Option(help="What allows looking.")],
    purpose: Annotated[str, typer.Option(help="What is to be found out.")],
    grant: GrantOption,
    days: Annotated[float, typer.Option(min=0.01, max=90, help="Days until it expires.")] = 7.0,
    member: Annotated[
        list[str] | None, typer.Option(help="Name of one more investigator in it.")
    ] = None,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="Readable before approval, for 48 hours at most.")
    ] = False,
    hold: Annotated[
        bool, typer.Option("--hold", help="Keep what the grants cover from retention.")
    ] = False,
) -> None:
    """Ask for a case; somebody else must approve it."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        members = (account_named(service, actor, name).account_id for name in member or ())
        asked = CaseRequest(
            reference=reference,
            offence=offence,
            legal_basis=legal_basis,
            purpose=purpose,
            grants=tuple(grant_of(text) for text in grant),
            expires_ns=service.now() + int(days * DAY_NS),
            members=frozenset(members),
            emergency=emergency,
            hold=hold,
        )
        _show(installation, service, service.desk.request(actor, asked))


@app.command("list")
def list_cases(context: typer.Context) -> None:
    """The cases that you work in, or may decide or audit, newest first."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        found = [CaseOut.of(c, service.desk.ends_ns(c)) for c in service.desk.visible(actor)]
    rows = [case.model_dump(mode="json") for case in found]
    if installation.as_json:
        show_json(rows)
        return
    columns = ("case_id", "state", "reference", "offence", "expires", "readable_until")
    table("cases", columns, ([row[column] for column in columns] for row in rows))


@app.command()
def show(context: typer.Context, case_id: CaseId) -> None:
    """One case's papers."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        _show(installation, service, service.desk.get(actor, case_id))


@app.command()
def approve(
    context: typer.Context,
    case_id: CaseId,
    version: Annotated[int, typer.Option(min=1, help="The version that you have read.")],
    note: Annotated[str, typer.Option(help="Stands in the audit log.")] = "",
) -> None:
    """Approve somebody else's case."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        case = service.desk.approve(actor, case_id, note, version=version)
        _show(installation, service, case)


@app.command()
def reject(context: typer.Context, case_id: CaseId, reason: Reason) -> None:
    """Reject somebody else's case: its use stops and what it produced is erased."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        _show(installation, service, service.desk.reject(actor, case_id, reason))


@app.command()
def close(context: typer.Context, case_id: CaseId, reason: Reason) -> None:
    """End a case that you work in: nothing more is read with it."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        _show(installation, service, service.desk.close(actor, case_id, reason))


@app.command()
def amend(
    context: typer.Context,
    case_id: CaseId,
    reason: Reason,
    grant: Annotated[
        list[str] | None,
        typer.Option(metavar=_GRANT, help="All its cameras and spans anew; several times."),
    ] = None,
    expires: Annotated[str, typer.Option(metavar="TIME", help="A new expiry.")] = "",
    hold: Annotated[bool | None, typer.Option(help="Keep its grants from retention.")] = None,
) -> None:
    """Change a case. What asks for more waits for approval again."""
    installation = here(context)
    grants = tuple(grant_of(text) for text in grant) if grant else None
    expires_ns = instant_from(expires) if expires else None
    with installation.signed_in() as (service, actor):
        case = service.desk.amend(
            actor, case_id, reason, grants=grants, expires_ns=expires_ns, hold=hold
        )
        _show(installation, service, case)


@app.command("add-member")
def add_member(
    context: typer.Context,
    case_id: CaseId,
    name: Annotated[str, typer.Argument(help="The investigator's account.")],
) -> None:
    """Let one more investigator work in the case."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        other = account_named(service, actor, name)
        _show(installation, service, service.desk.add_member(actor, case_id, other.account_id))


def grant_of(text: str) -> CameraSpan:
    """`CAMERA@START/END`, with ISO 8601 instants, as a grant."""
    camera, at_sign, span = text.partition("@")
    start, slash, end = span.partition("/")
    if not at_sign or not slash or not camera.isdecimal():
        raise InvalidInput(f"grant: want CAMERA@START/END, got {text!r}")
    start_ns, end_ns = instant_from(start), instant_from(end)
    if start_ns >= end_ns:
        raise InvalidInput(f"grant: want start before end, got {text!r}")
    return CameraSpan(int(camera), TimeSpan(start_ns, end_ns))


def instant_from(text: str) -> int:
    """UTC nanoseconds of an argument; `InvalidInput` says what was wanted."""
    try:
        return instant_of(text)
    except ValueError as error:
        raise InvalidInput(f"time: {error}") from error


def _show(installation: Installation, service: "Service", case: Case) -> None:
    shown = CaseOut.of(case, service.desk.ends_ns(case)).model_dump(mode="json")
    if installation.as_json:
        show_json(shown)
        return
    grants = shown.pop("grants")
    facts(f"case {case.case_id}", shown)
    table(
        "grants",
        ("camera", "start", "end"),
        ((grant["camera_id"], grant["start"], grant["end"]) for grant in grants),
    )
    if shown["readable_until"] is None:
        say("It cannot be read as it stands.")
    else:
        say(f"It can be read until {text_of(service.desk.ends_ns(case) or 0)}.")
