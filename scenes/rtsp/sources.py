"""Where a camera's pictures come from: a video file's own packets, or packets that are being made.

Nothing is transcoded: what an encoder wrote is what goes out.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from core.errors import CaseTraceError, MediaCorrupt, SourceRefused, SourceUnavailable
from scenes.rtsp.units import (
    TICKS,
    AccessUnit,
    Codec,
    annex_b_units,
    parameter_sets,
    prefix_bytes_of,
    prefixed_units,
    sets_in_extradata,
    sets_of_kind,
    with_sets,
)

if TYPE_CHECKING:
    VideoPacket = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic in the stubs only

_CODECS: dict[str, Codec] = {"h264": "h264", "hevc": "hevc"}
_USUAL_STEP = TICKS // 25


class Source(Protocol):
    """Pictures in decoding order, a keyframe first; each iteration begins anew."""

    @property
    def codec(self) -> Codec: ...

    @property
    def sets(self) -> tuple[bytes, ...]:
        """The parameter sets that the stream begins with."""

    def __iter__(self) -> Iterator[AccessUnit]: ...


class Clip:
    """A file's first video stream, once or again and again without a seam in its timestamps.

    Raises `SourceUnavailable` or `SourceRefused` for what cannot be read and `MediaCorrupt` for
    what is no video in H.264 or H.265; when made, and not only when played.
    """

    def __init__(self, path: Path, *, loop: bool = True) -> None:
        self._path = path
        self._loop = loop
        with _opened(path) as container:
            stream = _video_of(container, path)
            self._codec = _CODECS[stream.codec_context.name]
            extradata = bytes(stream.codec_context.extradata or b"")
        self._prefix_bytes = prefix_bytes_of(self._codec, extradata)
        self._sets = sets_in_extradata(self._codec, extradata)
        _check_sets(self._codec, self._sets, path.name)

    @property
    def codec(self) -> Codec:
        return self._codec

    @property
    def sets(self) -> tuple[bytes, ...]:
        return self._sets

    def __iter__(self) -> Iterator[AccessUnit]:
        begin = 0
        while True:
            end = 0
            for picture in self._pictures():
                end = max(end, picture.pts + picture.lasts)
                yield picture.later(begin)
            if not self._loop or not end:
                return
            begin += end

    def _pictures(self) -> Iterator[AccessUnit]:
        first: int | None = None
        with _opened(self._path) as container:
            stream = _video_of(container, self._path)
            for packet in container.demux(stream):
                if not packet.size:
                    continue
                picture = picture_of(packet, self._codec, prefix_bytes=self._prefix_bytes)
                if first is None:
                    if not picture.keyframe:
                        raise MediaCorrupt(f"{self._path.name}: does not begin with a keyframe")
                    first = picture.pts
                yield with_sets(self._codec, picture.later(-first), self._sets)


class Encoded:
    """Packets of an encoder that is at work: a camera that films now. Can be iterated once.

    `extradata` is the encoder's; where it has none, the first packet must hold parameter sets.
    """

    def __init__(
        self, packets: Iterable[VideoPacket], *, codec: Codec = "h264", extradata: bytes = b""
    ) -> None:
        self._packets = iter(packets)
        self._codec = codec
        self._prefix_bytes = prefix_bytes_of(codec, extradata)
        self._sets = sets_in_extradata(codec, extradata)
        self._first: AccessUnit | None = None
        if not self._sets:
            self._first = self._next()
            self._sets = parameter_sets(codec, self._first.units if self._first else ())
        _check_sets(codec, self._sets, "the encoder")

    @property
    def codec(self) -> Codec:
        return self._codec

    @property
    def sets(self) -> tuple[bytes, ...]:
        return self._sets

    def __iter__(self) -> Iterator[AccessUnit]:
        first, self._first = self._first, None
        picture = first or self._next()
        start = picture.pts if picture else 0
        while picture is not None:
            yield with_sets(self._codec, picture.later(-start), self._sets)
            picture = self._next()

    def _next(self) -> AccessUnit | None:
        packet = next((packet for packet in self._packets if packet.size), None)
        if packet is None:
            return None
        return picture_of(packet, self._codec, prefix_bytes=self._prefix_bytes)


def picture_of(packet: VideoPacket, codec: Codec, *, prefix_bytes: int) -> AccessUnit:
    """A packet's units and times; `MediaCorrupt` for one without a timestamp."""
    payload = bytes(packet)
    split = prefixed_units(payload, prefix_bytes) if prefix_bytes else annex_b_units(payload)
    pts = packet.pts if packet.pts is not None else packet.dts
    at = packet.dts if packet.dts is not None else packet.pts
    if pts is None or at is None:
        raise MediaCorrupt("a packet without a timestamp; put the stream into MP4 or Matroska")
    lasts = _ticks(packet.duration or 0, packet) or _USUAL_STEP
    times = (_ticks(pts, packet), _ticks(at, packet), lasts)
    return AccessUnit(tuple(split), *times, keyframe=packet.is_keyframe)


def _ticks(count: int, packet: VideoPacket) -> int:
    return round(count * Fraction(packet.time_base) * TICKS)


def _check_sets(codec: Codec, sets: tuple[bytes, ...], name: str) -> None:
    if not all(sets_of_kind(codec, sets)):
        raise MediaCorrupt(f"{name}: its parameter sets are missing")


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            yield container
    except (av.error.FFmpegError, OSError) as error:
        raise _said(error, path) from error


def _said(error: Exception, path: Path) -> CaseTraceError:
    if isinstance(error, FileNotFoundError):
        return SourceUnavailable(f"{path}: no such file")
    if isinstance(error, PermissionError):
        return SourceRefused(f"{path}: may not be read")
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return SourceUnavailable(f"{path}: a folder, not a video file")
    return MediaCorrupt(f"{path}: no video file ({getattr(error, 'strerror', None) or error})")


def _video_of(container: InputContainer, path: Path) -> VideoStream:
    streams = container.streams.video
    if not streams:
        raise MediaCorrupt(f"{path}: no video in it")
    name = streams[0].codec_context.name
    if name not in _CODECS:
        raise MediaCorrupt(f"{path}: want H.264 or H.265, got {name}")
    return streams[0]
