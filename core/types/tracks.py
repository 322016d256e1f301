"""What was seen: boxes of a batch, tracklets of one camera, and the shots kept of each."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np

from core.arrays import F32, I32, I64, checked, same_length
from core.errors import InvalidInput
from core.types.plates import Plate
from core.types.spans import TimeSpan


class Family(StrEnum):
    """What is compared with what. A rider is embedded by the person and the vehicle model."""

    PERSON = "person"
    RIDER = "rider"
    VEHICLE = "vehicle"


class ObjectClass(IntEnum):
    """Our classes; detectors map theirs to these."""

    PERSON = 0
    BICYCLE_RIDER = 1
    EBIKE_RIDER = 2
    MOTORCYCLE_RIDER = 3
    CAR = 4
    VAN = 5
    BUS = 6
    TRUCK = 7

    @property
    def family(self) -> Family:
        if self is ObjectClass.PERSON:
            return Family.PERSON
        return Family.RIDER if self <= ObjectClass.MOTORCYCLE_RIDER else Family.VEHICLE

    @property
    def label(self) -> str:
        """`ebike_rider`: for tables, settings and the API."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Boxes of a batch of frames: `xyxy` (N, 4) source pixels, `frame_index` (N,) ascending."""

    xyxy: F32
    confidence: F32
    class_id: I32
    frame_index: I32

    def __post_init__(self) -> None:
        checked("xyxy", self.xyxy, np.float32, "N", 4)
        checked("confidence", self.confidence, np.float32, "N")
        checked("class_id", self.class_id, np.int32, "N")
        checked("frame_index", self.frame_index, np.int32, "N")
        same_length(
            xyxy=self.xyxy,
            confidence=self.confidence,
            class_id=self.class_id,
            frame_index=self.frame_index,
        )
        if (np.diff(self.frame_index) < 0).any():
            raise InvalidInput("frame_index: want ascending")

    def __len__(self) -> int:
        return len(self.xyxy)

    def of_frame(self, index: int) -> "Detections":
        """The boxes of one frame of the batch, its `frame_index` reset to 0."""
        low, high = np.searchsorted(self.frame_index, [index, index + 1])
        part = slice(int(low), int(high))
        return Detections(
            self.xyxy[part],
            self.confidence[part],
            self.class_id[part],
            np.zeros(part.stop - part.start, np.int32),
        )


def no_detections() -> Detections:
    """An empty batch."""
    return Detections(
        np.empty((0, 4), np.float32),
        np.empty(0, np.float32),
        np.empty(0, np.int32),
        np.empty(0, np.int32),
    )


@dataclass(frozen=True, slots=True)
class Link:
    """Two tracklets of one view belong together: `kind` is `mounts` or `dismounts`."""

    kind: str
    tracklet_id: int
    device_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Tracklet:
    """One subject seen by one camera without a break; immutable once written.

    `part` counts from 0: a long one is handed on in parts with the same `tracklet_id`. Arrays are
    what was detected, not interpolated: `device_ns` (T,) strictly increasing, `xyxy` (T, 4) source
    pixels, `confidence` (T,). T is 1 for a checkpoint's still.
    """

    tracklet_id: int
    part: int
    camera_id: int
    epoch: int
    class_id: int
    device_ns: I64
    xyxy: F32
    confidence: F32
    links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        checked("device_ns", self.device_ns, np.int64, "T")
        checked("xyxy", self.xyxy, np.float32, "T", 4)
        checked("confidence", self.confidence, np.float32, "T")
        if not len(self.device_ns) == len(self.xyxy) == len(self.confidence):
            same_length(device_ns=self.device_ns, xyxy=self.xyxy, confidence=self.confidence)
        if not len(self.device_ns):
            raise InvalidInput("tracklet: want one box at least, got none")
        if (self.device_ns[1:] <= self.device_ns[:-1]).any():
            raise InvalidInput("device_ns: want strictly increasing")

    @property
    def span(self) -> TimeSpan:
        """Device time from the first box to just past the last."""
        return TimeSpan(int(self.device_ns[0]), int(self.device_ns[-1]) + 1)

    @property
    def family(self) -> Family:
        return ObjectClass(self.class_id).family


@dataclass(frozen=True, slots=True, eq=False)
class Passings:
    """Tracklets without their boxes, by first time: who was where, when. All (N,).

    Times are the device's, half-open; parts of one tracklet are joined.
    """

    tracklet_ids: I64
    camera_ids: I64
    class_ids: I32
    start_ns: I64
    end_ns: I64

    def __post_init__(self) -> None:
        checked("tracklet_ids", self.tracklet_ids, np.int64, "N")
        checked("camera_ids", self.camera_ids, np.int64, "N")
        checked("class_ids", self.class_ids, np.int32, "N")
        checked("start_ns", self.start_ns, np.int64, "N")
        checked("end_ns", self.end_ns, np.int64, "N")
        same_length(
            tracklet_ids=self.tracklet_ids,
            camera_ids=self.camera_ids,
            class_ids=self.class_ids,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
        )
        if (np.diff(self.start_ns) < 0).any():
            raise InvalidInput("start_ns: want ascending")

    def __len__(self) -> int:
        return len(self.tracklet_ids)


@dataclass(frozen=True, slots=True)
class CutShot:
    """A shot fresh from its frame, not yet stored: the JPEG of exactly its box."""

    shot_id: int
    device_ns: int
    xyxy: tuple[float, float, float, float]
    quality: float
    jpeg: bytes


@dataclass(frozen=True, slots=True, eq=False)
class TrackletPart:
    """What tracking hands on: a tracklet part and the shots cut during it (at most 4).

    `plates` is what was read of it so far; `evidence` the pictures that those were read in, where
    they are none of the shots.
    """

    tracklet: Tracklet
    shots: tuple[CutShot, ...]
    plates: tuple[Plate, ...] = ()
    evidence: tuple[CutShot, ...] = ()


@dataclass(frozen=True, slots=True)
class Shot:
    """A stored picture of a tracklet. `key` is the shot store's, made by it."""

    shot_id: int
    tracklet_id: int
    part: int
    camera_id: int
    device_ns: int
    xyxy: tuple[float, float, float, float]
    quality: float
    key: str
