"""Seamless noise for surfaces."""

import cv2
import numpy as np

from core.arrays import F32

_SIZE = 512
_OCTAVES = 6
_FALL = 0.72  # of an octave's strength to the one before


class Grain:
    """Noise to sample at any scale: values about 0 with a standard deviation of 1."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Octaves of smoothed white noise, drawn once."""
        total = np.zeros((_SIZE, _SIZE), np.float32)
        for octave in range(_OCTAVES):
            total += _octave(rng, 4 << octave) * np.float32(_FALL**octave)
        self._clouds = _unit(total)
        self._grit = _unit(total * 0.12 + rng.standard_normal(total.shape).astype(np.float32))

    def clouds(self, x_m: F32, y_m: F32, period_m: float) -> F32:
        """Slow changes that repeat after `period_m`."""
        return _sampled(self._clouds, x_m, y_m, period_m)

    def grit(self, x_m: F32, y_m: F32, period_m: float) -> F32:
        """Changes from grain to grain, repeated after `period_m`."""
        return _sampled(self._grit, x_m, y_m, period_m)


def _octave(rng: np.random.Generator, cells: int) -> F32:
    coarse = np.pad(rng.standard_normal((cells, cells)).astype(np.float32), 2, mode="wrap")
    scale = _SIZE // cells
    side = len(coarse) * scale
    large = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    edge = 2 * scale
    return np.asarray(large[edge : edge + _SIZE, edge : edge + _SIZE], np.float32)


def _sampled(tile: F32, x_m: F32, y_m: F32, period_m: float) -> F32:
    size = np.float32(len(tile))
    across, down = (plane * np.float32(1 / period_m) for plane in (x_m, y_m))
    across, down = ((turns - np.floor(turns)) * size for turns in (across, down))
    wrapped = cv2.remap(tile, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(wrapped, np.float32)


def _unit(plane: F32) -> F32:
    return np.asarray((plane - plane.mean()) / plane.std(), np.float32)
