"""How each view of the page is brought to where there is something to see."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from core.types import Case
from tests.walk.desk import Desk, expect, is_clip

_PAST_CONFIRMED: Final = 5

Showing = Callable[[Desk, Case], AbstractContextManager[None]]


@contextmanager
def cases(desk: Desk, case: Case) -> Iterator[None]:
    desk.open("#/cases")
    desk.at(f"case-{case.case_id}").click()
    expect(desk.at("papers")).to_contain_text(case.reference)
    yield


@contextmanager
def asking(desk: Desk, case: Case) -> Iterator[None]:
    desk.open("#/cases?new=1")
    expect(desk.at("opening-measure")).to_be_visible()
    yield


@contextmanager
def keys(desk: Desk, case: Case) -> Iterator[None]:
    desk.at("keys").click()
    expect(desk.at("keys-help")).to_be_visible()
    yield
    desk.page.keyboard.press("Escape")


@contextmanager
def scene(desk: Desk, case: Case) -> Iterator[None]:
    desk.view("scene", case)
    drawn = desk.site.eye.scene()
    assert drawn is not None
    desk.at(f"tile-{drawn.camera.camera_id}").click()
    desk.go_to_instant(drawn.at_ns)
    desk.draw(drawn)
    expect(desk.at("box-search")).to_be_visible()
    yield


@contextmanager
def candidates(desk: Desk, case: Case) -> Iterator[None]:
    desk.view("candidates", case)
    expect(desk.at("tile").first).to_be_visible()
    desk.page.mouse.move(1, 1)  # no clip lies over the gallery
    for _ in range(_PAST_CONFIRMED):
        desk.page.keyboard.press("j")
    expect(desk.at("inspector")).to_be_visible()
    yield


@contextmanager
def trajectory(desk: Desk, case: Case) -> Iterator[None]:
    desk.view("trajectory", case)
    expect(desk.at("sighting").first).to_be_visible()
    desk.page.keyboard.press("j")
    desk.page.keyboard.press("j")
    yield


@contextmanager
def clips(desk: Desk, case: Case) -> Iterator[None]:
    with desk.page.expect_response(is_clip):
        desk.at("play-all").click()
    expect(desk.at("player-place")).to_be_visible()
    yield
    desk.at("player-close").click()


@contextmanager
def coverage(desk: Desk, case: Case) -> Iterator[None]:
    desk.at("coverage").click()
    expect(desk.at("coverage-drawer")).to_be_visible()
    yield
    desk.page.keyboard.press("Escape")
    expect(desk.at("coverage-drawer")).to_have_count(0)


@contextmanager
def report(desk: Desk, case: Case) -> Iterator[None]:
    desk.view("report", case)
    expect(desk.at("report-status")).to_be_visible()
    desk.at("report-preview").click()
    paper = desk.page.frame_locator("[data-test=report-frame]")
    expect(paper.locator("body")).to_contain_text(case.reference)
    yield


@contextmanager
def series(desk: Desk, case: Case) -> Iterator[None]:
    desk.view("series", case)
    yield


VIEWS: Final[tuple[Showing, ...]] = (
    cases,
    asking,
    keys,
    scene,
    candidates,
    trajectory,
    clips,
    coverage,
    report,
    series,
)
"""In an order in which one leads to the next."""
