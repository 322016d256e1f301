"""Boxes of made-up subjects, and frames that count what is cut from them."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from core.arrays import F32, U8
from core.clocks import ns_of
from core.types import ClockSource, Detections, Frame, Letterbox, ObjectClass

PERSON_HW = (100.0, 40.0)
SIZE_HW = (720, 1280)

Box = tuple[float, float, float, float]


def person_at(x: float, y: float = 300.0, *, height: float = PERSON_HW[0]) -> Box:
    """A standing person's box around the centre (x, y)."""
    width = height * PERSON_HW[1] / PERSON_HW[0]
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def seen(
    *boxes: Box,
    confidence: float | Sequence[float] = 0.9,
    kinds: ObjectClass | Sequence[ObjectClass] = ObjectClass.PERSON,
) -> Detections:
    """One frame's boxes; a single confidence or kind counts for all of them."""
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(count, 4),
        np.broadcast_to(np.array(confidence, np.float32), count).copy(),
        np.broadcast_to(np.array(kinds, np.int32), count).copy(),
        np.zeros(count, np.int32),
    )


def instants(per_second: float, seconds: float) -> Iterator[tuple[float, int]]:
    """Looks at a cadence: seconds from the start, and device time."""
    for i in range(int(per_second * seconds)):
        yield i / per_second, ns_of(i / per_second) + 1


class NoisySurface:
    """A picture with texture all over; it counts the JPEGs it was asked for."""

    def __init__(self, size: tuple[int, int] = SIZE_HW) -> None:
        self.size = size
        self.jpegs = 0

    def letterbox(self, slot: U8) -> Letterbox:
        raise NotImplementedError

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        noise = np.random.default_rng(0).integers(0, 256, (len(xyxy), 3, *hw))
        return noise.astype(np.uint8)

    def jpeg(self, xyxy: F32 | None = None) -> bytes:
        self.jpegs += 1
        return b"jpeg of " + repr(None if xyxy is None else xyxy.tolist()).encode()

    def luma(self, hw: tuple[int, int]) -> U8:
        raise NotImplementedError


def frame(
    at_s: float, *, epoch: int = 1, camera_id: int = 1, surface: NoisySurface | None = None
) -> Frame:
    at_ns = ns_of(at_s) + 1
    return Frame(
        camera_id,
        surface or NoisySurface(),
        0,
        Fraction(1, 1000),
        at_ns,
        at_ns,
        ClockSource.CONTAINER,
        0.0,
        epoch,
    )
