"""One box per thing: greedy non-maximum suppression among labels that may be the same thing."""

import numpy as np

from core.arrays import F32, I64
from detectors.raw import RawBoxes

MAX_CANDIDATES = 1000
"""So many of the most confident boxes of a picture are compared; a street never has more."""


def suppressed(boxes: RawBoxes, iou_above: float, group: I64) -> RawBoxes:
    """What is left when a box yields to a more confident one of its group that it overlaps more.

    `group` (L,) of each label: a car and a truck in one place are one vehicle. By falling
    confidence; equal ones keep their order.
    """
    order = np.argsort(-boxes.confidence, kind="stable")[:MAX_CANDIDATES]
    return boxes.rows(order[_kept(boxes.xyxy[order], group[boxes.label[order]], iou_above)])


def _kept(xyxy: F32, group: I64, iou_above: float) -> I64:
    """Rows that stay, of boxes in falling confidence; a round settles one against the rest."""
    sides = np.ascontiguousarray(xyxy.T)  # (4, N): a round reads whole rows of it
    area = (sides[2] - sides[0]) * (sides[3] - sides[1])
    rest = np.arange(len(xyxy))
    kept = []
    while len(rest):
        first, rest = rest[0], rest[1:]
        kept.append(first)
        low = np.maximum(sides[:2, rest], sides[:2, first, None])
        high = np.minimum(sides[2:, rest], sides[2:, first, None])
        width, height = np.maximum(high - low, 0)
        overlap = width * height
        same = overlap > iou_above * (area[rest] + area[first] - overlap)
        rest = rest[~(same & (group[rest] == group[first]))]
    return np.array(kept, np.int64)
