"""Painted plates, and a small honest finder and reader of them: they see pixels and nothing else.

A plate is a white frame around seven cells; a cell is two patches of grey that say the tens and the
units of its sign's place in the alphabet. It survives H.264 and loses its meaning with its pixels.
"""

from collections.abc import Sequence

import numpy as np

from core.arrays import F32, I64, U8
from core.plates.alphabet import ALPHABET, index_of
from core.plates.rectifying import INSET
from core.protocols import Surface
from core.types import Detections, ModelSpec, ObjectClass, PlateRead
from tests.core.plates.builders import reading
from tests.detectors.plate_models import plate_spec

SIGNS = 7
_FRAME_PX, _CELL_PX = 3, 8
PLATE_HW = (2 * _CELL_PX + 2 * _FRAME_PX, SIGNS * _CELL_PX + 2 * _FRAME_PX)
_DARKEST, _STEP = 30, 18
_WHITE = 170
_AROUND_PX = 8
_ZOOM = 4


def paint_plate(picture: U8, left: int, top: int, text: str) -> None:
    """Paint the plate `text` into RGB (h, w, 3), cut at its borders."""
    height, width = PLATE_HW
    plate = np.full((height, width, 3), 255, np.uint8)
    for place, column in enumerate(index_of(text).tolist()):
        x = _FRAME_PX + place * _CELL_PX
        for row, digit in enumerate(divmod(column, 10)):
            y = _FRAME_PX + row * _CELL_PX
            plate[y : y + _CELL_PX, x : x + _CELL_PX] = _DARKEST + _STEP * digit
    rows, columns = picture.shape[:2]
    x1, y1 = max(left, 0), max(top, 0)
    x2, y2 = min(left + width, columns), min(top + height, rows)
    if x1 < x2 and y1 < y2:
        picture[y1:y2, x1:x2] = plate[y1 - top : y2 - top, x1 - left : x2 - left]


class PaintedPlateFinder:
    """A `PlateFinder` of painted plates that are whole; `looks` counts the vehicles asked about."""

    def __init__(self) -> None:
        self.looks = 0

    @property
    def spec(self) -> ModelSpec:
        return plate_spec("find", (96, 128))

    def find(self, surfaces: Sequence[Surface], vehicles: Detections) -> tuple[F32, F32, I64]:
        corners: list[F32] = []
        rows: list[int] = []
        for row in np.flatnonzero(vehicles.class_id != ObjectClass.PERSON).tolist():
            self.looks += 1
            box = np.rint(vehicles.xyxy[row]).astype(np.int64)
            found = _found(surfaces[int(vehicles.frame_index[row])], box)
            if found is not None:
                corners.append(found)
                rows.append(row)
        together = np.stack(corners) if corners else np.empty((0, 4, 2), np.float32)
        return together, np.full(len(rows), 0.9, np.float32), np.array(rows, np.int64)


class PaintedPlateReader:
    """A `PlateReader` of painted plates; a cell of no clear grey is read with doubt."""

    @property
    def spec(self) -> ModelSpec:
        height, width = PLATE_HW
        return plate_spec("read", (_ZOOM * height, _ZOOM * width))

    def read(self, rectified: U8) -> Sequence[PlateRead]:
        nowhere = np.zeros((4, 2), np.float32)
        return [
            PlateRead(_log_probs(level), "cn_blue", "blue", 0, nowhere)
            for level in rectified.mean(axis=1)
        ]


def _found(surface: Surface, box: I64) -> F32 | None:
    height, width = surface.size
    left, top = np.maximum(box[:2] - _AROUND_PX, 0).tolist()
    right, bottom = np.minimum(box[2:] + _AROUND_PX, (width, height)).tolist()
    box = np.array([left, top, right, bottom])
    crop = surface.crops(box[None].astype(np.float32), (bottom - top, right - left))[0]
    ys, xs = np.nonzero(crop.min(axis=0) > _WHITE)
    if not len(xs):
        return None
    x1, y1 = left + int(xs.min()), top + int(ys.min())
    x2, y2 = left + int(xs.max()) + 1, top + int(ys.max()) + 1
    height, width = PLATE_HW
    if abs(x2 - x1 - width) > 3 or abs(y2 - y1 - height) > 3:
        return None
    return np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32)


def _log_probs(level: F32) -> F32:
    high, wide = level.shape
    x0, y0 = INSET[0] * wide, INSET[1] * high
    across, down = (wide - 2 * x0) / PLATE_HW[1], (high - 2 * y0) / PLATE_HW[0]
    text, sure = "", 0.98
    for place in range(SIGNS):
        x = x0 + across * (_FRAME_PX + (place + 0.5) * _CELL_PX)
        digits = []
        for row in range(2):
            y = y0 + down * (_FRAME_PX + (row + 0.5) * _CELL_PX)
            patch = level[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
            steps = (float(patch.mean()) - _DARKEST) / _STEP
            digits.append(round(steps))
            sure = min(sure, 0.98 if abs(steps - round(steps)) < 0.3 else 0.6)
        column = int(np.clip(10 * digits[0] + digits[1], 0, len(ALPHABET) - 1))
        text += ALPHABET[column]
    return reading(text, sure=sure)
