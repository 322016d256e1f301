"""When a camera has somebody in its picture, large enough to be told apart."""

import numpy as np

from core.arrays import F64
from scenes.placing import CityCamera
from scenes.plan import Leg

LEAST_PX = 28.0
_STEP_S = 0.1
_GAP_S = 1.5
_LEAST_S = 0.8


def sightings(camera: CityCamera, leg: Leg, seconds: float) -> list[tuple[float, float]]:
    """Spans [in, out) within [0, `seconds`) in which a walker of 1.7 m on that leg would be at
    least `LEAST_PX` high with the middle in the picture. What stands before it is not looked at;
    a shorter gap than 1.5 s is bridged, a shorter span than 0.8 s is none."""
    first, last = leg.span_s
    times = np.arange(max(first, 0.0), min(last, seconds), _STEP_S)
    if not len(times):
        return []
    xy = leg.positions(np.minimum(times, np.nextafter(last, first)))
    return _spans(times[camera.heights_px(xy) >= LEAST_PX])


def _spans(times: F64) -> list[tuple[float, float]]:
    if not len(times):
        return []
    breaks = np.flatnonzero(np.diff(times) > _GAP_S)
    starts, ends = times[np.r_[0, breaks + 1]], times[np.r_[breaks, len(times) - 1]] + _STEP_S
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    return [(low, high) for low, high in spans if high - low >= _LEAST_S]
