"""Where a plate stands before the camera, and how its picture is made level again."""

import math

import cv2
import numpy as np

from core.arrays import F32, U8

READER_HW = (48, 160)
INSET = (0.05, 0.09)
"""How much of a rectified picture's width and height is left around the plate, on each side."""


def sample_corners(
    rng: np.random.Generator, shape: float, wide_px: float, *, steep: float = 1.0
) -> F32:
    """Corners (4, 2) of a plate `wide_px` wide and `shape` times as wide as high, around (0, 0).

    Turned aside, seen from above and rolled; `steep` scales how far.
    """
    normal = rng.standard_normal(3).tolist()
    yaw = min(max(0.38 * steep * normal[0], -1.15), 1.15)
    pitch = min(max((0.12 + 0.2 * normal[1]) * steep, -0.6), 0.9)
    roll = min(max(0.09 * steep * normal[2], -0.5), 0.5)
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


def rectified(rgb: U8, corners: F32, size_hw: tuple[int, int] = READER_HW) -> U8:
    """The plate between `corners` made level, RGB (h, w, 3), with `INSET` around it.

    Wide plates are shrunk before they are warped, so that nothing is skipped.
    """
    height, width = size_hw
    wide = float(np.linalg.norm(corners[1] - corners[0]))
    source, scale = rgb, 1.0
    if wide > 1.8 * width:
        scale = 1.2 * width / wide
        source = np.asarray(
            cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    x, y = INSET[0] * width, INSET[1] * height
    level = np.array([[x, y], [width - x, y], [width - x, height - y], [x, height - y]], np.float32)
    # Pixel centres: what is at 0.5 of the source stays at 0.5 of the target.
    matrix = cv2.getPerspectiveTransform(corners * np.float32(scale) - 0.5, level - 0.5)
    return np.asarray(
        cv2.warpPerspective(
            source, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
