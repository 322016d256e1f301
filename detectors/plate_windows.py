"""Pieces of a picture that a plate finder looks at, all of its input's shape where they can be."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, U8
from core.protocols import Surface

AROUND = 0.06
"""Of a box's sides, looked at beyond them: boxes sit badly."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whole pixels of picture `frame`, from `left`, `top` up to `right`, `bottom`."""

    frame: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def xyxy(self) -> F32:
        """As a box (1, 4)."""
        return np.array([[self.left, self.top, self.right, self.bottom]], np.float32)

    def scale(self, input_hw: tuple[int, int]) -> float:
        """How many pixels of an input show one of the picture."""
        height, width = input_hw
        return min(width / (self.right - self.left), height / (self.bottom - self.top))


def window_around(
    frame: int, box: F32, picture_hw: tuple[int, int], input_hw: tuple[int, int]
) -> Window:
    """The smallest window of the input's shape around a box (4,) and a margin.

    It is moved into the picture as far as it goes, and cut where the picture is too small for it.
    """
    shape = input_hw[1] / input_hw[0]
    sides = np.maximum(box[2:] - box[:2], 1) * (1 + 2 * AROUND)
    width = max(float(sides[0]), float(sides[1]) * shape)
    middle = (box[:2] + box[2:]) / 2
    left, right = _placed(float(middle[0]), width, picture_hw[1])
    top, bottom = _placed(float(middle[1]), width / shape, picture_hw[0])
    return Window(frame, left, top, right, bottom)


def _placed(middle: float, length: float, limit: int) -> tuple[int, int]:
    """A stretch of whole pixels within 0 to `limit`, around `middle` if it fits there."""
    whole = min(max(1, round(length)), limit)
    start = min(max(round(middle - whole / 2), 0), limit - whole)
    return start, start + whole


def cut(surface: Surface, window: Window, slot: U8) -> tuple[float, float]:
    """Fill `slot` (h, w, 3) with the window from its upper left; pixels of the slot for one of the
    picture, across and down. What the window leaves empty repeats its border, as in training."""
    height, width = slot.shape[:2]
    wide, high = window.right - window.left, window.bottom - window.top
    scale = window.scale((height, width))
    columns = min(width, max(1, round(wide * scale)))
    rows = min(height, max(1, round(high * scale)))
    piece = surface.crops(window.xyxy, (rows, columns))[0].transpose(1, 2, 0)
    slot[:] = cv2.copyMakeBorder(
        np.ascontiguousarray(piece),
        0, height - rows, 0, width - columns,
        cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return columns / wide, rows / high
