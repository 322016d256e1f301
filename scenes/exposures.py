"""What a camera of the city sees: its pictures one by one, and what is true of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from core.arrays import F32, F64, I32, I64, U8, checked, same_length
from core.errors import InvalidInput
from scenes.backdrop import backdrop
from scenes.canvas import Sprite, over
from scenes.city import City
from scenes.figures import figure_of
from scenes.lamps import lamps_m, near
from scenes.lens import Lens
from scenes.light import Light, light_of, under_lamps
from scenes.ordering import far_to_near, footprint, hidden
from scenes.plan import Placed
from scenes.raster import ground_shadow, paint
from scenes.shapes import rotation
from scenes.splits import rng_for

FPS = 10

LEAST_VISIBILITY = 0.05
LEAST_HEIGHT_PX = 6.0
_LIT_M = 40.0
_PICTURES, _GLASS = 81, 82
_STAGES = 2


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What can be seen in one picture (N,): `actor` ids, `class_id`, `xyxy` of the full extent cut
    at the border, `visibility` the share of its own pixels that is in the picture and not hidden.
    """

    actor: I64
    class_id: I32
    xyxy: F32
    visibility: F32

    def __post_init__(self) -> None:
        checked("actor", self.actor, np.int64, "N")
        checked("class_id", self.class_id, np.int32, "N")
        checked("xyxy", self.xyxy, np.float32, "N", 4)
        checked("visibility", self.visibility, np.float32, "N")
        same_length(
            actor=self.actor,
            class_id=self.class_id,
            xyxy=self.xyxy,
            visibility=self.visibility,
        )

    def __len__(self) -> int:
        return len(self.actor)

    @property
    def height_px(self) -> F32:
        return np.asarray(self.xyxy[:, 3] - self.xyxy[:, 1], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """One picture, RGB (h, w, 3), of the instant `at_s` of its city."""

    rgb: U8
    at_s: float
    boxes: Seen


def frames(city: City, camera: int, first: int = 0, count: int | None = None) -> Iterator[Exposure]:
    """The pictures of camera row `camera` from number `first` on: `count` of them, or all.

    Picture n is the same whatever the first one was. Raises `InvalidInput` for a row or numbers
    that the city does not have.
    """
    total = round(city.seconds * FPS)
    count = total - first if count is None else count
    if not 0 <= camera < len(city.cameras):
        raise InvalidInput(f"camera: want a row below {len(city.cameras)}, got {camera}")
    if not 0 <= first <= first + count <= total:
        raise InvalidInput(f"pictures: want some of {total}, got {count} from {first} on")
    stage = _stage(city, camera)
    return (stage.exposure(number) for number in range(first, first + count))


@lru_cache(maxsize=_STAGES)
def _stage(city: City, camera: int) -> "_Stage":
    """Kept for the next call: who wants single pictures shall not pay for a backdrop each."""
    return _Stage(city, camera)


@dataclass(frozen=True, slots=True, eq=False)
class _Mover:
    placed: Placed
    sprite: Sprite
    shadow: Sprite | None
    ground: F64


class _Stage:
    """One camera's view, with everything that does not move."""

    def __init__(self, city: City, camera: int) -> None:
        self._city, self._row = city, camera
        self._camera = city.cameras[camera]
        self._view = self._camera.view
        self._still = backdrop(city, self._camera)
        self._light = light_of(city)
        self._lamps = near(lamps_m(city.roads), self._view.position_m[:2], reach_m=150.0).astype(
            np.float32
        )
        glass = rng_for(city.seed, city.split, _GLASS, camera)
        size = self._view.size_hw
        self._lens = Lens(self._camera.lens, size, glass, dark=self._light.dark)

    def exposure(self, number: int) -> Exposure:
        at_s = number / FPS
        rng = rng_for(self._city.seed, self._city.split, _PICTURES, self._row, number)
        placed = self._city.placed(at_s, self._row)
        movers = [found for one in placed if (found := self._mover(one, at_s)) is not None]
        rgb = self._still.rgb.copy()
        self._darken(rgb, movers)
        order = self._order(movers)
        whose = np.zeros(rgb.shape[:2], np.uint8 if len(order) < 255 else np.uint16)
        for turn, mover in enumerate(order, start=1):
            window = mover.sprite.window
            over(rgb[window], mover.sprite.rgba)
            whose[window][mover.sprite.rgba[..., 3] > 127] = turn
        left_px = np.bincount(whose.ravel(), minlength=len(order) + 1)[1:]
        seen = _seen(order, left_px, self._view.size_hw)
        return Exposure(self._lens.expose(rgb, at_s, rng), at_s, seen)

    def _mover(self, placed: Placed, at_s: float) -> _Mover | None:
        light = self._light_at(placed.xy_m)
        figure = figure_of(placed, at_s, tall_px=self._tall_px(placed.xy_m), rain=self._light.wet)
        ground = footprint(figure) @ rotation(placed.heading_rad)[:2, :2].T + placed.xy_m
        figure = figure.moved((*placed.xy_m, 0.0), placed.heading_rad)
        sprite = paint(figure, self._view, light)
        shadow = ground_shadow(figure, self._view, light)
        if sprite is None:
            return None
        cut = hidden(sprite, ground, self._still.standing_m, self._view)
        sprite.rgba[cut] = 0
        if shadow is not None:
            shadow.rgba[..., 3] = shadow.rgba[..., 3] * (1 - light.shadow)
        return _Mover(placed, sprite, shadow, ground)

    def _tall_px(self, xy_m: tuple[float, float]) -> float:
        away = np.hypot(xy_m[0] - self._view.position_m[0], xy_m[1] - self._view.position_m[1])
        return 1.7 * self._view.focal_px / max(float(away), 1.0)

    def _light_at(self, xy_m: tuple[float, float]) -> Light:
        if not self._light.dark:
            return self._light
        lamps = self._lamps[np.linalg.norm(self._lamps - np.asarray(xy_m), axis=1) < _LIT_M]
        return under_lamps(self._light, xy_m, lamps)

    def _darken(self, rgb: U8, movers: list[_Mover]) -> None:
        """Every shadow on the ground, none twice."""
        dark = np.zeros(rgb.shape[:2], np.uint8)
        for mover in movers:
            if mover.shadow is not None:
                window = mover.shadow.window
                dark[window] = np.maximum(dark[window], mover.shadow.rgba[..., 3])
        dark[np.isfinite(self._still.standing_m)] = 0
        left = cv2.merge([cv2.bitwise_not(dark)] * 3)
        rgb[...] = cv2.multiply(rgb, left, scale=1 / 255)

    def _order(self, movers: list[_Mover]) -> list[_Mover]:
        if not movers:
            return []
        grounds = np.stack([mover.ground for mover in movers])
        sprites = [mover.sprite for mover in movers]
        return [movers[row] for row in far_to_near(grounds, sprites, self._view.position_m[:2])]


def _seen(movers: list[_Mover], left_px: I64, size_hw: tuple[int, int]) -> Seen:
    """The truth about those that have a label and can be seen."""
    whole = np.array([size_hw[1], size_hw[0]] * 2, np.float32)
    boxes = np.array([mover.sprite.xyxy for mover in movers], np.float32).reshape(-1, 4)
    xyxy = np.clip(boxes, 0, whole)
    full = np.array([max(mover.sprite.full_px, 1.0) for mover in movers], np.float32)
    visibility = np.minimum(left_px / full, 1).astype(np.float32)
    labelled = np.array([mover.placed.actor.labelled for mover in movers], np.bool_)
    sides = xyxy[:, 2:] - xyxy[:, :2]
    kept = labelled & (visibility >= LEAST_VISIBILITY) & (sides[:, 1] >= LEAST_HEIGHT_PX)
    kept &= sides[:, 0] >= 1
    return Seen(
        np.array([mover.placed.actor.actor_id for mover in movers], np.int64)[kept],
        np.array([int(mover.placed.actor.kind) for mover in movers], np.int32)[kept],
        xyxy[kept],
        visibility[kept],
    )
