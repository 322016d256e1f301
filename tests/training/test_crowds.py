"""Crowds to learn from: every class, nobody within another, true boxes."""

from collections import Counter

import numpy as np
import pytest

from core.types import ObjectClass
from scenes.city import City, plan_city
from scenes.exposures import frames
from scenes.fleet import footprint_m
from scenes.splits import Split
from training.crowds import crowd, crowded


@pytest.fixture(scope="module")
def city() -> City:
    return plan_city(3, split=Split.TRAIN, cameras=1, seconds=20, theft=False, light="day")


def test_every_class_is_common(city: City) -> None:
    rng = np.random.default_rng(1)
    seen = Counter(one.actor.kind for _ in range(120) for one in crowd(city.cameras[0], rng))
    assert set(seen) == set(ObjectClass)
    assert min(seen.values()) > 0.02 * seen.total()


def test_cycles_stand_among_them_that_are_not_to_be_found(city: City) -> None:
    rng = np.random.default_rng(3)
    everyone = [one for _ in range(60) for one in crowd(city.cameras[0], rng)]
    cycles = [one for one in everyone if one.actor.cycle is not None]
    parked = [one for one in cycles if not one.actor.labelled]
    assert 0.15 < len(parked) / len(cycles) < 0.45
    assert {one.pose for one in parked} == {"stand"}
    assert {one.speed_mps for one in parked} == {0.0}


def test_more_are_far_away_than_near(city: City) -> None:
    rng = np.random.default_rng(4)
    camera = city.cameras[0]
    places = [one.xy_m for _ in range(60) for one in crowd(camera, rng)]
    away_m = np.linalg.norm(np.array(places) - np.array(camera.view.position_m[:2]), axis=1)
    assert 0.5 < (away_m > 15).mean() < 0.9


def test_nobody_stands_within_another(city: City) -> None:
    placed = crowd(city.cameras[0], np.random.default_rng(2))
    for row, one in enumerate(placed):
        for other in placed[:row]:
            reach_m = (footprint_m(one.actor)[0] + footprint_m(other.actor)[0]) / 2
            assert np.hypot(*np.subtract(one.xy_m, other.xy_m)) > reach_m


def test_a_crowd_is_painted_with_its_boxes_and_the_city_goes_on(city: City) -> None:
    (before,) = frames(city, 0, first=9, count=1)
    first, again = (next(iter(crowded(city, 0, [4]))) for _ in range(2))
    (after,) = frames(city, 0, first=9, count=1)
    assert len(first.boxes)
    assert np.array_equal(first.rgb, again.rgb)
    assert np.array_equal(before.rgb, after.rgb)
