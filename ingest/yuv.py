"""Pictures as a decoder leaves them: brightness and two colour differences, in planes.

Colours follow ITU-R BT.601, BT.709 or BT.2020 and the limited or full range, as the stream says.
A stream that does not say is taken as browsers take it: BT.709 from 720 lines up, else BT.601.
"""

import threading
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import av
import cv2
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from core.arrays import U8
from core.errors import MediaCorrupt
from ingest.scaling import resized

# ISO/IEC 23091-2 matrix coefficients, as FFmpeg tags them: Kr, Kb and swscale's own number.
_MATRICES = {
    1: (0.2126, 0.0722, Colorspace.ITU709),
    4: (0.30, 0.11, Colorspace.FCC),
    5: (0.299, 0.114, Colorspace.ITU601),
    6: (0.299, 0.114, Colorspace.ITU601),
    7: (0.212, 0.087, Colorspace.SMPTE240M),
    9: (0.2627, 0.0593, Colorspace.BT2020),
    10: (0.2627, 0.0593, Colorspace.BT2020),
}
_HD_LINES = 720
_PLANAR = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"}


@dataclass(frozen=True, slots=True)
class Colours:
    """How a picture's planes mean colours.

    With Y, U, V as stored: R = y Y + rv V + r, B = y Y + bu U + b, G = y Y + gu U + gv V + g.
    """

    space: Colorspace
    full: bool
    y: float
    rv: float
    bu: float
    gu: float
    gv: float

    @property
    def black(self) -> float:
        """The stored brightness of black."""
        return 0.0 if self.full else 16.0

    @property
    def range(self) -> ColorRange:
        return ColorRange.JPEG if self.full else ColorRange.MPEG


def colours_of(frame: av.VideoFrame) -> Colours:
    """What the frame's tags say, or what its size suggests."""
    guess = 1 if frame.height >= _HD_LINES else 6
    kr, kb, space = _MATRICES.get(int(frame.colorspace), _MATRICES[guess])
    full = int(frame.color_range) == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    y, c = (1.0, 1.0) if full else (255 / 219, 255 / 224)
    kg = 1 - kr - kb
    rv, bu = 2 * (1 - kr) * c, 2 * (1 - kb) * c
    return Colours(space, full, y, rv, bu, -bu * kb / kg, -rv * kr / kg)


class Scaler:
    """swscale's set-ups of one camera, kept because making one costs more than using it.

    Safe to share between threads: swscale writes to the frame that it reads, so one at a time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, int, str], VideoReformatter] = {}

    def __call__(
        self, frame: av.VideoFrame, hw: tuple[int, int], pix_fmt: str, colours: Colours
    ) -> av.VideoFrame:
        """The frame at another size and format; the same frame if nothing changes."""
        to_rgb = pix_fmt == "rgb24"
        shrinks = hw[0] < frame.height or hw[1] < frame.width
        with self._lock:
            reformatter = self._kept.setdefault((*hw, pix_fmt), VideoReformatter())
            try:
                return reformatter.reformat(
                    frame,
                    width=hw[1],
                    height=hw[0],
                    format=pix_fmt,
                    src_colorspace=colours.space,
                    dst_colorspace=None if to_rgb else colours.space,
                    interpolation=Interpolation.AREA if shrinks else Interpolation.BILINEAR,
                    src_color_range=colours.range,
                    dst_color_range=ColorRange.JPEG if to_rgb else colours.range,
                    threads=1,
                )
            except (av.FFmpegError, ValueError) as error:
                raise MediaCorrupt(
                    f"a picture in {frame.format.name} of {frame.width}x{frame.height} "
                    f"cannot be converted: {error}"
                ) from error


class YuvPicture:
    """A decoder's frame; nothing is converted before it is asked for."""

    def __init__(self, frame: av.VideoFrame, scaler: Scaler) -> None:
        self._frame = frame
        self._scaler = scaler
        self._colours = colours_of(frame)

    @property
    def size(self) -> tuple[int, int]:
        return self._frame.height, self._frame.width

    def fill(self, view: U8) -> None:
        # Scaling the planes and then converting takes half the time of both in one call, which
        # leaves swscale's fast paths; the colours keep half the target's resolution, as in JPEG.
        hw = (view.shape[0], view.shape[1])
        frame = self._frame
        if self.size != hw:
            frame = self._scaler(frame, hw, "yuv420p", self._colours)
        rgb = self._scaler(frame, hw, "rgb24", self._colours)
        view[:] = _rows(rgb.planes[0])[:, : 3 * hw[1]].reshape(*hw, 3)

    def cut(self, box: tuple[int, int, int, int], out: U8) -> None:
        hw = (out.shape[1], out.shape[2])
        large = box[3] - box[1] >= 2 * hw[0] and box[2] - box[0] >= 2 * hw[1]
        y, u, v = (resized(part, hw) for part in self._cut_planes(box, exact=not large))
        self._convert((y, u, v), (out[0], out[1], out[2]))

    def bgr(self, box: tuple[int, int, int, int]) -> U8:
        y, u, v = self._cut_planes(box, exact=True)
        red, green, blue = np.empty((3, *y.shape), np.uint8)
        self._convert((y, u, v), (red, green, blue))
        return cast(U8, cv2.merge([blue, green, red]))

    def luma(self, hw: tuple[int, int]) -> U8:
        y = resized(self._planes[0], hw)
        if self._colours.full:
            return y.copy() if np.shares_memory(y, self._planes[0]) else y
        gain = self._colours.y
        return cast(U8, cv2.addWeighted(y, gain, y, 0.0, -self._colours.black * gain))

    @cached_property
    def _planes(self) -> tuple[U8, U8, U8]:
        frame = self._frame
        if frame.format.name not in _PLANAR:
            frame = self._scaler(frame, self.size, "yuv420p", self._colours)
        y, u, v = (_rows(plane)[: plane.height, : plane.width] for plane in frame.planes)
        return y, u, v

    def _cut_planes(self, box: tuple[int, int, int, int], *, exact: bool) -> tuple[U8, U8, U8]:
        """Y, U and V of a box; `exact` interpolates U and V at the pixels of Y."""
        x1, y1, x2, y2 = box
        y, u, v = self._planes
        factor = (-(-y.shape[0] // u.shape[0]), -(-y.shape[1] // u.shape[1]))
        cut = _chroma_exact if exact and factor != (1, 1) else _chroma_around
        return y[y1:y2, x1:x2], cut(u, box, factor), cut(v, box, factor)

    def _convert(self, yuv: tuple[U8, U8, U8], rgb: tuple[U8, U8, U8]) -> None:
        """Planes of one size to planes; OpenCV's own conversions know BT.601 alone."""
        (y, u, v), (red, green, blue), how = yuv, rgb, self._colours
        low = -how.black * how.y
        cv2.addWeighted(y, how.y, v, how.rv, low - 128 * how.rv, dst=red)
        cv2.addWeighted(y, how.y, u, how.bu, low - 128 * how.bu, dst=blue)
        # Both differences at once, scaled so that they just fit a byte around 128.
        fit = 1 / -(how.gu + how.gv)
        both = cv2.addWeighted(u, how.gu * fit, v, how.gv * fit, 256)
        cv2.addWeighted(y, how.y, both, 1 / fit, low - 128 / fit, dst=green)


def upright(frame: av.VideoFrame, scaler: Scaler) -> av.VideoFrame:
    """The frame as its camera was held: turned where its tags say so, times and colours kept."""
    quarters = round(frame.rotation / 90) % 4
    if not quarters:
        return frame
    colours = colours_of(frame)
    planar = scaler(frame, (frame.height, frame.width), "yuv444p", colours)
    planes = [
        np.rot90(_rows(plane)[: plane.height, : plane.width], quarters) for plane in planar.planes
    ]
    turned = av.VideoFrame(planes[0].shape[1], planes[0].shape[0], "yuv444p")
    for plane, pixels in zip(turned.planes, planes, strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = pixels
        plane.update(rows.tobytes())
    turned.pts, turned.dts, turned.time_base = frame.pts, frame.dts, frame.time_base
    turned.colorspace = frame.colorspace
    turned.color_range = colours.range
    return turned


def _rows(plane: VideoPlane) -> U8:
    """The plane's bytes where they lie, (h, line size); they keep their frame alive."""
    return np.frombuffer(cast(memoryview, plane), np.uint8).reshape(-1, plane.line_size)


def _chroma_around(plane: U8, box: tuple[int, int, int, int], factor: tuple[int, int]) -> U8:
    """The samples that touch the box: up to a pixel more on each side, which shrinking hides."""
    x1, y1, x2, y2 = box
    fy, fx = factor
    return plane[y1 // fy : -(-y2 // fy), x1 // fx : -(-x2 // fx)]


def _chroma_exact(plane: U8, box: tuple[int, int, int, int], factor: tuple[int, int]) -> U8:
    """Interpolated at every pixel of the box, its neighbours outside included."""
    x1, y1, x2, y2 = box
    fy, fx = factor
    top, left = max(0, y1 // fy - 1), max(0, x1 // fx - 1)
    part = plane[top : -(-y2 // fy) + 1, left : -(-x2 // fx) + 1]
    grown = cv2.resize(
        part, (part.shape[1] * fx, part.shape[0] * fy), interpolation=cv2.INTER_LINEAR
    )
    return cast(U8, grown[y1 - top * fy : y2 - top * fy, x1 - left * fx : x2 - left * fx])
