"""Where polygons become pixels: filling, cutting out and laying over."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, I32, U8

REACH_PX = 4096
"""Corners farther outside of the picture than this are pulled in."""

Extent = tuple[float, float, float, float]
Window = tuple[int, int, int, int]

_SHIFT = 4  # fillConvexPoly's sub-pixel bits


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A painted figure: `rgba` (h, w, 4) with colour already times alpha, cut at the picture.

    `left_px`, `top_px` are its place; `xyxy` the whole extent, also what lies outside the picture;
    `full_px` how many pixels that whole extent covers, seen by itself. Its points are between
    `near_m` and `far_m` deep, `depth_m` on the whole.
    """

    rgba: U8
    left_px: int
    top_px: int
    xyxy: Extent
    full_px: float
    depth_m: float
    near_m: float = 0.0
    far_m: float = 0.0

    @property
    def window(self) -> tuple[slice, slice]:
        """Where it lies in its picture."""
        height, width = self.rgba.shape[:2]
        return (
            slice(self.top_px, self.top_px + height),
            slice(self.left_px, self.left_px + width),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shade:
    """A patch of shadow, cut at the picture: `mask` (h, w) is 255 where no light is left."""

    mask: U8
    left_px: int
    top_px: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Where it lies in its picture."""
        height, width = self.mask.shape
        return (
            slice(self.top_px, self.top_px + height),
            slice(self.left_px, self.left_px + width),
        )


def extent(points_px: F32) -> Extent:
    """Left, top, right and bottom of points (..., 2)."""
    flat = points_px.reshape(-1, 2)
    (left, top), (right, bottom) = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
    return left, top, right, bottom


def within(xyxy: Extent, size_hw: tuple[int, int]) -> Window | None:
    """Whole pixels of the picture that the extent touches, or None: left, top, right, bottom."""
    height, width = size_hw
    left, top = max(int(np.floor(xyxy[0])), 0), max(int(np.floor(xyxy[1])), 0)
    right, bottom = min(int(np.ceil(xyxy[2])), width), min(int(np.ceil(xyxy[3])), height)
    return (left, top, right, bottom) if right > left and bottom > top else None


def fixed(px: F32) -> I32:
    """Pixels, whose centres are whole numbers, as the fixed-point ones that OpenCV fills with."""
    return np.asarray(np.clip(px, -REACH_PX, REACH_PX) * (1 << _SHIFT), np.int32)


def fill(canvas: U8, polygons: I32, colours: list[list[int]]) -> None:
    """Convex polygons (P, K, 2) in fixed-point pixels, one over the other."""
    put = cv2.fillConvexPoly
    for polygon, colour in zip(polygons, colours, strict=True):
        put(canvas, polygon, colour, cv2.LINE_8, _SHIFT)


def mask_of(polygons: I32, size_hw: tuple[int, int]) -> U8:
    """255 where any of the polygons covers a pixel, else 0."""
    mask = np.zeros(size_hw, np.uint8)
    put = cv2.fillConvexPoly
    for polygon in polygons:
        put(mask, polygon, 255, cv2.LINE_8, _SHIFT)
    return mask


def shade_of(polygons: F32, size_hw: tuple[int, int], soft_px: float) -> Shade | None:
    """Polygons (P, K, 2) in pixels as one shade with edges `soft_px` soft, or None if out of it."""
    left, top, right, bottom = extent(polygons)
    room = 2 * soft_px
    window = within((left - room, top - room, right + room, bottom + room), size_hw)
    if window is None:
        return None
    origin = np.array(window[:2], np.float32) + np.float32(0.5)
    size = window[3] - window[1], window[2] - window[0]
    mask = mask_of(fixed(polygons - origin), size)
    soft = cv2.GaussianBlur(mask, (0, 0), soft_px)
    return Shade(np.asarray(soft, np.uint8), window[0], window[1])


def over(ground: U8, rgba: U8) -> None:
    """Lay `rgba` (colour times alpha) over `ground`, of 3 or 4 channels, in place."""
    alpha = rgba[..., 3]
    channels = ground.shape[2]
    left = cv2.merge([cv2.bitwise_not(alpha)] * channels)
    kept = cv2.multiply(ground, left, scale=1 / 255)
    ground[...] = cv2.add(kept, rgba[..., :channels])


def darkened(rgb: U8, dark: U8) -> U8:
    """A copy of a picture, `dark` (h, w) of 255 of its light taken away."""
    left = cv2.merge([cv2.bitwise_not(dark)] * 3)
    return np.asarray(cv2.multiply(rgb, left, scale=1 / 255), np.uint8)
