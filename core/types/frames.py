"""One decoded picture of a camera, and how sure its time is."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from core.arrays import F32
from core.types.plates import StatedPlate

if TYPE_CHECKING:
    from core.protocols import Surface


class ClockSource(StrEnum):
    """Where a device time came from, best first."""

    RTCP = "rtcp"  # the camera's sender reports tie RTP time to its own wall clock
    CONTAINER = "container"  # the file's timestamps on a start time that somebody stated
    RECEIPT = "receipt"  # our own clock when the packet came


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture was laid into a model's input: `model = source * scale + pad`, pixels."""

    scale_x: float
    scale_y: float
    pad_x: float
    pad_y: float

    def to_source(self, xyxy: F32) -> F32:
        """Boxes (N, 4) in model pixels, as source pixels."""
        pad = np.array([self.pad_x, self.pad_y] * 2, np.float32)
        scale = np.array([self.scale_x, self.scale_y] * 2, np.float32)
        return np.asarray((xyxy - pad) / scale, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture with its times. `device_ns` is as the device said, never corrected.

    `clock_sigma_s` is one standard deviation of `device_ns` against the device's own clock.
    `epoch` changes whenever the stream's time line broke: nothing is tracked across it.
    `stated` are plates that the device itself read in this picture.
    """

    camera_id: int
    surface: "Surface"
    pts: int
    time_base: Fraction
    device_ns: int
    receipt_ns: int
    clock: ClockSource
    clock_sigma_s: float
    epoch: int
    stated: tuple[StatedPlate, ...] = ()


@dataclass(frozen=True, slots=True)
class Epoch:
    """An unbroken stretch of one camera's time line, kept so that every time can be defended."""

    epoch: int
    camera_id: int
    start_ns: int
    clock: ClockSource
    clock_sigma_s: float
    size_hw: tuple[int, int]
    origin: str  # file name or stream kind; never a credential
