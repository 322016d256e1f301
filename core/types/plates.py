"""Plates as belief: per position a distribution over the alphabet, never a bare string."""

from dataclasses import dataclass

import numpy as np

from core.arrays import F32, checked


@dataclass(frozen=True, slots=True, eq=False)
class PlateRead:
    """One reading: `log_probs` (P, A) per position over the alphabet, `corners` (4, 2) pixels."""

    log_probs: F32
    layout: str
    colour: str
    device_ns: int
    corners: F32

    def __post_init__(self) -> None:
        checked("log_probs", self.log_probs, np.float32, "P", "A")
        checked("corners", self.corners, np.float32, 4, 2)


@dataclass(frozen=True, slots=True, eq=False)
class PlatePosterior:
    """All reads of a tracklet fused: `log_probs` (P, A), with the reads it came from."""

    tracklet_id: int
    log_probs: F32
    layout: str
    colour: str
    reads: tuple[PlateRead, ...]

    def __post_init__(self) -> None:
        checked("log_probs", self.log_probs, np.float32, "P", "A")
