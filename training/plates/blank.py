"""The sheet that a plate is printed and pressed on: millimetres in, colours and relief out."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.arrays import U8
from training.plates.letters import HEIGHT_PX, LEVELS_PER_PX, MARGIN_PX

WIDE_PX = 264
Rgb = tuple[int, int, int]
Box = tuple[float, float, float, float]
"""Left, top, width and height in millimetres."""

_LEVELS = (np.arange(256, dtype=np.float32) - 128) / LEVELS_PER_PX


@dataclass(frozen=True, slots=True)
class Punch:
    """How letters are brought on: `weight_px` thickens strokes (of HEIGHT_PX), `edge_px` softens
    them, `raised` (-1 to 1) presses them out of the sheet or into it, `worn` thins the paint."""

    weight_px: float = 0.0
    edge_px: float = 0.6
    raised: float = 1.0
    worn: float = 0.0


class Blank:
    """`rgb` (h, w, 3) and `relief` (h, w), 128 level, of a sheet of `size_mm`; `holes` in
    millimetres."""

    def __init__(self, size_mm: tuple[float, float], ground: U8 | Rgb) -> None:
        self.size_mm = size_mm
        self.scale = WIDE_PX / size_mm[0]
        hw = (round(size_mm[1] * self.scale), WIDE_PX)
        colour = np.asarray(ground, np.uint8)
        if colour.ndim == 1:
            self.rgb = filled(hw, (int(colour[0]), int(colour[1]), int(colour[2])))
        else:
            self.rgb = np.asarray(cv2.resize(colour, hw[::-1]), np.uint8)
        self.relief = np.full(hw, 128, np.uint8)
        self.holes: list[tuple[float, float]] = []
        self._inked: dict[tuple[Rgb, float], U8] = {}
        self._tables: dict[tuple[float, Punch], U8] = {}

    def letter(self, field: U8, box: Box, ink: Rgb, punch: Punch) -> None:
        """One letter whose outer edge fills `box`; painted when the sheet is finished."""
        window, size = self._framed(field, box)
        if window is None:
            return
        bent = cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)[window[2], window[3]]
        table = self._table(box[3] * self.scale / HEIGHT_PX, punch)
        plane = self._inked.setdefault((ink, punch.raised), np.zeros_like(self.relief))
        place = plane[window[0], window[1]]
        np.maximum(place, np.asarray(cv2.LUT(bent, table), np.uint8), out=place)

    def _table(self, scale: float, punch: Punch) -> U8:
        """From levels of a field to the paint's cover."""
        key = (scale, punch)
        if key not in self._tables:
            cover = (_LEVELS + punch.weight_px) * (scale / punch.edge_px) + 0.5
            self._tables[key] = (cover.clip(0, 1) * (255 * (1 - punch.worn))).astype(np.uint8)
        return self._tables[key]

    def words(self, strip: U8, box: Box, ink: Rgb, *, keep_shape: bool = True) -> None:
        """Lettering in the middle of `box`, stretched to it or no wider than its own shape."""
        left, top, width, height = box
        if keep_shape:
            own = min(width, height * strip.shape[1] / strip.shape[0])
            left, width = left + (width - own) / 2, own
        stamp(self.rgb, strip, self._pixels((left, top, width, height)), ink)

    def panel(self, box: Box, colour: Rgb, cover: float = 1.0) -> None:
        """A field of one colour."""
        left, top, right, bottom = self._pixels(box)
        area = self.rgb[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        if cover >= 1:
            area[:] = colour
        else:
            area[:] = (area * (1 - cover) + np.array(colour) * cover).astype(np.uint8)

    def ring(self, inset_mm: float, thick_mm: float, ink: Rgb, *, raised: bool = True) -> None:
        """The line along the sheet's edge."""
        edge = round(inset_mm * self.scale)
        thick = max(1, round(thick_mm * self.scale))
        height, width = self.relief.shape
        ends = ((edge, edge), (width - 1 - edge, height - 1 - edge))
        cv2.rectangle(self.rgb, *ends, ink, thick, cv2.LINE_AA)
        if raised:
            cv2.rectangle(self.relief, *ends, 190, thick, cv2.LINE_AA)

    def disc(self, at_mm: tuple[float, float], radius_mm: float, ink: Rgb) -> None:
        """A dot, a seal or a hole."""
        middle = (round(at_mm[0] * self.scale * 8), round(at_mm[1] * self.scale * 8))
        radius = max(4, round(radius_mm * self.scale * 8))
        cv2.circle(self.rgb, middle, radius, ink, -1, cv2.LINE_AA, 3)

    def shape(self, points_mm: list[tuple[float, float]], ink: Rgb) -> None:
        """A filled outline."""
        corners = np.rint(np.array(points_mm) * self.scale * 8).astype(np.int32)
        cv2.fillPoly(self.rgb, [corners], ink, cv2.LINE_AA, 3)

    def finished(self, light: tuple[float, float], depth: float) -> U8:
        """RGB (h, w, 3) with the relief lit from `light` (right, down); `depth` 0 is flat print."""
        for (ink, raised), cover in self._inked.items():
            blend(self.rgb, cover, ink)
            if depth > 0 and raised:
                pressed = cv2.convertScaleAbs(cover, alpha=0.35 * raised, beta=128)
                choose = np.maximum if raised > 0 else np.minimum
                choose(self.relief, np.asarray(pressed, np.uint8), out=self.relief)
        self._inked.clear()
        if depth <= 0:
            return self.rgb
        soft = cv2.GaussianBlur(self.relief, (5, 5), 0.9)
        across = cv2.Sobel(soft, cv2.CV_16S, 1, 0, ksize=1)
        down = cv2.Sobel(soft, cv2.CV_16S, 0, 1, ksize=1)
        slope = cv2.addWeighted(across, -light[0] * depth, down, -light[1] * depth, 0)
        return np.asarray(cv2.add(self.rgb, cv2.merge([slope] * 3), dtype=cv2.CV_8U), np.uint8)

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        left, top, width, height = (side * self.scale for side in box)
        return round(left), round(top), round(left + width), round(top + height)

    def _framed(
        self, field: U8, box: Box
    ) -> tuple[tuple[slice, slice, slice, slice] | None, tuple[int, int]]:
        """Where the field with its margins falls: rows and columns of the sheet and of itself."""
        left, top, width, height = (side * self.scale for side in box)
        inner = field.shape[1] - 2 * MARGIN_PX
        margin_x, margin_y = MARGIN_PX * width / inner, MARGIN_PX * height / HEIGHT_PX
        x, y = round(left - margin_x), round(top - margin_y)
        size = (max(2, round(width + 2 * margin_x)), max(2, round(height + 2 * margin_y)))
        rows, columns = self.relief.shape
        low = (max(y, 0), max(x, 0))
        high = (min(y + size[1], rows), min(x + size[0], columns))
        if high[0] <= low[0] or high[1] <= low[1]:
            return None, size
        return (
            slice(low[0], high[0]),
            slice(low[1], high[1]),
            slice(low[0] - y, high[0] - y),
            slice(low[1] - x, high[1] - x),
        ), size


def stamp(rgb: U8, strip: U8, corners: tuple[int, int, int, int], ink: Rgb) -> None:
    """Lettering into pixels left, top, right, bottom of any picture, in place."""
    left, top, right, bottom = corners
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, rgb.shape[1]), min(bottom, rgb.shape[0])
    if right - left < 2 or bottom - top < 2:
        return
    cover = cv2.resize(strip, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    blend(rgb[top:bottom, left:right], np.asarray(cover, np.uint8), ink)


def blend(area: U8, cover: U8, ink: Rgb) -> None:
    """Lay `ink` over `area` in place, where `cover` (h, w) says."""
    share = cover * np.float32(1 / 255)
    height, width = cover.shape
    area[:] = cv2.blendLinear(area, filled((height, width), ink), 1 - share, share)


def filled(hw: tuple[int, int], colour: Rgb) -> U8:
    """RGB (h, w, 3) of one colour; OpenCV fills several times faster than NumPy broadcasts."""
    rgb = np.empty((*hw, 3), np.uint8)
    cv2.rectangle(rgb, (0, 0), (hw[1], hw[0]), colour, -1)
    return rgb
