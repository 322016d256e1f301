"""Our own pictures made small for a page: derived, made when asked for, kept nowhere."""

import cv2
import numpy as np

from core.arrays import U8
from core.errors import MediaCorrupt
from core.protocols import Surface
from ingest.pictures import header_of
from ingest.scaling import resized

HEIGHTS_PX = (96, 192, 384, 768)
"""The heights that there are: few, so that a page shows the same picture for near sizes."""

QUALITY = 85  # of JPEG: half the bytes of 95, and nothing is measured on these

# How far libjpeg shrinks while it decodes, the farthest first.
_REDUCED = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
    (1, cv2.IMREAD_COLOR),
)


def height_for(wanted_px: int) -> int | None:
    """The least of the heights that is enough; None if none is: then it takes the original."""
    return next((height for height in HEIGHTS_PX if height >= wanted_px), None)


def thumbnail(jpeg: bytes, height_px: int) -> bytes | None:
    """A JPEG of that height made of one of our own; None if it is no higher than that already."""
    height, width = header_of(jpeg).size_hw
    if height <= height_px:
        return None
    flag = next(flag for factor, flag in _REDUCED if height >= factor * height_px)
    try:
        pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flag)
    except cv2.error as error:
        raise MediaCorrupt(f"kept JPEG of {len(jpeg)} bytes: cannot be decoded") from error
    if pixels is None:
        raise MediaCorrupt(f"kept JPEG of {len(jpeg)} bytes: cannot be decoded")
    return _encoded(resized(np.asarray(pixels, np.uint8), _scaled((height, width), height_px)))


def small_frame(surface: Surface, height_px: int) -> bytes | None:
    """A JPEG of that height of a whole picture; None if it is no higher than that already."""
    height, width = surface.size
    if height <= height_px:
        return None
    whole = np.array([[0, 0, width, height]], np.float32)
    (rgb,) = surface.crops(whole, _scaled((height, width), height_px))
    return _encoded(np.ascontiguousarray(rgb[::-1].transpose(1, 2, 0)))


def _scaled(size_hw: tuple[int, int], height_px: int) -> tuple[int, int]:
    height, width = size_hw
    return height_px, max(1, round(width * height_px / height))


def _encoded(bgr: U8) -> bytes:
    done, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise MediaCorrupt(f"JPEG: a picture of {bgr.shape} could not be encoded")
    return content.tobytes()
