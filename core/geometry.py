"""Boxes in the picture (float32 xyxy, pixels) and points on the earth (degrees)."""

import numpy as np

from core.arrays import F32, F64, I64
from core.errors import InvalidBox

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


def areas(xyxy: F32) -> F32:
    """Box areas in square pixels, (N,); an inside-out box has none."""
    sides = np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def intersections(a: F32, b: F32) -> F32:
    """Overlap areas of every box of `a` (N,4) with every box of `b` (M,4), (N, M)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.clip(high - low, 0, None)
    return np.asarray(sides[..., 0] * sides[..., 1], np.float32)


def iou(a: F32, b: F32) -> F32:
    """Intersection over union of every box of `a` (N,4) with every box of `b` (M,4), (N, M)."""
    overlap = intersections(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - overlap
    return np.asarray(overlap / np.maximum(union, np.finfo(np.float32).tiny), np.float32)


def clipped(xyxy: F32, size_hw: tuple[int, int]) -> F32:
    """Boxes cut at the borders of a picture of `size_hw`, (N, 4)."""
    height, width = size_hw
    limits = np.array([width, height, width, height], np.float32)
    return np.clip(xyxy, 0, limits).astype(np.float32)


def checked_box(xyxy: tuple[float, float, float, float], size_hw: tuple[int, int]) -> F32:
    """The box as (1, 4) if it has an inside and lies within the picture; else `InvalidBox`."""
    box = np.array([xyxy], np.float32)
    height, width = size_hw
    if not np.isfinite(box).all() or box[0, 2] - box[0, 0] < 1 or box[0, 3] - box[0, 1] < 1:
        raise InvalidBox(f"box: want x1 < x2 and y1 < y2 by a pixel at least, got {xyxy}")
    if (clipped(box, size_hw) != box).any():
        raise InvalidBox(f"box: want it inside the picture of {width}x{height}, got {xyxy}")
    return box


def interpolated(at_ns: I64, device_ns: I64, xyxy: F32) -> F32:
    """Boxes at the instants `at_ns` (M,) between those seen, (M, 4); past an end the nearest."""
    wanted = (at_ns - device_ns[0]).astype(np.float64)
    seen = (device_ns - device_ns[0]).astype(np.float64)
    sides = [np.interp(wanted, seen, xyxy[:, side]) for side in range(4)]
    return np.stack(sides, axis=1).astype(np.float32)


def haversine_m(a_lon_lat_deg: F64, b_lon_lat_deg: F64) -> F64:
    """Great-circle distance in metres between points (..., 2); Sinnott, Sky & Telescope 1984."""
    a, b = np.radians(a_lon_lat_deg), np.radians(b_lon_lat_deg)
    half = np.sin((b - a) / 2) ** 2
    chord = half[..., 1] + np.cos(a[..., 1]) * np.cos(b[..., 1]) * half[..., 0]
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0, 1))), np.float64)
