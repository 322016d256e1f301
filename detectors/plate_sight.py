"""Finder, levelling and reader as one: what is read on the vehicles of a batch of pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.arrays import F32, I64, U8
from core.plates.rectifying import rectified_plates
from core.protocols import PlateFinder, PlateReader, Surface
from core.types import Detections, PlateRead


@dataclass(frozen=True, slots=True, eq=False)
class PlateSighting:
    """A read on the vehicle of that `row` in the detections, and how sure the finder was of it."""

    row: int
    confidence: float
    read: PlateRead


def read_plates(
    finder: PlateFinder,
    reader: PlateReader,
    surfaces: Sequence[Surface],
    vehicles: Detections,
    device_ns: I64,
) -> list[PlateSighting]:
    """Every plate on the vehicles (N,) of `surfaces`, read, in the finder's order.

    `device_ns` (F,) are the pictures' times. Corners of a read are source pixels of its picture.
    """
    corners, confidence, rows = finder.find(surfaces, vehicles)
    frames = vehicles.frame_index[rows].tolist()
    reads = reader.read(_level(surfaces, corners, frames, reader.spec.input_hw))
    return [
        PlateSighting(row, sure, replace(read, device_ns=int(device_ns[frame]), corners=plate))
        for row, sure, frame, read, plate in zip(
            rows.tolist(), confidence.tolist(), frames, reads, corners, strict=True
        )
    ]


def _level(
    surfaces: Sequence[Surface], corners: F32, frames: Sequence[int], size_hw: tuple[int, int]
) -> U8:
    """Plates (P, 4, 2), each of its own picture, made level: (P, 3, h, w)."""
    level = [
        rectified_plates(surfaces[frame], plate[None], size_hw)
        for frame, plate in zip(frames, corners, strict=True)
    ]
    return np.concatenate([np.empty((0, 3, *size_hw), np.uint8), *level])
