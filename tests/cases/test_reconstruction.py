"""Reconstructions through the door: what people said is kept to, and evidence adds up."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cases.search import SearchRequest
from core.errors import Conflict, Forbidden
from core.types import Candidate, Family, ObjectClass, Reconstruction, SpeedPrior, Verdict
from tests.builders import MODEL_KEY
from tests.cases.world import ANN, BEN, ZOE, Steep, World, opened_world


@pytest.fixture
def world(tmp_path: Path, template: Path) -> Iterator[World]:
    with opened_world(tmp_path, template, calibrations={MODEL_KEY: Steep()}) as made:
        yield made


def reconstructed(world: World, *, who: str = "thief", k: int = 50) -> Reconstruction:
    probe = world.search.probe_from_upload(ANN, 1, who.encode(), None, Family.PERSON)
    return world.reconstructions.reconstruct(ANN, 1, SearchRequest((probe.probe_id,), k=k))


def by_decisions(world: World) -> Reconstruction:
    return world.reconstructions.reconstruct(ANN, 1, SearchRequest(from_confirmed=True))


def candidate(found: Reconstruction, tracklet_id: int) -> Candidate:
    return next(c for c in found.answer.candidates if c.tracklet_id == tracklet_id)


def chance(found: Reconstruction, tracklet_id: int) -> float:
    known = candidate(found, tracklet_id).probability
    assert known is not None
    return known


def way(found: Reconstruction) -> list[int]:
    return [sighting.tracklet_id for sighting in found.trajectory.sightings]


def test_the_way_runs_through_all_that_fits(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))

    found = reconstructed(world)

    assert way(found) == [101, 102, 103]
    assert all(sighting.proposed for sighting in found.trajectory.sightings)
    assert found.ways[0].tracklet_ids == (101, 102, 103)
    assert [round(hop.distance_m or 0) for hop in found.trajectory.hops] == [130, 130]


def test_who_could_not_have_come_that_fast_is_not_on_the_way(world: World) -> None:
    world.person(3, 101.0, tracklet_id=200)  # a second after the first, 200 m on
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)

    found = by_decisions(world)

    assert 200 not in way(found)
    assert chance(found, 200) < 0.01 < chance(found, 102)


def test_a_busy_camera_does_not_win_by_its_crowd(world: World) -> None:
    for number in range(60):
        world.person(2, 250.0 + 2 * number, tracklet_id=1000 + number, looks=f"crowd{number}")
    world.open_case(cameras=(1, 2, 3))
    world.person(3, 300.0, tracklet_id=300)  # as alike as 102, at the same time, where few pass

    found = reconstructed(world)

    own = {i: candidate(found, i).transit_llr or 0.0 for i in (102, 300)}
    assert own[300] > own[102] + 2


def test_what_was_confirmed_is_on_every_way_however_unlikely(world: World) -> None:
    world.person(3, 101.0, tracklet_id=200, looks="somebody")
    world.open_case(cameras=(1, 2, 3))
    for tracklet_id in (101, 200):
        world.search.decide(ANN, 1, tracklet_id, Verdict.CONFIRM)

    found = by_decisions(world)

    assert {101, 200} <= set(way(found))
    assert all({101, 200} <= set(one.tracklet_ids) for one in found.ways)
    assert not found.trajectory.hops[0].feasible
    assert chance(found, 200) == 1.0


def test_what_was_rejected_is_on_no_way_and_comes_last(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    world.search.decide(ANN, 1, 102, Verdict.REJECT)

    found = by_decisions(world)

    assert 102 not in {i for one in found.ways for i in one.tracklet_ids}
    assert found.answer.candidates[-1].tracklet_id == 102
    assert found.answer.candidates[-1].verdict is Verdict.REJECT


def test_who_looks_like_the_rejected_is_believed_less(world: World) -> None:
    world.person(2, 700.0, tracklet_id=210, looks="thief~twin")
    world.person(3, 900.0, tracklet_id=211, looks="thief~twin")
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    before = candidate(by_decisions(world), 211).llr

    world.search.decide(ANN, 1, 210, Verdict.REJECT)

    after = candidate(by_decisions(world), 211)
    assert before is not None
    assert after.llr is not None
    assert after.llr < before - 1
    assert any("rejected" in note for note in after.notes)


def test_a_car_that_began_where_the_subject_was_last_is_a_candidate(world: World) -> None:
    world.person(2, 306.0, tracklet_id=220, looks="", class_id=ObjectClass.CAR)
    world.person(3, 306.0, tracklet_id=221, looks="", class_id=ObjectClass.CAR)
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 102, Verdict.CONFIRM)

    ids = [c.tracklet_id for c in by_decisions(world).answer.candidates]

    assert 220 in ids
    assert 221 not in ids


def test_a_change_of_carrier_is_a_hop_of_its_own_kind(world: World) -> None:
    world.person(3, 330.0, tracklet_id=230, class_id=ObjectClass.EBIKE_RIDER)
    world.open_case(cameras=(1, 2, 3))
    for tracklet_id in (102, 230):
        world.search.decide(ANN, 1, tracklet_id, Verdict.CONFIRM)

    hops = by_decisions(world).trajectory.hops

    assert [hop.change for hop in hops if hop.change] != []
    assert "person to rider" in {hop.change for hop in hops}


def test_a_sightings_margin_and_rivals_say_how_else_it_could_be(world: World) -> None:
    world.person(3, 300.0, tracklet_id=240)  # as alike, at the same time, 100 m on
    world.open_case(cameras=(1, 2, 3))
    for tracklet_id in (101, 103):
        world.search.decide(ANN, 1, tracklet_id, Verdict.CONFIRM)

    found = by_decisions(world)

    contested = next(s for s in found.trajectory.sightings if s.tracklet_id in (102, 240))
    other = {102: 240, 240: 102}[contested.tracklet_id]
    assert contested.margin is not None
    assert 0 <= contested.margin < 5
    assert other in {i for rival in contested.rivals for i in rival.tracklet_ids}
    assert all(rival.margin >= contested.margin - 1e-6 for rival in contested.rivals)


def test_a_hop_says_what_its_place_and_time_say_whoever_follows(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    proposed = by_decisions(world).trajectory.hops
    for tracklet_id in (102, 103):
        world.search.decide(ANN, 1, tracklet_id, Verdict.CONFIRM)

    confirmed = by_decisions(world).trajectory.hops

    assert [hop.llr for hop in proposed] == pytest.approx([hop.llr for hop in confirmed])


def test_speeds_that_the_roads_state_are_kept_to(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    before = chance(by_decisions(world), 102)
    graph = world.store.cameras.graph()
    crawling = SpeedPrior(Family.PERSON, 0.01, 0.02, 0.05)  # 100 m take half an hour at least
    world.store.cameras.put_graph(replace(graph, speeds=(crawling,)))

    assert chance(by_decisions(world), 102) < 0.01 < before


def test_of_two_at_once_in_two_places_both_are_not_believed(world: World) -> None:
    world.person(3, 300.0, tracklet_id=260)  # as alike as 102, at the same time, 100 m on
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)

    found = by_decisions(world)

    assert chance(found, 102) > 0.1
    assert chance(found, 102) + chance(found, 260) <= 1 + 1e-9


def test_without_a_calibration_no_probability_is_shown(tmp_path: Path, template: Path) -> None:
    with opened_world(tmp_path / "plain", template) as world:
        world.open_case(cameras=(1, 2, 3))
        world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
        found = by_decisions(world)
    assert [c.probability for c in found.answer.candidates] == [None] * len(found.answer.candidates)
    assert way(found) == [101]


def test_a_plate_counts_beside_the_looks(world: World) -> None:
    world.person(2, 400.0, tracklet_id=250, looks="", class_id=ObjectClass.CAR, text="京A12345")
    world.open_case(cameras=(1, 2, 3))

    found = world.reconstructions.reconstruct(ANN, 1, SearchRequest(plate="京A12345"))

    first = found.answer.candidates[0]
    assert first.tracklet_id == 250
    assert first.plate_llr is not None
    assert first.plate_llr > 5
    assert first.plate is not None
    assert [sign.outcome for sign in first.plate.signs] == ["same"] * 7


def test_where_to_look_next_is_after_the_last_sighting(world: World) -> None:
    world.open_case(cameras=(1, 2))
    for tracklet_id in (101, 102):
        world.search.decide(ANN, 1, tracklet_id, Verdict.CONFIRM)

    following = by_decisions(world).next_cameras

    assert {one.standing for one in following} <= {"in_scope", "down", "outside"}
    last = max(s.span.end_ns for s in by_decisions(world).trajectory.sightings)
    assert all(one.expected.start_ns >= last for one in following)


def test_the_answer_is_kept_like_a_searchs(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    found = reconstructed(world)

    again = world.search.shown_again(ANN, 1, found.answer.search_id)

    assert [c.tracklet_id for c in again.candidates] == [
        c.tracklet_id for c in found.answer.candidates
    ]
    assert [c.probability for c in again.candidates] == [
        c.probability for c in found.answer.candidates
    ]


def test_a_reconstruction_leaves_one_entry_of_a_search_and_one_of_its_answer(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    since = world.newest_seq()

    by_decisions(world)

    assert world.kinds(since) == ["search", "search_answered"]


def test_a_second_persons_way_is_blind_to_what_the_first_confirmed(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    probe = world.search.probe_from_upload(ANN, 1, b"thief", None, Family.PERSON)
    asked = SearchRequest((probe.probe_id,))
    before = world.reconstructions.reconstruct(BEN, 1, asked)

    world.search.decide(ANN, 1, 102, Verdict.CONFIRM)

    after = world.reconstructions.reconstruct(BEN, 1, asked)
    assert chance(after, 102) == chance(before, 102) < 1
    assert all(sighting.proposed for sighting in after.trajectory.sightings)
    assert all(sighting.decisions == () for sighting in after.trajectory.sightings)
    with pytest.raises(Conflict):
        world.reconstructions.reconstruct(BEN, 1, SearchRequest(from_confirmed=True))


def test_nothing_to_go_by_is_a_conflict(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    with pytest.raises(Conflict, match="want a probe, a plate or something confirmed"):
        by_decisions(world)


def test_a_stranger_learns_nothing(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    with pytest.raises(Forbidden):
        world.reconstructions.reconstruct(ZOE, 1, SearchRequest(from_confirmed=True))
    with pytest.raises(Forbidden):
        world.reconstructions.reconstruct(ZOE, 2, SearchRequest(from_confirmed=True))


def test_what_one_case_decided_changes_nothing_in_another(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    world.open_case(cameras=(1, 2, 3))
    probe = world.search.probe_from_upload(ANN, 2, b"thief", None, Family.PERSON)
    asked = SearchRequest((probe.probe_id,))
    before = world.reconstructions.reconstruct(ANN, 2, asked)

    world.search.decide(ANN, 1, 101, Verdict.CONFIRM)
    world.search.decide(BEN, 1, 102, Verdict.REJECT)

    after = world.reconstructions.reconstruct(ANN, 2, asked)
    assert [(c.tracklet_id, c.probability) for c in after.answer.candidates] == [
        (c.tracklet_id, c.probability) for c in before.answer.candidates
    ]


def test_a_camera_deleted_in_mid_case_leaves_the_rest(world: World) -> None:
    world.open_case(cameras=(1, 2, 3))
    for tracklet_id in (101, 103):
        world.search.decide(ANN, 1, tracklet_id, Verdict.CONFIRM)
    world.store.cameras.delete(3)

    found = by_decisions(world)

    assert 101 in way(found)
    assert 103 not in way(found)
    assert any("103" in gap for gap in found.trajectory.gaps)
    assert any(why == "camera deleted" for _, why in found.answer.coverage.missing)


def test_a_case_is_made_ready_without_a_look_at_anybody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.open_case(cameras=(1, 2, 3))
    before = world.newest_seq()
    world.reconstructions.prepare(case)
    assert world.newest_seq() == before
    unwanted = pytest.fail
    monkeypatch.setattr("cases.laying.shortest_ways", lambda *_: unwanted("found once already"))
    assert way(reconstructed(world)) == [101, 102, 103]
