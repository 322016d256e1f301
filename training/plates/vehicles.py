"""Vehicles from before and behind, only as much as tells where a plate may be; and the street.

Body, panes, lamps, grille, bumper and wheels are drawn flat on a canvas, then sheared as a camera
beside the road sees them. Words are everywhere that real ones have them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from core.arrays import F32, U8
from training.plates.blank import Rgb, stamp
from training.plates.clutter import clutter, wear
from training.plates.designs import SHARES
from training.plates.letters import Letters
from training.plates.press import chosen, jittered, words
from training.plates.surroundings import sample_paint

_CYCLES = {
    "cn_motorcycle": 0.3, "cn_ebike": 0.5, "br_motorcycle": 0.2,
}  # fmt: skip
_MOTORS = {name: share for name, share in SHARES.items() if name not in _CYCLES}


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a plate hangs: its middle, how wide, and the body's turn (2, 2) in the picture."""

    at: F32
    wide_px: float
    turn: F32
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A street with a vehicle, RGB (h, w, 3), and the places for plates."""

    rgb: U8
    places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class _Easel:
    """A body's own box in the picture; shares of its width and height become pixels."""

    rgb: U8
    origin: F32
    axes: F32
    letters: Letters
    rng: np.random.Generator

    def at(self, x: float, y: float) -> F32:
        """Pixels of a point of the body; (0, 0) its upper left, (1, 1) its lower right."""
        return np.asarray(self.origin + np.array([x, y], np.float32) @ self.axes, np.float32)

    def outline(self, points: list[tuple[float, float]], colour: Rgb) -> None:
        corners = np.array([self.at(x, y) for x, y in points])
        cv2.fillPoly(self.rgb, [np.rint(corners * 8).astype(np.int32)], colour, cv2.LINE_AA, 3)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Rgb) -> None:
        self.outline([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def text(self, strip: U8, middle: tuple[float, float], tall: float, ink: Rgb) -> None:
        """Lettering `tall` of the body's height, level in the picture."""
        high = max(2.0, tall * float(np.linalg.norm(self.axes[1])))
        wide = high * strip.shape[1] / strip.shape[0]
        x, y = self.at(*middle).tolist()
        corners = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        left, top, right, bottom = (round(one) for one in corners)
        stamp(self.rgb, strip, (left, top, right, bottom), ink)

    def place(self, x: float, y: float, wide: float, shares: Mapping[str, float]) -> Place:
        span = float(np.linalg.norm(self.axes[0]))
        turn = (self.axes / np.linalg.norm(self.axes, axis=1, keepdims=True)).T
        return Place(self.at(x, y), wide * span, np.asarray(turn, np.float32), shares)


def sample_scene(hw: tuple[int, int], letters: Letters, rng: np.random.Generator) -> Scene:
    """A street with one vehicle in most of the picture, at times another behind it, or none."""
    rgb = _street(hw, letters, rng)
    clutter(rgb, rng)
    places: list[Place] = []
    if rng.random() < 0.3:
        places += _vehicle(rgb, letters, rng, near=False)
    if rng.random() < 0.95:
        before = rgb.copy()
        nearer = _vehicle(rgb, letters, rng, near=True)
        hidden = _changed(rgb, before)
        places = [one for one in places if not _covered(one, hidden)] + nearer
    else:
        _posters(rgb, letters, rng, int(rng.integers(2, 7)))
    return Scene(rgb, [one for one in places if _visible(one, hw)])


def _covered(place: Place, hidden: U8) -> bool:
    """Whether something nearer stands before any of the plate."""
    reach = 0.75 * place.wide_px
    (left, top), (right, bottom) = (
        np.maximum(place.at + side * reach, 0).astype(int).tolist() for side in (-1, 1)
    )
    return bool(hidden[top:bottom, left:right].any())


def _visible(place: Place, hw: tuple[int, int]) -> bool:
    return bool((place.at > 0).all() and place.at[0] < hw[1] and place.at[1] < hw[0])


def _street(hw: tuple[int, int], letters: Letters, rng: np.random.Generator) -> U8:
    """Road, walls, windows and signs out of blocks, with words on some of them."""
    height, width = hw
    coarse = rng.normal(0, 16, (4, 5, 3)) + rng.uniform(60, 180) + rng.normal(0, 8, 3)
    smooth = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    rgb = np.clip(smooth, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(2, 12))):
        left, top = int(rng.integers(-20, width)), int(rng.integers(-20, height))
        wide, high = int(rng.integers(6, width // 2)), int(rng.integers(4, height // 2))
        colour = jittered(rng, (120, 120, 120), 50)
        cv2.rectangle(rgb, (left, top), (left + wide, top + high), colour, -1)
    _posters(rgb, letters, rng, int(rng.integers(0, 4)))
    road = int(height * rng.uniform(0.5, 1.0))
    rgb[road:] = jittered(rng, (96, 96, 98), 20)
    return rgb


def _posters(rgb: U8, letters: Letters, rng: np.random.Generator, count: int) -> None:
    """Signs and adverts: words on fields that are as flat and as bright as plates."""
    height, width = rgb.shape[:2]
    for _ in range(count):
        category = chosen(rng, {"sign": 0.3, "han_sign": 0.3, "number": 0.25, "dealer": 0.15})
        strip = words(letters, category, rng)
        tall = max(5, int(height * float(np.exp(rng.uniform(np.log(0.04), np.log(0.25))))))
        wide = min(width, round(tall * strip.shape[1] / strip.shape[0]))
        left, top = int(rng.integers(-wide // 3, width)), int(rng.integers(0, height))
        edge = max(1, tall // 5)
        ground = jittered(rng, _GROUNDS[int(rng.integers(len(_GROUNDS)))], 20)
        ink: Rgb = (240, 240, 240) if sum(ground) < 360 else jittered(rng, (30, 30, 60), 20)
        corners = ((left - edge, top - edge), (left + wide + edge, top + tall + edge))
        if rng.random() < 0.75:
            cv2.rectangle(rgb, *corners, ground, -1)
        if rng.random() < 0.4:
            cv2.rectangle(rgb, *corners, ink, 1)
        stamp(rgb, strip, (left, top, left + wide, top + tall), ink)


_GROUNDS: tuple[Rgb, ...] = (
    (236, 236, 232), (20, 60, 170), (40, 150, 90), (240, 190, 30), (190, 30, 30), (30, 30, 34),
)  # fmt: skip


def _vehicle(rgb: U8, letters: Letters, rng: np.random.Generator, *, near: bool) -> list[Place]:
    """Draw a vehicle; where its plates may hang."""
    sort = chosen(rng, _SORTS)
    height, width = rgb.shape[:2]
    shape = _SHAPES[sort] * float(np.exp(rng.normal(0, 0.08)))
    share = float(rng.uniform(0.62, 1.35) if near else rng.uniform(0.2, 0.5))
    wide = share * min(width, height * shape)
    high = wide / shape
    middle = np.array([width, height]) * (
        rng.normal(0.5, 0.07, 2) if near else rng.uniform(0.1, 0.9, 2)
    )
    shear, tilt = float(rng.normal(0, 0.1)), float(rng.normal(0, 0.06))
    axes = np.array([[wide, wide * tilt], [high * shear, high]], np.float32)
    origin = np.asarray(middle - axes.sum(axis=0) / 2, np.float32)
    before = rgb.copy()
    places = _DRAWN[sort](_Easel(rgb, origin, axes, letters, rng))
    _shaded(rgb, before, rng)
    worn = rgb.copy()
    wear(worn, rng)
    cv2.copyTo(worn, _changed(rgb, before), rgb)
    return places


def _shaded(rgb: U8, before: U8, rng: np.random.Generator) -> None:
    """Sky in the upper faces, the road's dark in the lower ones, folds in the sheet: only where
    the vehicle changed the picture."""
    height, width = rgb.shape[:2]
    coarse = rng.normal(1, 0.13, (6, 4)) + np.linspace(0.16, -0.22, 6)[:, None]
    light = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    lit = cv2.multiply(rgb, cv2.merge([light] * 3), dtype=cv2.CV_8U)
    cv2.copyTo(lit, _changed(rgb, before), rgb)


def _changed(rgb: U8, before: U8) -> U8:
    """Not 0 where the two pictures differ, (h, w)."""
    return np.asarray(
        cv2.transform(cv2.absdiff(rgb, before), np.ones((1, 3), np.float32)), np.uint8
    )


def _car(easel: _Easel) -> list[Place]:
    """A saloon, a hatchback or a van, front or rear."""
    rng = easel.rng
    paint, front = sample_paint(rng), rng.random() < 0.45
    waist, narrow = float(rng.uniform(0.34, 0.48)), float(rng.uniform(0.06, 0.2))
    shade = jittered(rng, [round(0.72 * one) for one in paint], 6)
    easel.box(0.04, 0.86, 0.2, 1.0, (20, 20, 22))
    easel.box(0.8, 0.86, 0.96, 1.0, (20, 20, 22))
    easel.outline([(narrow, 0.03), (1 - narrow, 0.03), (0.97, waist), (0.03, waist)], paint)
    pane = jittered(rng, (48, 54, 62), 14)
    easel.outline([(narrow + 0.04, 0.07), (0.96 - narrow, 0.07), (0.91, waist - 0.03),
                   (0.09, waist - 0.03)], pane)  # fmt: skip
    easel.box(0.01, waist, 0.99, 0.72, paint)
    easel.box(0.0, 0.7, 1.0, 0.93, shade if rng.random() < 0.6 else jittered(rng, (40, 40, 42), 10))
    _lamps(easel, waist, front=front)
    if front:
        _grille(easel, waist)
    _car_words(easel, waist)
    if rng.random() < 0.06:
        return []
    low = rng.random() < (0.85 if front else 0.4)
    y = float(rng.uniform(0.74, 0.88)) if low else float(rng.uniform(waist + 0.08, 0.68))
    x = float(rng.normal(0.5, 0.015 if rng.random() < 0.9 else 0.12))
    _recess(easel, x, y)
    return [easel.place(x, y, float(rng.uniform(0.21, 0.3)), _MOTORS)]


def _recess(easel: _Easel, x: float, y: float) -> None:
    """The hollow a plate sits in, at times with a bar or lamps over it."""
    rng = easel.rng
    if rng.random() < 0.5:
        half = float(rng.uniform(0.15, 0.22))
        easel.box(x - half, y - 0.07, x + half, y + 0.07, jittered(rng, (60, 60, 62), 30))
    if rng.random() < 0.35:
        easel.box(x - 0.18, y - 0.1, x + 0.18, y - 0.075, jittered(rng, (190, 190, 192), 20))


def _lamps(easel: _Easel, waist: float, *, front: bool) -> None:
    rng = easel.rng
    deep, wide = float(rng.uniform(0.06, 0.2)), float(rng.uniform(0.1, 0.24))
    top = waist + float(rng.uniform(0.02, 0.08))
    colour = jittered(rng, (214, 216, 214) if front else (176, 26, 26), 20)
    for side in (0, 1):
        left, right = (0.02, wide) if side == 0 else (1 - wide, 0.98)
        inner = right if side == 0 else left
        outer = left if side == 0 else right
        low_in, low_out = (inner, top + deep * 0.7), (outer, top + deep)
        easel.outline([(outer, top), (inner, top + 0.01), low_in, low_out], colour)
        if rng.random() < 0.5:
            easel.box(
                left + 0.02, top + deep * 0.3, right - 0.03, top + deep * 0.5, (240, 236, 220)
            )


def _grille(easel: _Easel, waist: float) -> None:
    rng = easel.rng
    top, half = waist + float(rng.uniform(0.08, 0.14)), float(rng.uniform(0.14, 0.3))
    bottom = top + float(rng.uniform(0.08, 0.2))
    easel.box(0.5 - half, top, 0.5 + half, bottom, (26, 26, 28))
    for row in np.linspace(top, bottom, int(rng.integers(3, 7))).tolist():
        easel.box(0.5 - half, row, 0.5 + half, row + 0.008, jittered(rng, (150, 150, 154), 20))


def _car_words(easel: _Easel, waist: float) -> None:
    """Badges, stickers on panes, adverts on doors."""
    rng, letters = easel.rng, easel.letters
    for _ in range(int(rng.integers(0, 3))):
        at = (float(rng.choice([0.18, 0.5, 0.82])), waist + float(rng.uniform(0.03, 0.25)))
        easel.text(words(letters, "badge", rng), at, float(rng.uniform(0.025, 0.06)),
                   jittered(rng, (190, 190, 192), 30))  # fmt: skip
    if rng.random() < 0.3:
        category = chosen(rng, {"sign": 0.35, "han_sign": 0.35, "number": 0.3})
        at = (float(rng.uniform(0.25, 0.75)), float(rng.uniform(0.1, waist - 0.06)))
        easel.text(words(letters, category, rng), at, float(rng.uniform(0.03, 0.1)),
                   jittered(rng, (236, 236, 226), 15))  # fmt: skip
    if rng.random() < 0.2:  # a bumper sticker is as large and as bright as a plate
        x, y = float(rng.choice([0.2, 0.8])), float(rng.uniform(0.6, 0.85))
        ground = jittered(rng, _GROUNDS[int(rng.integers(len(_GROUNDS)))], 15)
        easel.box(x - 0.09, y - 0.035, x + 0.09, y + 0.035, ground)
        ink: Rgb = (240, 240, 240) if sum(ground) < 360 else (30, 30, 40)
        easel.text(words(letters, "sign", rng), (x, y), 0.035, ink)


def _lorry(easel: _Easel) -> list[Place]:
    """A box or a tipper from behind, or a cab: much paint and much text, the plate low."""
    rng, letters = easel.rng, easel.letters
    paint = sample_paint(rng)
    easel.box(0.1, 0.86, 0.9, 1.0, (26, 26, 28))
    easel.box(0.0, 0.0, 1.0, 0.84, paint)
    ink: Rgb = (236, 236, 232) if sum(paint) < 420 else jittered(rng, (40, 40, 110), 30)
    for x in (0.33, 0.66):
        if rng.random() < 0.5:
            easel.box(x, 0.02, x + 0.008, 0.82, jittered(rng, paint, 40))
    for _ in range(int(rng.integers(1, 6))):
        category = chosen(rng, {"han_sign": 0.35, "number": 0.35, "dealer": 0.2, "sign": 0.1})
        at = (float(rng.uniform(0.25, 0.75)), float(rng.uniform(0.1, 0.7)))
        easel.text(words(letters, category, rng), at, float(rng.uniform(0.04, 0.15)), ink)
    if rng.random() < 0.4:
        for x in np.linspace(0.05, 0.9, 8).tolist():  # reflective tape
            easel.box(
                x, 0.78, x + 0.06, 0.805, (200, 40, 40) if rng.random() < 0.5 else (236, 236, 236)
            )
    for x in (0.06, 0.84):
        easel.box(x, 0.86, x + 0.1, 0.91, jittered(rng, (180, 30, 26), 20))
    if rng.random() < 0.08:
        return []
    x = float(rng.choice([0.28, 0.5, 0.7])) + float(rng.normal(0, 0.03))
    return [easel.place(x, float(rng.uniform(0.86, 0.95)), float(rng.uniform(0.17, 0.24)), _MOTORS)]


def _rider(easel: _Easel) -> list[Place]:
    """Somebody on two wheels from behind or before: a trunk, a helmet, a wheel, a small plate."""
    rng = easel.rng
    cloth, helmet = jittered(rng, (90, 90, 100), 55), jittered(rng, (120, 120, 120), 70)
    easel.box(0.42, 0.62, 0.58, 1.0, (26, 26, 28))
    easel.outline([(0.2, 0.55), (0.8, 0.55), (0.68, 0.8), (0.32, 0.8)], sample_paint(rng))
    easel.outline([(0.24, 0.2), (0.76, 0.2), (0.82, 0.6), (0.18, 0.6)], cloth)
    easel.outline([(0.36, 0.02), (0.64, 0.02), (0.68, 0.16), (0.32, 0.16)], helmet)
    easel.box(0.0, 0.42, 0.24, 0.46, (40, 40, 42))
    easel.box(0.76, 0.42, 1.0, 0.46, (40, 40, 42))
    if rng.random() < 0.6:
        easel.box(0.42, 0.6, 0.58, 0.64, jittered(rng, (180, 40, 30), 30))
    if rng.random() < 0.35:  # a courier's box with words
        ground = sample_paint(rng)
        easel.box(0.16, 0.3, 0.84, 0.62, ground)
        category = chosen(rng, {"han_sign": 0.5, "sign": 0.3, "number": 0.2})
        ink: Rgb = (240, 240, 240) if sum(ground) < 400 else (30, 30, 50)
        easel.text(words(easel.letters, category, rng), (0.5, 0.45), 0.1, ink)
    if rng.random() < 0.12:
        return []
    y = float(rng.uniform(0.66, 0.84))
    return [easel.place(float(rng.normal(0.5, 0.03)), y, float(rng.uniform(0.2, 0.34)), _CYCLES)]


_SORTS: Mapping[str, float] = {"car": 0.66, "lorry": 0.17, "rider": 0.17}
_SHAPES: Mapping[str, float] = {"car": 1.2, "lorry": 0.95, "rider": 0.48}
_DRAWN: Mapping[str, Callable[[_Easel], list[Place]]] = {
    "car": _car, "lorry": _lorry, "rider": _rider,
}  # fmt: skip
