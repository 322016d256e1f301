"""Video files opened with care: real containers on this disk only, and no link is followed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from core.errors import MediaCorrupt, SourceRefused, SourceUnavailable

# Containers that hold pictures themselves. Playlists (hls, dash, concat) are left out: a file
# called .mp4 that is one of those would make FFmpeg read other files or call other machines.
CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,h264,hevc,dhav,asf,ivf"
MAX_PIXELS = 64_000_000  # 8K is 33 million
MIN_SIDE_PX = 16  # of a smaller picture no detector says anything


@dataclass(frozen=True, slots=True)
class MediaSummary:
    """What a file says of its video. `duration_s` and `pictures` are 0 where it does not say."""

    codec: str
    size_hw: tuple[int, int]
    duration_s: float
    pictures: int


def summary_of(path: Path) -> MediaSummary:
    """What the file says without being decoded; the same errors as `opened`."""
    with opened(path) as container:
        stream = video_of(container, path)
        context = stream.codec_context
        duration_s = float(declared_duration(container, stream))
        pictures = stream.frames or round(duration_s * float(stream.average_rate or 0))
        return MediaSummary(context.name, (context.height, context.width), duration_s, pictures)


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """The file as a container, closed at the end.

    `SourceUnavailable` where there is no file, `SourceRefused` where it may not be read,
    `MediaCorrupt` where it is no video file; each names the file.
    """
    _check_file(path)
    try:
        container = av.open(
            f"file:{path.absolute()}",
            options={"protocol_whitelist": "file", "format_whitelist": CONTAINERS},
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaCorrupt(
            f"{path.name}: not a video file, or cut off before its index ({reason(error)})"
        ) from error
    with container:
        yield container


def video_of(container: InputContainer, path: Path, *, max_pixels: int = MAX_PIXELS) -> VideoStream:
    """The first moving picture, decoded on the caller's thread; `MediaCorrupt` if there is none."""
    streams = container.streams.video
    if not streams:
        raise MediaCorrupt(f"{path.name}: no video in it")
    context = streams[0].codec_context
    height, width = context.height, context.width
    if height * width > max_pixels:
        raise MediaCorrupt(
            f"{path.name}: pictures of {width}x{height} are over the limit of {max_pixels} pixels"
        )
    if min(height, width) < MIN_SIDE_PX:
        raise MediaCorrupt(
            f"{path.name}: pictures of {width}x{height} are too small; "
            f"want at least {MIN_SIDE_PX} pixels a side"
        )
    # The stream's header may lie: the decoder holds each picture to the limit again.
    context.options = {"max_pixels": str(max_pixels)}
    context.thread_count = 1
    return streams[0]


def declared_duration(container: InputContainer, stream: VideoStream) -> Fraction:
    """Seconds of video by the header; 0 if it does not say."""
    if stream.duration and stream.time_base:
        return Fraction(stream.duration * stream.time_base)
    return Fraction(container.duration or 0, av.time_base)


def reason(error: Exception) -> str:
    """What FFmpeg said, without the path, which may be long or private."""
    return getattr(error, "strerror", None) or str(error)


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        raise SourceUnavailable(f"{path.name}: no such file") from error
    except IsADirectoryError as error:
        raise SourceUnavailable(f"{path.name}: a folder, not a video file") from error
    except PermissionError as error:
        raise SourceRefused(f"{path.name}: may not be read") from error
    except OSError as error:
        raise SourceUnavailable(f"{path.name}: {reason(error)}") from error
    if empty:
        raise MediaCorrupt(f"{path.name}: empty, 0 bytes")
