"""Where a plate stands before the camera, and how its picture is made level again."""

import cv2
import numpy as np

from core.arrays import F32, F64, U8

READER_HW = (48, 160)
INSET = (0.05, 0.09)
"""How much of a rectified picture's width and height is left around the plate, on each side."""


def sample_corners(
    rng: np.random.Generator, shape: float, wide_px: float, *, steep: float = 1.0
) -> F32:
    """Corners (4, 2) of a plate `wide_px` wide and `shape` times as wide as high, around (0, 0).

    Turned aside, seen from above and rolled; `steep` scales how far.
    """
    yaw = float(np.clip(rng.normal(0, 0.38 * steep), -1.15, 1.15))
    pitch = float(np.clip(rng.normal(0.12, 0.2) * steep, -0.6, 0.9))
    roll = float(np.clip(rng.normal(0, 0.09 * steep), -0.5, 0.5))
    away = float(np.exp(rng.uniform(np.log(2.5), np.log(20))))  # in widths of the plate
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float) / 2 * [1, 1 / shape]
    points = np.column_stack([flat, np.zeros(4)]) @ _turned(yaw, pitch, roll).T
    seen = points[:, :2] / (1 + points[:, 2:] / away)
    sides = np.linalg.norm(seen[[1, 2]] - seen[[0, 3]], axis=1).mean()
    return np.asarray(seen * wide_px / sides, np.float32)


def _turned(yaw: float, pitch: float, roll: float) -> F64:
    """Rotation (3, 3): about the plate's upright, then its level axis, then the line of sight."""
    (cy, cp, cr), (sy, sp, sr) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def jittered_corners(corners: F32, rng: np.random.Generator, spread: float) -> F32:
    """As a finder gives them: each a little off, and the whole too large, small or shifted."""
    wide = np.linalg.norm(corners[1] - corners[0])
    high = np.linalg.norm(corners[3] - corners[0])
    middle = corners.mean(axis=0)
    grown = middle + (corners - middle) * np.exp(rng.normal(0, spread, 2))
    moved = grown + rng.normal(0, spread, 2) * [wide, high] * 0.7
    loose = rng.normal(0, spread, (4, 2)) * [wide * 0.4, high]
    return np.asarray(moved + loose, np.float32)


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
