"""A finer picture to paint a still scene on: where its pixels meet the ground, and polygons."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from core.arrays import F32, F64, I32, I64, U8, Bool
from scenes.views import NEAR_M, View

_SHIFT = 5  # fillConvexPoly's sub-pixel bits
_WIDER = 2.0  # than the picture: what lies further outside is cut off
_HORIZON_M = 1e5


@dataclass(frozen=True)
class Easel:
    """A view with `samples` times as many pixels each way."""

    view: View
    samples: int

    @cached_property
    def fine(self) -> View:
        """The same perspective on the finer grid."""
        view = self.view
        size = (view.size_hw[0] * self.samples, view.size_hw[1] * self.samples)
        focal = view.focal_px * self.samples
        return View(view.position_m, view.heading_rad, view.tilt_rad, focal, size)

    def mask(self) -> U8:
        """An empty mask, (H, W)."""
        return np.zeros(self.fine.size_hw, np.uint8)

    @cached_property
    def reach_m(self) -> F32:
        """Depth at which each row's pixels meet the ground, (H,); very far above the horizon.

        All pixels of a row have one depth, because cameras do not lean to a side.
        """
        fine = self.fine
        down = (np.arange(fine.size_hw[0]) + 0.5 - fine.size_hw[0] / 2) / fine.focal_px
        fall = -(down * fine.axes[1, 2] + fine.axes[2, 2])
        reach = np.where(fall > 1e-6, fine.position_m[2] / np.maximum(fall, 1e-6), _HORIZON_M)
        return np.minimum(reach, _HORIZON_M).astype(np.float32)

    @cached_property
    def horizon_row(self) -> int:
        """The first row that shows ground."""
        return int((self.reach_m >= _HORIZON_M).sum())

    @cached_property
    def ground_m(self) -> tuple[F32, F32]:
        """East and north of where each pixel meets the ground, (H, W) each."""
        fine, reach = self.fine, self.reach_m
        height, width = fine.size_hw
        aside = (np.arange(width) + 0.5 - width / 2) / fine.focal_px
        down = (np.arange(height) + 0.5 - height / 2) / fine.focal_px
        axes = fine.axes
        planes = []
        for axis in (0, 1):
            ahead = reach * (down * axes[1, axis] + axes[2, axis]) + fine.position_m[axis]
            plane = ahead[:, None] + (reach[:, None] * axes[0, axis]) * aside[None]
            planes.append(plane.astype(np.float32))
        return planes[0], planes[1]

    @cached_property
    def footprint_m(self) -> F32:
        """How much ground a pixel covers, the longer way, (H, 1)."""
        far = self.reach_m**2 / (self.fine.focal_px * max(self.fine.position_m[2], 0.5))
        return np.asarray(far[:, None], np.float32)

    def outline(self, points_m: F64) -> F32 | None:
        """A polygon (K, 3) in pixels, cut where it comes too near to the lens or lies far outside
        the picture; None if nothing is left."""
        seen = (points_m - np.asarray(self.fine.position_m)) @ self.fine.axes.T
        if not (seen[:, 2] > NEAR_M).any():
            return None
        near = seen[:, 2] < NEAR_M
        if near.any():
            seen = _clipped(seen, seen[:, 2] - NEAR_M)
        slope = _WIDER * max(self.fine.size_hw) / self.fine.focal_px
        for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
            inside = slope * seen[:, 2] - sign * seen[:, axis]
            if len(seen) and inside.min() < 0:
                seen = _clipped(seen, inside)
        if len(seen) < 3:
            return None
        height, width = self.fine.size_hw
        px = seen[:, :2] / seen[:, 2:] * self.fine.focal_px + np.array([width / 2, height / 2])
        return np.asarray(px, np.float32)

    def fill(self, mask: U8, polygons_m: Sequence[F64], value: int = 255) -> None:
        """Draw convex polygons on the ground, (K, 2) each, or in space, (K, 3), into a mask."""
        if not len(polygons_m):
            return
        points = np.concatenate(polygons_m)
        if points.shape[1] == 2:
            points = on_ground(points)
        lengths = np.array([len(polygon) for polygon in polygons_m])
        starts = np.cumsum(lengths) - lengths
        seen = (points - np.asarray(self.fine.position_m)) @ self.fine.axes.T
        shown, whole = self._shown(seen, starts)
        half = np.array(self.fine.size_hw[::-1]) / 2
        px = fixed(seen[:, :2] / np.maximum(seen[:, 2:], NEAR_M) * self.fine.focal_px + half)
        for row in np.flatnonzero(shown).tolist():
            part = slice(starts[row], starts[row] + lengths[row])
            outline = px[part] if whole[row] else self._cut(points[part])
            if outline is not None:
                cv2.fillConvexPoly(mask, outline, value, cv2.LINE_AA, _SHIFT)

    def _cut(self, points_m: F64) -> I32 | None:
        outline = self.outline(points_m)
        return None if outline is None else fixed(outline)

    def _shown(self, seen: F64, starts: I64) -> tuple[Bool, Bool]:
        """Which polygons can be in the picture, and which of them need no cutting."""
        wide, tall = (side / 2 / self.fine.focal_px for side in self.fine.size_hw[::-1])
        ahead = seen[:, 2]
        sides = [ahead * slope for slope in (wide, tall)]
        signed = [sign * seen[:, axis] - sides[axis] for axis in (0, 1) for sign in (1, -1)]
        nearest = np.minimum.reduceat(ahead, starts)
        outside = [np.minimum.reduceat(side, starts) > 0 for side in signed]
        shown = (np.maximum.reduceat(ahead, starts) > NEAR_M) & ~np.any(outside, axis=0)
        slope = np.abs(seen[:, :2]).max(axis=1) / np.maximum(ahead, NEAR_M)
        whole = (nearest > NEAR_M) & (np.maximum.reduceat(slope, starts) < _WIDER * wide)
        return shown, whole

    def fill_hard(self, plane: U8, polygon_m: F64, value: int) -> None:
        """The same with one, without soft edges and perhaps not convex: for maps of kinds."""
        points = on_ground(polygon_m) if polygon_m.shape[1] == 2 else polygon_m
        outline = self.outline(points)
        if outline is not None and _inside(outline, self.fine.size_hw):
            cv2.fillPoly(plane, [fixed(outline)], value, cv2.LINE_8, _SHIFT)

    def reduced(self, plane: F32) -> F32:
        """A fine plane averaged to the picture's size."""
        height, width = self.view.size_hw
        small = cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32)


def fixed(outline_px: F32 | F64) -> I32:
    """Pixels as the fixed-point numbers OpenCV fills with, pixel centres on whole numbers."""
    return np.asarray(np.round((outline_px - 0.5) * (1 << _SHIFT)), np.int32)


def on_ground(polygon_m: F64) -> F64:
    """Points (K, 2) with a height of 0, (K, 3)."""
    return np.column_stack([polygon_m, np.zeros(len(polygon_m))])


def _inside(outline: F32, size_hw: tuple[int, int]) -> bool:
    low, high = outline.min(axis=0), outline.max(axis=0)
    return bool(high[0] >= 0 and high[1] >= 0 and low[0] <= size_hw[1] and low[1] <= size_hw[0])


def _clipped(points_m: F64, ahead: F64) -> F64:
    """What of a polygon has `ahead` above 0 (Sutherland and Hodgman, 1974)."""
    kept = []
    for here in range(len(points_m)):
        there = (here + 1) % len(points_m)
        if ahead[here] > 0:
            kept.append(points_m[here])
        if (ahead[here] > 0) != (ahead[there] > 0):
            share = ahead[here] / (ahead[here] - ahead[there])
            kept.append(points_m[here] + share * (points_m[there] - points_m[here]))
    return np.array(kept, np.float64).reshape(-1, 3)


def strip(points_m: F64, width_m: float) -> list[F64]:
    """Quads (4, 2) of a line of points (K, 2) on the ground, `width_m` wide."""
    step = np.diff(points_m, axis=0)
    step = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    aside = np.column_stack([-step[:, 1], step[:, 0]]) * width_m / 2
    first, last = points_m[:-1], points_m[1:]
    return list(np.stack([first + aside, last + aside, last - aside, first - aside], axis=1))
