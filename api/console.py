"""What the command line prints, and the exit code that it ends with."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.logs import hidden
from core import errors

EXIT_CODES: Final[Mapping[type[errors.CaseTraceError], int]] = {
    errors.CaseTraceError: 1,
    errors.InvalidInput: 3,
    errors.NotFound: 4,
    errors.AuthenticationFailed: 5,
    errors.Forbidden: 6,
    errors.Conflict: 7,
    errors.SourceError: 8,
    errors.ModelError: 9,
    errors.StorageError: 10,
}
"""2 is the shell's word for wrong usage; a class that is not here ends with its base's code."""

INTERRUPTED: Final = 130
_FILE_WIDTH: Final = 200  # in a pipe nobody has a window to fit
_TOKEN: Final = 40


def exit_code_of(error: errors.CaseTraceError) -> int:
    """The exit code of the error's class, or of its nearest base that has one."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def say(text: str) -> None:
    """One line for people, on stdout; never markup, for names may look like it."""
    Console().print(escape(text), highlight=False, soft_wrap=True)


def complain(error: errors.CaseTraceError) -> None:
    """`error[code]: message` on stderr, without user and password of any URL in it."""
    line = f"error[{error.code}]: {hidden(str(error))}"
    Console(stderr=True).print(escape(line), highlight=False, soft_wrap=True)


def show_json(value: Any) -> None:
    """A value for machines, on stdout; nothing is wrapped or coloured."""
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows for people; every cell is plain text. What is copied (ids, times) is kept whole."""
    cells = [[escape(_cell(part)) for part in row] for row in rows]
    sheet = Table(title=escape(title), title_justify="left")
    for place, name in enumerate(columns):
        whole = all(_is_token(row[place]) for row in cells)
        sheet.add_column(name, overflow="fold", no_wrap=whole)
    for row in cells:
        sheet.add_row(*row)
    console = Console()
    if not console.is_terminal:
        console.width = _FILE_WIDTH
    console.print(sheet)


def _is_token(cell: str) -> bool:
    """An id, a time, a name: one word of a length that fits beside others."""
    return len(cell) <= _TOKEN and " " not in cell


def facts(title: str, values: Mapping[str, object]) -> None:
    """Names and values of one thing, for people."""
    table(title, ("", ""), values.items())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(str, value))
    return str(value)
