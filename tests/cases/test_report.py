"""A case's report: what is in it, what it lacks, what the log says, and what stays out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cases import report as made_by
from cases.events import EventKind
from cases.report import Filed, Reports
from cases.report_content import LackKind, Report
from cases.search import SearchRequest
from core.errors import (
    CaseNotActive,
    CaseTraceError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    TooLarge,
)
from core.types import (
    Account,
    CameraGraph,
    Case,
    ClockCorrection,
    Coverage,
    Doubted,
    Family,
    ObjectClass,
    Pruned,
    Reconstruction,
    Rival,
    Scope,
    SearchAnswer,
    Sighting,
    Trajectory,
    Verdict,
)
from tests.builders import at, scope, span
from tests.cases.world import ANN, APPROVER, BEN, ZOE, World, opened_world


@pytest.fixture
def town(tmp_path: Path, template: Path) -> Iterator[World]:
    """Ann's case of all cameras: a probe from a frame, a search, and what both people confirmed."""
    with opened_world(tmp_path, template) as world:
        yield world


def opened(world: World) -> Case:
    return world.open_case(cameras=(1, 2, 3))


def worked(world: World) -> Case:
    """A case with a probe, a search and two confirmed sightings, by two people each."""
    case = opened(world)
    probe = world.search.probe_from_frame(
        ANN, case.case_id, 1, at(102.0), (10.0, 20.0, 50.0, 120.0), Family.PERSON
    )
    world.search.search(ANN, case.case_id, SearchRequest((probe.probe_id,)))
    for person in (ANN, BEN):
        for tracklet_id in (101, 102):
            world.search.decide(person, case.case_id, tracklet_id, Verdict.CONFIRM, "same bag")
    return case


def reports(world: World, **changes: object) -> Reports:
    made = Reports(world.door, world.store, world.audit, world.clock)
    return replace(made, **changes)  # type: ignore[arg-type]


def report_of(world: World, case: Case, actor: Account = ANN, **changes: object) -> Report:
    return reports(world, **changes).make(actor, case.case_id)


def kinds(report: Report) -> list[LackKind]:
    return [lack.kind for lack in report.lacks]


def left(world: World, actor: Account, report: Report) -> None:
    reports(world).filed(actor, report, Filed("pdf", "en", b"%PDF"))


# --- what is in it -------------------------------------------------------------------------------


def test_report_names_its_papers_people_and_approver(town: World) -> None:
    papers = report_of(town, worked(town)).papers
    assert papers.case.reference
    assert (papers.requester.name, papers.approver and papers.approver.name) == ("ann", "approver")
    assert [person.name for person in papers.members] == ["ben"]


def test_sightings_are_the_confirmed_ones_with_their_pictures(town: World) -> None:
    report = report_of(town, worked(town))
    assert [one.sighting.tracklet_id for one in report.sightings] == [101, 102]
    assert [[shot.picture.jpeg for shot in one.shots] for one in report.sightings] == [
        [b"thief"],
        [b"thief"],
    ]
    assert report.shot_ids == (1010, 1020)


def test_sighting_has_times_clock_camera_and_who_confirmed(town: World) -> None:
    town.store.cameras.correct_clock(2, ClockCorrection(at(0), 1.5, 0.4), at(7200))
    first, second = report_of(town, worked(town)).sightings
    assert first.clock.correction is None
    assert second.clock.correction == ClockCorrection(at(0), 1.5, 0.4)
    assert second.sighting.span.start_ns == at(300.0 - 1.5)
    assert second.shots[0].at_ns == at(300.0 - 1.5)
    assert second.shots[0].device_ns == at(300.0)
    assert second.clock.frame_hw == (720, 1280)
    assert second.confirmed_by == (ANN.account_id, BEN.account_id)


def test_scene_has_the_frame_and_the_probes_box(town: World) -> None:
    (scene,) = report_of(town, worked(town)).scenes
    assert (scene.camera_id, scene.at_ns, scene.box) == (1, at(102.0), (10, 20, 50, 120))
    assert scene.frame is not None
    assert scene.frame.jpeg.startswith(b"frame of segment-1")
    assert scene.frame_hw == (720, 1280)
    assert scene.added_by is not None
    assert scene.added_by.name == "ann"


def test_scene_whose_frame_is_gone_keeps_the_probes_own_picture(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = worked(town)

    def gone(*_: object, **__: object) -> None:
        raise NotFound("no picture is kept")

    monkeypatch.setattr(type(town.door), "frame", gone)
    (scene,) = report_of(town, case).scenes
    assert (scene.frame, scene.box) == (None, (10, 20, 50, 120))
    assert scene.picture.jpeg


def test_plate_comes_with_the_chance_of_each_sign_and_its_rivals(town: World) -> None:
    town.person(3, 700.0, tracklet_id=301, looks="", class_id=ObjectClass.CAR, text="京A12B45")
    case = opened(town)
    town.search.decide(ANN, case.case_id, 301, Verdict.CONFIRM)
    (one,) = report_of(town, case).sightings
    assert one.plate is not None
    assert one.plate.reading.text == "京A12B45"
    assert [sign.read for sign in one.plate.signs] == list("京A12B45")
    assert all(0.9 < sign.chance <= 1.0 for sign in one.plate.signs)


def test_decisions_are_all_there_and_the_newest_counts(town: World) -> None:
    case = worked(town)
    town.search.decide(ANN, case.case_id, 103, Verdict.UNSURE)
    town.clock.advance(5.0)
    town.search.decide(ANN, case.case_id, 103, Verdict.REJECT)
    report = report_of(town, case)
    said = [
        (d.decision.verdict, d.counts) for d in report.decisions if d.decision.tracklet_id == 103
    ]
    assert said == [(Verdict.UNSURE, False), (Verdict.REJECT, True)]
    assert len(report.decisions) == 6


def test_searches_say_who_asked_what_and_by_which_models(town: World) -> None:
    (one,) = report_of(town, worked(town)).searches
    assert (one.person.name, one.probes, one.plate) == ("ann", 1, None)
    assert one.candidates >= 2
    assert one.compared == ("colour@0123456789ab",)


def test_audit_numbers_are_those_of_the_case(town: World) -> None:
    other = town.open_case(cameras=(1,))
    town.door.coverage(ANN, other.case_id)
    report = report_of(town, worked(town))
    own = {seq for shown in report.making.audit for seq in shown.seqs}
    entries = [e for e in town.entries() if e.event.case_id == report.papers.case.case_id]
    assert own == {e.seq for e in entries if e.seq <= max(own)}
    assert report.making.audit_seq in own


def test_refusals_are_told_apart_in_the_audit_numbers(town: World) -> None:
    case = worked(town)
    with pytest.raises(Forbidden):
        town.door.coverage(ZOE, case.case_id)
    shown = report_of(town, case).making.audit
    assert [one.kind for one in shown if one.denied] == ["read_coverage"]


def test_map_has_the_cameras_of_the_case_and_the_roads(town: World) -> None:
    graph = CameraGraph(
        np.array([1, 2, 3], np.int64),
        np.array([[0, 1], [1, 0], [1, 2]], np.int32),
        np.array([100, 100, 100], np.float32),
    )
    town.store.cameras.put_graph(graph)
    drawn = report_of(town, worked(town)).road_map
    assert [place.camera_id for place in drawn.places] == [1, 2, 3]
    assert drawn.roads == ((1, 2), (2, 3))


def test_camera_in_the_report_has_no_address(town: World) -> None:
    place = report_of(town, worked(town)).places[1]
    assert {name for name in place.__slots__} == {"camera_id", "name", "kind", "lon_lat_deg"}


# --- one content whoever makes it ----------------------------------------------------------------


def test_digest_is_the_same_while_the_case_is_unchanged(town: World) -> None:
    case = worked(town)
    first = report_of(town, case)
    town.clock.advance(60.0)
    left(town, ANN, first)
    second = report_of(town, case, BEN)
    assert first.making != second.making
    assert first.digest() == second.digest()


def test_digest_changes_with_a_decision(town: World) -> None:
    case = worked(town)
    before = report_of(town, case).digest()
    town.search.decide(ANN, case.case_id, 103, Verdict.REJECT)
    assert report_of(town, case).digest() != before


def test_reconstruction_for_a_report_is_no_search_of_the_case(town: World) -> None:
    case = worked(town)

    def searched(actor: Account, case_id: int) -> Reconstruction:
        probe_ids = tuple(probe.probe_id for probe in town.store.cases.probes(case_id))
        return reconstructed(town.search.search(actor, case_id, SearchRequest(probe_ids)))

    first = report_of(town, case, reconstruct=searched)
    second = report_of(town, case, reconstruct=searched)
    assert len(first.searches) == len(second.searches) == 1
    assert first.digest() == second.digest()


# --- what it lacks -------------------------------------------------------------------------------


def test_nothing_confirmed_is_said_first(town: World) -> None:
    report = report_of(town, opened(town))
    assert kinds(report)[0] is LackKind.NOTHING_CONFIRMED
    assert not report.worth_filing


def test_two_people_make_it_worth_filing(town: World) -> None:
    report = report_of(town, worked(town), reconstruct=lambda *_: reconstructed())
    assert report.worth_filing
    assert LackKind.CLOCK_UNCHECKED in kinds(report)


def test_one_reviewer_is_named_with_the_tracklets(town: World) -> None:
    case = opened(town)
    town.search.decide(ANN, case.case_id, 101, Verdict.CONFIRM)
    report = report_of(town, case)
    (lack,) = [one for one in report.lacks if one.kind is LackKind.ONE_REVIEWER]
    assert (lack.count, lack.tracklet_ids, lack.blocking) == (1, (101,), True)


def test_confirmed_by_one_and_rejected_by_another_is_contested(town: World) -> None:
    case = worked(town)
    town.search.decide(ANN, case.case_id, 103, Verdict.CONFIRM)
    town.search.decide(BEN, case.case_id, 103, Verdict.REJECT)
    report = report_of(town, case)
    assert LackKind.CONTESTED in kinds(report)
    assert 103 not in [one.sighting.tracklet_id for one in report.sightings]


def test_close_rivals_and_proposals_that_nobody_judged_are_missing(town: World) -> None:
    found = reconstructed(rivals=(Rival((103,), 1.0), Rival((999,), 8.0)), proposed=(904,))
    report = report_of(town, worked(town), reconstruct=lambda *_: found)
    told = {lack.kind: lack.tracklet_ids for lack in report.lacks}
    assert told[LackKind.RIVAL] == (103,)
    assert told[LackKind.PROPOSED] == (904,)


def test_rival_that_was_judged_is_missing_no_more(town: World) -> None:
    case = worked(town)
    town.search.decide(BEN, case.case_id, 103, Verdict.REJECT)
    found = reconstructed(rivals=(Rival((103,), 1.0),))
    assert LackKind.RIVAL not in kinds(report_of(town, case, reconstruct=lambda *_: found))


def test_confirmed_sightings_that_the_rest_speaks_against_are_told_and_hinder_nothing(
    town: World,
) -> None:
    found = reconstructed(doubted=(101, 999))
    (lack,) = (
        lack
        for lack in report_of(town, worked(town), reconstruct=lambda *_: found).lacks
        if lack.kind is LackKind.DOUBTED
    )
    assert lack.tracklet_ids == (101,)
    assert not lack.blocking


@pytest.mark.parametrize("error", [InvalidInput, Conflict])
def test_reconstruction_that_cannot_be_made_is_said_with_its_reason(
    town: World, error: type[CaseTraceError]
) -> None:
    def refused(*_: object) -> Reconstruction:
        raise error("no model is calibrated")

    report = report_of(town, worked(town), reconstruct=refused)
    assert (report.reconstruction, report.why_none) == (None, "no model is calibrated")
    assert LackKind.NO_RECONSTRUCTION in kinds(report)


def test_decision_after_a_report_is_marked_as_informed(town: World) -> None:
    case = opened(town)
    town.search.decide(ANN, case.case_id, 101, Verdict.CONFIRM)
    left(town, BEN, report_of(town, case, BEN))
    town.clock.advance(5.0)
    town.search.decide(BEN, case.case_id, 101, Verdict.CONFIRM)
    town.search.decide(BEN, case.case_id, 102, Verdict.CONFIRM)
    informed = {
        (d.person.name, d.decision.tracklet_id): d.informed for d in report_of(town, case).decisions
    }
    assert informed == {("ann", 101): False, ("ben", 101): True, ("ben", 102): False}


def test_picture_that_is_gone_is_said_and_not_left_out(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = worked(town)
    get = town.pictures.get

    def some(within: Scope, key: str) -> bytes:
        jpeg = get(within, key)
        if key == first_key:
            raise NotFound("erased")
        return jpeg

    first_key = town.store.tracks.shots(scope((1, 2, 3)), shot_ids=[1010])[0].key
    monkeypatch.setattr(town.pictures, "get", some)
    report = report_of(town, case)
    assert [shot.picture.jpeg for shot in report.sightings[0].shots] == [b""]
    (lack,) = [one for one in report.lacks if one.kind is LackKind.PICTURE_GONE]
    assert lack.tracklet_ids == (101,)


# --- the door and the log ------------------------------------------------------------------------


def test_report_is_read_under_one_entry_that_names_what(town: World) -> None:
    case = worked(town)
    before = town.newest_seq()
    report_of(town, case)
    assert town.kinds(before) == [EventKind.READ_REPORT, EventKind.READ_FRAME]
    detail = town.entries(before)[0].event.detail
    assert detail["tracklet_ids"] == [101, 102]
    assert len(detail["probe_ids"]) == 1


def test_what_leaves_is_in_the_log_with_its_hash(town: World) -> None:
    case = worked(town)
    report = report_of(town, case)
    left(town, ANN, report)
    entry = town.entries()[-1].event
    assert entry.kind == EventKind.REPORT_MADE
    assert entry.detail["sha256"] == Filed("pdf", "en", b"%PDF").sha256
    assert entry.detail["content_sha256"] == report.digest()
    assert entry.detail["shot_ids"] == [1010, 1020]
    assert entry.detail["report_seq"] == report.making.audit_seq


def test_without_pictures_none_are_read(town: World) -> None:
    case = worked(town)
    before = town.newest_seq()
    report = reports(town).make(ANN, case.case_id, pictures=False)
    assert report.shot_ids == ()
    assert town.kinds(before) == [EventKind.READ_REPORT]
    assert LackKind.PICTURE_GONE not in kinds(report)


@pytest.mark.parametrize("actor", [ZOE, APPROVER])
def test_stranger_gets_no_report(town: World, actor: Account) -> None:
    case = worked(town)
    before = town.newest_seq()
    with pytest.raises(Forbidden):
        report_of(town, case, actor)
    assert [e.event.kind for e in town.denials(before)] == [EventKind.READ_REPORT]


def test_case_that_ended_gives_no_report(town: World) -> None:
    case = worked(town)
    town.clock.now_ns = case.expires_ns
    with pytest.raises(CaseNotActive):
        report_of(town, case)


def test_more_sightings_than_a_report_holds_are_refused(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = worked(town)
    monkeypatch.setattr(made_by, "MAX_SIGHTINGS", 1)
    with pytest.raises(TooLarge, match="at most 1 sightings, got 2"):
        report_of(town, case)


# --- builders ------------------------------------------------------------------------------------


def reconstructed(
    answer: SearchAnswer | None = None,
    *,
    rivals: tuple[Rival, ...] = (),
    proposed: tuple[int, ...] = (),
    doubted: tuple[int, ...] = (),
) -> Reconstruction:
    coverage = Coverage((), 1.0, 1.0)

    def sighting(tracklet_id: int, **changes: object) -> Sighting:
        made = Sighting(tracklet_id, 1, "person", span(1.0, 2.0), 0.1, {}, ())
        return replace(made, **changes)  # type: ignore[arg-type]

    laid = (
        sighting(101, rivals=rivals),
        *(sighting(tracklet_id, proposed=True) for tracklet_id in proposed),
    )
    found = answer or SearchAnswer(5, (), coverage, 1)
    return Reconstruction(
        found,
        Trajectory(laid, (), (), (), coverage),
        (),
        (),
        Pruned(10, 10, 0.0),
        tuple(Doubted(tracklet_id, 0.02) for tracklet_id in doubted),
    )
