"""Every view in dark and in light under axe-core: nothing serious or critical."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from core.types import Case
from tests.walk.axe import VENDOR, faults_of, grave
from tests.walk.conftest import NewDesk
from tests.walk.desk import Desk, expect, is_clip

LISTED = re.findall(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", (VENDOR / "README.md").read_text(), re.M)


def test_axe_is_the_file_that_was_published() -> None:
    assert LISTED
    for name, sha256 in LISTED:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == sha256


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


SHOWN: tuple[Callable[[Desk, Case], AbstractContextManager[None]], ...] = (
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


@pytest.mark.walk
@pytest.mark.chromium
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("theme", "language"), [("dark", "zh"), ("light", "en")])
def test_no_view_has_a_serious_fault(
    new_desk: NewDesk, worked: Case, theme: str, language: str
) -> None:
    desk = new_desk(language, theme, shots=f"axe-{theme}")
    desk.open()
    desk.at("view-login").wait_for()
    found = {"login": grave(faults_of(desk.page))}
    desk.log_in("investigator")
    for shown in SHOWN:
        with shown(desk, worked):
            found[shown.__name__] = grave(faults_of(desk.page))
            desk.picture(shown.__name__)
    said = [f"{view}: {fault}" for view, faults in found.items() for fault in faults]
    assert not said, "\n".join(said)
