"""Builds small videos for tests: `write_video(path)` alone gives a playable one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from core.arrays import U8

Painter = Callable[[int], U8]
"""Paints picture number n as RGB (h, w, 3)."""

GREY = 96
COLOURS = {"red": (220, 40, 40), "green": (40, 200, 60), "blue": (40, 60, 220)}
MATRICES = {"bt601": 6, "bt709": 1}  # AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT709


def flat(size_hw: tuple[int, int], colour: tuple[int, int, int] = (GREY, GREY, GREY)) -> U8:
    """A picture of one colour, (h, w, 3)."""
    return np.full((*size_hw, 3), colour, np.uint8)


def textured(size_hw: tuple[int, int] = (180, 320), *, seed: int = 1) -> U8:
    """A still scene with soft edges and colours, (h, w, 3)."""
    height, width = size_hw
    coarse = np.random.default_rng(seed).integers(40, 216, (9, 16, 3), dtype=np.uint8)
    return cast(U8, cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def moving_box(
    size_hw: tuple[int, int] = (180, 320),
    *,
    box_hw: tuple[int, int] = (60, 24),
    step_px: float = 4.0,
    colour: tuple[int, int, int] = COLOURS["red"],
    scene: U8 | None = None,
) -> Painter:
    """Paints a box that walks from left to right and wraps around, on a still scene."""
    ground = textured(size_hw) if scene is None else scene

    def paint(number: int) -> U8:
        picture = ground.copy()
        left = round(number * step_px) % max(1, size_hw[1] - box_hw[1])
        top = (size_hw[0] - box_hw[0]) // 2
        picture[top : top + box_hw[0], left : left + box_hw[1]] = colour
        return picture

    return paint


def numbered(size_hw: tuple[int, int] = (180, 320)) -> Painter:
    """Paints the picture's number as a bar code of 8 columns that `number_in` reads back."""

    def paint(number: int) -> U8:
        bits = [(number >> bit) & 1 for bit in range(8)]
        row = np.repeat(np.array(bits, np.uint8) * 200 + 28, size_hw[1] // 8)
        picture = flat(size_hw)
        picture[:, : len(row)] = row[None, :, None]
        return picture

    return paint


def number_in(rgb: U8) -> int:
    """The number that `numbered` painted, from RGB (h, w, 3) or brightness (h, w)."""
    columns = np.array_split(rgb[rgb.shape[0] // 2].astype(np.float64), 8)
    return sum(1 << bit for bit, column in enumerate(columns) if column.mean() > 128)


def write_video(
    path: Path,
    frames: Iterable[U8] | Painter | None = None,
    *,
    count: int = 50,
    fps: Fraction | int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    gop: int = 25,
    b_frames: int = 0,
    pts: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    matrix: str = "",
    full_range: bool = False,
    format: str | None = None,
    muxing: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode `count` pictures of a painter, or all of `frames`, into `path`, and return it.

    `pts` gives each picture's time in `time_base` (default: one per 1/fps). An empty `matrix`
    leaves the stream without a colour tag.
    """
    pictures = _pictures(frames, count)
    first = next(pictures)
    with av.open(str(path), "w", format=format, options=muxing or {}) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=Fraction(fps)))
        _set_up(stream, first, pix_fmt=pix_fmt, gop=gop, b_frames=b_frames, options=options)
        stream.codec_context.time_base = time_base or 1 / Fraction(fps)
        if matrix:
            stream.codec_context.colorspace = MATRICES[matrix]
            stream.codec_context.color_range = 2 if full_range else 1
        for number, picture in enumerate(_chained(first, pictures)):
            frame = as_frame(picture, pix_fmt, matrix=matrix or "bt601", full_range=full_range)
            frame.pts = number if pts is None else pts[number]
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def as_frame(
    rgb: U8, pix_fmt: str = "yuv420p", *, matrix: str = "bt601", full_range: bool = False
) -> av.VideoFrame:
    """A picture as a decoder would give it, tagged with its matrix and range."""
    space = Colorspace.ITU709 if matrix == "bt709" else Colorspace.ITU601
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(
        format=pix_fmt,
        dst_colorspace=space,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.JPEG if full_range else ColorRange.MPEG,
        interpolation="AREA",
    )
    frame.colorspace = MATRICES[matrix]
    frame.color_range = ColorRange.JPEG if full_range else ColorRange.MPEG
    return frame


def _set_up(
    stream: VideoStream,
    first: U8,
    *,
    pix_fmt: str,
    gop: int,
    b_frames: int,
    options: dict[str, str] | None,
) -> None:
    stream.height, stream.width = first.shape[:2]
    stream.pix_fmt = pix_fmt
    context = stream.codec_context
    context.gop_size = gop
    context.max_b_frames = b_frames
    context.thread_count = 1
    context.options = {"preset": "ultrafast", **(options or {})}


def _pictures(frames: Iterable[U8] | Painter | None, count: int) -> Iterator[U8]:
    if frames is None:
        frames = moving_box()
    if callable(frames):
        return (frames(number) for number in range(count))
    return iter(frames)


def _chained(first: U8, rest: Iterator[U8]) -> Iterator[U8]:
    yield first
    yield from rest
