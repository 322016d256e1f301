"""The city at scale: the same in any batches, in order, bounded, and true about itself."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from core.arrays import I64
from core.clocks import NS, s_of
from core.errors import InvalidInput
from core.ids import writer_of
from core.types import Family, ObjectClass, VectorRows
from scenes.noise import EmbeddingNoise, Part
from scenes.population import (
    MAX_CAMERAS,
    STAGED,
    Population,
    PopulationPlan,
    Staged,
    load_rates,
    rates_of,
)
from scenes.splits import MAX_SEED, Split
from scenes.tracklets import LOOKS_PER_S, SHOTS, SIZE_HW, Batch, Rates
from scenes.travel import CLASSES, TRAVEL, Passings

PLAN = PopulationPlan(cameras=60, hours=0.25, writer=5)


def noise(dim: int = 16) -> EmbeddingNoise:
    part = Part(0.2, 0.2, 0.3)
    return EmbeddingNoise(dim, 0.1, replace(part, variance=0.4), part, part, part)


def population(plan: PopulationPlan = PLAN, *, rates: Rates | None = None) -> Population:
    return Population(plan, noise={"person": noise(), "vehicle": noise(24)}, rates=rates)


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    """A quarter of an hour of sixty cameras, in batches of 300."""
    return list(population().batches(300))


def column(batches: Sequence[Batch], name: str) -> I64:
    return np.concatenate([getattr(batch, name) for batch in batches])


def flat_vectors(batches: Sequence[Batch]) -> dict[tuple[str, str], VectorRows]:
    """The rows of every (family, model), by shot."""
    rows: dict[tuple[str, str], list[VectorRows]] = {}
    for batch in batches:
        for one in population().vector_rows(batch):
            rows.setdefault((one.family, one.embeddings.model), []).append(one)
    return {
        key: VectorRows(
            some[0].family,
            replace(
                some[0].embeddings,
                shot_ids=np.concatenate([one.embeddings.shot_ids for one in some]),
                vectors=np.concatenate([one.embeddings.vectors for one in some]),
            ),
            *(
                np.concatenate([getattr(one, name) for one in some])
                for name in ("tracklet_ids", "camera_ids", "device_ns")
            ),
        )
        for key, some in rows.items()
    }


# --- the same for a seed, in any batches ---------------------------------------------------------


@pytest.mark.parametrize("rows", [1000, 77])
def test_batches_of_any_size_hold_the_same(batches: list[Batch], rows: int) -> None:
    others = list(population().batches(rows))

    assert [len(batch) for batch in others[:-1]] == [rows] * (len(others) - 1)
    for name in ("tracklet_ids", "camera_ids", "subjects", "device_ns", "xyxy", "shot_ids"):
        assert (column(batches, name) == column(others, name)).all()


def test_vectors_do_not_depend_on_the_batches(batches: list[Batch]) -> None:
    mine, others = flat_vectors(batches), flat_vectors(list(population().batches(1000)))

    assert mine.keys() == others.keys()
    for key, rows in mine.items():
        assert (rows.embeddings.shot_ids == others[key].embeddings.shot_ids).all()
        assert np.allclose(rows.embeddings.vectors, others[key].embeddings.vectors, atol=1e-6)


@pytest.mark.parametrize("change", [{"seed": 2}, {"split": Split.TRAIN}], ids=str)
def test_another_seed_or_split_is_another_population(
    batches: list[Batch], change: dict[str, int]
) -> None:
    other = next(population(replace(PLAN, **change)).batches(300))  # type: ignore[arg-type]

    assert other.camera_ids.tolist() != batches[0].camera_ids.tolist()


def test_batches_begin_anew_each_time() -> None:
    one = population()

    first, again = next(one.batches(50)), next(one.batches(50))

    assert all((getattr(first, f.name) == getattr(again, f.name)).all() for f in fields(Batch))


# --- in order, with ids of ours ------------------------------------------------------------------


def test_tracklets_come_in_order_of_their_true_time(batches: list[Batch]) -> None:
    offsets_s = np.array([camera.clocks[0].offset_s for camera in population().cameras()])
    device_ns = column(batches, "device_ns")
    firsts = np.concatenate([[0], np.cumsum(np.concatenate([_counts(b) for b in batches]))])[:-1]

    true_s = device_ns[firsts] / NS - offsets_s[column(batches, "camera_ids") - 1]

    assert (np.diff(true_s) > -0.3 / LOOKS_PER_S).all()


def _counts(batch: Batch) -> I64:
    return np.diff(batch.box_starts)


def test_ids_ascend_and_name_their_writer(batches: list[Batch]) -> None:
    for name in ("tracklet_ids", "shot_ids"):
        ids = column(batches, name)
        assert (np.diff(ids) > 0).all()
        assert {writer_of(one) for one in ids.tolist()} == {PLAN.writer}


def test_times_lie_in_the_hours_that_were_planned(batches: list[Batch]) -> None:
    device_ns = column(batches, "device_ns")

    slack_ns = 30 * NS  # clocks that are wrong, and a last tracklet's length
    assert device_ns.min() >= PLAN.span.start_ns - slack_ns
    assert device_ns.max() < PLAN.span.end_ns + slack_ns
    assert s_of(int(device_ns.max() - device_ns.min())) > 0.9 * PLAN.span.duration_s


# --- tracklets and shots as ingest would make them -----------------------------------------------


def test_parts_are_valid_tracklets_with_shots_of_their_boxes(batches: list[Batch]) -> None:
    height, width = SIZE_HW
    for tracklet, shots in batches[0].parts():
        assert 1 <= len(shots) <= SHOTS
        assert (tracklet.xyxy[:, 2:] >= tracklet.xyxy[:, :2]).all()
        assert tracklet.xyxy.min() >= 0
        assert (tracklet.xyxy[:, 2] <= width).all()
        assert (tracklet.xyxy[:, 3] <= height).all()
        for shot in shots:
            place = tracklet.device_ns.tolist().index(shot.device_ns)
            assert shot.xyxy == tuple(tracklet.xyxy[place].tolist())
            assert (shot.tracklet_id, shot.camera_id) == (tracklet.tracklet_id, tracklet.camera_id)
            assert 0 < shot.quality <= 1


def test_a_subject_keeps_its_class(batches: list[Batch]) -> None:
    assert (column(batches, "subjects") % CLASSES == column(batches, "class_id")).all()


def test_every_class_passes(batches: list[Batch]) -> None:
    assert set(column(batches, "class_id").tolist()) == {int(kind) for kind in ObjectClass}


def test_subjects_are_seen_by_several_cameras_one_after_the_other(batches: list[Batch]) -> None:
    subjects, cameras = column(batches, "subjects"), column(batches, "camera_ids")
    passings = column(batches, "passings")
    order = np.lexsort((passings, subjects))
    same = np.diff(subjects[order]) == 0
    moved = np.diff(cameras[order])[same & (np.diff(passings[order]) > 0)] != 0

    assert same.mean() > 0.5
    assert moved.mean() > 0.95


def test_nobody_is_faster_than_its_class_can_be(batches: list[Batch]) -> None:
    one = population()
    places = one.roads.to_local(np.array([c.lon_lat_deg for c in one.cameras()]))
    starts = np.concatenate([batch.device_ns[batch.box_starts[:-1]] for batch in batches])
    subjects, cameras = column(batches, "subjects"), column(batches, "camera_ids") - 1
    order = np.lexsort((starts, subjects))
    same = np.diff(subjects[order]) == 0
    way_m = np.linalg.norm(np.diff(places[cameras[order]], axis=0), axis=1)[same]
    took_s = np.diff(starts[order])[same] / NS + 10  # clocks may be wrong by seconds
    kind = subjects[order][1:][same] % CLASSES
    usual = np.array([TRAVEL[ObjectClass(k)].speed_mps for k in range(CLASSES)])[kind]

    assert (way_m / took_s < 2.5 * usual).all()


# --- missed and broken ---------------------------------------------------------------------------


def test_nothing_missed_nothing_broken_is_one_tracklet_a_passing() -> None:
    whole = next(population(rates=Rates(0.0, 0.0)).batches(2000))

    assert len(set(whole.passings.tolist())) == len(whole)
    assert np.diff(np.sort(whole.passings)).max() == 1 or len(whole) < 2


def test_missed_and_broken_ones_come_at_their_rates() -> None:
    whole = column(list(population(rates=Rates(0.0, 0.0)).batches()), "passings")
    found = column(list(population(rates=Rates(0.2, 0.3)).batches()), "passings")
    seen, tracklets = np.unique(found, return_counts=True)

    assert len(seen) / len(whole) == pytest.approx(0.8, abs=0.03)
    assert tracklets.max() == 2
    assert 0.15 < (tracklets == 2).mean() <= 0.33  # the shortest ones cannot break


def test_halves_of_a_broken_tracklet_do_not_overlap() -> None:
    broken = list(population(rates=Rates(0.0, 1.0)).batches())
    starts, ends, passings = [], [], []
    for batch in broken:
        starts.append(batch.device_ns[batch.box_starts[:-1]])
        ends.append(batch.device_ns[batch.box_starts[1:] - 1])
        passings.append(batch.passings)
    start, end, passing = (np.concatenate(part) for part in (starts, ends, passings))
    order = np.lexsort((start, passing))
    same = np.diff(passing[order]) == 0

    assert same.any()
    assert (start[order][1:][same] > end[order][:-1][same]).all()


def test_rates_are_those_of_the_file_that_says_where_they_were_measured(tmp_path: Path) -> None:
    path = tmp_path / "rates.json"
    path.write_text(json.dumps({"missed": 0.25, "broken": 0.5, "measured_on": "here"}))

    assert load_rates(path) == Rates(0.25, 0.5)
    assert load_rates() == rates_of(14, 14, 16)


def test_rates_by_counting_shrink_towards_a_half() -> None:
    assert rates_of(8, 6, 9) == Rates(missed=3 / 10, broken=4 / 8)
    with pytest.raises(InvalidInput, match="covered up to labelled"):
        rates_of(3, 4, 4)


def test_a_file_that_holds_no_rates_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.json"
    path.write_text("{}")

    with pytest.raises(InvalidInput, match="want the shares missed and broken"):
        load_rates(path)


# --- vectors -------------------------------------------------------------------------------------


def test_every_shot_has_a_vector_of_each_embedder_of_its_family(batches: list[Batch]) -> None:
    batch = batches[0]
    family = [ObjectClass(kind).family for kind in batch.class_id[batch.shot_of].tolist()]
    rows = {
        (r.family, r.embeddings.model.split("@")[0]): r for r in population().vector_rows(batch)
    }

    assert rows.keys() == {
        (Family.PERSON, "drawn-person"),
        (Family.RIDER, "drawn-person"),
        (Family.RIDER, "drawn-vehicle"),
        (Family.VEHICLE, "drawn-vehicle"),
    }
    for (one, _), kept in rows.items():
        wanted = [i for i, which in zip(batch.shot_ids, family, strict=True) if which is one]
        assert kept.embeddings.shot_ids.tolist() == wanted


def test_vectors_of_a_subject_lie_nearer_than_those_of_strangers(batches: list[Batch]) -> None:
    rows = flat_vectors(batches)[Family.VEHICLE, population().models["vehicle"]]
    subject_of = dict(
        zip(column(batches, "tracklet_ids"), column(batches, "subjects"), strict=True)
    )
    subjects = np.array([subject_of[one] for one in rows.tracklet_ids[:1500]])
    cosines = rows.embeddings.vectors[:1500] @ rows.embeddings.vectors[:1500].T
    same = subjects[:, None] == subjects
    elsewhere = rows.camera_ids[:1500, None] != rows.camera_ids[:1500]

    assert cosines[same & elsewhere].mean() > cosines[~same].mean() + 0.25


def test_probes_look_like_their_subjects(batches: list[Batch]) -> None:
    batch = batches[0]
    shots = np.flatnonzero(batch.class_id[batch.shot_of] == ObjectClass.CAR)[:200]
    subjects = batch.subjects[batch.shot_of[shots]]

    probes = population().probes(subjects, "vehicle")
    kept = population().vectors(batch, shots, "vehicle")

    own, others = (probes * kept).sum(axis=1), (probes * np.roll(kept, 60, axis=0)).sum(axis=1)
    assert own.mean() > others.mean() + 0.25


# --- bounds --------------------------------------------------------------------------------------


def test_town_keeps_its_subjects_however_long_it_goes_on() -> None:
    town = population()._town()
    before = len(town)

    for _ in town.steps(3600, step_s=60):
        assert len(town) == before


def test_passings_come_at_the_rate_that_was_asked_for() -> None:
    town = population()._town()
    count = sum(map(len, town.steps(1800, step_s=60)))

    assert count == pytest.approx(60 * 150 / 2, rel=0.25)


def test_cameras_stand_where_the_roads_are_and_have_ways_between_them() -> None:
    one = population()

    assert len(one.cameras()) == PLAN.cameras
    assert one.graph.camera_ids.tolist() == [camera.camera_id for camera in one.cameras()]
    assert set(one.graph.edges[:, 0].tolist()) == set(range(PLAN.cameras))


def test_a_small_town_needs_no_more_than_two_cameras() -> None:
    few = population(replace(PLAN, cameras=2, hours=0.5))

    found = column(list(few.batches()), "camera_ids")

    assert set(found.tolist()) == {1, 2}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cameras": 1}, "cameras: want 2 to 66000, got 1"),
        ({"cameras": MAX_CAMERAS + 1}, "cameras: want 2 to"),
        ({"hours": 0.0}, "hours: want more than 0"),
        ({"hours": float("nan")}, "hours: want more than 0"),
        ({"passings_per_camera_hour": -1.0}, "passings: want more than 0"),
    ],
)
def test_a_plan_of_no_sense_is_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        replace(PLAN, **change)  # type: ignore[arg-type]


def test_a_seed_out_of_range_is_refused() -> None:
    with pytest.raises(InvalidInput, match="seed: want 0 to"):
        population(replace(PLAN, seed=MAX_SEED + 1))


def test_batches_of_no_rows_are_refused() -> None:
    with pytest.raises(InvalidInput, match="rows: want 1 or more"):
        next(population().batches(0))


# --- a play among the people ---------------------------------------------------------------------


def played(*passings: tuple[int, int, float]) -> Passings:
    """Passings of subjects at camera rows, at seconds."""
    subject, camera, at_s = (np.array(column) for column in zip(*passings, strict=True))
    number = STAGED + np.arange(len(passings))
    return Passings(number, STAGED + subject, camera, at_s, np.full(len(passings), 2.0))


def staged(*passings: tuple[int, int, float]) -> Population:
    play = Staged(played(*passings), np.array([3, 5, 9], np.int64), {STAGED + 2: STAGED})
    return population(rates=Rates(0.0, 0.0)).staging(play)


def test_only_cameras_that_are_looked_at_see_anybody() -> None:
    seen = column(list(staged((0, 3, 60.0)).batches(300)), "camera_ids")

    assert set(seen.tolist()) <= {4, 6, 10}


def test_what_is_played_is_seen_among_all_others_in_order() -> None:
    made = list(staged((0, 3, 60.0), (2, 5, 300.0), (2, 11, 400.0)).batches(300))

    rows = np.flatnonzero(column(made, "subjects") >= STAGED)

    assert column(made, "camera_ids")[rows].tolist() == [4, 6]  # the third camera is not looked at
    assert column(made, "class_id")[rows].tolist() == [0, 2]
    assert (np.diff(column(made, "tracklet_ids")) > 0).all()


def test_others_pass_as_they_would_without_the_play() -> None:
    without = population(rates=Rates(0.0, 0.0)).batches(300)
    others = [batch.camera_ids[np.isin(batch.camera_ids, [4, 6, 10])] for batch in without]

    found = list(staged((0, 3, 60.0)).batches(300))

    mine = column(found, "camera_ids")[column(found, "subjects") < STAGED]
    assert mine.tolist() == np.concatenate(others).tolist()


def test_staging_leaves_the_population_itself_alone() -> None:
    one = population()

    one.staging(Staged(played((0, 3, 60.0)), np.array([3], np.int64)))

    assert (next(one.batches(200)).subjects < STAGED).all()
