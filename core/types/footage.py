"""The camera's own packets as kept, and the record of when it was looked at."""

from dataclasses import dataclass
from enum import StrEnum

from core.types.spans import CameraSpan, TimeSpan


@dataclass(frozen=True, slots=True)
class FootageSegment:
    """About a minute of original packets in one file, from keyframe to keyframe.

    `span` is device time; `first_pts` and `time_base` tie the file's timestamps to it:
    `device_ns = span.start_ns + (pts - first_pts) * time_base`. `sha256` is of the whole file.
    """

    segment_id: int
    camera_id: int
    epoch: int
    span: TimeSpan
    codec: str
    size_hw: tuple[int, int]
    first_pts: int
    time_base: tuple[int, int]
    size_bytes: int
    sha256: str
    key: str


class ActivityKind(StrEnum):
    """What happened to a camera over a span. Whatever is not ANALYSED was not searched."""

    ANALYSED = "analysed"
    OUTAGE = "outage"  # no pictures came
    SHED = "shed"  # pictures came, but some were not looked at under load
    UNRECORDED = "unrecorded"  # a gap in the footage
    ERASED = "erased"  # by retention, an order, or the camera's deletion


@dataclass(frozen=True, slots=True)
class Activity:
    """A span of device time with what happened in it; `count` frames (analysed or shed)."""

    activity_id: int
    camera_id: int
    kind: ActivityKind
    span: TimeSpan
    count: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a scope was NOT searched, and why; empty `missing` means all of it was.

    Spans are UTC. `asked_s` and `searched_s` add up over cameras.
    """

    missing: tuple[tuple[CameraSpan, str], ...]
    asked_s: float
    searched_s: float
