"""Windows on a served installation, and what they complain of."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.served import Served
from tests.walk.desk import ZONE, Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

SIZE: Final = (1366, 768)  # the laptop that most offices have
WAIT_MS: Final = 30_000  # a starved machine is given its time
_LOCALES: Final = {"en": "en-GB", "zh": "zh-CN"}


@contextmanager
def window(
    browser: "Browser", site: Served, shots: Path, faults: list[str], *, language: str, theme: str
) -> Iterator[Desk]:
    """A new window, nobody logged in; its complaints are added to `faults`."""
    context = browser.new_context(
        viewport={"width": SIZE[0], "height": SIZE[1]},
        locale=_LOCALES[language],
        timezone_id=ZONE,
        color_scheme="light" if theme == "light" else "dark",
        accept_downloads=True,
    )
    try:
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        _watch(page, site.url, faults)
        shots.mkdir(parents=True, exist_ok=True)
        yield Desk(page, site, shots, _under_way(page))
    finally:
        context.close()


def _under_way(page: "Page") -> "set[Request]":
    """The page's requests that are not over, from now on."""
    under_way: set[Request] = set()
    page.on("request", lambda asked: under_way.add(asked))
    page.on("requestfinished", lambda asked: under_way.discard(asked))
    page.on("requestfailed", lambda asked: under_way.discard(asked))
    return under_way


def _watch(page: "Page", url: str, faults: list[str]) -> None:
    """Note errors, what the service breaks on, and whatever is asked of another host."""
    page.on("console", partial(_note_console, faults))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", partial(_note_request, faults, url))
    page.on("response", partial(_note_response, faults))


def _note_console(faults: list[str], message: "ConsoleMessage") -> None:
    # Every answer of 400 and above is told there, those that are expected too.
    refused = message.text.startswith("Failed to load resource")
    if message.type in ("error", "warning") and not refused:
        faults.append(f"{message.type}: {message.text}")


def _note_request(faults: list[str], url: str, asked: "Request") -> None:
    if not asked.url.startswith((url, "blob:", "data:", "about:")):
        faults.append(f"asks another host: {asked.url}")


def _note_response(faults: list[str], answer: "Response") -> None:
    if answer.status >= 500:
        faults.append(f"{answer.status}: {answer.url}")
