"""What the commands share: where they are, and passwords that never stand in an argument."""

import getpass
import os
import sys
from typing import Annotated, cast

import typer

from api.installation import Installation
from core.errors import InvalidInput

PasswordVariable = Annotated[
    str,
    typer.Option(
        "--password-env",
        metavar="NAME",
        help="Take the password from this environment variable, not from the keyboard.",
    ),
]
"""A password as an argument would stand in the process list and in the shell's history."""


def here(context: typer.Context) -> Installation:
    """The installation that the command works on."""
    return cast("Installation", context.obj)


def password_from(variable: str, *, prompt: str = "password", twice: bool = False) -> str:
    """The password: from the named variable, from a pipe's first line, or asked for unseen."""
    if variable:
        return _from_environment(variable)
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"{prompt}: ")
    if twice and getpass.getpass(f"{prompt}, again: ") != password:
        raise InvalidInput("password: the two differ")
    return password


def _from_environment(variable: str) -> str:
    try:
        return os.environ[variable]
    except KeyError as error:
        raise InvalidInput(f"password: no environment variable {variable!r}") from error
