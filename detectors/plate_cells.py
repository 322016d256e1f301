"""A finder's cells to plates: one for each hill, its corners the mean of what the hill says."""

import cv2
import numpy as np

from core.arrays import F32, I64
from core.errors import ModelMismatch

MOST_PLATES = 8
"""In one crop; a vehicle has two at most, and others may stand behind it."""

_SAME = 0.3
"""Two plates whose boxes overlap more are one, seen twice."""


def found_plates(cells: F32, least_confidence: float) -> tuple[F32, F32]:
    """Corners (P, 4, 2) in pixels of the crop and confidence (P,), surest first.

    `cells` (9, h, w) hold the chance that a plate's middle lies in each, then its corners. Each
    cell that no neighbour beats is a plate; neighbours have their say in its corners by their
    squared chance, which is steadier than one cell's word.
    """
    if not np.isfinite(cells).all():
        raise ModelMismatch("plate finder: want finite cells, got some that are not")
    rows, columns = peaks(cells[0], least_confidence)
    order = np.argsort(-cells[0, rows, columns], kind="stable")[: 4 * MOST_PLATES]
    kept: list[F32] = []
    confidence: list[float] = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        corners = _agreed(cells, row, column)
        if len(kept) < MOST_PLATES and is_plate(corners) and not _repeats(corners, kept):
            kept.append(corners)
            confidence.append(float(cells[0, row, column]))
    plates = np.stack(kept) if kept else np.zeros((0, 4, 2), np.float32)
    return plates, np.array(confidence, np.float32)


def peaks(heat: F32, least: float) -> tuple[I64, I64]:
    """Rows and columns of the cells (h, w) that reach `least` and no neighbour beats."""
    highest = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((heat >= least) & (heat >= highest))
    return rows.astype(np.int64), columns.astype(np.int64)


def is_plate(corners: F32) -> bool:
    """Whether four points (4, 2) go round clockwise without a dent, and hold a pixel or more."""
    sides = np.roll(corners, -1, axis=0) - corners
    after = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    return bool((turns > 0).all() and turns.sum() > 4)


def _agreed(cells: F32, row: int, column: int) -> F32:
    near = cells[:, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].reshape(9, -1)
    weight = np.square(near[0])
    return np.asarray((near[1:] @ weight / weight.sum()).reshape(4, 2), np.float32)


def _repeats(corners: F32, kept: list[F32]) -> bool:
    return any(_overlap(corners, other) > _SAME for other in kept)


def _overlap(one: F32, other: F32) -> float:
    """Intersection over union of two convex outlines."""
    shared, _ = cv2.intersectConvexConvex(one, other)
    return float(shared / (cv2.contourArea(one) + cv2.contourArea(other) - shared))
