"""Light: sun, lamps, fog."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.errors import InvalidInput
from scenes.lamps import lamps_m, near
from scenes.light import (
    LAMP_HEIGHT_M,
    LAMP_POWER,
    Hour,
    Weather,
    city_light,
    encoded,
    fogged,
    lamp_gain,
    light_of,
    linear,
    shaded,
    under_lamps,
)
from scenes.roads import RoadGraph, plan_roads
from scenes.splits import Split

UP = np.array([[0, 0, 1]], np.float32)
GREY = np.full((1, 3), 0.2, np.float32)


@dataclass(frozen=True)
class Place:
    seed: int = 1
    split: Split = Split.TRAIN
    light: Hour = "day"
    weather: Weather = "clear"


def roads() -> RoadGraph:
    return plan_roads(1, Split.TRAIN)


def level(light: Hour, weather: Weather) -> float:
    return float(shaded(GREY, UP, light_of(Place(light=light, weather=weather))).mean())


def test_light_of_a_city_is_the_same_every_time() -> None:
    assert light_of(Place()) == light_of(Place())
    assert light_of(Place()).toward != light_of(Place(seed=2)).toward


def test_direction_is_of_unit_length_and_from_above() -> None:
    for hour in ("day", "dusk", "night"):
        toward = light_of(Place(light=hour)).toward
        assert np.linalg.norm(toward) == pytest.approx(1.0)
        assert toward[2] > 0


def test_unknown_hour_is_refused() -> None:
    with pytest.raises(InvalidInput, match="light: want one of"):
        city_light("noon", "clear", np.random.default_rng(0))  # type: ignore[arg-type]


def test_day_is_brighter_than_dusk_and_dusk_than_an_unlit_night() -> None:
    assert level("day", "clear") > level("dusk", "clear") > level("night", "clear") > 0


def test_clouds_take_the_shadows() -> None:
    sunny, dull = light_of(Place()), light_of(Place(weather="overcast"))
    assert sunny.shadow < 0.75 < 0.85 < dull.shadow


def test_lamp_is_brightest_right_below_and_falls_with_distance() -> None:
    lamp = np.zeros((1, 2), np.float32)
    gain = lamp_gain(np.array([(0, 0), (5, 0), (10, 0), (20, 0)], np.float32), lamp)
    assert gain[0] == pytest.approx(LAMP_POWER / LAMP_HEIGHT_M**2)
    assert (np.diff(gain) < 0).all()


def test_place_below_a_lamp_has_its_beam_from_above() -> None:
    night = light_of(Place(light="night"))
    lit = under_lamps(night, (1.0, 0.0), np.array([(0, 0), (30, 0)], np.float32))
    assert lit.toward[2] > 0.9
    assert lit.toward[0] < 0
    assert sum(lit.beam_rgb) > sum(night.beam_rgb)


def test_lamps_are_out_by_day() -> None:
    day = light_of(Place())
    assert under_lamps(day, (0.0, 0.0), np.zeros((1, 2), np.float32)) == day


def test_fog_takes_over_with_depth() -> None:
    foggy = light_of(Place(weather="fog"))
    seen = fogged(np.zeros((3, 3), np.float32), np.array([0, 50, 1e5], np.float32), foggy)
    assert seen[0] == pytest.approx(0.0)
    assert seen[2] == pytest.approx(foggy.fog_rgb)
    assert (np.diff(seen[:, 0]) > 0).all()


def test_encoding_undoes_linear_below_the_shoulder() -> None:
    grey = np.linspace(0, 0.8, 9, dtype=np.float32)
    assert encoded(linear(grey)) == pytest.approx(grey, abs=1e-5)


def test_lamps_stand_on_pavements_near_the_kerb() -> None:
    town = roads()
    for foot in lamps_m(town):
        offset = foot - town.nodes_m[town.edges[:, 0]]
        ahead = (offset * town.along).sum(axis=1)
        beside = np.abs((offset * town.left).sum(axis=1)) - town.half_width_m
        on = (ahead > 0) & (ahead < town.length_m)
        assert np.abs(beside[on] - 0.4).min() < 1e-6


def test_near_lamps_are_those_within_reach() -> None:
    some = near(lamps_m(roads()), (0.0, 0.0), reach_m=50.0)
    assert 0 < len(some) < len(lamps_m(roads()))
    assert (np.linalg.norm(some, axis=1) < 50.0).all()
