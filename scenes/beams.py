"""Lamps of vehicles in the dark: what shines into the camera, and what lies on the road ahead."""

from collections.abc import Sequence

import cv2
import numpy as np

from core.arrays import F32, I32, U8
from scenes.canvas import fixed, mask_of
from scenes.movers import Mover
from scenes.plan import Placed
from scenes.shapes import rotation
from scenes.views import NEAR_M, View

_WHITE, _RED = (255.0, 242.0, 214.0), (235.0, 38.0, 24.0)
_HALO_M = 0.42  # how far a lamp's glare reaches on the lens, as if it were there
_HALO_PX = (2.5, 64.0)
_SLACK_M = 0.5
_COARSE = 4
_ROAD_GAIN = 1.3
_TURN = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_ROUND = np.column_stack([np.cos(_TURN), np.sin(_TURN)])

Lamp = tuple[tuple[float, float, float], bool]
"""Where it sits on its vehicle, and whether it is a white one."""


def lamps_of(placed: Placed) -> list[Lamp]:
    """The lamps that are lit: of what drives, or has driven and waits."""
    actor = placed.actor
    if placed.speed_mps == 0 and placed.travelled_m == 0:
        return []
    if actor.vehicle is not None:
        front, side = actor.vehicle.length_m / 2, actor.vehicle.width_m / 2 - 0.3
        sides = (side, -side)
        return [((front, y, 0.68), True) for y in sides] + [
            ((-front, y, 0.85), False) for y in sides
        ]
    if actor.cycle is not None and actor.person is not None:
        return [((0.72, 0.0, 0.92), True), ((-0.8, 0.0, 0.7), False)]
    return []


def road_light(movers: Sequence[Mover], view: View, open_ground: U8) -> U8 | None:
    """How much brighter headlamps make each pixel of the open ground, (h, w), or None if none is
    lit."""
    height, width = view.size_hw
    spots = [
        spot
        for mover in movers
        if any(white for _, white in lamps_of(mover.placed))
        for size_m in ((5.5, 2.3), (3.6, 1.2))
        if (spot := _spot(mover.placed, size_m, view)) is not None
    ]
    if not spots:
        return None
    coarse = np.zeros((height // _COARSE, width // _COARSE), np.uint8)
    for spot in spots:
        lit = mask_of(fixed(np.asarray(spot[None] / _COARSE - 0.5, np.float32)), coarse.shape)
        coarse = np.asarray(cv2.add(coarse, cv2.multiply(lit, np.array([0.42]))), np.uint8)
    soft = cv2.GaussianBlur(coarse, (0, 0), 2.2)
    large = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.bitwise_and(large, open_ground), np.uint8)


def _spot(placed: Placed, size_m: tuple[float, float], view: View) -> F32 | None:
    vehicle = placed.actor.vehicle
    ahead = (vehicle.length_m / 2 if vehicle else 0.8) + size_m[0] + 0.9
    wide = size_m[1] if vehicle else 0.5 * size_m[1]
    local = _ROUND * [size_m[0], wide] + [ahead, 0.0]
    ground = local @ rotation(placed.heading_rad)[:2, :2].T + placed.xy_m
    px, depth_m = view.project(np.column_stack([ground, np.zeros(len(ground))]).astype(np.float32))
    return px if depth_m.min() > NEAR_M else None


def brightened(rgb: U8, light: U8) -> U8:
    """The picture with `light` (h, w) falling on what it shows."""
    gain = cv2.merge([light] * 3)
    return np.asarray(cv2.add(rgb, cv2.multiply(rgb, gain, scale=_ROAD_GAIN / 255)), np.uint8)


def add_glare(rgb: U8, order: Sequence[Mover], whose: I32, view: View, standing_m: F32) -> None:
    """Paint the halo of every lamp that shines into the camera, in place; `whose` (h, w) is the
    turn, from 1 on, of the mover that each pixel shows."""
    height, width = view.size_hw
    for turn, mover in enumerate(order, start=1):
        placed = mover.placed
        for (x, y, z), white in lamps_of(placed):
            facing = _facing(placed, view) * (1 if white else -1)
            if facing < 0.05:
                continue
            spot = rotation(placed.heading_rad) @ np.array([x, y, z]) + [*placed.xy_m, 0.0]
            px, depth = view.project(spot[None].astype(np.float32))
            column, row = int(px[0, 0]), int(px[0, 1])
            if depth[0] < NEAR_M or not (0 <= column < width and 0 <= row < height):
                continue
            if whose[row, column] > turn or standing_m[row, column] < depth[0] - _SLACK_M:
                continue
            strength = min(1.0, 0.25 + facing) * (1.0 if white else 0.55)
            _halo(rgb, px[0], _HALO_M * view.focal_px / float(depth[0]) * strength, white=white)


def _facing(placed: Placed, view: View) -> float:
    """The cosine between the way ahead and the way to the camera."""
    to_eye = np.asarray(view.position_m[:2]) - placed.xy_m
    ahead = np.array([np.cos(placed.heading_rad), np.sin(placed.heading_rad)])
    return float(to_eye @ ahead / max(float(np.linalg.norm(to_eye)), 1e-6))


def _halo(rgb: U8, px: F32, radius_px: float, *, white: bool) -> None:
    radius = float(np.clip(radius_px, *_HALO_PX))
    reach = int(np.ceil(2.5 * radius))
    left, top = int(px[0]) - reach, int(px[1]) - reach
    low, high = max(left, 0), max(top, 0)
    window = rgb[high : top + 2 * reach + 1, low : left + 2 * reach + 1]
    if not window.size:
        return
    rows, columns = window.shape[:2]
    x = (np.arange(columns) + low + 0.5 - px[0]) / radius
    y = (np.arange(rows) + high + 0.5 - px[1]) / radius
    away = y[:, None] ** 2 + x[None] ** 2
    glare = 0.45 * np.exp(-away) + 0.9 * np.exp(-12 * away)
    shine = glare[..., None] * np.array(_WHITE if white else _RED)
    window[...] = np.minimum(window + shine, 255).astype(np.uint8)
