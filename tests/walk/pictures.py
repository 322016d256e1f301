"""`python -m tests.walk.pictures`: the views of the page for the docs, from the whole demo."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.chromium import launched
from benchmarks.served import FILMS, Served, served, small_film
from cases.papers import CaseRequest
from core.clocks import DAY_NS
from core.errors import TooLarge
from core.types import Case
from pipeline.demo import DemoPlan
from tests.walk import views
from tests.walk.desk import Desk
from tests.walk.windows import window

if TYPE_CHECKING:
    from playwright.sync_api import Page

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES: Final = 150_000
WAYS: Final[tuple[tuple[views.Showing, str, str], ...]] = (
    (views.cases, "en", "dark"),
    (views.scene, "en", "dark"),
    (views.candidates, "zh", "light"),
    (views.trajectory, "en", "dark"),
    (views.coverage, "zh", "light"),
    (views.report, "zh", "light"),
)
_QUALITIES: Final = range(85, 30, -5)


def main() -> None:
    """Film, watch and work on the whole demo, then take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=Path, default=FILMS, help="where films are kept")
    parser.add_argument("--into", type=Path, default=PICTURES)
    asked = parser.parse_args()
    film = small_film(asked.films, DemoPlan(live=False))
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="casetrace-pictures-"))
        site = stack.enter_context(served(film, Path(folder)))
        case = site.case("2026-05-0417")
        site.worked(case)
        others(site, case)
        browser = stack.enter_context(launched())
        for language, theme in dict.fromkeys((language, theme) for _, language, theme in WAYS):
            made = window(browser, site, Path(folder), [], language=language, theme=theme)
            desk = stack.enter_context(made)
            desk.enter("investigator")
            for shown, *way in WAYS:
                if way == [language, theme]:
                    take(desk, shown, case, asked.into)


def others(site: Served, case: Case) -> None:
    """Cases that are not worked on: one that waits, one that somebody closed."""
    desk, who = site.service.desk, site.people.investigator
    for reference, offence, cameras in (
        ("2026-05-0431", "Theft of an e-bike, Criminal Law art. 264", 2),
        ("2026-05-0398", "Criminal damage, Criminal Law art. 275", 1),
    ):
        asked = CaseRequest(
            reference=reference,
            offence=offence,
            legal_basis=case.legal_basis,
            purpose="See who it was and where they went",
            grants=case.grants[:cameras],
            expires_ns=site.service.now() + 5 * DAY_NS,
        )
        last = desk.request(who, asked)
    desk.close(who, last.case_id, "Somebody came forward")


def take(desk: Desk, shown: views.Showing, case: Case, into: Path) -> None:
    """One view as a JPEG below `MOST_BYTES`."""
    with shown(desk, case):
        desk.rests()
        content = jpeg(desk.page)
    (into / f"page-{shown.__name__}.jpg").write_bytes(content)


def jpeg(page: "Page") -> bytes:
    """The best that is small enough."""
    for quality in _QUALITIES:
        content = page.screenshot(type="jpeg", quality=quality)
        if len(content) < MOST_BYTES:
            return content
    raise TooLarge(f"picture: want less than {MOST_BYTES} bytes, got {len(content)}")


if __name__ == "__main__":
    main()
