"""Plates as belief: per position a distribution over the alphabet, never a bare string."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import F32, I64, checked, same_length
from core.errors import InvalidInput
from core.plates.alphabet import ALPHABET
from core.plates.folding import folded

UNREAD = "?"
"""Stands in a stated plate for a sign that the device could not read."""

_MOST_SIGNS = 16


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


@dataclass(frozen=True, slots=True)
class StatedPlate:
    """What a device says that it read itself, such as a checkpoint's camera: one more read.

    `confidence` is one chance, or one for each sign of the folded `text`; `UNREAD` stands for a
    sign that was not read. `xyxy` is the box of the vehicle or of its plate in source pixels, None
    where the device does not say.
    """

    text: str
    confidence: tuple[float, ...] = (0.9,)
    colour: str = ""
    xyxy: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        signs = folded(self.text[:64])
        strange = [sign for sign in signs if sign not in ALPHABET and sign != UNREAD]
        if strange or not set(signs) - {UNREAD} or len(signs) > _MOST_SIGNS:
            raise InvalidInput(
                f"stated plate: want 1 to {_MOST_SIGNS} signs of plates, {UNREAD} for unread ones,"
                f" got {self.text[:64]!r}"
            )
        if len(self.confidence) not in (1, len(signs)):
            raise InvalidInput(
                f"stated plate: want one confidence, or {len(signs)}, got {len(self.confidence)}"
            )
        if not all(0 <= chance <= 1 for chance in self.confidence):
            raise InvalidInput(f"stated plate: want confidence 0 to 1, got {self.confidence}")


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """What all reads of a tracklet said together when one of its parts was handed on.

    `log_probs` (P, A) are of the `reads` best reads so far, those of earlier parts among them. The
    evidence is of this very part: `device_ns` is that of its best read, the picture with `shot_id`
    was cut from that read's frame, and `corners` (4, 2) are the plate's there in source pixels;
    None where no picture of ours was read, but a device stated the plate.
    """

    plate_id: int
    tracklet_id: int
    part: int
    camera_id: int
    device_ns: int
    log_probs: F32
    layout: str
    colour: str
    reads: int
    shot_id: int
    corners: F32 | None

    def __post_init__(self) -> None:
        checked("log_probs", self.log_probs, np.float32, "P", "A")
        if self.corners is not None:
            checked("corners", self.corners, np.float32, 4, 2)
