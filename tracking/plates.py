"""On which looks a tracklet's plate is worth reading: reading costs more than tracking does.

A vehicle in view for a second has six looks, and one that is parked has 60 in each part. A few of
them say all that there is to say: the first that is large enough, some more while reads get better,
and later only what is clearly larger or sharper than all that was tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.arrays import F32, F64
from core.clocks import NS
from core.geometry import areas, iou
from core.types import CutShot, Detections, Family, Frame, ObjectClass, Plate, Tracklet
from tracking.quality import cut_by_border, hidden_share, sharpness

LEAST_PX = 56.0
"""Root of the area of a vehicle's box; on smaller ones a plate is narrower than 12 px."""
MOST_PER_PART = 8
"""Looks in which something is read, and again as many in which nothing is."""

_APART_NS = NS // 5
_LONGEST_WAIT_NS = 4 * NS
_CLEARLY = 1.15
_ENOUGH_READS = 3
_GOOD_WEIGHT = 0.45  # of a read: a plate some 55 px wide, sharp, from the front, surely read
_AT_THE_BORDER = 0.6  # of a box's worth; the plate may be cut off
_SAME_PLACE = 0.6  # overlap with the last box tried, below which the vehicle has moved

ReadOut = tuple[tuple[Plate, ...], tuple[CutShot, ...]]
"""Plates of a part, and the pictures they were read in that are none of its shots."""


class PlateWatch(Protocol):
    """Who reads plates and keeps what was read until a part is handed on."""

    def read(self, frame: Frame, vehicles: Detections, tracklet_ids: Sequence[int]) -> F64:
        """Read the plates of these vehicles (N,) of a frame; how good each read is, 0 for none."""

    def part_of(self, part: Tracklet, shots: Sequence[CutShot]) -> ReadOut:
        """What was read of the part's tracklet so far, if any of it was in this part."""

    def forget(self, tracklet_id: int) -> None:
        """The tracklet ended."""


class PlatePicker:
    """Decides for one tracklet. `worth` of a box is any measure that grows with what it shows."""

    def __init__(self) -> None:
        self._last_ns = 0
        self._last_box: F32 | None = None
        self._wait_ns = _APART_NS
        self._found = self._in_vain = 0  # tries in this part
        self._reads = 0
        self._best_worth = 0.0
        self._best_weight = 0.0

    def due(self, device_ns: int, worth: float, xyxy: F32 | None = None) -> bool:
        """Whether a look of that worth, at the box `xyxy` (4,) if that is known, should be read.

        The first of each part is, so that each part of a long tracklet can stand for itself; then
        never more than `MOST_PER_PART`, nor two within a fifth of a second. Between them it waits,
        twice as long after each try that read nothing better, until reads are enough and good; but
        not once the vehicle has moved, for who stood with his plate out of the picture drives on.
        """
        if not self._found + self._in_vain:
            return True
        since_ns = device_ns - self._last_ns
        if max(self._found, self._in_vain) >= MOST_PER_PART or since_ns < _APART_NS:
            return False
        if worth > _CLEARLY * self._best_worth:
            return True
        if self._reads >= _ENOUGH_READS and self._best_weight >= _GOOD_WEIGHT:
            return False
        return since_ns >= self._wait_ns or self._moved(xyxy)

    def took(self, device_ns: int, worth: float, weight: float, xyxy: F32 | None = None) -> None:
        """A look was read, and what was read has that weight; 0 where nothing was found."""
        self._last_ns, self._last_box = device_ns, xyxy
        self._found += weight > 0
        self._in_vain += weight <= 0
        self._reads += weight > 0
        better = weight > _CLEARLY * self._best_weight
        self._wait_ns = _APART_NS if better else min(2 * self._wait_ns, _LONGEST_WAIT_NS)
        self._best_worth = max(self._best_worth, worth)
        self._best_weight = max(self._best_weight, weight)

    def next_part(self) -> None:
        """Another part begins; what was read before still counts."""
        self._found = self._in_vain = 0

    def _moved(self, xyxy: F32 | None) -> bool:
        if xyxy is None or self._last_box is None:
            return False
        return float(iou(xyxy[None], self._last_box[None])[0, 0]) < _SAME_PLACE


@dataclass(frozen=True, slots=True)
class Tracked:
    """A box of a look and whose it is: its row, and the tracklet with its class."""

    row: int
    tracklet_id: int
    class_id: int


class PlateLooks:
    """Gives the looks that are worth it to a watch, all of one frame at once."""

    def __init__(self, watch: PlateWatch) -> None:
        self._watch = watch
        self._pickers: dict[int, PlatePicker] = {}

    def look(self, frame: Frame, detections: Detections, tracked: Sequence[Tracked]) -> None:
        """Have the plates of some tracklets' boxes read; persons have none."""
        vehicles = [one for one in tracked if has_plate(one.class_id)]
        if not vehicles:
            return
        worth = plate_worth(detections.xyxy, frame.surface.size)
        due = [
            one
            for one in vehicles
            if self._due(frame.device_ns, one, float(worth[one.row]), detections.xyxy[one.row])
        ]
        if not due:
            return
        rows = np.array([one.row for one in due])
        full = worth[rows] * sharpness(frame.surface, detections.xyxy[rows])
        weights = self._watch.read(
            frame,
            Detections(
                detections.xyxy[rows],
                detections.confidence[rows],
                np.array([one.class_id for one in due], np.int32),
                np.zeros(len(due), np.int32),
            ),
            [one.tracklet_id for one in due],
        )
        for one, value, weight in zip(due, full.tolist(), weights.tolist(), strict=True):
            picker = self._pickers[one.tracklet_id]
            picker.took(frame.device_ns, value, weight, detections.xyxy[one.row].copy())

    def part_of(self, part: Tracklet, shots: Sequence[CutShot]) -> ReadOut:
        """What was read of the part's tracklet; see `PlateWatch.part_of`."""
        picker = self._pickers.get(part.tracklet_id)
        if picker is None:
            return (), ()
        picker.next_part()
        return self._watch.part_of(part, shots)

    def forget(self, tracklet_id: int) -> None:
        """The tracklet ended."""
        if self._pickers.pop(tracklet_id, None) is not None:
            self._watch.forget(tracklet_id)

    def _due(self, device_ns: int, one: Tracked, worth: float, xyxy: F32) -> bool:
        if worth < LEAST_PX:
            return False
        picker = self._pickers.setdefault(one.tracklet_id, PlatePicker())
        return picker.due(device_ns, worth, xyxy)


def has_plate(class_id: int) -> bool:
    """Whether that class may bear one: all but persons."""
    return ObjectClass(class_id).family is not Family.PERSON


def plate_worth(xyxy: F32, size_hw: tuple[int, int]) -> F64:
    """Pixels (root of the area) of each box (N,) that nothing hides; `xyxy` holds all boxes."""
    border = np.where(cut_by_border(xyxy, size_hw), _AT_THE_BORDER, 1.0)
    return np.asarray(np.sqrt(areas(xyxy)) * border * (1 - hidden_share(xyxy)), np.float64)
