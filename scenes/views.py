"""A camera as a pinhole: where it stands, where it looks, and what falls where on its picture."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.arrays import F32, F64
from core.errors import InvalidInput

NEAR_M = 0.3
"""Nearer than this nothing is projected."""


@dataclass(frozen=True)
class View:
    """A perspective without distortion (Hartley and Zisserman, Multiple View Geometry, 6.1).

    The world is in metres, x east, y north, z up. `heading_rad` is the azimuth of the optical axis,
    counter-clockwise from east; `tilt_rad` how far it points below the horizon.
    """

    position_m: tuple[float, float, float]
    heading_rad: float
    tilt_rad: float
    focal_px: float
    size_hw: tuple[int, int]

    def __post_init__(self) -> None:
        if self.focal_px <= 0 or min(self.size_hw) < 1:
            raise InvalidInput(
                f"view: want a focal length and a size above 0, got {self.focal_px} px, "
                f"{self.size_hw}"
            )

    @cached_property
    def axes(self) -> F64:
        """Rows: right, down and forward of the camera, in world coordinates, (3, 3)."""
        turn, tilt = self.heading_rad, self.tilt_rad
        forward = np.array(
            [np.cos(turn) * np.cos(tilt), np.sin(turn) * np.cos(tilt), -np.sin(tilt)]
        )
        right = np.array([np.sin(turn), -np.cos(turn), 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    def project(self, points_m: F32) -> tuple[F32, F32]:
        """Pixels (N, 2) and depth along the axis in metres (N,) of world points (N, 3).

        Depths under `NEAR_M` mean behind or at the lens: their pixels say nothing.
        """
        seen = (points_m - np.asarray(self.position_m)) @ self.axes.T
        depth_m = seen[:, 2]
        scale = self.focal_px / np.maximum(depth_m, NEAR_M)
        height, width = self.size_hw
        px = seen[:, :2] * scale[:, None] + np.array([width / 2, height / 2])
        return px.astype(np.float32), depth_m.astype(np.float32)

    def rays(self, px: F32) -> F64:
        """World directions (N, 3), not of unit length, of the pixels (N, 2)."""
        height, width = self.size_hw
        offset = (np.asarray(px, np.float64) - [width / 2, height / 2]) / self.focal_px
        return np.column_stack([offset, np.ones(len(offset))]) @ self.axes

    def on_ground(self, px: F32) -> F64:
        """Where pixels (N, 2) meet the ground z=0, (N, 2) metres; NaN at or above the horizon."""
        rays = self.rays(px)
        down = np.where(rays[:, 2] < -1e-9, rays[:, 2], np.nan)
        reach = -self.position_m[2] / down
        return np.asarray(self.position_m[:2]) + rays[:, :2] * reach[:, None]
