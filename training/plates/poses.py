"""Where a plate stands before the camera, and where a finder takes its corners to be."""

import math

import numpy as np

from core.arrays import F32


def sample_corners(
    rng: np.random.Generator,
    shape: float,
    wide_px: float,
    *,
    steep: float = 1.0,
    rolled: float = 1.0,
) -> F32:
    """Corners (4, 2) of a plate `wide_px` wide and `shape` times as wide as high, around (0, 0).

    Turned aside, seen from above and rolled; `steep` scales how far, `rolled` the last of them.
    """
    normal = rng.standard_normal(3).tolist()
    yaw = min(max(0.38 * steep * normal[0], -1.15), 1.15)
    pitch = min(max((0.12 + 0.2 * normal[1]) * steep, -0.6), 0.9)
    roll = min(max(0.09 * steep * rolled * normal[2], -0.5), 0.5)
    away = 2.5 * 8.0 ** rng.random()  # in widths of the plate: 2.5 to 20
    flat = [(-0.5, -0.5 / shape), (0.5, -0.5 / shape), (0.5, 0.5 / shape), (-0.5, 0.5 / shape)]
    seen = [_seen(point, (yaw, pitch, roll), away) for point in flat]
    scale = 2 * wide_px / (math.dist(seen[0], seen[1]) + math.dist(seen[3], seen[2]))
    return np.array([(x * scale, y * scale) for x, y in seen], np.float32)


def _seen(
    point: tuple[float, float], turns: tuple[float, float, float], away: float
) -> tuple[float, float]:
    """A point of the plate after turning about its upright, its level axis and the line of sight,
    as a camera `away` sees it. Plain floats: four points are too few for arrays to pay."""
    (yaw, pitch, roll), (x, y) = turns, point
    x, depth = x * math.cos(yaw), -x * math.sin(yaw)
    y, depth = (
        y * math.cos(pitch) - depth * math.sin(pitch),
        y * math.sin(pitch) + depth * math.cos(pitch),
    )
    x, y = x * math.cos(roll) - y * math.sin(roll), x * math.sin(roll) + y * math.cos(roll)
    near = 1 + depth / away
    return x / near, y / near


def jittered_corners(corners: F32, rng: np.random.Generator, spread: float) -> F32:
    """As a finder gives them: each a little off, and the whole too large, small or shifted."""
    wide, high = math.dist(corners[0], corners[1]), math.dist(corners[0], corners[3])
    errors = rng.standard_normal((6, 2)) * spread
    middle = corners.sum(axis=0) / 4
    grown = middle + (corners - middle) * np.exp(errors[4])
    moved = grown + errors[5] * (0.7 * wide, 0.7 * high)
    return np.asarray(moved + errors[:4] * (0.4 * wide, high), np.float32)


def upright_box(corners: F32) -> F32:
    """The corners of the level box around a plate: what a finder of boxes would give."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
