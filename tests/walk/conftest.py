"""A browser and an installation for it, made once; windows whose faults fail the test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.served import Served, served, small_film
from core.runtime.models import ModelFolder
from core.types import Case
from pipeline.settings import Settings
from tests.walk.desk import ZONE, Desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

SHOTS = Path(__file__).parents[2] / "build" / "walk"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
WAIT_MS = 30_000  # a starved machine is given its time
NewDesk = Callable[..., Desk]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium."""
    automation = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium (Debian: chromium)")
    # Its sandbox does not work for root, who is who runs this in a container.
    args = ["--no-sandbox"] if os.getuid() == 0 else []
    automation.expect.set_options(timeout=WAIT_MS)
    with automation.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=args)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small demo's film, watched by the bundled models and served."""
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(data_dir=folder)
    names = {settings.detector, settings.person_embedder, settings.vehicle_embedder}
    if not names <= {one.entry.spec.name for one in ModelFolder(folder).list() if one.present}:
        pytest.skip("the models that the settings name are not bundled here")
    with served(small_film(), folder) as opened:
        yield opened


@pytest.fixture(scope="session")
def worked(site: Served) -> Case:
    """A case in which the investigator has found the thief."""
    case = site.case("WORKED-1")
    site.worked(case)
    return case


@pytest.fixture
def new_desk(browser: "Browser", site: Served) -> Iterator[NewDesk]:
    """Opens windows: `new_desk(language, theme)`. What they complain of fails the test."""
    faults: list[str] = []
    with ExitStack() as stack:

        def opened(language: str = "en", theme: str = "dark", shots: str = "") -> Desk:
            context = browser.new_context(
                viewport={"width": 1366, "height": 768},
                locale=LOCALES[language],
                timezone_id=ZONE,
                color_scheme="light" if theme == "light" else "dark",
                accept_downloads=True,
            )
            stack.callback(context.close)
            context.set_default_timeout(WAIT_MS)
            page = context.new_page()
            watch(page, site.url, faults)
            under_way: set[Request] = set()
            page.on("request", lambda asked: under_way.add(asked))
            page.on("requestfinished", lambda asked: under_way.discard(asked))
            page.on("requestfailed", lambda asked: under_way.discard(asked))
            folder = SHOTS / (shots or language)
            folder.mkdir(parents=True, exist_ok=True)
            return Desk(page, site, folder, under_way)

        yield opened
    assert faults == []


def watch(page: "Page", url: str, faults: list[str]) -> None:
    """Note what a page complains of, and whatever it asks of another host."""
    page.on("console", partial(_note_console, faults))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((url, "blob:", "data:", "about:"))
            else faults.append(f"asks another host: {asked.url}")
        ),
    )
    page.on(
        "response",
        lambda answer: (
            faults.append(f"{answer.status}: {answer.url}") if answer.status >= 500 else None
        ),
    )


def _note_console(faults: list[str], message: "ConsoleMessage") -> None:
    # Every answer of 400 and above is told there, those that are expected too.
    refused = message.text.startswith("Failed to load resource")
    if message.type in ("error", "warning") and not refused:
        faults.append(f"{message.type}: {message.text}")
