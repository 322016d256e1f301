"""Flat pictures on figures - plates, prints, signs - put where their faces are seen."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import F32, U8
from scenes.canvas import over
from scenes.light import GAMMA, Light, fogged, shaded
from scenes.shapes import Decal
from scenes.views import NEAR_M, View

_SMALLEST_PX = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Sticker:
    """A decal that is seen: its corners in pixels (4, 2), its middle, front and reach in metres."""

    decal: Decal
    px: F32
    depth_m: float
    middle_m: F32
    normal: F32
    reach_m: float


def stickers(decals: tuple[Decal, ...], view: View) -> list[Sticker]:
    """The decals that show their front to the camera and are large enough to tell."""
    if not decals:
        return []
    corners = np.stack([decal.corners_m for decal in decals])
    flat, depth = view.project(corners.reshape(-1, 3))
    px, depth_m = flat.reshape(-1, 4, 2), depth.reshape(-1, 4)
    first, second = px[:, 2] - px[:, 0], px[:, 3] - px[:, 1]
    doubled = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]  # of the seen area
    sides = px.max(axis=1) - px.min(axis=1)
    shown = (doubled > 0) & (sides > _SMALLEST_PX).all(axis=1) & (depth_m > NEAR_M).all(axis=1)
    return [
        _sticker(decals[row], px[row], float(depth_m[row].mean()))
        for row in np.flatnonzero(shown).tolist()
    ]


def _sticker(decal: Decal, px: F32, depth_m: float) -> Sticker:
    corners = decal.corners_m
    half = 0.5 * float(np.linalg.norm(corners[2] - corners[0]))
    return Sticker(decal, px, depth_m, corners.mean(axis=0), _front(corners), half)


def _front(corners_m: F32) -> F32:
    """Unit normal of a picture's corners, which run clockwise seen from its front."""
    cross = np.cross(corners_m[3] - corners_m[1], corners_m[2] - corners_m[0])
    return np.asarray(cross / max(float(np.linalg.norm(cross)), 1e-9), np.float32)


def stick(canvas: U8, sticker: Sticker, target: F32, light: Light) -> None:
    """Blend the picture into an RGBA canvas, its corners at `target` (4, 2) of its pixels."""
    low = np.maximum(np.floor(target.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(target.max(axis=0)).astype(int) + 1, canvas.shape[1::-1])
    if (high - low < 1).any():
        return
    picture = lit_picture(_fitting(sticker.decal.picture, target), sticker, light)
    height, width = picture.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
    warp = cv2.getPerspectiveTransform(source, (target - low).astype(np.float32))
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    patch = cv2.warpPerspective(picture, warp, size, flags=cv2.INTER_LINEAR)
    over(canvas[low[1] : high[1], low[0] : high[0]], np.asarray(patch, np.uint8))


def lit_picture(picture: U8, sticker: Sticker, light: Light) -> U8:
    """A decal's picture in `light`, RGBA with colour times alpha."""
    white = shaded(np.ones((1, 3), np.float32), sticker.normal[None], light) + sticker.decal.glow
    gain = np.power(white[0], 1 / GAMMA)
    rgb = np.clip(picture[..., :3].astype(np.float32) / 255 * gain, 0, 1)
    rgb = fogged(rgb, np.full(rgb.shape[:2], sticker.depth_m, np.float32), light)
    alpha = (
        picture[..., 3:].astype(np.float32) / 255
        if picture.shape[2] == 4
        else np.ones((*rgb.shape[:2], 1), np.float32)
    )
    return np.asarray(np.concatenate([rgb * alpha, alpha], axis=2) * 255 + 0.5, np.uint8)


def _fitting(picture: U8, target: F32) -> U8:
    """The picture no larger than it will be seen, so that it does not flicker."""
    across = max(np.linalg.norm(target[1] - target[0]), np.linalg.norm(target[2] - target[3]))
    down = max(np.linalg.norm(target[3] - target[0]), np.linalg.norm(target[2] - target[1]))
    height, width = picture.shape[:2]
    size = min(width, max(int(across) + 1, 2)), min(height, max(int(down) + 1, 2))
    if size == (width, height):
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
