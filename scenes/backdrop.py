"""The still picture behind what moves: the street as one camera sees it."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, F64, U8, Bool
from scenes.city import City, CityCamera
from scenes.easel import Easel
from scenes.frontage import Fronts, Setting, paint_fronts, window_light
from scenes.ground import ground
from scenes.houses import House, houses_near
from scenes.lamps import lamps_m, near
from scenes.light import LAMP_RGB, Light, encoded, fogged, lamp_gain, light_of
from scenes.puddles import mirrored, soak
from scenes.skies import sky
from scenes.staffage import Onlooker, stand
from scenes.streetscape import Streetscape, streetscape

_SAMPLES = 2
_HOUSES_M, _SHADOWS_M, _LAMPS_M = 200.0, 80.0, 70.0
_COARSE = 8  # lamp light changes slowly: one sample in so many fine pixels


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """What stands still before a camera.

    `rgb` (h, w, 3) is lit and fogged, before the lens; `standing_m` (h, w) the depth along the
    optical axis of what stands there (a house, a pole), infinite where there is ground or sky;
    `sunlit` (h, w) the share of the beam that reaches the ground, 0 to 1.
    """

    rgb: U8
    standing_m: F32
    sunlit: F32


def backdrop(city: City, camera: CityCamera) -> Backdrop:
    """The backdrop of a camera; the same city and camera give the same picture."""
    light, easel = light_of(city), Easel(camera.view, _SAMPLES)
    eye, seed = camera.view.position_m, (city.seed, city.split)
    lamps = near(lamps_m(city.roads), eye[:2], reach_m=_LAMPS_M)
    houses = houses_near(city.roads, seed, eye[:2], reach_m=_HOUSES_M)
    floor = ground(city.roads, easel, seed, home=camera.street)
    setting = Setting(easel, houses, light, lamps)
    scape = streetscape(city, camera.view, houses, lit=light.dark)
    sunlit = _sunlit(easel, houses, scape, light)
    falls = _falls(easel, light, sunlit) + _lamplight(easel, light, lamps, houses)
    radiance = np.asarray(floor.albedo * falls, np.float32)
    if light.wet:
        soak(radiance, floor.smooth, mirrored(setting), easel)
    radiance[: easel.horizon_row] = sky(easel, light)
    fronts = paint_fronts(radiance, setting)
    made = _developed(radiance, fronts, easel, light, sunlit)
    stand(made.rgb, made.standing_m, scape, Onlooker(camera.view, light, lamps))
    return made


def _sunlit(easel: Easel, houses: list[House], scape: Streetscape, light: Light) -> F32:
    """How much of the beam reaches the ground, (H, W): shadows are cut out."""
    shade = easel.mask()
    if sum(light.beam_rgb) > 0.05:
        slide = np.array(light.toward[:2]) / max(light.toward[2], 0.05)
        eye = np.asarray(easel.view.position_m[:2])
        shadows = []
        for house in houses:
            feet = np.array([house.start_m, house.end_m])
            if np.linalg.norm(feet - eye, axis=1).min() < _SHADOWS_M:
                shed = feet - slide * house.height_m
                shadows.append(np.array([feet[0], feet[1], shed[1], shed[0]]))
        for faces in [thing.figure.mesh.corners_m for thing in scape.things]:
            shadows.extend(np.asarray(faces[..., :2] - faces[..., 2:] * slide, np.float64))
        for plant in scape.trees:
            trunk = plant.trunk.mesh.corners_m
            shadows.extend(np.asarray(trunk[..., :2] - trunk[..., 2:] * slide, np.float64))
            shadows.extend(plant.shadow_m(slide))
        easel.fill(shade, shadows)
    soft = cv2.GaussianBlur(shade, (0, 0), 1.5)
    return np.asarray(1 - soft.astype(np.float32) / 255, np.float32)


def _falls(easel: Easel, light: Light, sunlit: F32) -> F32:
    """Light of sun and sky on the ground, (H, W, 3)."""
    beam = np.array(light.beam_rgb, np.float32) * max(light.toward[2], 0.0)
    falls = sunlit[..., None] * beam + np.array(light.sky_rgb, np.float32)
    return np.asarray(falls, np.float32)


def _lamplight(easel: Easel, light: Light, lamps: F64, houses: list[House]) -> F32 | float:
    """What street lamps and shop windows add, (H, W, 3), from a coarse grid; 0 by day."""
    if not light.dark:
        return 0.0
    x, y = (plane[_COARSE // 2 :: _COARSE, _COARSE // 2 :: _COARSE] for plane in easel.ground_m)
    places = np.column_stack([x.ravel(), y.ravel()])
    lit = lamp_gain(places, lamps.astype(np.float32))[:, None] * np.array(LAMP_RGB, np.float32)
    lit += window_light(places, houses, easel.view.position_m)
    height, width = easel.fine.size_hw
    grid = lit.reshape(*x.shape, 3)
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _developed(radiance: F32, fronts: Fronts, easel: Easel, light: Light, sunlit: F32) -> Backdrop:
    small = easel.reduced(radiance)
    step = easel.samples
    depth = np.minimum(fronts.depth_m, easel.reach_m[:, None])[::step, ::step]
    above: Bool = np.arange(depth.shape[0])[:, None] * step < easel.horizon_row
    depth = np.where(above & np.isinf(fronts.depth_m[::step, ::step]), 0.0, depth)
    seen = fogged(encoded(small), depth, light)
    rgb = np.clip(seen * 255 + 0.5, 0, 255).astype(np.uint8)
    return Backdrop(rgb, fronts.depth_m[::step, ::step].copy(), easel.reduced(sunlit))
