"""A browser and an installation for it, made once; windows whose faults fail the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.chromium import launched
from benchmarks.served import Served, served, small_film
from core.errors import NotFound
from core.runtime.models import ModelFolder
from core.types import Case
from pipeline.settings import Settings
from tests.walk.desk import Desk
from tests.walk.windows import WAIT_MS, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOTS = Path(__file__).parents[2] / "build" / "walk"
NewDesk = Callable[..., Desk]


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium."""
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(launched())
        except NotFound as error:
            pytest.skip(str(error))
        from playwright.sync_api import expect

        expect.set_options(timeout=WAIT_MS)
        yield opened


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
            folder = SHOTS / (shots or language)
            made = window(browser, site, folder, faults, language=language, theme=theme)
            return stack.enter_context(made)

        yield opened
    assert faults == []
