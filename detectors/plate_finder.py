"""Vehicles and riders to the corners of their plates, from the pixels of the full picture.

Each vehicle is looked at in a window of its own. A plate that is many pixels wide in the picture,
but few in that window, is looked at once more from near by: its corners become as exact as the
picture allows, and what is read hangs on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I64, Bool
from core.errors import InvalidInput, ModelMismatch
from core.geometry import iou
from core.protocols import Surface
from core.runtime.session import ModelSession
from core.types import Detections, ModelSpec, ObjectClass
from detectors.blob import blob_of
from detectors.plate_cells import found_plates
from detectors.plate_windows import AROUND, Window, cut, window_around

LEAST_CONFIDENCE = 0.35

_NEAR_WIDTHS = 3.2
"""How many plates wide a second look is."""
_WORTH_IT = 1.4
"""It must show the plate so many times larger than the first one did, in pixels that are there."""
_SAME = 0.3
"""Overlap from which on two plates of one picture are one."""

Plates = tuple[F32, F32]
"""Corners (P, 4, 2) in source pixels and confidence (P,)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Plates of a batch: corners (P, 4, 2) source pixels, confidence (P,), row in `vehicles` (P,),
    and pixels of the first look for one of the picture (P,)."""

    corners: F32
    confidence: F32
    row: I64
    scale: F32

    def of(self, chosen: Bool | I64) -> "_Found":
        return _Found(
            self.corners[chosen], self.confidence[chosen], self.row[chosen], self.scale[chosen]
        )


class OnnxPlateFinder:
    """A `PlateFinder` around a session whose output is cells (N, 9, h, w), see `found_plates`.

    `batch` bounds how many windows are held as pixels at once; without `second_look` each vehicle
    costs one run of the model and no plate a second. Several threads may share it.
    """

    def __init__(
        self,
        session: ModelSession,
        *,
        least_confidence: float = LEAST_CONFIDENCE,
        batch: int = 8,
        second_look: bool = True,
    ) -> None:
        if session.spec.task != "plate_find":
            raise ModelMismatch(
                f"{session.spec.name}: want task plate_find, got {session.spec.task}"
            )
        if not 0 < least_confidence < 1:
            raise InvalidInput(f"least_confidence: want between 0 and 1, got {least_confidence}")
        if batch < 1:
            raise InvalidInput(f"batch: want 1 or more, got {batch}")
        self._session = session
        self._least = least_confidence
        self._batch = batch
        self._second_look = second_look

    @property
    def spec(self) -> ModelSpec:
        return self._session.spec

    def find(self, surfaces: Sequence[Surface], vehicles: Detections) -> tuple[F32, F32, I64]:
        """Corners (P, 4, 2) clockwise from each plate's own upper left in source pixels,
        confidence (P,) and row in `vehicles` (P,), by row and then surest first.

        `vehicles.frame_index` points into `surfaces`; persons are not looked at. A plate in the
        boxes of several vehicles belongs to the one that stands nearest to the camera.
        """
        rows = np.flatnonzero(vehicles.class_id != ObjectClass.PERSON).astype(np.int64)
        windows = [
            window_around(frame, vehicles.xyxy[row], surfaces[frame].size, self.spec.input_hw)
            for row in rows.tolist()
            for frame in [int(vehicles.frame_index[row])]
        ]
        looks = self._look(surfaces, windows, self._least)
        found = _joined(looks, rows, [window.scale(self.spec.input_hw) for window in windows])
        found = found.of(_on_their_vehicle(found, vehicles))
        found = found.of(_once(found, vehicles))
        if self._second_look:
            found = self._from_near(surfaces, vehicles, found)
        return found.corners, found.confidence, found.row

    def _look(
        self, surfaces: Sequence[Surface], windows: Sequence[Window], least: float
    ) -> list[Plates]:
        plates: list[Plates] = []
        for start in range(0, len(windows), self._batch):
            plates += self._of_batch(surfaces, windows[start : start + self._batch], least)
        return plates

    def _of_batch(
        self, surfaces: Sequence[Surface], windows: Sequence[Window], least: float
    ) -> list[Plates]:
        pieces = np.empty((len(windows), *self.spec.input_hw, 3), np.uint8)
        scales = [
            cut(surfaces[window.frame], window, slot)
            for window, slot in zip(windows, pieces, strict=True)
        ]
        cells = self._session.run(blob_of(pieces, self.spec))[0]
        if cells.ndim != 4 or cells.shape[:2] != (len(windows), 9):
            raise ModelMismatch(
                f"{self.spec.name}: want cells ({len(windows)}, 9, h, w), got {cells.shape}"
            )
        return [
            _in_source(found_plates(cell, least), window, scale)
            for cell, window, scale in zip(cells, windows, scales, strict=True)
        ]

    def _from_near(
        self, surfaces: Sequence[Surface], vehicles: Detections, found: _Found
    ) -> _Found:
        """The same plates, the corners of those that a second look shows larger from there."""
        corners = found.corners.copy()
        windows: list[Window] = []
        places: list[int] = []
        for place, row in enumerate(found.row.tolist()):
            frame = int(vehicles.frame_index[row])
            picture_hw = surfaces[frame].size
            window = _near_by(frame, corners[place], picture_hw, self.spec.input_hw)
            # Beyond the picture's own pixels a closer look shows nothing more.
            shown = min(1.0, window.scale(self.spec.input_hw))
            if shown >= _WORTH_IT * found.scale[place]:
                windows.append(window)
                places.append(place)
        looks = self._look(surfaces, windows, self._least / 2)
        for place, (again, _) in zip(places, looks, strict=True):
            overlap = iou(boxes_of(again), boxes_of(corners[place : place + 1]))[:, 0]
            if overlap.max(initial=0) > _SAME:
                corners[place] = again[int(overlap.argmax())]
        return _Found(corners, found.confidence, found.row, found.scale)


def boxes_of(corners: F32) -> F32:
    """The level boxes (P, 4) around corners (P, 4, 2)."""
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def _near_by(
    frame: int, corners: F32, picture_hw: tuple[int, int], input_hw: tuple[int, int]
) -> Window:
    box = boxes_of(corners[None])[0]
    middle, wide = (box[:2] + box[2:]) / 2, float(box[2] - box[0])
    half = max(_NEAR_WIDTHS * wide, float(input_hw[1])) / 2 / (1 + 2 * AROUND)
    reach = np.array([half, half * input_hw[0] / input_hw[1]], np.float32)
    return window_around(
        frame, np.concatenate([middle - reach, middle + reach]), picture_hw, input_hw
    )


def _in_source(plates: Plates, window: Window, scale: tuple[float, float]) -> Plates:
    corners, confidence = plates
    corner = np.array([window.left, window.top], np.float32)
    moved = corners / np.array(scale, np.float32) + corner
    return np.asarray(moved, np.float32), np.minimum(confidence, np.float32(1))


def _joined(looks: Sequence[Plates], rows: I64, scales: Sequence[float]) -> _Found:
    counts = [len(confidence) for _, confidence in looks]
    return _Found(
        np.concatenate([np.empty((0, 4, 2), np.float32), *(corners for corners, _ in looks)]),
        np.concatenate([np.empty(0, np.float32), *(confidence for _, confidence in looks)]),
        np.repeat(rows, counts),
        np.repeat(np.array(scales, np.float32), counts),
    )


def _on_their_vehicle(found: _Found, vehicles: Detections) -> Bool:
    """Which plates (P,) have their middle in the box of the vehicle that was looked at."""
    boxes = vehicles.xyxy[found.row]
    margin = AROUND * (boxes[:, 2:] - boxes[:, :2])
    middle = found.corners.mean(axis=1)
    inside = (middle >= boxes[:, :2] - margin) & (middle <= boxes[:, 2:] + margin)
    return np.asarray(inside.all(axis=1), np.bool_)


def _once(found: _Found, vehicles: Detections) -> Bool:
    """Which plates (P,) to keep so that none is there twice: where two vehicles' boxes share one,
    the nearer vehicle hides the other there, and its box reaches lower in the picture."""
    boxes, frame = boxes_of(found.corners), vehicles.frame_index[found.row]
    order = np.lexsort((-found.confidence, -vehicles.xyxy[found.row, 3]))
    kept = np.zeros(len(order), np.bool_)
    for place in order.tolist():
        rivals = kept & (frame == frame[place])
        if not (iou(boxes[place : place + 1], boxes[rivals]) > _SAME).any():
            kept[place] = True
    return kept
