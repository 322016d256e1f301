"""Confirmed sightings in order, and every hop explained: possible, impossible, or unknown."""

import numpy as np
import pytest

from cases.search import SearchRequest
from core.errors import CaseNotActive, Forbidden
from core.types import (
    CameraGraph,
    CameraSpan,
    ClockCorrection,
    Family,
    ObjectClass,
    Trajectory,
    Verdict,
)
from tests.builders import at, span
from tests.cases.world import ANN, BEN, ZOE, World


@pytest.fixture
def case1(world: World) -> World:
    """Case 1 grants all three cameras, which stand 100 m apart; nothing is confirmed."""
    world.open_case(cameras=(1, 2, 3))
    return world


def confirm(world: World, *tracklet_ids: int) -> None:
    for tracklet_id in tracklet_ids:
        world.search.decide(ANN, 1, tracklet_id, Verdict.CONFIRM)


def traced(world: World, *tracklet_ids: int) -> Trajectory:
    """The trajectory after confirming these."""
    confirm(world, *tracklet_ids)
    return world.trajectories.reconstruct(ANN, 1)


def searched(world: World, looks: str = "thief") -> None:
    made = world.search.probe_from_upload(ANN, 1, looks.encode(), None, Family.PERSON)
    world.search.search(ANN, 1, SearchRequest((made.probe_id,)))


def roads(world: World, *legs: tuple[int, int, float]) -> None:
    """One-way roads (from, to, metres) between the cameras."""
    edges = np.array([(a - 1, b - 1) for a, b, _ in legs], np.int32).reshape(-1, 2)
    metres = np.array([m for _, _, m in legs], np.float32)
    world.store.cameras.put_graph(CameraGraph(np.array([1, 2, 3], np.int64), edges, metres))


def test_without_confirmations_there_is_no_trajectory(case1: World) -> None:
    trajectory = case1.trajectories.reconstruct(ANN, 1)
    assert (trajectory.sightings, trajectory.hops) == ((), ())


def test_only_what_people_confirmed_is_in_it(case1: World) -> None:
    case1.search.decide(ANN, 1, 102, Verdict.UNSURE)
    case1.search.decide(ANN, 1, 103, Verdict.REJECT)
    searched(case1)
    assert [s.tracklet_id for s in traced(case1, 101).sightings] == [101]


def test_sightings_are_in_order_of_time_not_of_confirmation(case1: World) -> None:
    trajectory = traced(case1, 103, 101, 102)
    assert [s.tracklet_id for s in trajectory.sightings] == [101, 102, 103]


def test_the_order_is_that_of_corrected_time(case1: World) -> None:
    """Camera 2 runs 290 s ahead: its person of device second 300 was there at UTC second 10."""
    case1.store.cameras.correct_clock(2, ClockCorrection(0, 290.0, 0.5), at(7000))
    trajectory = traced(case1, 101, 102)
    assert [s.tracklet_id for s in trajectory.sightings] == [102, 101]
    assert trajectory.sightings[0].span.start_ns == at(10)


def test_parts_of_a_long_tracklet_are_one_sighting(case1: World) -> None:
    case1.person(1, 600.0, tracklet_id=301, part=0, boxes=10)
    case1.person(1, 610.0, tracklet_id=301, part=1, boxes=10)
    (sighting,) = traced(case1, 301).sightings
    assert (sighting.span.start_ns, sighting.span.end_ns) == (at(600), at(619) + 1)
    assert set(sighting.shot_ids) == {3010, 3011}


def test_a_sighting_names_who_decided(case1: World) -> None:
    case1.search.decide(BEN, 1, 101, Verdict.CONFIRM)
    (sighting,) = traced(case1, 101).sightings
    assert [d.actor for d in sighting.decisions] == [BEN.account_id, ANN.account_id]


def test_clock_errors_of_time_line_and_correction_add_up_in_squares(case1: World) -> None:
    """The epoch's 0.05 s and the correction's 0.12 s make 0.13 s."""
    case1.store.cameras.correct_clock(1, ClockCorrection(0, 0.0, 0.12), at(7000))
    assert traced(case1, 101).sightings[0].clock_sigma_s == pytest.approx(0.13)


# --- hops ----------------------------------------------------------------------------------------


def test_a_hop_says_gap_distance_and_times(case1: World) -> None:
    roads(case1, (1, 2, 150))
    (hop,) = traced(case1, 101, 102).hops
    assert (hop.start, hop.end, hop.feasible) == (0, 1, True)
    assert hop.gap_s == pytest.approx(300 - 104)
    assert hop.distance_m == 150.0
    assert hop.fastest_s == pytest.approx(150 / 8.0)


def test_without_roads_the_positions_tell(case1: World) -> None:
    (hop,) = traced(case1, 101, 102).hops
    assert hop.distance_m == pytest.approx(130, rel=0.01)
    assert "as the crow flies" in hop.why


def test_an_impossible_hop_is_flagged_and_stays(case1: World) -> None:
    roads(case1, (1, 2, 5000))
    trajectory = traced(case1, 101, 102)
    assert [hop.feasible for hop in trajectory.hops] == [False]
    assert len(trajectory.sightings) == 2


def test_a_change_to_wheels_is_allowed_on_the_way(case1: World) -> None:
    roads(case1, (1, 2, 3000))
    case1.person(2, 300.0, tracklet_id=301, class_id=ObjectClass.EBIKE_RIDER)
    (hop,) = traced(case1, 101, 301).hops
    assert hop.feasible


def test_at_once_in_two_places_is_a_contradiction(case1: World) -> None:
    case1.person(3, 102.0, tracklet_id=301)
    trajectory = traced(case1, 101, 301)
    assert [hop.feasible for hop in trajectory.hops] == [False]
    (said,) = trajectory.contradictions
    assert said.startswith("tracklets 101 and 301: at once at camera 1 and camera 3")


def test_a_contradiction_of_sightings_that_do_not_follow_each_other_is_found(case1: World) -> None:
    case1.person(1, 1000.0, tracklet_id=301, boxes=100)
    case1.person(1, 1010.0, tracklet_id=302)
    case1.person(3, 1050.0, tracklet_id=303)
    said = traced(case1, 301, 302, 303).contradictions
    assert any("301 and 303: at once at camera 1 and camera 3" in text for text in said)


def test_at_once_in_two_views_that_overlap_is_none(case1: World) -> None:
    roads(case1, (1, 3, 0), (3, 1, 0))
    case1.person(3, 102.0, tracklet_id=301)
    trajectory = traced(case1, 101, 301)
    assert (trajectory.contradictions, trajectory.hops[0].feasible) == ((), True)


def test_at_once_within_the_clocks_error_is_none(case1: World) -> None:
    for camera_id in (1, 3):
        case1.store.cameras.correct_clock(camera_id, ClockCorrection(0, 0.0, 20.0), at(7000))
    case1.person(3, 102.0, tracklet_id=301)
    assert traced(case1, 101, 301).contradictions == ()


def test_twice_at_once_in_one_view_is_said(case1: World) -> None:
    case1.person(1, 102.0, tracklet_id=301)
    (said,) = traced(case1, 101, 301).contradictions
    assert "doubled or two subjects" in said


def test_what_one_confirmed_and_another_rejected_stays_out_and_is_said(case1: World) -> None:
    case1.search.decide(BEN, 1, 101, Verdict.REJECT)
    trajectory = traced(case1, 101, 102)
    assert [s.tracklet_id for s in trajectory.sightings] == [102]
    assert trajectory.contradictions == (
        "tracklet 101: confirmed by one person, rejected by another",
    )


# --- gaps ----------------------------------------------------------------------------------------


def test_a_gap_longer_than_the_way_takes_is_named(case1: World) -> None:
    roads(case1, (1, 2, 10))
    (gap,) = traced(case1, 101, 102).gaps
    assert gap == "camera 1 to camera 2: unseen for 196 s from 2026-05-04T07:01:44.000Z"


def test_a_gap_says_what_was_not_searched_meanwhile(case1: World) -> None:
    roads(case1, (1, 2, 10))
    case1.store.tracks.erase(3, span(150, 250), at(7000))
    (gap,) = traced(case1, 101, 102).gaps
    assert gap.endswith("; not searched throughout: camera 3")


def test_a_gap_that_the_way_explains_is_not_named(case1: World) -> None:
    roads(case1, (1, 2, 200))
    assert traced(case1, 101, 102).gaps == ()


def test_what_was_confirmed_and_is_gone_is_named(case1: World) -> None:
    confirm(case1, 101)
    case1.store.tracks.erase(1, None, at(7000))
    assert case1.trajectories.reconstruct(ANN, 1).gaps == (
        "tracklet 101: was confirmed, and is not in the case any more",
    )


def test_coverage_comes_with_it(case1: World) -> None:
    case1.store.tracks.erase(3, span(0, 600), at(7000))
    missing = case1.trajectories.reconstruct(ANN, 1).coverage.missing
    assert missing == ((CameraSpan(3, span(0, 600)), "erased"),)


# --- what could stand between --------------------------------------------------------------------


def test_an_undecided_candidate_that_fits_is_suggested(case1: World) -> None:
    searched(case1)
    (hop,) = traced(case1, 101, 103).hops
    assert hop.between == (102,)


def test_a_candidate_that_could_not_have_been_there_is_not(case1: World) -> None:
    searched(case1)
    roads(case1, (1, 2, 9000), (2, 3, 9000), (1, 3, 200))
    (hop,) = traced(case1, 101, 103).hops
    assert hop.between == ()


def test_a_rejected_candidate_is_not_suggested(case1: World) -> None:
    searched(case1)
    case1.search.decide(BEN, 1, 102, Verdict.REJECT)
    (hop,) = traced(case1, 101, 103).hops
    assert hop.between == ()


def test_suggestions_come_most_alike_first(case1: World) -> None:
    case1.person(2, 350.0, tracklet_id=301, looks="thief~passer")
    case1.person(2, 320.0, tracklet_id=302, looks="passer~thief")
    searched(case1)
    (hop,) = traced(case1, 101, 103).hops
    assert hop.between == (102, 301, 302)


# --- authority -----------------------------------------------------------------------------------


def test_a_stranger_gets_none(case1: World) -> None:
    before = case1.newest_seq()
    with pytest.raises(Forbidden):
        case1.trajectories.reconstruct(ZOE, 1)
    assert len(case1.denials(before)) == 1


def test_a_closed_case_gives_none(case1: World) -> None:
    case1.desk.close(ANN, 1)
    with pytest.raises(CaseNotActive):
        case1.trajectories.reconstruct(ANN, 1)


def test_the_log_names_what_was_read_and_what_came_of_it(case1: World) -> None:
    confirm(case1, 101, 102)
    before = case1.newest_seq()
    case1.trajectories.reconstruct(ANN, 1)
    read, answered = (e.event for e in case1.entries(before))
    assert (read.kind, answered.kind) == ("read_trajectory", "trajectory_answered")
    assert answered.detail["tracklet_ids"] == [101, 102]


# --- plates as evidence --------------------------------------------------------------------------


def by_plate(world: World, *plates: str, probes: tuple[int, ...] = ()) -> None:
    for plate in plates:
        world.search.search(ANN, 1, SearchRequest(probes, plate=plate))


@pytest.fixture
def ridden(case1: World) -> World:
    """In case 1 a rider with a plate passes camera 1, and one whose plate nobody read camera 2."""
    kind = ObjectClass.EBIKE_RIDER
    case1.person(1, 600.0, tracklet_id=301, looks="rider", class_id=kind, text="京A12345")
    case1.person(2, 900.0, tracklet_id=302, looks="rider", class_id=kind)
    return case1


def test_a_sighting_has_the_ratio_of_its_plate(ridden: World) -> None:
    by_plate(ridden, "京A12345")
    (sighting,) = traced(ridden, 301).sightings
    assert set(sighting.llr) == {"plate"}
    assert sighting.llr["plate"] > 5


def test_several_searches_for_plates_count_once_by_the_best(ridden: World) -> None:
    by_plate(ridden, "京A12345")
    once = traced(ridden, 301).sightings[0].llr["plate"]
    by_plate(ridden, "沪B99999", "京A12345", "*123*")
    assert traced(ridden, 301).sightings[0].llr["plate"] == once


def test_a_plate_that_was_not_read_is_no_evidence(ridden: World) -> None:
    made = ridden.search.probe_from_upload(ANN, 1, b"rider", None, Family.PERSON)
    by_plate(ridden, "京A12345", probes=(made.probe_id,))
    confirm(ridden, 302)
    (sighting,) = traced(ridden).sightings
    assert "plate" not in sighting.llr


def test_the_plate_of_what_a_probe_was_cut_from_still_counts(ridden: World) -> None:
    made = ridden.search.probe_from_shot(ANN, 1, 3010)
    by_plate(ridden, "京A12345", probes=(made.probe_id,))
    (sighting,) = traced(ridden, 301).sightings
    assert set(sighting.llr) == {"plate"}
