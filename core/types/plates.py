"""Plates as belief: per position a distribution over the alphabet, never a bare string."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I64, checked, same_length
from core.errors import InvalidInput


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


@dataclass(frozen=True, slots=True, eq=False)
class PlateRows:
    """Fused reads with where and when: what a plate index keeps. `log_probs` (N, P, A), short ones
    ended by absent positions (`core.plates.likelihood.stacked`); all else (N,).

    `plate_ids` are the keys; a tracklet of several parts may have several.
    """

    plate_ids: I64
    tracklet_ids: I64
    camera_ids: I64
    device_ns: I64
    log_probs: F32
    layouts: Sequence[str]
    colours: Sequence[str]

    def __post_init__(self) -> None:
        columns = {
            "plate_ids": self.plate_ids,
            "tracklet_ids": self.tracklet_ids,
            "camera_ids": self.camera_ids,
            "device_ns": self.device_ns,
        }
        for field, column in columns.items():
            checked(field, column, np.int64, "N")
        checked("log_probs", self.log_probs, np.float32, "N", "P", "A")
        same_length(**columns, log_probs=self.log_probs)
        for field, names in (("layouts", self.layouts), ("colours", self.colours)):
            if len(names) != len(self.plate_ids):
                raise InvalidInput(f"{field}: want {len(self.plate_ids)}, got {len(names)}")


@dataclass(frozen=True, slots=True, eq=False)
class PlateHit:
    """A tracklet that a search for a plate found: its best reading's id, the log-likelihood ratio
    of the pattern against a random plate, and the posterior as kept, without its reads."""

    plate_id: int
    llr: float
    posterior: PlatePosterior

    @property
    def tracklet_id(self) -> int:
        return self.posterior.tracklet_id
