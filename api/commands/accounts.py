"""`casetrace user`: the people who may log in."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.options import PasswordVariable, here, password_from
from api.console import say, show_json, table
from api.schemas.accounts import AccountOut
from core.errors import NotFound
from core.types import Account, Role

if TYPE_CHECKING:
    from pipeline.service import Service

app = typer.Typer(help="Accounts: the first administrator, and everybody after.")

Name = Annotated[str, typer.Argument(help="The account's name.")]
FullName = Annotated[str, typer.Option("--full-name", help="As on the badge.")]
Organisation = Annotated[str, typer.Option("--organisation", help="Unit; stands in the audit log.")]
RoleOption = Annotated[
    list[Role], typer.Option("--role", help="Give it several times for several.")
]


@app.command("add-first")
def add_first(
    context: typer.Context,
    name: Name,
    full_name: FullName = "",
    organisation: Organisation = "",
    password_env: PasswordVariable = "",
) -> None:
    """Make the first administrator; refused once there is any account."""
    with here(context).service() as service:
        password = password_from(password_env, twice=True)
        account = service.accounts.create_first_admin(
            name, password, full_name=full_name, organisation=organisation
        )
    say(f"{account.name}: first administrator, id {account.account_id}")


@app.command()
def add(
    context: typer.Context,
    name: Name,
    role: RoleOption,
    full_name: FullName = "",
    organisation: Organisation = "",
    password_env: PasswordVariable = "",
) -> None:
    """Add a person, as an administrator."""
    with here(context).signed_in() as (service, actor):
        password = password_from(password_env, prompt=f"password of {name}", twice=True)
        account = service.accounts.create(
            actor, name, password, role, full_name=full_name, organisation=organisation
        )
    say(f"{account.name}: {', '.join(sorted(account.roles))}, id {account.account_id}")


@app.command("list")
def list_accounts(context: typer.Context) -> None:
    """Everybody by name."""
    installation = here(context)
    with installation.signed_in() as (service, actor):
        people = service.accounts.all(actor)
    rows = [AccountOut.of(account).model_dump(mode="json") for account in people]
    if installation.as_json:
        show_json(rows)
        return
    columns = ("account_id", "name", "full_name", "organisation", "roles", "disabled")
    table("accounts", columns, ([row[column] for column in columns] for row in rows))


@app.command()
def roles(context: typer.Context, name: Name, role: RoleOption) -> None:
    """Give an account other roles, as an administrator; its sessions end."""
    with here(context).signed_in() as (service, actor):
        other = account_named(service, actor, name)
        changed = service.accounts.change_roles(actor, other.account_id, role)
    say(f"{changed.name}: {', '.join(sorted(changed.roles))}")


@app.command()
def disable(context: typer.Context, name: Name) -> None:
    """Lock an account, as an administrator; its sessions end."""
    with here(context).signed_in() as (service, actor):
        service.accounts.disable(actor, account_named(service, actor, name).account_id)
    say(f"{name}: disabled")


@app.command()
def password(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Somebody else, as an administrator.")] = "",
    old_password_env: Annotated[
        str, typer.Option(metavar="NAME", help="Variable that holds the old one (one's own only).")
    ] = "",
    password_env: PasswordVariable = "",
) -> None:
    """Change one's own password, or set somebody else's; that account's sessions end."""
    with here(context).signed_in() as (service, actor):
        if name in ("", actor.name):
            old = password_from(old_password_env, prompt="old password")
            new = password_from(password_env, prompt="new password", twice=True)
            service.accounts.change_password(actor, old, new)
        else:
            other = account_named(service, actor, name)
            new = password_from(password_env, prompt=f"new password of {name}", twice=True)
            service.accounts.reset_password(actor, other.account_id, new)
    say(f"{name or actor.name}: password changed; log in again")


def account_named(service: "Service", actor: Account, name: str) -> Account:
    """The account of that name or id; `NotFound` if there is none."""
    for account in service.accounts.all(actor):
        if name.casefold() == account.name or name == str(account.account_id):
            return account
    raise NotFound(f"account {name!r}: there is none")
