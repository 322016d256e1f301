"""Everything that moves in one camera's view, painted for one instant."""

from dataclasses import dataclass, replace
from math import cos, hypot, sin

import cv2
import numpy as np

from core.arrays import F32, F64, U8
from scenes.bounds import Bounds, reach_m
from scenes.canvas import Sprite, extent, fixed, mask_of, within
from scenes.figures import figure_of, idle_s
from scenes.light import Light, under_lamps
from scenes.ordering import footprint, hidden
from scenes.plan import Actor, Placed
from scenes.raster import ground_shadow, paint
from scenes.shapes import Figure, rotation
from scenes.views import NEAR_M, View

_LIT_M = 34.0  # lamps farther away than that add nothing
_LEAST_SHADOW = 0.1  # of the ground's grey value: what is paler is left out
_LOWEST_SUN = 0.16
_ROUGH_PX = 55.0  # the shadow of somebody lower is a mere patch
_CONTACT = 0.5  # of the light that is lost right below
_FEET = np.array([(0.3 * cos(a), 0.3 * sin(a)) for a in np.linspace(0, 2 * np.pi, 12, False)])


@dataclass(frozen=True, slots=True, eq=False)
class Mover:
    """A mover where it is: its `sprite` without what is hidden by standing things, and where it
    stands (4, 2)."""

    placed: Placed
    sprite: Sprite
    ground: F64


@dataclass(frozen=True, slots=True, eq=False)
class _Painted:
    """What stays the same as long as nothing of it moves."""

    placed: Placed
    idle_s: float
    mover: Mover | None
    shades: tuple[Sprite, ...]


class Movers:
    """Paints the movers of one view; those that stand still only once."""

    def __init__(self, view: View, standing_m: F32, light: Light, lamps_m: F64) -> None:
        self._view, self._standing_m = view, standing_m
        self._free = np.where(np.isfinite(standing_m), 0, 255).astype(np.uint8)
        self._bounds = Bounds(view, standing_m)
        self._light, self._lamps_m = light, lamps_m.astype(np.float32)
        self._still: dict[int, _Painted] = {}

    def at(self, placed: list[Placed], at_s: float) -> tuple[list[Mover], U8]:
        """All movers that may be seen, in no order, and how much darker their shadows make each
        pixel of the ground, (h, w) of 0 to 255."""
        painted = [self._painted(one, at_s) for one in placed]
        dark = np.zeros(self._view.size_hw, np.uint8)
        for one in painted:
            for shade in one.shades:
                window = dark[shade.window]
                np.maximum(window, shade.rgba[..., 3], out=window)
        self._still = {
            one.placed.actor.actor_id: one for one in painted if one.placed.speed_mps == 0
        }
        movers = [one.mover for one in painted if one.mover is not None]
        return movers, np.asarray(cv2.bitwise_and(dark, self._free), np.uint8)

    def _painted(self, placed: Placed, at_s: float) -> _Painted:
        kept, idle = self._still.get(placed.actor.actor_id), idle_s(at_s)
        sways = placed.actor.person is not None
        if kept and kept.placed == placed and (kept.idle_s == idle or not sways):
            return kept
        light = self._light_at(placed.xy_m)
        seen, shades = self._in_sight(placed), self._shades(placed, light)
        if not seen and not shades:
            return _Painted(placed, idle, None, ())
        figure = figure_of(placed, at_s, tall_px=self._tall_px(placed), rain=light.wet)
        ground = footprint(figure) @ rotation(placed.heading_rad)[:2, :2].T + placed.xy_m
        figure = figure.moved((*placed.xy_m, 0.0), placed.heading_rad)
        sprite = paint(figure, self._view, light) if seen else None
        mover = None if sprite is None else self._cut(Mover(placed, sprite, ground))
        rough = placed.actor.vehicle is not None or self._tall_px(placed) < _ROUGH_PX
        cast = self._cast(figure, light, rough=rough) if shades else None
        below = self._contact(placed) if seen else None
        shown = tuple(one for one in (cast, below) if one is not None)
        return _Painted(placed, idle, mover, shown)

    def _cut(self, mover: Mover) -> Mover:
        mover.sprite.rgba[hidden(mover.sprite, mover.ground, self._standing_m, self._view)] = 0
        return mover

    def _in_sight(self, placed: Placed) -> bool:
        radius, high = reach_m(placed.actor)
        return self._bounds.shows((*placed.xy_m, high), radius)

    def _shades(self, placed: Placed, light: Light) -> bool:
        """Whether it throws a shadow that may be seen."""
        if 1 - light.shadow < _LEAST_SHADOW:
            return False
        radius, high = reach_m(placed.actor)
        up = max(light.toward[2], _LOWEST_SUN)
        x, y = (
            place - high * way / up for place, way in zip(placed.xy_m, light.toward, strict=False)
        )
        length = high * hypot(*light.toward[:2]) / up
        return self._bounds.shows((x, y, 0.0), radius + length)

    def _tall_px(self, placed: Placed) -> float:
        eye = self._view.position_m
        away = hypot(placed.xy_m[0] - eye[0], placed.xy_m[1] - eye[1])
        return 1.7 * self._view.focal_px / max(away, 1.0)

    def _light_at(self, xy_m: tuple[float, float]) -> Light:
        if not self._light.dark:
            return self._light
        away = np.linalg.norm(self._lamps_m - np.asarray(xy_m, np.float32), axis=1)
        return under_lamps(self._light, xy_m, self._lamps_m[away < _LIT_M])

    def _cast(self, figure: Figure, light: Light, *, rough: bool) -> Sprite | None:
        shadow = ground_shadow(figure, self._view, light, rough=rough)
        if shadow is None:
            return None
        alpha = cv2.multiply(shadow.rgba, np.array([1.0]), scale=1 - light.shadow)
        return replace(shadow, rgba=np.asarray(alpha, np.uint8))

    def _contact(self, placed: Placed) -> Sprite | None:
        """The darkness right below what stands on the ground."""
        outline = _outline(placed.actor) @ rotation(placed.heading_rad)[:2, :2].T
        points = np.column_stack([outline + placed.xy_m, np.zeros(len(outline))])
        px, depth_m = self._view.project(points.astype(np.float32))
        if depth_m.min() < NEAR_M:
            return None
        soft = max(0.14 * self._view.focal_px / float(depth_m.mean()), 0.8)
        box = extent(px)
        window = within(
            (box[0] - 2 * soft, box[1] - 2 * soft, box[2] + 2 * soft, box[3] + 2 * soft),
            self._view.size_hw,
        )
        if window is None:
            return None
        left, top, right, bottom = window
        origin = np.array([left, top], np.float32) + np.float32(0.5)
        mask = mask_of(fixed(px - origin)[None], (bottom - top, right - left))
        rgba = np.zeros((*mask.shape, 4), np.uint8)
        rgba[..., 3] = cv2.GaussianBlur(mask, (0, 0), soft * 0.6) * _CONTACT
        return Sprite(rgba, left, top, box, 0.0, float(depth_m.mean()))


def _outline(actor: Actor) -> F64:
    """What touches the ground, or nearly so, (K, 2)."""
    if actor.vehicle is not None:
        x, y = actor.vehicle.length_m / 2 * 0.95, actor.vehicle.width_m / 2 * 0.92
        return np.array([(-x, -y), (x, -y), (x, y), (-x, y)])
    return _FEET * [2.7, 0.45] if actor.cycle is not None else _FEET
