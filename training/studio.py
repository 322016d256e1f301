"""A subject as some camera might have seen it: any view, any light, before and behind anything.

The city's figures, painted by the city's painter, but in front of clutter instead of streets: what
an embedder may not learn is the place. Cheaper than film, and as varied as the draws are.
"""

from dataclasses import dataclass
from typing import get_args

import cv2
import numpy as np

from core.arrays import F32, U8
from scenes.cycles import CycleLook, rider_figure
from scenes.gaits import Gait, Stance
from scenes.light import Hour, Light, Weather, city_light, under_lamps
from scenes.people import PersonLook, person_figure, sample_person
from scenes.raster import Sprite, ground_shadow, over, paint
from scenes.shapes import Figure
from scenes.vehicles import VehicleLook, vehicle_figure
from scenes.views import View

_HEIGHTS_PX = (26.0, 210.0)
_AROUND = 1.9  # of the subject's height: the picture's
_PASSER = 0.3  # how often somebody stands in front, and as often behind
_LEAST_SEEN = 0.45
_WALKS: dict[Stance, tuple[float, float]] = {
    "walk": (0.6, 0.5), "run": (0.1, 0.8), "stand": (0.2, 0.0), "phone": (0.1, 0.0),
}  # fmt: skip
_HOURS: dict[str, float] = {"day": 0.55, "dusk": 0.22, "night": 0.23}
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who is portrayed: a walker, a rider (`cycle`), or a vehicle alone."""

    person: PersonLook | None = None
    cycle: CycleLook | None = None
    vehicle: VehicleLook | None = None
    plate: str = ""

    def figure(self, rng: np.random.Generator, *, rain: bool) -> Figure:
        """In a moment of its way, at the origin, facing +x."""
        phase = float(rng.uniform(0, 20))
        if self.vehicle is not None:
            return vehicle_figure(self.vehicle, phase, self.plate)
        if self.person is None:
            raise TypeError("sitter: want a person or a vehicle")
        if self.cycle is not None:
            gait = Gait(4.0, phase, "sit")
            return rider_figure(self.person, self.cycle, gait, self.plate, rain=rain)
        pose = list(_WALKS)[int(rng.choice(len(_WALKS), p=[share for share, _ in _WALKS.values()]))]
        speed = 0.0 if pose in ("stand", "phone") else 1.3 if pose == "walk" else 3.5
        return person_figure(self.person, Gait(speed, phase, pose), rain=rain)


def portrait(sitter: Sitter, rng: np.random.Generator) -> tuple[U8, F32]:
    """An RGB picture (h, w, 3) and the box (4,) of the sitter in it."""
    for _ in range(_TRIES):
        found = _attempt(sitter, rng)
        if found is not None:
            return found
    raise RuntimeError(f"portrait: nothing to be seen in {_TRIES} tries")


def _attempt(sitter: Sitter, rng: np.random.Generator) -> tuple[U8, F32] | None:
    hour, weather = _hour(rng), _weather(rng)
    light = _lit(city_light(hour, weather, rng), rng)
    figure = sitter.figure(rng, rain=weather == "rain").moved((0, 0, 0), rng.uniform(0, 2 * np.pi))
    view = _view(figure, rng)
    sprite = paint(figure, view, light)
    if sprite is None:
        return None
    rgb = clutter(view.size_hw, rng, dark=light.dark)
    if rng.random() < _PASSER:
        _stand(rgb, view, light, rng, nearer=False)
    shadow = ground_shadow(figure, view, light)
    if shadow is not None and not light.dark:
        over(rgb[shadow.window], np.asarray(shadow.rgba * (1 - light.shadow), np.uint8))
    over(rgb[sprite.window], sprite.rgba)
    if rng.random() < _PASSER and _hidden(sprite, _stand(rgb, view, light, rng, nearer=True)):
        return None
    box = np.clip(sprite.xyxy, 0, [view.size_hw[1], view.size_hw[0]] * 2).astype(np.float32)
    return rgb, box


def _lit(light: Light, rng: np.random.Generator) -> Light:
    lamps = rng.uniform(-9, 9, (2, 2)).astype(np.float32)
    return under_lamps(light, (0.0, 0.0), lamps)


def _hour(rng: np.random.Generator) -> Hour:
    row = int(rng.choice(len(_HOURS), p=list(_HOURS.values())))
    hour: Hour = get_args(Hour)[[str(one) for one in get_args(Hour)].index(list(_HOURS)[row])]
    return hour


def _weather(rng: np.random.Generator) -> Weather:
    kinds: tuple[Weather, ...] = get_args(Weather)
    return kinds[int(rng.integers(len(kinds)))]


def _view(figure: Figure, rng: np.random.Generator) -> View:
    """A camera that sees the figure near the middle of a small picture."""
    corners = figure.mesh.corners_m.reshape(-1, 3)
    low, high = corners.min(axis=0), corners.max(axis=0)
    reach = float(np.hypot(*(high - low)[:2]))
    away = float(np.exp(rng.uniform(np.log(4 + reach), np.log(38))))
    up = float(rng.uniform(2.6, 7.0))
    middle = (low + high) / 2 + rng.normal(0, 0.08, 3) * (high - low)
    tilt = float(np.arctan2(up - middle[2], away))
    distance = float(np.hypot(away, up - middle[2]))
    height_px = float(np.exp(rng.uniform(*np.log(_HEIGHTS_PX))))
    extent_m = max(float(high[2] - low[2]), 0.55 * reach)
    focal_px = height_px * distance / extent_m
    wide = max(1.0, 1.1 * reach / extent_m)
    size = (int(height_px * _AROUND), int(height_px * _AROUND * wide))
    position = (float(middle[0]) - away, float(middle[1]), up)
    return View(position, 0.0, tilt, focal_px, size)


def _stand(
    rgb: U8, view: View, light: Light, rng: np.random.Generator, *, nearer: bool
) -> Sprite | None:
    """Somebody else, painted into the picture before or behind the sitter."""
    along = float(rng.uniform(0.5, 1.5)) * (-1 if nearer else 1)
    place = (along, float(rng.uniform(-0.9, 0.9)), 0.0)
    gait = Gait(1.3, float(rng.uniform(0, 9)), "walk")
    figure = person_figure(sample_person(rng), gait).moved(place, rng.uniform(0, 2 * np.pi))
    sprite = paint(figure, view, light)
    if sprite is not None:
        over(rgb[sprite.window], sprite.rgba)
    return sprite


def _hidden(sitter: Sprite, other: Sprite | None) -> bool:
    """Whether too little of the sitter is left to be seen."""
    if other is None:
        return False
    height = max(sitter.window[0].stop, other.window[0].stop)
    width = max(sitter.window[1].stop, other.window[1].stop)
    mine, theirs = np.zeros((2, height, width), np.bool_)
    mine[sitter.window] = sitter.rgba[..., 3] > 127
    theirs[other.window] = other.rgba[..., 3] > 127
    return bool((mine & ~theirs).sum() < _LEAST_SEEN * sitter.full_px)


def clutter(hw: tuple[int, int], rng: np.random.Generator, *, dark: bool) -> U8:
    """Walls, windows, poles and asphalt, as little alike as can be."""
    height, width = hw
    coarse = rng.normal(0, 14, (4, 5, 3)) + rng.uniform(70, 170) + rng.normal(0, 12, 3)
    canvas = np.asarray(cv2.resize(coarse.astype(np.float32), (width, height)), np.float32)
    horizon = int(height * rng.uniform(-0.3, 0.7))
    if horizon > 0:
        canvas[:horizon] += rng.normal(0, 30, 3)
    for _ in range(int(rng.integers(0, 9))):
        grey = rng.uniform(30, 220) + rng.normal(0, 25, 3)
        left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
        wide, high = (int(side * rng.uniform(0.03, 0.5)) + 1 for side in (width, height))
        canvas[top : top + high, left : left + wide] = grey
    fine = rng.normal(0, rng.uniform(2, 9), (height // 2 + 1, width // 2 + 1, 1))
    canvas += np.asarray(cv2.resize(fine, (width, height)), np.float32)[..., None]
    gain = rng.uniform(0.15, 0.5) if dark else rng.uniform(0.6, 1.15)
    soft = cv2.GaussianBlur(canvas * gain, (0, 0), float(rng.uniform(0.4, 1.2)))
    return np.clip(soft, 0, 255).astype(np.uint8)
