"""`casetrace login`, `logout`, `whoami`: who the other commands act as."""

from typing import Annotated

import typer

from api.commands.options import PasswordVariable, here, password_from
from api.console import facts, say, show_json
from api.schemas.accounts import AccountOut
from api.schemas.scalars import text_of

CONSOLE_ORIGIN = "console"


def add_to(app: typer.Typer) -> None:
    """Give `app` these commands."""
    app.command()(login)
    app.command()(logout)
    app.command()(whoami)


def login(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The account's name.")],
    password_env: PasswordVariable = "",
) -> None:
    """Log in: later commands act as this account until `logout`, or until the session ends."""
    installation = here(context)
    with installation.service() as service:
        password = password_from(password_env)
        token, session = service.accounts.login(name, password, "bearer", origin=CONSOLE_ORIGIN)
    installation.keep_token(token)
    say(f"logged in as {name} until {text_of(session.expires_ns)}")


def logout(context: typer.Context) -> None:
    """End the session and forget its token."""
    installation = here(context)
    with installation.service() as service:
        service.accounts.logout(installation.token())
    installation.forget_token()
    say("logged out")


def whoami(context: typer.Context) -> None:
    """The account that commands act as."""
    installation = here(context)
    with installation.signed_in() as (_, account):
        shown = AccountOut.of(account).model_dump(mode="json")
    if installation.as_json:
        show_json(shown)
    else:
        facts("logged in", shown)
