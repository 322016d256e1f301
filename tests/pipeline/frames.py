"""Frames without pixels, for what only looks at times and cameras."""

from fractions import Fraction

import numpy as np

from core.arrays import F32, U8
from core.types import ClockSource, Frame, Letterbox

SECOND = 1_000_000_000


class BlankSurface:
    """A grey picture of 20x10."""

    size = (10, 20)

    def letterbox(self, slot: U8) -> Letterbox:
        slot[:] = 114
        return Letterbox(1.0, 1.0, 0.0, 0.0)

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        return np.full((len(xyxy), 3, *hw), 114, np.uint8)

    def jpeg(self, xyxy: F32 | None = None) -> bytes:
        return b"jpeg"

    def luma(self, hw: tuple[int, int]) -> U8:
        return np.full(hw, 114, np.uint8)


def frame(camera_id: int = 1, *, at_s: float = 0.0, epoch: int = 1) -> Frame:
    at_ns = round(at_s * SECOND)
    return Frame(
        camera_id,
        BlankSurface(),
        0,
        Fraction(1, 1000),
        at_ns,
        at_ns,
        ClockSource.RECEIPT,
        0.1,
        epoch,
    )
