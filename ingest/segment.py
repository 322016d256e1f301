"""One file of footage while it is written: the camera's packets, unchanged, in fragments.

Fragmented MP4 (ISO/IEC 14496-12, 8.8) because a file cut off by a power failure plays up to its
last fragment. The header names camera, epoch and start, so that such a file can be told what it
is even when nothing else is known of it.
"""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from core.clocks import NS
from core.errors import MediaCorrupt, StorageError, StorageFull
from core.types import FootageSegment, TimeSpan
from ingest.packets import VideoPacket, shared_copy
from ingest.units import extradata_of, is_annex_b, parameter_sets

_MP4 = {"h264", "hevc", "av1", "vp9", "mpeg4"}
_MOV = {"mjpeg", "prores", "jpeg2000"}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FRAGMENT_US = 1_000_000
# Room before the first timestamp of a stream that gives no decoding times, for reordering.
_LEAD_S = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a segment is of; written into the file itself."""

    segment_id: int
    camera_id: int
    epoch: int
    start_ns: int

    def encoded(self, pts: int, time_base: Fraction) -> str:
        """For the file's comment; the camera's own first timestamp goes along as evidence."""
        fields = {"casetrace": 1, "pts": pts, "time_base": str(time_base)}
        return json.dumps({**fields, **{name: getattr(self, name) for name in _ORIGIN_FIELDS}})

    @staticmethod
    def decoded(comment: str) -> "Origin":
        """Raises `MediaCorrupt` for a file that is not ours."""
        try:
            found = json.loads(comment)
            return Origin(*(int(found[name]) for name in _ORIGIN_FIELDS))
        except (ValueError, KeyError, TypeError) as error:
            raise MediaCorrupt("this file's header does not name its camera and epoch") from error


_ORIGIN_FIELDS = ("segment_id", "camera_id", "epoch", "start_ns")


class SegmentFile:
    """A segment being written. The first packet must be a keyframe, and is not written yet."""

    def __init__(self, path: Path, origin: Origin, first: VideoPacket) -> None:
        self.path = path
        self.origin = origin
        self.sets = sets_of(first)
        self._stream = first.stream
        self._codec = codec_of(first.stream)
        self._time_base = Fraction(first.time_base)
        self._lead = int(_LEAD_S / self._time_base)
        self._first_pts = self._last_pts = _own_pts(first) or 0
        self._last_duration = first.duration or 0
        self._base = first.dts if first.dts is not None else self._first_pts - self._lead
        self._last_dts = -1
        self._closed = False
        with storing(path):
            self._container = av.open(
                str(path), "w", format=container_of(self._codec), container_options=_options()
            )
            self._track = self._added_track(first)
            comment = origin.encoded(self._first_pts, self._time_base)
            self._container.metadata["comment"] = comment
            self._container.start_encoding()
            self._track_time_base = Fraction(self._track.time_base or self._time_base)

    @property
    def stream(self) -> VideoStream:
        return self._stream

    @property
    def end_ns(self) -> int:
        """Device time at which the last picture's showing ends."""
        return self.device_ns(self._last_pts + max(1, self._last_duration))

    def device_ns(self, pts: int) -> int:
        """Where the straight line through this segment puts a timestamp of the stream."""
        return self.origin.start_ns + int((pts - self._first_pts) * self._time_base * NS)

    def pts_of(self, packet: VideoPacket, device_ns: int | None) -> int:
        """The packet's timestamp; for one without, what its device time or its turn says."""
        own = _own_pts(packet)
        if own is not None:
            return own
        if device_ns is None:
            step = packet.duration or self._last_duration or 1
            return self._last_pts + (step if self._last_dts >= 0 else 0)
        since_ns = device_ns - self.origin.start_ns
        return self._first_pts + round(Fraction(since_ns, NS) / self._time_base)

    def write(self, packet: VideoPacket, device_ns: int | None = None) -> None:
        """Add a packet; raises `StorageFull` or `StorageError`."""
        pts = self.pts_of(packet, device_ns)
        if pts > self._last_pts:
            # A file's last picture before a gap claims to last until the next: not believed.
            step = pts - self._last_pts
            self._last_duration = min(packet.duration or step, step)
            self._last_pts = pts
        dts = packet.dts if packet.dts is not None else pts - self._lead
        self._last_dts = max(self._last_dts + 1, dts - self._base)
        copy = shared_copy(packet)  # muxing changes a packet's times
        copy.time_base = self._time_base
        copy.dts = self._last_dts
        copy.pts = max(pts - self._base, self._last_dts)
        copy.duration = packet.duration or 0
        copy.is_keyframe = packet.is_keyframe
        copy.stream = self._track
        with storing(self.path):
            self._container.mux_one(copy)

    def finish(self, end_ns: int) -> FootageSegment:
        """Close the file; the segment, with hash, size and key left for the store to fill in."""
        with storing(self.path):
            self._close()
        time_base = self._track_time_base
        first_pts = (self._first_pts - self._base) * self._time_base / time_base
        return FootageSegment(
            segment_id=self.origin.segment_id,
            camera_id=self.origin.camera_id,
            epoch=self.origin.epoch,
            span=TimeSpan(self.origin.start_ns, max(end_ns, self.origin.start_ns + 1)),
            codec=self._codec,
            size_hw=self._size_hw,
            first_pts=round(first_pts),
            time_base=(time_base.numerator, time_base.denominator),
            size_bytes=0,
            sha256="",
            key="",
        )

    def abandon(self) -> None:
        """Close after a failed write, keeping the fragments that did get written."""
        try:
            self._close()
        except (OSError, av.error.FFmpegError):
            return

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            self._container.close()

    def _added_track(self, first: VideoPacket) -> VideoStream:
        source = self._stream.codec_context
        track = self._container.add_stream_from_template(self._stream, opaque=True)
        self._size_hw = (source.height, source.width)
        known = parameter_sets(self._codec, bytes(source.extradata or b""))
        if self.sets and self.sets != known:
            extradata = extradata_of(self.sets)
            self._size_hw = picture_size(self._codec, extradata, first) or self._size_hw
            track.codec_context.extradata = extradata
            track.codec_context.height, track.codec_context.width = self._size_hw
        return track


def codec_of(stream: VideoStream) -> str:
    """The codec's own name, whichever decoder is at work: `av1`, not `libdav1d`."""
    return stream.codec_context.codec.canonical_name


def sets_of(packet: VideoPacket) -> tuple[bytes, ...]:
    """The parameter sets that a keyframe brings along; () where it brings none."""
    codec = codec_of(packet.stream)
    if not packet.is_keyframe or not is_annex_b(codec, packet.stream.codec_context.extradata):
        return ()
    return parameter_sets(codec, bytes(packet))


def picture_size(codec: str, extradata: bytes, keyframe: VideoPacket) -> tuple[int, int] | None:
    """(height, width) that a keyframe decodes to, None if it does not decode."""
    context = av.CodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)  # noqa: S101
    context.extradata = extradata
    try:
        frames = [*context.decode(shared_copy(keyframe)), *context.decode(None)]
    except av.error.FFmpegError:
        return None
    return (frames[0].height, frames[0].width) if frames else None


def container_of(codec: str) -> str:
    """The format that keeps this codec's packets as they are and survives being cut off."""
    if codec in _MP4:
        return "mp4"
    return "mov" if codec in _MOV else "matroska"


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Translates what fails while writing `path`: a full disk is `StorageFull`."""
    try:
        yield
    except (OSError, av.error.FFmpegError) as error:
        if error.errno in _FULL:
            raise StorageFull(f"{path.name}: no room left while recording") from error
        raise StorageError(f"{path.name}: cannot be written: {error.strerror}") from error


def _options() -> dict[str, str]:
    return {
        "movflags": "frag_keyframe+empty_moov+default_base_moof",
        "frag_duration": str(_FRAGMENT_US),
        "cluster_time_limit": str(_FRAGMENT_US // 1000),
        "flush_packets": "1",
    }


def _own_pts(packet: VideoPacket) -> int | None:
    return packet.pts if packet.pts is not None else packet.dts
