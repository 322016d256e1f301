"""The city as a whole: the same for a seed, valid for any, as dense and as shared as promised."""

import pickle
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.types import CameraGraph, Family, ObjectClass
from scenes.city import City, plan_city
from scenes.planview import preview
from scenes.sightings import sightings
from scenes.splits import MAX_SEED, Split
from tests.scenes.towns import full_town, town

ROOT = Path(__file__).parents[2]


def fingerprint(city: City) -> list[object]:
    """Numbers that would change if anything did."""
    return [
        city.start_ns,
        city.light,
        city.weather,
        [camera.view for camera in city.cameras],
        [camera.lens for camera in city.cameras],
        [leg.actor.plate + leg.actor.identity for leg in city.legs],
        float(sum(leg.xy_m.sum() + leg.at_s.sum() + leg.heading_rad.sum() for leg in city.legs)),
        city.theft,
        city.subjects,
    ]


def test_a_city_is_the_same_in_another_process() -> None:
    code = (
        "from tests.scenes.test_city import fingerprint; from scenes.city import plan_city;"
        "print(fingerprint(plan_city(11, cameras=3, seconds=75)))"
    )
    env = {"PYTHONHASHSEED": "77", "PYTHONPATH": ":".join([str(ROOT), *sys.path])}
    there = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert there.stdout.strip() == str(fingerprint(plan_city(11, cameras=3, seconds=75)))


def test_another_split_is_another_city() -> None:
    splits = (Split.TEST, Split.TRAIN)
    test, train = (plan_city(4, split=split, cameras=3, seconds=75) for split in splits)
    plates = [{leg.actor.plate for leg in city.legs} - {""} for city in (test, train)]
    assert plates[0].isdisjoint(plates[1])
    assert test.cameras[0].lon_lat_deg != train.cameras[0].lon_lat_deg


@settings(max_examples=4, deadline=None)
@given(
    seed=st.integers(0, MAX_SEED),
    split=st.sampled_from(list(Split)),
    cameras=st.integers(3, 6),
    seconds=st.floats(75, 120),
)
def test_any_seed_gives_a_city_with_a_theft_that_is_seen(
    seed: int, split: Split, cameras: int, seconds: float
) -> None:
    city = plan_city(seed, split=split, cameras=cameras, seconds=seconds)
    assert len(city.cameras) == cameras
    assert city.theft is not None
    seen = city.subjects[0].appearances
    scene = [one for one in seen if one.camera == city.theft.camera]
    assert any(one.in_s <= city.theft.contact_s < one.out_s for one in scene)
    assert {one.mode for one in seen} > {"walk"}
    assert len({one.camera for one in seen}) >= 3


@pytest.mark.parametrize(("cameras", "seconds"), [(1, 10.0), (2, 30.0), (17, 12.0)])
def test_a_city_without_a_theft_may_be_small(cameras: int, seconds: float) -> None:
    city = plan_city(9, cameras=cameras, seconds=seconds, theft=False)
    assert city.subjects == ()
    assert city.theft is None
    assert any(city.placed(5.0, camera.row) for camera in city.cameras)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cameras": 0}, "cameras: want 1 to 64, got 0"),
        ({"cameras": 65}, "cameras: want 1 to 64, got 65"),
        ({"seconds": 9}, "seconds: want 10 to 900, got 9"),
        ({"seconds": 901}, "seconds: want 10 to 900, got 901"),
        ({"cameras": 2}, "theft: want 3 cameras and 75 seconds at least, got 2 and 180"),
        ({"seconds": 60}, "theft: want 3 cameras and 75 seconds at least, got 6 and 60"),
        ({"light": "noon"}, "light: want one of .* got 'noon'"),
        ({"weather": "snow"}, "weather: want one of .* got 'snow'"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        plan_city(1, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(InvalidInput, match=f"seed: want 0 to {MAX_SEED}, got {seed}"):
        plan_city(seed)


def test_light_and_weather_are_taken_as_given() -> None:
    city = plan_city(2, cameras=3, seconds=75, light="night", weather="rain")
    assert (city.light, city.weather) == ("night", "rain")


def test_identities_pass_several_cameras() -> None:
    city = full_town()
    cameras: dict[str, set[int]] = defaultdict(set)
    for leg in city.legs:
        for camera in city.cameras:
            if leg.actor.labelled and sightings(camera, leg, city.seconds):
                cameras[leg.actor.identity].add(camera.row)
    shared = Counter(name[0] for name, rows in cameras.items() if len(rows) >= 2)
    assert shared["p"] >= 12
    assert shared["v"] >= 10


def test_two_of_five_persons_have_a_lookalike() -> None:
    people = {leg.actor.identity: leg.actor.person for leg in full_town().legs}
    looks = [look for look in people.values() if look is not None]
    clothes = np.array([(*look.top.colour, *look.bottom.colour) for look in looks])
    apart = np.abs(clothes[:, None] - clothes[None]).max(axis=2)
    np.fill_diagonal(apart, 1)
    assert (apart.min(axis=1) < 0.1).mean() > 0.33


def test_some_change_the_jacket_and_stay_who_they_are() -> None:
    actors = defaultdict(set)
    for seed in (1, 2):
        for leg in full_town(seed).legs:
            if leg.actor.kind is ObjectClass.PERSON:
                actors[seed, leg.actor.identity].add(leg.actor.person)
    assert any(len(looks) > 1 for looks in actors.values())


def test_actor_ids_name_one_look_each() -> None:
    looks: dict[int, set[object]] = defaultdict(set)
    for leg in full_town().legs:
        looks[leg.actor.actor_id].add(leg.actor)
    assert all(len(same) == 1 for same in looks.values())


def test_plates_are_never_shared() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for leg in full_town().legs:
        if leg.actor.plate and leg.actor.labelled:
            owners[leg.actor.plate].add(leg.actor.identity)
    assert all(len(names) == 1 for names in owners.values())


def test_placed_finds_everybody_whose_middle_is_in_the_picture() -> None:
    city = town()
    for camera in city.cameras:
        for at_s in np.arange(0.0, city.seconds, 7.3):
            everybody = [one for leg in city.legs if (one := leg.placed(float(at_s)))]
            tall = camera.heights_px(np.array([one.xy_m for one in everybody]))
            shown = [one for one, px in zip(everybody, tall, strict=True) if px > 12]
            wanted = {one.actor.actor_id for one in shown}
            found = {one.actor.actor_id for one in city.placed(float(at_s), camera.row)}
            assert wanted <= found


def test_a_camera_shows_several_at_a_time_but_no_crowd() -> None:
    city = full_town()
    counts = [
        len(city.placed(at_s, camera.row))
        for camera in city.cameras
        for at_s in np.arange(0.0, city.seconds, 5.0).tolist()
    ]
    assert 4 < float(np.mean(counts)) < 40


def test_there_are_walkers_riders_and_vehicles() -> None:
    families = Counter(leg.actor.kind.family for leg in full_town().legs)
    assert min(families[family] for family in Family) > 8


def test_camera_ways_make_a_camera_graph() -> None:
    city = full_town()
    edges, distance_m = city.camera_ways()
    CameraGraph(np.arange(len(city.cameras), dtype=np.int64), edges, distance_m)
    assert len(edges) == len(city.cameras) * (len(city.cameras) - 1)
    nearest = [distance_m[edges[:, 0] == row].min() for row in range(len(city.cameras))]
    assert max(nearest) < 260


def test_a_city_travels_to_another_process() -> None:
    city = town()
    there = pickle.loads(pickle.dumps(city))  # noqa: S301 - our own bytes
    assert fingerprint(there) == fingerprint(city)


def test_the_preview_shows_streets_views_and_the_subject() -> None:
    picture = preview(town())
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    assert min(picture.shape[:2]) > 200
    red = (picture[..., 0] > 190) & (picture[..., 1] < 70) & (picture[..., 2] < 80)
    assert red.sum() > 100
