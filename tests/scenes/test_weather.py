"""Lamps in the dark, and rain."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.types import ObjectClass
from scenes.beams import add_glare, brightened, lamps_of, road_light
from scenes.canvas import Sprite
from scenes.cycles import sample_cycle
from scenes.movers import Mover
from scenes.people import sample_person
from scenes.plan import Actor, Placed
from scenes.rain import add_mirrored, add_streaks
from scenes.vehicles import sample_vehicle
from scenes.views import View

SIZE = (180, 320)
VIEW = View((0.0, 0.0, 4.0), 0.0, 0.25, 300.0, SIZE)
OPEN, FAR = np.full(SIZE, 255, np.uint8), np.full(SIZE, np.inf, np.float32)


def car(*, heading_rad: float = np.pi, travelled_m: float = 5.0) -> Placed:
    look = sample_vehicle(np.random.default_rng(1), "car")
    actor = Actor(1, "v1", ObjectClass.CAR, vehicle=look)
    return Placed(
        actor, (16.0, 0.0), heading_rad, 5.0 if travelled_m else 0.0, travelled_m, "stand"
    )


def mover(placed: Placed) -> Mover:
    sprite = Sprite(np.zeros((40, 20, 4), np.uint8), 100, 60, (100, 60, 120, 100), 1.0, 16.0)
    return Mover(placed, sprite, np.zeros((4, 2)))


def glare(placed: Placed, *, shown: int = 1, standing_m: float = np.inf) -> NDArray[np.int_]:
    rgb = np.full((*SIZE, 3), 20, np.uint8)
    whose = np.full(SIZE, shown, np.int32)
    add_glare(rgb, [mover(placed)], whose, VIEW, np.full(SIZE, standing_m, np.float32))
    return rgb.astype(int) - 20


def test_car_that_comes_shines_white_and_one_that_goes_red() -> None:
    coming, going = glare(car()).sum(axis=(0, 1)), glare(car(heading_rad=0.0)).sum(axis=(0, 1))
    assert coming[2] > 0.7 * coming[0] > 0
    assert going[2] < 0.3 * going[0]


def test_parked_car_and_bicycle_that_stands_are_dark() -> None:
    assert lamps_of(car(travelled_m=0.0)) == []
    rng = np.random.default_rng(2)
    cycle = Actor(2, "c", ObjectClass.EBIKE_RIDER, cycle=sample_cycle(rng, "ebike"))
    assert lamps_of(replace(car(), actor=cycle)) == []
    assert len(lamps_of(replace(car(), actor=replace(cycle, person=sample_person(rng))))) == 2


@pytest.mark.parametrize("hidden", [{"shown": 2}, {"standing_m": 5.0}])
def test_lamp_behind_something_does_not_shine(hidden: dict[str, int]) -> None:
    assert glare(car()).any()
    assert not glare(car(), **hidden).any()


def test_headlamps_light_the_road_ahead() -> None:
    light = road_light([mover(car())], VIEW, OPEN)
    assert light is not None
    rows, columns = np.nonzero(light > 40)
    px = np.column_stack([columns, rows]).astype(np.float32)
    assert VIEW.on_ground(px)[:, 0].mean() < 14
    grey = np.full((*SIZE, 3), 50, np.uint8)
    lit = brightened(grey, light).astype(int) - grey
    assert lit.max() > 15
    assert lit.min() == 0


def test_nobody_with_lamps_lights_nothing() -> None:
    assert road_light([mover(car(travelled_m=0.0))], VIEW, OPEN) is None


def test_rain_falls_differently_in_each_picture_and_only_brightens() -> None:
    pictures = [np.full((*SIZE, 3), 90, np.uint8) for _ in range(2)]
    for number, rgb in enumerate(pictures):
        add_streaks(rgb, np.random.default_rng(number))
        assert rgb.min() == 90
        assert 0.002 < float((rgb > 92).mean()) < 0.1
    assert not np.array_equal(pictures[0], pictures[1])


def test_wet_ground_mirrors_below_the_feet_and_walls_do_not() -> None:
    red = mover(car()).sprite
    red.rgba[...] = (200, 0, 0, 255)
    rgb, beside = np.full((2, *SIZE, 3), 90, np.uint8)
    add_mirrored(rgb, red, OPEN)
    add_mirrored(beside, red, np.zeros_like(OPEN))
    assert rgb[102, 110, 0] > rgb[102, 110, 1] + 20
    assert (rgb[:100] == 90).all()
    assert (beside == 90).all()
