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
