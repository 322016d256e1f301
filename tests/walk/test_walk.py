"""The demo's theft from login to report, as an investigator walks through it, in both languages."""

import re
from pathlib import Path

import pytest

from benchmarks.served import Served
from core.types import Case, Verdict
from tests.walk.conftest import NewDesk
from tests.walk.desk import Desk, expect, is_answer, is_clip, typed

pytestmark = [pytest.mark.walk, pytest.mark.chromium, pytest.mark.timeout(600)]

LOOKS = 24
AT_AN_END = "own => own.scrollTop < 1 || own.scrollTop > own.scrollHeight - own.clientHeight - 1"
VIEWS = {
    "en": ("Scene", "Candidates", "Trajectory", "Report"),
    "zh": ("现场", "候选", "轨迹", "报告"),
}


@pytest.mark.parametrize(("language", "hand"), [("en", "mouse"), ("zh", "keys")])
def test_theft_is_walked_from_login_to_report(
    new_desk: NewDesk, site: Served, tmp_path: Path, language: str, hand: str
) -> None:
    """Of the truth only what somebody who looks would see is asked: whom a picture shows."""
    desk = new_desk(language, "dark" if language == "en" else "light")
    log_in(desk, language)
    case = ask_for_case(desk, site, f"WALK-{language}")
    approve(new_desk(language, shots=f"{language}-approver"), case)
    open_case(desk, case, VIEWS[language])
    search_from_scene(desk, site, by_keys=hand == "keys")
    confirmed = decide(desk, case)
    assert len(confirmed) >= len(site.eye.film.stops)
    place_is_kept(desk)
    take_back(desk)
    sift(desk)
    play_candidate(desk)
    follow_way(desk, site, case)
    see_coverage(desk)
    read_report(desk, case, tmp_path)
    log_out(desk, case)


def log_in(desk: Desk, language: str) -> None:
    desk.open()
    desk.at(f"language-{language}").click()
    expect(desk.page.locator("html")).to_have_attribute(
        "lang", "zh-CN" if language == "zh" else "en"
    )
    desk.picture("01-login")
    desk.at("login-name").fill("investigator")
    desk.at("login-password").fill("not the password")
    desk.at("login-send").click()
    expect(desk.at("login-error")).to_be_visible()
    desk.log_in("investigator")
    expect(desk.at("view-cases")).to_be_visible()


def ask_for_case(desk: Desk, site: Served, reference: str) -> Case:
    """What the law asks is asked: without it nothing is sent."""
    desk.at("case-new").click()
    desk.at("opening-reference").fill(reference)
    desk.at("opening-offence").fill("Theft of a phone, Criminal Law art. 264")
    for name, at_ns in (("from", site.span.start_ns), ("to", site.span.end_ns)):
        desk.at(f"opening-{name}").fill(typed(at_ns))
        desk.at(f"opening-{name}").press("Tab")
    expect(desk.at("opening-send")).to_be_disabled()
    desk.at("camera-all").click()
    desk.at("opening-send").click()
    expect(desk.at("opening-legal_basis")).to_be_focused()  # the browser asks for what is missing
    desk.at("opening-legal_basis").fill("Criminal Procedure Law art. 115")
    desk.at("opening-purpose").fill("Find where the thief went after the theft")
    desk.page.locator(".opening-members input").first.check()
    desk.picture("02-asking-for-a-case")
    desk.at("opening-send").click()
    expect(desk.at("papers")).to_contain_text(reference)
    expect(desk.at("case-open")).to_have_count(0)
    made = site.service.desk.visible(site.people.investigator)
    return next(one for one in made if one.reference == reference)


def approve(desk: Desk, case: Case) -> None:
    """Another person, in another browser."""
    desk.enter("approver")
    desk.at(f"case-{case.case_id}").click()
    desk.at("decide-note").fill("Offence and span fit together")
    desk.picture("03-approving")
    desk.at("case-approve").click()
    expect(desk.at("toasts")).to_contain_text(case.reference)


def open_case(desk: Desk, case: Case, views: tuple[str, ...]) -> None:
    desk.page.reload()
    desk.at(f"case-{case.case_id}").click()
    desk.picture("04-cases")
    desk.at("case-open").click()
    expect(desk.at("view-scene")).to_be_visible()
    for name, words in zip(("scene", "candidates", "trajectory", "report"), views, strict=True):
        expect(desk.at(f"tab-{name}")).to_contain_text(words)


def search_from_scene(desk: Desk, site: Served, *, by_keys: bool) -> None:
    """The wall shows every camera; scrub to the theft, draw a box round the thief, search."""
    drawn = site.eye.scene()
    assert drawn is not None
    expect(desk.at("wall").locator("img")).to_have_count(len(site.watched.cameras))
    desk.at(f"tile-{drawn.camera.camera_id}").click()
    scrub(desk)
    desk.go_to_instant(drawn.at_ns)
    if by_keys:
        desk.page.keyboard.press("Tab")  # out of the field, whose keys are its own
        desk.draw_by_keys(drawn)
    else:
        desk.draw(drawn)
    expect(desk.at("box")).to_be_visible()
    expect(desk.at("wall").locator("img")).to_have_count(len(site.watched.cameras))
    desk.picture("05-scene")
    with desk.page.expect_response(is_answer) as answer:
        if by_keys:
            desk.page.keyboard.press("Enter")
        else:
            desk.at("box-search").click()
    assert answer.value.status == 201
    expect(desk.at("view-candidates")).to_be_visible()
    expect(desk.at("tile").first).to_be_visible()


def scrub(desk: Desk) -> None:
    """Along the timeline with the mouse: the instant follows, and a picture comes for it."""
    before = desk.at("at").input_value()
    plane = desk.at("timeline").locator("[role=slider]").bounding_box()
    assert plane is not None
    y = plane["y"] + plane["height"] * 0.6
    desk.page.mouse.move(plane["x"] + plane["width"] * 0.3, y)
    desk.page.mouse.down()
    desk.page.mouse.move(plane["x"] + plane["width"] * 0.6, y, steps=6)
    desk.page.mouse.up()
    expect(desk.at("at")).not_to_have_value(before)
    desk.page.locator(".boxstage-plane.draws").wait_for()


def decide(desk: Desk, case: Case) -> list[int]:
    """Look and decide by keys until the page has shown the thief everywhere."""
    given = desk.decide_by_truth(case, LOOKS)
    for tracklet_id, verdict in list(given.items())[-1:]:
        expect(desk.tile(tracklet_id)).to_have_class(re.compile(f"tile-{verdict}"))
    desk.picture("06-candidates")
    return [one for one, verdict in given.items() if verdict is Verdict.CONFIRM]


def place_is_kept(desk: Desk) -> None:
    """Ranked anew, the gallery shows the same candidate in the same place, and its keys go on."""
    rests(desk)
    desk.page.keyboard.press("Home")
    for _ in range(5):
        desk.page.keyboard.press("ArrowDown")
    with desk.page.expect_response(is_answer):
        desk.give(Verdict.UNSURE)
        looked_at = desk.focused()
        before = desk.tile(looked_at).bounding_box()
    rests(desk)
    after = desk.tile(looked_at).bounding_box()
    assert desk.focused() == looked_at
    assert before is not None
    assert after is not None
    # At either end there is nothing to scroll by.
    assert desk.at("gallery").evaluate(AT_AN_END) or abs(after["y"] - before["y"]) < 1


def rests(desk: Desk) -> None:
    """Until nothing is decided or ranked any more."""
    expect(desk.at("tab-candidates").locator(".spinner")).to_have_count(0)


def take_back(desk: Desk) -> None:
    """A verdict taken back stays in the log, and what it had been counts again."""
    now = desk.focused()
    desk.give(Verdict.REJECT)
    expect(desk.tile(now)).to_have_class(re.compile("tile-reject"))
    desk.page.keyboard.press("z")
    expect(desk.tile(now)).to_have_class(re.compile("tile-unsure"))
    assert desk.focused() == now


def sift(desk: Desk) -> None:
    """A camera's candidates alone, and all again."""
    count = desk.at("candidates-count").locator("b")
    everything = int(count.inner_text())
    desk.at("filter-cameras").locator("input").first.check()
    expect(count).not_to_have_text(str(everything))
    desk.at("filters-clear").click()
    expect(count).to_have_text(str(everything))


def play_candidate(desk: Desk) -> None:
    desk.at("gallery").focus()
    with desk.page.expect_response(is_clip) as answer:
        desk.page.keyboard.press(" ")
    assert answer.value.status == 200
    expect(desk.at("clip")).to_have_js_property("error", None)
    desk.page.keyboard.press(" ")


def follow_way(desk: Desk, site: Served, case: Case) -> None:
    """Every stop, in order; hop by hop; what else it could be; where to look; the clips in turn."""
    desk.view("trajectory", case)
    expect(desk.at("sighting").first).to_be_visible()
    assert desk.at("sighting").count() >= len(site.eye.film.stops)
    assert desk.at("hop").count() == desk.at("sighting").count() - 1
    desk.page.keyboard.press("j")
    expect(desk.page.locator(".step-chosen [data-test=verdict-confirm]")).to_be_visible()
    desk.picture("07-trajectory")
    with desk.page.expect_response(is_clip) as answer:
        desk.at("play-all").click()
    assert answer.value.status == 200
    expect(desk.at("player-place")).to_contain_text("1/")
    desk.page.keyboard.press("ArrowRight")
    expect(desk.at("player-place")).to_contain_text("2/")
    desk.picture("08-clips")
    desk.at("player-close").click()
    expect(desk.at("player")).to_have_count(0)


def see_coverage(desk: Desk) -> None:
    desk.at("coverage").click()
    expect(desk.at("coverage-drawer")).to_be_visible()
    desk.picture("09-coverage")
    desk.page.keyboard.press("Escape")
    expect(desk.at("coverage-drawer")).to_have_count(0)


def read_report(desk: Desk, case: Case, folder: Path) -> None:
    desk.at("tab-report").click()
    expect(desk.at("report-status")).to_be_visible()
    with desk.page.expect_response(lambda one: "/report.html" in one.url) as answer:
        desk.at("report-preview").click()
    assert answer.value.status == 200
    paper = desk.page.frame_locator("[data-test=report-frame]")
    expect(paper.locator("body")).to_contain_text(case.reference)
    desk.picture("10-report")
    with desk.page.expect_download() as download:
        desk.at("report-pdf").click()
    kept = folder / "report.pdf"
    download.value.save_as(kept)
    assert kept.read_bytes().startswith(b"%PDF-")
    assert download.value.suggested_filename.endswith(".pdf")


def log_out(desk: Desk, case: Case) -> None:
    """Nothing of the case is left for whoever sits down next."""
    desk.at("log-out").click()
    expect(desk.at("view-login")).to_be_visible()
    desk.open(f"#/cases/{case.case_id}/candidates")
    expect(desk.at("view-login")).to_be_visible()
    expect(desk.page.locator("body")).not_to_contain_text(case.reference)
