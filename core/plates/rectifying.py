"""A plate made level: from four corners in a picture to the flat view that readers read.

The one way from corners to a reader's input, for what readers learn from and for what they are
given in the field: two of them would drift apart and nobody would see why reads get worse.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from core.arrays import F32, F64, U8, checked
from core.geometry import clipped
from core.protocols import Surface

INSET = (0.05, 0.09)
"""How much of a level view's width and height is left around the plate, on each side."""

SHEARS = (-0.15, 0.15)
TURNS_DEG = (-2.0, 2.0)
WIDTHS = (0.94, 1.06)
HEIGHTS = (0.88, 1.12)
"""How far corners are off at times: a finder's by its doubt, a cut-out's because nobody marked the
plate's own. A shear is in widths a height; widths and heights are shares of the plate's."""

NEARBY = len(SHEARS) + len(TURNS_DEG) + len(WIDTHS) + len(HEIGHTS)

_SHRUNK_FROM = 1.8
"""A plate so many times wider than the view is shrunk before it is warped: nothing is skipped."""
_SHRUNK_TO = 1.2


def rectified(rgb: U8, corners: F32, size_hw: tuple[int, int]) -> U8:
    """The plate between `corners` (4, 2) of RGB (h, w, 3) made level, RGB of `size_hw`.

    Corners go round clockwise from the plate's own upper left; `INSET` is left around it. What
    lies beyond the picture repeats its border.
    """
    width = size_hw[1]
    wide = float(np.linalg.norm(corners[1] - corners[0]))
    source, scale = rgb, 1.0
    if wide > _SHRUNK_FROM * width:
        scale = _SHRUNK_TO * width / wide
        source = np.asarray(
            cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    return np.asarray(
        cv2.warpPerspective(
            source,
            _levelling(corners * np.float32(scale), size_hw),
            (width, size_hw[0]),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )


def nearby_corners(corners: F32) -> F32:
    """Where plates with these corners (P, 4, 2) may lie instead: (P, NEARBY, 4, 2).

    Each sheared, turned, narrower or wider, lower or higher about its middle.
    """
    checked("corners", corners, np.float32, "P", 4, 2)
    middle = corners.mean(axis=1, keepdims=True)
    along = corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3]
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    down = np.stack([-along[:, 1], along[:, 0]], axis=1)
    own = np.stack([along, down], axis=1)  # its own axes, rows
    away = (corners - middle) @ own.transpose(0, 2, 1)  # along and down
    moved = np.stack([away @ change for change in _changes()], axis=1)
    return np.asarray(moved @ own[:, None] + middle[:, None], np.float32)


def _changes() -> Iterator[F32]:
    """What each of the changes does to (along, down), as matrices to multiply from the right."""
    for shear in SHEARS:
        yield np.array([[1, 0], [-shear, 1]], np.float32)
    for sine, cosine in ((np.sin(turn), np.cos(turn)) for turn in np.radians(TURNS_DEG)):
        yield np.array([[cosine, sine], [-sine, cosine]], np.float32)
    for width in WIDTHS:
        yield np.array([[width, 0], [0, 1]], np.float32)
    for height in HEIGHTS:
        yield np.array([[1, 0], [0, height]], np.float32)


def rectified_plates(surface: Surface, corners: F32, size_hw: tuple[int, int]) -> U8:
    """Each plate of `corners` (P, 4, 2) in source pixels made level, RGB (P, 3, h, w).

    Only the piece around each plate is taken from the surface, in its own pixels.
    """
    checked("corners", corners, np.float32, "P", 4, 2)
    level = np.empty((len(corners), 3, *size_hw), np.uint8)
    for plate, slot in zip(corners, level, strict=True):
        left, top, right, bottom = _around(plate, surface.size, size_hw)
        piece = surface.crops(
            np.array([[left, top, right, bottom]], np.float32), (bottom - top, right - left)
        )[0]
        moved = np.asarray(plate - np.array([left, top], np.float32), np.float32)
        slot[:] = rectified(
            np.ascontiguousarray(piece.transpose(1, 2, 0)), moved, size_hw
        ).transpose(2, 0, 1)
    return level


def _levelling(corners: F32, size_hw: tuple[int, int]) -> F64:
    """The map (3, 3) from pixels of the picture to those of the level view, middle to middle."""
    height, width = size_hw
    x, y = INSET[0] * width, INSET[1] * height
    level = np.array([[x, y], [width - x, y], [width - x, height - y], [x, height - y]], np.float32)
    matrix = cv2.getPerspectiveTransform(np.asarray(corners - 0.5, np.float32), level - 0.5)
    return np.asarray(matrix, np.float64)


def _around(corners: F32, picture_hw: tuple[int, int], size_hw: tuple[int, int]) -> Sequence[int]:
    """Whole pixels (left, top, right, bottom) that hold all of the level view, in the picture."""
    height, width = size_hw
    view = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float32) - 0.5
    back = np.linalg.inv(_levelling(corners, size_hw))
    seen = np.asarray(cv2.perspectiveTransform(view, back), np.float32)[0] + 0.5
    ends = np.concatenate([np.floor(seen.min(axis=0)) - 1, np.ceil(seen.max(axis=0)) + 1])
    left, top, right, bottom = clipped(ends[None].astype(np.float32), picture_hw)[0].tolist()
    rows, columns = picture_hw
    left, top = min(int(left), columns - 1), min(int(top), rows - 1)
    return left, top, max(int(right), left + 1), max(int(bottom), top + 1)
