"""Pictures that came as RGB or BGR pixels: stills, uploads, tests."""

from typing import cast

import cv2
import numpy as np

from core.arrays import U8, checked
from ingest.scaling import resized


class RgbPicture:
    """Pixels (h, w, 3); `reverse` says that they are BGR."""

    def __init__(self, pixels: U8, *, reverse: bool) -> None:
        checked("pixels", pixels, np.uint8, "h", "w", 3)
        self._pixels = pixels
        self._reverse = reverse

    @property
    def size(self) -> tuple[int, int]:
        height, width = self._pixels.shape[:2]
        return height, width

    def fill(self, view: U8) -> None:
        scaled = resized(self._pixels, (view.shape[0], view.shape[1]))
        view[:] = scaled[..., ::-1] if self._reverse else scaled

    def cut(self, box: tuple[int, int, int, int], out: U8) -> None:
        x1, y1, x2, y2 = box
        scaled = resized(self._pixels[y1:y2, x1:x2], (out.shape[1], out.shape[2]))
        out[:] = (scaled[..., ::-1] if self._reverse else scaled).transpose(2, 0, 1)

    def bgr(self, box: tuple[int, int, int, int]) -> U8:
        x1, y1, x2, y2 = box
        cut = self._pixels[y1:y2, x1:x2]
        return np.ascontiguousarray(cut if self._reverse else cut[..., ::-1])

    def luma(self, hw: tuple[int, int]) -> U8:
        code = cv2.COLOR_BGR2GRAY if self._reverse else cv2.COLOR_RGB2GRAY
        return cast(U8, cv2.cvtColor(resized(self._pixels, hw), code))
