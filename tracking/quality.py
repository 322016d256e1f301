"""How good a picture of its subject each box would make, before anything is cut."""

import cv2
import numpy as np

from core.arrays import F32, F64, U8, Bool
from core.geometry import areas, intersections
from core.protocols import Surface

GOOD_SIDE_PX = 180.0  # of the square root of the area: 256x128, the input of person embedders
_EDGE_PX = 2.0  # a box nearer to the border than this is taken as cut by it
_CUT = 0.4  # what is left of a picture's worth when the border cuts it
_SHARP_HW = (96, 48)
_SHARP_AT = 150.0  # variance of the Laplacian (of 8-bit luma at 96x48) worth half the factor


def plain_quality(xyxy: F32, confidence: F32, size_hw: tuple[int, int]) -> F64:
    """Worth of each box (N,), 0 to 1, by size, confidence, border and what stands before it.

    `xyxy` holds all boxes of the picture, since each may hide another.
    """
    size = np.sqrt(np.minimum(np.sqrt(areas(xyxy)) / GOOD_SIDE_PX, 1.0))
    border = np.where(cut_by_border(xyxy, size_hw), _CUT, 1.0)
    # Squared: a crop that half shows somebody else is a picture of somebody else.
    return np.asarray(size * confidence * border * (1 - hidden_share(xyxy)) ** 2, np.float64)


def cut_by_border(xyxy: F32, size_hw: tuple[int, int]) -> Bool:
    """Which boxes (N, 4) touch the border of the picture, (N,)."""
    height, width = size_hw
    low = xyxy[:, :2].min(axis=1) <= _EDGE_PX
    high = (xyxy[:, 2] >= width - _EDGE_PX) | (xyxy[:, 3] >= height - _EDGE_PX)
    return np.asarray(low | high, bool)


def hidden_share(xyxy: F32) -> F64:
    """Largest share of each box (N,) that one other box covers.

    A box whose foot is lower in the picture stands nearer and hides; one behind only intrudes on
    the crop, which counts half.
    """
    if len(xyxy) < 2:
        return np.zeros(len(xyxy))
    covered = intersections(xyxy, xyxy) / np.maximum(areas(xyxy), 1.0)[:, None]
    nearer = xyxy[None, :, 3] > xyxy[:, None, 3]
    covered = np.where(nearer, covered, covered / 2)
    np.fill_diagonal(covered, 0)
    return np.asarray(covered.max(axis=1), np.float64)


def sharpness(surface: Surface, xyxy: F32) -> F64:
    """Factor of each box (N,), 0.5 to 1, by the variance of the Laplacian of a small crop.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
    """
    crops = surface.crops(xyxy, _SHARP_HW)
    variance = np.array([_laplacian_variance(crop) for crop in crops])
    return np.asarray(0.5 + 0.5 * variance / (variance + _SHARP_AT), np.float64)


def _laplacian_variance(crop: U8) -> float:
    # Green carries most of the luma; one channel is enough to tell sharp from blurred.
    return float(cv2.Laplacian(crop[1], cv2.CV_32F).var())
