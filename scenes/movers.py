"""Everything that moves in one camera's view, painted for one instant."""

from dataclasses import dataclass, replace
from math import cos, hypot, sin

import cv2
import numpy as np

from core.arrays import F64, U8
from scenes.backdrop import Backdrop
from scenes.bounds import Bounds, reach_m
from scenes.canvas import Shade, Sprite, shade_of
from scenes.figures import figure_of, idle_s
from scenes.light import Light, under_lamps
from scenes.ordering import footprint, hidden
from scenes.plan import Actor, Placed
from scenes.raster import LOWEST_SUN, cast_shade, paint
from scenes.shapes import Figure, rotation
from scenes.views import NEAR_M, View

_LIT_M = 34.0  # lamps farther away than that add nothing
_LEAST_SHADOW = 0.1  # of the ground's grey value: what is paler is left out
_ROUGH_PX = 55.0  # the shadow of somebody lower is a mere patch
_SOFTEST_PX = 5.0
_CONTACT = 0.5  # of the light that is lost right below
_CORNERS = 12
_AROUND = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
_FEET = 0.3 * np.column_stack([np.cos(_AROUND), np.sin(_AROUND)])
_SQUARE = np.clip(1.5 * np.column_stack([np.cos(_AROUND), np.sin(_AROUND)]), -1, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Mover:
    """A mover where it is: its `sprite` without what is hidden by standing things, and where it
    stands (4, 2)."""

    placed: Placed
    sprite: Sprite
    ground: F64


@dataclass(frozen=True, slots=True, eq=False)
class _Painted:
    """What stays the same as long as nothing of it moves; `shades` with what each takes away of
    the light, 0 to 1."""

    placed: Placed
    idle_s: float
    mover: Mover | None
    shades: tuple[tuple[Shade, float], ...]


class Movers:
    """Paints the movers of one view; those that stand still only once."""

    def __init__(self, view: View, still: Backdrop, light: Light, lamps_m: F64) -> None:
        self._view, self._still = view, still
        self._bounds = Bounds(view, still.standing_m)
        self._light, self._lamps_m = light, lamps_m.astype(np.float32)
        ground = np.isinf(still.standing_m)
        self._open = np.where(ground, 255, 0).astype(np.uint8)
        self._sunny = (still.sunlit * self._open).astype(np.uint8)
        self._kept: dict[int, _Painted] = {}

    def at(self, placed: list[Placed], at_s: float) -> tuple[list[Mover], U8]:
        """All movers that may be seen, in no order, and how much darker their shadows make each
        pixel of the ground, (h, w) of 0 to 255."""
        painted = [self._painted(one, at_s) for one in placed]
        dark = np.zeros(self._view.size_hw, np.uint8)
        for one in painted:
            for (shade, share), lit in zip(one.shades, (self._open, self._sunny), strict=False):
                if not shade.mask.size:
                    continue
                window = dark[shade.window]
                fallen = cv2.multiply(shade.mask, lit[shade.window], scale=share / 255)
                np.maximum(window, fallen, out=window)
        self._kept = {
            one.placed.actor.actor_id: one for one in painted if one.placed.speed_mps == 0
        }
        return [one.mover for one in painted if one.mover is not None], dark

    def _painted(self, placed: Placed, at_s: float) -> _Painted:
        kept, idle = self._kept.get(placed.actor.actor_id), idle_s(at_s)
        sways = placed.actor.person is not None
        if kept and kept.placed == placed and (kept.idle_s == idle or not sways):
            return kept
        light = self._light_at(placed.xy_m)
        seen, shades = self._in_sight(placed), self._throws(placed, light)
        if not seen and not shades:
            return _Painted(placed, idle, None, ())
        tall_px = self._tall_px(placed)
        figure = figure_of(placed, at_s, tall_px=tall_px, rain=light.wet)
        view, light = seen_from(placed, self._view), _turned(light, -placed.heading_rad)
        sprite = paint(figure, view, light) if seen else None
        mover = None if sprite is None else self._cut(placed, figure, sprite)
        return _Painted(placed, idle, mover, self._shades(placed, figure, view, light))

    def _cut(self, placed: Placed, figure: Figure, sprite: Sprite) -> Mover:
        ground = footprint(figure) @ rotation(placed.heading_rad)[:2, :2].T + placed.xy_m
        sprite.rgba[hidden(sprite, ground, self._still.standing_m, self._view)] = 0
        return Mover(placed, sprite, ground)

    def _in_sight(self, placed: Placed) -> bool:
        radius, high = reach_m(placed.actor)
        return self._bounds.shows((*placed.xy_m, high), radius)

    def _throws(self, placed: Placed, light: Light) -> bool:
        """Whether it throws a shadow that may be seen."""
        if 1 - light.shadow < _LEAST_SHADOW:
            return False
        radius, high = reach_m(placed.actor)
        (east, north, up), (x, y) = light.toward, placed.xy_m
        slope = high / max(up, LOWEST_SUN)
        middle = (x - slope * east, y - slope * north, 0.0)
        return self._bounds.shows(middle, radius + slope * hypot(east, north))

    def _tall_px(self, placed: Placed) -> float:
        eye = self._view.position_m
        away = hypot(placed.xy_m[0] - eye[0], placed.xy_m[1] - eye[1])
        return 1.7 * self._view.focal_px / max(away, 1.0)

    def _light_at(self, xy_m: tuple[float, float]) -> Light:
        light = self._light.in_shade(self._sun_at(xy_m))
        if not light.dark:
            return light
        away = np.linalg.norm(self._lamps_m - np.asarray(xy_m, np.float32), axis=1)
        return under_lamps(light, xy_m, self._lamps_m[away < _LIT_M])

    def _sun_at(self, xy_m: tuple[float, float]) -> float:
        """How much of the beam reaches the ground there; the picture's nearest, if outside."""
        px, depth_m = self._view.project(np.array([(*xy_m, 0.0)], np.float32))
        if depth_m[0] < NEAR_M:
            return 1.0
        height, width = self._view.size_hw
        column, row = np.clip(px[0], 0, (width - 1, height - 1)).astype(int)
        return float(self._still.sunlit[row, column])

    def _shades(
        self, placed: Placed, figure: Figure, view: View, light: Light
    ) -> tuple[tuple[Shade, float], ...]:
        """The darkness right below first, then the shadow that is thrown."""
        outline = np.column_stack([_outline(placed.actor), np.zeros(_CORNERS)])
        px, depth_m = view.project(outline.astype(np.float32))
        if depth_m.min() < NEAR_M:
            return ()
        soft = min(max(0.09 * view.focal_px / float(depth_m.mean()), 0.6), _SOFTEST_PX)
        below = shade_of(px[None], view.size_hw, soft) or _NOWHERE
        if 1 - self._light.shadow < _LEAST_SHADOW and not light.dark:
            return ((below, _CONTACT),)
        rough = placed.actor.vehicle is not None or self._tall_px(placed) < _ROUGH_PX
        thrown = cast_shade(figure, view, light, rough=rough) or _NOWHERE
        return (below, _CONTACT), (thrown, 1 - light.shadow)


_NOWHERE = Shade(np.zeros((0, 0), np.uint8), 0, 0)


def seen_from(placed: Placed, view: View) -> View:
    """The view in the frame of somebody placed: figures need not be moved."""
    x, y = (eye - spot for eye, spot in zip(view.position_m, placed.xy_m, strict=False))
    east, north = _turn(x, y, -placed.heading_rad)
    position = (east, north, view.position_m[2])
    return replace(view, position_m=position, heading_rad=view.heading_rad - placed.heading_rad)


def _turned(light: Light, angle_rad: float) -> Light:
    x, y, up = light.toward
    return replace(light, toward=(*_turn(x, y, angle_rad), up))


def _turn(x: float, y: float, angle_rad: float) -> tuple[float, float]:
    return x * cos(angle_rad) - y * sin(angle_rad), x * sin(angle_rad) + y * cos(angle_rad)


def _outline(actor: Actor) -> F64:
    """What touches the ground, or nearly so, (K, 2)."""
    if actor.vehicle is not None:
        x, y = actor.vehicle.length_m / 2 * 0.95, actor.vehicle.width_m / 2 * 0.92
        return _SQUARE * [x, y]
    return _FEET * [2.7, 0.45] if actor.cycle is not None else _FEET
