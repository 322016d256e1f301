"""The sky, where a camera sees any."""

import numpy as np

from core.arrays import F32
from scenes.easel import Easel
from scenes.light import Light, Triple, linear

_CLEAR: dict[str, tuple[Triple, Triple]] = {
    # at the horizon and high up, as seen
    "day": ((0.80, 0.86, 0.92), (0.38, 0.58, 0.84)),
    "dusk": ((0.93, 0.66, 0.46), (0.36, 0.40, 0.58)),
    "night": ((0.20, 0.18, 0.19), (0.07, 0.08, 0.12)),
}
_HIGH_RAD = 0.7


def sky(easel: Easel, light: Light) -> F32:
    """Linear radiance of the rows above the horizon, (rows, W, 3)."""
    fine = easel.fine
    rows = np.arange(easel.horizon_row) + 0.5
    above = -np.arctan((rows - fine.size_hw[0] / 2) / fine.focal_px) - fine.tilt_rad
    colours = sky_at(above, light)
    wide = np.broadcast_to(colours[:, None], (len(rows), fine.size_hw[1], 3))
    return np.asarray(wide, np.float32)


def sky_at(above_rad: F32, light: Light) -> F32:
    """Linear radiance of the sky at angles above the horizon, (..., 3)."""
    low, high = (np.array(rgb) for rgb in _CLEAR[light.hour])
    if light.weather != "clear":
        grey = np.array(light.fog_rgb)
        low, high = 0.25 * low + 0.75 * grey, 0.12 * high + 0.88 * grey
    share = np.clip(np.asarray(above_rad) / _HIGH_RAD, 0, 1)[..., None] ** 0.7
    return linear(np.asarray(low + (high - low) * share, np.float32))
