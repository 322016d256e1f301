"""Pictures in host memory: of a decoder, of a still, or of a camera's small and large stream."""

from typing import Protocol, cast

import av
import cv2
import numpy as np

from core.arrays import F32, U8, checked
from core.errors import InvalidBox, InvalidInput, MediaCorrupt
from core.protocols import Surface
from core.types import Letterbox
from ingest.rgb import RgbPicture
from ingest.yuv import Scaler, YuvPicture

PADDING = 114  # what the COCO detectors were trained with
JPEG_QUALITY = 95
LARGEST_JPEG_SIDE_PX = 65_500  # libjpeg's own limit

Box = tuple[int, int, int, int]
"""Whole pixels x1, y1, x2, y2 with an inside."""


class Picture(Protocol):
    """How one kind of pixels is scaled, cut and converted; geometry is settled by the caller."""

    @property
    def size(self) -> tuple[int, int]: ...

    def fill(self, view: U8) -> None:
        """Scale the whole picture into `view` (h, w, 3) as RGB."""

    def cut(self, box: Box, out: U8) -> None:
        """Scale a box into `out` (3, h, w) as RGB."""

    def bgr(self, box: Box) -> U8:
        """A box as it is, (h, w, 3) BGR."""

    def luma(self, hw: tuple[int, int]) -> U8:
        """The whole picture's brightness, (h, w), black at 0 and white at 255."""


class HostSurface:
    """One picture that lies in host memory.

    Methods may be called from one thread at a time, and from another thread each time.
    """

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    @classmethod
    def of_frame(cls, frame: av.VideoFrame, scaler: Scaler | None = None) -> "HostSurface":
        """A decoder's picture; surfaces of one camera share a `scaler`, which saves its set-up."""
        if frame.format.is_rgb:
            return cls.of_rgb(cast(U8, frame.to_ndarray(format="rgb24")))
        return cls(YuvPicture(frame, scaler or Scaler()))

    @classmethod
    def of_rgb(cls, pixels: U8) -> "HostSurface":
        """A surface over RGB (h, w, 3); the array is kept, not copied."""
        return cls(RgbPicture(pixels, reverse=False))

    @classmethod
    def of_bgr(cls, pixels: U8) -> "HostSurface":
        """A surface over BGR (h, w, 3), as OpenCV reads pictures; kept, not copied."""
        return cls(RgbPicture(pixels, reverse=True))

    @property
    def size(self) -> tuple[int, int]:
        return self._picture.size

    def letterbox(self, slot: U8) -> Letterbox:
        """Fill `slot` (h, w, 3) with the whole picture, centred; how it was laid in."""
        checked("slot", slot, np.uint8, "h", "w", 3)
        height, width = self.size
        scale = min(slot.shape[0] / height, slot.shape[1] / width)
        high, wide = _even(height * scale, slot.shape[0]), _even(width * scale, slot.shape[1])
        top, left = (slot.shape[0] - high) // 2, (slot.shape[1] - wide) // 2
        slot[:top] = slot[top + high :] = PADDING
        slot[top : top + high, :left] = slot[top : top + high, left + wide :] = PADDING
        self._picture.fill(slot[top : top + high, left : left + wide])
        return Letterbox(wide / width, high / height, left, top)

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        """Boxes (N, 4) as RGB (N, 3, h, w): averaged when shrunk, interpolated when grown.

        Sides are rounded to whole pixels; a box with nothing inside gives its nearest pixel.
        """
        checked("xyxy", xyxy, np.float32, "N", 4)
        out = np.empty((len(xyxy), 3, *hw), np.uint8)
        for box, slot in zip(whole_pixels(xyxy, self.size), out, strict=True):
            self._picture.cut(box, slot)
        return out

    def jpeg(self, xyxy: F32 | None = None) -> bytes:
        """One box (4,), or the whole picture, as JPEG at quality 95 in its own pixels."""
        height, width = self.size
        box = (0, 0, width, height)
        if xyxy is not None:
            checked("xyxy", xyxy, np.float32, 4)
            box = whole_pixels(xyxy[None], self.size)[0]
        return encoded(self._picture.bgr(box))

    def luma(self, hw: tuple[int, int]) -> U8:
        """The brightness scaled down to (h, w), black at 0 and white at 255."""
        return self._picture.luma(hw)


class PairedSurface:
    """One instant seen by a camera's small stream and its large one.

    The detector and the motion gate get the small picture, shots and crops come from the large;
    sizes, boxes and the letterbox's transform are in the large picture's pixels.
    """

    def __init__(self, small: Surface, large: Surface) -> None:
        self._small = small
        self._large = large

    @property
    def size(self) -> tuple[int, int]:
        return self._large.size

    def letterbox(self, slot: U8) -> Letterbox:
        """Fill `slot` (h, w, 3) with the small picture; how the LARGE one would lie in it."""
        laid = self._small.letterbox(slot)
        (small_h, small_w), (height, width) = self._small.size, self._large.size
        return Letterbox(
            laid.scale_x * small_w / width, laid.scale_y * small_h / height, laid.pad_x, laid.pad_y
        )

    def crops(self, xyxy: F32, hw: tuple[int, int]) -> U8:
        return self._large.crops(xyxy, hw)

    def jpeg(self, xyxy: F32 | None = None) -> bytes:
        return self._large.jpeg(xyxy)

    def luma(self, hw: tuple[int, int]) -> U8:
        return self._small.luma(hw)


def whole_pixels(xyxy: F32, size_hw: tuple[int, int]) -> list[Box]:
    """Boxes (N, 4) rounded and clipped to the picture, one pixel at least; finite ones only."""
    if not np.isfinite(xyxy).all():
        raise InvalidBox(f"xyxy: want finite pixels, got {xyxy.tolist()}")
    height, width = size_hw
    corners = np.rint(xyxy).astype(np.int64)
    x1, y1 = np.clip(corners[:, 0], 0, width - 1), np.clip(corners[:, 1], 0, height - 1)
    x2, y2 = np.clip(corners[:, 2], x1 + 1, width), np.clip(corners[:, 3], y1 + 1, height)
    return list(zip(x1.tolist(), y1.tolist(), x2.tolist(), y2.tolist(), strict=True))


def _even(length_px: float, most_px: int) -> int:
    """The nearest even length, so that colours at half resolution line up; 1 in a slot of 1."""
    return max(1, min(most_px - most_px % 2, max(2, 2 * round(length_px / 2))))


def encoded(bgr: U8) -> bytes:
    """BGR (h, w, 3) as JPEG at quality 95."""
    if max(bgr.shape[:2]) > LARGEST_JPEG_SIDE_PX:
        raise InvalidInput(
            f"JPEG: want sides of at most {LARGEST_JPEG_SIDE_PX} pixels, got {bgr.shape[:2]}"
        )
    try:
        done, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error as error:
        raise MediaCorrupt(f"JPEG: a picture of {bgr.shape} could not be encoded") from error
    if not done:
        raise MediaCorrupt(f"JPEG: a picture of {bgr.shape} could not be encoded")
    return content.tobytes()
