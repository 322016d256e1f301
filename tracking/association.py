"""Which box continues which track: how alike their places are, and the best pairing overall."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from core.arrays import F32, F64, I64

Pairs = tuple[I64, I64]
"""Rows and columns of a similarity matrix that belong together, (M,) each."""


def padded_iou(predicted: F32, found: F32, pad: F64) -> F64:
    """Overlap of every predicted box (K, 4) with every found one (N, 4), (K, N), both grown.

    `pad` (K, 2) pixels in x and y is added on all sides of the track's box and of those compared
    with it. Boxes that just miss each other then still tell near from far, where plain overlap
    is 0 for both (buffered IoU: Yang et al., "Hard to track objects with irregular motions and
    similar appearances?", WACV 2023). With no pad it is the plain one.
    """
    grow = np.concatenate([-pad, pad], axis=1)
    a = (predicted + grow)[:, None, :]  # (K, 1, 4)
    b = found[None, :, :] + grow[:, None, :]  # (K, N, 4)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., 2:], b[..., 2:])
    overlap = _area(low, high)
    union = _area(a[..., :2], a[..., 2:]) + _area(b[..., :2], b[..., 2:]) - overlap
    return np.asarray(overlap / np.maximum(union, np.finfo(np.float64).tiny), np.float64)


def best_pairs(similarity: F64, least: float) -> Pairs:
    """The pairing with the largest sum among pairs of `least` or more; ties by lower row."""
    worth = np.where(similarity < least, 0.0, similarity)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    kept = worth[rows, columns] > 0
    return rows[kept].astype(np.int64), columns[kept].astype(np.int64)


def _area(low: F64, high: F64) -> F64:
    sides = np.clip(high - low, 0, None)
    return np.asarray(sides[..., 0] * sides[..., 1], np.float64)
