"""What a box looks like from one picture to the next: its colours in bands from top to bottom.

Cheap enough for every box of every look. It tells neighbours in one view apart for the seconds in
which they pass each other; it is no re-identification, is kept by no one, and leaves no camera.
"""

from typing import cast

import cv2
import numpy as np

from core.arrays import F32, F64
from core.protocols import Surface

BANDS = 6
_HW = (24, 12)
_MIDDLE = slice(2, 10)  # of the columns: at the sides the street shows
# Of CIELAB: lightness 0..100, and two colour axes that streets use a third of.
_SPREAD = np.array([100.0, 30.0, 30.0], np.float32)


def band_colours(surface: Surface, xyxy: F32) -> F32:
    """Mean CIELAB colour of each box's (N, 4) bands, lightness 0 to 1, (N, 18)."""
    if not len(xyxy):
        return np.empty((0, 3 * BANDS), np.float32)
    height, width = _HW
    crops = surface.crops(xyxy, _HW).astype(np.float32) / 255
    rows = np.ascontiguousarray(crops.transpose(0, 2, 3, 1)).reshape(-1, width, 3)
    lab = cast(F32, cv2.cvtColor(rows, cv2.COLOR_RGB2LAB)) / _SPREAD
    bands = lab.reshape(len(xyxy), BANDS, height // BANDS, width, 3)[:, :, :, _MIDDLE]
    return np.asarray(bands.mean(axis=(2, 3)).reshape(len(xyxy), -1), np.float32)


def colour_distances(tracks: F32, boxes: F32) -> F64:
    """Root mean square difference of every track (K, D) from every box (N, D), (K, N)."""
    apart = tracks[:, None, :].astype(np.float64) - boxes[None, :, :]
    return np.asarray(np.sqrt((apart**2).mean(axis=-1)), np.float64)
