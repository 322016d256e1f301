"""Cameras, what their clocks were found to be, and the roads between them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import F32, I32, I64, checked, same_length
from core.clocks import ns_of
from core.errors import InvalidInput
from core.types.spans import TimeSpan

Transport = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class ClockCorrection:
    """From `since_ns` (device time) on, the device's clock runs `offset_s` ahead of UTC.

    `sigma_s` is one standard deviation of that offset.
    """

    since_ns: int
    offset_s: float
    sigma_s: float


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera as an operator configured it.

    `main_url` and `sub_url` never carry a user or password: those live in `username` and
    `secret` (the encrypted password). `analysis_fps` is the cadence at which frames are looked
    at; 0 takes the installation's default. `retention_days` 0 takes the default too.
    `lon_lat_deg` is None for a camera not yet placed on the map.
    """

    camera_id: int
    name: str
    lon_lat_deg: tuple[float, float] | None = None
    kind: Literal["street", "checkpoint"] = "street"
    main_url: str = ""
    sub_url: str = ""
    transport: Transport = "tcp"
    username: str = ""
    secret: bytes = b""
    retention_days: int = 0
    analysis_fps: float = 0.0
    recorded: bool = True
    clocks: tuple[ClockCorrection, ...] = ()

    def correction_at(self, device_ns: int) -> ClockCorrection:
        """The correction in force at that device time; none known means offset and sigma 0."""
        known = [c for c in sorted(self.clocks, key=_since) if c.since_ns <= device_ns]
        return known[-1] if known else ClockCorrection(device_ns, 0.0, 0.0)

    def utc_of(self, device_ns: int) -> int:
        """UTC nanoseconds of a device time, by what is known of the clock today."""
        return device_ns - ns_of(self.correction_at(device_ns).offset_s)

    def device_spans(self, utc: TimeSpan) -> list[TimeSpan]:
        """The device times whose corrected instant lies in `utc`, ascending.

        Several, or none, where a correction makes the clock jump.
        """
        steps = sorted(self.clocks, key=_since)
        starts = [None, *(c.since_ns for c in steps)]
        ends = [*(c.since_ns for c in steps), None]
        offsets = [0, *(ns_of(c.offset_s) for c in steps)]
        spans = (
            _between(utc.shifted(offset), start, end)
            for start, end, offset in zip(starts, ends, offsets, strict=True)
        )
        return [span for span in spans if span is not None]


def _since(correction: ClockCorrection) -> int:
    return correction.since_ns


def _between(span: TimeSpan, start_ns: int | None, end_ns: int | None) -> TimeSpan | None:
    start = span.start_ns if start_ns is None else max(span.start_ns, start_ns)
    end = span.end_ns if end_ns is None else min(span.end_ns, end_ns)
    return TimeSpan(start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class SpeedPrior:
    """How fast a family moves along a road: slowest, usual and fastest worth belief."""

    family: str
    slow_mps: float
    usual_mps: float
    fast_mps: float

    def __post_init__(self) -> None:
        if not 0 < self.slow_mps <= self.usual_mps <= self.fast_mps:
            raise InvalidInput(f"speed: want 0 < slow <= usual <= fast, got {self}")


@dataclass(frozen=True, slots=True, eq=False)
class CameraGraph:
    """Roads between cameras: `edges` (E, 2) are rows of `camera_ids` (C,), one way each."""

    camera_ids: I64
    edges: I32
    distance_m: F32
    speeds: tuple[SpeedPrior, ...] = ()

    def __post_init__(self) -> None:
        checked("camera_ids", self.camera_ids, np.int64, "C")
        checked("edges", self.edges, np.int32, "E", 2)
        checked("distance_m", self.distance_m, np.float32, "E")
        same_length(edges=self.edges, distance_m=self.distance_m)
        if len(self.edges) and not 0 <= self.edges.min() <= self.edges.max() < len(self.camera_ids):
            raise InvalidInput(f"edges: want rows of {len(self.camera_ids)} cameras")
        if (self.distance_m < 0).any() or not np.isfinite(self.distance_m).all():
            raise InvalidInput("distance_m: want finite metres, not negative")
