"""A case's own cameras: where they stand, when they may be looked at, how sure their clocks are."""

from dataclasses import dataclass

import numpy as np

from cases.answers import Passage
from cases.authority import grants_by_camera
from core.geometry import haversine_m
from core.types import Camera, ClockCorrection, TimeSpan

Place = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True, slots=True)
class CaseCamera:
    """A camera that the case grants, with its granted spans (UTC).

    `camera` is None for one that was deleted since. `clock` is the correction in force at the
    instant asked for, or at the end of the grants; None where none is known. `distance_m` is from
    the place asked for; None without one, and for a camera that is on no map.
    """

    camera_id: int
    camera: Camera | None
    spans: tuple[TimeSpan, ...]
    clock: ClockCorrection | None
    distance_m: float | None
    granted_then: bool | None


def cameras_of(
    passage: Passage, *, near: Place | None = None, at_ns: int | None = None
) -> list[CaseCamera]:
    """The case's cameras by id; with `near` the nearest first, those on no map last.

    With `at_ns` (UTC) each says whether it is granted then.
    """
    listed = [
        _camera(camera_id, passage.cameras.get(camera_id), spans, near, at_ns)
        for camera_id, spans in grants_by_camera(passage.asked).items()
    ]
    if near is None:
        return listed
    return sorted(listed, key=lambda one: np.inf if one.distance_m is None else one.distance_m)


def _camera(
    camera_id: int,
    camera: Camera | None,
    spans: list[TimeSpan],
    near: Place | None,
    at_ns: int | None,
) -> CaseCamera:
    then = None if at_ns is None else any(span.holds(at_ns) for span in spans)
    instant_ns = spans[-1].end_ns - 1 if at_ns is None else at_ns
    return CaseCamera(
        camera_id,
        camera,
        tuple(spans),
        None if camera is None else _clock(camera, instant_ns),
        None if camera is None or near is None else _distance_m(camera, near),
        then,
    )


def _clock(camera: Camera, utc_ns: int) -> ClockCorrection | None:
    """What is known of the clock at that instant of UTC, if the device's time reached it."""
    device = camera.device_spans(TimeSpan(utc_ns, utc_ns + 1))
    known = camera.correction_at(device[0].start_ns if device else utc_ns)
    return known if known in camera.clocks else None


def _distance_m(camera: Camera, near: Place) -> float | None:
    if camera.lon_lat_deg is None:
        return None
    here, there = np.array(near, np.float64), np.array(camera.lon_lat_deg, np.float64)
    return float(haversine_m(here, there))
