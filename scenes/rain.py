"""Rain: drops that fall before the lens, and what a wet street mirrors."""

import cv2
import numpy as np

from core.arrays import U8
from scenes.canvas import Sprite, over

_PX_A_STREAK = 1500
_GREYS = (10, 18, 30)
_LENGTHS = (0.02, 0.065)  # of the picture's height
_MIRRORED = 0.24
_SQUASHED = 0.75  # a mirror image's height: the rest is lost in the ripples


def add_streaks(rgb: U8, rng: np.random.Generator) -> None:
    """Streaks of falling drops over the whole picture, in place."""
    height, width = rgb.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    count = height * width // _PX_A_STREAK
    start = rng.uniform((-0.05, -0.1), (1.05, 1.0), (count, 2)) * [width, height]
    length = rng.uniform(*_LENGTHS, count) * height
    end = start + np.column_stack([length * rng.normal(0.1, 0.03, count), length])
    lines = np.stack([start, end], axis=1).astype(np.int32)
    for turn, grey in enumerate(_GREYS):
        cv2.polylines(mask, list(lines[turn :: len(_GREYS)]), False, grey, 1, cv2.LINE_AA)
    rgb[...] = cv2.add(rgb, cv2.merge([mask] * 3))


def add_mirrored(rgb: U8, sprite: Sprite, open_ground: U8) -> None:
    """The mirror image of somebody on the wet ground below, in place."""
    bottom = sprite.top_px + sprite.rgba.shape[0]
    height = rgb.shape[0]
    rows = min(int(sprite.rgba.shape[0] * _SQUASHED), height - bottom)
    if rows < 3 or sprite.xyxy[3] > height:
        return
    size = (sprite.rgba.shape[1], max(int(sprite.rgba.shape[0] * _SQUASHED), 3))
    image = cv2.resize(sprite.rgba[::-1], size, interpolation=cv2.INTER_AREA)[:rows]
    image = cv2.blur(image, (3, 7))
    fade = np.linspace(_MIRRORED, 0.02, rows, dtype=np.float32)[:, None, None]
    window = slice(bottom, bottom + rows), slice(sprite.left_px, sprite.left_px + size[0])
    free = open_ground[window][..., None] > 0
    over(rgb[window], np.asarray(image * fade * free, np.uint8))
