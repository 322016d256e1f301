"""Backdrops: what is painted, how bright, how deep; the same town for every camera."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from core.arrays import checked
from scenes.backdrop import Backdrop, backdrop
from scenes.city import City, CityCamera, plan_city
from scenes.easel import Easel
from scenes.facades import facade
from scenes.frontage import Setting, lit_front, paint_fronts
from scenes.houses import House, houses_near
from scenes.light import Hour, Weather, light_of
from scenes.placing import hidden
from scenes.splits import Split
from scenes.streetscape import streetscape
from scenes.views import View

SEED = 3


@cache
def town(light: Hour = "day", weather: Weather = "clear") -> City:
    planned = plan_city(SEED, split=Split.TRAIN, cameras=4, seconds=10, theft=False)
    return replace(planned, light=light, weather=weather)


def small(camera: CityCamera) -> CityCamera:
    """The same camera with a picture a quarter as large, to be quick."""
    view = camera.view
    size = (view.size_hw[0] // 4, view.size_hw[1] // 4)
    coarse = View(view.position_m, view.heading_rad, view.tilt_rad, view.focal_px / 4, size)
    return replace(camera, view=coarse)


@cache
def painted(light: Hour = "day", weather: Weather = "clear", row: int = 0) -> Backdrop:
    city = town(light, weather)
    return backdrop(city, small(city.cameras[row]))


def ground_level(seen: Backdrop) -> float:
    return float(seen.rgb[np.isinf(seen.standing_m)].mean())


def test_backdrop_has_the_pictures_size_and_types() -> None:
    seen, (height, width) = painted(), small(town().cameras[0]).view.size_hw
    checked("rgb", seen.rgb, np.uint8, height, width, 3)
    checked("standing_m", seen.standing_m, np.float32, height, width)
    checked("sunlit", seen.sunlit, np.float32, height, width)
    assert 0 <= seen.sunlit.min() <= seen.sunlit.max() <= 1


def test_backdrop_is_the_same_every_time() -> None:
    camera = small(town().cameras[0])
    again = backdrop(town(), camera)
    assert np.array_equal(painted().rgb, again.rgb)
    assert np.array_equal(painted().standing_m, again.standing_m)


def test_backdrop_of_another_camera_is_another_picture() -> None:
    assert (painted().rgb != painted(row=1).rgb).mean() > 0.2


@pytest.mark.parametrize("weather", ["clear", "overcast", "rain", "fog"])
def test_night_is_darker_than_day_and_not_black(weather: Weather) -> None:
    night = ground_level(painted("night", weather))
    assert 45 < night < ground_level(painted("day", weather)) - 10


def test_dusk_lies_between_day_and_black() -> None:
    assert 40 < ground_level(painted("dusk")) < ground_level(painted("day"))


def test_road_stands_nowhere_and_walls_do() -> None:
    """Of the bare town, without furniture: depth is there exactly where a wall hides the ground."""
    city = town()
    for camera in city.cameras:
        view = small(camera).view
        easel = Easel(view, 1)
        houses = houses_near(city.roads, (city.seed, city.split), view.position_m[:2], reach_m=220)
        radiance = np.zeros((*view.size_hw, 3), np.float32)
        setting = Setting(easel, houses, light_of(city), np.zeros((0, 2)))
        depth = paint_fronts(radiance, setting).depth_m
        x, y = easel.ground_m
        near = np.broadcast_to(easel.reach_m[:, None] < 100, depth.shape)
        places = np.column_stack([x[near], y[near]]).astype(np.float64)
        behind = hidden(view, places, city.roads.walls_m())
        assert (behind != np.isfinite(depth[near])).mean() < 0.01


def test_a_walls_depth_is_what_the_view_projects() -> None:
    city = town()
    for camera in city.cameras:
        view = camera.view
        houses = houses_near(city.roads, (city.seed, city.split), view.position_m[:2], reach_m=220)
        setting = Setting(Easel(view, 1), houses, light_of(city), np.zeros((0, 2)))
        depth = paint_fronts(np.zeros((*view.size_hw, 3), np.float32), setting).depth_m
        feet = np.array([house.at(house.width_m / 2, 1.0) for house in houses], np.float32)
        px, deep = view.project(feet)
        height, width = view.size_hw
        inside = (deep > 1) & (px >= 1).all(axis=1) & (px[:, 0] < width - 1)
        inside &= px[:, 1] < height - 1
        rows, columns = px[inside].astype(int).T[::-1]
        assert (depth[rows, columns] < deep[inside] * 1.02 + 0.2).all()


def houses() -> list[House]:
    city = town()
    eye = city.cameras[0].view.position_m[:2]
    return houses_near(city.roads, (city.seed, city.split), eye, reach_m=60)


def test_a_house_is_the_same_from_two_cameras() -> None:
    """Both ask for it by its wall, however near they stand."""
    city = town()
    near = {house.start_m: house for house in houses()}
    eyes = [camera.view.position_m[:2] for camera in city.cameras[1:]]
    seed = (city.seed, city.split)
    others = [house for eye in eyes for house in houses_near(city.roads, seed, eye, reach_m=200)]
    shared = [house for house in others if house.start_m in near]
    assert shared
    assert all(house == near[house.start_m] for house in shared)


def test_a_front_has_the_same_colours_at_every_scale() -> None:
    for house in houses()[:6]:
        fine, coarse = (facade(house, px_per_m, 5.0) for px_per_m in (60.0, 20.0))
        rows, columns = coarse.albedo.shape[:2]
        reduced = fine.albedo[: rows * 3, : columns * 3]
        blocks = reduced[: len(reduced) // 3 * 3, : reduced.shape[1] // 3 * 3].astype(float)
        mean = blocks.reshape(len(blocks) // 3, 3, -1, 3, 3).mean(axis=(1, 3))
        apart = np.abs(mean - coarse.albedo[: len(mean), : mean.shape[1]].astype(float))
        assert apart.mean() < 8


def test_a_point_of_a_wall_looks_alike_from_two_cameras() -> None:
    """Its light too does not depend on who looks."""
    city = town()
    views = [
        Setting(Easel(camera.view, 1), houses(), light_of(city), np.zeros((0, 2)))
        for camera in city.cameras[:2]
    ]
    for house in houses()[:4]:
        first, second = (lit_front(house, 40.0, 4.0, setting) for setting in views)
        assert np.allclose(first.radiance, second.radiance)


def test_nothing_stands_at_a_cameras_eye() -> None:
    city = town()
    for camera in city.cameras:
        scape = streetscape(city, camera.view, lit=False)
        eye = np.asarray(camera.view.position_m[:2])
        places = [thing.xy_m for thing in scape.things] + [plant.xy_m for plant in scape.trees]
        assert all(np.linalg.norm(place - eye) > 4 for place in places)


def test_furniture_keeps_off_the_walkers_way() -> None:
    """Up to 0.7 m from a kerb, or at the corners, where no street's pavement runs."""
    city, roads = town(), town().roads
    for camera in city.cameras:
        for plant in streetscape(city, camera.view, lit=False).trees:
            offset = plant.xy_m - roads.nodes_m[roads.edges[:, 0]]
            ahead = (offset * roads.along).sum(axis=1)
            beside = np.abs((offset * roads.left).sum(axis=1)) - roads.half_width_m
            on = (ahead > 0) & (ahead < roads.length_m) & (np.abs(beside) < 3.5)
            assert 0 <= beside[on].min() <= 0.7


def test_most_of_the_ground_stays_in_view() -> None:
    """Furniture may hide a little of what moves, not much."""
    city = town()
    for row, camera in enumerate(city.cameras):
        view = small(camera).view
        houses_there = houses_near(
            city.roads, (city.seed, city.split), view.position_m[:2], reach_m=220
        )
        setting = Setting(Easel(view, 1), houses_there, light_of(city), np.zeros((0, 2)))
        bare = paint_fronts(np.zeros((*view.size_hw, 3), np.float32), setting).depth_m
        open_ground = np.isinf(bare)
        kept = np.isinf(painted(row=row).standing_m[open_ground]).mean()
        assert kept > 0.85
