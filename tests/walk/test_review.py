"""Two people on one case, and a login that ends while somebody works."""

import pytest

from benchmarks.served import REVIEWER, Served
from cases.search import SearchRequest
from core.types import Case, Verdict
from tests.walk.conftest import NewDesk
from tests.walk.desk import expect, is_answer, is_decision, typed

pytestmark = [pytest.mark.walk, pytest.mark.chromium, pytest.mark.timeout(600)]

NAMED = "investigator"
NOTE = "Same torn sleeve as on the first picture"
REASON = "Find where the thief went after the theft, and what was thrown away"


def confirmed_in(site: Served, case: Case) -> list[int]:
    made = site.service.store.cases.decisions(case.case_id)
    return [one.tracklet_id for one in made if one.verdict is Verdict.CONFIRM]


def test_second_reader_sees_nothing_of_the_first_ones_verdicts(
    new_desk: NewDesk, site: Served, worked: Case
) -> None:
    desk = new_desk(shots="second-reader")
    with desk.page.expect_response(is_answer) as answer:
        desk.enter(REVIEWER, f"#/cases/{worked.case_id}/candidates")
    sightings = answer.value.json()["trajectory"]["sightings"]
    assert {one["proposed"] for one in sightings} <= {True}
    expect(desk.at("tile").first).to_be_visible()
    desk.rests()
    desk.picture("candidates")
    expect(desk.page.locator(".tile-confirm")).to_have_count(0)
    assert NAMED not in desk.at("view-candidates").inner_text()
    for tracklet_id in confirmed_in(site, worked)[:2]:
        desk.tile(tracklet_id).click()
        expect(desk.at("inspector")).to_have_attribute("data-tracklet", str(tracklet_id))
        expect(desk.at("inspector").locator("[aria-pressed=true].verdict-button")).to_have_count(0)


def test_second_confirmation_is_what_the_report_waited_for(new_desk: NewDesk, site: Served) -> None:
    case = site.case("TWO-READERS")
    tracklet_id = confirmed_at_the_scene(site, case)
    desk = new_desk(shots="second-reader")
    desk.enter(REVIEWER, f"#/cases/{case.case_id}/report")
    expect(desk.at("report-status")).to_contain_text("confirmed by one person only")
    desk.view("candidates", case)
    desk.tile(tracklet_id).click()
    with desk.page.expect_response(is_answer):
        desk.give(Verdict.CONFIRM)
    desk.view("report", case)
    expect(desk.at("report-status")).to_be_visible()
    expect(desk.at("report-status")).not_to_contain_text("confirmed by one person only")
    desk.picture("report")


def test_note_under_way_when_the_login_expires_is_kept(new_desk: NewDesk, site: Served) -> None:
    case = site.case("EXPIRES-1")
    probe_of_the_scene(site, case)
    desk = new_desk(shots="expired")
    desk.enter("investigator", f"#/cases/{case.case_id}/candidates")
    expect(desk.at("tile").first).to_be_visible()
    tracklet_id = desk.focused()
    desk.at("note").fill(NOTE)
    desk.rests()
    desk.expire()
    desk.at("verdict-confirm").click()
    expect(desk.at("login-dialog")).to_be_visible()
    expect(desk.at("login-name")).to_have_value("investigator")
    desk.picture("login")
    with desk.page.expect_response(lambda one: is_decision(one) and one.status == 201):
        desk.log_in("investigator")
    made = site.service.store.cases.decisions(case.case_id)
    assert [(one.tracklet_id, one.verdict, one.note) for one in made] == [
        (tracklet_id, Verdict.CONFIRM, NOTE)
    ]


def test_request_under_way_when_the_login_expires_is_sent(new_desk: NewDesk, site: Served) -> None:
    desk = new_desk(shots="expired")
    desk.enter("investigator", "#/cases?new=1")
    texts = {
        "reference": "EXPIRES-2",
        "offence": "Theft of a phone",
        "legal_basis": "Criminal Procedure Law art. 115",
        "purpose": REASON,
    }
    for name, text in texts.items():
        desk.at(f"opening-{name}").fill(text)
    for name, at_ns in (("from", site.span.start_ns), ("to", site.span.end_ns)):
        desk.at(f"opening-{name}").fill(typed(at_ns))
        desk.at(f"opening-{name}").press("Tab")
    desk.at("camera-all").click()
    desk.rests()
    desk.expire()
    desk.at("opening-send").click()
    expect(desk.at("login-dialog")).to_be_visible()
    expect(desk.at("opening-purpose")).to_have_value(REASON)
    desk.log_in("investigator")
    expect(desk.at("papers")).to_contain_text("EXPIRES-2")
    asked = site.service.desk.visible(site.people.investigator)
    assert next(one for one in asked if one.reference == "EXPIRES-2").purpose == REASON


def test_what_was_typed_outlives_a_reload(new_desk: NewDesk, site: Served) -> None:
    desk = new_desk(shots="expired")
    desk.enter("investigator", "#/cases?new=1")
    desk.at("opening-purpose").fill(REASON)
    desk.page.reload()
    expect(desk.at("opening-purpose")).to_have_value(REASON)


def probe_of_the_scene(site: Served, case: Case) -> int:
    """What the page would keep of a box round the thief."""
    drawn = site.eye.scene()
    assert drawn is not None
    who, camera = site.people.investigator, drawn.camera.camera_id
    search = site.service.search
    return search.probe_from_frame(
        who, case.case_id, camera, drawn.at_ns, drawn.xyxy, drawn.family
    ).probe_id


def confirmed_at_the_scene(site: Served, case: Case) -> int:
    """The tracklet that the first reader finds and confirms."""
    who, asked = site.people.investigator, SearchRequest((probe_of_the_scene(site, case),))
    found = site.service.search.search(who, case.case_id, asked).candidates
    shown = next(one for one in found if site.shows_thief(case.case_id, one.tracklet_id))
    site.service.search.decide(who, case.case_id, shown.tracklet_id, Verdict.CONFIRM)
    return shown.tracklet_id
