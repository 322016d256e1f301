"""Finder, levelling and reader as one: what is read on the vehicles of a batch of pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.arrays import F32, I64, U8
from core.plates.rectifying import nearby_corners, rectified_plates
from core.protocols import PlateFinder, PlateReader, Surface
from core.types import Detections, PlateRead

_SURE = 0.95
"""A read whose signs are all likelier is not read again."""
_GREYS = 5
_RAREST = 1e-4


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
    reads = read_at(reader, [surfaces[frame] for frame in frames], corners)
    return [
        PlateSighting(row, sure, replace(read, device_ns=int(device_ns[frame])))
        for row, sure, frame, read in zip(
            rows.tolist(), confidence.tolist(), frames, reads, strict=True
        )
    ]


def read_at(reader: PlateReader, surfaces: Sequence[Surface], corners: F32) -> list[PlateRead]:
    """The plates with these corners (P, 4, 2), each on a picture of its own, read.

    Corners are never quite right. So where a sign is in doubt the plate is read again with corners
    nearby, and what is stated is the reads' logarithmic mean (Genest and Zidek, Statistical Science
    1, 1986), which on photographs was no less often right than the mean chance, and sure by right.
    """
    size_hw = reader.spec.input_hw
    first = reader.read(_level(surfaces, corners[:, None], size_hw)[:, 0])
    doubted = [row for row, read in enumerate(first) if _least_sure(read) < _SURE]
    again = _level([surfaces[row] for row in doubted], nearby_corners(corners[doubted]), size_hw)
    others = reader.read(again.reshape(-1, *again.shape[2:]))
    each = again.shape[1]
    reads = [replace(read, corners=plate) for read, plate in zip(first, corners, strict=True)]
    for number, row in enumerate(doubted):
        reads[row] = _mean(reads[row], others[number * each : (number + 1) * each])
    return reads


def silence_of(reader: PlateReader) -> F32:
    """What a reader says where there is nothing to be read: log-probabilities (P, A), the mean over
    even pictures from black to white. So far it expects one sign more than another."""
    even = np.linspace(0, 255, _GREYS).astype(np.uint8)
    pictures = np.broadcast_to(even[:, None, None, None], (_GREYS, 3, *reader.spec.input_hw)).copy()
    reads = reader.read(pictures)
    chances = np.mean([np.exp(read.log_probs.astype(np.float64)) for read in reads], axis=0)
    return np.asarray(np.log(np.maximum(chances, _RAREST)), np.float32)


def _least_sure(read: PlateRead) -> float:
    """The chance of the likeliest sign where it is the smallest."""
    return float(np.exp(read.log_probs.max(axis=1).min()))


def _mean(read: PlateRead, others: Sequence[PlateRead]) -> PlateRead:
    mean = np.mean([read.log_probs, *(one.log_probs for one in others)], axis=0, dtype=np.float64)
    mean -= np.log(np.exp(mean).sum(axis=1, keepdims=True))
    return replace(read, log_probs=np.asarray(mean, np.float32))


def _level(surfaces: Sequence[Surface], corners: F32, size_hw: tuple[int, int]) -> U8:
    """Plates (P, K, 4, 2), each of its own picture, made level: (P, K, 3, h, w)."""
    level = np.empty((*corners.shape[:2], 3, *size_hw), np.uint8)
    for surface, plate, slot in zip(surfaces, corners, level, strict=True):
        slot[:] = rectified_plates(surface, plate, size_hw)
    return level
